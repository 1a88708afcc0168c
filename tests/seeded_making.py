"""What the makers of errors share: a notebook, its source as text, and chance with a seed.

What the errors are is told by `seeded_texts`, which reads the source as plain text: nothing here
asks the program under test. An error that may be none, as far as the text tells, is not made.
"""

import copy
import random
from collections.abc import Callable, Mapping, Sequence

import yaml

from seeded_notes import Seeded, Stop, plain, stops
from seeded_texts import Texts, names_in


class Seeder:
    """Makes errors.

    Parameters:
        notes: The YAML texts of a notebook without errors.
        texts: The source.
        seed: Chooses among the possible errors.
    """

    def __init__(self, notes: Sequence[str], texts: Texts, seed: int) -> None:
        self.notes = [plain(yaml.safe_load(text)) for text in notes]
        self.texts = texts
        self.random = random.Random(seed)  # noqa: S311 - nothing is secret
        self.stops = [stop for note in self.notes for stop in stops(note)]
        self.files = sorted({stop.path for stop in self.stops})

    # --- making notes ------------------------------------------------------------------------

    def changed(
        self,
        stop: Stop,
        kind: str,
        rules: frozenset[str],
        change: Callable[[Stop], tuple[int, ...] | None],
        planted: Mapping[str, tuple[int, str]] | None = None,
    ) -> Seeded:
        """The note with one change; `change` says where the step is then, if elsewhere."""
        note = copy.deepcopy(stop.note)
        mine = Stop(note, stop.way)
        callee, path = mine.name, mine.path
        way = change(mine) or stop.way
        moved = Stop(note, way)
        return Seeded(
            kind,
            yaml.safe_dump(note, allow_unicode=True, sort_keys=False),
            way,
            rules,
            moved.above.name if moved.above else "",
            callee,
            path,
            planted or {},
        )

    # --- what the text tells -----------------------------------------------------------------

    def may_reach(self, caller: Stop, callee: Stop) -> bool:
        """Whether the text leaves it open that a caller, or the one above it, reaches a callee."""
        inside = "".join(self.texts.inside(caller.path, caller.name))
        above = caller.above
        outside = "".join(self.texts.inside(above.path, above.name)) if above else ""
        text = inside + "\n" + outside
        if not inside or callee.word in names_in(text):
            return True
        holders = self.texts.holders(callee.word, [*self.files])
        pointers = "](" in text or ")(" in text
        return bool(holders & names_in(text)) or pointers

    def somewhere_else(self, stop: Stop) -> str | None:
        """Another file of the notebook that does not have the symbol's name at all."""
        others = [path for path in self.files if path != stop.path]
        self.random.shuffle(others)
        for path in others:
            text = self.texts.read(path)
            if text is not None and stop.word not in self.texts.names(path):
                return path
        return None


Maker = Callable[[Seeder, Stop], Seeded | None]
"""Makes one error out of a step, if that can be."""

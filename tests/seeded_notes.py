"""A note as plain data that can be changed, and a note with one error in it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

KINDS = (
    "function",
    "macro",
    "struct",
    "union",
    "enum",
    "enumerator",
    "variable",
    "typedef",
    "field",
)


@dataclass(frozen=True)
class Seeded:
    """A note with one error.

    Attributes:
        kind: The kind of error.
        text: The note.
        way: Where the wrong step is: its number below the step above, from the top.
        rules: The finding must be of one of these rules.
        caller: The symbol of the step above.
        callee: The symbol of the wrong step, as the correct note names it.
        true_path: The file that the correct note names.
        planted: What must be added to the source: path → text behind a line (0: at the end).
    """

    kind: str
    text: str
    way: tuple[int, ...]
    rules: frozenset[str]
    caller: str
    callee: str
    true_path: str
    planted: Mapping[str, tuple[int, str]] = field(default_factory=dict)


@dataclass
class Stop:
    """A step of a note, as plain data with its way down from the top."""

    note: Any
    way: tuple[int, ...]

    @property
    def data(self) -> dict[str, Any]:
        found: Any = self.note
        for number in self.way:
            found = found["steps"][number]
        return found  # type: ignore[no-any-return]

    @property
    def kind(self) -> str:
        return next(kind for kind in KINDS if kind in self.data)

    @property
    def name(self) -> str:
        return str(self.data[self.kind])

    @property
    def word(self) -> str:
        return self.name.rpartition(".")[2]

    @property
    def path(self) -> str:
        return str(self.data["file"])

    @property
    def above(self) -> "Stop | None":
        return Stop(self.note, self.way[:-1]) if len(self.way) > 1 else None

    @property
    def below(self) -> "list[Stop]":
        return [Stop(self.note, (*self.way, n)) for n in range(len(self.data.get("steps", ())))]


def stops(note: Any) -> Iterator[Stop]:
    """Every step in reading order."""
    pending = [Stop(note, (n,)) for n in range(len(note["steps"]))]
    while pending:
        stop = pending.pop(0)
        yield stop
        pending = [*stop.below, *pending]


def plain(note: Any) -> Any:
    """A note without what is no reference of a step."""
    if isinstance(note, list):
        return [plain(each) for each in note]
    if not isinstance(note, dict):
        return note
    dropped = ("commentary", "errata", "description", "omits", "id")
    return {key: plain(value) for key, value in note.items() if key not in dropped}

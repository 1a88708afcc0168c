"""Finds what became of definitions in another version: their own file, other files, other names."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from callpath.core.drift import DriftStatus, Outcome, Piece
from callpath.core.drift.calling import names_of, standing_in
from callpath.core.drift.elsewhere import Neighbourhood, in_other_files
from callpath.core.drift.likeness import Likeness
from callpath.core.drift.looks import searched_words
from callpath.core.drift.matching import in_its_file
from callpath.core.drift.places import apart
from callpath.core.drift.renames import Traces, under_another_name
from callpath.core.errors import SourceError
from callpath.core.model import SymbolKind
from callpath.project.drift_search import search
from callpath.project.drift_sides import Side
from callpath.project.source_code import Progress, distance, no_progress

_SAMPLE = 24
"""How many of a file's lost functions are searched for, to see which file took them over."""
_MOST_CANDIDATES = 6
_MOST_HEIRS = 3
_TELLING = 3
"""How many of the names that a definition uses lead to the files that it may stand in now."""
_USING_AT_MOST = 6


@dataclass(slots=True)
class Finder:
    """Finds definitions of one version in another.

    Attributes:
        old: The version that they are of.
        new: The version that they are looked for in.
        progress: Told how far it is.
        likeness: Compares definitions.
    """

    old: Side
    new: Side
    progress: Progress = no_progress
    likeness: Likeness = field(default_factory=Likeness)
    _files: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _holding: dict[str, Sequence[str]] = field(default_factory=dict)
    _samples: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _neighbourhoods: dict[str, Neighbourhood] = field(default_factory=dict)

    def find(
        self, wanted: Collection[Piece], callers: Mapping[Piece, Sequence[Piece]]
    ) -> dict[Piece, Outcome]:
        """What became of each definition.

        Parameters:
            wanted: The definitions.
            callers: For each of them those that name it, of those that are wanted too.

        Raises:
            SourceError: The source broke, or a search is needed and it cannot be searched.
        """
        self.new.load({piece.definition.path for piece in wanted})
        found: dict[Piece, Outcome] = {}
        lost: list[Piece] = []
        for count, piece in enumerate(wanted):
            self.progress("comparing", count, len(wanted))
            definition = piece.definition
            named = self.new.named(definition.path, definition.name)
            outcome = in_its_file(piece, named, self.likeness)
            if outcome is None:
                lost.append(piece)
            else:
                found[piece] = outcome
        if lost:
            self._search(lost, found, callers)
            for piece in lost:
                found[piece] = self._elsewhere(piece)
            for piece in lost:
                if found[piece].after is None:
                    found[piece] = self._renamed(piece, found, callers.get(piece, ()))
        return found

    def _search(
        self,
        lost: Sequence[Piece],
        found: Mapping[Piece, Outcome],
        callers: Mapping[Piece, Sequence[Piece]],
    ) -> None:
        """One scan for all names: those that are lost, their neighbours, what stands there now."""
        if not self.new.code.searchable:
            name, path = lost[0].definition.name, lost[0].definition.path
            raise SourceError(
                f"`{self.new.code.source.spec}` cannot be searched, and `{name}` is no longer "
                f"in `{path}` of {self.new.pin.version}",
                f"name a whole tree of {self.new.pin.version}, or a clone that has all its files",
            )
        words: dict[str, str] = {}
        for piece in lost:
            path = piece.definition.path
            if path not in self._samples:
                self._samples[path] = self._sample(path)
            for caller in callers.get(piece, ()):
                for name in self._standing(piece, caller, found):
                    words.setdefault(name, path)
            for name in (*searched_words(piece.definition), *self._samples[path]):
                words.setdefault(name, path)
        used = {word for piece in lost for word in self._telling(piece)}
        hits = search(self.new, words, used, self.progress)
        self._files = dict(hits.defining)
        self._holding = dict(hits.holding)

    def _telling(self, piece: Piece) -> tuple[str, ...]:
        """The longest names that a definition uses: whoever has all of them may have its text."""
        names = {name for name in names_of(self.old.body(piece.definition)) if len(name) > 3}
        names.discard(piece.definition.name)
        ranked = sorted(names, key=lambda name: (-len(name), name))[:_TELLING]
        return tuple(ranked) if len(ranked) == _TELLING else ()

    def _using_the_same(self, piece: Piece) -> Sequence[str]:
        """The files that have every telling name of a definition, if these are few."""
        own = piece.definition.path
        sets = [set(self._holding.get(word, ())) for word in self._telling(piece)]
        shared = set.intersection(*sets) if sets else set()
        near = sorted(shared - {own}, key=partial(distance, origin=own))
        return near if len(near) <= _USING_AT_MOST else near[:1]

    def _sample(self, path: str) -> tuple[str, ...]:
        """Functions that a file has no more; long names are those that are rarely used twice."""
        still = self.new.names(path)
        functions = {
            piece.definition.name
            for piece in self.old.pieces(path)
            if piece.definition.kind is SymbolKind.FUNCTION and piece.definition.name not in still
        }
        return tuple(sorted(functions, key=lambda name: (-len(name), name))[:_SAMPLE])

    def _around(self, path: str) -> Neighbourhood:
        if path not in self._neighbourhoods:
            taken: Counter[str] = Counter()
            went = 0
            for name in self._samples.get(path, ()):
                new = [file for file in self._files.get(name, ()) if self._is_new(file, name, path)]
                taken.update(new)
                went += bool(new)
            self._neighbourhoods[path] = Neighbourhood(taken, went)
        return self._neighbourhoods[path]

    def _is_new(self, file: str, name: str, own: str) -> bool:
        """Whether a file can have taken a name over from another: it did not have it before."""
        return not apart(file, own) and not self.old.code.has(file, name)

    def _elsewhere(self, piece: Piece) -> Outcome:
        """What became of a definition that its file no longer has, by its name."""
        definition = piece.definition
        paths = {
            path for word in searched_words(definition) for path in self._files.get(word, ())
        } | {definition.path}
        named = [each for path in sorted(paths) for each in self.new.named(path, definition.name)]
        twins = {each.definition.path for each in named if self._was_there(each, definition.path)}
        around = self._around(definition.path)
        outcome = in_other_files(piece, named, twins, around, self.likeness)
        return outcome or Outcome(DriftStatus.GONE, None, "no file has the name")

    def _was_there(self, piece: Piece, own: str) -> bool:
        """Whether a file had the name before already."""
        found = piece.definition
        if found.path == own or not self.old.code.has(found.path, searched_words(found)[0]):
            return False
        before = self.old.named(found.path, found.name)
        return any(each.definition.kind is found.kind for each in before)

    def _renamed(
        self, piece: Piece, found: Mapping[Piece, Outcome], callers: Sequence[Piece]
    ) -> Outcome:
        """What became of a definition whose name nobody took over."""
        placed: dict[str, dict[str, bool]] = {}
        for caller in callers:
            for name, exact in self._standing(piece, caller, found).items():
                placed.setdefault(name, {})[caller.definition.name] = exact
        around = self._around(piece.definition.path)
        heirs = {
            path: around.told(path)
            for path, count in sorted(around.taken.items(), key=lambda item: (-item[1], item[0]))[
                :_MOST_HEIRS
            ]
            if count > 1
        }
        taken = {outcome.after for outcome in found.values() if outcome.after is not None}
        pool = dict.fromkeys(self._pool(piece, heirs, placed, found, callers))
        by_name = found[piece]
        outcome = under_another_name(
            piece,
            Traces([each for each in pool if each not in taken], placed, heirs),
            self.likeness,
        )
        if outcome.status is DriftStatus.RENAMED or not by_name.candidates:
            return outcome
        every = sorted(
            (*by_name.candidates, *outcome.candidates),
            key=lambda one: (-one.score, one.definition.path, one.definition.line),
        )
        return replace(by_name, candidates=tuple(every[:_MOST_CANDIDATES]))

    def _pool(
        self,
        piece: Piece,
        heirs: Iterable[str],
        placed: Iterable[str],
        found: Mapping[Piece, Outcome],
        callers: Sequence[Piece],
    ) -> Iterator[Piece]:
        """The definitions that one may have become.

        Those of its file, of its heirs, of its callers' files and of files that use the same names;
        of other files only those whose names stand where its name stood.
        """
        own = piece.definition.path
        near = [own, *heirs, *self._using_the_same(piece)]
        for caller in callers:
            outcome = found.get(caller)
            if outcome is not None and outcome.after is not None:
                near.append(outcome.after.definition.path)
        for path in dict.fromkeys(near):
            yield from self._new_in(path, own)
        for name in placed:
            for path in self._files.get(name, ()):
                yield from (
                    each for each in self._new_in(path, own) if each.definition.name == name
                )

    def _new_in(self, path: str, own: str) -> Sequence[Piece]:
        """The definitions of a file under names that neither it nor the old file had."""
        known = self.old.names(own) | (self.old.names(path) if path != own else frozenset())
        if apart(path, own):
            return ()
        return [piece for piece in self.new.pieces(path) if piece.definition.name not in known]

    def _standing(
        self, piece: Piece, caller: Piece, found: Mapping[Piece, Outcome]
    ) -> Mapping[str, bool]:
        """The names that stand where a definition's stood in one of its callers."""
        outcome = found.get(caller)
        if outcome is None or outcome.after is None:
            return {}
        before = names_of(self.old.body(caller.definition))
        after = names_of(self.new.body(outcome.after.definition))
        return standing_in(piece.definition.name, before, after)

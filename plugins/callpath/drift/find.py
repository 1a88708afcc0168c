"""Finds what became of definitions in another version: their own file, other files, other names."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from callpath.c.facts import Body
from callpath.drift.match import (
    DefinitionText,
    Likeness,
    Neighbourhood,
    Outcome,
    apart,
    in_its_file,
    in_other_files,
    may_define,
    searched_words,
)
from callpath.drift.renames import Traces, names_of, standing_in, under_another_name
from callpath.facts.lock import DriftStatus
from callpath.findings import SourceError
from callpath.model import Definition, Pin, Progress, SymbolKind, no_progress
from callpath.projects import project_named
from callpath.sources.base import NOT_CLONED, FileText, Source, Unknown, Unreadable
from callpath.verify.code import SourceCode, distance


class Side:
    """One version.

    Parameters:
        pin: The version.
        code: Its source's code.

    Attributes:
        pin: The version.
        code: Its source's code.
    """

    def __init__(self, pin: Pin, code: SourceCode) -> None:
        self.pin = pin
        self.code = code
        self._pieces: dict[str, dict[str, tuple[DefinitionText, ...]]] = {}

    def load(self, paths: Iterable[str]) -> None:
        """Read files, all in one go.

        Raises:
            SourceError: The source broke, or cannot tell what it has there.
        """
        for result in self.code.load(paths):
            if isinstance(result, Unknown):
                raise SourceError(f"no answer on `{result.path}`: {result.reason}")
            if isinstance(result, Unreadable) and result.reason == NOT_CLONED:
                spec, version = self.code.source.spec, self.pin.version
                raise SourceError(
                    f"`{spec}` is a partial clone without `{result.path}` of {version}",
                    "name a clone that has every file of the tag",
                )

    def has_file(self, path: str) -> bool:
        """Whether there is a text file at a path."""
        self.load([path])
        return isinstance(next(iter(self.code.load([path]))), FileText)

    def named(self, path: str, name: str) -> tuple[DefinitionText, ...]:
        """A file's definitions of a name, in line order."""
        return self._of(path).get(name, ())

    def pieces(self, path: str) -> Sequence[DefinitionText]:
        """All definitions of a file, in line order of each name."""
        return [piece for named in self._of(path).values() for piece in named]

    def names(self, path: str) -> frozenset[str]:
        """The names that a file defines."""
        return frozenset(self._of(path))

    def body(self, definition: Definition) -> Body:
        """The inside of a definition of one of the files."""
        file = self.code.file(definition.path)
        return file.body(definition) if file is not None else Body()

    def _of(self, path: str) -> dict[str, tuple[DefinitionText, ...]]:
        if path not in self._pieces:
            self.load([path])
            self._pieces[path] = self._read(path)
        return self._pieces[path]

    def _read(self, path: str) -> dict[str, tuple[DefinitionText, ...]]:
        result, file = next(iter(self.code.load([path]))), self.code.file(path)
        if file is None or not isinstance(result, FileText):
            return {}
        lines = result.data.split(b"\n")
        by_name: dict[str, list[Definition]] = {}
        for definition in file.facts.definitions:
            by_name.setdefault(definition.name, []).append(definition)
        return {name: tuple(_numbered(found, lines)) for name, found in by_name.items()}


def _numbered(named: Sequence[Definition], lines: Sequence[bytes]) -> Iterable[DefinitionText]:
    for definition in named:
        same = [each for each in named if each.kind is definition.kind]
        text = b"\n".join(lines[definition.start - 1 : definition.end]) + b"\n"
        yield DefinitionText(definition, same.index(definition) + 1, len(same), text)


def check_tree(source: Source, pin: Pin) -> None:
    """Refuse a source that is not of the version that it is asked for.

    Raises:
        SourceError: Its tree says that it is of another version, or is not the project's.
    """
    project, version = project_named(pin.project), source.version()
    if version == pin.version or (version is None and not project.version_file):
        return
    if version is None and not source.searchable:
        return  # a cache or a site: it is asked for a version by its name
    if version is not None:
        raise SourceError(
            f"`{source.spec}` is {version}, not {pin.version}",
            f"name a source of {pin.version}: `--source {pin.version}=SPEC`",
        )
    raise SourceError(
        f"`{source.spec}` has no {project.title} at {pin.version}: "
        f"no `{project.version_file}` gives a version",
        f"name a tag of `{project.name}`",
    )


def open_side(
    pin: Pin, open_source: Callable[[Pin], Source], code: Callable[[Source], SourceCode]
) -> Side:
    """Open the source of a version; the caller closes `code.source`.

    Raises:
        SourceError: It cannot be opened, or is not of that version.
    """
    source = open_source(pin)
    try:
        check_tree(source, pin)
    except BaseException:
        source.close()
        raise
    return Side(pin, code(source))


_LOOKED_AT_MOST = 400
"""Files that hold a name and are looked at, nearest first; a name in more of them is no name."""
_LOT = 500
"""Files whose texts are in memory at the same time."""


@dataclass(frozen=True, slots=True)
class Hits:
    """What a scan found.

    Attributes:
        defining: For each name the files that look as if they defined it, sorted.
        holding: For each other word the files that hold it, sorted.
    """

    defining: Mapping[str, tuple[str, ...]]
    holding: Mapping[str, Sequence[str]]


def search(
    side: Side,
    words: Mapping[str, str],
    others: Collection[str] = (),
    progress: Progress = no_progress,
) -> Hits:
    """Look for names in one scan of a whole version.

    Parameters:
        side: The version; its source must be searchable.
        words: For each name the file that it stood in: those nearest to it are looked at first.
        others: Words of which only the files that hold them are asked for.
        progress: Told how far it is.

    Raises:
        SourceError: The source broke.
    """
    asked_for = sorted({*words, *others})
    if not asked_for:
        return Hits({}, {})
    hits = side.code.source.find_words(asked_for, partial(progress, "searching the source"))
    asked: dict[str, list[str]] = {}
    for word, origin in words.items():
        near = sorted(hits.get(word, ()), key=partial(distance, origin=origin))
        for path in near[:_LOOKED_AT_MOST]:
            asked.setdefault(path, []).append(word)
    found: dict[str, list[str]] = {word: [] for word in words}
    for path, word in _looks(side, asked):
        found[word].append(path)
    return Hits(
        {word: tuple(sorted(paths)) for word, paths in found.items()},
        {word: hits.get(word, ()) for word in others},
    )


def _looks(side: Side, asked: Mapping[str, Collection[str]]) -> Iterable[tuple[str, str]]:
    paths = sorted(asked)
    for start in range(0, len(paths), _LOT):
        # Not through `side`: what only holds a word is not to be kept.
        for result in side.code.source.read(paths[start : start + _LOT]):
            if isinstance(result, FileText):
                for word in asked[result.path]:
                    if may_define(word, result.data):
                        yield result.path, word


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
        self,
        wanted: Collection[DefinitionText],
        callers: Mapping[DefinitionText, Sequence[DefinitionText]],
    ) -> dict[DefinitionText, Outcome]:
        """What became of each definition.

        Parameters:
            wanted: The definitions.
            callers: For each of them those that name it, of those that are wanted too.

        Raises:
            SourceError: The source broke, or a search is needed and it cannot be searched.
        """
        self.new.load({piece.definition.path for piece in wanted})
        found: dict[DefinitionText, Outcome] = {}
        lost: list[DefinitionText] = []
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
        lost: Sequence[DefinitionText],
        found: Mapping[DefinitionText, Outcome],
        callers: Mapping[DefinitionText, Sequence[DefinitionText]],
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

    def _telling(self, piece: DefinitionText) -> tuple[str, ...]:
        """The longest names that a definition uses: whoever has all of them may have its text."""
        names = {name for name in names_of(self.old.body(piece.definition)) if len(name) > 3}
        names.discard(piece.definition.name)
        ranked = sorted(names, key=lambda name: (-len(name), name))[:_TELLING]
        return tuple(ranked) if len(ranked) == _TELLING else ()

    def _using_the_same(self, piece: DefinitionText) -> Sequence[str]:
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

    def _elsewhere(self, piece: DefinitionText) -> Outcome:
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

    def _was_there(self, piece: DefinitionText, own: str) -> bool:
        """Whether a file had the name before already."""
        found = piece.definition
        if found.path == own or not self.old.code.has(found.path, searched_words(found)[0]):
            return False
        before = self.old.named(found.path, found.name)
        return any(each.definition.kind is found.kind for each in before)

    def _renamed(
        self,
        piece: DefinitionText,
        found: Mapping[DefinitionText, Outcome],
        callers: Sequence[DefinitionText],
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
        piece: DefinitionText,
        heirs: Iterable[str],
        placed: Iterable[str],
        found: Mapping[DefinitionText, Outcome],
        callers: Sequence[DefinitionText],
    ) -> Iterator[DefinitionText]:
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

    def _new_in(self, path: str, own: str) -> Sequence[DefinitionText]:
        """The definitions of a file under names that neither it nor the old file had."""
        known = self.old.names(own) | (self.old.names(path) if path != own else frozenset())
        if apart(path, own):
            return ()
        return [piece for piece in self.new.pieces(path) if piece.definition.name not in known]

    def _standing(
        self, piece: DefinitionText, caller: DefinitionText, found: Mapping[DefinitionText, Outcome]
    ) -> Mapping[str, bool]:
        """The names that stand where a definition's stood in one of its callers."""
        outcome = found.get(caller)
        if outcome is None or outcome.after is None:
            return {}
        before = names_of(self.old.body(caller.definition))
        after = names_of(self.new.body(outcome.after.definition))
        return standing_in(piece.definition.name, before, after)

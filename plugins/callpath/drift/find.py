"""Finds what became of definitions in another version: their own file, other files, other names.

Files are read and searched through `Side`; what a text is, is decided in `match` and `renames`.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import chain

from msgspec import Struct, field
from msgspec.structs import replace

from callpath.c.announce import is_more_than_tag, may_define_tag
from callpath.c.facts import Body, CallForm
from callpath.c.vocabulary import DispatchMacro
from callpath.drift.match import (
    DefinitionText,
    Likeness,
    Matcher,
    Neighbourhood,
    Outcome,
    by_score,
    why_apart,
)
from callpath.drift.renames import Traces, names_in_place, names_of
from callpath.facts.lock import DriftStatus
from callpath.findings import SourceError
from callpath.languages import language_of
from callpath.model import Definition, Pin, Progress, SymbolKind, no_progress
from callpath.projects import LinkUnit, project_named
from callpath.proof.links import distance
from callpath.sources.base import NOT_CLONED, FileText, Source, Unknown, Unreadable
from callpath.verify.code import SourceCode
from callpath.verify.definitions import may_define, searched_words

OpenSource = Callable[[Pin], Source]


class Side:
    """One of two versions that are compared, with its code; `progress` says how far that is.

    Without `hints` an edge that does not hold at it gets no reason, which is costly to find.
    """

    def __init__(
        self,
        pin: Pin,
        code: SourceCode,
        progress: Progress = no_progress,
        *,
        hints: bool = True,
    ) -> None:
        self.pin = pin
        self.code = code
        self.progress = progress
        self.hints = hints
        self._pieces: dict[str, dict[str, tuple[DefinitionText, ...]]] = {}

    def load(self, paths: Iterable[str]) -> None:
        """Read files in one go; raises SourceError if the source cannot say what it has there."""
        for result in self.code.load(paths):
            if isinstance(result, Unknown):
                raise SourceError(f"no answer on `{result.path}`: {result.reason}")
            if isinstance(result, Unreadable) and result.reason == NOT_CLONED:
                spec, version = self.code.source.spec, self.pin.version
                raise SourceError(
                    f"`{spec}` is a partial clone without `{result.path}` of {version}",
                    "name a clone that has every file of the tag",
                )

    def named(self, path: str, name: str) -> tuple[DefinitionText, ...]:
        """A file's definitions of a name, in line order."""
        return self._by_name(path).get(name, ())

    def pieces(self, path: str) -> Sequence[DefinitionText]:
        """All definitions of a file, in line order of each name."""
        return [piece for named in self._by_name(path).values() for piece in named]

    def names(self, path: str) -> frozenset[str]:
        """The names that a file defines."""
        return frozenset(self._by_name(path))

    def body(self, definition: Definition) -> Body:
        """The body of a definition of one of the files."""
        file = self.code.file(definition.path)
        return file.body(definition) if file is not None else Body()

    def _by_name(self, path: str) -> dict[str, tuple[DefinitionText, ...]]:
        if path not in self._pieces:
            self.load([path])
            result, file = next(self.code.load([path])), self.code.file(path)
            lines = result.data.split(b"\n") if isinstance(result, FileText) else []
            by_name: dict[str, list[Definition]] = defaultdict(list)
            for definition in file.facts.definitions if file else ():
                by_name[definition.name].append(definition)
            named = by_name.items()
            self._pieces[path] = {name: tuple(_numbered(found, lines)) for name, found in named}
        return self._pieces[path]


def _numbered(named: Sequence[Definition], lines: Sequence[bytes]) -> Iterable[DefinitionText]:
    for definition in named:
        same = [each for each in named if each.kind is definition.kind]
        text = b"\n".join(lines[definition.start - 1 : definition.end]) + b"\n"
        yield DefinitionText(definition, same.index(definition) + 1, len(same), text)


@contextmanager
def open_side(
    pin: Pin,
    open_source: OpenSource,
    dispatch: Mapping[str, DispatchMacro],
    progress: Progress = no_progress,
    units: Sequence[LinkUnit] = (),
    *,
    hints: bool = True,
) -> Iterator[Side]:
    """The source of a version, open as long as the context lasts.

    Raises SourceError if it cannot be opened, or is not of that version.
    """
    with open_source(pin) as source:
        check_tree(source, pin)
        code = SourceCode(source, progress, dispatch, units)
        yield Side(pin, code, progress, hints=hints)
        code.keep()


def check_tree(source: Source, pin: Pin) -> None:
    """Raise SourceError if a tree says another version than it is asked for, or none."""
    project, version = project_named(pin.project), source.version()
    # A cache or a site is not searchable: it is asked for a version by its name.
    may_be_silent = not (project.version_file and source.searchable)
    if version == pin.version or (version is None and may_be_silent):
        return
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


_MOST_PARSED = 400
"""Files that hold a name and are looked at, nearest first; a name in more of them is no name."""
_BATCH = 500  # files whose texts are in memory at the same time


class Hits(Struct, frozen=True):
    """What a scan found: for each word the files, sorted."""

    defining: Mapping[str, tuple[str, ...]]  # those that may define a name
    holding: Mapping[str, Sequence[str]]  # those that hold another word
    # Of those that may define a name, the ones that may do so as a tag, and as anything else.
    tags: Collection[tuple[str, str]] = frozenset()
    others: Collection[tuple[str, str]] = frozenset()

    def defining_as(self, name: str, kind: SymbolKind) -> Iterator[str]:
        """The files that may define a name as a kind of symbol, sorted."""
        for path in self.defining.get(name, ()):
            if (name, path) in (self.tags if kind in language_of(path).tags else self.others):
                yield path


def search(side: Side, words: Mapping[str, str], others: Collection[str] = ()) -> Hits:
    """Look for names in one scan of a whole version, whose source must be searchable.

    Parameters:
        words: For each name the file that it was in: those nearest to it are looked at first.
        others: Words of which only the files that hold them are asked for.
    """
    source, hits = side.code.source, side.code.find_words({*words, *others})
    asked: dict[str, list[str]] = defaultdict(list)
    for word, origin in words.items():
        near = sorted(hits.get(word, ()), key=partial(distance, origin=origin))
        for path in near[:_MOST_PARSED]:
            asked[path].append(word)
    found: dict[str, list[str]] = {word: [] for word in words}
    tags, no_tags = set[tuple[str, str]](), set[tuple[str, str]]()
    paths = sorted(asked)
    for start in range(0, len(paths), _BATCH):
        # Not through `side`: what only holds a word is not to be kept.
        for result in source.read(paths[start : start + _BATCH]):
            data = result.data if isinstance(result, FileText) else b""
            for word in asked[result.path]:
                if may_define(word, data):
                    found[word].append(result.path)
                    if may_define_tag(data, word):
                        tags.add((word, result.path))
                    if is_more_than_tag(data, word):
                        no_tags.add((word, result.path))
    defining = {word: tuple(sorted(paths)) for word, paths in found.items()}
    return Hits(defining, {word: hits.get(word, ()) for word in others}, tags, no_tags)


_SAMPLE = 24
"""How many of a file's lost functions are searched for, to see which file took them over."""
_MOST_CANDIDATES = 6
_MOST_HEIRS = 3
_RARE_NAMES = 3
"""How many of the names that a definition uses lead to the files that it may stand in now."""
_MOST_USING = 6

Callers = Mapping[DefinitionText, Sequence[DefinitionText]]
"""For each definition those that name it, of those that are looked for too."""


class Finder(Struct):
    """Finds definitions of one version in another; `outcomes` has what became of each."""

    old: Side
    new: Side
    callers: Callers
    names: Collection[str] = ()  # words that edges may be searched for later
    outcomes: dict[DefinitionText, Outcome] = field(default_factory=dict)
    _likeness: Likeness = field(default_factory=Likeness)
    _hits: Hits = field(default_factory=lambda: Hits({}, {}))
    _samples: dict[str, Sequence[str]] = field(default_factory=dict)
    _around: dict[str, Neighbourhood] = field(default_factory=dict)

    def find(self, wanted: Collection[DefinitionText]) -> None:
        """See what became of each definition, once for all of them.

        Raises SourceError if a search is needed and the source cannot be searched.
        """
        self.new.load({piece.definition.path for piece in wanted})
        lost: list[DefinitionText] = []
        for count, piece in enumerate(wanted):
            self.new.progress("comparing", count, len(wanted))
            named = self.new.named(piece.definition.path, piece.definition.name)
            if outcome := Matcher(piece, self._likeness).in_its_file(named):
                self.outcomes[piece] = outcome
            else:
                lost.append(piece)
        if lost:
            self._search(lost)
        self._around = {path: self._neighbourhood(path) for path in self._samples}
        self.outcomes |= {piece: self._elsewhere(piece) for piece in lost}
        for piece in lost:
            if self.outcomes[piece].after is None:
                self.outcomes[piece] = self._renamed(piece)

    def _search(self, lost: Sequence[DefinitionText]) -> None:
        """One scan for all names: those that are lost, their neighbours, what stands there now."""
        if not self.new.code.searchable:
            name, path = lost[0].definition.name, lost[0].definition.path
            raise SourceError(
                f"`{self.new.code.source.spec}` cannot be searched, and `{name}` is no longer "
                f"in `{path}` of {self.new.pin.version}",
                f"name a whole tree of {self.new.pin.version}, or a clone that has all its files",
            )
        paths = dict.fromkeys(piece.definition.path for piece in lost)
        self._samples = {path: self._sample(path) for path in paths}
        words: dict[str, str] = {}
        for piece in lost:
            path = piece.definition.path
            in_place = [name for *_, names in self._in_place(piece) for name in names]
            self.new.code.expect(in_place)  # an edge may lead to what stands there
            for name in (*in_place, *searched_words(piece.definition), *self._samples[path]):
                words.setdefault(name, path)
        used = {word for piece in lost for word in self._rare_names(piece)}
        self.new.code.expect({*self.names, *self._called_through()})
        self._hits = search(self.new, words, used)

    def _called_through(self) -> Iterator[str]:
        """The members and macros that callers call through, for which edges are searched."""
        for caller in dict.fromkeys(chain.from_iterable(self.callers.values())):
            outcome = self.outcomes.get(caller)
            after = outcome.after if outcome else None
            for call in self.new.body(after.definition).calls if after else ():
                if call.form is not CallForm.DIRECT:
                    yield from (call.name, call.macro)

    def _sample(self, path: str) -> Sequence[str]:
        """Functions that a file no longer has; long names are those that are rarely used twice."""
        still = self.new.names(path)
        defined = (piece.definition for piece in self.old.pieces(path))
        functions = {each.name for each in defined if each.kind is SymbolKind.FUNCTION}
        return _longest(functions - still)[:_SAMPLE]

    def _rare_names(self, piece: DefinitionText) -> Sequence[str]:
        """The longest names that a definition uses: whoever has all of them may have its text."""
        names = {name for name in names_of(self.old.body(piece.definition)) if len(name) > 3}
        ranked = _longest(names - {piece.definition.name})[:_RARE_NAMES]
        return ranked if len(ranked) == _RARE_NAMES else ()

    def _in_place(
        self, piece: DefinitionText
    ) -> Iterator[tuple[DefinitionText, DefinitionText, Mapping[str, bool]]]:
        """Each caller that is found, before and after, with the names that took a name's place."""
        for caller in self.callers.get(piece, ()):
            outcome = self.outcomes.get(caller)
            if outcome is not None and outcome.after is not None:
                before = names_of(self.old.body(caller.definition))
                after = names_of(self.new.body(outcome.after.definition))
                names = names_in_place(piece.definition.name, before, after)
                yield caller, outcome.after, names

    def _elsewhere(self, piece: DefinitionText) -> Outcome:
        """What became of a definition that its file no longer has, by its name."""
        own, name = piece.definition.path, piece.definition.name
        defining = (self._hits.defining.get(word, ()) for word in searched_words(piece.definition))
        paths = sorted({own}.union(*defining))
        named = [each for path in paths for each in self.new.named(path, name)]
        twins = {each.definition.path for each in named if self._was_there(each, own)}
        return Matcher(piece, self._likeness, self._around[own], twins).in_other_files(named)

    def _was_there(self, piece: DefinitionText, own: str) -> bool:
        found = piece.definition
        if found.path == own or not self.old.code.has(found.path, searched_words(found)[0]):
            return False
        before = self.old.named(found.path, found.name)
        return any(each.definition.kind is found.kind for each in before)

    def _neighbourhood(self, path: str) -> Neighbourhood:
        taken: Counter[str] = Counter()
        went = 0
        for name in self._samples[path]:
            defining = self._hits.defining.get(name, ())
            new = [file for file in defining if self._is_new(file, name, path)]
            taken.update(new)
            went += bool(new)
        return Neighbourhood(taken, went)

    def _is_new(self, file: str, name: str, own: str) -> bool:
        """Whether a file can have taken a name over from another: it did not have it before."""
        return not why_apart(file, own) and not self.old.code.has(file, name)

    def _renamed(self, piece: DefinitionText) -> Outcome:
        own, by_name = piece.definition.path, self.outcomes[piece]
        around = self._around[own]
        heirs = {path: around.evidence(path) for path in around.heirs()[:_MOST_HEIRS]}
        in_place: dict[str, dict[str, bool]] = defaultdict(dict)
        near = [own, *heirs, *self._using_the_same(piece)]
        for caller, after, names in self._in_place(piece):
            near.append(after.definition.path)
            for name, exact in names.items():
                in_place[name][caller.definition.name] = exact
        taken = {each.after for each in self.outcomes.values()}
        pool = [
            each for each in dict.fromkeys(self._pool(piece, near, in_place)) if each not in taken
        ]
        outcome = Traces(piece, self._likeness, pool, dict(in_place), heirs).outcome()
        if outcome.status is DriftStatus.RENAMED or not by_name.candidates:
            return outcome
        every = by_score([*by_name.candidates, *outcome.candidates])
        return replace(by_name, candidates=tuple(every[:_MOST_CANDIDATES]))

    def _using_the_same(self, piece: DefinitionText) -> Sequence[str]:
        """The files that have every rare name of a definition, if these are few."""
        own = piece.definition.path
        sets = [set(self._hits.holding.get(word, ())) for word in self._rare_names(piece)]
        shared = set.intersection(*sets) if sets else set()
        near = sorted(shared - {own}, key=partial(distance, origin=own))
        return near if len(near) <= _MOST_USING else near[:1]

    def _pool(
        self, piece: DefinitionText, near: Iterable[str], in_place: Iterable[str]
    ) -> Iterator[DefinitionText]:
        """The definitions that one may have become, at least those of its kind.

        Those of its file, of its heirs, of its callers' files and of files that use the same names;
        of other files only those whose names are where its name was.
        """
        own, kind = piece.definition.path, piece.definition.kind
        for path in dict.fromkeys(near):
            yield from self._new_in(path, own)
        for name in in_place:
            for path in self._hits.defining_as(name, kind):
                new = self._new_in(path, own)
                yield from (each for each in new if each.definition.name == name)

    def _new_in(self, path: str, own: str) -> Sequence[DefinitionText]:
        """The definitions of a file under names that neither it nor the old file had."""
        known = self.old.names(own) | (self.old.names(path) if path != own else frozenset())
        if why_apart(path, own):
            return ()
        return [piece for piece in self.new.pieces(path) if piece.definition.name not in known]


def _longest(names: Collection[str]) -> list[str]:
    return sorted(names, key=lambda name: (-len(name), name))

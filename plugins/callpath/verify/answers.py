"""Answers what mentions ask of one tree, as facts: paths, lines, places of names, words.

What a source cannot say has no fact. Nothing outside the tree is looked at.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, partial
from typing import TypeAlias

from msgspec.structs import replace

from callpath.c.vocabulary import DISPATCH, DispatchMacro
from callpath.facts.mentions import (
    LineFact,
    PathFact,
    PathNature,
    PlaceFact,
    Questions,
    WordFact,
)
from callpath.model import Pin, Progress, no_progress
from callpath.projects import project_named
from callpath.sources.base import (
    BINARY,
    LARGE,
    NOT_CLONED,
    EntryKind,
    FileText,
    Listing,
    Missing,
    ReadResult,
    Source,
    Unreadable,
    refusal,
)
from callpath.sources.search import WordScan
from callpath.verify.code import no_collector
from callpath.verify.definitions import DefiningScan, find_definitions, search_definitions
from callpath.verify.lines import FileFacts, count_lines, file_facts
from callpath.verify.paths import MOST_SEVERAL, TreePaths
from callpath.verify.words import find_words

Fact: TypeAlias = PathFact | LineFact | PlaceFact | WordFact

_NO_TEXT = frozenset({BINARY, LARGE, NOT_CLONED})
"""Why the text of a file is not read that is there."""
_FILES = (EntryKind.FILE, EntryKind.LINK, EntryKind.SPECIAL)
_MOST_READ = 3  # of the files that have an end in common: how many are read for lines and names


def answer(
    questions: Questions,
    source: Source,
    pin: Pin,
    progress: Progress = no_progress,
    dispatch: Mapping[str, DispatchMacro] = DISPATCH,
    others: Sequence[Source] = (),
) -> tuple[Fact, ...]:
    """The facts that a source has for questions, sorted; those of paths first, words last.

    Lines and places have the whole path, also where the end of one was asked for. Raises
    SourceError if the source broke.

    Parameters:
        pin: The project and version that the facts are of.
        dispatch: What a site says of macros.
        others: Trees of other versions, in which an absent word may be.
    """
    with no_collector():
        answering = _Answering(source, pin, progress, dispatch)
        paths = answering.paths(questions)
        read = answering.files(questions, paths)
        wanted = _wanted(read)
        scan = DefiningScan(wanted)
        words: tuple[WordFact, ...] = ()
        if questions.words:
            held = WordScan(source.expected)
            words = find_words(questions.words, source, pin, progress, others, [scan, held])
            if source.searchable:
                source.learn(held.result())
        elif wanted and source.searchable:
            search_definitions(scan, source, partial(progress, "searching the source"))
        elsewhere = find_definitions(wanted, scan, source, dispatch)
        places = _places(read, elsewhere, pin)
        return (*sorted(paths), *sorted(_lines(read, pin)), *sorted(places), *words)


class _Answering:
    """Answers the questions of one tree; each of its files is read once."""

    def __init__(
        self,
        source: Source,
        pin: Pin,
        progress: Progress,
        dispatch: Mapping[str, DispatchMacro],
    ) -> None:
        self._source = source
        self._pin = pin
        self._progress = progress
        self._dispatch = dispatch
        self._listing = source.listing()
        self._tree = _tree_paths(self._listing, pin.project) if self._listing else None
        self._results: dict[str, ReadResult] = {}

    def paths(self, questions: Questions) -> list[PathFact]:
        """What is at each path that anything is asked about."""
        asked = {*questions.paths, *(path for path, _ in (*questions.lines, *questions.places))}
        names = {path: name for path in asked if not refusal(name := path.rstrip("/"))}
        ends = self._ends(names.values())
        wanted = {path for found in ends.values() if len(found) <= MOST_SEVERAL for path in found}
        for number, result in enumerate(self._source.read({*names.values(), *wanted})):
            self._progress("reading the source", number, len(names))
            self._results[result.path] = result
        found = (
            self._path(path, name, ends.get(name, ()), is_whole=path in questions.whole)
            for path, name in names.items()
        )
        return [fact for fact in found if fact]

    def _ends(self, names: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """The whole paths that those names may be the ends of that are none themselves."""
        if self._listing is None or self._tree is None:
            return {}
        entries, folders = self._listing.entries, self._listing.folders
        missing = {name for name in names if name not in entries and name not in folders}
        return {name: self._tree.ends_in(name) for name in missing}

    def _path(
        self, path: str, name: str, ends: tuple[str, ...], *, is_whole: bool
    ) -> PathFact | None:
        nature, lines = self._at(name)
        fact = PathFact(self._pin.project, self._pin.version, path, nature, (), lines)
        if nature is not PathNature.ABSENT:
            return fact
        if not isinstance(self._results[name], Missing):
            return None
        if self._tree is None:
            # Without a list nobody knows whether it is the end of a path.
            return fact if is_whole and self._is_there else None
        if is_whole:
            return replace(fact, found=self._tree.near(name))
        if len(ends) == 1:
            return replace(fact, nature=PathNature.ENDING, found=ends, lines=self._at(ends[0])[1])
        if ends:
            found = ends if len(ends) <= MOST_SEVERAL else ()
            return replace(fact, nature=PathNature.SEVERAL, found=found)
        return replace(fact, found=self._tree.near(name))

    @cached_property
    def _is_there(self) -> bool:
        """Whether the source has the tree at all; a site may lack all of a tag that it lacks."""
        file = project_named(self._pin.project).version_file
        return not file or not isinstance(self._source.read_one(file), Missing)

    def _at(self, path: str) -> tuple[PathNature, int]:
        """What is at a path, and the number of lines of a text; ABSENT if that is not known."""
        result = self._results[path]
        if isinstance(result, FileText):
            return PathNature.FILE, count_lines(result.data)
        if not isinstance(result, Unreadable):
            return PathNature.ABSENT, 0
        entry = self._listing.entries.get(path) if self._listing else None
        is_submodule = entry is not None and entry.kind is EntryKind.SUBMODULE
        if result.reason == EntryKind.DIRECTORY.value or is_submodule:
            return PathNature.FOLDER, 0
        is_file = result.reason in _NO_TEXT
        return PathNature.FILE if is_file else PathNature.ABSENT, 0

    def files(self, questions: Questions, paths: Iterable[PathFact]) -> dict[str, FileFacts]:
        """What is asked of each file, by its whole path."""
        meant = {fact.path: _meant(fact) for fact in paths}
        lines: dict[str, set[int]] = defaultdict(set)
        names: dict[str, set[str]] = defaultdict(set)
        for path, line in questions.lines:
            for whole in meant.get(path, ()):
                lines[whole].add(line)
        for path, name in questions.places:
            for whole in meant.get(path, ()):
                names[whole].add(name)
        found: dict[str, FileFacts] = {}
        wanted = sorted({*lines, *names})
        for number, path in enumerate(wanted):
            self._progress("parsing the source", number, len(wanted))
            result = self._results[path]
            if isinstance(result, FileText):
                asked = (sorted(lines[path]), sorted(names[path]))
                found[path] = file_facts(path, result.data, *asked, self._dispatch)
        return found


def _wanted(read: Mapping[str, FileFacts]) -> dict[str, list[str]]:
    """The names that files lack, with these files."""
    wanted: dict[str, list[str]] = defaultdict(list)
    for path, facts in read.items():
        for name, found in facts.places.items():
            if not (found.definitions or found.may_be_made):
                wanted[name].append(path)
    return wanted


def _places(
    read: Mapping[str, FileFacts],
    elsewhere: Mapping[str, Mapping[str, tuple[tuple[str, int], ...]]],
    pin: Pin,
) -> list[PlaceFact]:
    """Where the files have the names, and where the tree defines what they do not."""
    return [
        PlaceFact(
            pin.project,
            pin.version,
            path,
            name,
            found.definitions,
            found.uses,
            elsewhere.get(name, {}).get(path, ()),
        )
        for path, facts in read.items()
        for name, found in facts.places.items()
    ]


def _lines(read: Mapping[str, FileFacts], pin: Pin) -> list[LineFact]:
    return [
        LineFact(
            pin.project,
            pin.version,
            path,
            line,
            content.nature,
            content.digest,
            content.name,
            content.kind,
            content.occurrence,
            content.above,
        )
        for path, facts in read.items()
        for line, content in facts.lines.items()
    ]


def _meant(fact: PathFact) -> Sequence[str]:
    """The files that a path may mean; none if there are too many."""
    if fact.nature is PathNature.FILE:
        return (fact.path.rstrip("/"),)
    is_ending = fact.nature in (PathNature.ENDING, PathNature.SEVERAL)
    return fact.found if is_ending and len(fact.found) <= _MOST_READ else ()


def _tree_paths(listing: Listing, project: str) -> TreePaths:
    files = (path for path, entry in listing.entries.items() if entry.kind in _FILES)
    kinds = (EntryKind.DIRECTORY, EntryKind.SUBMODULE)
    empty = (path for path, entry in listing.entries.items() if entry.kind in kinds)
    return TreePaths(files, listing.folders.union(empty), project)

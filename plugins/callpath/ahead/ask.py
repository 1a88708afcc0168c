"""Hands units of work out, and keeps what comes back where the command will look for it."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from itertools import chain

import msgspec
from msgspec import Struct

from callpath.ahead.given import Given, GivenFile, Lacked
from callpath.ahead.work import Done, Kind, Task, Tree, work
from callpath.drift.compare import Asked, asked_of, may_move, question_of
from callpath.drift.tracking import compared_pins, tracks_question
from callpath.facts.lock import Lock, format_lock
from callpath.findings import SourceError, UsageError
from callpath.model import Edge, Pin, Progress, Reference, no_progress
from callpath.notebook import Notebook
from callpath.projects import project_named
from callpath.sources.base import Source
from callpath.sources.spec import Sources, placed
from callpath.store import StorePlaces
from callpath.verify.kept_files import FACTS, KeptFiles
from callpath.verify.packing import PackedEdges
from callpath.verify.tree_answers import (
    TreeAnswers,
    answers_maker,
    answers_of,
    asked_edges,
    asked_references,
)
from callpath.work import Processes, check_maker

_ROUNDS = 20
"""How often a worker is given what it lacks; what needs more is found out by the command."""


class Unit(Struct, frozen=True):
    """What is asked of a pin, or of the first of two with what became of it in the second."""

    kind: Kind
    pins: tuple[Pin, ...]
    asked: Asked
    lock: Lock | None = None  # the facts of the first


class Ahead:
    """Has the workers of sources find out what will be asked; without workers it does nothing.

    Nothing is raised of what cannot be found out, since the command will come to that itself.

    Parameters:
        trees: The versions of which it is found out what became of everything in them, whoever
            works; None: in all, if there are others to work.
    """

    def __init__(
        self,
        notebook: Notebook,
        sources: Sources,
        progress: Progress = no_progress,
        trees: Collection[Pin] | None = None,
    ) -> None:
        self._trees = trees
        self._notebook = notebook
        self._sources = sources
        self._progress = progress
        self._facts: dict[
            tuple[Pin, ...], dict[str, bytes]
        ] = {}  # of single texts, found in this run

    @property
    def is_wanted(self) -> bool:
        """Whether there is anybody to work, and a place to keep what they find."""
        workers = self._sources.workers
        helps = workers is not None and (workers.is_cluster or workers.count > 1)
        return (helps or self._trees is not None) and self._sources.store.keeps

    def expect(self, references: Sequence[Reference], edges: Sequence[Edge]) -> None:
        """Find out which words references, edges and tracked versions begin to search for."""
        self._do(chain(self._of_pins(Kind.EXPECTED, references, edges), self._pairs()))

    def prove(self, references: Sequence[Reference], edges: Sequence[Edge]) -> None:
        """Find out what references name, and how edges are proved."""
        self._do(self._of_pins(Kind.PROVED, references, edges))

    def track(self, lock: Lock) -> None:
        """Find out what became of all in tracked versions; `lock` has the facts of their own."""
        self._do(self._pairs(lock))

    def compare(self, pins: tuple[Pin, Pin], asked: Asked) -> None:
        """Find out what became of references and edges between two versions."""
        self._do([Unit(Kind.DRIFT, pins, asked, self._notebook.lock or Lock())])

    def _of_pins(
        self, kind: Kind, references: Sequence[Reference], edges: Sequence[Edge]
    ) -> Iterable[Unit]:
        for pin in sorted({one.pin for one in references if self._sources.has(one.pin)}):
            own = tuple(one for one in references if one.pin == pin)
            yield Unit(kind, (pin,), Asked(own, tuple(one for one in edges if one.pin == pin)))

    def _pairs(self, lock: Lock | None = None) -> Iterable[Unit]:
        kind = Kind.TRACKS if lock else Kind.EXPECTED
        for old, new in compared_pins(self._notebook, self._sources):
            is_asked = self._trees is None or new in self._trees
            if is_asked and self._sources.has(new) and not self._sources.one_tree(old, new):
                yield Unit(kind, (old, new), asked_of(self._notebook, old, may_move), lock)

    def _do(self, units: Iterable[Unit]) -> None:
        if self.is_wanted:
            with ExitStack() as stack:
                asking = _Asking(self._notebook, self._sources, self._facts, stack)
                asking.ask(list(units), self._progress, is_part=self._trees is not None)


class _Open(Struct):
    """A unit that is worked on, with its trees and what workers are given of each."""

    unit: Unit
    trees: Sequence[Source]
    given: Sequence[Given] = ()  # nothing as long as workers may have the trees


class _Asking:
    """Has units worked on; sources are opened once and closed with the stack."""

    def __init__(
        self,
        notebook: Notebook,
        sources: Sources,
        facts: dict[tuple[Pin, ...], dict[str, bytes]],
        stack: ExitStack,
    ) -> None:
        self._dispatch, self._units = notebook.dispatch, notebook.link_units
        self._sources, self._facts, self._stack = sources, facts, stack
        self._store = sources.store
        self._maker = answers_maker(self._store, self._dispatch, self._units)
        self._opened: dict[Pin, Source | None] = {}

    def ask(self, units: Sequence[Unit], progress: Progress, *, is_part: bool) -> None:
        """Have all worked on that is not known.

        `is_part` says whether the command ends with that.
        """
        pending = [opened for unit in units if (opened := self._open(unit))]
        total = len(pending)
        is_cluster = self._sources.workers and self._sources.workers.is_cluster
        if total < 2 and not (is_cluster or is_part):
            return  # the command does it as fast
        self._store.flush()  # workers may read it
        for _ in range(_ROUNDS):
            if not pending:
                break
            again: list[_Open] = []
            for number, (one, done) in enumerate(self._worked(pending)):
                progress("asking the sources", total - len(pending) + number, total)
                self._keep(one.unit, done)
                if done.is_absent:
                    one.given = [_given(one.unit, source) for source in one.trees]
                    again.append(one)
                elif done.lacked:
                    for each in zip(one.given, one.trees, done.lacked, strict=True):
                        _add(*each)
                    again.append(one)
            pending = again

    def _open(self, unit: Unit) -> _Open | None:
        """A unit that can be worked on and has to be, or None."""
        trees = [source for pin in unit.pins if (source := self._source(pin))]
        if len(trees) < len(unit.pins) or _is_known(unit, self._answers(trees)):
            return None
        return _Open(unit, trees)

    def _source(self, pin: Pin) -> Source | None:
        """The tree of a pin, if somebody else can find out the same about it."""
        if pin not in self._opened:
            self._opened[pin] = None
            with suppress(SourceError, UsageError):  # the command will say it
                source = self._stack.enter_context(self._sources.open(pin))
                if source.searchable and source.reads_at_once and source.tree():
                    self._opened[pin] = source
        return self._opened[pin]

    def _answers(self, trees: Sequence[Source]) -> TreeAnswers:
        first, *others = (answers_of(each, self._dispatch, self._units) for each in trees)
        return first.beside(others[0]) if others else first

    def _worked(self, units: Sequence[_Open]) -> Iterator[tuple[_Open, Done]]:
        """What came of each unit."""
        workers = self._sources.workers or Processes(1)
        sent: list[_Open] = []

        def packed() -> Iterator[bytes]:
            for one in units:
                with suppress(UnicodeEncodeError):  # of a path that is no text
                    data = msgspec.msgpack.encode(self._task(one))
                    sent.append(one)
                    yield data

        for number, data in enumerate(workers.map(work, packed())):
            done = msgspec.msgpack.decode(data, type=Done)
            check_maker(done.maker, self._maker)
            yield sent[number], done

    def _task(self, one: _Open) -> Task:
        unit = one.unit
        expected = self._expected(one)
        given: Sequence[Given | None] = one.given or [None for _ in one.trees]
        trees = tuple(
            Tree(
                placed(source.spec),
                source.pin,
                pin,
                source.tree(),
                tuple(sorted(source.expected)) if expected else (),
                {word: tuple(files) for word, files in source.known_words(expected).items()},
                there,
            )
            for pin, source, there in zip(unit.pins, one.trees, given, strict=True)
        )
        return Task(
            unit.kind,
            self._maker,
            StorePlaces.of(self._store),
            unit.asked.references,
            PackedEdges.of(unit.asked.edges),
            dict(self._dispatch),
            tuple(self._units),
            trees,
            format_lock(unit.lock) if unit.lock else "",
            self._facts.get(unit.pins, {}),
        )

    def _expected(self, one: _Open) -> Sequence[str]:
        """The words that a unit begins to search for, if that was found out."""
        if one.unit.kind is Kind.EXPECTED:
            return ()
        return self._answers(one.trees).find(Kind.EXPECTED, _asked(one.unit), list[str]) or []

    def _keep(self, unit: Unit, done: Done) -> None:
        files = KeptFiles(self._store, self._dispatch)
        for kind, maker, values in done.entries:
            if kind == FACTS:
                files.add(values)
                self._facts.setdefault(unit.pins, {}).update(values)
            else:
                self._store.put_many(kind, maker, values)
        self._store.flush()


def _asked(unit: Unit) -> tuple[object, ...]:
    return (asked_references(unit.asked.references), asked_edges(unit.asked.edges))


def _is_known(unit: Unit, answers: TreeAnswers) -> bool:
    """Whether the answer is known from an earlier run."""
    question: Mapping[Kind, Callable[[], object]] = {
        Kind.EXPECTED: lambda: _asked(unit),
        Kind.PROVED: lambda: _asked(unit),
        Kind.TRACKS: lambda: tracks_question(unit.asked, unit.lock or Lock()),
        Kind.DRIFT: lambda: question_of(unit.asked, unit.lock or Lock()),
    }
    return answers.knows(unit.kind, question[unit.kind]())


def _given(unit: Unit, source: Source) -> Given:
    """What is surely needed of a tree: the files that references name."""
    given = Given(tuple(source.paths()), tuple(source.tags()))
    version_file = project_named(source.pin.project).version_file
    paths = {one.symbol.path for one in unit.asked.references}
    _add(given, source, Lacked(tuple(sorted({version_file, *paths} - {""}))))
    return given


def _add(given: Given, source: Source, lacked: Lacked) -> None:
    """Give what is lacked."""
    for result in source.read(lacked.paths):
        if file := GivenFile.of(result):
            given.files[result.path] = file
    found = source.find_words(lacked.words) if lacked.words else {}
    given.held |= {word: tuple(files) for word, files in found.items()}

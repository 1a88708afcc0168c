"""One unit of work: what is asked of a tree, or of two, and what came of it as it is kept.

Depends on nothing but the task: so it is the same in another process and on another machine, which
needs neither the notes nor, if it is given the texts, the source.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from enum import StrEnum

import msgspec
from msgspec import Struct, field

from callpath.ahead.given import Given, GivenSource, Lacked
from callpath.c.vocabulary import DispatchMacro
from callpath.drift import compare
from callpath.drift.compare import Asked
from callpath.drift.find import Side, open_side
from callpath.drift.tracking import facts_between
from callpath.facts.lock import Lock, parse_lock
from callpath.findings import SourceError, UsageError
from callpath.model import Pin, Reference, no_progress
from callpath.projects import LinkUnit
from callpath.sources.base import Source, SourceSpec
from callpath.sources.spec import open_source
from callpath.store import ReadStore, StorePlaces
from callpath.verify.code import SourceCode, no_collector
from callpath.verify.examine import examine, expect_words
from callpath.verify.kept_files import FACTS, KeptFiles
from callpath.verify.packing import PackedEdges
from callpath.verify.tree_answers import answers_maker

Entries = list[tuple[str, str, dict[str, bytes]]]
"""Values of a store by their key, with kind and maker."""


class Kind(StrEnum):
    """What is asked; the value is the kind of the answer in the store."""

    EXPECTED = "expected"  # the words that are searched for, of one tree or of two
    PROVED = "proved"  # what references name and how edges are proved
    TRACKS = "tracks"  # what became of them in another version, for the lockfile
    DRIFT = "drift"  # the same with its reasons


class Tree(Struct, frozen=True):
    """A tree, and what is known of it."""

    spec: SourceSpec
    opened: Pin  # what the source is opened with
    pin: Pin
    id: str
    expected: tuple[str, ...]  # words that it is searched for, once it is searched
    held: dict[str, tuple[str, ...]]  # which files hold words
    given: Given | None = None  # what there is, for who has no such tree


class Task(Struct, frozen=True):
    """What is asked of one tree, or of an old and a new one."""

    kind: Kind
    maker: str  # of the answers; who has another one would answer otherwise
    store: StorePlaces
    references: tuple[Reference, ...]
    edges: PackedEdges
    dispatch: dict[str, DispatchMacro]
    units: tuple[LinkUnit, ...]
    trees: tuple[Tree, ...]
    lock: str = ""  # the facts of the old tree
    facts: dict[str, bytes] = field(default_factory=dict)  # of files, as they are kept

    @property
    def asked(self) -> Asked:
        """The references and edges."""
        return Asked(self.references, self.edges.unpacked())


class Done(Struct, frozen=True):
    """What came of a task.

    Where something is lacked of trees, only what is kept of single texts did.
    """

    maker: str
    entries: Entries = field(default_factory=list)
    is_absent: bool = False  # whether a tree is not there at all
    lacked: tuple[Lacked, ...] = ()  # for each tree, if they were given and lack anything


def work(given: bytes) -> bytes:
    """Do a `Task`, which gives a `Done`, both as MessagePack."""
    task = msgspec.msgpack.decode(given, type=Task)
    with _TaskStore.at(task.store) as store:
        store.given = task.facts
        return msgspec.msgpack.encode(_done(task, store))


_UNASKED = frozenset({"program", "searched trees"})
"""Kinds of values that are of the machine, not of a tree."""


class _TaskStore(ReadStore):
    """The store of a task: what came with it, and what is in the folder if it is there."""

    given: Mapping[str, bytes] = {}
    """Facts of files that came with the task."""

    def get_many(self, kind: str, maker: str, keys: Iterable[str]) -> dict[str, bytes]:
        asked = list(keys)
        given = self.given if kind == FACTS else {}
        known = {key: given[key] for key in asked if key in given}
        left = [key for key in asked if key not in known]
        return {**known, **super().get_many(kind, maker, left)} if left else known

    def entries(self, *, only_facts: bool) -> Entries:
        """All that was put, or what of it is about single texts."""
        return [
            (kind, maker, values)
            for (kind, maker), values in self.gathered.items()
            if kind not in _UNASKED and (kind == FACTS or not only_facts)
        ]


def _done(task: Task, store: _TaskStore) -> Done:
    maker = answers_maker(store, task.dispatch, task.units)
    if maker != task.maker:
        return Done(maker)
    with ExitStack() as stack:
        try:
            sources = [_open(tree, store, stack) for tree in task.trees]
        except (SourceError, UsageError):
            return Done(maker, is_absent=True)
        files = KeptFiles(store, task.dispatch)
        try:
            with no_collector():
                _WORK[task.kind](task, sources, files)
        except (SourceError, UsageError):
            pass  # whoever asks next is told the same
        files.close()
    lacked = tuple(one.lacked for one in sources if isinstance(one, GivenSource))
    lacks = any(one != Lacked() for one in lacked)
    return Done(maker, store.entries(only_facts=lacks), lacked=lacked if lacks else ())


def _open(tree: Tree, store: ReadStore, stack: ExitStack) -> Source:
    """The source of a tree; raises SourceError if there is none, or it is another one."""
    if tree.given is not None:
        source: Source = GivenSource(tree.spec, tree.opened, tree.id, tree.given)
    else:
        source = open_source(tree.spec, tree.opened)
        stack.callback(source.close)
        if source.tree() != tree.id:
            raise SourceError("this is another tree")
    source.store, source.is_shared = store, True
    source.expect(tree.expected)
    Source.learn(source, tree.held)  # not by its own method, which would keep it
    return source


def _code(task: Task, source: Source, files: KeptFiles) -> SourceCode:
    return SourceCode(source, no_progress, task.dispatch, task.units, files)


def _expect(task: Task, sources: Sequence[Source], files: KeptFiles) -> None:
    if len(sources) == 1:
        expect_words(task.references, task.asked.edges, _code(task, sources[0], files))
    else:
        with ExitStack() as stack:
            compare.expect_words(task.asked, *_sides(task, sources, files, stack))


def _prove(task: Task, sources: Sequence[Source], files: KeptFiles) -> None:
    def open_one(_: Pin) -> Source:
        return sources[0]

    given = (no_progress, task.dispatch, task.units, files)
    examine(task.references, task.asked.edges, open_one, *given)


def _track(task: Task, sources: Sequence[Source], files: KeptFiles) -> None:
    with ExitStack() as stack:
        facts_between(task.asked, *_sides(task, sources, files, stack), _lock(task))


def _drift(task: Task, sources: Sequence[Source], files: KeptFiles) -> None:
    with ExitStack() as stack:
        compare.drift_of(task.asked, *_sides(task, sources, files, stack), _lock(task))


_WORK: Mapping[Kind, Callable[[Task, Sequence[Source], KeptFiles], None]] = {
    Kind.EXPECTED: _expect,
    Kind.PROVED: _prove,
    Kind.TRACKS: _track,
    Kind.DRIFT: _drift,
}


def _sides(
    task: Task, sources: Sequence[Source], files: KeptFiles, stack: ExitStack
) -> tuple[Side, Side]:
    """The old and the new side."""
    is_drift = task.kind is Kind.DRIFT
    pairs = zip(task.trees, sources, strict=True)
    old, new = (_side(task, tree.pin, source, files, hints=is_drift) for tree, source in pairs)
    return stack.enter_context(old), stack.enter_context(new)


def _lock(task: Task) -> Lock:
    return parse_lock("", task.lock) if task.lock else Lock()


def _side(
    task: Task, pin: Pin, source: Source, files: KeptFiles, *, hints: bool
) -> AbstractContextManager[Side]:
    given = (task.dispatch, no_progress, task.units)
    return open_side(pin, lambda _: source, *given, hints=hints, files=files)

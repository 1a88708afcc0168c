"""Asks sources what the mentions of a notebook need to know, tree by tree.

A tree that no source has is never an error: what is read against it is not checked, and is told.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import ExitStack

from msgspec import Struct, field, msgpack
from msgspec.structs import replace

from callpath.c.vocabulary import DISPATCH, DispatchMacro
from callpath.facts.mentions import (
    LineFact,
    MentionFacts,
    PathFact,
    PlaceFact,
    Questions,
    WordFact,
)
from callpath.findings import SourceError, UsageError
from callpath.mentions.judging.judge import questions
from callpath.mentions.model import PlacedMention
from callpath.model import Pin, Progress, no_progress
from callpath.notebook import Notebook
from callpath.sources.base import Source, SourceSpec
from callpath.sources.git import revisions_in
from callpath.sources.spec import Sources, open_source, placed
from callpath.store import Store
from callpath.verify.answers import answer
from callpath.verify.examine import is_of_version
from callpath.verify.kept_facts import KeptTree, TreeFact, facts_maker
from callpath.work import Processes, Workers, check_maker

_COMMIT = re.compile(r"[0-9a-f]{7,40}")


class Asked(Struct, frozen=True):
    """What the sources say."""

    facts: MentionFacts
    # The trees that no source has, with the reason; empty if no source was named for it.
    silent: Mapping[Pin, str] = field(default_factory=dict)


def ask(
    placed: Iterable[PlacedMention],
    sources: Sources,
    own: Collection[Pin] = (),
    progress: Progress = no_progress,
    dispatch: Mapping[str, DispatchMacro] = DISPATCH,
) -> Asked:
    """Ask the sources about every tree that mentions are read against.

    Parameters:
        own: The pins whose source must not fail: those of the site and of its notes.
        dispatch: What a site says of macros.

    Raises SourceError if the source of one of these cannot be opened, or a source broke.
    """
    with ExitStack() as stack:
        asking = Asking(sources, own, progress, stack, dispatch)
        asking.ask_of(list(placed))
        return Asked(asking.facts, asking.silent)


def ask_trees(
    placed: Iterable[PlacedMention],
    sources: Sources,
    trees: Collection[Pin],
    own: Collection[Pin] = (),
    progress: Progress = no_progress,
    dispatch: Mapping[str, DispatchMacro] = DISPATCH,
) -> None:
    """Ask some trees all that `ask` may ask of them, for a later run.

    The parameters are those of `ask`, and it raises the same.
    """
    with ExitStack() as stack:
        Asking(sources, own, progress, stack, dispatch).ask_trees(list(placed), trees)


class Asking:
    """Asks sources, each of which is opened once and closed with the stack.

    What a tree said in an earlier run is known.

    Attributes:
        facts: All that they said.
        silent: The trees that no source has, with the reason.
    """

    def __init__(
        self,
        sources: Sources,
        own: Collection[Pin],
        progress: Progress,
        stack: ExitStack,
        dispatch: Mapping[str, DispatchMacro] = DISPATCH,
    ) -> None:
        self.facts = MentionFacts()
        self.silent: dict[Pin, str] = {}
        self._sources, self._own, self._progress, self._stack = sources, own, progress, stack
        self._dispatch = dispatch
        self._opened: dict[Pin, tuple[Source, KeptTree]] = {}
        self._known: dict[Pin, Questions] = {}
        self._possible: Mapping[Pin, Questions] = {}  # what may be asked besides, before long
        self._there: dict[Pin, Sequence[SourceSpec]] = {}

    def ask_of(self, mentions: Sequence[PlacedMention]) -> None:
        """Ask what mentions need to know, and what was not asked before.

        A tree that is searched for names is searched at once for all that may follow.
        """
        self._possible = questions(mentions)
        if not any(one.others for one in mentions):
            self._ask(self._possible)
            return
        self._ask(questions(replace(one, others=()) for one in mentions))
        # Tracked versions matter only for names that the pages' own versions leave open.
        self._ask(questions(mentions, self.facts))

    def ask_trees(self, mentions: Sequence[PlacedMention], trees: Collection[Pin]) -> None:
        """Ask some trees all that they may be asked for mentions."""
        self._possible = questions(mentions)
        self._ask({pin: every for pin, every in self._possible.items() if pin in trees})

    def _ask(self, asked: Mapping[Pin, Questions]) -> None:
        new_trees = [pin for pin in asked if pin not in self._known]
        self._there |= _in_repositories(new_trees, self._sources) if new_trees else {}
        open_now: dict[Pin, Questions] = {}
        for pin, every in asked.items():
            known = self._known.get(pin, Questions())
            new = _without(every, known)
            if pin in self.silent or new == Questions():
                continue
            self._known[pin] = _with(every, known)
            if self._open(pin):
                open_now[pin] = new
        self._answer({pin: self._left(pin, new) for pin, new in open_now.items()})
        for pin, new in open_now.items():
            found = self._opened[pin][1].facts(new)
            self.facts = self.facts.merged(MentionFacts(found, asked=[pin]))

    def _left(self, pin: Pin, asked: Questions) -> Questions:
        """What a tree has to be asked, if it is asked anything."""
        kept = self._opened[pin][1]
        left = kept.left(asked)
        if not left.words:
            return left
        possible = self._possible.get(pin, Questions())
        return kept.left(_with(left, Questions(words=possible.words)))

    def _answer(self, asked: Mapping[Pin, Questions]) -> None:
        """Have trees answer, those that take long at the same time."""
        pins = [pin for pin, left in asked.items() if left != Questions()]
        tasks = {
            pin: task
            for pin in pins
            if asked[pin].words and self._is_searched_apart(pin)
            if (task := self._task(pin, asked[pin]))
        }
        answers: dict[Pin, Iterable[TreeFact]] = {}
        if len(tasks) > 1 or self._workers.is_cluster:
            results = self._workers.map(answer_task, tasks.values())
            for count, (pin, found) in enumerate(zip(tasks, results, strict=True), 1):
                if found:
                    answers[pin] = self._taken(pin, msgpack.decode(found, type=_Answers))
                self._progress("looking for names", count, len(tasks))
        for pin in pins:
            source, kept = self._opened[pin]
            if pin not in answers:
                answers[pin] = answer(asked[pin], source, pin, self._progress, self._dispatch)
            kept.add(asked[pin], answers[pin])
            if source.tree() == kept.tree:  # else it changed meanwhile
                kept.keep(_with(self._known[pin], asked[pin]))

    @property
    def _workers(self) -> Workers:
        return self._sources.workers or Processes(1)

    def _is_searched_apart(self, pin: Pin) -> bool:
        """Whether a worker may search a tree, if that is wished: each holds the tree's words."""
        source, workers = self._opened[pin][0], self._workers
        if workers.is_cluster:
            return source.searchable and bool(source.tree())
        return workers.count > 1 and source.searchable

    def _task(self, pin: Pin, asked: Questions) -> bytes:
        source, kept = self._opened[pin]
        store = self._sources.store
        by = facts_maker(store, self._dispatch) if self._workers.is_cluster else ""
        expected = tuple(sorted(source.expected))
        given = (placed(source.spec), source.pin, pin, asked, expected, dict(self._dispatch))
        return _packed(_Task(*given, by, kept.tree))

    def _taken(self, pin: Pin, answers: "_Answers") -> tuple[TreeFact, ...]:
        """What a worker found, after its source has learned which files hold other words."""
        if self._workers.is_cluster:
            check_maker(answers.maker, facts_maker(self._sources.store, self._dispatch))
        self._opened[pin][0].learn(answers.held)
        return answers.facts

    def _open(self, pin: Pin) -> bool:
        """Whether a source has a tree; from then on it is open."""
        if pin not in self._opened:
            source = _open(pin, self._sources, self._there.get(pin, ()), must=pin in self._own)
            if isinstance(source, str):
                self.silent[pin] = source
                return False
            self._stack.enter_context(source)
            store = self._sources.store
            kept = KeptTree(store, source.tree(), pin, facts_maker(store, self._dispatch))
            self._opened[pin] = (source, kept)
        return True


class _Task(Struct, frozen=True):
    """The questions that one tree answers in another process."""

    spec: SourceSpec
    opened: Pin  # what the source is opened with
    pin: Pin
    questions: Questions
    expected: tuple[str, ...]  # other words that it is searched for
    dispatch: dict[str, DispatchMacro]
    maker: str = ""  # what has to make the answers; empty where nothing else can
    tree: str = ""  # the one that is meant, if it has an id


class _Answers(Struct, frozen=True):
    maker: str
    held: dict[str, tuple[str, ...]] = field(default_factory=dict)
    paths: tuple[PathFact, ...] = ()
    lines: tuple[LineFact, ...] = ()
    places: tuple[PlaceFact, ...] = ()
    words: tuple[WordFact, ...] = ()

    @property
    def facts(self) -> tuple[TreeFact, ...]:
        """All of them."""
        return (*self.paths, *self.lines, *self.places, *self.words)


def answer_task(given: bytes) -> bytes:
    """What a tree answers, packed as the questions are.

    Empty if it cannot be packed, or another machine has no such tree.
    """
    task = msgpack.decode(given, type=_Task)
    maker = task.maker and facts_maker(Store(), task.dispatch)
    if maker != task.maker:
        return _packed(_Answers(maker))
    try:
        with open_source(task.spec, task.opened) as source:
            if task.tree and source.tree() != task.tree:
                return b""
            source.expect(task.expected)
            found = answer(task.questions, source, task.pin, no_progress, task.dispatch)
            known = source.known_words(task.expected)
            if task.tree and source.tree() != task.tree:  # it changed meanwhile
                return b""
    except (SourceError, UsageError):
        if task.tree:
            return b""
        raise
    return _packed(
        _Answers(
            maker,
            {word: tuple(files) for word, files in known.items()},
            tuple(fact for fact in found if isinstance(fact, PathFact)),
            tuple(fact for fact in found if isinstance(fact, LineFact)),
            tuple(fact for fact in found if isinstance(fact, PlaceFact)),
            tuple(fact for fact in found if isinstance(fact, WordFact)),
        )
    )


def _packed(value: Struct) -> bytes:
    """A value, to travel to another process; empty if a path in it is no text."""
    try:
        return msgpack.encode(value)
    except UnicodeEncodeError:
        return b""


def _with(asked: Questions, known: Questions) -> Questions:
    """The questions of both."""
    both = {
        field: tuple(sorted({*getattr(asked, field), *getattr(known, field)}))
        for field in Questions.__struct_fields__
    }
    return Questions(**both)


def _without(asked: Questions, known: Questions) -> Questions:
    """The questions that are not among those that are known."""
    left = {
        field: tuple(sorted({*getattr(asked, field)} - {*getattr(known, field)}))
        for field in Questions.__struct_fields__
    }
    return Questions(**left)


def _in_repositories(pins: Collection[Pin], sources: Sources) -> Mapping[Pin, Sequence[SourceSpec]]:
    """The repositories that were named for other versions and have a tree too."""
    asked: dict[SourceSpec, dict[str, Pin]] = defaultdict(dict)
    for pin in pins:
        for spec in sources.repositories(pin):
            asked[spec][_revision(pin, sources)] = pin
    found: dict[Pin, list[SourceSpec]] = defaultdict(list)
    for spec, by_revision in asked.items():
        try:
            there = revisions_in(spec.place, by_revision)
        except SourceError:
            continue  # whoever opens it for a version of its own says what is wrong
        for revision in there:
            found[by_revision[revision]].append(spec)
    return found


def _revision(pin: Pin, sources: Sources) -> str:
    """What a tree is called in a repository."""
    if _COMMIT.fullmatch(pin.version):
        return pin.version
    return f"refs/tags/{pin.tag or sources.tag_of(pin)}"


def _open(pin: Pin, sources: Sources, there: Sequence[SourceSpec], *, must: bool) -> Source | str:
    """The source of a tree, or why there is none; with `must`, it is raised if one was named.

    Parameters:
        there: The repositories that are known to have it.
    """
    is_commit = bool(_COMMIT.fullmatch(pin.version))
    reason = ""
    try:
        if sources.has(pin) and (must or not is_commit):
            return _checked(sources.open(pin), pin)
    except (SourceError, UsageError) as error:
        if must:
            raise
        reason = error.message
    tagged = replace(pin, tag=pin.tag or sources.tag_of(pin))
    for spec in there:
        try:
            meant = replace(spec, revision=pin.version if is_commit else "")
            return _checked(open_source(meant, tagged), pin)
        except (SourceError, UsageError) as error:
            reason = error.message
    return reason


def _checked(source: Source, pin: Pin) -> Source:
    """The source, if it is of the version; what names a revision is of that revision."""
    try:
        if source.spec.revision != pin.version:
            is_of_version(source, pin)
    except BaseException as error:
        source.__exit__(error)
        raise
    return source


def own_pins(notebook: Notebook) -> frozenset[Pin]:
    """The pins of the site and of its notes, without those that only remarks name."""
    return frozenset({notebook.pin, *(note.pin for note in notebook.notes.values())})

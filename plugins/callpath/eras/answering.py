"""What releases say of symbols and edges of notes, for one batch of releases.

Depends on nothing but the batch: so it is the same here, in another process, and on another
machine, which needs neither the notes nor, if it is given the texts, the repository.
"""

import hashlib
import json
import os
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from functools import cached_property, partial
from importlib.metadata import version
from typing import TypeAlias

import msgspec
from msgspec import Struct, field

from callpath.c.facts import Glance, Include
from callpath.c.kept import KeptFile
from callpath.c.vocabulary import KERNEL_MACROS, DispatchMacro
from callpath.facts.eras import ReleaseStatus, best_status, status_of_symbol, status_of_verdict
from callpath.facts.lock import StatedEdge, StatedSymbol, above_of, stated_edge, stated_symbol
from callpath.findings import SourceError
from callpath.model import Edge, Progress, Reference, no_progress
from callpath.projects import LinkUnit
from callpath.proof.code import Code
from callpath.proof.includes import IncludeGraph, Inclusion
from callpath.proof.linkage import Linkage
from callpath.proof.links import LinkTable
from callpath.proof.prove import prove
from callpath.sources.base import SourceSpec
from callpath.sources.releases import GitHistory, Release, ReleaseFiles
from callpath.store import ReadStore, Store, StorePlaces
from callpath.verify.code import no_collector
from callpath.verify.examine import nearby_files
from callpath.verify.kept_files import FACTS, MOST_OF_RELEASES, KeptFiles
from callpath.verify.packing import PackedEdges

_GRAMMARS = ("tree-sitter", "tree-sitter-c")
_DECIDING = ("callpath.eras.answering", "callpath.verify.kept_files")
"""The modules that answers are made by; what they import decides too."""


def answers_maker(store: Store, dispatch: Mapping[str, DispatchMacro], links: LinkTable) -> str:
    """What answers depend on besides the text: parser, prover, settings."""
    settings = repr((sorted(dispatch.items()), tuple(links.units))).encode()
    grammars = (version(grammar).encode() for grammar in _GRAMMARS)
    return store.maker(_DECIDING, settings, KERNEL_MACROS, *grammars)


class Readable(Struct, frozen=True):
    """A release that can be read."""

    tree: str  # its id
    files: ReleaseFiles
    text: Callable[[str, str], bytes | None]  # the bytes at a path, given its blob; None: no text


class ReleaseCode(Struct, dict=True):
    """The code of one release, as the prover asks for it: the files at hand, and no search."""

    searchable = False
    release: Readable
    kept: KeptFiles
    # The blobs that answers came from since this was last emptied, by path; empty where the
    # release has no regular file.
    consulted: dict[str, str] = field(default_factory=dict)
    # The files that answers may come from, by their last name, and the project's link units.
    by_name: Mapping[str, Sequence[str]] = field(default_factory=dict)
    links: LinkTable = field(default_factory=LinkTable)

    def __post_init__(self) -> None:
        """Make what names mean in its files."""
        self.linkage = Linkage(self, self.links, _NotedGraph(self, self.links))

    def blob(self, path: str) -> str:
        """The blob at a path; empty if there is no regular file."""
        return self.release.files.blobs.get(path, "")

    def is_unclear(self, path: str) -> bool:
        """Whether there is something at a path that is no regular file."""
        return path in self.release.files.unclear

    def file(self, path: str) -> KeptFile | None:
        """A file, or None if the release has no regular file there."""
        blob = self.consulted[path] = self.blob(path)
        return self.kept.file(path, blob, partial(self._read, path, blob)) if blob else None

    def _read(self, path: str, blob: str) -> bytes:
        return self.release.text(path, blob) or b""

    def has(self, path: str, word: str) -> bool:
        """Whether an identifier is in a file's text; the file is not parsed for it."""
        file = self.file(path)
        return file is not None and file.has(word)

    def holding(self, word: str) -> Sequence[str]:
        return ()  # releases are not searched

    def is_searched(self, word: str) -> bool:
        return False  # releases are not searched

    def defining(self, word: str, near: str) -> Sequence[str]:
        return ()  # releases are not searched

    def defines_type(self, path: str, word: str) -> bool:
        return self.has(path, word)

    def announces(self, path: str, word: str) -> bool:
        return self.has(path, word)

    def may_bind(self, path: str, word: str) -> bool:
        return self.has(path, word)

    def includes(self, path: str) -> Sequence[Include]:
        """The includes of a file, in order; the file is not parsed for it."""
        file = self.file(path)
        return file.includes if file else ()

    def located(self, spelled: str) -> Sequence[str]:
        """Those of the files at hand whose path is or ends in what an include says."""
        named = self.by_name.get(spelled.rpartition("/")[2], ())
        return [path for path in named if f"/{path}".endswith(f"/{spelled}") and self.file(path)]

    def including(self, path: str) -> Sequence[str]:
        return ()  # releases are not searched

    def holders(self, word: str, among: Collection[str]) -> Sequence[str]:
        """Those of some files that hold a word, in their order."""
        return [path for path in among if self.has(path, word)]

    def glance(self, path: str, word: str) -> Glance:
        """What a file's text may make of a word; the file is not parsed for it."""
        file = self.file(path)
        return file.glance(word) if file else Glance()


class _NotedGraph(IncludeGraph, dict=True):
    """Includes in a release, which notes for each answer what it came from."""

    files: ReleaseCode
    _noted: dict[str, Mapping[str, str]] = field(default_factory=dict)

    def visible(self, path: str) -> Mapping[str, Inclusion]:
        release = self.files
        if path not in self._visible:
            before, release.consulted = release.consulted, {}
            self.forget()
            IncludeGraph.visible(self, path)
            self._noted[path], release.consulted = release.consulted, before
        release.consulted |= self._noted[path]
        return self._visible[path]


Answer: TypeAlias = tuple[dict[str, str], ReleaseStatus]
"""What a release says, with the blobs that this came from, by path."""


class ReleaseAnswers:
    """The answers that are known from earlier runs, and from this one.

    Parameters:
        maker: What makes them.
        questions: The ids of all that will be asked.

    Attributes:
        new: The answers of this run to each question.
    """

    def __init__(self, store: Store, maker: str, questions: Iterable[str]) -> None:
        self._store, self._maker = store, maker
        self._known: dict[str, list[Answer]] = {}
        self.new: dict[str, list[Answer]] = {}
        decoder = msgspec.msgpack.Decoder(list[Answer])
        for question, data in store.get_many("answers", maker, questions).items():
            with suppress(ValueError):
                self._known[question] = decoder.decode(data)

    def find(self, question: str, blob: Callable[[str], str]) -> ReleaseStatus | None:
        """The answer to a question where the paths that it came from have the same blobs, or None.

        The question is given by its id; `blob` returns the blob at a path.
        """
        for consulted, status in self._known.get(question, ()):
            if all(blob(path) == there for path, there in consulted.items()):
                return status
        return None

    def add(self, question: str, consulted: Mapping[str, str], status: ReleaseStatus) -> None:
        """Note an answer with the blobs that it came from."""
        answer = (dict(consulted), status)
        known = self._known.setdefault(question, [])
        if answer not in known:
            known.append(answer)
            self.new.setdefault(question, []).append(answer)

    def keep(self) -> None:
        """Keep what is new, if possible."""
        new = {each: msgspec.msgpack.encode(self._known[each]) for each in sorted(self.new)}
        self._store.put_many("answers", self._maker, new)
        self.new = {}


def question_id(*parts: object) -> str:
    """The id of a question: 20 hex digits of everything that its answer depends on."""
    text = json.dumps(parts, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:20]


class _Question(Struct, frozen=True):
    id: str
    of: StatedSymbol | StatedEdge
    paths: tuple[str, ...]  # the files of its symbols; nothing is known if one of them is unclear
    nearby: tuple[str, ...]  # the files of the note
    answer: Callable[[Code], ReleaseStatus]


def _questions(
    references: Iterable[Reference],
    edges: Iterable[Edge],
    nearby: Mapping[str, tuple[str, ...]],
    paths: Sequence[str],
) -> Iterator[_Question]:
    """A question for each symbol and edge, with the files of each note and all that are at hand."""
    for reference in references:
        symbol = stated_symbol(reference)
        answer = partial(_ask_symbol, reference)
        yield _Question(question_id(symbol), symbol, (symbol.path,), (), answer)
    for edge in edges:
        stated = stated_edge(edge, above_of(edge))
        above = [stated_symbol(step) for step in edge.ancestors]
        files = nearby[edge.note]
        given = question_id(stated, edge.callee.asserted, above, files, paths)
        ends = (stated.caller.path, stated.callee.path)
        yield _Question(given, stated, ends, files, partial(_ask_edge, edge))


def _ask_symbol(reference: Reference, code: Code) -> ReleaseStatus:
    symbol = reference.symbol
    file = code.file(symbol.path)
    named = file.named(symbol.name) if file else ()
    return status_of_symbol(named, symbol.kind, reference.occurrence)


def _ask_edge(edge: Edge, code: Code) -> ReleaseStatus:
    return status_of_verdict(prove(edge, code), edge)


def _ask(
    questions: Iterable[_Question],
    release: ReleaseCode,
    paths: Sequence[str],
    answers: ReleaseAnswers,
) -> dict[StatedSymbol | StatedEdge, ReleaseStatus]:
    found: dict[StatedSymbol | StatedEdge, ReleaseStatus] = {}
    codes: dict[tuple[str, ...], Code] = {}
    for question in questions:
        status: ReleaseStatus | None = ReleaseStatus.UNKNOWN
        if not any(map(release.is_unclear, question.paths)):
            status = answers.find(question.id, release.blob)
        if status is None:
            code = Code(release, question.nearby, paths, brief=True)
            release.consulted.clear()
            status = question.answer(codes.setdefault(question.nearby, code))
            answers.add(question.id, release.consulted, status)
        found[question.of] = best_status(status, found.get(question.of, status))
    return found


class Asked(Struct, frozen=True, dict=True):
    """All that is asked of each release.

    Parameters:
        paths: The files that are at hand, sorted.
        dispatch: What the site and its project say of macros.
    """

    project: str
    references: Sequence[Reference]
    edges: Sequence[Edge]
    paths: tuple[str, ...]
    dispatch: Mapping[str, DispatchMacro]
    links: LinkTable

    @cached_property
    def questions(self) -> Mapping[str, _Question]:
        """The questions by their ids."""
        nearby = nearby_files(self.edges)
        found = _questions(self.references, self.edges, nearby, self.paths)
        return {each.id: each for each in found}

    @cached_property
    def stated(self) -> tuple[StatedSymbol | StatedEdge, ...]:
        """The symbols and edges, each once, in the order in which releases answer."""
        return tuple(dict.fromkeys(each.of for each in self.questions.values()))


class Said(Struct, frozen=True):
    """What one release says of all symbols and edges that are asked about, in order."""

    statuses: list[ReleaseStatus]
    blobs: list[str]  # the files that it has at the paths


def answer_releases(
    asked: Asked,
    releases: Sequence[Readable],
    answers: ReleaseAnswers,
    kept: KeptFiles,
    progress: Progress = no_progress,
) -> dict[str, Said]:
    """What releases say, by their trees; what becomes known is added to the answers and files.

    Raises SourceError if a release cannot be read.
    """
    by_name: dict[str, list[str]] = defaultdict(list)
    for path in asked.paths:
        by_name[path.rpartition("/")[2]].append(path)
    pairs = enumerate(each.files.blobs.items() for each in releases)
    last = {pair: number for number, there in pairs for pair in there}
    said: dict[str, Said] = {}
    try:
        with no_collector():
            for number, release in enumerate(releases):
                progress("reading releases", number, len(releases))
                code = ReleaseCode(release, kept, by_name=by_name, links=asked.links)
                found = _ask(asked.questions.values(), code, asked.paths, answers)
                blobs = release.files.blobs
                there = sorted({*blobs.values()})
                said[release.tree] = Said([found[each] for each in asked.stated], there)
                kept.put_away(pair for pair in blobs.items() if last[pair] == number)
    finally:
        kept.close()
    return said


class Listed(Struct, frozen=True, array_like=True):
    """A release, with what it has at the paths."""

    tag: str
    tree: str
    repository: int  # the number of the one that has it
    files: ReleaseFiles


class Batch(Struct, frozen=True):
    """Some releases, and all that is asked of them."""

    makers: tuple[str, str]  # of answers and of facts; who has others would answer otherwise
    store: StorePlaces
    project: str
    references: tuple[Reference, ...]
    edges: PackedEdges
    paths: tuple[str, ...]
    dispatch: dict[str, DispatchMacro]
    units: tuple[LinkUnit, ...]
    repositories: tuple[bytes, ...]  # their places
    releases: tuple[Listed, ...] = ()
    texts: dict[str, bytes | None] | None = None  # by blob; None: the repositories are read

    @property
    def asked(self) -> Asked:
        """What is asked."""
        edges = self.edges.unpacked()
        given = (self.project, self.references, edges, self.paths, self.dispatch)
        return Asked(*given, LinkTable(self.units))


def make_batch(
    asked: Asked, makers: tuple[str, str], store: Store, repositories: Iterable[str]
) -> Batch:
    """A batch without releases yet."""
    return Batch(
        makers,
        StorePlaces.of(store),
        asked.project,
        tuple(asked.references),
        PackedEdges.of(asked.edges),
        asked.paths,
        dict(asked.dispatch),
        tuple(asked.links.units),
        tuple(map(os.fsencode, repositories)),
    )


class Done(Struct, frozen=True):
    """What came of a batch.

    Where the makers are not those of the batch, or the repository is not there, nothing did.
    """

    makers: tuple[str, str]
    said: dict[str, Said] = field(default_factory=dict)  # by the release's tree
    answers: dict[str, list[Answer]] = field(default_factory=dict)  # the new ones
    facts: dict[str, bytes] = field(default_factory=dict)  # what is new of files, as it is kept
    parsed: list[tuple[str, str]] = field(default_factory=list)  # the files, by path and blob
    lacks: bool = False  # whether a repository is not there, or lacks a file


def answer_batch(given: bytes) -> bytes:
    """Answer a `Batch`, by a `Done`, both as MessagePack."""
    batch = msgspec.msgpack.decode(given, type=Batch)
    with ReadStore.at(batch.store) as store:
        return msgspec.msgpack.encode(_done(batch, store))


def _done(batch: Batch, store: ReadStore) -> Done:
    asked, kept = batch.asked, KeptFiles(store, batch.dispatch, MOST_OF_RELEASES)
    makers = (answers_maker(store, batch.dispatch, asked.links), kept.maker)
    if makers != batch.makers:
        return Done(makers)
    answers = ReleaseAnswers(store, makers[0], asked.questions)
    try:
        with _opened(batch) as releases:
            said = answer_releases(asked, releases, answers, kept)
    except SourceError:
        return Done(makers, lacks=True)
    facts = store.gathered.get((FACTS, kept.maker), {})
    return Done(makers, said, answers.new, facts, sorted(kept.parsed))


@contextmanager
def _opened(batch: Batch) -> Iterator[list[Readable]]:
    """The releases of a batch, read from its texts if it has them."""
    if (texts := batch.texts) is not None:
        yield [
            Readable(each.tree, each.files, lambda _, blob: texts[blob]) for each in batch.releases
        ]
        return
    specs = [SourceSpec("git", os.fsdecode(place)) for place in batch.repositories]
    with closing(GitHistory(specs, batch.project)) as history:
        yield [
            Readable(
                each.tree,
                each.files,
                partial(
                    history.read,
                    Release(each.tag, each.tree, history.repositories[each.repository]),
                ),
            )
            for each in batch.releases
        ]

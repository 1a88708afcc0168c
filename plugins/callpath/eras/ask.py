"""Asks one release after the other what it says of symbols and edges of notes."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from functools import partial
from importlib.metadata import version
from itertools import chain
from typing import TypeAlias

import msgspec
from msgspec import Struct, field

from callpath.c.facts import Glance, Include
from callpath.c.kept import KeptFile
from callpath.c.vocabulary import DISPATCH, KERNEL_MACROS, DispatchMacro
from callpath.cache import CACHE
from callpath.facts.eras import ReleaseStatus, best_status, status_of_symbol, status_of_verdict
from callpath.facts.lock import StatedEdge, StatedSymbol, above_of, stated_edge, stated_symbol
from callpath.model import Edge, Progress, Reference
from callpath.projects import project_named
from callpath.proof.code import Code
from callpath.proof.includes import IncludeGraph, Inclusion
from callpath.proof.linkage import Linkage
from callpath.proof.links import LinkTable, link_table
from callpath.proof.prove import prove
from callpath.settings import dispatch_table
from callpath.sources.releases import GitHistory, Release, ReleaseFiles, split_patterns
from callpath.sources.spec import parse_release_arguments
from callpath.store import Store
from callpath.verify.code import no_collector
from callpath.verify.examine import nearby_files
from callpath.verify.kept_files import KeptFiles
from callpath.workspace import Workspace

_GRAMMARS = ("tree-sitter", "tree-sitter-c")
_DECIDING = ("callpath.eras.ask", "callpath.verify.kept_files")
"""The modules that answers are made by; what they import decides too."""


def _maker(store: Store, dispatch: Mapping[str, DispatchMacro], links: LinkTable) -> str:
    """What answers depend on besides the text: parser, prover, settings."""
    settings = repr((sorted(dispatch.items()), links.units)).encode()
    grammars = (version(grammar).encode() for grammar in _GRAMMARS)
    return store.maker(_DECIDING, settings, KERNEL_MACROS, *grammars)


class ReleaseCode(Struct, dict=True):
    """The code of one release, as the prover asks for it: the files at hand, and no search."""

    searchable = False
    release: Release
    listed: ReleaseFiles
    history: GitHistory
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
        return self.listed.blobs.get(path, "")

    def is_unclear(self, path: str) -> bool:
        """Whether there is something at a path that is no regular file."""
        return path in self.listed.unclear

    def file(self, path: str) -> KeptFile | None:
        """A file, or None if the release has no regular file there."""
        blob = self.consulted[path] = self.blob(path)
        return self.kept.file(path, blob, partial(self._read, path, blob)) if blob else None

    def _read(self, path: str, blob: str) -> bytes:
        return self.history.read(self.release, path, blob) or b""

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


_Kept: TypeAlias = list[tuple[dict[str, str], ReleaseStatus]]
"""The answers to a question, each with the blobs that it came from, by path."""


class ReleaseAnswers:
    """The answers that are known from earlier runs, and from this one.

    Parameters:
        maker: What makes them.
        questions: The ids of all that will be asked.
    """

    def __init__(self, store: Store, maker: str, questions: Iterable[str]) -> None:
        self._store, self._maker = store, maker
        self._known: dict[str, _Kept] = {}
        self._changed: set[str] = set()
        decoder = msgspec.msgpack.Decoder(_Kept)
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
        self._known.setdefault(question, []).append((dict(consulted), status))
        self._changed.add(question)

    def keep(self) -> None:
        """Keep what is new, if possible."""
        new = {each: msgspec.msgpack.encode(self._known[each]) for each in sorted(self._changed)}
        self._store.put_many("answers", self._maker, new)
        self._changed.clear()


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


class ReleaseResults(Struct, frozen=True):
    """What releases say of each symbol and edge; of edges with the symbol above their caller."""

    tags: tuple[str, ...]  # the releases, in order
    statuses: Mapping[StatedSymbol | StatedEdge, Sequence[ReleaseStatus]]  # at each release
    blobs: int  # how many different files were looked at
    parsed: int  # how many of them had to be parsed


def ask_releases(
    project: str,
    references: Sequence[Reference],
    edges: Sequence[Edge],
    beyond: Iterable[str],
    workspace: Workspace | None,
    specs: Sequence[str],
    patterns: str,
    progress: Progress,
) -> ReleaseResults:
    """Ask every release of every symbol and edge.

    Parameters:
        beyond: Files that are read besides those of the references and edges.
        workspace: The site, if there is one; its cache keeps what becomes known.
        specs: Repositories, each `git:REPO`.
        patterns: Which releases, as a list with commas.

    Raises:
        UsageError: A repository or a pattern cannot be.
        SourceError: A release cannot be read.
    """
    said = workspace.site.callpath if workspace else None
    dispatch = dispatch_table(said.dispatch_macros, said.defining_macros) if said else DISPATCH
    added = [unit.value for unit in said.link_units] if said else ()
    links = link_table(project_named(project).link_units, added)
    nearby = nearby_files(edges)
    paths = sorted({*beyond, *(each.symbol.path for each in references), *chain(*nearby.values())})
    by_name: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        by_name[path.rpartition("/")[2]].append(path)
    questions = {each.id: each for each in _questions(references, edges, nearby, paths)}
    stated = tuple(dict.fromkeys(each.of for each in questions.values()))
    by_id = sorted(questions)
    with (
        Store(workspace.root / CACHE if workspace else None) as store,
        closing(GitHistory(parse_release_arguments(specs, project), project)) as history,
    ):
        maker = _maker(store, dispatch, links)
        releases = history.releases(split_patterns(patterns))
        keys = {release.tree: question_id(release.tree, paths, by_id) for release in releases}
        told = _known(store, maker, keys)
        left = list({each.tree: each for each in releases if each.tree not in told}.values())
        listed = [history.files(release, paths) for release in left]
        last = {pair: number for number, files in enumerate(listed) for pair in files.blobs.items()}
        answers = ReleaseAnswers(store, maker, by_id if left else ())
        kept = KeptFiles(store, dispatch)
        try:
            with no_collector():
                for number, (release, files) in enumerate(zip(left, listed, strict=True)):
                    progress("reading releases", number, len(left))
                    code = ReleaseCode(release, files, history, kept, by_name=by_name, links=links)
                    there = sorted({*files.blobs.values()})
                    found = _ask(questions.values(), code, paths, answers)
                    told[release.tree] = _Said([found[each] for each in stated], there)
                    kept.put_away(pair for pair in files.blobs.items() if last[pair] == number)
        finally:
            kept.close()
            answers.keep()
        new = {keys[each.tree]: msgspec.msgpack.encode(told[each.tree]) for each in left}
        store.put_many("releases", maker, new)
    ordered = [told[release.tree] for release in releases]
    rows = zip(*(each.statuses for each in ordered), strict=True)
    statuses = dict(zip(stated, rows, strict=False))
    blobs = {blob for each in ordered for blob in each.blobs}
    return ReleaseResults(
        tuple(release.tag for release in releases), statuses, len(blobs), kept.parsed
    )


class _Said(Struct, frozen=True):
    """What one release says of all symbols and edges that are asked about, in order."""

    statuses: list[ReleaseStatus]
    blobs: list[str]  # the files that it has at the paths


def _known(store: Store, maker: str, keys: Mapping[str, str]) -> dict[str, _Said]:
    """What releases said in an earlier run, by their trees; `keys` are those of the answers."""
    known = store.get_many("releases", maker, keys.values())
    said: dict[str, _Said] = {}
    for tree, key in keys.items():
        if key in known:
            with suppress(ValueError):
                said[tree] = msgspec.msgpack.decode(known[key], type=_Said)
    return said

"""Asks one release after the other what it says of symbols and edges of notes."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import closing
from functools import partial
from importlib.metadata import version
from itertools import chain

import msgspec
from msgspec import Struct, field

from callpath.c.facts import Glance, Include
from callpath.c.file import CodeFile
from callpath.c.kept import KeptFacts, KeptFile, kept_data, read_kept
from callpath.c.vocabulary import DISPATCH, KERNEL_MACROS, DispatchMacro
from callpath.cache import ANSWERS, CACHE, FACTS, Cache, maker_of
from callpath.facts.eras import ReleaseStatus, best_status, status_of_symbol, status_of_verdict
from callpath.facts.lock import StatedEdge, StatedSymbol, above_of, stated_edge, stated_symbol
from callpath.languages import language_of
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
from callpath.verify.code import no_collector
from callpath.verify.examine import nearby_files
from callpath.workspace import Workspace

_GRAMMARS = ("tree-sitter", "tree-sitter-c")
_DECIDING = ("callpath.c.kept", "callpath.facts.eras", "callpath.languages", "callpath.proof.prove")
"""The modules that facts and answers are made by; what they import decides too."""


def _maker(dispatch: Mapping[str, DispatchMacro], links: LinkTable) -> str:
    """What facts and answers depend on besides the text: parser, prover, settings."""
    settings = repr((sorted(dispatch.items()), links.units)).encode()
    grammars = (version(grammar).encode() for grammar in _GRAMMARS)
    return maker_of(_DECIDING, settings, KERNEL_MACROS, *grammars)


class BlobCache(Struct):
    """The files of all releases, by path and blob; each is read and parsed at most once."""

    history: GitHistory
    cache: Cache
    folder: str  # of the cache, for facts that this parser made
    dispatch: Mapping[str, DispatchMacro]
    parsed: int = 0  # how many were parsed
    _files: dict[tuple[str, str], KeptFile] = field(default_factory=dict)

    def file(self, release: Release, path: str, blob: str) -> KeptFile:
        """A file of a release."""
        key = (path, blob)
        if key not in self._files:
            kept = self.cache.read_packed(self._entry(blob), partial(read_kept, path=path))
            read = partial(self._read, release, path, blob)
            self._files[key] = KeptFile(
                kept or KeptFacts(), read, partial(self._parse, path), self._prefixes
            )
        return self._files[key]

    @property
    def _prefixes(self) -> Sequence[str]:
        """What the site's macros put before the names of functions."""
        macros = (macro.defining for macro in self.dispatch.values())
        return sorted({macro.prefix for macro in macros if macro and macro.prefix})

    def put_away(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Keep what is known of files that are not needed any more, by path and blob."""
        for pair in pairs:
            file = self._files.pop(pair, None)
            if file and file.is_changed:
                self.cache.keep_packed(self._entry(pair[1]), kept_data(file.kept))

    def close(self) -> None:
        """Keep what is known of all files, and remove what another parser has kept."""
        self.put_away(list(self._files))
        self.cache.drop_others(self.folder)

    def _entry(self, blob: str) -> str:
        return f"{self.folder}/{blob[:2]}/{blob[2:]}.json.gz"

    def _read(self, release: Release, path: str, blob: str) -> bytes:
        return self.history.read(release, path, blob) or b""

    def _parse(self, path: str, text: bytes) -> CodeFile:
        self.parsed += 1
        return language_of(path).read(path, text, self.dispatch)


class ReleaseCode(Struct, dict=True):
    """The code of one release, as the prover asks for it: the files at hand, and no search."""

    searchable = False
    release: Release
    listed: ReleaseFiles
    blobs: BlobCache
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
        return self.blobs.file(self.release, path, blob) if blob else None

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


_MOST = 200_000  # answers; of more, only those to this time's questions are kept


class KeptAnswers(Struct):
    """Answers by the id of their question, each with the blobs that it came from, by path."""

    maker: str
    answers: dict[str, list[tuple[dict[str, str], ReleaseStatus]]] = field(default_factory=dict)


_KEPT = msgspec.json.Decoder(KeptAnswers)


class ReleaseAnswers:
    """The answers that are known, from earlier runs, by the site's cache, and from this one."""

    def __init__(self, cache: Cache, maker: str) -> None:
        self._cache = cache
        kept = cache.read_packed(ANSWERS, _KEPT.decode)
        self._known = kept if kept and kept.maker == maker else KeptAnswers(maker)
        self._is_changed = False

    def find(self, question: str, blob: Callable[[str], str]) -> ReleaseStatus | None:
        """The answer to a question where the paths that it came from have the same blobs, or None.

        The question is given by its id; `blob` returns the blob at a path.
        """
        for consulted, status in self._known.answers.get(question, ()):
            if all(blob(path) == there for path, there in consulted.items()):
                return status
        return None

    def add(self, question: str, consulted: Mapping[str, str], status: ReleaseStatus) -> None:
        """Note an answer with the blobs that it came from."""
        self._known.answers.setdefault(question, []).append((dict(consulted), status))
        self._is_changed = True

    def keep(self, asked: Set[str]) -> None:
        """Write the answers if there are new ones; of very many only those that were asked for."""
        answers = self._known.answers
        if sum(map(len, answers.values())) > _MOST:
            self._known.answers = {each: answers[each] for each in answers if each in asked}
        if self._is_changed:
            self._cache.keep_packed(ANSWERS, msgspec.json.encode(self._known))


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
    cache = Cache(workspace.root / CACHE if workspace else None)
    said = workspace.site.callpath if workspace else None
    dispatch = dispatch_table(said.dispatch_macros, said.defining_macros) if said else DISPATCH
    added = [unit.value for unit in said.link_units] if said else ()
    links = link_table(project_named(project).link_units, added)
    maker = _maker(dispatch, links)
    nearby = nearby_files(edges)
    paths = sorted({*beyond, *(each.symbol.path for each in references), *chain(*nearby.values())})
    by_name: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        by_name[path.rpartition("/")[2]].append(path)
    questions = {each.id: each for each in _questions(references, edges, nearby, paths)}
    statuses: dict[StatedSymbol | StatedEdge, list[ReleaseStatus]] = defaultdict(list)
    with closing(GitHistory(parse_release_arguments(specs, project), project)) as history:
        releases = history.releases(split_patterns(patterns))
        listed = [history.files(release, paths) for release in releases]
        last = {pair: number for number, files in enumerate(listed) for pair in files.blobs.items()}
        answers = ReleaseAnswers(cache, maker)
        blobs = BlobCache(history, cache, f"{FACTS}/{maker}", dispatch)
        try:
            with no_collector():
                for number, (release, files) in enumerate(zip(releases, listed, strict=True)):
                    progress("reading releases", number, len(releases))
                    code = ReleaseCode(release, files, blobs, by_name=by_name, links=links)
                    for stated, status in _ask(questions.values(), code, paths, answers).items():
                        statuses[stated].append(status)
                    blobs.put_away(pair for pair in files.blobs.items() if last[pair] == number)
        finally:
            blobs.close()
            answers.keep(questions.keys())
    tags = tuple(release.tag for release in releases)
    return ReleaseResults(tags, statuses, len({blob for _, blob in last}), blobs.parsed)

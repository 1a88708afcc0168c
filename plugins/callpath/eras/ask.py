"""Asks one release after the other what it says of symbols and edges of notes."""

import gc
import hashlib
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass, field
from functools import partial
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from callpath.c.file import CodeFile
from callpath.c.kept import KeptFacts, KeptFile, kept_data, read_kept
from callpath.c.vocabulary import DispatchMacro
from callpath.cache import ANSWERS, FACTS, Cache
from callpath.facts.eras import (
    EdgeEnds,
    Standing,
    SymbolKey,
    above_of,
    better,
    edge_ends,
    standing_of_symbol,
    standing_of_verdict,
    symbol_key,
)
from callpath.languages import language_of
from callpath.model import Edge, Progress, Reference, no_progress
from callpath.proof.code import Code
from callpath.proof.prove import prove
from callpath.sources.releases import GitHistory, Release, ReleaseFiles
from callpath.verify.examine import nearby_files

_GRAMMARS = ("tree-sitter", "tree-sitter-c")
_DECIDING = ("callpath.c.kept", "callpath.facts.eras", "callpath.languages", "callpath.proof.prove")
"""The modules that facts and answers are made by; what they import decides too."""

_IMPORT = re.compile(r"^ *from (callpath\.[\w.]+) import", re.MULTILINE)


class FactStore:
    """What was learned of blobs and of statements, in the site's cache.

    What was made by another parser or prover counts as absent.

    Parameters:
        cache: The site's cache.
        dispatch: The macros that dispatch, by name: they decide what a body says.
    """

    def __init__(self, cache: Cache, dispatch: Mapping[str, DispatchMacro]) -> None:
        self._cache = cache
        self._maker = _maker(dispatch)
        self._is_ready = False

    def facts(self, path: str, blob: str) -> KeptFacts | None:
        """What is known of a blob, as the file at a path, or None."""
        return self._cache.read_packed(self._entry(blob), lambda data: read_kept(data, path))

    def keep_facts(self, blob: str, kept: KeptFacts) -> None:
        """Keep what is known of a blob."""
        if not self._is_ready:
            self._cache.drop_others(f"{FACTS}/{self._maker}")
            self._is_ready = True
        self._cache.keep_packed(self._entry(blob), kept_data(kept))

    def answers(self) -> Any:
        """The answers that were kept, or None."""

        def parse(data: bytes) -> Any:
            value = json.loads(data)
            return value["answers"] if value["maker"] == self._maker else None

        return self._cache.read_packed(ANSWERS, parse)

    def keep_answers(self, answers: object) -> None:
        """Keep answers in place of those that were kept."""
        value = {"maker": self._maker, "answers": answers}
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        self._cache.keep_packed(ANSWERS, text.encode())

    def _entry(self, blob: str) -> str:
        return f"{FACTS}/{self._maker}/{blob[:2]}/{blob[2:]}.json.gz"


def _maker(dispatch: Mapping[str, DispatchMacro]) -> str:
    """What facts and answers depend on besides the text: parser, prover, macros; 16 hex digits."""
    digest = hashlib.sha256(repr(sorted(dispatch.items())).encode())
    for grammar in _GRAMMARS:
        digest.update(version(grammar).encode())
    for name, text in sorted(_deciding_modules().items()):
        digest.update(f"{name}\0{text}".encode())
    return digest.hexdigest()[:16]


def _deciding_modules() -> dict[str, str]:
    """The text of each module that decides, and of all that these import, by name."""
    found: dict[str, str] = {}
    pending = list(_DECIDING)
    while pending:
        name = pending.pop()
        if name not in found:
            module = find_spec(name)
            origin = module.origin if module else None
            found[name] = Path(origin).read_text(encoding="utf-8") if origin else ""
            pending += _IMPORT.findall(found[name])
    return found


NOWHERE = ""
"""The blob of a path at which a release has no regular file."""


class BlobCache:
    """The files of all releases, by path and blob; each is read and parsed at most once.

    Attributes:
        parsed: How many were parsed.
    """

    def __init__(
        self, history: GitHistory, store: FactStore, dispatch: Mapping[str, DispatchMacro]
    ) -> None:
        self.parsed = 0
        self._history = history
        self._store = store
        self._dispatch = dispatch
        self._files: dict[tuple[str, str], KeptFile] = {}

    def file(self, release: Release, path: str, blob: str) -> KeptFile:
        """A file of a release."""
        key = (path, blob)
        if key not in self._files:
            kept = self._store.facts(path, blob) or KeptFacts()
            read = partial(self._read, release, path, blob)
            self._files[key] = KeptFile(kept, read, partial(self._parse, path))
        return self._files[key]

    def put_away(self, needed: Callable[[str, str], bool]) -> None:
        """Keep what is known of the files, and let go of those that are not needed any more.

        Parameters:
            needed: Whether a path and blob is.
        """
        for key in [key for key in self._files if not needed(*key)]:
            file = self._files.pop(key)
            if file.is_changed:
                self._store.keep_facts(key[1], file.kept)

    def _read(self, release: Release, path: str, blob: str) -> bytes:
        return self._history.read(release, path, blob) or b""

    def _parse(self, path: str, text: bytes) -> CodeFile:
        self.parsed += 1
        return language_of(path).read(path, text, self._dispatch)


class ReleaseCode:
    """The code of one release, as the prover asks for it: the files at hand, and no search.

    Attributes:
        consulted: The blobs that answers came from since this was last emptied, by path.
    """

    searchable = False

    def __init__(self, release: Release, files: ReleaseFiles, blobs: BlobCache) -> None:
        self.consulted: dict[str, str] = {}
        self._release = release
        self._files = files
        self._blobs = blobs
        self._open: dict[str, KeptFile] = {}

    def blob(self, path: str) -> str:
        """The blob at a path; `NOWHERE` when there is no regular file."""
        return self._files.blobs.get(path, NOWHERE)

    def is_unclear(self, path: str) -> bool:
        """Whether there is something at a path that is no regular file."""
        return path in self._files.unclear

    def file(self, path: str) -> KeptFile | None:
        """A file, or None if the release has no regular file there."""
        blob = self.consulted[path] = self.blob(path)
        if blob and path not in self._open:
            self._open[path] = self._blobs.file(self._release, path, blob)
        return self._open.get(path)

    def has(self, path: str, word: str) -> bool:
        """Whether an identifier is in a file's text; the file is not parsed for it."""
        file = self.file(path)
        return file is not None and file.has(word)

    def holding(self, word: str) -> Sequence[str]:
        del word
        return ()  # releases are not searched

    def defining(self, word: str, near: str) -> Sequence[str]:
        del word, near
        return ()  # releases are not searched


_MOST = 200_000
"""Answers that are kept of questions that nobody asked this time."""

_Answer = tuple[Mapping[str, str], Standing]


class ReleaseAnswers:
    """The answers that are known, from earlier runs and this one."""

    def __init__(self, store: FactStore) -> None:
        self._store = store
        self._known: dict[str, list[_Answer]] = {}
        self._asked: set[str] = set()
        self._is_changed = False
        self._load(store.answers())

    def find(self, question: str, blob: Callable[[str], str]) -> Standing | None:
        """The answer to a question where the paths that it came from have the same blobs, or None.

        Parameters:
            question: Its id; see `question_id`.
            blob: Returns the blob at a path.
        """
        self._asked.add(question)
        for consulted, standing in self._known.get(question, ()):
            if all(blob(path) == there for path, there in consulted.items()):
                return standing
        return None

    def add(self, question: str, consulted: Mapping[str, str], standing: Standing) -> None:
        """Note an answer with the blobs that it came from."""
        self._known.setdefault(question, []).append((dict(consulted), standing))
        self._is_changed = True

    def keep(self) -> None:
        """Write the answers, when there are new ones."""
        if not self._is_changed:
            return
        is_small = sum(map(len, self._known.values())) <= _MOST
        kept = {
            question: [[consulted, standing] for consulted, standing in answers]
            for question, answers in self._known.items()
            if is_small or question in self._asked
        }
        self._store.keep_answers(kept)

    def _load(self, data: Any) -> None:
        try:
            for question, answers in (data or {}).items():
                self._known[question] = [
                    ({str(path): str(blob) for path, blob in consulted.items()}, Standing(standing))
                    for consulted, standing in answers
                ]
        except (AttributeError, TypeError, ValueError):
            self._known.clear()


def question_id(*parts: object) -> str:
    """The id of a question: 20 hex digits of everything that its answer depends on."""
    text = json.dumps(parts, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:20]


@dataclass(frozen=True, slots=True)
class ReleaseResults:
    """What each release says of each symbol and edge, in the order of releases.

    Attributes:
        edges: By its ends, with the symbol above its caller.
        blobs: How many different files were looked at.
        parsed: How many of them had to be parsed.
    """

    symbols: dict[SymbolKey, list[Standing]] = field(default_factory=dict)
    edges: dict[EdgeEnds, list[Standing]] = field(default_factory=dict)
    blobs: int = 0
    parsed: int = 0


@dataclass(frozen=True, slots=True)
class _Question:
    """An edge, with what its answer depends on besides the files."""

    edge: Edge
    ends: EdgeEnds
    nearby: tuple[str, ...]
    id: str


class _Asking:
    """What is asked of every release; `beyond` are files at hand besides those of references."""

    def __init__(
        self, references: Iterable[Reference], edges: Sequence[Edge], beyond: Collection[str]
    ) -> None:
        self.symbols = {symbol_key(each.symbol, each.occurrence): each for each in references}
        ends = {
            step.symbol.path
            for edge in edges
            for step in (*edge.ancestors, edge.caller, edge.callee)
        }
        self.paths = tuple(sorted({*beyond, *ends, *(key[0] for key in self.symbols)}))
        nearby = nearby_files(edges)
        self.nearby = frozenset(nearby.values())
        found: dict[str, _Question] = {}
        for edge in edges:
            question = self._question(edge, nearby[edge.note])
            found.setdefault(question.id, question)
        self.questions = tuple(found.values())

    def _question(self, edge: Edge, nearby: tuple[str, ...]) -> _Question:
        ends = edge_ends(edge, above_of(edge))
        above = [symbol_key(step.symbol, step.occurrence) for step in edge.ancestors]
        given = question_id(astuple(ends), edge.callee.asserted, above, nearby, self.paths)
        return _Question(edge, ends, nearby, given)


def find_standings(
    references: Iterable[Reference],
    edges: Sequence[Edge],
    beyond: Collection[str],
    history: GitHistory,
    releases: Sequence[Release],
    store: FactStore,
    dispatch: Mapping[str, DispatchMacro],
    progress: Progress = no_progress,
) -> ReleaseResults:
    """Ask every release of every symbol and edge.

    Parameters:
        beyond: Files that are read besides those of the references.
        releases: The releases, in order.
        store: What is known from earlier; what becomes known is kept there.

    Raises:
        SourceError: A release cannot be read.
    """
    asking = _Asking(references, edges, beyond)
    listed = [history.files(release, asking.paths) for release in releases]
    last = {pair: number for number, files in enumerate(listed) for pair in files.blobs.items()}
    blobs = BlobCache(history, store, dispatch)
    answers = ReleaseAnswers(store)
    found = ReleaseResults()
    try:
        with _no_collector():
            for number, (release, files) in enumerate(zip(releases, listed, strict=True)):
                progress("reading releases", number, len(releases))
                _ask(asking, ReleaseCode(release, files, blobs), answers, found)
                blobs.put_away(lambda *pair, now=number: last[pair] > now)
    finally:
        blobs.put_away(lambda *_: False)
        answers.keep()
    return ReleaseResults(found.symbols, found.edges, _different(listed), blobs.parsed)


@contextmanager
def _no_collector() -> Iterator[None]:
    """Keep Python from looking for cycles: facts have none, and there are very many of them."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _different(listed: Iterable[ReleaseFiles]) -> int:
    return len({blob for files in listed for blob in files.blobs.values()})


def _ask(
    asking: _Asking, code: ReleaseCode, answers: ReleaseAnswers, found: ReleaseResults
) -> None:
    """Ask one release of everything."""
    for key, reference in asking.symbols.items():
        found.symbols.setdefault(key, []).append(_symbol(key, reference, code, answers))
    edges: dict[EdgeEnds, Standing] = {}
    by_note = {nearby: Code(code, nearby, asking.paths, brief=True) for nearby in asking.nearby}
    for question in asking.questions:
        standing = _edge(question, by_note[question.nearby], code, answers)
        edges[question.ends] = better(standing, edges.get(question.ends, Standing.ABSENT))
    for ends, standing in edges.items():
        found.edges.setdefault(ends, []).append(standing)


def _symbol(
    key: SymbolKey, reference: Reference, code: ReleaseCode, answers: ReleaseAnswers
) -> Standing:
    path = reference.symbol.path
    if code.is_unclear(path):
        return Standing.UNKNOWN
    question = question_id(key)
    known = answers.find(question, code.blob)
    if known is None:
        code.consulted.clear()
        file = code.file(path)
        named = file.named(reference.symbol.name) if file is not None else ()
        known = standing_of_symbol(named, reference.symbol.kind, reference.occurrence)
        answers.add(question, code.consulted, known)
    return known


def _edge(question: _Question, whole: Code, code: ReleaseCode, answers: ReleaseAnswers) -> Standing:
    edge = question.edge
    if any(code.is_unclear(step.symbol.path) for step in (edge.caller, edge.callee)):
        return Standing.UNKNOWN
    known = answers.find(question.id, code.blob)
    if known is None:
        code.consulted.clear()
        verdict = prove(edge, whole)
        known = standing_of_verdict(verdict, edge)
        answers.add(question.id, code.consulted, known)
    return known

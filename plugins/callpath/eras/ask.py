"""Asks one release after the other what it says of symbols and edges of notes."""

import contextlib
import gc
import gzip
import hashlib
import json
import os
import shutil
import tempfile
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import astuple, dataclass, field
from functools import partial
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from callpath.c.file import CodeFile, read_code
from callpath.c.kept import KeptFacts, KeptFile, kept_data, read_kept
from callpath.c.vocabulary import DispatchMacro
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
from callpath.model import Edge, Progress, Reference, no_progress
from callpath.proof.code import Code
from callpath.proof.prove import prove
from callpath.sources.releases import GitHistory, Release, ReleaseFiles
from callpath.verify.examine import nearby_files

_FACTS, _ANSWERS = "facts", "answers.json.gz"
_FAST = 1  # zlib's level: the data is small, and time is what it is kept for
_DAMAGE = (OSError, EOFError, zlib.error, ValueError, TypeError, KeyError, IndexError)
_NEEDED = ("c", "proof", "facts", "model.py")
"""The packages and modules that decide about facts and answers."""

_GRAMMARS = ("tree-sitter", "tree-sitter-c")


class FactStore:
    """A folder of facts and answers.

    Parameters:
        cache: The cache's folder; nothing keeps nothing. It is made when it is needed.
        dispatch: The macros that dispatch, by name: they are part of what a body tells.
    """

    def __init__(self, cache: Path | None, dispatch: Mapping[str, DispatchMacro]) -> None:
        self._cache = cache
        self._maker = _maker(dispatch) if cache is not None else ""
        self._is_ready = False

    def facts(self, path: str, blob: str) -> KeptFacts | None:
        """What is known of a blob, as the file at a path; nothing when nothing is."""
        if self._cache is None:
            return None
        try:
            return read_kept(_read(self._facts_file(self._cache, blob)), path)
        except _DAMAGE:
            return None

    def keep_facts(self, blob: str, kept: KeptFacts) -> None:
        """Keep what is known of a blob."""
        if self._cache is not None:
            self._write(self._facts_file(self._cache, blob), kept_data(kept))

    def answers(self) -> Any:
        """The answers that were kept; nothing when there are none."""
        if self._cache is None:
            return None
        try:
            data = json.loads(_read(self._cache / _ANSWERS))
            return data["answers"] if data["maker"] == self._maker else None
        except _DAMAGE:
            return None

    def keep_answers(self, answers: object) -> None:
        """Keep answers in place of those that were kept."""
        if self._cache is not None:
            data = {"maker": self._maker, "answers": answers}
            text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
            self._write(self._cache / _ANSWERS, text.encode())

    def _facts_file(self, cache: Path, blob: str) -> Path:
        return cache / _FACTS / self._maker / blob[:2] / f"{blob[2:]}.json.gz"

    def _write(self, file: Path, data: bytes) -> None:
        packed = gzip.compress(data, _FAST, mtime=0)
        with contextlib.suppress(OSError):
            if not self._is_ready:
                self._prepare()
            self._is_ready = True
            _write_whole(file, packed)

    def _prepare(self) -> None:
        """Make the folder, keep it out of version control, drop the facts of other parsers."""
        if self._cache is None or (self._cache / _FACTS / self._maker).is_dir():
            return
        (self._cache / _FACTS / self._maker).mkdir(parents=True, exist_ok=True)
        for other in (self._cache / _FACTS).iterdir():
            if other.name != self._maker:
                shutil.rmtree(other, ignore_errors=True)
        ignore = self._cache / ".gitignore"
        if not ignore.exists():
            ignore.write_text("# Made by `callpath`; it can be deleted at any time.\n*\n")


def _read(file: Path) -> bytes:
    return gzip.decompress(file.read_bytes())


def _write_whole(file: Path, data: bytes) -> None:
    """Write a file so that nobody ever reads a part of it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as draft:
            draft.write(data)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _maker(dispatch: Mapping[str, DispatchMacro]) -> str:
    """What facts and answers depend on besides the text: parser, prover, macros; 16 hex digits."""
    digest = hashlib.sha256(repr(sorted(dispatch.items())).encode())
    for grammar in _GRAMMARS:
        digest.update(version(grammar).encode())
    package = files("callpath")
    for name in _NEEDED:
        _add(digest, package / name)
    return digest.hexdigest()[:16]


def _add(digest: "hashlib._Hash", part: Traversable) -> None:
    if part.is_file():
        if part.name.endswith(".py"):
            digest.update(part.name.encode() + b"\0" + part.read_bytes())
        return
    for inner in sorted(part.iterdir(), key=lambda each: each.name):
        if inner.name.endswith(".py"):
            _add(digest, inner)


NOWHERE = ""
"""The blob of a path at which a release has no regular file."""


class BlobCache:
    """The files of all releases, by path and blob; each is read and parsed at most once.

    Parameters:
        history: Where their text is.
        store: What is known of them from earlier.
        dispatch: The macros that dispatch, by name.

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
        return read_code(path, text, self._dispatch)


class ReleaseCode:
    """The code of one release, as the prover asks for it: the files at hand, and no search.

    Parameters:
        release: The release.
        files: What it has at the paths at hand.
        shelf: All files.

    Attributes:
        consulted: The blobs that answers came from since this was last emptied, by path.
    """

    searchable = False

    def __init__(self, release: Release, files: ReleaseFiles, shelf: BlobCache) -> None:
        self.consulted: dict[str, str] = {}
        self._release = release
        self._files = files
        self._shelf = shelf
        self._open: dict[str, KeptFile] = {}

    def blob(self, path: str) -> str:
        """The blob at a path; `NOWHERE` when there is no regular file."""
        return self._files.blobs.get(path, NOWHERE)

    def is_unclear(self, path: str) -> bool:
        """Whether there is something at a path that is no regular file."""
        return path in self._files.unclear

    def file(self, path: str) -> KeptFile | None:
        """A file; nothing when the release has none there."""
        blob = self.consulted[path] = self.blob(path)
        if blob and path not in self._open:
            self._open[path] = self._shelf.file(self._release, path, blob)
        return self._open.get(path)

    def has(self, path: str, word: str) -> bool:
        """Whether a file's text has an identifier in it, told without parsing the file."""
        file = self.file(path)
        return file is not None and file.has(word)

    def holding(self, word: str) -> Sequence[str]:
        """Nothing: releases are not searched."""
        del word
        return ()

    def defining(self, word: str, near: str) -> Sequence[str]:
        """Nothing: releases are not searched."""
        del word, near
        return ()


_MOST = 200_000
"""Answers that are kept of questions that nobody asked this time."""

_Answer = tuple[Mapping[str, str], Standing]


class ReleaseAnswers:
    """The answers that are known.

    Parameters:
        store: Where they are kept.
    """

    def __init__(self, store: FactStore) -> None:
        self._store = store
        self._known: dict[str, list[_Answer]] = {}
        self._asked: set[str] = set()
        self._is_changed = False
        self._load(store.answers())

    def find(self, question: str, blob: Callable[[str], str]) -> Standing | None:
        """The answer to a question where the paths that it came from have the same blobs.

        Parameters:
            question: Its id; see `question_id`.
            blob: The blob at a path.
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
    """What releases say.

    Attributes:
        symbols: The standing of each symbol at each release.
        edges: The standing of each edge, with the symbol above its caller, at each release.
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
    """What is asked of every release.

    Parameters:
        references: The references.
        edges: The edges.
        beyond: Files at hand besides those of the references.
    """

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
        references: The references.
        edges: The edges.
        beyond: Files that are looked through besides those of the references.
        history: Where the releases are.
        releases: The releases, in order.
        store: What is known from earlier; what becomes known is kept there.
        dispatch: The macros that dispatch, by name.
        progress: Told of each release.

    Raises:
        SourceError: A release cannot be read.
    """
    asking = _Asking(references, edges, beyond)
    listed = [history.files(release, asking.paths) for release in releases]
    last = {pair: number for number, files in enumerate(listed) for pair in files.blobs.items()}
    shelf = BlobCache(history, store, dispatch)
    answers = ReleaseAnswers(store)
    found = ReleaseResults()
    try:
        with _no_collector():
            for number, (release, files) in enumerate(zip(releases, listed, strict=True)):
                progress("reading releases", number, len(releases))
                _ask(asking, ReleaseCode(release, files, shelf), answers, found)
                shelf.put_away(lambda *pair, now=number: last[pair] > now)
    finally:
        shelf.put_away(lambda *_: False)
        answers.keep()
    return ReleaseResults(found.symbols, found.edges, _different(listed), shelf.parsed)


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

"""What was learned of blobs and of statements, on disk: facts and answers in the cache.

Everything here can be deleted at any time. What is damaged, or was made by another parser or
prover, counts as not there; what cannot be written is not kept.
"""

import contextlib
import gzip
import hashlib
import json
import os
import shutil
import tempfile
import zlib
from collections.abc import Mapping
from importlib.metadata import version
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from callpath.core.c_parser import DispatchMacro
from callpath.core.c_parser.kept_facts import KeptFacts, kept_data, read_kept

_FACTS, _ANSWERS = "facts", "answers.json.gz"
_FAST = 1  # zlib's level: the data is small, and time is what it is kept for
_DAMAGE = (OSError, EOFError, zlib.error, ValueError, TypeError, KeyError, IndexError)
_NEEDED = ("c_parser", "prover", "model.py", "proof.py", "eras.py")
"""What of the core decides about facts and answers."""

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
            data = _read(self._cache / _ANSWERS)
            return data["answers"] if data["maker"] == self._maker else None
        except _DAMAGE:
            return None

    def keep_answers(self, answers: object) -> None:
        """Keep answers in place of those that were kept."""
        if self._cache is not None:
            data = {"maker": self._maker, "answers": answers}
            self._write(self._cache / _ANSWERS, data)

    def _facts_file(self, cache: Path, blob: str) -> Path:
        return cache / _FACTS / self._maker / blob[:2] / f"{blob[2:]}.json.gz"

    def _write(self, file: Path, data: object) -> None:
        text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        packed = gzip.compress(text.encode(), _FAST, mtime=0)
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


def _read(file: Path) -> Any:
    return json.loads(gzip.decompress(file.read_bytes()))


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
    core = files("callpath.core")
    for name in _NEEDED:
        _add(digest, core / name)
    return digest.hexdigest()[:16]


def _add(digest: "hashlib._Hash", part: Traversable) -> None:
    if part.is_file():
        if part.name.endswith(".py"):
            digest.update(part.name.encode() + b"\0" + part.read_bytes())
        return
    for inner in sorted(part.iterdir(), key=lambda each: each.name):
        if inner.name.endswith(".py"):
            _add(digest, inner)

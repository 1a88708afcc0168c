"""Answers of a site on disk: what was served, and when. Only texts are kept, never a failure."""

import contextlib
import hashlib
import json
import os
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from callpath.sources.content import blob_id

_DAY = 24 * 60 * 60.0


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked: one file of one version at one site."""

    base: str
    project: str
    version: str
    path: str


class AnswerCache:
    """A folder with one file for each answer: a line of JSON, then the bytes that were served.

    Parameters:
        folder: The folder; nothing keeps no answers. It is made when it is needed.
        days: How long an answer is good; 0 keeps none.
    """

    def __init__(self, folder: Path | None, days: float) -> None:
        self._folder = folder if days > 0 else None
        self._seconds = days * _DAY

    def get(self, question: Question) -> bytes | None:
        """What was served; nothing when it is not known, too old or damaged."""
        if self._folder is None:
            return None
        try:
            head, _, data = (self._folder / _name(question)).read_bytes().partition(b"\n")
            facts = json.loads(head)
            age = time.time() - float(facts["time"])
            is_good = facts["question"] == _words(question) and facts["blob"] == blob_id(data)
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            return None
        return data if is_good and 0 <= age < self._seconds else None

    def put(self, question: Question, data: bytes) -> None:
        """Keep what was served; a folder that cannot be written to keeps nothing."""
        if self._folder is None:
            return
        facts = {"question": _words(question), "blob": blob_id(data), "time": time.time()}
        with contextlib.suppress(OSError):
            _write(self._folder / _name(question), json.dumps(facts).encode() + b"\n" + data)


def _words(question: Question) -> list[str]:
    return [question.base, question.project, question.version, question.path]


def _name(question: Question) -> str:
    return hashlib.sha256("\0".join(_words(question)).encode()).hexdigest()


def _write(file: Path, data: bytes) -> None:
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

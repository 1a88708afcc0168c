"""Answers on statements, each kept with the blobs that it came from.

The prover is a function of the files that it looks at. So an answer holds again wherever the same
paths have the same blobs, in a later release and in a later run, and nothing needs to be read.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from callpath.core.eras import Standing
from callpath.project.fact_store import FactStore

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

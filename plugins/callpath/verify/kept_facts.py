"""Facts of trees that earlier runs asked for.

What is kept of a tree is found by the id of the tree and by the program's own code that made it. A
question counts as known when it was asked, also if the tree had no answer.
"""

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from typing import Any, TypeAlias

import msgspec
from msgspec import Struct, field

from callpath.c.vocabulary import KERNEL_MACROS, DispatchMacro
from callpath.facts.mentions import (
    LineFact,
    PathFact,
    PathNature,
    PlaceFact,
    Questions,
    WordFact,
)
from callpath.installed import version_of
from callpath.model import Pin
from callpath.store import Store

TreeFact: TypeAlias = PathFact | LineFact | PlaceFact | WordFact

_DECIDING = ("callpath.verify.answers", "callpath.verify.words")
_LIBRARIES = ("tree-sitter", "tree-sitter-c", "rapidfuzz")
_MOST = 200_000  # questions; of more, only those of this run are kept


def facts_maker(store: Store, dispatch: Mapping[str, DispatchMacro]) -> str:
    """What facts depend on besides the tree: the program's code, and what a site says of macros."""
    libraries = (version_of(name).encode() for name in _LIBRARIES)
    settings = repr(sorted(dispatch.items())).encode()
    return store.maker(_DECIDING, settings, KERNEL_MACROS, *libraries)


class _Kept(Struct):
    """What is known of a tree. Each question has its facts; `whole` are paths, too."""

    paths: dict[str, list[PathFact]] = field(default_factory=dict)
    whole: dict[str, list[PathFact]] = field(default_factory=dict)
    lines: list[tuple[str, int, list[LineFact]]] = field(default_factory=list)
    places: list[tuple[str, str, list[PlaceFact]]] = field(default_factory=list)
    words: dict[str, list[WordFact]] = field(default_factory=dict)


_FORMAT = msgspec.msgpack.Decoder(_Kept)


class KeptTree:
    """What is known of one tree, from earlier runs and from this one.

    Parameters:
        tree: The id of the tree; if it is empty, nothing is kept or known.
        pin: The version that the facts are of.
        maker: What made the facts: `facts_maker`.
    """

    def __init__(self, store: Store, tree: str, pin: Pin, maker: str) -> None:
        self.tree = tree
        self._store = store if tree else Store()
        self._name = ("mentioned", maker, f"{tree} {pin.project} {pin.version}")
        data = self._store.get(*self._name)
        known = _Kept()
        if data is not None:
            with suppress(ValueError):
                known = _FORMAT.decode(data)
        self._paths, self._whole, self._words = known.paths, known.whole, known.words
        self._lines = {(path, line): facts for path, line, facts in known.lines}
        self._places = {(path, name): facts for path, name, facts in known.places}
        self._is_changed = False

    def left(self, questions: Questions) -> Questions:
        """The questions that were never asked of this tree."""
        wholes = frozenset(questions.whole)
        paths = tuple(path for path in questions.paths if path not in self._of(path, wholes))
        lines = tuple(asked for asked in questions.lines if asked not in self._lines)
        places = tuple(asked for asked in questions.places if asked not in self._places)
        words = tuple(word for word in questions.words if word not in self._words)
        asked = {*paths, *(path for path, _ in (*lines, *places))}
        whole = tuple(path for path in questions.whole if path in asked)
        return Questions(paths, lines, places, words, whole)

    def add(self, questions: Questions, answers: Iterable[TreeFact]) -> None:
        """Note the facts that a source gave for questions: all that it has for them."""
        found = list(answers)
        paths = {fact.path: fact for fact in found if isinstance(fact, PathFact)}
        lines = {fact.key[2:]: fact for fact in found if isinstance(fact, LineFact)}
        places = {fact.key[2:]: fact for fact in found if isinstance(fact, PlaceFact)}
        words = {fact.word: fact for fact in found if isinstance(fact, WordFact)}
        wholes = frozenset(questions.whole)
        for path in _all_paths(questions):
            facts = [paths[path]] if path in paths else []
            if _is_text(path, *(found for fact in facts for found in fact.found)):
                self._of(path, wholes)[path] = facts
        for path, line in questions.lines:
            meant = [(each, line) for each in _meant(paths.get(path), path)]
            if _is_text(path):
                self._lines[path, line] = [lines[key] for key in meant if key in lines]
        for path, name in questions.places:
            named = [(each, name) for each in _meant(paths.get(path), path)]
            if _is_text(path, name):
                self._places[path, name] = [places[key] for key in named if key in places]
        for word in questions.words:
            if _is_text(word):
                self._words[word] = [words[word]] if word in words else []
        self._is_changed = True

    def _of(self, path: str, whole: Collection[str]) -> dict[str, list[PathFact]]:
        """Where a path is noted: what is at a whole one may differ from what it may end."""
        return self._whole if path in whole else self._paths

    def facts(self, questions: Questions) -> tuple[TreeFact, ...]:
        """The facts for questions that were asked: paths, lines, places, words, each sorted."""
        wholes = frozenset(questions.whole)
        paths = {
            fact for path in _all_paths(questions) for fact in self._of(path, wholes).get(path, ())
        }
        lines = {fact for asked in questions.lines for fact in self._lines.get(asked, ())}
        places = {fact for asked in questions.places for fact in self._places.get(asked, ())}
        words = {fact for word in questions.words for fact in self._words.get(word, ())}
        return (*sorted(paths), *sorted(lines), *sorted(places), *sorted(words))

    def keep(self, asked: Questions) -> None:
        """Write what is new, if possible; of very much only what was asked for in this run."""
        if not self._is_changed:
            return
        if self._size() > _MOST:
            known = self.facts(asked)
            for facts in self._all():
                facts.clear()
            self.add(asked, known)
        kept = _Kept(
            self._paths,
            self._whole,
            [(path, line, facts) for (path, line), facts in self._lines.items()],
            [(path, name, facts) for (path, name), facts in self._places.items()],
            self._words,
        )
        self._store.put(*self._name, msgspec.msgpack.encode(kept))
        self._store.flush()
        self._is_changed = False

    def _size(self) -> int:
        return sum(map(len, self._all()))

    def _all(self) -> tuple[dict[Any, Any], ...]:
        return (self._paths, self._whole, self._lines, self._places, self._words)


def _all_paths(questions: Questions) -> frozenset[str]:
    """The paths that anything is asked about."""
    others = (path for path, _ in (*questions.lines, *questions.places))
    return frozenset((*questions.paths, *others))


def _is_text(*texts: str) -> bool:
    """Whether they are such; what it cannot is asked for again each time."""
    try:
        "".join(texts).encode()
    except UnicodeEncodeError:
        return False
    return True


def _meant(fact: PathFact | None, path: str) -> tuple[str, ...]:
    """The whole paths that a path stands for."""
    if fact is None or fact.nature not in {PathNature.ENDING, PathNature.SEVERAL}:
        return (path.rstrip("/"),)
    return fact.found

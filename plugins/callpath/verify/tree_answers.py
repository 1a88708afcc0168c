"""What a tree said in earlier runs, so that nobody reads it again for the same question.

A tree that has an id never changes. So an answer follows from that id, the question, the program's
own code, and what a site says of macros and link units. A question is all of what is asked
together, since what one reference or edge makes the program search for, others find too.
"""

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from typing import TypeVar

import msgspec

from callpath.c.vocabulary import KERNEL_MACROS, DispatchMacro
from callpath.installed import version_of
from callpath.model import Edge, Reference, Step
from callpath.projects import LinkUnit
from callpath.sources.base import Source
from callpath.store import Store

T = TypeVar("T")

_DECIDING = (
    *("callpath.drift.tracking", "callpath.sources.git", "callpath.verify.examine"),
    "callpath.verify.tree_answers",
)
"""The modules that answers are made by; what they import decides too."""
_LIBRARIES = ("rapidfuzz", "tree-sitter", "tree-sitter-c")


def answers_of(
    source: Source, dispatch: Mapping[str, DispatchMacro], units: Sequence[LinkUnit]
) -> "TreeAnswers":
    """The answers of a source's tree, by the program's code and what a site says."""
    return TreeAnswers([source], answers_maker(source.store, dispatch, units))


def answers_maker(
    store: Store, dispatch: Mapping[str, DispatchMacro], units: Sequence[LinkUnit]
) -> str:
    """What answers depend on besides the tree: the program's code, and what a site says."""
    settings = repr((sorted(dispatch.items()), list(units))).encode()
    libraries = (version_of(name).encode() for name in _LIBRARIES)
    return store.maker(_DECIDING, settings, KERNEL_MACROS, *libraries)


class TreeAnswers:
    """The answers of one tree, or of two that are compared.

    Parameters:
        sources: Whose trees they are. Of one without an id, or in which one file is not read
            without others, nothing is kept or known.
        maker: What makes the answers.
    """

    def __init__(self, sources: Sequence[Source], maker: str) -> None:
        self._sources = sources
        self._maker = maker
        self._store = sources[0].store

    def beside(self, other: "TreeAnswers") -> "TreeAnswers":
        """The answers of this tree and another one, in this order."""
        return TreeAnswers([*self._sources, *other._sources], self._maker)

    @cached_property
    def _trees(self) -> tuple[str, ...]:
        """What the answers are of; empty if that has no id."""
        return self._trees_now()

    def _trees_now(self) -> tuple[str, ...]:
        found: list[str] = []
        for source in self._sources:
            tree = source.tree() if source.reads_at_once else ""
            if not tree:
                return ()
            found += (source.pin.project, source.pin.version, tree)
        return tuple(found)

    def knows(self, kind: str, question: object) -> bool:
        """Whether there is an answer to a question, which may be damaged."""
        found = self._store.get(kind, self._maker, self._key(question)) if self._trees else None
        return found is not None

    def find(self, kind: str, question: object, answer: type[T]) -> T | None:
        """The answer to a question, or None if it is not known."""
        data = self._store.get(kind, self._maker, self._key(question)) if self._trees else None
        if data is None:
            return None
        with suppress(ValueError):
            return msgspec.msgpack.decode(data, type=answer)
        return None

    def keep(self, kind: str, question: object, answer: object) -> None:
        """Keep an answer if possible, and if the tree is still what it was."""
        if self._trees and self._trees == self._trees_now():
            with suppress(UnicodeEncodeError):  # of a path or name that is no text
                data = msgspec.msgpack.encode(answer)
                self._store.put(kind, self._maker, self._key(question), data)
                self._store.flush()

    def _key(self, question: object) -> str:
        return question_id(self._trees, question)


def question_id(*parts: object) -> str:
    """The id of a question: 32 hex digits of everything that its answer depends on."""
    return hashlib.sha256(repr(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def asked_references(references: Sequence[Reference]) -> tuple[object, ...]:
    """What references ask, without where they stand in the notes."""
    return tuple((*_symbol(one), one.link) for one in references)


def asked_edges(edges: Sequence[Edge]) -> tuple[object, ...]:
    """What edges ask, without where they stand in the notes."""
    return tuple(
        (edge.note, *(_step(step) for step in (edge.caller, edge.callee, *edge.ancestors)))
        for edge in edges
    )


def _symbol(one: Reference | Step) -> tuple[object, ...]:
    return (one.symbol.path, one.symbol.name, str(one.symbol.kind), one.occurrence)


def _step(step: Step) -> tuple[object, ...]:
    return (*_symbol(step), step.via, step.when, step.by, step.asserted)

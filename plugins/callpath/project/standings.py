"""Asks one release after the other what it says of symbols and edges of notes."""

import gc
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from callpath.core.c_parser import DispatchMacro
from callpath.core.eras import (
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
from callpath.core.model import Reference
from callpath.core.prover import Code, Edge, prove
from callpath.project.fact_store import FactStore
from callpath.project.proving import nearby_files
from callpath.project.release_answers import ReleaseAnswers, question_id
from callpath.project.release_code import BlobShelf, ReleaseCode
from callpath.project.source_code import Progress, no_progress
from callpath.sources import GitHistory, Release, ReleaseFiles


@dataclass(frozen=True, slots=True)
class Standings:
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
        given = question_id(ends.order, edge.callee.asserted, above, nearby, self.paths)
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
) -> Standings:
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
    shelf = BlobShelf(history, store, dispatch)
    answers = ReleaseAnswers(store)
    found = Standings()
    try:
        with _no_collector():
            for number, (release, files) in enumerate(zip(releases, listed, strict=True)):
                progress("reading releases", number, len(releases))
                _ask(asking, ReleaseCode(release, files, shelf), answers, found)
                shelf.put_away(lambda *pair, now=number: last[pair] > now)
    finally:
        shelf.put_away(lambda *_: False)
        answers.keep()
    return Standings(found.symbols, found.edges, _different(listed), shelf.parsed)


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


def _ask(asking: _Asking, code: ReleaseCode, answers: ReleaseAnswers, found: Standings) -> None:
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

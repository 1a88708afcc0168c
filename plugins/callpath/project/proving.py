"""Proves the edges of one pin in a source; what is found becomes facts of the lockfile."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from callpath.core import rules
from callpath.core.diagnostics import Diagnostic
from callpath.core.locked_edges import LockedEdge, lock_edge
from callpath.core.model import SymbolKind
from callpath.core.proof import NOT_FOUND, EdgeStatus, Verdict
from callpath.core.prover import Code, Edge, out_of_order, prove
from callpath.project.source_code import Progress, SourceCode, no_progress

_ROUNDS = 4  # a search may show that another word has to be searched for

_ONE_HALF = "only one half of {} is found"
_VERBS = {
    SymbolKind.FUNCTION: "call",
    SymbolKind.MACRO: "use",
    SymbolKind.VARIABLE: "use",
}


@dataclass(frozen=True, slots=True)
class Proved:
    """What became of edges.

    Attributes:
        edges: The facts of those that are not unproved, in reading order.
        diagnostics: The findings on the others, and on the order of siblings.
    """

    edges: tuple[LockedEdge, ...]
    diagnostics: tuple[Diagnostic, ...]


def prove_edges(
    edges: Sequence[Edge], code: SourceCode, progress: Progress = no_progress
) -> Proved:
    """Prove edges of one pin.

    Parameters:
        edges: The edges.
        code: The source's code.
        progress: Told of each edge.

    Raises:
        SourceError: The source broke.
    """
    verdicts = verdicts_of(edges, code, progress)
    facts: list[LockedEdge] = []
    diagnostics: list[Diagnostic] = []
    for edge, verdict in verdicts:
        if verdict.status is not EdgeStatus.UNPROVED:
            facts.append(lock_edge(edge, verdict))
        diagnostics += _findings(edge, verdict)
    diagnostics += _order(verdicts, code)
    return Proved(tuple(facts), tuple(diagnostics))


def verdicts_of(
    edges: Sequence[Edge], code: SourceCode, progress: Progress = no_progress
) -> Sequence[tuple[Edge, Verdict]]:
    """The verdict on each edge of one pin, in their order.

    What needs a search is asked again after one for all of them.

    Raises:
        SourceError: The source broke.
    """
    nearby, beyond = nearby_files(edges), code.texts()
    by_note = {note: Code(code, paths, beyond) for note, paths in nearby.items()}
    verdicts = [NOT_FOUND] * len(edges)
    pending = list(range(len(edges)))
    for round_number in range(_ROUNDS):
        waiting: list[int] = []
        wanted: set[str] = set()
        for count, number in enumerate(pending):
            progress("proving", count, len(pending))
            code.wanted.clear()
            verdicts[number] = prove(edges[number], by_note[edges[number].note])
            if code.wanted and verdicts[number].status is not EdgeStatus.PROVED:
                waiting.append(number)
                wanted |= code.wanted
        if not waiting or round_number == _ROUNDS - 1:
            break
        code.wanted |= wanted
        code.search(edges[waiting[0]].callee.symbol.path)
        pending = waiting
    return list(zip(edges, verdicts, strict=True))


def nearby_files(edges: Sequence[Edge]) -> dict[str, tuple[str, ...]]:
    """For each note the files of its steps, in reading order."""
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for edge in edges:
        for step in (*edge.ancestors, edge.caller, edge.callee):
            found[edge.note].setdefault(step.symbol.path)
    return {note: tuple(paths) for note, paths in found.items()}


def _findings(edge: Edge, verdict: Verdict) -> Iterator[Diagnostic]:
    if verdict is NOT_FOUND:
        return  # a reference that is not resolved is a finding of its own
    step = edge.callee
    if verdict.status is EdgeStatus.PROVED and step.asserted:
        site = verdict.sites[0]
        yield rules.NEEDLESS_ASSERTION.at(
            edge.place,
            f"`{edge.caller.symbol.name}` → `{step.symbol.name}` is asserted, but it is proved "
            f"at {site.path}:{site.line}",
            "remove `asserted`",
        )
    if verdict.wrong_via:
        yield rules.WRONG_VIA.at(
            edge.place, f"`{step.symbol.name}` is not reached via `{step.via}`", verdict.reason
        )
    elif verdict.status is EdgeStatus.HALF:
        what = "the two halves of {} do not fit" if verdict.type_mismatch else _ONE_HALF
        ends = f"`{edge.caller.symbol.name}` → `{step.symbol.name}`"
        yield rules.HALF_PROVED_EDGE.at(edge.place, what.format(ends), verdict.reason)
    elif verdict.status is EdgeStatus.UNPROVED:
        yield rules.UNPROVED_EDGE.at(edge.place, _unproved(edge), verdict.reason)


def _unproved(edge: Edge) -> str:
    caller, callee = edge.caller.symbol, edge.callee.symbol
    if caller.kind == SymbolKind.VARIABLE:
        return f"`{caller.name}` does not bind `{callee.name}`"
    verb = _VERBS.get(SymbolKind(callee.kind), "name")
    return f"`{caller.name}` does not {verb} `{callee.name}`"


def _order(verdicts: Sequence[tuple[Edge, Verdict]], code: SourceCode) -> Iterator[Diagnostic]:
    families: dict[tuple[str, str], list[tuple[Edge, Verdict]]] = defaultdict(list)
    for edge, verdict in verdicts:
        families[edge.note, edge.caller.id].append((edge, verdict))
    for siblings in families.values():
        siblings.sort(key=lambda each: each[0].callee.ordinal)
        bodies = Code(code).target(siblings[0][0].caller).definitions
        for edge, site, earlier, earlier_site in out_of_order(siblings, bodies):
            name, before = edge.callee.symbol.name, earlier.callee.symbol.name
            yield rules.OUT_OF_ORDER.at(
                edge.place,
                f"`{name}` is told after `{before}`, but comes before it in the source",
                f"`{name}` is at line {site.line}, `{before}` at line {earlier_site.line} "
                f"of {site.path}",
                (earlier.place,),
            )

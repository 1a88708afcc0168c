"""What drifted between two versions, as text for people and as JSON for programs.

The JSON changes only together with `schema`. Lines are 1-based.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Any

from callpath.drift.match import Drift, EdgeDrift, ReferenceDrift
from callpath.facts.lock import DriftStatus, EdgeStatusChange
from callpath.facts.proof import Verdict
from callpath.model import Definition, Reference
from callpath.reports import machine, text

SCHEMA = 1
_SHOWN = 3  # how many candidates the text names; the JSON has all


def drift_json(drift: Drift) -> str:
    """Every reference and edge, in the notes' order."""
    value = {
        "schema": SCHEMA,
        "from": drift.old.version,
        "to": drift.new.version,
        "project": drift.old.project,
        "references": [_reference(one) for one in drift.references],
        "edges": [_edge(one) for one in drift.edges],
        "unresolved": [_unresolved(one) for one in drift.unresolved],
    }
    return machine.json_text(value)


def _reference(one: ReferenceDrift) -> dict[str, Any]:
    reference, before, outcome = one.reference, one.before.definition, one.outcome
    value: dict[str, Any] = {
        "note": reference.note,
        "step": reference.step,
        "symbol": before.name,
        "kind": before.kind.value,
        "status": outcome.status.value,
        "from": {"path": before.path, "line": before.line},
        "to": found_value(outcome.after.definition, before) if outcome.after else None,
        "evidence": outcome.evidence,
        "candidates": [
            {
                **found_value(each.definition, before),
                "symbol": each.definition.name,
                "score": each.score,
                "reason": each.reason,
            }
            for each in outcome.candidates
        ],
        "at": machine.location_value(reference.location),
    }
    if reference.link:
        value["link"] = True
    return value


def found_value(found: Definition, before: Definition) -> dict[str, Any]:
    """Where a definition is; with its name and its kind where they are not what they were."""
    value: dict[str, Any] = {"path": found.path, "line": found.line}
    if found.name != before.name:
        value["symbol"] = found.name
    if found.kind is not before.kind:
        value["kind"] = found.kind.value
    return value


def _edge(one: EdgeDrift) -> dict[str, Any]:
    edge = one.edge
    return {
        "note": edge.note,
        "caller": edge.caller.symbol.name,
        "callee": edge.callee.symbol.name,
        "status": one.status.value,
        "from": _proof(one.before),
        "to": _proof(one.after),
        "hint": one.after.reason,
        "at": machine.location_value(edge.location),
    }


def _proof(verdict: Verdict) -> dict[str, Any] | None:
    if verdict.proof is None:
        return None
    sites = [
        {"path": site.path, "line": site.line, "role": site.role.value} for site in verdict.sites
    ]
    return {"proof": verdict.proof.value, "sites": sites}


def _unresolved(reference: Reference) -> dict[str, Any]:
    symbol = reference.symbol
    return {
        "symbol": symbol.name,
        "kind": str(symbol.kind),
        "path": symbol.path,
        "at": machine.location_value(reference.location),
    }


def drift_text(drift: Drift) -> str:
    """What is not the same, each symbol once at its first mention; then the counts."""
    return "".join(f"{text.visible(line)}\n" for line in _lines(drift))


def _lines(drift: Drift) -> Iterator[str]:
    changed = [one for one in drift.references if one.outcome.status is not DriftStatus.SAME]
    for same in by_definition(changed):
        yield from _reference_lines(same)
    for edge in drift.edges:
        if edge.status not in (EdgeStatusChange.PROVED, EdgeStatusChange.ASSERTED):
            yield from _edge_lines(edge)
    for reference in drift.unresolved:
        what = f"`{reference.symbol.name}` in `{reference.symbol.path}`"
        yield f"{reference.location}: not found at {drift.old.version}: {what}"
    yield from _summary(drift)


def by_definition(references: Iterable[ReferenceDrift]) -> Iterable[Sequence[ReferenceDrift]]:
    """References grouped by what they name, in the order of the first mentions."""
    groups: dict[Definition, list[ReferenceDrift]] = {}
    for one in references:
        groups.setdefault(one.before.definition, []).append(one)
    return groups.values()


def _reference_lines(same: Sequence[ReferenceDrift]) -> Iterator[str]:
    first = same[0]
    before, outcome = first.before.definition, first.outcome
    more = f" (and {len(same) - 1} more)" if len(same) > 1 else ""
    line = (
        f"{first.reference.location}{more}: {outcome.status}: {before.kind} `{before.name}` "
        f"{before.path}:{before.line}"
    )
    if outcome.after is not None:
        line += f" → {_there(outcome.after.definition, before)}"
    yield line
    if outcome.status in (DriftStatus.MOVED, DriftStatus.MOVED_FILE):
        return
    if outcome.evidence:
        yield f"  {outcome.evidence}"
    if outcome.after is None:
        for candidate in outcome.candidates[:_SHOWN]:
            there = _there(candidate.definition, before)
            yield f"  perhaps {there} ({candidate.score:.2f}): {candidate.reason}"


def _there(found: Definition, before: Definition) -> str:
    location = f"{found.path}:{found.line}"
    if found.kind is not before.kind:
        return f"{found.kind} `{found.name}` {location}"
    return location if found.name == before.name else f"`{found.name}` {location}"


def _edge_lines(one: EdgeDrift) -> Iterator[str]:
    edge = one.edge
    yield f"{edge.location}: edge {one.status}: {edge}, {_way(one.before)}"
    if one.after.proof is not None and one.status is EdgeStatusChange.OTHERWISE:
        yield f"  now {_way(one.after)}"
    if one.after.reason:
        yield f"  hint: {one.after.reason}"


def _way(verdict: Verdict) -> str:
    if verdict.proof is None or not verdict.sites:
        return str(verdict.status)
    return f"{verdict.proof} at {verdict.sites[0].path}:{verdict.sites[0].line}"


def _summary(drift: Drift) -> Iterator[str]:
    count = _count(drift.references, "reference")
    tally = _tally(DriftStatus, (one.outcome.status for one in drift.references))
    yield f"{drift.old.version} → {drift.new.version}: {count}" + (f": {tally}" if tally else "")
    if drift.edges:
        tally = _tally(EdgeStatusChange, (one.status for one in drift.edges))
        yield f"{_count(drift.edges, 'edge')}: {tally}"
    if drift.unresolved:
        yield f"{len(drift.unresolved)} not found at {drift.old.version}"


def _tally(statuses: type[StrEnum], found: Iterable[StrEnum]) -> str:
    counts = Counter(found)
    return ", ".join(f"{counts[status]} {status}" for status in statuses if counts[status])


def _count(what: Sequence[object], name: str) -> str:
    return f"{len(what)} {name}{'s' if len(what) != 1 else ''}"

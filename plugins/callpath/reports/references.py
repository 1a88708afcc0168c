"""The stable interface `callpath refs --format json`: every reference and edge.

The form changes only together with `schema`. Lines are 1-based, ranges inclusive.
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from callpath.addresses import LinkProvider
from callpath.coverage import StepCoverage, Total, total
from callpath.facts.lock import Lock
from callpath.facts.proof import EdgeStatus, ProofSite
from callpath.model import Definition, Pin, Reference
from callpath.notebook import Index, StepPlace
from callpath.reports.machine import location_value


def definition_value(found: Definition, pin: Pin, links: LinkProvider) -> dict[str, Any]:
    """Where a definition is; `url` leads to the line of its name."""
    return {
        "line": found.line,
        "start": found.start,
        "end": found.end,
        "signature": found.signature,
        "digest": found.digest,
        "url": links.line(pin, found.path, found.line),
    }


def edge_value(place: StepPlace) -> dict[str, Any]:
    """What the lockfile knows of the edge to a step; one that is not locked is unproved."""
    verdict = place.verdict
    value: dict[str, Any] = {
        "proof": verdict.proof.value if verdict.proof else None,
        "sites": [_site(site) for site in verdict.sites],
        "status": verdict.status.value if place.edge else "not-locked",
    }
    if place.step.via or verdict.member:
        value["via"] = place.step.via or verdict.member
    if verdict.others:
        value["others"] = verdict.others
    return value


def _site(site: ProofSite) -> dict[str, Any]:
    value: dict[str, Any] = {"path": site.path, "line": site.line, "role": site.role.value}
    if site.name:
        value["name"] = site.name
    if site.condition:
        value["condition"] = site.condition
    return value


SCHEMA = 1


def coverage_text(notes: Sequence[tuple[str, Sequence[StepCoverage]]]) -> str:
    """A line for each step that leaves something untold, one for each note, and one for all.

    Parameters:
        notes: For each note its id and its steps' coverage, in reading order.
    """
    lines: list[str] = []
    for note, steps in notes:
        for step in steps:
            if step.missing:
                names = ", ".join(f"{call.name}:{call.line}" for call in step.missing)
                place = step.place.step.location
                lines.append(f"{place}: {step.place.step.symbol.name}: {names}")
        lines.append(f"{note}: {_percent(total(steps))}")
    whole = total(step for _, steps in notes for step in steps)
    lines.append(f"all: {_percent(whole)}")
    return "".join(f"{line}\n" for line in lines)


def _percent(found: Total) -> str:
    return f"{found.covered} of {found.calls} calls told, {found.percent:.1f} %"


def coverage_json(notes: Sequence[tuple[str, Sequence[StepCoverage]]]) -> str:
    """`{"schema": 1, "told", "calls", "notes": [{"note", "told", "calls", "steps": […]}]}`."""
    whole = total(step for _, steps in notes for step in steps)
    value = {
        "schema": SCHEMA,
        "told": whole.covered,
        "calls": whole.calls,
        "notes": [
            {
                "note": note,
                "told": total(steps).covered,
                "calls": total(steps).calls,
                "steps": [step_value(step) for step in steps],
            }
            for note, steps in notes
        ],
    }
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def step_value(step: StepCoverage) -> dict[str, Any]:
    """The coverage of one step as JSON has it; lines are 1-based."""
    return {
        "step": step.place.step.id,
        "told": [{"name": call.name, "line": call.line} for call in step.covered],
        "omitted": [
            {"name": call.name, "line": call.line, "reason": reason}
            for call, reason in step.omitted
        ],
        "untold": [{"name": call.name, "line": call.line} for call in step.missing],
    }


def references_report(
    project: str,
    references: tuple[Reference, ...],
    index: Index,
    lock: Lock,
    links: LinkProvider,
    coverage: Sequence[tuple[str, Sequence[StepCoverage]]] = (),
) -> str:
    """Every reference in the order of files and reading, then every edge.

    Parameters:
        project: The site's own code base; references to others say so with a key `project`.
        references: The notebook's references.
        lock: The lockfile's facts.
        links: Where `url` leads.
        coverage: For each note its id and its steps' call-path coverage.
    """
    value = {
        "schema": SCHEMA,
        "project": project,
        "references": [_reference(project, one, lock, links) for one in references],
        "edges": [
            _edge(place)
            for places in index.places.values()
            for place in places
            if place.parent is not None
        ],
        "coverage": [
            {"note": note, **step_value(step)} for note, steps in coverage for step in steps
        ],
    }
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _reference(
    project: str, reference: Reference, lock: Lock, links: LinkProvider
) -> dict[str, Any]:
    symbol = reference.symbol
    value: dict[str, Any] = {
        "note": reference.note,
        "step": reference.step,
        "symbol": symbol.name,
        "kind": str(symbol.kind),
        "version": reference.pin.version,
        "path": symbol.path,
    }
    if reference.pin.project != project:
        value["project"] = reference.pin.project
    if reference.link:
        value["link"] = True
    locked = lock.find(reference)
    if locked is None:
        value["status"] = "not-locked"
    else:
        value |= {
            "kind": locked.definition.kind.value,
            **definition_value(locked.definition, reference.pin, links),
            "status": "resolved",
        }
    value["at"] = location_value(reference.location)
    return value


def _edge(place: StepPlace) -> dict[str, Any]:
    """An edge with what the lockfile knows of it."""
    return {
        "note": place.note.id,
        "caller": place.parent.symbol.name if place.parent else "",
        "callee": place.step.symbol.name,
        "version": place.note.pin.version,
        **edge_value(place),
        "at": location_value(place.step.location),
    }


def evidence_lines(index: Index) -> str:
    """`place: caller → callee: how, at path:line, …` for every locked edge, in reading order."""
    return "".join(f"{_line(place)}\n" for place in _reached(index) if place.edge)


def _line(place: StepPlace) -> str:
    verdict = place.verdict
    caller = place.parent.symbol.name if place.parent else ""
    how = verdict.proof.value if verdict.proof else verdict.status.value
    if verdict.proof and verdict.status is not EdgeStatus.PROVED:
        how += f" ({verdict.status.value})"
    sites = ", ".join(
        f"{site.role.value} at {site.path}:{site.line}"
        + (f" under {site.condition}" if site.condition else "")
        for site in verdict.sites
    )
    through = f" through `{verdict.member}`" if verdict.member else ""
    return f"{place.step.location}: {caller} → {place.step.symbol.name}: {how}{through}; {sites}"


def evidence_summary(index: Index, references: int) -> str:
    """How many references and edges there are, and the edges by proof and by status."""
    places = list(_reached(index))
    proofs = Counter(place.verdict.proof.value for place in places if place.verdict.proof)
    asserted = sum(place.verdict.status is EdgeStatus.ASSERTED for place in places)
    kinds = ", ".join(f"{count} {proof}" for proof, count in sorted(proofs.items()))
    told = f" ({kinds})" if kinds else ""
    return f"{references} references, {len(places)} edges{told}, {asserted} asserted"


def _reached(index: Index) -> Iterable[StepPlace]:
    return (place for places in index.places.values() for place in places if place.parent)

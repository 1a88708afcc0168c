"""The stable interface `callpath refs --format json`: every reference and edge.

The form changes only together with `schema`. Lines are 1-based, ranges inclusive.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeAlias

from msgspec.structs import asdict

from callpath.addresses import LinkProvider
from callpath.coverage import StepCoverage, coverage_of, total
from callpath.facts.lock import Lock
from callpath.facts.proof import NOT_FOUND, EdgeStatus, ProofSite
from callpath.model import Definition, Pin, Reference
from callpath.notebook import Index, Notebook, StepPlace
from callpath.reports.machine import SCHEMA, filled, location_value


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
    more = {"via": place.step.via or verdict.member, "others": verdict.others}
    return {
        "proof": verdict.proof.value if verdict.proof else None,
        "sites": [_site(site) for site in verdict.sites],
        "status": verdict.status.value if place.edge else "not-locked",
    } | filled(more)


def _site(site: ProofSite) -> dict[str, Any]:
    more = {"name": site.name, "condition": site.condition}
    return {"path": site.path, "line": site.line, "role": site.role.value} | filled(more)


Coverage: TypeAlias = Sequence[tuple[str, Sequence[StepCoverage]]]
"""For each note its id and its steps' coverage, in reading order."""


def coverage_text(notes: Coverage) -> str:
    """A line for each step that leaves something untold, one for each note, and one for all."""
    lines: list[str] = []
    for note, steps in notes:
        for found in steps:
            if found.missing:
                names = ", ".join(f"{call.name}:{call.line}" for call in found.missing)
                step = found.place.step
                lines.append(f"{step.location}: {step.symbol.name}: {names}")
        lines.append(f"{note}: {_percent(steps)}")
    lines.append(f"all: {_percent(_all(notes))}")
    return "".join(f"{line}\n" for line in lines)


def _percent(steps: Iterable[StepCoverage]) -> str:
    found = total(steps)
    return f"{found.covered} of {found.calls} calls told, {found.percent:.1f} %"


def _all(notes: Coverage) -> Iterator[StepCoverage]:
    return (step for _, steps in notes for step in steps)


def coverage_json(notes: Coverage) -> str:
    """`{"schema": 1, "told", "calls", "notes": [{"note", "told", "calls", "steps": […]}]}`."""
    found = [
        {"note": note, **_counts(steps), "steps": [step_value(step) for step in steps]}
        for note, steps in notes
    ]
    value = {"schema": SCHEMA, **_counts(_all(notes)), "notes": found}
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _counts(steps: Iterable[StepCoverage]) -> dict[str, int]:
    found = total(steps)
    return {"told": found.covered, "calls": found.calls}


def step_value(step: StepCoverage) -> dict[str, Any]:
    """The coverage of one step as JSON has it; lines are 1-based."""
    return {
        "step": step.place.step.id,
        "told": [asdict(call) for call in step.covered],
        "omitted": [asdict(call) | {"reason": reason} for call, reason in step.omitted],
        "untold": [asdict(call) for call in step.missing],
    }


def references_report(notebook: Notebook, links: LinkProvider) -> str:
    """Every reference in the order of files and reading, then every edge, then the coverage.

    References to other code bases than the site's own say so with a key `project`.
    """
    project, lock = notebook.pin.project, notebook.lock or Lock()
    value = {
        "schema": SCHEMA,
        "project": project,
        "references": [_reference(project, one, lock, links) for one in notebook.references],
        "edges": [_edge(place) for place in _reached(notebook.index)],
        "coverage": [
            {"note": note, **step_value(step)}
            for note, steps in coverage_of(notebook, ())
            for step in steps
        ],
    }
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _reference(
    project: str, reference: Reference, lock: Lock, links: LinkProvider
) -> dict[str, Any]:
    symbol, pin = reference.symbol, reference.pin
    value: dict[str, Any] = {
        "note": reference.note,
        "step": reference.step,
        "symbol": symbol.name,
        "kind": str(symbol.kind),
        "version": pin.version,
        "path": symbol.path,
    }
    value |= {"project": pin.project} if pin.project != project else {}
    value |= {"link": True} if reference.link else {}
    if locked := lock.find(reference):
        value["kind"] = locked.definition.kind.value
        value |= definition_value(locked.definition, pin, links)
    value["status"] = "resolved" if locked else "not-locked"
    value["at"] = location_value(reference.location)
    return value


def _edge(place: StepPlace) -> dict[str, Any]:
    return {
        "note": place.note.id,
        "caller": _caller(place),
        "callee": place.step.symbol.name,
        "version": place.note.pin.version,
        **edge_value(place),
        "at": location_value(place.step.location),
    }


def _caller(place: StepPlace) -> str:
    return place.parent.symbol.name if place.parent else ""


def evidence_lines(index: Index) -> str:
    """`place: caller → callee: how, at path:line, …` for every locked edge, in reading order."""
    return "".join(f"{_line(place)}\n" for place in _reached(index) if place.edge)


def _line(place: StepPlace) -> str:
    verdict = place.verdict
    how = verdict.proof.value if verdict.proof else verdict.status.value
    if verdict.proof and verdict.status is not EdgeStatus.PROVED:
        how += f" ({verdict.status.value})"
    sites = ", ".join(
        f"{site.role.value} at {site.path}:{site.line}"
        + (f" under {site.condition}" if site.condition else "")
        for site in verdict.sites
    )
    through = f" through `{verdict.member}`" if verdict.member else ""
    edge = f"{_caller(place)} → {place.step.symbol.name}"
    return f"{place.step.location}: {edge}: {how}{through}; {sites}"


def evidence_summary(notebook: Notebook) -> str:
    """How many references and edges there are, and the edges by proof and by status."""
    lock = notebook.lock or Lock()
    locked = (lock.find_edge(edge) for edge in notebook.edges)
    verdicts = [each.verdict if each else NOT_FOUND for each in locked]
    proofs = Counter(found.proof.value for found in verdicts if found.proof)
    asserted = sum(found.status is EdgeStatus.ASSERTED for found in verdicts)
    kinds = ", ".join(f"{count} {proof}" for proof, count in sorted(proofs.items()))
    told = f" ({kinds})" if kinds else ""
    references = len(notebook.references)
    return f"{references} references, {len(verdicts)} edges{told}, {asserted} asserted"


def _reached(index: Index) -> Iterator[StepPlace]:
    return (place for places in index.places.values() for place in places if place.parent)

"""The stable interface `callpath refs --format json`: every reference and edge.

The form changes only together with `schema`. Lines are 1-based, ranges inclusive.
"""

import json
from collections.abc import Sequence
from typing import Any

from callpath.core.coverage import StepCoverage
from callpath.core.index import Index, StepPlace
from callpath.core.lock import Lock
from callpath.core.model import Reference
from callpath.core.urls import LinkProvider
from callpath.render.reports.coverage import step_value
from callpath.render.reports.facts import definition_value, edge_value
from callpath.render.reports.json import place_value

SCHEMA = 1


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
        index: The notebook joined with its lockfile.
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
    value["at"] = place_value(reference.place)
    return value


def _edge(place: StepPlace) -> dict[str, Any]:
    """An edge with what the lockfile knows of it."""
    return {
        "note": place.note.id,
        "caller": place.parent.symbol.name if place.parent else "",
        "callee": place.step.symbol.name,
        "version": place.note.pin.version,
        **edge_value(place),
        "at": place_value(place.step.place),
    }

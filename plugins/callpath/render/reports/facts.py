"""Facts of the lockfile as the JSON outputs have them. Lines are 1-based, ranges inclusive."""

from typing import Any

from callpath.core.index import StepPlace
from callpath.core.model import Definition, Pin
from callpath.core.proof import Site
from callpath.core.urls import LinkProvider


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


def _site(site: Site) -> dict[str, Any]:
    value: dict[str, Any] = {"path": site.path, "line": site.line, "role": site.role.value}
    if site.name:
        value["name"] = site.name
    if site.condition:
        value["condition"] = site.condition
    return value

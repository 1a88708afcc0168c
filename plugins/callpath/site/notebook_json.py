"""The stable interface `notebook.json`: the whole notebook for other programs.

The form changes only together with `schema`. Lines are 1-based, ranges inclusive; addresses are
relative to the site's root. What there is nothing of is left out.
"""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from callpath.addresses import (
    Layout,
    LinkProvider,
    badge_file,
    file_address,
    file_page,
    graph_file,
    note_page,
    symbol_page,
)
from callpath.facts.eras import Eras, ranges_value
from callpath.model import Note, Pin
from callpath.notebook import Index, StepPlace, SymbolEntry, tally
from callpath.reports.machine import json_text
from callpath.reports.references import definition_value, edge_value
from callpath.site.eras import StepEras, step_eras
from callpath.site.site import SiteInfo
from callpath.site.versions import StepThereView
from callpath.site.views import DefinitionView

SCHEMA = 1
StepsThere = Mapping[tuple[str, str], Sequence[tuple[str, StepThereView]]]
"""For ids of note and step what became of it, each with the tracked version."""
_NOBODY_LOOKED = StepEras(None, None)


def notebook_json(
    about: SiteInfo,
    pin: Pin,
    notes: Sequence[Note],
    index: Index,
    layout: Layout,
    links: LinkProvider,
    eras: Eras | None = None,
    there: StepsThere = MappingProxyType({}),
) -> str:
    """The notebook as one line of JSON, keys sorted.

    Parameters:
        about: The site's name and address.
        pin: The site's pin.
        notes: The notes in reading order; their steps are too.
        index: The notebook joined with its lockfile.
        layout: Where pages are.
        links: Where links to the source lead.
        eras: In which releases the notes' statements hold; nothing when nobody looked.
        there: What became of steps in tracked versions.
    """
    places = [place for note in notes for place in index.places[note.id]]
    value = {
        "schema": SCHEMA,
        "site_name": about.name,
        "pin": _pin(pin),
        "counts": {
            "notes": len(notes),
            "symbols": len(index.symbols),
            "files": len(index.files()),
            **_counts(places),
        },
        "notes": [_note(note, index, layout, links, eras, there) for note in notes],
        "symbols": [_symbol(entry, layout) for entry in index.symbols.values()],
    }
    known = {"site_url": about.address, "site_description": about.description}
    if eras is not None:
        value["eras"] = {"project": eras.project, "tags": list(eras.tags)}
    return json_text(value | _there(known), compact=True)


def _note(
    note: Note,
    index: Index,
    layout: Layout,
    links: LinkProvider,
    eras: Eras | None,
    there: StepsThere,
) -> dict[str, Any]:
    places = index.places[note.id]
    found = step_eras(eras, note) if eras else {}
    return {
        "id": note.id,
        "title": note.title,
        "file": note.file,
        "pin": _pin(note.pin),
        "address": layout.address(note_page(note.id)),
        "badge": file_address(badge_file(note.id)),
        "graph": file_address(graph_file(note.id, "json")),
        "counts": _counts(places),
        "steps": [
            _step(place, layout, links, found.get(place.step.id, _NOBODY_LOOKED))
            | _there({"versions": _versions(there.get((note.id, place.step.id), ()))})
            for place in places
        ],
    } | _there({"description": note.description.value})


def _step(place: StepPlace, layout: Layout, links: LinkProvider, eras: StepEras) -> dict[str, Any]:
    step, key, pin = place.step, place.key, place.note.pin
    value: dict[str, Any] = {
        "id": step.id,
        "ordinal": step.ordinal,
        "depth": step.depth,
        "parent": place.parent.id if place.parent else None,
        "symbol": key.name,
        "kind": key.kind.value,
        "path": key.path,
        "proved": place.proved,
        "address": layout.step(place.note.id, step.id),
        "symbol_address": layout.address(symbol_page(key.project, key.path, key.kind, key.name)),
        "file_address": layout.address(file_page(key.project, key.path)),
        "commentary": step.commentary.value,
    }
    if place.locked is not None:
        value["definition"] = definition_value(place.locked.definition, pin, links)
        value["definition"] |= _there({"condition": place.locked.definition.condition})
    if place.parent is not None:
        value["edge"] = edge_value(place)
        for site in value["edge"]["sites"]:
            site["url"] = links.line(pin, site["path"], site["line"])
        value["edge"] |= ranges_value(eras.edge) if eras.edge else {}
    value |= ranges_value(eras.symbol) if eras.symbol else {}
    errata = [{"said": each.said.value, "is": each.correction.value} for each in step.errata]
    remarks = [{"version": each.version, "remark": each.text.value} for each in step.remarks]
    texts = {"when": step.when, "by": step.by, "asserted": step.asserted}
    return value | _there({"errata": errata, "remarks": remarks, **texts})


def _versions(found: Sequence[tuple[str, StepThereView]]) -> list[dict[str, Any]]:
    """What became of a step in the versions of which the lockfile says it."""
    return [
        {"version": version, "status": view.there.status}
        | (_place(view, view.there.definition) if view.there.definition else {})
        | ({"edge": view.edge.change} if view.edge else {})
        for version, view in found
        if view.there is not None
    ]


def _place(view: StepThereView, found: DefinitionView) -> dict[str, Any]:
    name = view.there.name if view.there else ""
    kind = view.there.kind if view.there else ""
    return _there({"kind": kind}) | {
        "symbol": name or view.name,
        "path": found.path,
        "line": found.line,
        "url": found.url,
    }


def _symbol(entry: SymbolEntry, layout: Layout) -> dict[str, Any]:
    key = entry.key
    return {
        "symbol": key.name,
        "kind": key.kind.value,
        "project": key.project,
        "path": key.path,
        "address": layout.address(symbol_page(key.project, key.path, key.kind, key.name)),
        "steps": [f"{place.note.id}#{place.step.id}" for place in entry.steps],
    }


def _counts(places: Iterable[StepPlace]) -> dict[str, Any]:
    found = tally(places)
    edges = {status.value: count for status, count in found.edges}
    return {
        "steps": found.steps,
        "proved": found.proved,
        "errata": found.errata,
        "edges": edges,
    }


def _pin(pin: Pin) -> dict[str, str]:
    value = {"project": pin.project, "version": pin.version}
    return value | _there({"commit": pin.commit})


def _there(values: dict[str, Any]) -> dict[str, Any]:
    """What is not empty."""
    return {key: value for key, value in values.items() if value}

"""The stable interface `notebook.json`: the whole notebook for other programs.

The form changes only together with `schema`. Lines are 1-based, ranges inclusive; addresses are
relative to the site's root. What is empty is left out.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from msgspec.structs import asdict

from callpath.addresses import (
    NOTEBOOK_FILE,
    badge_file,
    file_address,
    file_page,
    graph_file,
    note_page,
)
from callpath.facts.eras import ranges_value
from callpath.model import Note
from callpath.notebook import StepPlace, SymbolEntry, tally
from callpath.reports.machine import compact_json, filled
from callpath.reports.references import definition_value, edge_value
from callpath.site.eras import StepEras, step_eras
from callpath.site.site import Site
from callpath.site.versions import DefinitionThere
from callpath.site.views import page_of

SCHEMA = 1
_NO_ERAS: StepEras = (None, None)


def notebook_json(site: Site, notes: Sequence[Note]) -> str:
    """The notebook as one line of JSON, keys sorted; the notes are in reading order."""
    index, about, eras = site.notebook.index, site.about, site.eras
    counts = {"notes": len(notes), "symbols": len(index.symbols), "files": len(index.files())}
    more = {
        "site_url": about.address,
        "site_description": about.description,
        "eras": {"project": eras.project, "tags": list(eras.tags)} if eras else {},
    }
    value = {
        "schema": SCHEMA,
        "site_name": about.name,
        "pin": filled(asdict(site.notebook.pin)),
        "counts": counts | _counts(place for note in notes for place in index.places[note.id]),
        "notes": (_note(site, note) for note in notes),
        "symbols": (_symbol(site, entry) for entry in index.symbols.values()),
    }
    return compact_json(value | filled(more))


def _note(site: Site, note: Note) -> dict[str, Any]:
    places = site.notebook.index.places[note.id]
    eras = step_eras(site.eras, note) if site.eras else {}
    versions: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for step, version in _versions(site, note):
        versions[step].append(version)
    steps = [
        _step(site, place, eras.get(place.step.id, _NO_ERAS))
        | filled({"versions": versions[place.step.id]})
        for place in places
    ]
    return {
        "id": note.id,
        "title": note.title,
        "file": note.file,
        "pin": filled(asdict(note.pin)),
        "address": site.layout.address(note_page(note.id)),
        "badge": file_address(badge_file(note.id)),
        "graph": file_address(graph_file(note.id, "json")),
        "counts": _counts(places),
        "steps": steps,
    } | filled({"description": note.description.value})


def _step(site: Site, place: StepPlace, eras: StepEras) -> dict[str, Any]:
    symbol_eras, edge_eras = eras
    step, key, pin, layout = place.step, place.key, place.note.pin, site.layout
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
        "symbol_address": layout.address(page_of(key)),
        "file_address": layout.address(file_page(key.project, key.path)),
        "commentary": step.commentary.value,
    }
    if place.locked is not None:
        value["definition"] = definition_value(place.locked.definition, pin, site.links)
        value["definition"] |= filled({"condition": place.locked.definition.condition})
    if place.parent is not None:
        value["edge"] = edge_value(place)
        for found in value["edge"]["sites"]:
            found["url"] = site.links.line(pin, found["path"], found["line"])
        value["edge"] |= ranges_value(edge_eras) if edge_eras else {}
    value |= ranges_value(symbol_eras) if symbol_eras else {}
    errata = [{"said": each.said.value, "is": each.correction.value} for each in step.errata]
    remarks = [{"version": each.version, "remark": each.text.value} for each in step.remarks]
    texts = {"when": step.when, "by": step.by, "asserted": step.asserted}
    return value | filled({"errata": errata, "remarks": remarks, **texts})


def _versions(site: Site, note: Note) -> Iterator[tuple[str, dict[str, Any]]]:
    """By ids of steps: what the lockfile says became of them in each tracked version."""
    for at in site.notebook.tracked(note.pin):
        for step in site.versions.steps_there(note, at, NOTEBOOK_FILE):
            if step.there is not None:
                edge = {"edge": step.edge.change.value} if step.edge else {}
                status = {"version": at.version, "status": step.there.track.status.value}
                yield step.place.step.id, status | _definition_there(site, step.there) | edge


def _definition_there(site: Site, there: DefinitionThere) -> dict[str, Any]:
    if there.definition is None:
        return {}
    found, url = there.definition.definition, site.context.source_url(there.definition)
    where = {"symbol": found.name, "path": found.path, "line": found.line, "url": url}
    return where | filled({"kind": there.kind})


def _symbol(site: Site, entry: SymbolEntry) -> dict[str, Any]:
    key = entry.key
    return {
        "symbol": key.name,
        "kind": key.kind.value,
        "project": key.project,
        "path": key.path,
        "address": site.layout.address(page_of(key)),
        "steps": [f"{place.note.id}#{place.step.id}" for place in entry.steps],
    }


def _counts(places: Iterable[StepPlace]) -> dict[str, Any]:
    found = tally(places)
    edges = {status.value: count for status, count in found.edges}
    return {"steps": found.steps, "proved": found.proved, "errata": found.errata, "edges": edges}

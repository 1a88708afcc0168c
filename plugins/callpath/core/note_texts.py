"""The notes as plain text: each step with its place, how it is reached, and its prose. Pure.

Addresses are finished: with the site's own before them where that is known, else relative to its
root. Prose stays Markdown, its links led to addresses.
"""

from collections.abc import Callable
from dataclasses import dataclass

from callpath.core.edge_views import reach_view
from callpath.core.index import Index, StepPlace
from callpath.core.layout import Layout, note_page
from callpath.core.model import Note
from callpath.core.prose import sealed, with_targets
from callpath.core.site_about import About
from callpath.core.tally import Tally, tally
from callpath.core.urls import LinkProvider
from callpath.core.views import ReachView


@dataclass(frozen=True, slots=True)
class StepText:
    """A step. `source` leads to the line of its name, and is empty while it is not locked.

    `errata` are what was said and what is, `remarks` a version and what is said of it.
    """

    place: StepPlace
    url: str
    source: str
    reach: ReachView | None
    commentary: str
    errata: tuple[tuple[str, str], ...]
    remarks: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class NoteText:
    """A note. `summary` is a sentence on it as plain text, `description` its own words."""

    note: Note
    url: str
    counts: Tally
    summary: str
    description: str
    steps: tuple[StepText, ...]


def note_text(
    note: Note,
    summary: str,
    index: Index,
    about: About,
    layout: Layout,
    links: LinkProvider,
    target: Callable[[str, str], str | None],
) -> NoteText:
    """A note as text.

    Parameters:
        note: The note.
        summary: A sentence on it, plain text.
        index: The notebook joined with its lockfile.
        about: The site.
        layout: Where pages are.
        links: Where links to the source lead.
        target: The address that a link of the note's prose leads to, read against a version, or
            against the note's where that is empty; nothing to leave it.
    """
    places = index.places[note.id]

    def prose(text: str, version: str = "") -> str:
        return with_targets(sealed(text), lambda href: target(href, version)).strip()

    def step(place: StepPlace) -> StepText:
        found, pin = place.locked, note.pin
        return StepText(
            place,
            about.url(layout.step(note.id, place.step.id)),
            links.line(pin, found.definition.path, found.definition.line) if found else "",
            reach_view(place, pin, links),
            prose(place.step.commentary.value),
            tuple((prose(e.said.value), prose(e.correction.value)) for e in place.step.errata),
            tuple(
                (each.version, prose(each.text.value, each.version)) for each in place.step.remarks
            ),
        )

    return NoteText(
        note=note,
        url=about.url(layout.address(note_page(note.id))),
        counts=tally(places),
        summary=summary,
        description=prose(note.description.value),
        steps=tuple(step(place) for place in places),
    )

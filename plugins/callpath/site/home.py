"""The parts that pages can have, the generated home page, and the page of errata.

The texts of errata are joined to one Markdown text; each is a note's, and so are its links.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from posixpath import splitext
from typing import Any

from markupsafe import Markup

from callpath.addresses import ERRATA_PAGE, HOME_PAGE
from callpath.model import Note, Step
from callpath.notebook import CALLABLE, tally
from callpath.notes.placeholders import ERRATA, GRAPH, LEGEND, PATHS, with_parts
from callpath.notes.prose import joined, sealed
from callpath.site.graphs import GRAPH_SLOT
from callpath.site.views import GeneratedPage, Heading, ProseOwner, SiteContext, rendered_parts

_CHAIN_LENGTH = 3


def _anchors(notes: Sequence[Note]) -> dict[str, str]:
    """An anchor for each note's id: the id as one word, whatever order the notes are shown in."""
    found: dict[str, str] = {}
    for note in notes:
        anchor = note.id.replace("/", "-")
        while anchor in found.values():
            anchor += "-2"
        found[note.id] = anchor
    return found


def _chain(note: Note) -> tuple[str, ...]:
    """The first symbols of a path: its first step, then what each calls first."""
    names: list[str] = []
    step: Step | None = note.steps[0] if note.steps else None
    while step is not None and len(names) < _CHAIN_LENGTH:
        names.append(step.symbol.name)
        below = (one for one in step.steps if one.symbol.kind in CALLABLE and not one.when)
        step = next(below, None)
    return tuple(names)


class SiteParts:
    """Makes the parts of one site's pages, and the pages that these make up."""

    def __init__(self, site: SiteContext) -> None:
        notes, order = site.index.notes, site.about.order
        self._site = site
        self._places = site.index.places
        self._paths = {note.id: path for path, note in site.notebook.notes.items()}
        self._faults = Counter(fault.location.file for fault in site.faults)
        self._anchors = _anchors(notes)
        rank = {splitext(path)[0]: number for number, path in reversed(list(enumerate(order)))}
        self._notes = sorted(notes, key=lambda note: (rank.get(note.id, len(order)), note.id))

    def cards(self) -> list[dict[str, Any]]:
        """The reading paths: in the navigation's order, then those that it does not have."""
        return [self._card(note) for note in self._notes]

    def _card(self, note: Note) -> dict[str, Any]:
        places, faults = self._places[note.id], self._faults[note.file]
        counts = tally(places)
        return {
            "note": note,
            "counts": counts,
            "files": len({place.key.path for place in places}),
            "faults": faults,
            "chain": _chain(note),
            "is_whole": counts.proved == counts.steps and not faults,
        }

    def errata_counts(self) -> tuple[tuple[Note, str, int], ...]:
        """The notes that have errata, each with its anchor on their page and how many it has."""
        return tuple(
            (note, self._anchors[note.id], count)
            for note in self._notes
            if (count := tally(self._places[note.id]).errata)
        )

    def errata_parts(self) -> tuple[tuple[Note, str], ...]:
        """The Markdown texts of every erratum in order, each with its note."""
        return tuple(
            (note, sealed(text.value))
            for note, _, _ in self.errata_counts()
            for place in self._places[note.id]
            for erratum in place.step.errata
            for text in (erratum.said, erratum.correction)
        )

    def errata(self, parts: Iterable[Markup]) -> list[dict[str, Any]]:
        """Every erratum, by note and step, given the rendered `errata_parts` in order."""
        texts = iter(parts)
        return [
            {
                "note": note,
                "anchor": anchor,
                "count": count,
                "steps": [
                    (place, [(next(texts), next(texts)) for _ in place.step.errata])
                    for place in self._places[note.id]
                    if place.step.errata
                ],
            }
            for note, anchor, count in self.errata_counts()
        ]

    def fill(self, page: str, html: str) -> str:
        """Put the parts into a rendered Markdown page, in the place of their marks."""
        slots = iter((GRAPH_SLOT,))  # one graph a page: its ids are there once

        def part(name: str) -> str:
            return next(slots, "") if name == GRAPH else self.part(name, page)

        return with_parts(html, part)

    def part(self, name: str, page: str) -> Markup:
        """The HTML of a part, one of `PARTS`; a graph's is a slot that is filled later."""
        render, eras = self._site.render, self._site.eras
        if name == GRAPH:
            return GRAPH_SLOT
        if name == PATHS:
            return render("paths.html", page, cards=self.cards())
        if name == ERRATA:
            return render("errata-counts.html", page, notes=self.errata_counts())
        version, tags = self._site.notebook.pin.version, eras.tags if eras else ()
        return render("how-to-read.html", version=version, tags=tags)

    def home_pages(self) -> Iterator[GeneratedPage]:
        """The home page, for a notebook that has none of its own."""
        about = self._site.about
        yield GeneratedPage(HOME_PAGE, about.name, about.description, self._home_html)

    def _home_html(self, _: str) -> Markup:
        about = self._site.about
        errata = self.part(ERRATA, HOME_PAGE) if self.errata_counts() else ""
        return self._site.render(
            "home.html",
            HOME_PAGE,
            name=about.name,
            description=about.description,
            paths=self.part(PATHS, HOME_PAGE),
            graph=self.part(GRAPH, HOME_PAGE),
            errata=errata,
            legend=self.part(LEGEND, HOME_PAGE),
        )

    def errata_pages(self) -> Iterator[GeneratedPage]:
        """The page of errata, where there are some."""
        counts, parts, words = self.errata_counts(), self.errata_parts(), self._site.strings
        if not counts:
            return
        yield GeneratedPage(
            path=ERRATA_PAGE,
            title=words.errata,
            description=words.home.errata_lead.format(sum(count for _, _, count in counts)),
            html=self._errata_html,
            markdown=lambda: joined([text for _, text in parts]),
            headings=lambda: tuple(Heading(anchor, note.title) for note, anchor, _ in counts),
            owners=tuple(ProseOwner(self._paths[note.id]) for note, _ in parts),
        )

    def _errata_html(self, rendered: str) -> Markup:
        parts, footer = rendered_parts(rendered, len(self.errata_parts()))
        notes = self.errata(parts)
        return self._site.render("errata.html", ERRATA_PAGE, notes=notes, footer=footer)

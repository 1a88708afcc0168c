"""The parts that pages can have, the generated home page, and the page of errata.

The texts of errata are joined to one Markdown text; each is a note's, and so are its links.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from posixpath import splitext

from markupsafe import Markup

from callpath.addresses import ERRATA_PAGE, HOME_PAGE
from callpath.model import Note, Step, SymbolKind
from callpath.notebook import StepPlace, Tally, tally
from callpath.notes.placeholders import ERRATA, GRAPH, LEGEND, PATHS, with_parts
from callpath.notes.prose import joined, sealed
from callpath.site.graphs import GRAPH_SLOT
from callpath.site.notes import ErratumView
from callpath.site.views import GeneratedPage, Heading, ProseOwner, SiteContext, rendered_parts

_CHAIN_LENGTH = 3
_CALLABLE = (SymbolKind.FUNCTION, SymbolKind.MACRO)
_BOOST = 0.3  # in search: below the pages that it is about


@dataclass(frozen=True, slots=True)
class PathCard:
    """A reading path."""

    note: Note
    counts: Tally  # how many steps it has, how many are proved, how many errata there are
    files: int  # how many source files it is about
    faults: int  # how many findings there are on it
    chain: tuple[str, ...]  # the symbols that it begins with

    @property
    def is_whole(self) -> bool:
        """Whether all is proved, and nothing was found."""
        return self.counts.proved == self.counts.steps and not self.faults


@dataclass(frozen=True, slots=True)
class NoteErrata:
    """The errata of a note."""

    note: Note
    anchor: str  # its id on the page of errata
    # the steps that have some, each with them
    steps: tuple[tuple[StepPlace, tuple[ErratumView, ...]], ...]

    @property
    def count(self) -> int:
        """How many there are."""
        return sum(len(errata) for _, errata in self.steps)


class HomeViews:
    """Makes the views of reading paths and of errata."""

    def __init__(self, site: SiteContext) -> None:
        notes, order = site.index.notes, site.about.order
        self._places = site.index.places
        self._faults = Counter(fault.location.file for fault in site.faults)
        self._anchors = _anchors(notes)
        rank = {splitext(path)[0]: number for number, path in reversed(list(enumerate(order)))}
        self._notes = sorted(notes, key=lambda note: (rank.get(note.id, len(order)), note.id))

    def paths(self) -> tuple[PathCard, ...]:
        """The reading paths: in the navigation's order, then those that it does not have."""
        return tuple(self._card(note) for note in self._notes)

    def _card(self, note: Note) -> PathCard:
        places = self._places[note.id]
        files = len({place.key.path for place in places})
        return PathCard(note, tally(places), files, self._faults[note.file], _chain(note))

    def errata_counts(self) -> tuple[tuple[Note, str, int], ...]:
        """The notes that have errata, each with its anchor on their page and how many it has."""
        return tuple(
            (note, self._anchors[note.id], count)
            for note in self._notes
            if (count := tally(self._places[note.id]).errata)
        )

    def errata(self, parts: Sequence[Markup]) -> tuple[NoteErrata, ...]:
        """Every erratum, by note and step, given the rendered `errata_parts` in order."""
        texts = iter(parts)
        return tuple(
            NoteErrata(note, anchor, tuple(self._steps(note, texts)))
            for note, anchor, _ in self.errata_counts()
        )

    def _steps(
        self, note: Note, texts: Iterator[Markup]
    ) -> Iterator[tuple[StepPlace, tuple[ErratumView, ...]]]:
        for place in self._places[note.id]:
            if errata := place.step.errata:
                yield place, tuple(ErratumView(next(texts), next(texts)) for _ in errata)

    def errata_parts(self) -> tuple[tuple[Note, str], ...]:
        """The Markdown texts of every erratum in order, each with its note."""
        return tuple(
            (note, sealed(text.value))
            for note, _, _ in self.errata_counts()
            for place in self._places[note.id]
            for erratum in place.step.errata
            for text in (erratum.said, erratum.correction)
        )


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
        below = (one for one in step.steps if one.symbol.kind in _CALLABLE and not one.when)
        step = next(below, None)
    return tuple(names)


class SiteParts:
    """Makes the parts of one site's pages, and the pages that these make up."""

    def __init__(self, site: SiteContext) -> None:
        self._site = site
        self._paths = {note.id: path for path, note in site.notebook.notes.items()}

    @cached_property
    def _views(self) -> HomeViews:
        return HomeViews(self._site)

    def fill(self, page: str, html: str) -> str:
        """Put the parts into a rendered Markdown page, in the place of their marks."""
        slots = iter((GRAPH_SLOT,))  # one graph a page: its ids are there once

        def part(name: str) -> str:
            return next(slots, "") if name == GRAPH else self.part(name, page)

        return with_parts(html, part)

    def part(self, name: str, page: str) -> Markup:
        """The HTML of a part, one of `PARTS`; a graph's is a slot that is filled later."""
        render, eras = self._site.render, self._site.eras
        made: dict[str, Callable[[], Markup]] = {
            PATHS: lambda: render("paths.html", page, cards=self._views.paths()),
            GRAPH: lambda: GRAPH_SLOT,
            ERRATA: lambda: render("errata-counts.html", page, notes=self._views.errata_counts()),
            LEGEND: lambda: render(
                "how-to-read.html",
                version=self._site.notebook.pin.version,
                tags=eras.tags if eras else (),
            ),
        }
        return made[name]()

    def home_pages(self) -> Iterator[GeneratedPage]:
        """The home page, for a notebook that has none of its own."""
        about = self._site.about
        yield GeneratedPage(HOME_PAGE, about.name, about.description, _BOOST, self._home_html)

    def _home_html(self, _: str) -> Markup:
        about = self._site.about
        errata = self.part(ERRATA, HOME_PAGE) if self._views.errata_counts() else ""
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
        counts = self._views.errata_counts()
        if not counts:
            return
        parts, words = self._views.errata_parts(), self._site.strings
        yield GeneratedPage(
            path=ERRATA_PAGE,
            title=words.errata,
            description=words.home.errata_lead.format(sum(count for _, _, count in counts)),
            boost=_BOOST,
            html=self._errata_html,
            markdown=lambda: joined([text for _, text in parts]),
            headings=lambda: tuple(Heading(anchor, note.title) for note, anchor, _ in counts),
            owners=tuple(ProseOwner(self._paths[note.id]) for note, _ in parts),
        )

    def _errata_html(self, rendered: str) -> Markup:
        parts, footer = rendered_parts(rendered, len(self._views.errata_parts()))
        notes = self._views.errata(parts)
        return self._site.render("errata.html", ERRATA_PAGE, notes=notes, footer=footer)

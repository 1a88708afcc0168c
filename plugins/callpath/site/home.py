"""The views of a notebook's home page and of its page of errata. Pure; knows no template.

Addresses are relative to the page that the view is for; texts that end in `_html` are safe HTML.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from posixpath import splitext

from markupsafe import Markup

from callpath.addresses import ERRATA_PAGE, Layout, LinkProvider, note_page
from callpath.model import Note, Step, SymbolKind
from callpath.notebook import Index, StepPlace
from callpath.notes.prose import first_sentence, sealed
from callpath.site.strings import Strings
from callpath.site.templates import PageRenderer
from callpath.site.views import ErratumView

_CHAIN_LENGTH = 3
_CALLABLE = (SymbolKind.FUNCTION, SymbolKind.MACRO)


@dataclass(frozen=True, slots=True)
class PathCard:
    """A reading path. `chain` is how it begins; `whole`: all is proved, and nothing was found."""

    title: str
    href: str
    summary: str
    version: str
    total: int
    proved: int
    files: int
    errata: int
    faults: int
    whole: bool
    chain: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ErrataCount:
    """How many errata a note has; `href` leads to them."""

    title: str
    href: str
    count: int


@dataclass(frozen=True, slots=True)
class ErrataCounts:
    """How many errata there are; `href` leads to their page, and is empty when there are none."""

    total: int
    href: str
    notes: tuple[ErrataCount, ...]


@dataclass(frozen=True, slots=True)
class StepErrata:
    """The errata of a step. `url` leads to its line in the source, `line` is 0 when not locked."""

    name: str
    href: str
    number: int
    path: str
    line: int
    url: str
    errata: tuple[ErratumView, ...]


@dataclass(frozen=True, slots=True)
class NoteErrata:
    """The errata of a note; `id` is its anchor on their page."""

    id: str
    title: str
    href: str
    count: int
    steps: tuple[StepErrata, ...]


@dataclass(frozen=True, slots=True)
class ErrataView:
    """Every erratum; `footer_html` is what rendering put behind them."""

    total: int
    notes: tuple[NoteErrata, ...]
    footer_html: str


class HomeViews:
    """Makes these views of one notebook.

    Parameters:
        index: The notebook joined with its lockfile.
        layout: Where pages are.
        links: Where links to the source lead.
        faults: How many findings there are on each note, by its id; none on those left out.
        order: Source paths of pages in the navigation's order; notes that are not among them
            come last, by their path.
    """

    def __init__(
        self,
        index: Index,
        layout: Layout,
        links: LinkProvider,
        faults: Mapping[str, int],
        order: Sequence[str] = (),
    ) -> None:
        self._index = index
        self._layout = layout
        self._links = links
        self._faults = faults
        self._anchors = _anchors(index.notes)
        rank = {splitext(path)[0]: number for number, path in reversed(list(enumerate(order)))}
        self._notes = sorted(index.notes, key=lambda note: (rank.get(note.id, len(order)), note.id))

    def paths(self, origin: str) -> tuple[PathCard, ...]:
        """The reading paths, seen from a page (by source path)."""
        return tuple(self._card(note, origin) for note in self._notes)

    def errata_counts(self, origin: str) -> ErrataCounts:
        """How many errata each note has that has some, seen from a page."""
        counts = tuple(
            ErrataCount(note.title, self._layout.link(origin, ERRATA_PAGE, anchor), count)
            for note, anchor in self._with_errata()
            if (count := _count(self._index.places[note.id]))
        )
        href = self._layout.link(origin, ERRATA_PAGE) if counts else ""
        return ErrataCounts(sum(each.count for each in counts), href, counts)

    def errata(self, parts: Sequence[str], footer: str) -> ErrataView:
        """The page of every erratum.

        Parameters:
            parts: The rendered `errata_parts`, in the same order.
            footer: What rendering put behind the parts.
        """
        rendered = iter(parts)
        notes = []
        for note, anchor in self._with_errata():
            places = [place for place in self._index.places[note.id] if place.step.errata]
            steps = tuple(self._step(place, rendered) for place in places)
            href = self._layout.link(ERRATA_PAGE, note_page(note.id))
            notes.append(NoteErrata(anchor, note.title, href, _count(places), steps))
        return ErrataView(sum(note.count for note in notes), tuple(notes), footer)

    def errata_parts(self) -> tuple[tuple[Note, str], ...]:
        """The Markdown texts of every erratum in order, each with its note."""
        return tuple(
            (note, sealed(text.value))
            for note, _ in self._with_errata()
            for place in self._index.places[note.id]
            for erratum in place.step.errata
            for text in (erratum.said, erratum.correction)
        )

    def _with_errata(self) -> list[tuple[Note, str]]:
        """The notes that have errata, each with its anchor on their page."""
        return [
            (note, self._anchors[note.id])
            for note in self._notes
            if _count(self._index.places[note.id])
        ]

    def _card(self, note: Note, origin: str) -> PathCard:
        places = self._index.places[note.id]
        proved, faults = sum(1 for place in places if place.proved), self._faults.get(note.id, 0)
        return PathCard(
            title=note.title,
            href=self._layout.link(origin, note_page(note.id)),
            summary=first_sentence(note.description.value),
            version=note.pin.version,
            total=len(places),
            proved=proved,
            files=len({place.key.path for place in places}),
            errata=_count(places),
            faults=faults,
            whole=proved == len(places) and not faults,
            chain=_chain(note),
        )

    def _step(self, place: StepPlace, rendered: Iterator[str]) -> StepErrata:
        step, path = place.step, place.key.path
        line = place.locked.definition.line if place.locked else 0
        return StepErrata(
            name=step.symbol.name,
            href=self._layout.link(ERRATA_PAGE, note_page(place.note.id), step.id),
            number=step.ordinal,
            path=path,
            line=line,
            url=self._links.line(place.note.pin, path, line) if line else "",
            errata=tuple(ErratumView(next(rendered), next(rendered)) for _ in step.errata),
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


def _count(places: Sequence[StepPlace]) -> int:
    return sum(len(place.step.errata) for place in places)


def _chain(note: Note) -> tuple[str, ...]:
    """The first symbols of a path: its first step, then what each calls first."""
    names: list[str] = []
    step: Step | None = note.steps[0] if note.steps else None
    while step is not None and len(names) < _CHAIN_LENGTH:
        names.append(step.symbol.name)
        below = (one for one in step.steps if one.symbol.kind in _CALLABLE and not one.when)
        step = next(below, None)
    return tuple(names)


@dataclass(frozen=True, slots=True)
class HomePage:
    """What stands on a generated home page. All but name and description is HTML."""

    name: str
    description: str
    paths: str
    graph: str
    errata: str
    legend: str


class HomePageRenderer(PageRenderer):
    """Prints these views.

    Parameters:
        strings: The words of the site's language.
    """

    def __init__(self, strings: Strings) -> None:
        super().__init__(strings, "")

    def paths(self, cards: Sequence[PathCard]) -> str:
        """The reading paths as cards."""
        return self._print("paths.html", cards=cards)

    def errata_counts(self, view: ErrataCounts) -> str:
        """How many errata each note has."""
        return self._print("errata-counts.html", errata=view)

    def legend(self, version: str, tags: Sequence[str] = ()) -> str:
        """How to read: the marks, the ways that a step is reached, the keys.

        Parameters:
            version: The site's version.
            tags: The releases that eras are told of, if they are.
        """
        return self._print("how-to-read.html", version=version, tags=tags)

    def errata(self, view: ErrataView) -> str:
        """The page of every erratum."""
        safe = replace(
            view,
            notes=tuple(_safe_note(note) for note in view.notes),
            footer_html=_safe(view.footer_html),
        )
        return self._print("errata.html", errata=safe)

    def home(self, page: HomePage) -> str:
        """A generated home page."""
        return self._print(
            "home.html",
            name=page.name,
            description=page.description,
            paths=_safe(page.paths),
            graph=_safe(page.graph),
            errata=_safe(page.errata),
            legend=_safe(page.legend),
        )


def _safe(html: str) -> Markup:
    return Markup(html)  # noqa: S704 (Markdown's output, or what a template printed)


def _safe_note(note: NoteErrata) -> NoteErrata:
    return replace(note, steps=tuple(_safe_step(step) for step in note.steps))


def _safe_step(step: StepErrata) -> StepErrata:
    errata = tuple(
        replace(each, said_html=_safe(each.said_html), correction_html=_safe(each.correction_html))
        for each in step.errata
    )
    return replace(step, errata=errata)

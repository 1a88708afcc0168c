"""Tracked versions: what became of symbols and steps in them, their pages and files."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import groupby

from markupsafe import Markup
from msgspec import Struct

from callpath.addresses import VERSIONS_PAGE, comparison_page, note_page, there_file
from callpath.facts.lock import (
    DriftStatus,
    EdgeStatusChange,
    EdgeTrack,
    LockedDefinition,
    LockedEdge,
    Track,
)
from callpath.model import Note, Pin, Remark, Step, visits
from callpath.notebook import (
    StepPlace,
    SymbolEntry,
    SymbolKey,
    counterpart_step,
    counterparts,
    definition_at,
    key_of,
)
from callpath.notes.prose import joined, sealed
from callpath.site.code import SiteCode
from callpath.site.views import (
    GeneratedPage,
    NameLink,
    ProseOwner,
    SiteContext,
    SiteFile,
    page_of,
    rendered_parts,
)


class DefinitionThere(Struct, frozen=True):
    """What became of a definition in a tracked version."""

    at: Pin
    track: Track
    definition: LockedDefinition | None  # what it is there, or None when it is gone
    name: str  # its name there, when name or kind is another, else empty
    kind: str  # its kind there, when that is another, else empty
    symbol: SymbolKey | None  # the symbol that it is there, if the notebook has another page on it


class StepThere(Struct, frozen=True):
    """A step in a tracked version."""

    at: Pin
    place: StepPlace
    there: DefinitionThere | None  # None where the lockfile does not say
    parent: str  # the name that its parent has there, or had; empty at the top
    edge: EdgeTrack | None
    counterpart: NameLink | None  # the step of another note that is about it there


# A symbol, and what became of it in each tracked version.
_Row = tuple[SymbolKey, LockedDefinition, list[DefinitionThere | None]]


class VersionViews:
    """Makes these views of one site, and the pages and files that show them."""

    def __init__(self, site: SiteContext) -> None:
        self._site = site
        self._index = site.index
        self._lock = site.lock
        self._tracked = site.notebook.tracked
        self._counterparts = counterparts(site.notebook.notes)

    def note_versions(self, note: Note, origin: str) -> list[tuple[str, str, tuple[NameLink, ...]]]:
        """The other versions of a note, seen from a page: those tracked, then those of others.

        With each the address of the note's comparison with it, or an empty text, and the note's
        counterparts there.
        """
        compared = {link.name: link.href for link in self._comparisons(note, origin)}
        others = [other.pin.version for other in self._counterparts[note.id]]
        return [
            (version, compared.get(version, ""), self._counterpart_links(note, version, origin))
            for version in dict.fromkeys([*compared, *others])
        ]

    def _comparisons(self, note: Note, origin: str) -> tuple[NameLink, ...]:
        return tuple(
            NameLink(at.version, self._site.link(origin, comparison_page(note.id, at.version)))
            for at in self._tracked(note.pin)
        )

    def _counterpart_links(self, note: Note, version: str, origin: str) -> tuple[NameLink, ...]:
        return tuple(
            NameLink(other.title, self._site.link(origin, other))
            for other in self._counterparts[note.id]
            if other.pin.version == version
        )

    def steps_there(self, note: Note, at: Pin, origin: str) -> list[StepThere]:
        """The steps of a note in a tracked version, in reading order, seen from a page."""
        return [
            StepThere(
                at=at,
                place=place,
                there=self.there(place.locked, at, origin) if place.locked else None,
                parent=self._parent_there(place, at),
                edge=self._lock.edge_track(place.edge, at.version) if place.edge else None,
                counterpart=self._counterpart(place, at, origin),
            )
            for place in self._index.places[note.id]
        ]

    def _parent_there(self, place: StepPlace, at: Pin) -> str:
        """The name that a step's parent has in a tracked version, or had; empty at the top."""
        if place.parent is None:
            return ""
        places = self._index.places[place.note.id]
        parent = next((each.locked for each in places if each.step.id == place.parent.id), None)
        after = definition_at(self._lock, parent, at.version)
        return after.definition.name if after else place.parent.symbol.name

    def _counterpart(self, place: StepPlace, at: Pin, origin: str) -> NameLink | None:
        for other in self._counterparts[place.note.id]:
            is_there = other.pin.version == at.version
            if is_there and (found := counterpart_step(place, other, self._index, self._lock)):
                href = self._site.link(origin, other, found.step.id)
                return NameLink(f"{found.step.ordinal} / {len(self._index.places[other.id])}", href)
        return None

    def there(self, locked: LockedDefinition, at: Pin, origin: str) -> DefinitionThere | None:
        """What became of a definition, seen from a page; None when the lockfile does not say."""
        track = self._lock.track(locked, at.version)
        if track is None:
            return None
        after, before = self._lock.after(track), locked.definition
        now, key = (after.definition, key_of(after)) if after else (before, None)
        differs = (now.name, now.kind) != (before.name, before.kind)
        return DefinitionThere(
            at=at,
            track=track,
            definition=after,
            name=now.name if differs else "",
            kind=now.kind.value if now.kind is not before.kind else "",
            symbol=key if key and key in self._index.symbols and page_of(key) != origin else None,
        )

    def symbol_there(
        self, entry: SymbolEntry, origin: str
    ) -> tuple[tuple[LockedDefinition, tuple[DefinitionThere, ...]], ...]:
        """What became of each definition of a symbol; of those only of which that is known."""
        found = []
        for locked in entry.definitions:
            others = self._tracked(Pin(locked.project, locked.version))
            there = tuple(view for at in others if (view := self.there(locked, at, origin)))
            if there:
                found.append((locked, there))
        return tuple(found)

    def pages(self) -> Iterator[GeneratedPage]:
        """The page of versions, and one for each note in each version that is tracked."""
        compared = [self._comparison_page(path, note, at) for path, note, at in self._pairs()]
        if compared:
            words, comma = self._site.strings.versions, self._site.strings.list_comma
            tracked = comma.join(pin.version for pin in self._site.notebook.versions)
            lead = words.versions_lead.format(tracked)
            yield GeneratedPage(VERSIONS_PAGE, words.versions, lead, self._versions_html)
        yield from compared

    def _versions_html(self, _: str) -> Markup:
        notes = [note for note in self._index.notes if self._tracked(note.pin)]
        pins = {(note.pin.project, note.pin.version): note.pin for note in notes}
        several = len({note.pin.project for note in self._index.notes}) > 1
        return self._site.render(
            "versions.html",
            VERSIONS_PAGE,
            notes=[(note, self._comparisons(note, VERSIONS_PAGE)) for note in notes],
            matrices=[
                self._matrix(pin, rows, with_project=several)
                for pin in pins.values()
                if (rows := self._rows(pin))
            ],
        )

    def _matrix(self, pin: Pin, rows: Sequence[_Row], *, with_project: bool) -> dict[str, object]:
        """What notes of one version are about, in every other version that is tracked."""
        edges = self._edges(pin)
        columns = zip(*(cells for _, _, cells in rows), strict=True)
        edge_columns = zip(*(tracks for _, tracks in edges), strict=True)
        return {
            "version": f"{pin.project} {pin.version}" if with_project else pin.version,
            "anchor": f"{pin.project}-{pin.version}" if with_project else pin.version,
            "columns": self._tracked(pin),
            "total": len(rows),
            "counts": [_symbol_counts(column) for column in columns],
            "groups": [
                (NameLink(path, self._site.file_link(VERSIONS_PAGE, pin.project, path)), [*group])
                for path, group in groupby(rows, key=lambda row: row[1].definition.path)
            ],
            "edge_total": len(edges),
            "edge_counts": [_edge_counts(column) for column in edge_columns],
            "edges": [
                (edge, tracks)
                for edge, tracks in edges
                if any(track and track.change not in _AS_BEFORE for track in tracks)
            ],
        }

    def _rows(self, pin: Pin) -> list[_Row]:
        """The symbols of a version that are tracked, by file and line."""
        rows = [
            (key, locked, [self.there(locked, at, VERSIONS_PAGE) for at in self._tracked(pin)])
            for key, entry in self._index.symbols.items()
            for locked in entry.definitions
            if (locked.project, locked.version) == (pin.project, pin.version)
        ]
        rows.sort(key=lambda row: (row[1].definition.path, row[1].definition.line, row[0].name))
        return [row for row in rows if any(row[2])]

    def _edges(self, pin: Pin) -> list[tuple[LockedEdge, list[EdgeTrack | None]]]:
        """The edges of a version that are tracked, each with what became of it by column."""
        found = [
            (edge, [self._lock.edge_track(edge, at.version) for at in self._tracked(pin)])
            for edge in self._lock.edges
            if (edge.project, edge.version) == (pin.project, pin.version)
        ]
        return [(edge, tracks) for edge, tracks in found if any(tracks)]

    def _comparison_page(self, path: str, note: Note, at: Pin) -> GeneratedPage:
        words = self._site.strings.versions
        remarks = (remark for visit in visits(note) for remark in _remarks_on(visit.step, at))
        parts = [sealed(remark.text.value) for remark in remarks]
        return GeneratedPage(
            path=comparison_page(note.id, at.version),
            title=words.comparison_title.format(note.title, at.version),
            description=words.comparison_lead.format(note.title, note.pin.version, at.version),
            html=partial(self._comparison_html, note, at, len(parts)),
            markdown=partial(joined, parts),
            owners=tuple(ProseOwner(path, at.version) for _ in parts),
        )

    def _comparison_html(self, note: Note, at: Pin, total: int, rendered: str) -> Markup:
        page = comparison_page(note.id, at.version)
        parts, footer = rendered_parts(rendered, total)
        steps, texts = self.steps_there(note, at, page), iter(parts)
        said = [[next(texts) for _ in _remarks_on(step.place.step, at)] for step in steps]
        return self._site.render(
            "comparison.html",
            page,
            note=note,
            at=at,
            counts=_symbol_counts(step.there for step in steps),
            edge_counts=_edge_counts(step.edge for step in steps),
            counterparts=self._counterpart_links(note, at.version, page),
            others=[link for link in self._comparisons(note, page) if link.name != at.version],
            steps=list(zip(steps, said, strict=True)),
            footer=footer,
        )

    def files(self, code: SiteCode) -> Iterator[SiteFile]:
        """What became of each note's steps, in a script for each version."""
        for _, note, at in self._pairs():
            path = there_file(note.id, at.version)
            yield SiteFile(path, partial(self._script, note, at, code))

    def _script(self, note: Note, at: Pin, code: SiteCode) -> str:
        page = note_page(note.id)
        found = {}
        for step in self.steps_there(note, at, page):
            html = self._site.render("there.html", page, step=step).strip()
            has_code = code.has_text(step.place, at.version)
            found[step.place.step.id] = [html, int(has_code)]
        name = json.dumps(f"{note.id}@{at.version}")
        value = json.dumps(found, ensure_ascii=False).replace("</", "<\\/")
        return f"(window.callpathThere ??= {{}})[{name}] = {value};\n"

    def _pairs(self) -> Iterator[tuple[str, Note, Pin]]:
        for path, note in self._site.notebook.notes.items():
            for at in self._tracked(note.pin):
                yield path, note, at


def _remarks_on(step: Step, at: Pin) -> list[Remark]:
    return [remark for remark in step.remarks if remark.version == at.version]


def _symbol_counts(found: Iterable[DefinitionThere | None]) -> list[tuple[str, int]]:
    """How many came to each status, in the order of the statuses; none that there is none of."""
    counts = Counter(each.track.status for each in found if each)
    return [(status.value, counts[status]) for status in DriftStatus if counts[status]]


def _edge_counts(found: Iterable[EdgeTrack | None]) -> list[tuple[str, int]]:
    counts = Counter(each.change for each in found if each)
    return [(change.value, counts[change]) for change in EdgeStatusChange if counts[change]]


_AS_BEFORE = (
    EdgeStatusChange.PROVED,
    EdgeStatusChange.ASSERTED,
    EdgeStatusChange.HALF,
    EdgeStatusChange.NOT_SEARCHED,
)

"""Tracked versions: what became of symbols and steps in them, their pages and files."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from operator import attrgetter

from markupsafe import Markup

from callpath.addresses import VERSIONS_PAGE, comparison_page, file_page, note_page, there_file
from callpath.facts.lock import (
    DriftStatus,
    EdgeStatusChange,
    EdgeTrack,
    LockedDefinition,
    LockedEdge,
    Track,
)
from callpath.model import Note, Pin, visits
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

_BOOST = 0.3  # in search: below the pages that they are about

Counts = tuple[tuple[str, int], ...]
"""How many came to each status, in the order of the statuses; none that there is none of."""


@dataclass(frozen=True, slots=True)
class DefinitionThere:
    """What became of a definition in a tracked version."""

    at: Pin
    track: Track
    definition: LockedDefinition | None  # what it is there, or None when it is gone
    name: str  # its name there, when name or kind is another, else empty
    kind: str  # its kind there, when that is another, else empty
    symbol: SymbolKey | None  # the symbol that it is there, if the notebook has another page on it


@dataclass(frozen=True, slots=True)
class NoteVersion:
    """A version that a note's page leads to: its comparison (or empty), and its counterparts."""

    version: str
    comparison: str
    counterparts: tuple[NameLink, ...]


@dataclass(frozen=True, slots=True)
class StepThere:
    """A step in a tracked version."""

    at: Pin
    place: StepPlace
    # what became of its symbol, or None where the lockfile does not say
    there: DefinitionThere | None
    parent: str  # the name that its parent has there, or had; empty at the top
    edge: EdgeTrack | None
    # a link to the step of another note that is about it there, if there is one
    counterpart: NameLink | None
    remarks: tuple[Markup, ...] = ()  # what the step says of that version


@dataclass(frozen=True, slots=True)
class ComparisonView:
    """A note in a tracked version."""

    note: Note
    at: Pin
    counts: Counts
    edge_counts: Counts
    counterparts: tuple[NameLink, ...]  # the note's counterparts at that version
    others: tuple[NameLink, ...]  # the note's other comparisons
    steps: tuple[StepThere, ...]
    footer: Markup  # what rendering put behind the texts


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A symbol in every tracked version; a cell is None where the lockfile does not say."""

    key: SymbolKey
    here: LockedDefinition
    cells: tuple[DefinitionThere | None, ...]


MatrixEdge = tuple[LockedEdge, list[EdgeTrack | None]]
"""An edge, with what became of it in each column."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """What notes of one version are about, in every other version that is tracked."""

    version: str
    anchor: str  # the id of its heading
    columns: tuple[Pin, ...]
    total: int  # how many symbols there are
    counts: tuple[Counts, ...]  # how many of them came to each status, for each column
    # the files with their symbols, in line order
    groups: tuple[tuple[NameLink, tuple[MatrixRow, ...]], ...]
    edge_total: int  # how many edges there are
    edge_counts: tuple[Counts, ...]  # how many of them came to each status, for each column
    edges: tuple[MatrixEdge, ...]  # those that are not in every column what they were


@dataclass(frozen=True, slots=True)
class VersionsView:
    """The page of versions: the notes, each with its comparisons, and for each pin a matrix."""

    notes: tuple[tuple[Note, tuple[NameLink, ...]], ...]
    matrices: tuple[Matrix, ...]


class VersionViews:
    """Makes these views of one site, and the pages and files that show them."""

    def __init__(self, site: SiteContext) -> None:
        self._site = site
        self._index = site.index
        self._lock = site.lock
        self._tracked = site.notebook.tracked
        self._counterparts = counterparts(site.notebook.notes)

    def note_versions(self, note: Note, origin: str) -> tuple[NoteVersion, ...]:
        """The other versions of a note, seen from a page: those tracked, then those of others."""
        compared = {link.name: link.href for link in self._comparisons(note, origin)}
        others = [other.pin.version for other in self._counterparts[note.id]]
        return tuple(
            NoteVersion(
                version, compared.get(version, ""), self._counterpart_links(note, version, origin)
            )
            for version in dict.fromkeys([*compared, *others])
        )

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

    def steps_there(
        self, note: Note, at: Pin, origin: str, remarks: Iterator[Markup] | None = None
    ) -> tuple[StepThere, ...]:
        """The steps of a note in a tracked version, in reading order, seen from a page.

        `remarks` are the rendered `remark_parts`, or None to leave them out.
        """
        return tuple(
            self._step_there(place, at, origin, remarks) for place in self._index.places[note.id]
        )

    def _step_there(
        self, place: StepPlace, at: Pin, origin: str, remarks: Iterator[Markup] | None
    ) -> StepThere:
        said = [each for each in place.step.remarks if each.version == at.version]
        return StepThere(
            at=at,
            place=place,
            there=self.there(place.locked, at, origin) if place.locked else None,
            parent=self._parent_there(place, at),
            edge=self._lock.edge_track(place.edge, at.version) if place.edge else None,
            counterpart=self._counterpart(place, at, origin),
            remarks=tuple(next(remarks) for _ in said) if remarks is not None else (),
        )

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
            if other.pin.version != at.version:
                continue
            found = counterpart_step(place, other, self._index, self._lock)
            if found is not None:
                href = self._site.link(origin, other, found.step.id)
                return NameLink(f"{found.step.ordinal} / {len(self._index.places[other.id])}", href)
        return None

    def comparison(
        self, note: Note, at: Pin, parts: Sequence[Markup], footer: Markup
    ) -> ComparisonView:
        """The view of a note in a tracked version, given its rendered `remark_parts` in order."""
        page = comparison_page(note.id, at.version)
        steps = self.steps_there(note, at, page, iter(parts))
        others = [link for link in self._comparisons(note, page) if link.name != at.version]
        return ComparisonView(
            note=note,
            at=at,
            counts=counts_of(
                (step.there.track.status for step in steps if step.there), DriftStatus
            ),
            edge_counts=counts_of(
                (step.edge.change for step in steps if step.edge), EdgeStatusChange
            ),
            counterparts=self._counterpart_links(note, at.version, page),
            others=tuple(others),
            steps=steps,
            footer=footer,
        )

    def there(self, locked: LockedDefinition, at: Pin, origin: str) -> DefinitionThere | None:
        """What became of a definition, seen from a page; None when the lockfile does not say."""
        track = self._lock.track(locked, at.version)
        if track is None:
            return None
        after, before = self._lock.after(track), locked.definition
        now = after.definition if after else before
        differs = (now.name, now.kind) != (before.name, before.kind)
        return DefinitionThere(
            at=at,
            track=track,
            definition=after,
            name=now.name if differs else "",
            kind=now.kind.value if now.kind is not before.kind else "",
            symbol=self._other_symbol(after, origin) if after else None,
        )

    def _other_symbol(self, after: LockedDefinition, origin: str) -> SymbolKey | None:
        key = key_of(after)
        return key if key in self._index.symbols and page_of(key) != origin else None

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

    def versions(self) -> VersionsView:
        """The page of versions."""
        pins = {(note.pin.project, note.pin.version): note.pin for note in self._index.notes}
        several = len({project for project, _ in pins}) > 1
        matrices = [
            self._matrix(pin, with_project=several) for pin in pins.values() if self._tracked(pin)
        ]
        notes = [note for note in self._index.notes if self._tracked(note.pin)]
        return VersionsView(
            tuple((note, self._comparisons(note, VERSIONS_PAGE)) for note in notes),
            tuple(matrix for matrix in matrices if matrix.total),
        )

    def _matrix(self, pin: Pin, *, with_project: bool) -> Matrix:
        columns = self._tracked(pin)
        rows, edges = self._rows(pin, columns), self._edges(pin, columns)
        numbers = range(len(columns))
        statuses = [[each.track.status for row in rows if (each := row.cells[n])] for n in numbers]
        changes = [[edge.change for _, found in edges if (edge := found[n])] for n in numbers]
        return Matrix(
            version=f"{pin.project} {pin.version}" if with_project else pin.version,
            anchor=f"{pin.project}-{pin.version}" if with_project else pin.version,
            columns=columns,
            total=len(rows),
            counts=tuple(counts_of(column, DriftStatus) for column in statuses),
            groups=tuple(
                (self._file_link(pin, path), tuple(group))
                for path, group in groupby(rows, key=lambda row: row.here.definition.path)
            ),
            edge_total=len(edges),
            edge_counts=tuple(counts_of(column, EdgeStatusChange) for column in changes),
            edges=tuple(
                (edge, found)
                for edge, found in edges
                if any(track and track.change not in _AS_BEFORE for track in found)
            ),
        )

    def _rows(self, pin: Pin, columns: Sequence[Pin]) -> list[MatrixRow]:
        rows = [
            MatrixRow(
                entry.key, locked, tuple(self.there(locked, at, VERSIONS_PAGE) for at in columns)
            )
            for entry in self._index.symbols.values()
            for locked in entry.definitions
            if (locked.project, locked.version) == (pin.project, pin.version)
            and any(self._lock.track(locked, at.version) for at in columns)
        ]
        return sorted(
            rows, key=attrgetter("here.definition.path", "here.definition.line", "key.name")
        )

    def _edges(self, pin: Pin, columns: Sequence[Pin]) -> list[MatrixEdge]:
        found = [
            (edge, [self._lock.edge_track(edge, at.version) for at in columns])
            for edge in self._lock.edges
            if (edge.project, edge.version) == (pin.project, pin.version)
        ]
        return [(edge, tracks) for edge, tracks in found if any(tracks)]

    def _file_link(self, pin: Pin, path: str) -> NameLink:
        return NameLink(path, self._site.link(VERSIONS_PAGE, file_page(pin.project, path)))

    def pages(self) -> Iterator[GeneratedPage]:
        """The page of versions, and one for each note in each version that is tracked."""
        compared = [self._comparison_page(path, note, at) for path, note, at in self._pairs()]
        if not compared:
            return
        site, words = self._site, self._site.strings.versions
        named = site.strings.list_comma.join(pin.version for pin in site.notebook.versions)
        yield GeneratedPage(
            VERSIONS_PAGE,
            words.versions,
            words.versions_lead.format(named),
            _BOOST,
            lambda _: site.render("versions.html", VERSIONS_PAGE, versions=self.versions()),
        )
        yield from compared

    def _comparison_page(self, path: str, note: Note, at: Pin) -> GeneratedPage:
        page, words = comparison_page(note.id, at.version), self._site.strings.versions
        parts = remark_parts(note, at.version)

        def html(rendered: str) -> Markup:
            view = self.comparison(note, at, *rendered_parts(rendered, len(parts)))
            return self._site.render("comparison.html", page, comparison=view)

        return GeneratedPage(
            path=page,
            title=words.comparison_title.format(note.title, at.version),
            description=words.comparison_lead.format(note.title, note.pin.version, at.version),
            boost=_BOOST,
            html=html,
            markdown=partial(joined, parts),
            owners=tuple(ProseOwner(path, at.version) for _ in parts),
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


def counts_of(found: Iterable[str], statuses: type[DriftStatus] | type[EdgeStatusChange]) -> Counts:
    """How many there are of each status."""
    counts = Counter(found)
    return tuple((each.value, counts[each]) for each in statuses if counts[each])


def remark_parts(note: Note, at: str) -> list[str]:
    """The Markdown texts of what a note says of a version, in reading order of its steps."""
    return [
        sealed(remark.text.value)
        for visit in visits(note)
        for remark in visit.step.remarks
        if remark.version == at
    ]


_AS_BEFORE = (
    EdgeStatusChange.PROVED,
    EdgeStatusChange.ASSERTED,
    EdgeStatusChange.HALF,
    EdgeStatusChange.NOT_SEARCHED,
)

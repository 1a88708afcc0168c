"""What pages show of tracked versions, complete: the templates only print it.

Addresses are relative to the page that the view is for, as in `core.views`. Texts that end in
`_html` are safe HTML.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from markupsafe import Markup

from callpath.addresses import (
    VERSIONS_PAGE,
    Layout,
    LinkProvider,
    comparison_page,
    file_page,
    note_page,
    symbol_page,
)
from callpath.facts.lock import (
    DriftStatus,
    EdgeStatusChange,
    EdgeTrack,
    Lock,
    LockedDefinition,
    LockedEdge,
    Track,
    Tracked,
)
from callpath.model import Note, Pin, visits
from callpath.notebook import Index, StepPlace, SymbolEntry, SymbolKey, counterpart_step
from callpath.notes.prose import sealed
from callpath.site.notes import ViewParts
from callpath.site.strings import Strings
from callpath.site.templates import PageRenderer
from callpath.site.views import (
    DefinitionView,
    LeadView,
    NameLink,
    NoteVersion,
    SiteView,
    ThereView,
    site_views,
)


@dataclass(frozen=True, slots=True)
class EdgeThereView:
    """What became of an edge there: `change` is one of `EdgeStatusChange`, `proof` may be empty."""

    change: str
    proof: str
    member: str
    sites: tuple[SiteView, ...]


@dataclass(frozen=True, slots=True)
class StepThereView:
    """A step in a tracked version.

    `there` and `edge` are nothing where the lockfile does not say. `counterpart` leads to the step
    of another note that is about it there. `remarks_html` are what the step says of that version.
    """

    id: str
    number: int
    depth: int
    name: str
    href: str
    here: DefinitionView | None
    there: ThereView | None
    parent: str
    edge: EdgeThereView | None
    counterpart: NameLink | None
    remarks_html: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ComparisonView:
    """A note in a tracked version: `counts` say how many steps came to each status, in order.

    `others` are the note's other comparisons. `edge_counts` are those of the edges.
    """

    title: str
    href: str
    version: str
    at: str
    total: int
    counts: tuple[tuple[str, int], ...]
    edge_counts: tuple[tuple[str, int], ...]
    counterparts: tuple[NameLink, ...]
    others: tuple[NameLink, ...]
    matrix: str
    steps: tuple[StepThereView, ...]
    footer_html: str = ""


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A symbol in every tracked version; a cell is nothing where the lockfile does not say."""

    symbol: NameLink
    kind: str
    here: DefinitionView
    cells: tuple[ThereView | None, ...]


@dataclass(frozen=True, slots=True)
class MatrixEdge:
    """An edge that is not proved in every tracked version as it is in the notes' own."""

    caller: str
    callee: str
    cells: tuple[EdgeThereView | None, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """What notes of one version speak of, in every version that is tracked besides.

    `anchor` is the id of its heading. `counts` and `edge_counts` have for each column how many came
    to each status, in order. `groups` are the files with their symbols, in line order. `edges` are
    those that differ.
    """

    version: str
    anchor: str
    columns: tuple[str, ...]
    total: int
    counts: tuple[tuple[tuple[str, int], ...], ...]
    groups: tuple[tuple[NameLink, tuple[MatrixRow, ...]], ...]
    edge_total: int
    edge_counts: tuple[tuple[tuple[str, int], ...], ...]
    edges: tuple[MatrixEdge, ...]


@dataclass(frozen=True, slots=True)
class VersionsView:
    """The page of versions: for each note its comparisons, and for each pin a matrix."""

    notes: tuple[tuple[NameLink, str, tuple[NameLink, ...]], ...]
    matrices: tuple[Matrix, ...]


class VersionViews(ViewParts):
    """Makes these views of one notebook.

    Parameters:
        index: The notebook joined with its lockfile.
        layout: Where pages are.
        links: Where links to the source lead.
        pin: The site's pin.
        lock: The lockfile's facts.
        tracked: The versions tracked beside that of a pin.
        counterparts: The counterparts of each note, by its id.
    """

    def __init__(
        self,
        index: Index,
        layout: Layout,
        links: LinkProvider,
        pin: Pin,
        lock: Lock,
        tracked: Tracked,
        counterparts: Mapping[str, Sequence[Note]],
    ) -> None:
        super().__init__(index, layout, links, pin)
        self._lock = lock
        self._tracked = tracked
        self._counterparts = counterparts

    # --- a note ------------------------------------------------------------------------------

    def note_versions(self, note: Note, origin: str) -> tuple[NoteVersion, ...]:
        """The other versions of a note, seen from a page: those tracked, then those of others."""
        tracked = [pin.version for pin in self._tracked(note.pin)]
        others = {other.pin.version: None for other in self._counterparts[note.id]}
        return tuple(
            NoteVersion(
                version,
                self._layout.link(origin, comparison_page(note.id, version))
                if version in tracked
                else "",
                self._counterpart_links(note, version, origin),
            )
            for version in dict.fromkeys([*tracked, *others])
        )

    def _counterpart_links(self, note: Note, version: str, origin: str) -> tuple[NameLink, ...]:
        return tuple(
            NameLink(other.title, self._layout.link(origin, note_page(other.id)))
            for other in self._counterparts[note.id]
            if other.pin.version == version
        )

    def steps_there(
        self, note: Note, at: Pin, origin: str, remarks: Iterator[str] | None = None
    ) -> tuple[StepThereView, ...]:
        """The steps of a note in a tracked version, in reading order, seen from a page.

        Parameters:
            note: The note.
            at: The tracked version.
            origin: The page's source path.
            remarks: The rendered `remark_parts`; nothing to leave them out.
        """
        return tuple(
            self._step_there(place, at, origin, remarks) for place in self._index.places[note.id]
        )

    def _step_there(
        self, place: StepPlace, at: Pin, origin: str, remarks: Iterator[str] | None
    ) -> StepThereView:
        step, page = place.step, note_page(place.note.id)
        said = [remark for remark in step.remarks if remark.version == at.version]
        edge = self._lock.edge_track(place.edge, at.version) if place.edge else None
        return StepThereView(
            id=step.id,
            number=step.ordinal,
            depth=step.depth,
            name=step.symbol.name,
            href=self._layout.link(origin, page, step.id),
            here=self._definition(place.locked) if place.locked else None,
            there=self.there(place.locked, at, origin) if place.locked else None,
            parent=self._parent_there(place, at),
            edge=self.edge_there(edge, at) if edge else None,
            counterpart=self._counterpart(place, at, origin),
            remarks_html=tuple(next(remarks) for _ in said) if remarks is not None else (),
        )

    def _parent_there(self, place: StepPlace, at: Pin) -> str:
        """The name that a step's parent has in a tracked version, or had; empty at the top."""
        if place.parent is None:
            return ""
        places = self._index.places[place.note.id]
        parent = next((each.locked for each in places if each.step.id == place.parent.id), None)
        track = self._lock.track(parent, at.version) if parent else None
        after = self._lock.after(track) if track else None
        return after.definition.name if after else place.parent.symbol.name

    def _counterpart(self, place: StepPlace, at: Pin, origin: str) -> NameLink | None:
        for other in self._counterparts[place.note.id]:
            if other.pin.version != at.version:
                continue
            found = counterpart_step(place, other, self._index, self._lock)
            if found is not None:
                href = self._layout.link(origin, note_page(other.id), found.step.id)
                return NameLink(f"{found.step.ordinal} / {len(self._index.places[other.id])}", href)
        return None

    def comparison(self, note: Note, at: Pin, parts: Sequence[str], footer: str) -> ComparisonView:
        """The view of a note in a tracked version.

        Parameters:
            note: The note.
            at: The tracked version.
            parts: The rendered `remark_parts`, in the same order.
            footer: What rendering put behind the parts.
        """
        origin = comparison_page(note.id, at.version)
        steps = self.steps_there(note, at, origin, iter(parts))
        return ComparisonView(
            title=note.title,
            href=self._layout.link(origin, note_page(note.id)),
            version=note.pin.version,
            at=at.version,
            total=len(steps),
            counts=counts_of([step.there.status for step in steps if step.there], DriftStatus),
            edge_counts=counts_of(
                [step.edge.change for step in steps if step.edge], EdgeStatusChange
            ),
            counterparts=self._counterpart_links(note, at.version, origin),
            others=tuple(
                NameLink(
                    pin.version,
                    self._layout.link(origin, comparison_page(note.id, pin.version)),
                )
                for pin in self._tracked(note.pin)
                if pin != at
            ),
            matrix=self._layout.link(origin, VERSIONS_PAGE),
            steps=steps,
            footer_html=footer,
        )

    # --- symbols -----------------------------------------------------------------------------

    def there(self, locked: LockedDefinition, at: Pin, origin: str) -> ThereView | None:
        """What became of a definition in a tracked version; nothing when it is not locked.

        Parameters:
            locked: The definition.
            at: The tracked version.
            origin: Source path of the page that it is seen from.
        """
        track = self._lock.track(locked, at.version)
        if track is None:
            return None
        after = self._lock.after(track)
        now = after.definition if after else locked.definition
        before = locked.definition
        differs = (now.name, now.kind) != (before.name, before.kind)
        return ThereView(
            version=at.version,
            status=track.status.value,
            definition=self._definition(after) if after else None,
            name=now.name if differs else "",
            kind=now.kind.value if differs and now.kind is not before.kind else "",
            page=self._page(after, origin) if after else None,
            leads=self._leads(track, at),
        )

    def symbol_there(
        self, entry: SymbolEntry, origin: str
    ) -> tuple[tuple[DefinitionView, tuple[ThereView, ...]], ...]:
        """What became of each definition of a symbol; of those only of which that is known."""
        found = []
        for locked in entry.definitions:
            others = self._tracked(Pin(locked.project, locked.version))
            there = tuple(view for at in others if (view := self.there(locked, at, origin)))
            if there:
                found.append((self._definition(locked), there))
        return tuple(found)

    def _page(self, after: LockedDefinition, origin: str) -> NameLink | None:
        found = after.definition
        key = SymbolKey(after.project, found.path, found.name, found.kind)
        if key not in self._index.symbols:
            return None
        page = symbol_page(key.project, key.path, key.kind, key.name)
        return None if page == origin else self._symbol_link(origin, key)

    def _leads(self, track: Track, at: Pin) -> tuple[LeadView, ...]:
        return tuple(
            LeadView(
                lead.name,
                lead.path,
                lead.line,
                self._links.line(at, lead.path, lead.line),
                round(lead.score * 100),
            )
            for lead in track.leads
        )

    def edge_there(self, track: EdgeTrack, at: Pin) -> EdgeThereView:
        """What became of an edge in a tracked version.

        Parameters:
            track: What the lockfile knows of it.
            at: The tracked version.
        """
        verdict = track.edge.verdict
        return EdgeThereView(
            change=track.change.value,
            proof=verdict.proof.value if verdict.proof else "",
            member=verdict.member,
            sites=site_views(verdict, at, self._links),
        )


def counts_of(
    found: Sequence[str], order: type[DriftStatus] | type[EdgeStatusChange]
) -> tuple[tuple[str, int], ...]:
    """How many there are of each, in the order of the words; none that there is none of."""
    counts = Counter(found)
    return tuple((word.value, counts[word.value]) for word in order if counts[word.value])


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

_Tracked = tuple[LockedEdge, list[EdgeTrack | None]]
"""An edge, with what became of it in each column."""


class MatrixViews(VersionViews):
    """Makes the page of versions too."""

    def versions(self) -> VersionsView:
        """The page of versions."""
        pins = {(note.pin.project, note.pin.version): note.pin for note in self._index.notes}
        several = len({project for project, _ in pins}) > 1
        matrices = [self._matrix(pin, several) for pin in pins.values() if self._tracked(pin)]
        notes = [note for note in self._index.notes if self._tracked(note.pin)]
        return VersionsView(
            tuple((self._note(note), note.pin.version, self._compared(note)) for note in notes),
            tuple(matrix for matrix in matrices if matrix.total),
        )

    def _note(self, note: Note) -> NameLink:
        return NameLink(note.title, self._layout.link(VERSIONS_PAGE, note_page(note.id)))

    def _compared(self, note: Note) -> tuple[NameLink, ...]:
        links = [
            (pin.version, comparison_page(note.id, pin.version)) for pin in self._tracked(note.pin)
        ]
        return tuple(
            NameLink(version, self._layout.link(VERSIONS_PAGE, page)) for version, page in links
        )

    def _matrix(self, pin: Pin, several: bool) -> Matrix:  # noqa: FBT001 (private)
        columns = self._tracked(pin)
        rows, edges = self._rows(pin, columns), self._edges(pin, columns)
        cells = [[row.cells[number] for row in rows] for number in range(len(columns))]
        tracks = [[found[number] for _, found in edges] for number in range(len(columns))]
        return Matrix(
            version=f"{pin.project} {pin.version}" if several else pin.version,
            anchor=f"{pin.project}-{pin.version}" if several else pin.version,
            columns=tuple(at.version for at in columns),
            total=len(rows),
            counts=tuple(
                counts_of([cell.status for cell in column if cell], DriftStatus) for column in cells
            ),
            groups=tuple(
                (self._file(pin, path), tuple(group))
                for path, group in groupby(rows, key=lambda row: row.here.path)
            ),
            edge_total=len(edges),
            edge_counts=tuple(
                counts_of([track.change for track in column if track], EdgeStatusChange)
                for column in tracks
            ),
            edges=tuple(self._edge(each, columns) for each in edges if _differs(each)),
        )

    def _rows(self, pin: Pin, columns: Sequence[Pin]) -> list[MatrixRow]:
        """The symbols of a version that are tracked, by file and line."""
        rows = [
            self._row(entry, locked, columns)
            for entry in self._index.symbols.values()
            for locked in entry.definitions
            if (locked.project, locked.version) == (pin.project, pin.version)
            and any(self._lock.track(locked, at.version) for at in columns)
        ]
        return sorted(rows, key=lambda row: (row.here.path, row.here.line, row.symbol.name))

    def _row(
        self, entry: SymbolEntry, locked: LockedDefinition, columns: Sequence[Pin]
    ) -> MatrixRow:
        return MatrixRow(
            symbol=self._symbol_link(VERSIONS_PAGE, entry.key),
            kind=entry.key.kind,
            here=self._definition(locked),
            cells=tuple(self.there(locked, at, VERSIONS_PAGE) for at in columns),
        )

    def _edges(self, pin: Pin, columns: Sequence[Pin]) -> list[_Tracked]:
        """The edges of a version that are tracked, in the lockfile's order."""
        found = [
            (edge, [self._lock.edge_track(edge, at.version) for at in columns])
            for edge in self._lock.edges
            if (edge.project, edge.version) == (pin.project, pin.version)
        ]
        return [(edge, tracks) for edge, tracks in found if any(tracks)]

    def _edge(self, tracked: _Tracked, columns: Sequence[Pin]) -> MatrixEdge:
        edge, tracks = tracked
        cells = [
            self.edge_there(track, at) if track else None
            for track, at in zip(tracks, columns, strict=True)
        ]
        return MatrixEdge(edge.caller[1], edge.callee[1], tuple(cells))

    def _file(self, pin: Pin, path: str) -> NameLink:
        return NameLink(path, self._layout.link(VERSIONS_PAGE, file_page(pin.project, path)))


def _differs(tracked: _Tracked) -> bool:
    """Whether an edge is not what it was in at least one column."""
    return any(track and track.change not in _AS_BEFORE for track in tracked[1])


class VersionRenderer(PageRenderer):
    """Prints these views.

    Parameters:
        strings: The words of the site's language.
    """

    def __init__(self, strings: Strings) -> None:
        super().__init__(strings, "")

    def versions(self, view: VersionsView) -> str:
        """The page of versions."""
        return self._print("versions.html", versions=view)

    def comparison(self, view: ComparisonView) -> str:
        """A note in a tracked version."""
        safe = replace(
            view,
            steps=tuple(_safe_step(step) for step in view.steps),
            footer_html=_safe(view.footer_html),
        )
        return self._print("comparison.html", comparison=safe)

    def script(self, name: str, steps: Sequence[StepThereView], with_code: Collection[str]) -> str:
        """A script that tells a note's page what became of its steps.

        Parameters:
            name: What the page asks for: `kvm/init@v6.12`.
            steps: The steps, seen from the note's page.
            with_code: The ids of those that have source text there.
        """
        told = {
            step.id: [self._print("there.html", step=step).strip(), int(step.id in with_code)]
            for step in steps
        }
        value = json.dumps(told, ensure_ascii=False).replace("</", "<\\/")
        return f"(window.callpathThere ??= {{}})[{json.dumps(name)}] = {value};\n"


def _safe(html: str) -> Markup:
    return Markup(html)  # noqa: S704 (Markdown's output)


def _safe_step(step: StepThereView) -> StepThereView:
    return replace(step, remarks_html=tuple(_safe(html) for html in step.remarks_html))

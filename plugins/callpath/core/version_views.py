"""The views of tracked versions: what became of a step, of a note, of every symbol. Pure.

Addresses are relative to the page that the view is for, as in `core.views`.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from callpath.core.counterparts import counterpart_step
from callpath.core.drift.values import DriftStatus, EdgeStatusChange
from callpath.core.edge_views import site_views
from callpath.core.index import Index, StepPlace, SymbolEntry, SymbolKey
from callpath.core.layout import (
    VERSIONS_PAGE,
    Layout,
    comparison_page,
    note_page,
    symbol_page,
)
from callpath.core.lock import Lock, LockedDefinition, Tracked
from callpath.core.model import Note, Pin, visits
from callpath.core.prose import sealed
from callpath.core.tracks import EdgeTrack, Track
from callpath.core.urls import LinkProvider
from callpath.core.version_values import (
    ComparisonView,
    EdgeThereView,
    StepThereView,
)
from callpath.core.view_parts import ViewParts
from callpath.core.views import DefinitionView, LeadView, NameLink, NoteVersion, ThereView


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

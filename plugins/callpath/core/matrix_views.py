"""The page of versions: what became of every symbol and edge, as a matrix. Pure."""

from collections.abc import Sequence
from itertools import groupby

from callpath.core.drift.values import DriftStatus, EdgeStatusChange
from callpath.core.index import SymbolEntry
from callpath.core.layout import VERSIONS_PAGE, comparison_page, file_page, note_page
from callpath.core.lock import LockedDefinition
from callpath.core.locked_edges import LockedEdge
from callpath.core.model import Note, Pin
from callpath.core.tracks import EdgeTrack
from callpath.core.version_values import Matrix, MatrixEdge, MatrixRow, VersionsView
from callpath.core.version_views import VersionViews, counts_of
from callpath.core.views import NameLink

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

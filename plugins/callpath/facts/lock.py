"""The facts of a lockfile: each resolved reference and proved edge, per version. No kernel text.

Values first, then how each is a line of the file.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from operator import methodcaller
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, Field

from callpath.facts.codec import FactFormat, FactLine
from callpath.facts.proof import EdgeStatus, Proof, ProofSite, SiteRole, Verdict
from callpath.findings import LockfileError
from callpath.model import Definition, Edge, Pin, Reference, Step, SymbolKind

T = TypeVar("T")
End = tuple[str, str, str, int]
"""Path, name, kind and occurrence (1-based; 0: not chosen) of one end of an edge."""


@dataclass(frozen=True, slots=True, order=True)
class LockedFile:
    """A file that references were read in."""

    project: str
    version: str
    path: str
    blob: str
    """Its git blob id: SHA-1, 40 hex digits."""


@dataclass(frozen=True, slots=True)
class LockedDefinition:
    """A definition at a version."""

    project: str
    version: str
    definition: Definition
    occurrence: int = 1
    """Which it is of the definitions of its name and kind in the file, 1-based."""
    of: int = 1
    """How many of them there are."""
    calls: tuple[tuple[str, int], ...] = ()
    """What the body of a step's function calls by name, each once, with the line of the first call
    (1-based), in line order; without names in capitals."""

    @property
    def order(self) -> tuple[str, str, str, str, str, int]:
        """What the facts are sorted by."""
        return (self.project, self.version, *self.end)

    @property
    def end(self) -> End:
        """What identifies it in its version."""
        found = self.definition
        return (found.path, found.name, found.kind.value, self.occurrence)


@dataclass(frozen=True, slots=True)
class LockedEdge:
    """An edge at a version, as the notes state it, and what the source says; never unproved."""

    project: str
    version: str
    caller: End
    callee: End
    via: str
    """The pointer that the notes name, or empty."""
    when: str
    """`later`, or empty."""
    by: str
    """The function that runs it later, or empty."""
    verdict: Verdict

    @property
    def key(self) -> tuple[str, ...]:
        """What identifies it: what the notes say, and who hands it over if that is another."""
        return (
            *(self.project, self.version, *map(str, self.caller), *map(str, self.callee)),
            *(self.via, self.when, self.by, self.verdict.above),
        )


def lock_edge(edge: Edge, verdict: Verdict) -> LockedEdge:
    """The fact that an edge's verdict makes."""
    pin, callee = edge.pin, edge.callee
    ends = (_end(edge.caller), _end(callee))
    return LockedEdge(pin.project, pin.version, *ends, callee.via, callee.when, callee.by, verdict)


def _end(step: Step) -> End:
    symbol = step.symbol
    return (symbol.path, symbol.name, str(symbol.kind), step.occurrence)


class DriftStatus(StrEnum):
    """How a definition differs between two versions."""

    SAME = "same"
    """The same text at the same line of the same file."""
    MOVED = "moved"
    """The same text at another line of its file."""
    MOVED_FILE = "moved-file"
    """The same text in another file."""
    CHANGED = "changed"
    """Another text under the same name, in any file."""
    RENAMED = "renamed"
    """Another name, or the same name as another kind of symbol."""
    GONE = "gone"
    """Nothing that is certainly the same symbol; there may be candidates."""


class EdgeStatusChange(StrEnum):
    """How an edge differs between two versions."""

    PROVED = "proved"
    """It is proved as before."""
    OTHERWISE = "proved-otherwise"
    """It is proved, but in another way: another kind of proof, of site, or another pointer."""
    GONE = "gone"
    """It is no longer proved."""
    ASSERTED = "asserted"
    """Its author vouches for it; the new version does not prove it."""
    HALF = "half"
    """Only one half of it is found, as before."""
    NOT_SEARCHED = "not-searched"
    """The new version's source cannot be searched for it."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Where a symbol may have gone."""

    definition: Definition
    score: float
    """How likely it is, from 0 to 1."""
    reason: str
    """Why, in words; no full stop."""


@dataclass(frozen=True, slots=True, order=True)
class Lead:
    """Where a symbol that is renamed or gone may be now: a candidate as the lockfile keeps it."""

    score: float
    """How likely it is, from 0 to 1."""
    path: str
    line: int
    """The line that holds the name."""
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Track:
    """What became of a definition in a tracked version."""

    project: str
    version: str
    """The version that the notes speak of."""
    before: End
    """The definition there."""
    at: str
    """The tracked version."""
    status: DriftStatus
    after: End | None = None
    """What it is there, a definition of the lockfile; None if it is gone."""
    leads: tuple[Lead, ...] = ()
    """Where it may be, the likeliest first, if it is gone."""

    @property
    def key(self) -> tuple[str, str, str, End]:
        """What identifies it."""
        return (self.project, self.version, self.at, self.before)


@dataclass(frozen=True, slots=True)
class EdgeTrack:
    """What became of an edge in a tracked version."""

    edge: LockedEdge
    """What the notes say of it, and how the tracked version proves it; unproved if it is gone."""
    at: str
    """The tracked version."""
    change: EdgeStatusChange

    @property
    def key(self) -> tuple[str, ...]:
        """What identifies it: the key of the edge at the notes' version, and the version."""
        return (self.at, *self.edge.key)


Tracked = Callable[[Pin], Sequence[Pin]]
"""Returns the versions that are tracked besides that of a pin, in their order."""


def no_versions(pin: Pin) -> Sequence[Pin]:
    """The tracked versions of a notebook that tracks none."""
    del pin
    return ()


@dataclass(frozen=True)
class Lock:
    """The facts of a lockfile, each once, sorted by their `order` or `key`; see `make_lock`."""

    files: tuple[LockedFile, ...] = ()
    definitions: tuple[LockedDefinition, ...] = ()
    edges: tuple[LockedEdge, ...] = ()
    tracks: tuple[Track, ...] = ()
    edge_tracks: tuple[EdgeTrack, ...] = ()

    @cached_property
    def _by_name(self) -> Mapping[tuple[str, str, str, str], list[LockedDefinition]]:
        """The definitions by what a reference names."""
        found: dict[tuple[str, str, str, str], list[LockedDefinition]] = {}
        for locked in self.definitions:
            definition = locked.definition
            key = (locked.project, locked.version, definition.path, definition.name)
            found.setdefault(key, []).append(locked)
        return found

    @cached_property
    def _by_order(self) -> Mapping[tuple[object, ...], LockedDefinition]:
        return {locked.order: locked for locked in self.definitions}

    @cached_property
    def _by_key(self) -> Mapping[tuple[str, ...], LockedEdge]:
        return {edge.key: edge for edge in self.edges}

    @cached_property
    def _tracks(self) -> Mapping[tuple[str, str, str, End], Track]:
        return {track.key: track for track in self.tracks}

    @cached_property
    def _edge_tracks(self) -> Mapping[tuple[str, ...], EdgeTrack]:
        return {track.key: track for track in self.edge_tracks}

    def find_edge(self, edge: Edge) -> LockedEdge | None:
        """The locked fact of an edge, or None."""
        *key, _ = lock_edge(edge, Verdict(EdgeStatus.PROVED)).key
        above = edge.ancestors[0].symbol.name if edge.ancestors else ""
        return self._by_key.get((*key, "")) or self._by_key.get((*key, above))

    def find(self, reference: Reference) -> LockedDefinition | None:
        """The locked definition of a reference; None if there is none, or more than one fits."""
        pin, symbol = reference.pin, reference.symbol
        meant = [
            locked
            for locked in self._by_name.get(
                (pin.project, pin.version, symbol.path, symbol.name), ()
            )
            if symbol.kind in ("", locked.definition.kind)
            and reference.occurrence in ((0, 1) if locked.of == 1 else (locked.occurrence,))
        ]
        return meant[0] if len(meant) == 1 else None

    def track(self, locked: LockedDefinition, at: str) -> Track | None:
        """What became of a definition in a tracked version, or None if it is not locked."""
        return self._tracks.get((locked.project, locked.version, at, locked.end))

    def edge_track(self, edge: LockedEdge, at: str) -> EdgeTrack | None:
        """What became of an edge in a tracked version, or None if it is not locked."""
        return self._edge_tracks.get((at, *edge.key))

    def after(self, track: Track) -> LockedDefinition | None:
        """What a definition is in a tracked version, or None if it is gone."""
        if track.after is None:
            return None
        return self._by_order.get((track.project, track.at, *track.after))


def make_lock(
    files: Iterable[LockedFile],
    definitions: Iterable[LockedDefinition],
    edges: Iterable[LockedEdge] = (),
    tracks: Iterable[Track] = (),
    edge_tracks: Iterable[EdgeTrack] = (),
) -> Lock:
    """A lock of these facts, sorted, each once."""
    # A link in prose does not say what the definition calls, a step does.
    with_calls = sorted(definitions, key=lambda locked: bool(locked.calls))
    return Lock(
        tuple(sorted(set(files))),
        _unique(with_calls, lambda locked: locked.order),
        _unique(edges, lambda edge: edge.key),
        _unique(tracks, lambda track: track.key),
        _unique(edge_tracks, lambda track: track.key),
    )


def _unique(facts: Iterable[T], key: Callable[[T], tuple[Any, ...]]) -> tuple[T, ...]:
    by_key = {key(fact): fact for fact in facts}
    return tuple(by_key[each] for each in sorted(by_key))


_Count = Annotated[int, Field(ge=1)]
_Number = Annotated[int, Field(ge=0)]
_Kind = Annotated[str, AfterValidator(SymbolKind)]
_EndData = tuple[str, str, str, _Number]
_DefinitionEnd = tuple[str, str, _Kind, _Count]
_LeadData = tuple[str, _Count, str, _Kind, Annotated[float, Field(ge=0, le=1)]]
"""Path, line, name, kind and score."""


class _FileLine(FactLine):
    file: str
    project: str
    version: str
    blob: str

    def value(self) -> LockedFile:
        return LockedFile(self.project, self.version, self.file, self.blob)


class _DefinitionLine(FactLine):
    name: str
    kind: SymbolKind
    project: str
    version: str
    path: str
    line: _Count
    start: _Count
    end: _Count
    digest: str
    signature: str
    condition: str = ""
    occurrence: _Count | None = None  # it and `of` are written if there are several
    of: _Count | None = None
    calls: tuple[tuple[str, int], ...] = ()

    def value(self) -> LockedDefinition:
        found = Definition(
            *(self.path, self.name, self.kind, self.line, self.start, self.end),
            *(self.signature, self.digest, self.condition),
        )
        which = (self.occurrence or 1, self.of or 1)
        return LockedDefinition(self.project, self.version, found, *which, self.calls)


class _SiteData(FactLine):
    path: str
    line: _Count
    role: SiteRole
    name: str = ""
    condition: str = ""

    def value(self) -> ProofSite:
        return ProofSite(self.path, self.line, self.role, self.condition, self.name)


class _EdgeKeys(FactLine):
    """What lines of edges and of their tracks have in common."""

    caller: str
    callee: str
    project: str
    version: str
    from_: _EndData = Field(alias="from")
    to: _EndData
    via: str = ""
    when: str = ""
    by: str = ""
    above: str = ""
    status: EdgeStatus
    proof: Proof | None = None
    member: str = ""
    others: _Number = 0
    sites: tuple[_SiteData, ...]

    def edge(self) -> LockedEdge:
        sites = tuple(site.value() for site in self.sites)
        verdict = Verdict(self.status, self.proof, sites, self.member, self.others, self.above)
        stated = (self.via, self.when, self.by)
        return LockedEdge(self.project, self.version, self.from_, self.to, *stated, verdict)


class _EdgeLine(_EdgeKeys):
    def value(self) -> LockedEdge:
        if self.status is EdgeStatus.UNPROVED:
            raise ValueError("an unproved edge is no fact")
        return self.edge()


class _EdgeTrackLine(_EdgeKeys):
    at: str
    change: EdgeStatusChange

    def value(self) -> EdgeTrack:
        if self.change is EdgeStatusChange.GONE and self.status is not EdgeStatus.UNPROVED:
            raise ValueError("an edge that is gone is proved")
        return EdgeTrack(self.edge(), self.at, self.change)


class _TrackLine(FactLine):
    track: str
    project: str
    version: str
    at: str
    from_: _DefinitionEnd = Field(alias="from")
    status: DriftStatus
    to: _DefinitionEnd | None = None
    leads: tuple[_LeadData, ...] = ()

    def value(self) -> Track:
        if (self.to is None) != (self.status is DriftStatus.GONE):
            raise ValueError("only what is gone has no definition")
        leads = tuple(
            Lead(score, path, line, name, kind) for path, line, name, kind, score in self.leads
        )
        pins = (self.project, self.version)
        return Track(*pins, self.from_, self.at, self.status, self.to, leads)


_FORMAT = FactFormat(
    name="lockfile",
    key="callpath-lock",
    version=1,
    error=LockfileError,
    command="callpath lock --source SPEC",
    lines={
        "file": _FileLine,
        "track": _TrackLine,
        "at": _EdgeTrackLine,
        "caller": _EdgeLine,
        "name": _DefinitionLine,
    },
)


def format_lock(lock: Lock) -> str:
    """The canonical text of a lockfile."""
    return _FORMAT.format(
        [
            *(_FileLine.data(file, file=file.path) for file in lock.files),
            *map(_definition_line, lock.definitions),
            *(_edge_line(_EdgeLine, edge) for edge in lock.edges),
            *map(_track_line, lock.tracks),
            *(_edge_line(_EdgeTrackLine, track.edge, track) for track in lock.edge_tracks),
        ]
    )


def _definition_line(locked: LockedDefinition) -> dict[str, Any]:
    which = (locked.occurrence, locked.of) if locked.of > 1 else (None, None)
    return _DefinitionLine.data(locked.definition, locked, occurrence=which[0], of=which[1])


def _edge_line(kind: type[_EdgeKeys], edge: LockedEdge, *track: EdgeTrack) -> dict[str, Any]:
    sites = [_SiteData.data(site) for site in edge.verdict.sites]
    names = {"caller": edge.caller[1], "callee": edge.callee[1]}
    ends = {"from": edge.caller, "to": edge.callee}
    return kind.data(edge, edge.verdict, *track, sites=sites, **names, **ends)


def _track_line(track: Track) -> dict[str, Any]:
    leads = tuple((lead.path, lead.line, lead.name, lead.kind, lead.score) for lead in track.leads)
    ends = {"from": track.before, "to": track.after}
    return _TrackLine.data(track, track=track.before[1], leads=leads, **ends)


def parse_lock(file: str, text: str) -> Lock:
    """The facts of a lockfile.

    Raises:
        LockfileError: It is not a lockfile, its format version is unknown, or a line is damaged.
    """
    _FORMAT.head(file, text)
    facts = _FORMAT.facts(file, text, methodcaller("value"))

    def of(kind: type[T]) -> Iterator[T]:
        return (fact for fact in facts if isinstance(fact, kind))

    edges, tracks = of(LockedEdge), of(Track)
    return make_lock(of(LockedFile), of(LockedDefinition), edges, tracks, of(EdgeTrack))

"""The lockfile's facts: every resolved reference and proved edge, per version. No kernel text."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from callpath.core.locked_edges import End, LockedEdge, edge_key
from callpath.core.model import Definition, Pin, Reference
from callpath.core.prover.edges import Edge
from callpath.core.tracks import EdgeTrack, Track

Tracked = Callable[[Pin], Sequence[Pin]]
"""Says which versions are tracked beside that of a pin, in their order."""


def no_versions(pin: Pin) -> Sequence[Pin]:
    """Of a notebook that tracks no versions."""
    del pin
    return ()


@dataclass(frozen=True, slots=True, order=True)
class LockedFile:
    """A file that references were read in, with its git blob id (SHA-1, 40 hex digits)."""

    project: str
    version: str
    path: str
    blob: str


@dataclass(frozen=True, slots=True)
class LockedDefinition:
    """A definition at a version.

    Attributes:
        project: The code base.
        version: The tag.
        definition: What the source has there.
        occurrence: Which it is of the definitions of its name and kind in the file, 1-based.
        of: How many of them there are.
        calls: Of a function that a step is about: what its body calls by name, each once, with the
            line of the first call (1-based), in line order. Names in capitals are left out.
    """

    project: str
    version: str
    definition: Definition
    occurrence: int = 1
    of: int = 1
    calls: tuple[tuple[str, int], ...] = ()

    @property
    def order(self) -> tuple[str, str, str, str, str, int]:
        """What the facts are sorted by."""
        found = self.definition
        return (
            self.project,
            self.version,
            found.path,
            found.name,
            found.kind.value,
            self.occurrence,
        )

    @property
    def end(self) -> End:
        """What identifies it in its version: path, name, kind and occurrence (1-based)."""
        found = self.definition
        return (found.path, found.name, found.kind.value, self.occurrence)


_Key = tuple[str, str, str, str]
_Order = tuple[str, str, str, str, str, int]


@dataclass(frozen=True)
class Lock:
    """The facts of a lockfile.

    Attributes:
        files: Sorted, each once.
        definitions: Sorted by `LockedDefinition.order`, each once.
        edges: Sorted by `LockedEdge.key`, each once.
        tracks: What became of definitions in tracked versions, sorted by `Track.key`, each once.
        edge_tracks: What became of edges there, sorted by `EdgeTrack.key`, each once.
    """

    files: tuple[LockedFile, ...] = ()
    definitions: tuple[LockedDefinition, ...] = ()
    edges: tuple[LockedEdge, ...] = ()
    tracks: tuple[Track, ...] = ()
    edge_tracks: tuple[EdgeTrack, ...] = ()
    _by_name: Mapping[_Key, tuple[LockedDefinition, ...]] = field(
        init=False, repr=False, compare=False
    )
    _by_edge: Mapping[tuple[str, ...], LockedEdge] = field(init=False, repr=False, compare=False)
    _by_order: Mapping[_Order, LockedDefinition] = field(init=False, repr=False, compare=False)
    _tracks: Mapping[tuple[str, str, str, End], Track] = field(
        init=False, repr=False, compare=False
    )
    _edge_tracks: Mapping[tuple[str, ...], EdgeTrack] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the definitions by what a reference names."""
        found: dict[_Key, tuple[LockedDefinition, ...]] = {}
        for locked in self.definitions:
            definition = locked.definition
            key = (locked.project, locked.version, definition.path, definition.name)
            found[key] = (*found.get(key, ()), locked)
        object.__setattr__(self, "_by_name", found)
        object.__setattr__(self, "_by_edge", {edge.key: edge for edge in self.edges})
        object.__setattr__(self, "_by_order", {each.order: each for each in self.definitions})
        object.__setattr__(self, "_tracks", {track.key: track for track in self.tracks})
        object.__setattr__(self, "_edge_tracks", {track.key: track for track in self.edge_tracks})

    def find_edge(self, edge: Edge) -> LockedEdge | None:
        """What the lockfile knows of an edge; nothing when it is not locked."""
        above = edge.ancestors[0].symbol.name if edge.ancestors else ""
        return self._by_edge.get(edge_key(edge)) or self._by_edge.get(edge_key(edge, above))

    def find(self, reference: Reference) -> LockedDefinition | None:
        """What the lockfile knows of a reference; nothing when it is not locked."""
        pin, symbol = reference.pin, reference.symbol
        named = self._by_name.get((pin.project, pin.version, symbol.path, symbol.name), ())
        meant = [
            locked
            for locked in named
            if symbol.kind in ("", locked.definition.kind)
            and reference.occurrence in ((0, 1) if locked.of == 1 else (locked.occurrence,))
        ]
        return meant[0] if len(meant) == 1 else None

    def track(self, locked: LockedDefinition, at: str) -> Track | None:
        """What became of a definition in a tracked version; nothing when it is not locked."""
        return self._tracks.get((locked.project, locked.version, at, locked.end))

    def edge_track(self, edge: LockedEdge, at: str) -> EdgeTrack | None:
        """What became of an edge in a tracked version; nothing when it is not locked."""
        return self._edge_tracks.get((at, *edge.key))

    def after(self, track: Track) -> LockedDefinition | None:
        """What a definition is in a tracked version; nothing when it is gone."""
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
    unique: dict[_Order, LockedDefinition] = {}
    for locked in definitions:  # a link in prose knows nothing of the calls that a step knows
        if locked.calls or locked.order not in unique:
            unique[locked.order] = locked
    by_key = {edge.key: edge for edge in edges}
    traces = {track.key: track for track in tracks}
    edge_traces = {track.key: track for track in edge_tracks}
    return Lock(
        tuple(sorted(set(files))),
        tuple(unique[order] for order in sorted(unique)),
        tuple(by_key[key] for key in sorted(by_key)),
        tuple(traces[key] for key in sorted(traces)),
        tuple(edge_traces[key] for key in sorted(edge_traces)),
    )


def unused(
    lock: Lock, references: Iterable[Reference], tracked: Tracked = no_versions
) -> list[LockedDefinition]:
    """The locked definitions that nothing asks for, in the lockfile's order.

    Parameters:
        lock: The lockfile's facts.
        references: What asks: for its own definition, and for what that is in tracked versions.
        tracked: The tracked versions beside that of a pin.
    """
    used: set[_Order] = set()
    for reference in references:
        if (found := lock.find(reference)) is None:
            continue
        used.add(found.order)
        others = () if reference.fixed else tracked(reference.pin)
        tracks = [lock.track(found, pin.version) for pin in others]
        known = [lock.after(track) for track in tracks if track is not None]
        used.update(each.order for each in known if each is not None)
    return [locked for locked in lock.definitions if locked.order not in used]


def unused_tracks(
    lock: Lock, references: Iterable[Reference], edges: Iterable[Edge], tracked: Tracked
) -> list[Track | EdgeTrack]:
    """The tracks that nothing asks for, in the lockfile's order.

    Parameters:
        lock: The lockfile's facts.
        references: The references whose tracks are wanted.
        edges: The edges whose tracks are wanted.
        tracked: The tracked versions beside that of a pin.
    """
    used = {
        (found.project, found.version, pin.version, found.end)
        for reference in references
        if not reference.fixed and (found := lock.find(reference))
        for pin in tracked(reference.pin)
    }
    used_edges = {
        (pin.version, *known.key)
        for edge in edges
        for pin in tracked(edge.pin)
        if (known := lock.find_edge(edge))
    }
    return [
        *(track for track in lock.tracks if track.key not in used),
        *(track for track in lock.edge_tracks if track.key not in used_edges),
    ]


def unused_edges(lock: Lock, edges: Iterable[Edge]) -> list[LockedEdge]:
    """The locked edges that the notes do not state, in the lockfile's order."""
    used = {found.key for edge in edges if (found := lock.find_edge(edge))}
    return [locked for locked in lock.edges if locked.key not in used]

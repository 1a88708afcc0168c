"""Whether a lockfile is complete and holds nothing in vain, told without any source."""

from collections.abc import Iterable, Iterator, Sequence

from callpath.core import rules
from callpath.core.diagnostics import Diagnostic, Place
from callpath.core.lock import (
    Lock,
    LockedDefinition,
    Tracked,
    no_versions,
    unused,
    unused_edges,
    unused_tracks,
)
from callpath.core.locked_edges import LockedEdge
from callpath.core.model import Reference
from callpath.core.prover import Edge
from callpath.core.tracks import EdgeTrack, Track

_LOCK = "run `callpath lock --source SPEC`"


def lock_state(
    lock: Lock,
    lockfile: str,
    references: Sequence[Reference],
    edges: Sequence[Edge],
    tracked: Tracked = no_versions,
    *,
    complete: bool,
) -> Iterator[Diagnostic]:
    """The findings on a lockfile.

    Parameters:
        lock: Its facts.
        lockfile: Its path relative to the project's root.
        references: Every reference of the notebook.
        edges: Every edge of the notebook.
        tracked: The tracked versions beside that of a pin.
        complete: Whether these are all; if not, the lockfile may hold more than they ask for.
    """
    unlocked: set[tuple[str, str]] = set()
    for reference in references:
        if lock.find(reference) is None:
            unlocked.add((reference.note, reference.step))
            yield _not_locked(reference)
    for edge in edges:
        ends = {(edge.note, edge.caller.id), (edge.note, edge.callee.id)}
        if lock.find_edge(edge) is None and not ends & unlocked:
            yield _edge_not_locked(edge)
    yield from _untracked(lock, references, edges, tracked)
    if complete:
        reached = {(t.project, t.at, *t.after) for t in lock.tracks if t.after is not None}
        for locked in unused(lock, references, tracked):
            if locked.order not in reached:  # a track leads to it: that is told with the track
                yield _stale(locked, lockfile)
        yield from (_stale_edge(locked, lockfile) for locked in unused_edges(lock, edges))
        yield from _stale_tracks(unused_tracks(lock, references, edges, tracked), lockfile)


def _untracked(
    lock: Lock, references: Sequence[Reference], edges: Sequence[Edge], tracked: Tracked
) -> Iterator[Diagnostic]:
    """What is locked at its pin, but of which a tracked version does not say what became of it.

    Each version is told once, at the first place where it lacks something.
    """
    lacking: dict[str, tuple[Place, str, int]] = {}

    def add(place: Place, name: str, at: str) -> None:
        first, symbol, number = lacking.get(at, (place, name, 0))
        lacking[at] = (first, symbol, number + 1)

    for reference in references:
        found = None if reference.fixed else lock.find(reference)
        for pin in tracked(reference.pin) if found else ():
            if found and not _is_tracked(lock, found, pin.version):
                add(reference.place, f"`{reference.symbol.name}`", pin.version)
    for edge in edges:
        known = lock.find_edge(edge)
        for pin in tracked(edge.pin) if known else ():
            if known and lock.edge_track(known, pin.version) is None:
                name = f"`{edge.caller.symbol.name}` → `{edge.callee.symbol.name}`"
                add(edge.place, name, pin.version)
    for at, (place, name, number) in lacking.items():
        more = f" and {number - 1} more" if number > 1 else ""
        yield rules.NOT_LOCKED.at(
            place,
            f"the lockfile does not say what became of {name}{more} in the tracked {at}",
            f"run `callpath lock --source SPEC` with a source that has {at}",
        )


def _is_tracked(lock: Lock, found: LockedDefinition, at: str) -> bool:
    """Whether the lockfile says what became of a definition, and has what it is now."""
    track = lock.track(found, at)
    return track is not None and (track.after is None or lock.after(track) is not None)


def _stale_tracks(tracks: Iterable[Track | EdgeTrack], lockfile: str) -> Iterator[Diagnostic]:
    """Tracks that nobody asks for: each pair of versions is told once."""
    pairs: dict[tuple[str, str], list[str]] = {}
    for track in tracks:
        if isinstance(track, Track):
            pair, name = (track.version, track.at), f"`{track.before[1]}`"
        else:
            pair = (track.edge.version, track.at)
            name = f"`{track.edge.caller[1]}` → `{track.edge.callee[1]}`"
        pairs.setdefault(pair, []).append(name)
    for (version, at), names in pairs.items():
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        yield rules.STALE_LOCK.at(
            Place(lockfile),
            f"nothing asks what became of {names[0]}{more} between {version} and {at}",
            _LOCK,
        )


def _not_locked(reference: Reference) -> Diagnostic:
    symbol = reference.symbol
    return rules.NOT_LOCKED.at(
        reference.place,
        f"`{symbol.name}` in `{symbol.path}` is not locked at {reference.pin.version}",
        _LOCK,
    )


def _stale(locked: LockedDefinition, lockfile: str) -> Diagnostic:
    found = locked.definition
    return rules.STALE_LOCK.at(
        Place(lockfile),
        f"no note refers to {found.kind} `{found.name}` in `{found.path}` at {locked.version}",
        _LOCK,
    )


def _edge_not_locked(edge: Edge) -> Diagnostic:
    return rules.NOT_LOCKED.at(
        edge.place,
        f"`{edge.caller.symbol.name}` → `{edge.callee.symbol.name}` is not locked "
        f"at {edge.pin.version}",
        _LOCK,
    )


def _stale_edge(locked: LockedEdge, lockfile: str) -> Diagnostic:
    return rules.STALE_LOCK.at(
        Place(lockfile),
        f"no note states `{locked.caller[1]}` → `{locked.callee[1]}` at {locked.version}",
        _LOCK,
    )

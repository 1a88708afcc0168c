"""Whether a lockfile is complete and holds nothing in vain, told without any source."""

from collections.abc import Iterable, Iterator, Sequence

from callpath import rules
from callpath.facts.eras import EdgeEnds, Eras, SymbolKey, above_of, edge_ends, symbol_key
from callpath.facts.lock import (
    EdgeTrack,
    Lock,
    LockedDefinition,
    LockedEdge,
    Track,
    Tracked,
    no_versions,
    unused,
    unused_edges,
    unused_tracks,
)
from callpath.findings import Finding, Location
from callpath.model import Edge, Reference

_LOCK = "run `callpath lock --source SPEC`"


def lock_state(
    lock: Lock,
    lockfile: str,
    references: Sequence[Reference],
    edges: Sequence[Edge],
    tracked: Tracked = no_versions,
    *,
    complete: bool,
) -> Iterator[Finding]:
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
) -> Iterator[Finding]:
    """What is locked at its pin, but of which a tracked version does not say what became of it.

    Each version is told once, at the first place where it lacks something.
    """
    lacking: dict[str, tuple[Location, str, int]] = {}

    def add(place: Location, name: str, at: str) -> None:
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


def _stale_tracks(tracks: Iterable[Track | EdgeTrack], lockfile: str) -> Iterator[Finding]:
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
            Location(lockfile),
            f"nothing asks what became of {names[0]}{more} between {version} and {at}",
            _LOCK,
        )


def _not_locked(reference: Reference) -> Finding:
    symbol = reference.symbol
    return rules.NOT_LOCKED.at(
        reference.place,
        f"`{symbol.name}` in `{symbol.path}` is not locked at {reference.pin.version}",
        _LOCK,
    )


def _stale(locked: LockedDefinition, lockfile: str) -> Finding:
    found = locked.definition
    return rules.STALE_LOCK.at(
        Location(lockfile),
        f"no note refers to {found.kind} `{found.name}` in `{found.path}` at {locked.version}",
        _LOCK,
    )


def _edge_not_locked(edge: Edge) -> Finding:
    return rules.NOT_LOCKED.at(
        edge.place,
        f"`{edge.caller.symbol.name}` → `{edge.callee.symbol.name}` is not locked "
        f"at {edge.pin.version}",
        _LOCK,
    )


def _stale_edge(locked: LockedEdge, lockfile: str) -> Finding:
    return rules.STALE_LOCK.at(
        Location(lockfile),
        f"no note states `{locked.caller[1]}` → `{locked.callee[1]}` at {locked.version}",
        _LOCK,
    )


_WRITE = "run `callpath eras --source git:REPO --write`"


def era_state(
    eras: Eras,
    file: str,
    references: Sequence[Reference],
    edges: Sequence[Edge],
    *,
    complete: bool,
) -> Iterator[Finding]:
    """The findings on a file of eras.

    Parameters:
        eras: Its facts.
        file: Its path relative to the project's root.
        references: Every reference of the notebook.
        edges: Every edge of the notebook.
        complete: Whether these are all; if not, the file may hold more than they state.
    """
    own = [each for each in references if each.pin.project == eras.project]
    symbols = {symbol_key(each.symbol, each.occurrence): each for each in reversed(own)}
    asked = _asked(eras, edges)
    unknown = symbols.keys() - eras.symbols.keys()
    yield from (_unknown(symbols[key], file) for key in unknown)
    for ends in asked.keys() - eras.edges.keys():
        if not {ends.caller, ends.callee} & unknown:
            yield _unknown_edge(asked[ends], ends, file)
    if complete:
        yield from (_stale_era_state(key, file) for key in eras.symbols.keys() - symbols.keys())
        yield from (_stale_edge_era_state(ends, file) for ends in eras.edges.keys() - asked.keys())


def _asked(eras: Eras, edges: Sequence[Edge]) -> dict[EdgeEnds, Edge]:
    """What the notes state of edges, each with the first that states it."""
    asked: dict[EdgeEnds, Edge] = {}
    for edge in edges:
        if edge.pin.project == eras.project:
            above = edge_ends(edge, above_of(edge))
            asked.setdefault(above if above in eras.edges else edge_ends(edge), edge)
    return asked


def _unknown(reference: Reference, file: str) -> Finding:
    symbol = reference.symbol
    return rules.STALE_ERAS.at(
        reference.place, f"`{symbol.name}` in `{symbol.path}` is not in `{file}`", _WRITE
    )


def _unknown_edge(edge: Edge, ends: EdgeEnds, file: str) -> Finding:
    return rules.STALE_ERAS.at(edge.place, f"{_names(ends)} is not in `{file}`", _WRITE)


def _stale_era_state(key: SymbolKey, file: str) -> Finding:
    path, name, kind, _ = key
    shown = f"{kind} `{name}`".strip()
    return rules.STALE_ERAS.at(Location(file), f"no note refers to {shown} in `{path}`", _WRITE)


def _stale_edge_era_state(ends: EdgeEnds, file: str) -> Finding:
    return rules.STALE_ERAS.at(Location(file), f"no note states {_names(ends)}", _WRITE)


def _names(ends: EdgeEnds) -> str:
    via = f" via `{ends.via}`" if ends.via else ""
    return f"`{ends.caller[1]}` → `{ends.callee[1]}`{via}"

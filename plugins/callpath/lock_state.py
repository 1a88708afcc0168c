"""Checks that the lockfile and the eras file have each needed entry and no unused ones.

Needs no source tree.
"""

from collections.abc import Collection, Iterator, Sequence

from callpath import rules
from callpath.facts.eras import EdgeEnds, Eras, above_of, edge_ends, symbol_key
from callpath.facts.lock import End, Lock, LockedDefinition, Tracked, no_versions
from callpath.findings import Finding, Location
from callpath.model import Edge, Reference

_LOCK = "run `callpath lock --source SPEC`"
_WRITE_ERAS = "run `callpath eras --source git:REPO --write`"


def lock_state(
    lock: Lock,
    lockfile: str,
    references: Sequence[Reference],
    edges: Sequence[Edge],
    tracked: Tracked = no_versions,
    *,
    complete: bool,
) -> Iterator[Finding]:
    """The findings on a lockfile, whose path is relative to the project's root.

    Parameters:
        complete: Whether these are all references and edges of the notebook; if not, the lockfile
            may hold more than they ask for.
    """
    unlocked: set[tuple[str, str]] = set()
    for reference in references:
        symbol, version = reference.symbol, reference.pin.version
        if lock.find(reference) is None:
            unlocked.add((reference.note, reference.step))
            message = f"`{symbol.name}` in `{symbol.path}` is not locked at {version}"
            yield rules.NOT_LOCKED.at(reference.location, message, _LOCK)
    for edge in edges:
        ends = {(edge.note, edge.caller.id), (edge.note, edge.callee.id)}
        if lock.find_edge(edge) is None and not ends & unlocked:
            message = f"{_edge_name(edge)} is not locked at {edge.pin.version}"
            yield rules.NOT_LOCKED.at(edge.location, message, _LOCK)
    yield from _untracked(lock, references, edges, tracked)
    if complete:
        for message in _unused(lock, references, edges, tracked):
            yield rules.STALE_LOCK.at(Location(lockfile), message, _LOCK)


def _untracked(
    lock: Lock, references: Sequence[Reference], edges: Sequence[Edge], tracked: Tracked
) -> Iterator[Finding]:
    """A finding for each tracked version in which the lockfile lacks what became of something.

    It is at the first place that lacks it. What is not locked at its own pin does not count.
    """
    lacking: dict[str, list[tuple[Location, str]]] = {}
    for reference in references:
        for found, at in _tracks_of(lock, reference, tracked):
            track = lock.track(found, at)
            if track is None or (track.after is not None and lock.after(track) is None):
                lacking.setdefault(at, []).append(
                    (reference.location, f"`{reference.symbol.name}`")
                )
    for edge in edges:
        known = lock.find_edge(edge)
        for pin in tracked(edge.pin) if known else ():
            if known and lock.edge_track(known, pin.version) is None:
                lacking.setdefault(pin.version, []).append((edge.location, _edge_name(edge)))
    for at, places in lacking.items():
        yield rules.NOT_LOCKED.at(
            places[0][0],
            f"the lockfile does not say what became of {_first([name for _, name in places])} "
            f"in the tracked {at}",
            f"run `callpath lock --source SPEC` with a source that has {at}",
        )


def _tracks_of(
    lock: Lock, reference: Reference, tracked: Tracked
) -> Iterator[tuple[LockedDefinition, str]]:
    """The locked definition of a reference with each version that it is tracked in."""
    found = None if reference.fixed else lock.find(reference)
    if found is not None:
        yield from ((found, pin.version) for pin in tracked(reference.pin))


def _unused(
    lock: Lock, references: Sequence[Reference], edges: Sequence[Edge], tracked: Tracked
) -> Iterator[str]:
    """What the lockfile holds and nothing asks for, in the order of the file, as messages."""
    used = {found.order for each in references if (found := lock.find(each))}
    # What only an unused track leads to is reported with that track.
    used |= {(each.project, each.at, *each.after) for each in lock.tracks if each.after}
    for locked in lock.definitions:
        if locked.order not in used:
            unused = locked.definition
            shown = f"{unused.kind} `{unused.name}` in `{unused.path}`"
            yield f"no note refers to {shown} at {locked.version}"
    stated = {(known.key, edge.pin) for edge in edges if (known := lock.find_edge(edge))}
    keys = {key for key, _ in stated}
    for fact in lock.edges:
        if fact.key not in keys:
            yield f"no note states {_arrow(fact.caller, fact.callee)} at {fact.version}"
    asked = [pair for each in references for pair in _tracks_of(lock, each, tracked)]
    yield from _unused_tracks(
        lock,
        {(found.project, found.version, at, found.end) for found, at in asked},
        {(at.version, *key) for key, pin in stated for at in tracked(pin)},
    )


def _unused_tracks(
    lock: Lock, keys: Collection[tuple[object, ...]], edge_keys: Collection[tuple[str, ...]]
) -> Iterator[str]:
    """A message for each pair of versions with tracks that have none of the keys."""
    pairs: dict[tuple[str, str], list[str]] = {}
    for track in lock.tracks:
        if track.key not in keys:
            pairs.setdefault((track.version, track.at), []).append(f"`{track.before[1]}`")
    for edge_track in lock.edge_tracks:
        if edge_track.key not in edge_keys:
            edge = edge_track.edge
            name = _arrow(edge.caller, edge.callee)
            pairs.setdefault((edge.version, edge_track.at), []).append(name)
    for (version, at), names in pairs.items():
        yield f"nothing asks what became of {_first(names)} between {version} and {at}"


def era_state(
    eras: Eras,
    file: str,
    references: Sequence[Reference],
    edges: Sequence[Edge],
    *,
    complete: bool,
) -> Iterator[Finding]:
    """The findings on an eras file; see `lock_state`."""
    own = [each for each in references if each.pin.project == eras.project]
    symbols = {symbol_key(each.symbol, each.occurrence): each for each in reversed(own)}
    asked = _asked(eras, edges)
    unknown = symbols.keys() - eras.symbols.keys()
    for key in unknown:
        message = f"`{key[1]}` in `{key[0]}` is not in `{file}`"
        yield rules.STALE_ERAS.at(symbols[key].location, message, _WRITE_ERAS)
    for ends in asked.keys() - eras.edges.keys():
        if not {ends.caller, ends.callee} & unknown:
            message = f"{_ends_name(ends)} is not in `{file}`"
            yield rules.STALE_ERAS.at(asked[ends].location, message, _WRITE_ERAS)
    if complete:
        stale = [
            f"no note refers to {f'{kind} `{name}`'.strip()} in `{path}`"
            for path, name, kind, _ in eras.symbols.keys() - symbols.keys()
        ]
        stale += [f"no note states {_ends_name(ends)}" for ends in eras.edges.keys() - asked.keys()]
        yield from (rules.STALE_ERAS.at(Location(file), each, _WRITE_ERAS) for each in stale)


def _asked(eras: Eras, edges: Sequence[Edge]) -> dict[EdgeEnds, Edge]:
    """What the notes state of edges, each with the first that states it."""
    asked: dict[EdgeEnds, Edge] = {}
    for edge in edges:
        if edge.pin.project == eras.project:
            above = edge_ends(edge, above_of(edge))
            asked.setdefault(above if above in eras.edges else edge_ends(edge), edge)
    return asked


def _first(names: Sequence[str]) -> str:
    return f"{names[0]} and {len(names) - 1} more" if len(names) > 1 else names[0]


def _edge_name(edge: Edge) -> str:
    return f"`{edge.caller.symbol.name}` → `{edge.callee.symbol.name}`"


def _arrow(caller: End, callee: End) -> str:
    return f"`{caller[1]}` → `{callee[1]}`"


def _ends_name(ends: EdgeEnds) -> str:
    via = f" via `{ends.via}`" if ends.via else ""
    return _arrow(ends.caller, ends.callee) + via

"""Checks that the lockfile and the eras file have each needed entry and no unused ones.

Needs no source tree.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from callpath import rules
from callpath.facts.eras import Eras
from callpath.facts.lock import (
    EdgeTrack,
    Lock,
    StatedEdge,
    Track,
    above_of,
    stated_edge,
    stated_symbol,
)
from callpath.facts.proof import EdgeStatus, Verdict
from callpath.findings import Finding, Location
from callpath.model import Edge, Pin, Reference

_LOCK = "run `callpath lock --source SPEC`"
_WRITE_ERAS = "run `callpath eras --source git:REPO --write`"


@dataclass(frozen=True, slots=True)
class _Locked:
    """A reference or an edge that is locked."""

    location: Location
    name: str  # in messages
    key: object  # of its fact
    tracks: Mapping[str, Track | EdgeTrack | None]  # what is locked of each tracked version


def lock_state(
    lock: Lock,
    lockfile: str,
    references: Sequence[Reference],
    edges: Sequence[Edge],
    tracked: Callable[[Pin], Sequence[Pin]],
    *,
    complete: bool,
) -> Iterator[Finding]:
    """The findings on a lockfile, whose path is relative to the project's root.

    Parameters:
        tracked: Returns the versions that are tracked besides that of a pin.
        complete: Whether these are all references and edges of the notebook; if not, the lockfile
            may hold more than they ask for.
    """
    locked: list[_Locked] = []
    unlocked: set[tuple[str, str]] = set()
    for reference in references:
        symbol, pin = reference.symbol, reference.pin
        if definition := lock.find(reference):
            versions = [] if reference.fixed else [each.version for each in tracked(pin)]
            tracks = {at: lock.track(definition, at) for at in versions}
            locked.append(_Locked(reference.location, f"`{symbol.name}`", definition.key, tracks))
        else:
            unlocked.add((reference.note, reference.step))
            message = f"`{symbol.name}` in `{symbol.path}` is not locked at {pin.version}"
            yield rules.NOT_LOCKED.at(reference.location, message, _LOCK)
    for edge in edges:
        name = _name(stated_edge(edge))
        if fact := lock.find_edge(edge):
            pins = tracked(edge.pin)
            edge_tracks = {pin.version: lock.edge_track(fact, pin.version) for pin in pins}
            locked.append(_Locked(edge.location, name, fact.key, edge_tracks))
            yield from _doubts(edge, fact.verdict)
        elif not {(edge.note, edge.caller.id), (edge.note, edge.callee.id)} & unlocked:
            message = f"{name} is not locked at {edge.pin.version}"
            yield rules.NOT_LOCKED.at(edge.location, message, _LOCK)
    yield from _untracked(lock, locked)
    if complete:
        used = {each.key for each in locked}
        used |= {track.key for each in locked for track in each.tracks.values() if track}
        for message in _unused(lock, used):
            yield rules.STALE_LOCK.at(Location(lockfile), message, _LOCK)


def _doubts(edge: Edge, verdict: Verdict) -> Iterator[Finding]:
    """Where the lockfile knows that an edge is less, or more, than the notes say."""
    status, asserted = verdict.status, bool(edge.callee.asserted)
    if status is EdgeStatus.PROVED and asserted:
        message = f"{edge} is asserted, but the lockfile has a proof of it"
        yield rules.NEEDLESS_ASSERTION.at(edge.location, message, "remove `asserted`")
    elif status is EdgeStatus.HALF and not asserted:
        message = f"{edge} was only half proved when it was locked"
        hint = f"`callpath check --source SPEC` says which half is missing; {rules.VOUCH}"
        yield rules.HALF_PROVED_EDGE.at(edge.location, message, hint)
    elif (status is EdgeStatus.ASSERTED) != asserted and status is not EdgeStatus.PROVED:
        says = "asserts it" if asserted else "does not assert it"
        message = f"{edge} is locked as {_STATUSES[status]}, but the note {says}"
        yield rules.NOT_LOCKED.at(edge.location, message, _LOCK)


_STATUSES = {
    EdgeStatus.HALF: "half proved",
    EdgeStatus.ASSERTED: "asserted",
    EdgeStatus.NOT_SEARCHED: "not searched",
}


def _untracked(lock: Lock, locked: Iterable[_Locked]) -> Iterator[Finding]:
    """A finding for each tracked version in which the lockfile lacks what became of something.

    It is at the first place that lacks it.
    """
    lacking: dict[str, list[_Locked]] = defaultdict(list)
    for each in locked:
        for at, track in each.tracks.items():
            if track is None or (
                isinstance(track, Track) and track.after and not lock.after(track)
            ):
                lacking[at].append(each)
    for at, those in lacking.items():
        yield rules.NOT_LOCKED.at(
            those[0].location,
            f"the lockfile does not say what became of {_first([each.name for each in those])} "
            f"in the tracked {at}",
            f"run `callpath lock --source SPEC` with a source that has {at}",
        )


def _unused(lock: Lock, used: Set[object]) -> Iterator[str]:
    """What the lockfile holds and nothing asks for, in the order of the file, as messages."""
    # What only an unused track leads to is reported with that track.
    known = used | {(each.project, each.at, each.after) for each in lock.tracks}
    for locked in lock.definitions:
        if locked.key not in known:
            unused = locked.definition
            shown = f"{unused.kind} `{unused.name}` in `{unused.path}`"
            yield f"no note refers to {shown} at {locked.version}"
    for edge in lock.edges:
        if edge.key not in used:
            yield f"no note states {_name(edge.stated)} at {edge.version}"
    tracks: dict[tuple[str, str], list[str]] = defaultdict(list)
    for track in lock.tracks:
        if track.key not in used:
            tracks[track.version, track.at].append(f"`{track.before.name}`")
    for edge_track in lock.edge_tracks:
        if edge_track.key not in used:
            tracks[edge_track.edge.version, edge_track.at].append(_name(edge_track.edge.stated))
    for (version, at), names in tracks.items():
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
    symbols = {
        stated_symbol(each): each
        for each in reversed(references)
        if each.pin.project == eras.project
    }
    asked: dict[StatedEdge, Edge] = {}
    for edge in edges:
        if edge.pin.project == eras.project:
            above = stated_edge(edge, above_of(edge))
            asked.setdefault(above if above in eras.edges else stated_edge(edge), edge)
    unknown = symbols.keys() - eras.symbols.keys()
    for symbol in unknown:
        message = f"`{symbol.name}` in `{symbol.path}` is not in `{file}`"
        yield rules.STALE_ERAS.at(symbols[symbol].location, message, _WRITE_ERAS)
    for stated in asked.keys() - eras.edges.keys():
        if not {stated.caller, stated.callee} & unknown:
            message = f"{_name_with_via(stated)} is not in `{file}`"
            yield rules.STALE_ERAS.at(asked[stated].location, message, _WRITE_ERAS)
    if complete:
        stale = [
            f"no note refers to {f'{kind} `{name}`'.strip()} in `{path}`"
            for path, name, kind, _ in eras.symbols.keys() - symbols.keys()
        ]
        unasked = eras.edges.keys() - asked.keys()
        stale += [f"no note states {_name_with_via(stated)}" for stated in unasked]
        yield from (rules.STALE_ERAS.at(Location(file), each, _WRITE_ERAS) for each in stale)


def _first(names: Sequence[str]) -> str:
    return f"{names[0]} and {len(names) - 1} more" if len(names) > 1 else names[0]


def _name(edge: StatedEdge) -> str:
    return f"`{edge.caller.name}` → `{edge.callee.name}`"


def _name_with_via(edge: StatedEdge) -> str:
    return _name(edge) + (f" via `{edge.via}`" if edge.via else "")

"""What tracked versions say of the notes: a track leads from a fact at the notes' version to one.

A track of a definition says what became of it, and where it is now; one of an edge says how it is
proved there. Both are lines of the lockfile. Values only.
"""

from dataclasses import dataclass, replace
from typing import Any

from callpath.core.drift.values import Candidate, DriftStatus, EdgeStatusChange
from callpath.core.locked_edges import End, LockedEdge, edge_fact, read_edge, read_end
from callpath.core.model import SymbolKind
from callpath.core.proof import EdgeStatus, Verdict

_CANDIDATES = 3  # of a symbol that is gone; more would not help a reader


@dataclass(frozen=True, slots=True, order=True)
class Lead:
    """Where a symbol that is renamed or gone may be now.

    Attributes:
        score: How likely it is, from 0 to 1.
        path: The file.
        line: The line that holds the name.
        name: The name.
        kind: What it is.
    """

    score: float
    path: str
    line: int
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Track:
    """What became of a definition in a tracked version.

    Attributes:
        project: The code base.
        version: The version that the notes speak of.
        before: The definition there.
        at: The tracked version.
        status: What became of it.
        after: What it is there, a definition of the lockfile; nothing when it is gone.
        leads: Where it may be, the likeliest first; of what is gone.
    """

    project: str
    version: str
    before: End
    at: str
    status: DriftStatus
    after: End | None = None
    leads: tuple[Lead, ...] = ()

    @property
    def key(self) -> tuple[str, str, str, End]:
        """What identifies it."""
        return (self.project, self.version, self.at, self.before)


@dataclass(frozen=True, slots=True)
class EdgeTrack:
    """What became of an edge in a tracked version.

    Attributes:
        edge: What the notes say of it, and how the tracked version proves it; unproved when it is
            gone.
        at: The tracked version.
        change: What became of it.
    """

    edge: LockedEdge
    at: str
    change: EdgeStatusChange

    @property
    def key(self) -> tuple[str, ...]:
        """What identifies it: the key of the edge at the notes' version, and the version."""
        return (self.at, *self.edge.key)


def leads_of(candidates: tuple[Candidate, ...]) -> tuple[Lead, ...]:
    """The best of the candidates, as the lockfile keeps them."""
    return tuple(
        Lead(
            round(each.score, 2),
            each.definition.path,
            each.definition.line,
            each.definition.name,
            each.definition.kind.value,
        )
        for each in candidates[:_CANDIDATES]
    )


def track_fact(track: Track) -> dict[str, Any]:
    """A track of a definition as a line of the lockfile has it."""
    fact: dict[str, Any] = {
        "track": track.before[1],
        "project": track.project,
        "version": track.version,
        "at": track.at,
        "from": list(track.before),
        "status": track.status.value,
    }
    if track.after is not None:
        fact["to"] = list(track.after)
    if track.leads:
        fact["leads"] = [
            [lead.path, lead.line, lead.name, lead.kind, lead.score] for lead in track.leads
        ]
    return fact


def read_track(fact: dict[str, Any]) -> Track:
    """A track of a definition from a line of the lockfile.

    Raises:
        ValueError: A value is none that can stand there.
        KeyError: A key is missing.
        TypeError: A value has another type.
    """
    status = DriftStatus(fact["status"])
    after = _read_definition(fact["to"]) if "to" in fact else None
    if (after is None) != (status is DriftStatus.GONE):
        raise ValueError("to")
    return Track(
        str(fact["project"]),
        str(fact["version"]),
        _read_definition(fact["from"]),
        str(fact["at"]),
        status,
        after,
        tuple(_read_lead(lead) for lead in fact.get("leads", ())),
    )


def _read_definition(value: list[Any]) -> End:
    end = read_end(value)
    if SymbolKind(end[2]) and end[3] < 1:
        raise ValueError("occurrence")
    return end


def _read_lead(value: list[Any]) -> Lead:
    path, line, name, kind, score = value
    if type(line) is not int or line < 1 or not 0 <= score <= 1:
        raise ValueError("lead")
    return Lead(float(score), str(path), line, str(name), SymbolKind(kind).value)


def edge_track_fact(track: EdgeTrack) -> dict[str, Any]:
    """A track of an edge as a line of the lockfile has it."""
    return edge_fact(track.edge) | {"at": track.at, "change": track.change.value}


def read_edge_track(fact: dict[str, Any]) -> EdgeTrack:
    """A track of an edge from a line of the lockfile.

    Raises:
        ValueError: A value is none that can stand there.
        KeyError: A key is missing.
        TypeError: A value has another type.
    """
    change = EdgeStatusChange(fact["change"])
    edge = read_edge(fact, may_be_unproved=True)
    if change is EdgeStatusChange.GONE and edge.verdict.status is not EdgeStatus.UNPROVED:
        raise ValueError("change")
    return EdgeTrack(edge, str(fact["at"]), change)


def track_edge(edge: LockedEdge, at: str, change: EdgeStatusChange, verdict: Verdict) -> EdgeTrack:
    """The track of an edge.

    Parameters:
        edge: The edge at the notes' version.
        at: The tracked version.
        change: What became of it.
        verdict: What the tracked version says of it.
    """
    gone = change is EdgeStatusChange.GONE
    told = Verdict(EdgeStatus.UNPROVED) if gone else verdict
    # The key is that of the notes; reasons are for reports.
    told = replace(told, above=edge.verdict.above, reason="", wrong_via=False)
    return EdgeTrack(replace(edge, verdict=told), at, change)

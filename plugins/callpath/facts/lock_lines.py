"""The lines of the lockfile: how each of its facts is one.

See `callpath.facts.lock` for the facts.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from msgspec import Meta, field

from callpath.facts.codec import FactLine
from callpath.facts.lock import (
    DriftStatus,
    EdgeStatusChange,
    EdgeTrack,
    Lead,
    Lock,
    LockedDefinition,
    LockedEdge,
    LockedFile,
    StatedEdge,
    StatedSymbol,
    Track,
)
from callpath.facts.mentions import (
    LineFact,
    LineNature,
    MentionFact,
    PathFact,
    PathNature,
    PlaceFact,
    UnsaidFact,
    WordFact,
    WordNature,
)
from callpath.facts.proof import EdgeStatus, Proof, ProofSite, SiteRole, Verdict
from callpath.model import Definition, SymbolKind

_Count = Annotated[int, Meta(ge=1)]
_Number = Annotated[int, Meta(ge=0)]
_End = tuple[str, str, str, _Number]
_DefinitionEnd = tuple[str, str, SymbolKind, _Count]
_LeadData = tuple[str, _Count, str, SymbolKind, Annotated[float, Meta(ge=0, le=1)]]


class _FileLine(FactLine, frozen=True, kw_only=True):
    path: str = field(name="file")
    project: str
    version: str
    blob: str

    def value(self) -> LockedFile:
        return LockedFile(self.project, self.version, self.path, self.blob)


class _DefinitionLine(FactLine, frozen=True, kw_only=True):
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
    occurrence: _Count | None = None  # it is written if there are several
    of: _Count = 1
    calls: tuple[tuple[str, int], ...] = ()

    def value(self) -> LockedDefinition:
        found, which = self.make(Definition), (self.occurrence or 1, self.of)
        return LockedDefinition(self.project, self.version, found, *which, self.calls)


class _SiteData(FactLine, frozen=True, kw_only=True):
    path: str
    line: _Count
    role: SiteRole
    name: str = ""
    condition: str = ""

    def value(self) -> ProofSite:
        return ProofSite(self.path, self.line, self.role, self.condition, self.name)


class _EdgeLine(FactLine, frozen=True, kw_only=True):
    caller_name: str = field(name="caller")
    callee_name: str = field(name="callee")
    project: str
    version: str
    caller: _End = field(name="from")
    callee: _End = field(name="to")
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
        ends = {"caller": StatedSymbol(*self.caller), "callee": StatedSymbol(*self.callee)}
        verdict = Verdict(self.status, self.proof, sites, self.member, self.others, self.above)
        return LockedEdge(self.project, self.version, self.make(StatedEdge, **ends), verdict)

    def value(self) -> LockedEdge | EdgeTrack:
        if self.status is EdgeStatus.UNPROVED:
            raise ValueError("an unproved edge is no fact")
        return self.edge()


class _EdgeTrackLine(_EdgeLine, frozen=True, kw_only=True):
    at: str
    change: EdgeStatusChange

    def value(self) -> EdgeTrack:
        if self.change is EdgeStatusChange.GONE and self.status is not EdgeStatus.UNPROVED:
            raise ValueError("an edge that is gone is proved")
        return EdgeTrack(self.edge(), self.at, self.change)


class _TrackLine(FactLine, frozen=True, kw_only=True):
    track: str
    project: str
    version: str
    at: str
    before: _DefinitionEnd = field(name="from")
    status: DriftStatus
    after: _DefinitionEnd | None = field(default=None, name="to")
    leads: tuple[_LeadData, ...] = ()

    def value(self) -> Track:
        if (self.after is None) != (self.status is DriftStatus.GONE):
            raise ValueError("only what is gone has no definition")
        after = StatedSymbol(*self.after) if self.after else None
        leads = tuple(map(Lead._make, self.leads))
        return self.make(Track, before=StatedSymbol(*self.before), after=after, leads=leads)


class _PathLine(FactLine, frozen=True, kw_only=True):
    path: str = field(name="mentioned")
    project: str
    version: str
    nature: PathNature = field(name="is")
    found: tuple[str, ...] = ()
    lines: _Number = 0

    def value(self) -> PathFact:
        return self.make(PathFact)


class _LineLine(FactLine, frozen=True, kw_only=True):
    path: str = field(name="on")
    line: _Count
    project: str
    version: str
    nature: LineNature = field(name="is")
    digest: str = ""
    name: str = ""
    kind: SymbolKind = ""  # type: ignore[assignment] # empty where no definition is
    occurrence: _Number = 0
    above: _Number = 0

    def value(self) -> LineFact:
        return self.make(LineFact)


class _PlaceLine(FactLine, frozen=True, kw_only=True):
    path: str = field(name="in")
    name: str
    project: str
    version: str
    definitions: tuple[tuple[_Count, _Count, _Count], ...] = ()
    uses: tuple[_Count, ...] = ()
    elsewhere: tuple[tuple[str, _Count], ...] = ()

    def value(self) -> PlaceFact:
        return self.make(PlaceFact)


class _WordLine(FactLine, frozen=True, kw_only=True):
    word: str
    project: str
    version: str
    nature: WordNature = field(name="is")
    near: tuple[str, ...] = ()
    sign: str = ""
    guess: str = ""
    doubt: str = ""

    def value(self) -> WordFact:
        return self.make(WordFact)


class _UnsaidLine(FactLine, frozen=True, kw_only=True):
    what: str = field(name="unsaid")
    project: str
    version: str

    def value(self) -> UnsaidFact:
        return self.make(UnsaidFact)


_MENTION_LINES: Mapping[type[MentionFact], type[FactLine]] = {
    PathFact: _PathLine,
    LineFact: _LineLine,
    PlaceFact: _PlaceLine,
    WordFact: _WordLine,
    UnsaidFact: _UnsaidLine,
}

LINES: Mapping[str, type[FactLine]] = {
    "file": _FileLine,
    "track": _TrackLine,
    "at": _EdgeTrackLine,
    "caller": _EdgeLine,
    "mentioned": _PathLine,
    "on": _LineLine,
    "in": _PlaceLine,
    "word": _WordLine,
    "unsaid": _UnsaidLine,
    "name": _DefinitionLine,
}
"""What a line holds, by a key that only such lines have; the first that fits decides."""


def lines_of(lock: Lock) -> list[dict[str, Any]]:
    """The lines of a lockfile in order, as JSON values."""
    return [
        *map(_FileLine.data, lock.files),
        *map(_definition_line, lock.definitions),
        *(_edge_line(_EdgeLine, edge) for edge in lock.edges),
        *(_TrackLine.data(track, track=track.before.name) for track in lock.tracks),
        *(_edge_line(_EdgeTrackLine, track.edge, track) for track in lock.edge_tracks),
        *(_MENTION_LINES[type(fact)].data(fact) for fact in lock.mentions),
    ]


def _definition_line(locked: LockedDefinition) -> dict[str, Any]:
    occurrence = locked.occurrence if locked.of > 1 else None
    return _DefinitionLine.data(locked.definition, locked, occurrence=occurrence)


def _edge_line(kind: type[_EdgeLine], edge: LockedEdge, *track: EdgeTrack) -> dict[str, Any]:
    names = {"caller_name": edge.stated.caller.name, "callee_name": edge.stated.callee.name}
    sites = [_SiteData.data(site) for site in edge.verdict.sites]
    return kind.data(edge, edge.stated, edge.verdict, *track, sites=sites, **names)

"""The lines of the lockfile: how each of its facts is one.

Imported when a lockfile is written, or has a line that is not plain; see `callpath.facts.lock`.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, Field

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

_Count = Annotated[int, Field(ge=1)]
_Number = Annotated[int, Field(ge=0)]
_Kind = Annotated[str, AfterValidator(SymbolKind)]
_End = Annotated[tuple[str, str, str, _Number], AfterValidator(StatedSymbol._make)]
_DefinitionEnd = Annotated[tuple[str, str, _Kind, _Count], AfterValidator(StatedSymbol._make)]
_LeadData = tuple[str, _Count, str, _Kind, Annotated[float, Field(ge=0, le=1)]]


class _FileLine(FactLine):
    path: str = Field(alias="file")
    project: str
    version: str
    blob: str

    def value(self) -> LockedFile:
        return LockedFile(self.project, self.version, self.path, self.blob)


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
    occurrence: _Count | None = None  # it is written if there are several
    of: _Count = 1
    calls: tuple[tuple[str, int], ...] = ()

    def value(self) -> LockedDefinition:
        found, which = self.make(Definition), (self.occurrence or 1, self.of)
        return LockedDefinition(self.project, self.version, found, *which, self.calls)


class _SiteData(FactLine):
    path: str
    line: _Count
    role: SiteRole
    name: str = ""
    condition: str = ""

    def value(self) -> ProofSite:
        return ProofSite(self.path, self.line, self.role, self.condition, self.name)


class _EdgeLine(FactLine):
    caller_name: str = Field(alias="caller")
    callee_name: str = Field(alias="callee")
    project: str
    version: str
    caller: _End = Field(alias="from")
    callee: _End = Field(alias="to")
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
        return LockedEdge(self.project, self.version, self.make(StatedEdge), verdict)

    def value(self) -> LockedEdge | EdgeTrack:
        if self.status is EdgeStatus.UNPROVED:
            raise ValueError("an unproved edge is no fact")
        return self.edge()


class _EdgeTrackLine(_EdgeLine):
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
    before: _DefinitionEnd = Field(alias="from")
    status: DriftStatus
    after: _DefinitionEnd | None = Field(default=None, alias="to")
    leads: tuple[_LeadData, ...] = ()

    def value(self) -> Track:
        if (self.after is None) != (self.status is DriftStatus.GONE):
            raise ValueError("only what is gone has no definition")
        return self.make(Track, leads=tuple(map(Lead._make, self.leads)))


class _PathLine(FactLine):
    path: str = Field(alias="mentioned")
    project: str
    version: str
    nature: PathNature = Field(alias="is")
    found: tuple[str, ...] = ()
    lines: _Number = 0

    def value(self) -> PathFact:
        return self.make(PathFact)


class _LineLine(FactLine):
    path: str = Field(alias="on")
    line: _Count
    project: str
    version: str
    nature: LineNature = Field(alias="is")
    digest: str = ""
    name: str = ""
    kind: _Kind = ""
    occurrence: _Number = 0
    above: _Number = 0

    def value(self) -> LineFact:
        return self.make(LineFact)


class _PlaceLine(FactLine):
    path: str = Field(alias="in")
    name: str
    project: str
    version: str
    definitions: tuple[tuple[_Count, _Count, _Count], ...] = ()
    uses: tuple[_Count, ...] = ()
    elsewhere: tuple[tuple[str, _Count], ...] = ()

    def value(self) -> PlaceFact:
        return self.make(PlaceFact)


class _WordLine(FactLine):
    word: str
    project: str
    version: str
    nature: WordNature = Field(alias="is")
    near: tuple[str, ...] = ()
    sign: str = ""
    guess: str = ""
    doubt: str = ""

    def value(self) -> WordFact:
        return self.make(WordFact)


class _UnsaidLine(FactLine):
    what: str = Field(alias="unsaid")
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
"""The model of a line, by a key that only such lines have; the first that fits decides."""


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

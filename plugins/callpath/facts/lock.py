"""The facts of a lockfile: each resolved reference and proved edge, per version. No kernel text.

Values first, then how they are read; `lock_lines` has what each line holds.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cached_property
from itertools import chain
from operator import methodcaller
from posixpath import splitext
from typing import Any, NamedTuple, TypeVar, get_args

from msgspec import Struct
from msgspec.structs import replace

from callpath.facts.codec import FactFormat, FactLine
from callpath.facts.mentions import (
    MentionFact,
    MentionFacts,
)
from callpath.facts.proof import Verdict
from callpath.findings import LockfileError
from callpath.model import Definition, Edge, Reference, Step

_ERAS = ".eras"


def path_beside(lockfile: str) -> str:
    """The path of the eras file of a lockfile: `notes.lock` → `notes.eras`."""
    path = splitext(lockfile)[0] + _ERAS
    return path if path != lockfile else path + _ERAS


class StatedSymbol(NamedTuple):
    """A symbol as the notes state it."""

    path: str
    name: str
    kind: str  # may be empty
    occurrence: int  # 1-based; 0: not chosen


def stated_symbol(stated: Reference | Step) -> StatedSymbol:
    """What identifies the symbol of a reference or a step."""
    symbol = stated.symbol
    return StatedSymbol(symbol.path, symbol.name, str(symbol.kind), stated.occurrence)


class StatedEdge(NamedTuple):
    """An edge as the notes state it."""

    caller: StatedSymbol
    callee: StatedSymbol
    via: str = ""  # the pointer that the notes name, or empty
    when: str = ""  # `later`, or empty
    by: str = ""  # the function that runs it later, or empty
    above: str = ""  # the symbol above the caller if the answer depends on it; else empty


def stated_edge(edge: Edge, above: str = "") -> StatedEdge:
    """What identifies an edge of the notes."""
    callee = edge.callee
    ends = (stated_symbol(edge.caller), stated_symbol(callee))
    return StatedEdge(*ends, callee.via, callee.when, callee.by, above)


def above_of(edge: Edge) -> str:
    """The symbol above an edge's caller, which may hand the callee over; or empty."""
    return edge.ancestors[0].symbol.name if edge.ancestors else ""


class LockedFile(Struct, frozen=True, order=True):
    """A file that references were read in."""

    project: str
    version: str
    path: str
    blob: str  # its git blob id: SHA-1, 40 hex digits


class LockedDefinition(Struct, frozen=True):
    """A definition at a version."""

    project: str
    version: str
    definition: Definition
    occurrence: int = 1  # which it is of those of its name and kind in the file, 1-based
    of: int = 1  # how many of them there are
    # What the body of a step's function calls by name, each once, with the line of the first call
    # (1-based), in line order; without names in capitals.
    calls: tuple[tuple[str, int], ...] = ()

    @property
    def key(self) -> tuple[str, str, StatedSymbol]:
        """What identifies it."""
        return (self.project, self.version, self.end)

    @property
    def end(self) -> StatedSymbol:
        """What identifies it in its version."""
        found = self.definition
        return StatedSymbol(found.path, found.name, found.kind.value, self.occurrence)


class LockedEdge(Struct, frozen=True):
    """An edge at a version, and what the source says of it; never unproved."""

    project: str
    version: str
    stated: StatedEdge
    verdict: Verdict

    @property
    def key(self) -> tuple[str, str, StatedEdge]:
        """What identifies it: what the notes say, and who hands it over if that is another."""
        return (self.project, self.version, self.stated)


def lock_edge(edge: Edge, verdict: Verdict) -> LockedEdge:
    """The fact that an edge's verdict makes."""
    stated = stated_edge(edge, verdict.above)
    return LockedEdge(edge.pin.project, edge.pin.version, stated, locked_verdict(verdict))


def locked_verdict(verdict: Verdict) -> Verdict:
    """What a lockfile keeps of a verdict: the reasons are the notes' own, or for reports."""
    return replace(verdict, reason="", wrong_via=False, type_mismatch=False)


class DriftStatus(StrEnum):
    """How a definition differs between two versions."""

    SAME = "same"  # the same text at the same line of the same file
    MOVED = "moved"  # the same text at another line of its file
    MOVED_FILE = "moved-file"  # the same text in another file
    CHANGED = "changed"  # another text under the same name, in any file
    RENAMED = "renamed"  # another name, or the same name as another kind of symbol
    GONE = "gone"  # nothing that is certainly the same symbol; there may be candidates


class EdgeStatusChange(StrEnum):
    """How an edge differs between two versions."""

    PROVED = "proved"  # it is proved as before
    OTHERWISE = "proved-otherwise"  # by another kind of proof, of site, or another pointer
    GONE = "gone"  # it is no longer proved
    ASSERTED = "asserted"  # its author vouches for it; the new version does not prove it
    HALF = "half"  # only one half of it is found, as before
    NOT_SEARCHED = "not-searched"  # the new version's source cannot be searched for it


class Candidate(Struct, frozen=True):
    """Where a symbol may have gone."""

    definition: Definition
    score: float  # how likely it is, from 0 to 1
    reason: str  # why, in words; no full stop


class Lead(NamedTuple):
    """Where a symbol that is renamed or gone may be now: a candidate as the lockfile keeps it."""

    path: str
    line: int  # that holds the name
    name: str
    kind: str
    score: float  # how likely it is, from 0 to 1


class Track(Struct, frozen=True):
    """What became of a definition in a tracked version."""

    project: str
    version: str  # that the notes speak of
    before: StatedSymbol  # the definition there
    at: str  # the tracked version
    status: DriftStatus
    after: StatedSymbol | None = None  # what it is there, a definition; None if it is gone
    leads: tuple[Lead, ...] = ()  # where it may be, the likeliest first, if it is gone

    @property
    def key(self) -> tuple[str, str, str, StatedSymbol]:
        """What identifies it."""
        return (self.project, self.version, self.at, self.before)


class EdgeTrack(Struct, frozen=True):
    """What became of an edge in a tracked version."""

    # What the notes say of it, and how the tracked version proves it; unproved if it is gone.
    edge: LockedEdge
    at: str  # the tracked version
    change: EdgeStatusChange

    @property
    def key(self) -> tuple[str, str, str, StatedEdge]:
        """What identifies it: the version, and the key of the edge at the notes' version."""
        return (self.at, *self.edge.key)


T = TypeVar("T", LockedDefinition, LockedEdge, Track, EdgeTrack)


def _by_key(facts: Iterable[T]) -> dict[Any, T]:
    """The facts by their key; the last of those that have the same one."""
    return {fact.key: fact for fact in facts}


class Lock(Struct, frozen=True, dict=True):
    """The facts of a lockfile, each once, sorted by their `key`; see `make_lock`."""

    files: tuple[LockedFile, ...] = ()
    definitions: tuple[LockedDefinition, ...] = ()
    edges: tuple[LockedEdge, ...] = ()
    tracks: tuple[Track, ...] = ()
    edge_tracks: tuple[EdgeTrack, ...] = ()
    mentions: tuple[MentionFact, ...] = ()  # in the order of `MentionFacts`

    @cached_property
    def mention_facts(self) -> MentionFacts:
        """What it says of what links, citations and names mention."""
        return MentionFacts(self.mentions, is_locked=True)

    @cached_property
    def _by_name(self) -> Mapping[tuple[str, str, str, str], list[LockedDefinition]]:
        """The definitions by what a reference names."""
        found = defaultdict(list)
        for each in self.definitions:
            found[each.project, each.version, *each.end[:2]].append(each)
        return found

    @cached_property
    def _definitions(self) -> Mapping[object, LockedDefinition]:
        return _by_key(self.definitions)

    @cached_property
    def _edges(self) -> Mapping[object, LockedEdge]:
        return _by_key(self.edges)

    @cached_property
    def _above(self) -> frozenset[str]:
        """The symbols above callers on which the answer to an edge depends."""
        return frozenset(each.stated.above for each in self.edges if each.stated.above)

    @cached_property
    def _tracks(self) -> Mapping[object, Track]:
        return _by_key(self.tracks)

    @cached_property
    def _edge_tracks(self) -> Mapping[object, EdgeTrack]:
        return _by_key(self.edge_tracks)

    def find_edge(self, edge: Edge) -> LockedEdge | None:
        """The locked fact of an edge, or None."""
        pin, stated, above = (edge.pin.project, edge.pin.version), stated_edge(edge), above_of(edge)
        found = None
        if above in self._above:
            found = self._edges.get((*pin, stated._replace(above=above)))
        return found or self._edges.get((*pin, stated))

    def find(self, reference: Reference) -> LockedDefinition | None:
        """The locked definition of a reference; None if there is none, or more than one fits."""
        pin, symbol = reference.pin, reference.symbol
        named = self._by_name.get((pin.project, pin.version, symbol.path, symbol.name), ())
        meant = [
            locked
            for locked in named
            if symbol.kind in ("", locked.definition.kind)
            and reference.occurrence in ((0, 1) if locked.of == 1 else (locked.occurrence,))
        ]
        return meant[0] if len(meant) == 1 else None

    @cached_property
    def tracked(self) -> frozenset[str]:
        """The tracked versions that it has facts of."""
        return frozenset([each.at for each in self.tracks] + [each.at for each in self.edge_tracks])

    def track(self, locked: LockedDefinition, at: str) -> Track | None:
        """What became of a definition in a tracked version, or None if it is not locked."""
        return self._tracks.get((locked.project, locked.version, at, locked.end))

    def edge_track(self, edge: LockedEdge, at: str) -> EdgeTrack | None:
        """What became of an edge in a tracked version, or None if it is not locked."""
        return self._edge_tracks.get((at, *edge.key))

    def after(self, track: Track) -> LockedDefinition | None:
        """What a definition is in a tracked version, or None if it is gone."""
        return self._definitions.get((track.project, track.at, track.after))


def make_lock(
    files: Iterable[LockedFile],
    definitions: Iterable[LockedDefinition],
    edges: Iterable[LockedEdge] = (),
    tracks: Iterable[Track] = (),
    edge_tracks: Iterable[EdgeTrack] = (),
    mentions: Iterable[MentionFact] = (),
) -> Lock:
    """A lock of these facts, sorted, each once."""
    # A link in prose does not say what the definition calls, a step does.
    with_calls = sorted(definitions, key=lambda locked: bool(locked.calls))
    return Lock(
        tuple(sorted(set(files))),
        _in_order(with_calls),
        _in_order(edges),
        _in_order(tracks),
        _in_order(edge_tracks),
        tuple(MentionFacts(mentions)),
    )


def _in_order(facts: Iterable[T]) -> tuple[T, ...]:
    by_key = _by_key(facts)
    return tuple(by_key[key] for key in sorted(by_key))


def _lines() -> Mapping[str, type[FactLine]]:
    from callpath.facts.lock_lines import LINES

    return LINES


_FORMAT = FactFormat(
    name="lockfile",
    key="callpath-lock",
    version=1,
    error=LockfileError,
    command="callpath lock --source SPEC",
    lines=_lines,
)


def format_lock(lock: Lock) -> str:
    """The canonical text of a lockfile."""
    from callpath.facts.lock_lines import lines_of

    return _FORMAT.format(lines_of(lock))


OF_EDGES = ("caller",)
OF_REFERENCES = ("file", "name", "track")
"""The first keys of the lines on edges, and of those on what notes and links refer to."""


def parse_lock(file: str, text: str, passed_over: Iterable[str] = ()) -> Lock:
    """The facts of a lockfile; raises LockfileError if it, its version or a line is not one.

    Parameters:
        passed_over: The first keys of lines that are not wanted, which then may be damaged.
    """
    _FORMAT.head(file, text)
    facts: dict[type, list[Any]] = defaultdict(list)
    for fact in _FORMAT.facts(file, text, methodcaller("value"), passed_over):
        facts[type(fact)].append(fact)
    return make_lock(
        facts[LockedFile],
        facts[LockedDefinition],
        facts[LockedEdge],
        facts[Track],
        facts[EdgeTrack],
        chain.from_iterable(facts[kind] for kind in get_args(MentionFact)),
    )

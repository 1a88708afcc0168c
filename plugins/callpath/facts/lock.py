"""The lockfile's facts: every resolved reference and proved edge, per version. No kernel text."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from callpath.facts.proof import EdgeStatus, Proof, ProofSite, SiteRole, Verdict
from callpath.findings import Location, LockfileError
from callpath.model import Definition, Edge, Pin, Reference, Step, SymbolKind

End = tuple[str, str, str, int]
"""Path, name, kind and occurrence (1-based; 0: not chosen) of one end of an edge."""


@dataclass(frozen=True, slots=True)
class LockedEdge:
    """An edge at a version.

    Attributes:
        project: The code base.
        version: The tag.
        caller: The caller as the notes name it.
        callee: The callee as the notes name it.
        via: The pointer that the notes name, or empty.
        when: `later`, or empty.
        by: The function that runs it later, or empty.
        verdict: What the source says; never unproved.
    """

    project: str
    version: str
    caller: End
    callee: End
    via: str
    when: str
    by: str
    verdict: Verdict

    @property
    def key(self) -> tuple[str, ...]:
        """What identifies it: what the notes say, and who hands it over when that is another."""
        ends = (*map(str, self.caller), *map(str, self.callee))
        return (
            self.project,
            self.version,
            *ends,
            self.via,
            self.when,
            self.by,
            self.verdict.above,
        )


def lock_edge(edge: Edge, verdict: Verdict) -> LockedEdge:
    """The fact that an edge's verdict makes."""
    return LockedEdge(
        edge.pin.project,
        edge.pin.version,
        _end(edge.caller),
        _end(edge.callee),
        edge.callee.via,
        edge.callee.when,
        edge.callee.by,
        verdict,
    )


def edge_key(edge: Edge, above: str = "") -> tuple[str, ...]:
    """The key that an edge's fact has when `above` is who hands the callee over."""
    return lock_edge(edge, Verdict(EdgeStatus.PROVED, above=above)).key


def _end(step: Step) -> End:
    symbol = step.symbol
    return (symbol.path, symbol.name, str(symbol.kind), step.occurrence)


def edge_fact(locked: LockedEdge) -> dict[str, Any]:
    """A locked edge as a line of the lockfile has it."""
    verdict = locked.verdict
    fact: dict[str, Any] = {
        "caller": locked.caller[1],
        "callee": locked.callee[1],
        "project": locked.project,
        "version": locked.version,
        "from": list(locked.caller),
        "to": list(locked.callee),
    }
    texts = {"via": locked.via, "when": locked.when, "by": locked.by, "above": verdict.above}
    fact |= {name: text for name, text in texts.items() if text}
    fact["status"] = verdict.status.value
    if verdict.proof:
        fact["proof"] = verdict.proof.value
    if verdict.member:
        fact["member"] = verdict.member
    if verdict.others:
        fact["others"] = verdict.others
    fact["sites"] = [_site_fact(site) for site in verdict.sites]
    return fact


def _site_fact(site: ProofSite) -> dict[str, Any]:
    fact: dict[str, Any] = {"path": site.path, "line": site.line, "role": site.role.value}
    if site.name:
        fact["name"] = site.name
    if site.condition:
        fact["condition"] = site.condition
    return fact


def read_edge(fact: dict[str, Any], *, may_be_unproved: bool = False) -> LockedEdge:
    """A locked edge from a line of the lockfile.

    Parameters:
        fact: The line's value.
        may_be_unproved: Whether it may say that the edge does not hold.

    Raises:
        ValueError: A value is none that can stand there.
        KeyError: A key is missing.
        TypeError: A value has another type.
    """
    status = EdgeStatus(fact["status"])
    if status is EdgeStatus.UNPROVED and not may_be_unproved:
        raise ValueError("an unproved edge is no fact")
    verdict = Verdict(
        status,
        Proof(fact["proof"]) if "proof" in fact else None,
        tuple(_read_site(site) for site in fact["sites"]),
        member=_text(fact, "member"),
        others=_number(fact.get("others", 0)),
        above=_text(fact, "above"),
    )
    return LockedEdge(
        str(fact["project"]),
        str(fact["version"]),
        read_end(fact["from"]),
        read_end(fact["to"]),
        _text(fact, "via"),
        _text(fact, "when"),
        _text(fact, "by"),
        verdict,
    )


def _read_site(fact: dict[str, Any]) -> ProofSite:
    line = _number(fact["line"])
    if line < 1:
        raise ValueError("line")
    return ProofSite(
        str(fact["path"]),
        line,
        SiteRole(fact["role"]),
        _text(fact, "condition"),
        _text(fact, "name"),
    )


def read_end(value: list[Any]) -> End:
    """One end of an edge, or a definition, from a list of a line of the lockfile.

    Raises:
        ValueError: A value is none that can stand there.
    """
    path, name, kind, occurrence = value
    return (str(path), str(name), str(kind), _number(occurrence))


def _text(fact: dict[str, Any], key: str) -> str:
    value = fact.get(key, "")
    if not isinstance(value, str):
        raise TypeError(key)
    return value


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError("number")
    return value


class DriftStatus(StrEnum):
    """How a definition differs between two versions."""

    SAME = "same"
    """The same text at the same line of the same file."""
    MOVED = "moved"
    """The same text at another line of its file."""
    MOVED_FILE = "moved-file"
    """The same text in another file."""
    CHANGED = "changed"
    """Another text under the same name, wherever it stands now."""
    RENAMED = "renamed"
    """Another name, or the same name as another kind of symbol."""
    GONE = "gone"
    """Nothing that is certainly the same symbol; candidates say what may be."""


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


@dataclass(frozen=True, slots=True)
class Candidate:
    """Where a symbol may have gone.

    Attributes:
        definition: What stands there.
        score: How likely it is, from 0 to 1.
        reason: Why, in words; no full stop.
    """

    definition: Definition
    score: float
    reason: str


FORMAT_KEY = "callpath-lock"
FORMAT_VERSION = 1


def format_lock(lock: Lock) -> str:
    """The canonical text of a lockfile."""
    lines: list[dict[str, Any]] = [{FORMAT_KEY: FORMAT_VERSION}]
    lines.extend(
        {"file": file.path, "project": file.project, "version": file.version, "blob": file.blob}
        for file in lock.files
    )
    lines.extend(_definition_fact(locked) for locked in lock.definitions)
    lines.extend(edge_fact(locked) for locked in lock.edges)
    lines.extend(track_fact(track) for track in lock.tracks)
    lines.extend(edge_track_fact(track) for track in lock.edge_tracks)
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def _definition_fact(locked: LockedDefinition) -> dict[str, Any]:
    found = locked.definition
    fact: dict[str, Any] = {
        "name": found.name,
        "kind": found.kind.value,
        "project": locked.project,
        "version": locked.version,
        "path": found.path,
        "line": found.line,
        "start": found.start,
        "end": found.end,
        "digest": found.digest,
        "signature": found.signature,
    }
    if found.condition:
        fact["condition"] = found.condition
    if locked.of > 1:
        fact |= {"occurrence": locked.occurrence, "of": locked.of}
    if locked.calls:
        fact["calls"] = [list(call) for call in locked.calls]
    return fact


def parse_lock(file: str, text: str) -> Lock:
    """The facts of a lockfile.

    Parameters:
        file: Its path, for messages.
        text: Its text.

    Raises:
        LockfileError: It is not a lockfile, its format version is unknown, or a line is damaged.
    """
    lines = text.split("\n")
    _check_head(file, lines[0])
    files: list[LockedFile] = []
    definitions: list[LockedDefinition] = []
    edges: list[LockedEdge] = []
    tracks: list[Track] = []
    edge_tracks: list[EdgeTrack] = []
    for number, line in enumerate(lines[1:], start=2):
        if not line:
            continue
        try:
            fact = json.loads(line)
            if "\\u" in line:  # half of a surrogate pair could not be written to any page
                json.dumps(fact, ensure_ascii=False).encode()
            if "file" in fact:
                files.append(_read_file(fact))
            elif "track" in fact:
                tracks.append(read_track(fact))
            elif "at" in fact:
                edge_tracks.append(read_edge_track(fact))
            elif "caller" in fact:
                edges.append(read_edge(fact))
            else:
                definitions.append(_read_definition_lock_text(fact))
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise LockfileError(
                f"`{Location(file, number)}` holds no fact that can be read",
                "restore the file, or make it anew with `callpath lock --source SPEC`",
            ) from error
    return make_lock(files, definitions, edges, tracks, edge_tracks)


def _check_head(file: str, line: str) -> None:
    try:
        head = json.loads(line)
    except (ValueError, RecursionError):
        head = None
    if not isinstance(head, dict) or FORMAT_KEY not in head:
        raise LockfileError(
            f"`{file}` is not a lockfile of Callpath",
            "make it with `callpath lock --source SPEC`",
        )
    if head[FORMAT_KEY] != FORMAT_VERSION:
        raise LockfileError(
            f"`{file}` has lockfile format {head[FORMAT_KEY]!r}; "
            f"this Callpath knows format {FORMAT_VERSION}",
            "use the Callpath that wrote it, or a newer one",
        )


def _read_file(fact: dict[str, Any]) -> LockedFile:
    return LockedFile(
        _text_lock_text(fact, "project"),
        _text_lock_text(fact, "version"),
        _text_lock_text(fact, "file"),
        _text_lock_text(fact, "blob"),
    )


def _read_definition_lock_text(fact: dict[str, Any]) -> LockedDefinition:
    definition = Definition(
        path=_text_lock_text(fact, "path"),
        name=_text_lock_text(fact, "name"),
        kind=SymbolKind(fact["kind"]),
        line=_number_lock_text(fact, "line"),
        start=_number_lock_text(fact, "start"),
        end=_number_lock_text(fact, "end"),
        signature=_text_lock_text(fact, "signature"),
        digest=_text_lock_text(fact, "digest"),
        condition=_text_lock_text(fact, "condition") if "condition" in fact else "",
    )
    occurrence = _number_lock_text(fact, "occurrence") if "occurrence" in fact else 1
    of = _number_lock_text(fact, "of") if "of" in fact else 1
    calls = tuple((str(name), int(line)) for name, line in fact.get("calls", ()))
    return LockedDefinition(
        _text_lock_text(fact, "project"),
        _text_lock_text(fact, "version"),
        definition,
        occurrence,
        of,
        calls,
    )


def _text_lock_text(fact: dict[str, Any], key: str) -> str:
    value = fact[key]
    if not isinstance(value, str):
        raise TypeError(key)
    return value


def _number_lock_text(fact: dict[str, Any], key: str) -> int:
    value = fact[key]
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError(key)
    return value

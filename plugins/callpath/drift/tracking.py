"""What tracked versions say of a notebook: found in their sources, kept where there is none."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from callpath import rules
from callpath.drift.compare import Asked, asked_of, compare_sides
from callpath.drift.find import Side, check_tree, open_side
from callpath.drift.match import Drift, Outcome
from callpath.facts.lock import (
    Candidate,
    DriftStatus,
    EdgeStatusChange,
    EdgeTrack,
    Lead,
    Lock,
    LockedDefinition,
    LockedEdge,
    LockedFile,
    Track,
)
from callpath.facts.proof import EdgeStatus, Verdict
from callpath.findings import Finding, Location, SourceError, UsageError
from callpath.model import Pin, Progress, no_progress
from callpath.notebook import Notebook
from callpath.sources.base import FileText, Source
from callpath.sources.spec import Sources
from callpath.verify.code import SourceCode

_MOST_LEADS = 3  # of a symbol that is gone; more would not help a reader


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
        for each in candidates[:_MOST_LEADS]
    )


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


Pair = tuple[Pin, Pin]
"""The pin of notes, and a tracked version."""


@dataclass(slots=True)
class Tracked:
    """What tracked versions say.

    Attributes:
        files: The files that definitions lie in, of tracked versions.
        definitions: What the definitions of the notes are in tracked versions.
        tracks: What became of definitions.
        edge_tracks: What became of edges.
        silent: The pairs whose tracked version could not be asked, with the reason and the remedy;
            no reason where the source was never one to ask, as a cache.
    """

    files: list[LockedFile] = field(default_factory=list)
    definitions: list[LockedDefinition] = field(default_factory=list)
    tracks: list[Track] = field(default_factory=list)
    edge_tracks: list[EdgeTrack] = field(default_factory=list)
    silent: dict[Pair, tuple[str, str]] = field(default_factory=dict)

    def diagnostics(self, lockfile: str) -> Iterator[Finding]:
        """A finding for each tracked version that could not be asked."""
        told = dict.fromkeys((new, *why) for (_, new), why in self.silent.items() if why[0])
        for new, reason, hint in told:
            yield unasked(new, reason, hint, lockfile)


def unasked(pin: Pin, reason: str, hint: str, lockfile: str) -> Finding:
    """The finding that a version, which notes are not pinned to, could not be asked."""
    return rules.UNKNOWN_ANSWER.at(
        Location(lockfile),
        f"the tracked version {pin.version} could not be asked: {reason}",
        hint or f"name a source that has it: `--source {pin.version}=SPEC`",
    )


def find_tracks(
    notebook: Notebook, lock: Lock, sources: Sources, progress: Progress = no_progress
) -> Tracked:
    """Look the references and edges of a notebook up in the versions that it tracks.

    Parameters:
        notebook: The notebook.
        lock: Facts of the notes' own versions, just found.
        sources: The sources; a version that they do not have is left silent.
        progress: Told how far it is.
    """
    found = Tracked()
    pins = {reference.pin for reference in notebook.references if not reference.fixed}
    for pin in sorted(pin for pin in pins if sources.has(pin)):
        others = notebook.tracked(pin)
        if not others:
            continue

        def code(source: Source) -> SourceCode:
            return SourceCode(source, progress, notebook.dispatch)

        try:
            old = open_side(pin, sources.open, code)
        except (SourceError, UsageError) as error:
            found.silent |= {(pin, other): (error.message, error.hint) for other in others}
            continue
        with old.code.source:
            asked = asked_of(notebook, pin)
            own = tuple(each for each in asked.references if not each.fixed)
            asked = replace(asked, references=own)
            for other in others:
                if why := _compare(found, asked, old, other, lock, sources, code, progress):
                    found.silent[pin, other] = why
    return found


def silent_versions(notebook: Notebook, sources: Sources) -> dict[Pin, tuple[str, str]]:
    """The versions that only remarks speak of and that cannot be opened, with reason and remedy."""
    own = {reference.pin for reference in notebook.references if not reference.fixed}
    found: dict[Pin, tuple[str, str]] = {}
    for pin in sorted({reference.pin for reference in notebook.references} - own):
        try:
            with sources.open(pin) as source:
                check_tree(source, pin)
        except (SourceError, UsageError) as error:
            found[pin] = (error.message, error.hint)
    return found


def _compare(
    found: Tracked,
    asked: Asked,
    old: Side,
    other: Pin,
    lock: Lock,
    sources: Sources,
    code: Callable[[Source], SourceCode],
    progress: Progress,
) -> tuple[str, str] | None:
    """Compare with one tracked version; why it could not be asked, and the remedy."""
    if spec := sources.one_tree(old.pin, other):
        return f"`{spec}` is one tree, and cannot be {old.pin.version} and {other.version}", ""
    try:
        new = open_side(other, sources.open, code)
        with new.code.source:
            if not new.code.searchable:
                return "", ""
            _add(found, compare_sides(asked, old, new, lock, progress), lock, new)
    except (SourceError, UsageError) as error:
        return error.message, error.hint
    return None


def _add(found: Tracked, drift: Drift, lock: Lock, new: Side) -> None:
    """Make facts of what became of the references and edges of one pin."""
    at = drift.new.version
    for one in drift.references:
        locked = lock.find(one.reference)
        if locked is None:
            continue
        after = _definition(drift.new, one.outcome)
        if after is not None:
            found.definitions.append(after)
            found.files += _file(drift.new, after.definition.path, new)
        gone = one.outcome.status is DriftStatus.GONE
        found.tracks.append(
            Track(
                locked.project,
                locked.version,
                locked.end,
                at,
                one.outcome.status,
                after.end if after else None,
                leads_of(one.outcome.candidates) if gone else (),
            )
        )
    for edge in drift.edges:
        known = lock.find_edge(edge.edge)
        if known is not None:
            found.edge_tracks.append(track_edge(known, at, edge.status, edge.after))


def _definition(pin: Pin, outcome: Outcome) -> LockedDefinition | None:
    if outcome.after is None:
        return None
    piece = outcome.after
    return LockedDefinition(pin.project, pin.version, piece.definition, piece.occurrence, piece.of)


def _file(pin: Pin, path: str, side: Side) -> Iterator[LockedFile]:
    for result in side.code.load([path]):
        if isinstance(result, FileText):
            yield LockedFile(pin.project, pin.version, path, result.blob)


def kept_tracks(notebook: Notebook, lock: Lock, found: Tracked, sources: Sources) -> Tracked:
    """What the old lockfile knows of tracked versions of which nothing new is known.

    A track is kept only where the fact that it starts from is what it was.

    Parameters:
        notebook: The notebook, with its old lockfile.
        lock: Facts of the notes' own versions, just found.
        found: What was found.
        sources: The sources that were asked.
    """
    old, kept = notebook.lock or Lock(), Tracked()

    def silent(pin: Pin) -> Iterator[str]:
        """The versions tracked beside a pin of which nothing new is known."""
        for other in notebook.tracked(pin):
            if not sources.has(pin) or (pin, other) in found.silent:
                yield other.version

    for reference in notebook.references:
        was, now = old.find(reference), lock.find(reference)
        if not reference.fixed and was and now and was.definition == now.definition:
            tracks = [old.track(was, at) for at in silent(reference.pin)]
            kept.tracks += [track for track in tracks if track is not None]
    for edge in notebook.edges:
        known = old.find_edge(edge)
        if known is not None and known == lock.find_edge(edge):
            edges = [old.edge_track(known, at) for at in silent(edge.pin)]
            kept.edge_tracks += [track for track in edges if track is not None]
    _keep_targets(kept, old, lock)
    return kept


def _keep_targets(kept: Tracked, old: Lock, lock: Lock) -> None:
    """Keep what the kept tracks lead to; drop those that lead into files that are others now."""
    before = {(one.project, one.version, one.path): one for one in old.files}
    fresh = {(one.project, one.version, one.path): one for one in lock.files}
    files: dict[tuple[str, str, str], LockedFile] = {}
    for track in list(kept.tracks):
        after = old.after(track)
        if after is None:
            continue
        key = (after.project, after.version, after.definition.path)
        if key in fresh and fresh[key] != before.get(key):
            kept.tracks.remove(track)
            continue
        kept.definitions.append(replace(after, calls=()))
        if key in before:
            files[key] = before[key]
    kept.files = list(files.values())


def track_differences(notebook: Notebook, real: Lock, found: Tracked) -> Iterator[Finding]:
    """Where the lockfile says something else of a tracked version than its source does.

    Parameters:
        notebook: The notebook, with its lockfile.
        real: What the sources say, with the tracks that were found.
        found: What was found, and which versions stayed silent.
    """
    locked = notebook.lock or Lock()
    yield from _symbol_differences(notebook, locked, real, found)
    yield from _edge_differences(notebook, locked, real, found)


def _symbol_differences(
    notebook: Notebook, locked: Lock, real: Lock, found: Tracked
) -> Iterator[Finding]:
    told: set[object] = set()
    for reference in notebook.references:
        was, now = locked.find(reference), real.find(reference)
        if reference.fixed or was is None or now is None:
            continue
        for other in _asked(notebook, reference.pin, found):
            one, two = locked.track(was, other.version), real.track(now, other.version)
            if one is None or two is None or one.key in told:
                continue
            told.add(one.key)
            if one != two or _at(locked, one) != _at(real, two):
                name = f"`{reference.symbol.name}`"
                yield _mismatch(reference.place, name, other, one.status, two.status)


def _edge_differences(
    notebook: Notebook, locked: Lock, real: Lock, found: Tracked
) -> Iterator[Finding]:
    told: set[object] = set()
    for edge in notebook.edges:
        was, now = locked.find_edge(edge), real.find_edge(edge)
        if was is None or now is None:
            continue
        for other in _asked(notebook, edge.pin, found):
            one, two = locked.edge_track(was, other.version), real.edge_track(now, other.version)
            if one is None or two is None or one.key in told or one == two:
                continue
            told.add(one.key)
            name = f"`{edge.caller.symbol.name}` → `{edge.callee.symbol.name}`"
            yield _mismatch(edge.place, name, other, one.change, two.change)


def _asked(notebook: Notebook, pin: Pin, found: Tracked) -> Iterator[Pin]:
    """The versions tracked beside a pin that were asked."""
    return (other for other in notebook.tracked(pin) if (pin, other) not in found.silent)


def _at(lock: Lock, track: Track) -> object:
    """Where a track leads, as far as it says where it stands."""
    after = lock.after(track)
    return after.definition if after else None


def _mismatch(place: Location, name: str, pin: Pin, was: str, now: str) -> Finding:
    what = f"{was} there, {now} here" if was != now else "other particulars"
    return rules.LOCK_MISMATCH.at(
        place,
        f"the lockfile does not agree with {pin.version} on what became of {name}: {what}",
        "run `callpath lock --source SPEC` if this source is the right one",
    )

"""What became of a notebook's definitions and edges in the versions that it tracks.

`check` compares the lockfile with the sources, `lock` and `repin` write what the sources say and
keep what is locked for versions that no source has.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice

from callpath import rules
from callpath.drift.compare import Asked, asked_of, compare_sides
from callpath.drift.find import Side, check_tree, open_side
from callpath.drift.match import Drift, ReferenceDrift
from callpath.facts.lock import (
    Candidate,
    EdgeStatusChange,
    EdgeTrack,
    Lead,
    Lock,
    LockedDefinition,
    LockedEdge,
    LockedFile,
    Track,
    make_lock,
)
from callpath.facts.proof import EdgeStatus, Verdict
from callpath.findings import Finding, Location, SourceError, UsageError
from callpath.model import Pin, Progress, no_progress
from callpath.notebook import Notebook
from callpath.sources.base import FileText
from callpath.sources.spec import Sources

_MOST_LEADS = 3
"""How many candidates of a symbol that is gone are locked; more would not help a reader."""

Silent = Mapping[Pin, tuple[str, str]]
"""The versions whose source cannot be opened, with the reason and the remedy."""


def silent_versions(notebook: Notebook, sources: Sources) -> Silent:
    """The versions that only remarks speak of and whose source cannot be opened."""
    own = {reference.pin for reference in notebook.references if not reference.fixed}
    found: dict[Pin, tuple[str, str]] = {}
    for pin in sorted({reference.pin for reference in notebook.references} - own):
        try:
            with sources.open(pin) as source:
                check_tree(source, pin)
        except (SourceError, UsageError) as error:
            found[pin] = (error.message, error.hint)
    return found


def check_tracks(
    notebook: Notebook,
    real: Lock,
    sources: Sources,
    silent: Silent,
    progress: Progress = no_progress,
) -> Iterator[Finding]:
    """The tracked versions that could not be asked, and where the lockfile disagrees with others.

    Parameters:
        notebook: The notebook, with its lockfile.
        real: What the sources say of the notes' own versions.
        sources: The sources.
        silent: As `silent_versions` found them.
        progress: Told how far it is.
    """
    found = _track(notebook, real, sources, progress)
    yield from _unasked(notebook, found, silent)
    locked, real = notebook.lock or Lock(), _with_tracks(real, found)
    yield from _symbol_differences(notebook, locked, real, found)
    yield from _edge_differences(notebook, locked, real, found)


def lock_tracks(
    notebook: Notebook,
    lock: Lock,
    sources: Sources,
    silent: Silent,
    progress: Progress = no_progress,
) -> tuple[Lock, tuple[Finding, ...]]:
    """The facts of a lockfile with those of tracked versions, and which could not be asked.

    Parameters:
        notebook: The notebook, with its old lockfile.
        lock: The facts of the notes' own versions, just found.
        sources: The sources; of a version that they do not have the old facts are kept.
        silent: As `silent_versions` found them.
        progress: Told how far it is.
    """
    found = _track(notebook, lock, sources, progress)
    kept = _kept(notebook, lock, found, sources)
    return _with_tracks(lock, found, kept), tuple(_unasked(notebook, found, silent))


@dataclass(slots=True)
class _Tracked:
    """Facts of tracked versions, and which versions could not be asked.

    Attributes:
        files: The files that definitions lie in, of tracked versions.
        definitions: What the definitions of the notes are in tracked versions.
        silent: For each pin and tracked version that could not be compared the reason and the
            remedy; the reason is empty where the source was never one to ask, as a cache.
    """

    files: list[LockedFile] = field(default_factory=list)
    definitions: list[LockedDefinition] = field(default_factory=list)
    tracks: list[Track] = field(default_factory=list)
    edge_tracks: list[EdgeTrack] = field(default_factory=list)
    silent: dict[tuple[Pin, Pin], tuple[str, str]] = field(default_factory=dict)

    def asked(self, notebook: Notebook, pin: Pin) -> Iterator[Pin]:
        """The versions tracked for a pin that were compared with it."""
        return (other for other in notebook.tracked(pin) if (pin, other) not in self.silent)


def _with_tracks(lock: Lock, *tracked: _Tracked) -> Lock:
    """A lockfile's facts with those of tracked versions, which never replace its own."""
    files = {_file_key(file) for file in lock.files}
    known = {one.order for one in lock.definitions}
    more = [file for each in tracked for file in each.files]
    found = [one for each in tracked for one in each.definitions]
    return make_lock(
        [*lock.files, *(file for file in more if _file_key(file) not in files)],
        [*lock.definitions, *(one for one in found if one.order not in known)],
        lock.edges,
        [*lock.tracks, *(track for each in tracked for track in each.tracks)],
        [*lock.edge_tracks, *(track for each in tracked for track in each.edge_tracks)],
    )


def _unasked(notebook: Notebook, found: _Tracked, silent: Silent) -> Iterable[Finding]:
    """A finding for each version that could not be asked; remarks' own only if all others could."""
    tracked = dict.fromkeys((new, *why) for (_, new), why in found.silent.items() if why[0])
    remarked = [(pin, *why) for pin, why in silent.items() if why[0]]
    for pin, reason, hint in tracked or remarked:
        yield rules.UNKNOWN_ANSWER.at(
            Location(notebook.lockfile),
            f"the tracked version {pin.version} could not be asked: {reason}",
            hint or f"name a source that has it: `--source {pin.version}=SPEC`",
        )


def _track(notebook: Notebook, lock: Lock, sources: Sources, progress: Progress) -> _Tracked:
    """Compare the notes' own versions with those that are tracked for them."""
    found = _Tracked()
    open_version = partial(
        open_side, open_source=sources.open, dispatch=notebook.dispatch, progress=progress
    )
    pins = {reference.pin for reference in notebook.references if not reference.fixed}
    for pin in sorted(pin for pin in pins if sources.has(pin)):
        others = notebook.tracked(pin)
        if not others:
            continue
        asked = asked_of(notebook, pin)
        own = tuple(each for each in asked.references if not each.fixed)
        try:
            with open_version(pin) as old:
                for other in others:
                    if spec := sources.one_tree(pin, other):
                        what = f"is one tree, and cannot be {pin.version} and {other.version}"
                        found.silent[pin, other] = (f"`{spec}` {what}", "")
                    else:
                        _compare(
                            found, replace(asked, references=own), old, other, lock, open_version
                        )
        except (SourceError, UsageError) as error:
            found.silent |= {(pin, other): (error.message, error.hint) for other in others}
    return found


def _compare(
    found: _Tracked,
    asked: Asked,
    old: Side,
    other: Pin,
    lock: Lock,
    open_version: Callable[[Pin], AbstractContextManager[Side]],
) -> None:
    """Add the facts of one tracked version, or why it could not be asked."""
    try:
        with open_version(other) as new:
            if new.code.searchable:
                _add(found, compare_sides(asked, old, new, lock), lock, new)
            else:
                found.silent[old.pin, other] = ("", "")
    except (SourceError, UsageError) as error:
        found.silent[old.pin, other] = (error.message, error.hint)


def _add(found: _Tracked, drift: Drift, lock: Lock, new: Side) -> None:
    """Add the facts of what became of the references and edges of one pin."""
    for one in drift.references:
        locked = lock.find(one.reference)
        if locked is not None:
            found.tracks.append(_add_definition(found, one, locked, new))
    for edge in drift.edges:
        known = lock.find_edge(edge.edge)
        if known is not None:
            found.edge_tracks.append(_edge_track(known, new.pin.version, edge.status, edge.after))


def _add_definition(
    found: _Tracked, one: ReferenceDrift, locked: LockedDefinition, new: Side
) -> Track:
    after, pin = one.outcome.after, new.pin
    end, leads = None, _leads(one.outcome.candidates)
    if after is not None:
        target = LockedDefinition(
            pin.project, pin.version, after.definition, after.occurrence, after.of
        )
        found.definitions.append(target)
        path = after.definition.path
        for result in new.code.load([path]):
            if isinstance(result, FileText):
                found.files.append(LockedFile(pin.project, pin.version, path, result.blob))
        end, leads = target.end, ()
    return Track(
        locked.project, locked.version, locked.end, pin.version, one.outcome.status, end, leads
    )


def _leads(candidates: Iterable[Candidate]) -> tuple[Lead, ...]:
    """The best of the candidates, as the lockfile keeps them."""
    return tuple(
        Lead(
            round(each.score, 2),
            each.definition.path,
            each.definition.line,
            each.definition.name,
            each.definition.kind.value,
        )
        for each in islice(candidates, _MOST_LEADS)
    )


def _edge_track(edge: LockedEdge, at: str, change: EdgeStatusChange, verdict: Verdict) -> EdgeTrack:
    if change is EdgeStatusChange.GONE:
        verdict = Verdict(EdgeStatus.UNPROVED)
    # The key is that of the notes; reasons are for reports.
    kept = replace(verdict, above=edge.verdict.above, reason="", wrong_via=False)
    return EdgeTrack(replace(edge, verdict=kept), at, change)


def _kept(notebook: Notebook, lock: Lock, found: _Tracked, sources: Sources) -> _Tracked:
    """The old facts of tracked versions of which nothing new is known.

    A track is kept only where the fact that it starts from is what it was.
    """
    old, kept = notebook.lock or Lock(), _Tracked()

    def silent(pin: Pin) -> Iterator[str]:
        for other in notebook.tracked(pin):
            if not sources.has(pin) or (pin, other) in found.silent:
                yield other.version

    for reference in notebook.references:
        was, now = old.find(reference), lock.find(reference)
        if not reference.fixed and was and now and was.definition == now.definition:
            tracks = (old.track(was, at) for at in silent(reference.pin))
            kept.tracks += [track for track in tracks if track is not None]
    for edge in notebook.edges:
        known = old.find_edge(edge)
        if known is not None and known == lock.find_edge(edge):
            edges = (old.edge_track(known, at) for at in silent(edge.pin))
            kept.edge_tracks += [track for track in edges if track is not None]
    _keep_targets(kept, old, lock)
    return kept


def _keep_targets(kept: _Tracked, old: Lock, lock: Lock) -> None:
    """Keep what the kept tracks lead to; drop those that lead into files that are others now."""
    before = {_file_key(file): file for file in old.files}
    fresh = {_file_key(file): file for file in lock.files}
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


def _file_key(file: LockedFile) -> tuple[str, str, str]:
    return (file.project, file.version, file.path)


def _symbol_differences(
    notebook: Notebook, locked: Lock, real: Lock, found: _Tracked
) -> Iterator[Finding]:
    seen: set[object] = set()
    for reference in notebook.references:
        was, now = locked.find(reference), real.find(reference)
        if reference.fixed or was is None or now is None:
            continue
        for other in found.asked(notebook, reference.pin):
            one, two = locked.track(was, other.version), real.track(now, other.version)
            if one is None or two is None or one.key in seen:
                continue
            seen.add(one.key)
            if one != two or _target(locked, one) != _target(real, two):
                name = f"`{reference.symbol.name}`"
                yield _mismatch(reference.place, name, other, one.status, two.status)


def _edge_differences(
    notebook: Notebook, locked: Lock, real: Lock, found: _Tracked
) -> Iterator[Finding]:
    seen: set[object] = set()
    for edge in notebook.edges:
        was, now = locked.find_edge(edge), real.find_edge(edge)
        if was is None or now is None:
            continue
        for other in found.asked(notebook, edge.pin):
            one, two = locked.edge_track(was, other.version), real.edge_track(now, other.version)
            if one is None or two is None or one.key in seen or one == two:
                continue
            seen.add(one.key)
            name = f"`{edge.caller.symbol.name}` → `{edge.callee.symbol.name}`"
            yield _mismatch(edge.place, name, other, one.change, two.change)


def _target(lock: Lock, track: Track) -> object:
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

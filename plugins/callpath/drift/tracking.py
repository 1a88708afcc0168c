"""What became of a notebook's definitions and edges in the versions that it tracks.

`check` compares the lockfile with the sources, `lock` and `repin` write what the sources say and
keep what is locked for versions that no source has.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, suppress
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from callpath import rules
from callpath.drift import compare
from callpath.drift.compare import Asked, Mention, asked_of, compare_sides, may_move, question_of
from callpath.drift.find import Side, check_tree, open_side
from callpath.drift.match import Drift, EdgeDrift
from callpath.facts.lock import (
    Candidate,
    EdgeStatusChange,
    EdgeTrack,
    Lead,
    Lock,
    LockedDefinition,
    LockedFile,
    Track,
    locked_verdict,
    make_lock,
)
from callpath.facts.proof import EdgeStatus, Verdict
from callpath.findings import Finding, Location, SourceError, UsageError
from callpath.model import Edge, Pin, Progress
from callpath.notebook import Notebook
from callpath.sources.base import FileText
from callpath.sources.spec import Sources
from callpath.verify.kept_files import KeptFiles

Silent = Mapping[Pin, tuple[str, str]]
"""The versions whose source cannot be opened, with the reason and the remedy."""

_Unasked = Mapping[tuple[Pin, Pin], tuple[str, str]]
"""The pins and tracked versions that could not be compared, with the reason and the remedy.

The reason is empty where the source was never one to ask, as a cache.
"""

_MOST_LEADS = 3  # of a symbol that is gone; more would not help a reader


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
    progress: Progress,
    files: KeptFiles | None = None,
) -> Iterator[Finding]:
    """Where the lockfile disagrees with tracked versions, and which of them could not be asked.

    `real` is what the sources say of the notes' own versions; `files` as of `SourceCode`.
    """
    lock = notebook.lock or Lock()
    if not (notebook.versions or lock.tracks or lock.edge_tracks or silent):
        return
    found, unasked = _track(notebook, real, sources, progress, files)
    yield from _unasked(notebook, unasked, silent)
    # Where a symbol is gone to is guessed from the others: one that is not resolved shifts that.
    is_whole = all(real.find(one) for one in notebook.references if sources.has(one.pin))
    yield from _differences(notebook, _merged(real, found), unasked, with_leads=is_whole)


def lock_tracks(
    notebook: Notebook,
    lock: Lock,
    sources: Sources,
    silent: Silent,
    progress: Progress,
    files: KeptFiles | None = None,
) -> tuple[Lock, tuple[Finding, ...]]:
    """The facts of a lockfile with those of tracked versions, and which could not be asked.

    `lock` has the facts of the notes' own versions, just found. Of a version that no source has
    the facts of the notebook's old lockfile are kept.
    """
    found, unasked = _track(notebook, lock, sources, progress, files)
    kept = _kept(notebook, lock, sources, unasked)
    return _merged(lock, found, kept), tuple(_unasked(notebook, unasked, silent))


def _merged(*locks: Lock) -> Lock:
    """The facts of several lockfiles; the first one that says something of a definition decides."""
    last_first = locks[::-1]
    return make_lock(
        {key: file for lock in last_first for key, file in _by_path(lock).items()}.values(),
        {one.key: one for lock in last_first for one in lock.definitions}.values(),
        [edge for lock in last_first for edge in lock.edges],
        [track for lock in last_first for track in lock.tracks],
        [track for lock in last_first for track in lock.edge_tracks],
    )


def _by_path(lock: Lock) -> dict[tuple[str, str, str], LockedFile]:
    return {(file.project, file.version, file.path): file for file in lock.files}


def _unasked(notebook: Notebook, unasked: _Unasked, silent: Silent) -> Iterator[Finding]:
    """A finding for each version that could not be asked; for remarks' own only if it is alone."""
    tracked = dict.fromkeys((new, *why) for (_, new), why in unasked.items() if why[0])
    remarked = [(pin, *why) for pin, why in silent.items() if why[0]]
    for pin, reason, hint in tracked or remarked:
        yield rules.UNKNOWN_ANSWER.at(
            Location(notebook.lockfile),
            f"the tracked version {pin.version} could not be asked: {reason}",
            hint or f"name a source that has it: `--source {pin.version}=SPEC`",
        )


def expect_words(
    notebook: Notebook, sources: Sources, progress: Progress, files: KeptFiles
) -> None:
    """Tell the sources of tracked versions the words that they will be searched for.

    What cannot be asked says so when it is asked.
    """
    open_version = _open(notebook, sources, progress, files)
    for old, other in compared_pins(notebook, sources):
        with suppress(SourceError, UsageError):
            if not all(_is_read_freely(sources, pin) for pin in (old, other)):
                continue
            with open_version(old) as before, open_version(other) as after:
                compare.expect_words(asked_of(notebook, old, may_move), before, after)


def _is_read_freely(sources: Sources, pin: Pin) -> bool:
    """Whether a file of a version can be read twice without cost; there may be no source for it."""
    with sources.open(pin) as source:
        return source.searchable and source.reads_at_once


def compared_pins(notebook: Notebook, sources: Sources) -> Iterator[tuple[Pin, Pin]]:
    """Each pin that has a source, with each version that it is tracked in."""
    pins = {reference.pin for reference in notebook.references if not reference.fixed}
    for pin in sorted(pin for pin in pins if sources.has(pin)):
        yield from ((pin, other) for other in notebook.tracked(pin))


def _open(
    notebook: Notebook, sources: Sources, progress: Progress, files: KeptFiles | None
) -> Callable[[Pin], AbstractContextManager[Side]]:
    return partial(
        open_side,
        open_source=sources.open,
        dispatch=notebook.dispatch,
        progress=progress,
        units=notebook.link_units,
        hints=False,  # the lockfile keeps no reason
        files=files,
    )


def _track(
    notebook: Notebook,
    lock: Lock,
    sources: Sources,
    progress: Progress,
    files: KeptFiles | None = None,
) -> tuple[Lock, _Unasked]:
    answers: dict[tuple[Pin, Pin], Lock | tuple[str, str]] = {}
    open_version = _open(notebook, sources, progress, files)
    pins = dict.fromkeys(pin for pin, _ in compared_pins(notebook, sources))
    for pin in pins:
        asked, others = asked_of(notebook, pin, may_move), notebook.tracked(pin)
        try:
            with open_version(pin) as old:
                for other in others:
                    answers[pin, other] = _ask(asked, old, other, lock, sources, open_version)
        except (SourceError, UsageError) as error:
            answers |= {(pin, other): (error.message, error.hint) for other in others}
    found = [answer for answer in answers.values() if isinstance(answer, Lock)]
    unasked = {pair: why for pair, why in answers.items() if not isinstance(why, Lock)}
    return _merged(*found), unasked


def _ask(
    asked: Asked,
    old: Side,
    other: Pin,
    lock: Lock,
    sources: Sources,
    open_version: Callable[[Pin], AbstractContextManager[Side]],
) -> Lock | tuple[str, str]:
    """The facts of one tracked version, or why it could not be asked, and the remedy."""
    if spec := sources.one_tree(old.pin, other):
        return f"`{spec}` is one tree, and cannot be {old.pin.version} and {other.version}", ""
    try:
        with open_version(other) as new:
            if not new.code.searchable:
                return "", ""
            found = facts_between(asked, old, new, lock)
            return make_lock(found.files, found.targets, (), found.tracks, found.edge_tracks)
    except (SourceError, UsageError) as error:
        return error.message, error.hint


class TrackedFacts(Struct, frozen=True):
    """The facts of one tracked version."""

    files: list[LockedFile]
    targets: list[LockedDefinition]
    tracks: list[Track]
    edge_tracks: list[EdgeTrack]


def facts_between(asked: Asked, old: Side, new: Side, lock: Lock) -> TrackedFacts:
    """The facts of one tracked version; what an earlier run found is known.

    `lock` has the facts of the old version.
    """
    answers = old.code.answers.beside(new.code.answers)
    question = tracks_question(asked, lock)
    found = answers.find("tracks", question, TrackedFacts)
    if found is None:
        found = _facts_of(compare_sides(asked, old, new, lock), lock, new)
        answers.keep("tracks", question, found)
    return found


def tracks_question(asked: Asked, lock: Lock) -> tuple[object, ...]:
    """All that the facts of a tracked version depend on, besides the two trees."""
    return (question_of(asked, lock), [lock.find(one) for one in asked.references])


def _facts_of(drift: Drift, lock: Lock, new: Side) -> TrackedFacts:
    """The facts of a comparison: the tracks, and the definitions that they lead to."""
    project, at = new.pin.project, new.pin.version
    targets: list[LockedDefinition] = []
    tracks: list[Track] = []
    for one in drift.references:
        locked, outcome, end = lock.find(one.reference), one.outcome, None
        if locked is None:
            continue
        if after := outcome.after:
            which = (after.definition, after.occurrence, after.of)
            targets.append(LockedDefinition(project, at, *which))
            end = targets[-1].end
        leads = () if end else tuple(map(_lead, outcome.candidates[:_MOST_LEADS]))
        before = (locked.project, locked.version, locked.end)
        tracks.append(Track(*before, at, outcome.status, end, leads))
    files = [
        LockedFile(project, at, result.path, result.blob)
        for result in new.code.load({target.definition.path for target in targets})
        if isinstance(result, FileText)
    ]
    edge_tracks = [
        EdgeTrack(replace(edge, verdict=_tracked_verdict(one, edge.verdict)), at, one.status)
        for one in drift.edges
        if (edge := lock.find_edge(one.edge))
    ]
    return TrackedFacts(files, targets, tracks, edge_tracks)


def _lead(candidate: Candidate) -> Lead:
    found = candidate.definition
    return Lead(found.path, found.line, found.name, found.kind, round(candidate.score, 2))


def _tracked_verdict(one: EdgeDrift, locked: Verdict) -> Verdict:
    is_gone = one.status is EdgeStatusChange.GONE
    verdict = Verdict(EdgeStatus.UNPROVED) if is_gone else one.after
    # The key is that of the notes.
    return replace(locked_verdict(verdict), above=locked.above)


def _tracked(notebook: Notebook) -> Iterator[tuple[Mention, Pin]]:
    """Every reference and edge that is tracked, with each version that it is tracked in."""
    mentions: tuple[Mention, ...] = (*notebook.references, *notebook.edges)
    for mention in filter(may_move, mentions):
        yield from ((mention, other) for other in notebook.tracked(mention.pin))


def _fact(lock: Lock, mention: Mention) -> object:
    """What a lockfile says of a reference or an edge at its own version, or None."""
    if isinstance(mention, Edge):
        return lock.find_edge(mention)
    locked = lock.find(mention)
    return locked.definition if locked else None


def _track_in(lock: Lock, mention: Mention, at: Pin) -> Track | EdgeTrack | None:
    """What a lockfile says of a reference or an edge in a tracked version."""
    if isinstance(mention, Edge):
        edge = lock.find_edge(mention)
        return lock.edge_track(edge, at.version) if edge else None
    locked = lock.find(mention)
    return lock.track(locked, at.version) if locked else None


def _kept(
    notebook: Notebook, lock: Lock, sources: Sources, unasked: Collection[tuple[Pin, Pin]]
) -> Lock:
    """The old facts of tracked versions of which nothing new is known.

    A track is kept only where the fact that it starts from is what it was, and where the file that
    it leads to is not another one now.
    """
    old = notebook.lock or Lock()
    before, now = _by_path(old), _by_path(lock)
    tracks: list[Track] = []
    edge_tracks: list[EdgeTrack] = []
    for mention, other in _tracked(notebook):
        is_open = not sources.has(mention.pin) or (mention.pin, other) in unasked
        track = _track_in(old, mention, other) if is_open else None
        if track is None or _fact(old, mention) != _fact(lock, mention):
            continue
        if isinstance(track, EdgeTrack):
            edge_tracks.append(track)
        else:
            path = _path_of(old.after(track))
            if path not in now or now[path] == before.get(path):
                tracks.append(track)
    targets = [replace(target, calls=()) for track in tracks if (target := old.after(track))]
    paths = {_path_of(target) for target in targets}
    files = [file for path, file in before.items() if path in paths]
    return make_lock(files, targets, (), tracks, edge_tracks)


def _path_of(target: LockedDefinition | None) -> tuple[str, str, str]:
    if target is None:
        return ("", "", "")
    return (target.project, target.version, target.definition.path)


def _differences(
    notebook: Notebook, real: Lock, unasked: Collection[tuple[Pin, Pin]], *, with_leads: bool
) -> Iterator[Finding]:
    locked, seen = notebook.lock or Lock(), set[object]()
    for mention, other in _tracked(notebook):
        was, now = (_track_in(lock, mention, other) for lock in (locked, real))
        if (mention.pin, other) in unasked or was is None or now is None or was.key in seen:
            continue
        seen.add(was.key)
        if not with_leads and isinstance(was, Track) and isinstance(now, Track):
            was, now = replace(was, leads=()), replace(now, leads=())
        if was != now or _target(locked, was) != _target(real, now):
            yield _mismatch(mention, other, was, now)


def _target(lock: Lock, track: Track | EdgeTrack) -> object:
    after = lock.after(track) if isinstance(track, Track) else None
    return after.definition if after else None


def _mismatch(mention: Mention, at: Pin, was: Track | EdgeTrack, now: Track | EdgeTrack) -> Finding:
    name = str(mention) if isinstance(mention, Edge) else f"`{mention.symbol.name}`"
    one, two = (each.change if isinstance(each, EdgeTrack) else each.status for each in (was, now))
    what = f"{one} there, {two} here" if one != two else "other particulars"
    return rules.LOCK_MISMATCH.at(
        mention.location,
        f"the lockfile does not agree with {at.version} on what became of {name}: {what}",
        "run `callpath lock --source SPEC` if this source is the right one",
    )

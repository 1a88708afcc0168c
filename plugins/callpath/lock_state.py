"""Checks that the lockfile and the eras file have each needed entry and no unused ones.

Needs no source tree. One mistake is one finding: what follows from a reference that is not locked,
or from a wrong pin, is not reported besides.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from callpath import rules
from callpath.facts.lock import (
    EdgeTrack,
    Lock,
    StatedEdge,
    StatedSymbol,
    Track,
    above_of,
    stated_edge,
    stated_symbol,
)
from callpath.facts.mentions import (
    LineFact,
    MentionFact,
    MentionFacts,
    PathFact,
    PlaceFact,
    UnsaidFact,
    WordFact,
)
from callpath.facts.proof import EdgeStatus, Verdict
from callpath.findings import Finding, Location, nearest_name
from callpath.mentions.model import Judgement, PlacedMention, Verdict as MentionVerdict
from callpath.model import Edge, Pin, Reference, shown

if TYPE_CHECKING:
    from callpath.facts.eras import Eras

_LOCK = "run `callpath lock --source SPEC`"
_WRITE_ERAS = "run `callpath eras --source git:REPO --write`"

Named = tuple[str, str]
"""The path and the name of a symbol, whatever its project, version, kind and occurrence."""


class LockState(Struct, frozen=True):
    """What is wrong with a lockfile."""

    findings: tuple[Finding, ...] = ()
    covered: frozenset[Named] = frozenset()  # the symbols that the findings speak of
    stale: bool = False  # whether the lockfile holds what nothing asks for, with no other cause
    misplaced: frozenset[str] = frozenset()  # the notes that are locked at another version


class Settings(Struct, frozen=True):
    """What the site's settings and the notes' pins have to do with the findings."""

    pins: Mapping[str, Location] = field(default_factory=dict)  # those of notes, by the note's id
    pin: Location | None = None  # the site's own
    project: str = ""  # of the site's own
    # Where `versions` is, if it has a version that the lockfile lacks in place of one that it has.
    versions: Location | None = None
    untracked: Collection[str] = ()  # the versions that a finding of its own says to be untracked


_NO_SETTINGS = Settings()


class _Locked(Struct, frozen=True):
    """A reference or an edge that is locked."""

    location: Location
    name: str  # in messages
    note: str
    pin: Pin
    named: Named
    key: object  # of its fact
    tracks: Mapping[str, Track | EdgeTrack | None]  # what is locked of each tracked version


class _Stated(Struct):
    """What the notes state, divided into what is locked and what is not."""

    locked: list[_Locked] = field(default_factory=list)
    open: list[Reference] = field(default_factory=list)
    open_edges: list[Edge] = field(default_factory=list)  # between symbols that are locked
    doubts: list[Finding] = field(default_factory=list)
    touched: set[Named] = field(default_factory=set)  # the ends of every edge that is not locked


def lock_state(
    lock: Lock,
    lockfile: str,
    references: Sequence[Reference],
    edges: Sequence[Edge],
    tracked: Callable[[Pin], Sequence[Pin]],
    *,
    complete: bool,
    settings: Settings = _NO_SETTINGS,
) -> LockState:
    """The findings on a lockfile, whose path is relative to the project's root.

    Parameters:
        tracked: Returns the versions that are tracked besides that of a pin.
        complete: Whether these are all references and edges of the notebook; if not, the lockfile
            may hold more than they ask for.
    """
    stated = _stated(lock, references, edges, tracked, settings)
    stale = _Stale(lock, stated, settings, complete=complete)
    mostly = _mostly_open(lock, stated, references, edges, settings)
    ends = [one for edge in edges if edge.note in mostly for one in _ends(edge)]
    hot = {*stated.touched, *map(_named, stated.open), *ends}
    hot |= {_named(one) for one in references if one.note in mostly}
    lost = {_named(one) for one in (*stated.open, *references) if one.note in mostly}
    lost |= set(map(_named, stated.open))
    explained = _explained(hot, lost, stale.symbols, stale.links)
    found = [
        *stated.doubts,
        *_by_note(stated, mostly, lock, settings),
        *_one_by_one(stated, mostly, stale.symbols),
        *_untracked(lock, stated.locked, mostly, hot, settings),
    ]
    left = [message for message, named in stale.messages if not explained & set(named)]
    if left:
        places = {_named(one): one.location for one in reversed(references) if not one.link}
        near = [places[one] for link in stale.links for one in link if one in places]
        found.append(rules.STALE_LOCK.at(Location(lockfile), _more(left, "stale"), _LOCK, near[:1]))
    covered = frozenset({*explained, *(stale.symbols if left else ())})
    misplaced = frozenset(note for note, there in mostly.items() if there)
    return LockState(tuple(found), covered, bool(left), misplaced)


def _stated(
    lock: Lock,
    references: Iterable[Reference],
    edges: Iterable[Edge],
    tracked: Callable[[Pin], Sequence[Pin]],
    settings: Settings,
) -> _Stated:
    found = _Stated()
    for reference in references:
        pin, named = reference.pin, _named(reference)
        if definition := lock.find(reference):
            versions = [] if reference.fixed else [each.version for each in tracked(pin)]
            tracks = {at: lock.track(definition, at) for at in versions}
            key, name = definition.key, f"`{reference.symbol.name}`"
            place = (reference.location, name, reference.note, pin, named)
            found.locked.append(_Locked(*place, key, tracks))
        elif not (reference.fixed and pin.version in settings.untracked):
            found.open.append(reference)
    open_steps = {(one.note, one.step) for one in found.open}
    for edge in edges:
        if fact := lock.find_edge(edge):
            at_versions = {
                at.version: lock.edge_track(fact, at.version) for at in tracked(edge.pin)
            }
            place = (edge.location, str(edge), edge.note, edge.pin, _ends(edge)[1])
            found.locked.append(_Locked(*place, fact.key, at_versions))
            found.doubts += _doubts(edge, fact.verdict)
            continue
        found.touched |= {*_ends(edge)}
        if not {(edge.note, edge.caller.id), (edge.note, edge.callee.id)} & open_steps:
            found.open_edges.append(edge)
    return found


def _named(reference: Reference) -> Named:
    return (reference.symbol.path, reference.symbol.name)


def _ends(edge: Edge) -> tuple[Named, Named]:
    caller, callee = edge.caller.symbol, edge.callee.symbol
    return (caller.path, caller.name), (callee.path, callee.name)


def _ends_of(stated: StatedEdge) -> tuple[Named, Named]:
    return stated.caller[:2], stated.callee[:2]


_Link = tuple[Named, Named]


class _Stale:
    """What a lockfile holds and nothing asks for, in the order of the file."""

    def __init__(self, lock: Lock, stated: _Stated, settings: Settings, *, complete: bool) -> None:
        if not complete:  # anything may be asked for by what is not known
            lock = Lock()
        used: set[object] = {each.key for each in stated.locked}
        used |= {track.key for one in stated.locked for track in one.tracks.values() if track}
        self.messages = list(_unused(lock, used, settings))
        self.links: list[_Link] = [
            _ends_of(edge.stated) for edge in lock.edges if edge.key not in used
        ]
        self.symbols = {one for _, named in self.messages for one in named}


def _explained(
    hot: Set[Named], lost: Set[Named], stale: Collection[Named], links: Collection[_Link]
) -> set[Named]:
    """The symbols whose stale facts follow from what has a finding of its own.

    They are the `hot` ones, which findings speak of, the symbols that were likely meant by those
    that are `lost`, and what stale edges join with them.
    """
    reached = {*hot, *filter(None, (_meant(one, stale) for one in lost if one not in stale))}
    joined: dict[Named, list[Named]] = defaultdict(list)
    for one, other in links:
        joined[one].append(other)
        joined[other].append(one)
    pending = list(reached)
    while pending:
        for other in joined.pop(pending.pop(), ()):
            if other not in reached:
                reached.add(other)
                pending.append(other)
    return reached


def _meant(named: Named, stale: Collection[Named]) -> Named | None:
    """The symbol of stale facts that a symbol without facts was likely meant to be, or None."""
    path, name = named
    same = sorted(other for other, its_name in stale if its_name == name)
    if same:
        return ((nearest_name(path, same, limit=1) or same)[0], name)
    names = sorted(its_name for other, its_name in stale if other == path)
    return (path, nearest[0]) if (nearest := nearest_name(name, names, limit=1)) else None


_FEW = 3  # so many slips in one note are taken for slips, not for a wrong pin


def _mostly_open(
    lock: Lock,
    stated: _Stated,
    references: Iterable[Reference],
    edges: Iterable[Edge],
    settings: Settings,
) -> dict[str, str]:
    """The notes of which most is not locked, or all at another version: that version, or empty."""
    unlocked = _counted(stated.open, stated.open_edges)
    every = _counted(references, edges)
    found: dict[str, str] = {}
    versions = sorted({(one.project, one.version) for one in lock.edges})
    known = {(one.project, one.version) for one in lock.definitions}
    lost = {
        one.note
        for one in stated.open
        if one.note not in settings.pins and (one.pin.project, one.pin.version) not in known
    }
    for note, count in sorted(unlocked.items()):
        if count >= _FEW and (there := _version_of(lock, note, references, edges, versions)):
            found[note] = there
        elif count > max(1, every[note] / 2) or (known and note in lost):
            found[note] = ""
    return found


def _counted(references: Iterable[Reference], edges: Iterable[Edge]) -> Counter[str]:
    """How many references and edges each note has."""
    return Counter([*(one.note for one in references), *(one.note for one in edges)])


def _version_of(
    lock: Lock,
    note: str,
    references: Iterable[Reference],
    edges: Iterable[Edge],
    versions: Iterable[tuple[str, str]],
) -> str:
    """The version at which all of a note is locked that is not at that of its pin, or empty."""
    symbols = [one for one in references if one.note == note and not one.fixed]
    arrows = [one for one in edges if one.note == note]
    for project, version in versions if arrows else ():
        pin = Pin(project, version)
        if all(lock.find_edge(replace(one, pin=pin)) for one in arrows) and all(
            lock.find(replace(one, pin=pin)) for one in symbols
        ):
            return version if project == arrows[0].pin.project else f"{project} {version}"
    return ""


def _by_note(
    stated: _Stated, mostly: Mapping[str, str], lock: Lock, settings: Settings
) -> Iterator[Finding]:
    """One finding for each note of which most is not locked, or for all under the site's pin."""
    known = {(one.project, one.version) for one in lock.definitions}
    projects = {project for project, _ in known}
    of_site: dict[str, list[Reference]] = defaultdict(list)
    for note, there in mostly.items():
        open_here = [one for one in stated.open if one.note == note]
        edges = [edge for edge in stated.open_edges if edge.note == note]
        pin = (open_here or edges)[0].pin
        is_known = (pin.project, pin.version) in known
        if open_here and settings.project == pin.project and pin.project not in projects:
            of_site[f"`{pin.project}`"] += open_here
            continue
        if open_here and note not in settings.pins and not is_known:
            of_site[pin.version] += open_here
            continue
        own = settings.pins.get(note)
        first = min([*(one.location for one in open_here), *(one.location for one in edges)])
        names = [f"`{one.symbol.name}` in `{one.symbol.path}`" for one in open_here]
        what = _first([*names, *map(str, edges)])
        message = f"most of this note is not locked at {pin.version}: {what}"
        hint = f"correct its `pin`, or {_LOCK}" if own else _LOCK
        if there:
            here = f"{pin.project} {pin.version}" if " " in there else pin.version
            message = f"this note is locked at {there}, but not at {here}: {what}"
            hint = f"write `pin: {there}` if it is about that version, or {_LOCK}"
            if here != pin.version:
                hint = f"correct the project of its `pin`, or {_LOCK}"
        yield rules.NOT_LOCKED.at(own or first, message, hint)
    for what, references in of_site.items():
        is_project = what.startswith("`")
        versions = sorted(projects if is_project else {version for _, version in known})
        names = [f"`{one.symbol.name}`" for one in references]
        message = f"nothing is locked {'of' if is_project else 'at'} {what}: {_first(names)}"
        named = " and ".join(versions)
        hint = f"the lockfile has {named}: correct the site's `pin`, or {_LOCK}"
        hint = hint if versions else _LOCK
        first = min(one.location for one in references)
        notes = {one.note: one.location for one in reversed(references)}
        related = sorted(notes.values()) if settings.pin else []
        yield rules.NOT_LOCKED.at(settings.pin or first, message, hint, related)


def _one_by_one(
    stated: _Stated, mostly: Collection[str], stale: Collection[Named]
) -> Iterator[Finding]:
    """One finding for each symbol of a note and each caller's edges, at the first place.

    Several symbols of a file of which nothing is locked are one finding: its path may be wrong.
    """
    paths = {(one.pin, one.named[0]) for one in stated.locked}
    groups: dict[object, list[Reference]] = defaultdict(list)
    for one in stated.open:
        if one.note not in mostly:
            of_file = (one.pin, one.symbol.path, one.note)
            of_symbol = (one.pin, _named(one), one.note)
            groups[of_file if of_file[:2] not in paths else of_symbol].append(one)
    for references in groups.values():
        first, *others = sorted(one.location for one in references)
        named, pin, hint = _named(references[0]), references[0].pin, _LOCK
        if named not in stale and (meant := _meant(named, stale)):
            name = meant[1] if meant[1] != named[1] else meant[0]
            hint = f"did you mean `{name}`? otherwise {_LOCK}"
        more = len({*map(_named, references)}) - 1
        names = f"`{named[1]}` and {more} more" if more else f"`{named[1]}`"
        message = f"{names} in `{named[0]}` {'are' if more else 'is'} not locked at {pin.version}"
        yield rules.NOT_LOCKED.at(first, message, hint, others)
    by_caller: dict[tuple[str, str], list[Edge]] = defaultdict(list)
    for edge in stated.open_edges:
        if edge.note not in mostly:
            by_caller[edge.note, edge.caller.id].append(edge)
    for edges in by_caller.values():
        first, *others = sorted(one.location for one in edges)
        verb = "is" if len(edges) == 1 else "are"
        what = _first(list(map(str, sorted(edges, key=lambda one: one.location))))
        message = f"{what} {verb} not locked at {edges[0].pin.version}"
        yield rules.NOT_LOCKED.at(first, message, _LOCK, others)


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


def _untracked(
    lock: Lock,
    locked: Iterable[_Locked],
    mostly: Collection[str],
    hot: Collection[Named],
    settings: Settings,
) -> Iterator[Finding]:
    """A finding for each tracked version in which the lockfile lacks what became of something.

    It is at the first place that lacks it.
    """
    lacking: dict[str, list[_Locked]] = defaultdict(list)
    for each in locked:
        if each.note in mostly or each.named in hot:
            continue
        for at, track in each.tracks.items():
            after = track.after if isinstance(track, Track) else None
            is_lost = isinstance(track, Track) and after and not lock.after(track)
            if track is None or (is_lost and after and after[:2] not in hot):
                lacking[at].append(each)
    for at, those in lacking.items():
        location, hint = those[0].location, f"{_LOCK} with a source that has {at}"
        related: list[Location] = []
        if settings.versions:
            named = " and ".join(sorted(lock.tracked))
            hint = f"the lockfile has {named}: correct `versions`, or {hint}"
            location, related = settings.versions, [location]
        yield rules.NOT_LOCKED.at(
            location,
            f"the lockfile does not say what became of {_first([each.name for each in those])} "
            f"in the tracked {at}",
            hint,
            related,
        )


def _unused(
    lock: Lock, used: Set[object], settings: Settings
) -> Iterator[tuple[str, tuple[Named, ...]]]:
    """What the lockfile holds and nothing asks for, as messages, with the symbols of each."""
    # What only an unused track leads to is reported with that track.
    known = used | {(each.project, each.at, each.after) for each in lock.tracks}
    for locked in lock.definitions:
        if locked.key not in known:
            unused = locked.definition
            shown = f"{unused.kind} `{unused.name}` in `{unused.path}`"
            named = (unused.path, unused.name)
            yield f"no note refers to {shown} at {locked.version}", (named,)
    for edge in lock.edges:
        if edge.key not in used:
            ends = _ends_of(edge.stated)
            yield f"no note states {_name(edge.stated)} at {edge.version}", ends
    for track in lock.tracks:
        if track.key not in used and track.at not in settings.untracked:
            between = f"between {track.version} and {track.at}"
            named = track.before[:2]
            yield f"nothing asks what became of `{track.before.name}` {between}", (named,)
    for edge_track in lock.edge_tracks:
        edge = edge_track.edge
        if edge_track.key not in used and edge_track.at not in settings.untracked:
            between = f"between {edge.version} and {edge_track.at}"
            ends = _ends_of(edge.stated)
            yield f"nothing asks what became of {_name(edge.stated)} {between}", ends


def mention_state(
    lock: Lock,
    lockfile: str,
    placed: Iterable[PlacedMention],
    *,
    complete: bool,
    judged: "tuple[Sequence[Judgement], MentionFacts] | None" = None,
) -> tuple[Finding, ...]:
    """The findings on what a lockfile has of mentions: one for each page that lacks some.

    A lockfile without any facts of mentions lacks only those of notes: its site locks no others.

    Parameters:
        complete: Whether these are all mentions of the notebook; if not, the lockfile may hold
            more than they ask for.
        judged: What `judge_all` says of them by the lockfile, if that is known.
    """
    locked = lock.mention_facts
    if judged is None:
        from callpath.mentions.judging.judge import judge_all

        judged = judge_all(placed, locked)
    judgements, needed = judged
    pages: dict[str, list[Judgement]] = defaultdict(list)
    for one in judgements:
        if one.verdict is MentionVerdict.NOT_LOCKED and (locked or one.placed.in_note):
            pages[one.placed.location.file].append(one)
    if pages:  # what was there before is stale for the same reason
        return tuple(_not_locked(those) for those in pages.values())
    stale = _unmentioned(locked, needed) if complete else []
    return (rules.STALE_LOCK.at(Location(lockfile), _more(stale, "stale"), _LOCK),) if stale else ()


def _not_locked(judgements: Sequence[Judgement]) -> Finding:
    """The finding on the mentions of a page that are not locked, at the first of them."""
    in_order = sorted((one.placed for one in judgements), key=lambda one: one.location)
    names = _first([shown(one.written) for one in in_order])
    verb = "is" if len(in_order) == 1 else "are"
    message = f"{names} {verb} not locked at {in_order[0].pin.version}"
    return rules.NOT_LOCKED.at(in_order[0].location, message, _LOCK)


def _unmentioned(locked: MentionFacts, needed: MentionFacts) -> list[str]:
    """What a lockfile has that no mention asks for, in its order, as messages."""
    used = {(type(fact), fact.key) for fact in needed}
    return [
        f"nothing mentions {fact_name(fact)} at {fact.version}"
        for fact in locked
        if (type(fact), fact.key) not in used
    ]


def fact_name(fact: MentionFact) -> str:
    """What a fact is of, in messages."""
    match fact:
        case PathFact():
            return shown(fact.path)
        case LineFact():
            return shown(f"{fact.path}:{fact.line}")
        case PlaceFact():
            return f"`{fact.name}` in {shown(fact.path)}"
        case WordFact():
            return shown(fact.word)
        case UnsaidFact():
            return shown(fact.what)


def era_state(
    eras: "Eras",
    file: str,
    references: Sequence[Reference],
    edges: Sequence[Edge],
    *,
    complete: bool,
    covered: Collection[Named] = (),
    faulty: Collection[Location] = (),
) -> Iterator[Finding]:
    """The finding on an eras file, which one command writes anew; see `lock_state`.

    What is `covered` by a finding on the lockfile, or in a `faulty` place, is left out.
    """
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
    silent, lost = {*covered}, set[Named]()
    missing: list[tuple[Location, str]] = []
    for symbol in unknown:
        location, named = symbols[symbol].location, symbol[:2]
        if location in faulty or named in silent:
            silent.add(named)
            lost.add(named)
            continue
        missing.append((location, f"`{symbol.name}` in `{symbol.path}` is not in `{file}`"))
    for stated in asked.keys() - eras.edges.keys():
        ends, location = _ends_of(stated), asked[stated].location
        if location in faulty or silent & set(ends):
            silent |= set(ends)
        elif not {stated.caller, stated.callee} & unknown:
            missing.append((location, f"{_name_with_via(stated)} is not in `{file}`"))
    stale = _stale_eras(eras, symbols.keys(), asked.keys(), silent, lost) if complete else []
    if missing or stale:
        missing.sort()
        location = missing[0][0] if missing else Location(file)
        messages = [message for _, message in missing] + stale
        yield rules.STALE_ERAS.at(location, _more(messages, "stale"), _WRITE_ERAS)


def _stale_eras(
    eras: "Eras",
    symbols: Set[StatedSymbol],
    asked: Set[StatedEdge],
    silent: Set[Named],
    lost: Set[Named],
) -> list[str]:
    """What an eras file has and no note states, in its order, as messages."""
    unasked = [stated for stated in eras.edges if stated not in asked]
    links = [_ends_of(stated) for stated in unasked]
    unused = [symbol for symbol in eras.symbols if symbol not in symbols]
    named = {symbol[:2] for symbol in unused}
    stale = {*named, *(end for link in links for end in link)}
    explained = _explained(silent, lost, stale, links)
    return [
        *(
            f"no note refers to {f'{kind} `{name}`'.strip()} in `{path}`"
            for path, name, kind, _ in unused
            if (path, name) not in explained
        ),
        *(
            f"no note states {_name_with_via(stated)}"
            for stated, link in zip(unasked, links, strict=True)
            if not explained & set(link)
        ),
    ]


def _more(messages: Sequence[str], what: str) -> str:
    """The first of several messages, and how many more there are."""
    more = len(messages) - 1
    counted = f"; {more} more {'fact is' if more == 1 else 'facts are'} {what}" if more else ""
    return messages[0] + counted


def _first(names: Sequence[str]) -> str:
    return f"{names[0]} and {len(names) - 1} more" if len(names) > 1 else names[0]


def _name(edge: StatedEdge) -> str:
    return f"`{edge.caller.name}` → `{edge.callee.name}`"


def _name_with_via(edge: StatedEdge) -> str:
    return _name(edge) + (f" via `{edge.via}`" if edge.via else "")

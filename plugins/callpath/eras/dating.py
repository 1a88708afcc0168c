"""Which releases a note without a pin fits: counts, what never holds, what cannot hold together."""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict, replace

from callpath.eras.ask import ReleaseResults, ask_releases
from callpath.eras.eras import ranges
from callpath.facts.eras import Era, ReleaseStatus, best_status, eras_of
from callpath.facts.lock import StatedEdge, StatedSymbol, above_of, stated_edge, stated_symbol
from callpath.findings import Finding, Location, UsageError, reason
from callpath.model import Note, Pin, Progress, Reference, no_progress, note_edges
from callpath.notes.parser import parse_note
from callpath.notes.references import note_mentions
from callpath.projects import DEFAULT_PROJECT
from callpath.reports.machine import location_value
from callpath.workspace import Workspace


class Claim(Struct, frozen=True):
    """A statement of a note, with what each release says of it."""

    of: StatedSymbol | StatedEdge
    location: Location  # where the note states it first
    statuses: tuple[ReleaseStatus, ...]  # at each release

    def __str__(self) -> str:
        """It as a clause: `` `kvm_init` in `virt/kvm/kvm_main.c` ``, `` `f` → `g` ``."""
        if isinstance(self.of, StatedEdge):
            return f"`{self.of.caller.name}` → `{self.of.callee.name}`"
        return f"`{self.of.name}` in `{self.of.path}`"

    @property
    def possible(self) -> frozenset[int]:
        """The numbers of the releases in which it may hold, from 0."""
        may_hold = (ReleaseStatus.HOLDS, ReleaseStatus.UNKNOWN)
        return frozenset(n for n, status in enumerate(self.statuses) if status in may_hold)

    def holds_at(self, number: int) -> bool:
        """Whether it holds in a release."""
        return self.statuses[number] is ReleaseStatus.HOLDS


class Score(Struct, frozen=True):
    """How many of a note's symbols and edges hold in a release."""

    version: str
    references: int
    references_of: int
    edges: int
    edges_of: int

    @property
    def total(self) -> int:
        """How many statements hold."""
        return self.references + self.edges


class Apart(Struct, frozen=True):
    """A statement that holds somewhere, but cannot hold together with what the best release has."""

    claim: Claim
    eras: tuple[Era, ...]  # where it holds
    others: tuple[Claim, ...]  # statements of the best releases that rule it out
    is_joint: bool  # whether it takes all of the others; if not, each of them alone does


class Dated(Struct, frozen=True):
    """What a note's statements say of its age."""

    tags: tuple[str, ...]  # the releases that were looked at, in order
    claims: tuple[Claim, ...]  # the statements, each once, in the order of the note

    @property
    def scores(self) -> tuple[Score, ...]:
        """How many statements hold in each release, in order."""
        return tuple(self._score(number, tag) for number, tag in enumerate(self.tags))

    def _score(self, number: int, tag: str) -> Score:
        counts = []
        for kind in (StatedSymbol, StatedEdge):
            held = [each.holds_at(number) for each in self.claims if isinstance(each.of, kind)]
            counts += [sum(held), len(held)]
        return Score(tag, *counts)

    @property
    def best(self) -> tuple[Score, ...]:
        """The releases in which most statements hold, in order; none when none holds anywhere."""
        most = max((score.total for score in self.scores), default=0)
        return tuple(score for score in self.scores if most and score.total == most)

    @property
    def never(self) -> tuple[Claim, ...]:
        """The statements that hold in none of the releases."""
        return tuple(claim for claim in self.claims if not claim.possible)

    @property
    def open(self) -> tuple[Claim, ...]:
        """The statements that are found to hold nowhere, but cannot be ruled out everywhere."""
        found = (claim for claim in self.claims if ReleaseStatus.HOLDS not in claim.statuses)
        return tuple(claim for claim in found if claim.possible)

    @property
    def apart(self) -> tuple[Apart, ...]:
        """The statements that cannot hold together with those of the best releases."""
        best = frozenset(self.tags.index(score.version) for score in self.best)
        held = [claim for claim in self.claims if any(map(claim.holds_at, best))]
        return tuple(
            _apart(claim, eras_of(self.tags, claim.statuses), held)
            for claim in self.claims
            if best and claim.possible and not claim.possible & best
        )


def _apart(claim: Claim, eras: tuple[Era, ...], held: Sequence[Claim]) -> Apart:
    single = tuple(other for other in held if not other.possible & claim.possible)
    others = single or tuple(_together_impossible(claim, held))
    return Apart(claim, eras, others, is_joint=not single)


def _together_impossible(claim: Claim, held: Iterable[Claim]) -> Iterator[Claim]:
    """Statements that together leave no release for a claim: always the next that leaves fewest."""
    left = claim.possible
    others = list(held)
    while left and others:
        following = min(others, key=lambda other: len(other.possible & left))
        if following.possible & left == left:
            return
        yield following
        left &= following.possible
        others.remove(following)


def read_note(file: Path, workspace: Workspace | None) -> tuple[Note, tuple[Finding, ...]]:
    """Read a note that may lie anywhere, and may have no pin.

    The site, if there is one, says which code base is meant. What is wrong with the file is a
    finding, and left out of the note.

    Raises:
        UsageError: There is no such file, or it is no note.
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read `{file}`: {reason(error)}", "name a note's file") from error
    pin = workspace.site.callpath.pin if workspace else None
    default = Pin(pin.project if pin else DEFAULT_PROJECT, "none")
    parsed = parse_note(str(file), data, note_id=file.stem, default_pin=default)
    if parsed.note is None or not parsed.note.steps:
        hint = parsed.findings[0].message if parsed.findings else "write `title:` and `steps:`"
        raise UsageError(f"`{file}` has no steps that can be read", hint)
    return parsed.note, parsed.findings


def date_note(
    note: Note,
    workspace: Workspace | None,
    specs: Sequence[str],
    patterns: str,
    progress: Progress = no_progress,
) -> Dated:
    """Ask releases for each statement of a note; its pin says nothing. See `ask_releases`."""
    # What it says of another version is no statement on the version that it does not name.
    references = [each for each in note_mentions(note, note.file).references if not each.fixed]
    found = ask_releases(
        note.pin.project,
        references,
        tuple(note_edges(note)),
        (),
        workspace,
        specs,
        patterns,
        progress,
    )
    return Dated(found.tags, tuple(_claims(note, references, found)))


def _claims(note: Note, references: Iterable[Reference], found: ReleaseResults) -> list[Claim]:
    """The statements of a note, each once, where it is stated first."""
    claims: dict[StatedSymbol | StatedEdge, Claim] = {}
    for reference in references:
        symbol = stated_symbol(reference)
        claims.setdefault(symbol, Claim(symbol, reference.location, tuple(found.statuses[symbol])))
    for edge in note_edges(note):
        stated, statuses = stated_edge(edge), found.statuses[stated_edge(edge, above_of(edge))]
        known = claims.setdefault(stated, Claim(stated, edge.location, tuple(statuses)))
        best = tuple(map(best_status, known.statuses, statuses))
        claims[stated] = replace(known, statuses=best)
    return sorted(
        claims.values(), key=lambda each: (each.location, isinstance(each.of, StatedEdge))
    )


SCHEMA = 1
_SHOWN = 3
"""How many of the statements that rule another out are named in text."""


def dating_json(dated: Dated) -> str:
    """`{"schema": 1, "best": […], "scores": […], "never": […], "unknown": […], "apart": […]}`."""
    value = {
        "schema": SCHEMA,
        "best": [score.version for score in dated.best],
        "scores": [asdict(score) for score in dated.scores],
        "never": [_claim_value(claim) for claim in dated.never],
        "unknown": [_claim_value(claim) for claim in dated.open],
        "apart": [_apart_value(apart) for apart in dated.apart],
    }
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _claim_value(claim: Claim) -> dict[str, Any]:
    of = claim.of
    if isinstance(of, StatedEdge):
        value = {"caller": of.caller.name, "callee": of.callee.name}
        value |= {"via": of.via} if of.via else {}
    else:
        value = {"symbol": of.name, "kind": of.kind, "path": of.path}
    return value | {"at": location_value(claim.location)}


def _apart_value(apart: Apart) -> dict[str, Any]:
    others = [_claim_value(other) for other in apart.others]
    value = _claim_value(apart.claim) | {"eras": apart.eras, "not_with": others}
    return value | ({"jointly": True} if apart.is_joint else {})


def dating_text(dated: Dated) -> str:
    """The best releases, the count of each, what never holds, what does not hold together."""
    return "".join(f"{line}\n" for line in _lines(dated))


def _lines(dated: Dated) -> Iterator[str]:
    if not dated.best:
        yield "no statement of the note holds in any of these releases"
    else:
        best = ", ".join(score.version for score in dated.best)
        yield f"best: {best}, with {_counts(dated.best[0])}"
    width = max(map(len, dated.tags))
    for score in dated.scores:
        yield f"  {score.version:<{width}}  {_counts(score)}"
    for title, claims in (
        ("in none of these releases", dated.never),
        ("found in none, but a table elsewhere may bind it", dated.open),
    ):
        if claims:
            yield f"{title}: {len(claims)}"
        yield from (f"  {claim.location}: {claim}" for claim in claims)
    if dated.apart:
        yield f"not together with the best: {len(dated.apart)}"
    for apart in dated.apart:
        yield f"  {apart.claim.location}: {apart.claim}{_why(apart)}"


def _counts(score: Score) -> str:
    return (
        f"{score.references} of {score.references_of} references, "
        f"{score.edges} of {score.edges_of} edges"
    )


def _why(apart: Apart) -> str:
    """Where it holds, and some of the statements that it cannot hold with."""
    holds = f" holds in {ranges(apart.eras)}" if apart.eras else " may hold elsewhere"
    left = len(apart.others) - _SHOWN
    others = ", ".join(map(str, apart.others[:_SHOWN])) + (f" and {left} more" if left > 0 else "")
    joint = "all of " if apart.is_joint and len(apart.others) > 1 else ""
    return f"{holds}, not with {joint}{others}" if others else holds

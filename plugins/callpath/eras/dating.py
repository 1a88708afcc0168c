"""Which releases a note without a pin fits: counts, what never holds, what cannot hold together."""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from callpath.c.vocabulary import DISPATCH
from callpath.cache import CACHE, Cache
from callpath.eras.ask import FactStore, ReleaseResults, find_standings
from callpath.eras.eras import ranges
from callpath.facts.eras import (
    MAY_HOLD,
    EdgeEnds,
    Era,
    Standing,
    SymbolKey,
    above_of,
    better,
    edge_ends,
    eras_of,
    symbol_key,
)
from callpath.findings import Finding, Location, UsageError, reason
from callpath.model import Note, Pin, Progress, Reference, no_progress, note_edges
from callpath.notes.parser import parse_note
from callpath.notes.references import note_mentions
from callpath.projects import DEFAULT_PROJECT
from callpath.reports.machine import location_value
from callpath.settings import dispatch_table
from callpath.sources.releases import GitHistory, split_patterns
from callpath.sources.spec import parse_release_arguments
from callpath.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement of a note, with what each release says of it.

    Attributes:
        location: Where the note states it first.
        standings: The standing at each release.
    """

    of: SymbolKey | EdgeEnds
    location: Location
    standings: tuple[Standing, ...]

    @property
    def is_edge(self) -> bool:
        """Whether it is an edge."""
        return isinstance(self.of, EdgeEnds)

    def told(self) -> str:
        """It as a clause: `` `kvm_init` in `virt/kvm/kvm_main.c` ``, `` `f` → `g` ``."""
        if isinstance(self.of, EdgeEnds):
            return f"`{self.of.caller[1]}` → `{self.of.callee[1]}`"
        path, name, *_ = self.of
        return f"`{name}` in `{path}`"

    @property
    def possible(self) -> frozenset[int]:
        """The numbers of the releases in which it may hold, from 0."""
        return frozenset(
            number for number, standing in enumerate(self.standings) if standing in MAY_HOLD
        )

    def holds_at(self, number: int) -> bool:
        """Whether it holds in a release."""
        return self.standings[number] is Standing.HOLDS


@dataclass(frozen=True, slots=True)
class Score:
    """How many statements hold in a release.

    Attributes:
        version: The release.
        references: How many symbols are where the note says.
        edges: How many edges are proved.
    """

    version: str
    references: int
    references_of: int
    edges: int
    edges_of: int

    @property
    def total(self) -> int:
        """How many statements hold."""
        return self.references + self.edges


@dataclass(frozen=True, slots=True)
class Apart:
    """A statement that holds somewhere, but cannot hold together with what the best release has.

    Attributes:
        claim: The statement.
        eras: Where it holds.
        others: Statements of the best releases. With each of them alone it cannot hold; when
            `is_joint`, only not with all of them.
        is_joint: Whether it takes all of the others.
    """

    claim: Claim
    eras: tuple[Era, ...]
    others: tuple[Claim, ...]
    is_joint: bool = False


@dataclass(frozen=True)
class Dated:
    """What a note's statements say of its age.

    Attributes:
        tags: The releases that were looked at, in order.
        claims: The statements, each once, in the order of the note.
    """

    tags: tuple[str, ...]
    claims: tuple[Claim, ...]

    @property
    def scores(self) -> tuple[Score, ...]:
        """How many statements hold in each release, in order."""
        return tuple(self._score(number) for number in range(len(self.tags)))

    def _score(self, number: int) -> Score:
        edges = [claim for claim in self.claims if claim.is_edge]
        symbols = [claim for claim in self.claims if not claim.is_edge]
        return Score(
            self.tags[number],
            sum(claim.holds_at(number) for claim in symbols),
            len(symbols),
            sum(claim.holds_at(number) for claim in edges),
            len(edges),
        )

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
        return tuple(
            claim
            for claim in self.claims
            if claim.possible and Standing.HOLDS not in claim.standings
        )

    @property
    def apart(self) -> tuple[Apart, ...]:
        """The statements that cannot hold together with those of the best releases."""
        names = {score.version for score in self.best}
        best = frozenset(number for number, tag in enumerate(self.tags) if tag in names)
        held = [claim for claim in self.claims if any(map(claim.holds_at, best))]
        return tuple(self._apart(best, held))

    def _apart(self, best: frozenset[int], held: Sequence[Claim]) -> Iterator[Apart]:
        for claim in self.claims:
            if best and claim.possible and not claim.possible & best:
                eras = eras_of(self.tags, claim.standings)
                single = tuple(other for other in held if not other.possible & claim.possible)
                others = single or tuple(_together_impossible(claim, held))
                yield Apart(claim, eras, others, is_joint=not single)


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


_NO_VERSION = "none"


@dataclass(frozen=True, slots=True)
class ReadNote:
    """A note that was read from anywhere.

    Attributes:
        findings: What is wrong with the file; what is wrong is left out of the note.
    """

    note: Note
    findings: tuple[Finding, ...]


def read_note(file: Path, workspace: Workspace | None) -> ReadNote:
    """Read a note that may lie anywhere, and may have no pin.

    Parameters:
        workspace: The site, if there is one; it says which code base is meant.

    Raises:
        UsageError: There is no such file, or it is no note.
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read `{file}`: {reason(error)}", "name a note's file") from error
    pin = workspace.site.callpath.pin if workspace else None
    default = Pin(pin.project if pin else DEFAULT_PROJECT, _NO_VERSION)
    parsed = parse_note(str(file), data, note_id=file.stem, default_pin=default)
    if parsed.note is None or not parsed.note.steps:
        raise UsageError(
            f"`{file}` has no steps that can be read",
            parsed.findings[0].message if parsed.findings else "write `title:` and `steps:`",
        )
    return ReadNote(parsed.note, parsed.findings)


def date_note(
    note: Note,
    workspace: Workspace | None,
    specs: Sequence[str],
    patterns: str,
    progress: Progress = no_progress,
) -> Dated:
    """Ask releases for each statement of a note; its pin says nothing.

    Parameters:
        workspace: The site, if there is one; its cache keeps what becomes known.
        specs: Repositories, each `git:REPO`.
        patterns: Which releases, as a list with commas.
        progress: Called for each release.

    Raises:
        UsageError: A repository or a pattern cannot be.
        SourceError: A release cannot be read.
    """
    dispatch = dispatch_table(workspace.site.callpath.dispatch_macros) if workspace else DISPATCH
    store = FactStore(Cache(workspace.root / CACHE if workspace else None), dispatch)
    references = _own_references(note)
    edges = tuple(note_edges(note))
    project = note.pin.project
    with closing(GitHistory(parse_release_arguments(specs, project), project)) as history:
        releases = history.releases(split_patterns(patterns))
        found = find_standings(references, edges, (), history, releases, store, dispatch, progress)
    return Dated(tuple(release.tag for release in releases), tuple(_claims(note, found)))


def _claims(note: Note, found: ReleaseResults) -> list[Claim]:
    """The statements of a note, each once, where it is stated first."""
    claims: dict[SymbolKey | EdgeEnds, Claim] = {}
    for reference in _own_references(note):
        key = symbol_key(reference.symbol, reference.occurrence)
        claims.setdefault(key, Claim(key, reference.location, tuple(found.symbols[key])))
    for edge in note_edges(note):
        ends, standings = edge_ends(edge), found.edges[edge_ends(edge, above_of(edge))]
        known = claims.setdefault(ends, Claim(ends, edge.location, tuple(standings)))
        claims[ends] = replace(known, standings=tuple(map(better, known.standings, standings)))
    return sorted(claims.values(), key=lambda claim: (claim.location, claim.is_edge))


def _own_references(note: Note) -> tuple[Reference, ...]:
    """What a note says of the version that it does not name: not what it says of another one."""
    return tuple(each for each in note_mentions(note, note.file).references if not each.fixed)


SCHEMA = 1
_SHOWN = 3
"""How many of the statements that rule another out are named in text."""


def dating_json(dated: Dated) -> str:
    """`{"schema": 1, "best": […], "scores": […], "never": […], "unknown": […], "apart": […]}`."""
    value = {
        "schema": SCHEMA,
        "best": [score.version for score in dated.best],
        "scores": [_score_value(score) for score in dated.scores],
        "never": [_claim_value(claim) for claim in dated.never],
        "unknown": [_claim_value(claim) for claim in dated.open],
        "apart": [_apart_value(apart) for apart in dated.apart],
    }
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _score_value(score: Score) -> dict[str, Any]:
    return {
        "version": score.version,
        "references": score.references,
        "references_of": score.references_of,
        "edges": score.edges,
        "edges_of": score.edges_of,
    }


def _claim_value(claim: Claim) -> dict[str, Any]:
    if isinstance(claim.of, EdgeEnds):
        value = {"caller": claim.of.caller[1], "callee": claim.of.callee[1]}
        if claim.of.via:
            value["via"] = claim.of.via
        return value | {"at": location_value(claim.location)}
    path, name, kind, _ = claim.of
    return {"symbol": name, "kind": kind, "path": path, "at": location_value(claim.location)}


def _apart_value(apart: Apart) -> dict[str, Any]:
    value = _claim_value(apart.claim) | {
        "eras": [list(era) for era in apart.eras],
        "not_with": [_claim_value(other) for other in apart.others],
    }
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
    width = max(len(tag) for tag in dated.tags)
    for score in dated.scores:
        yield f"  {score.version:<{width}}  {_counts(score)}"
    for title, claims in (
        ("in none of these releases", dated.never),
        ("found in none, but a table elsewhere may bind it", dated.open),
    ):
        if claims:
            yield f"{title}: {len(claims)}"
        yield from (f"  {claim.location}: {claim.told()}" for claim in claims)
    if dated.apart:
        yield f"not together with the best: {len(dated.apart)}"
    for apart in dated.apart:
        yield f"  {apart.claim.location}: {apart.claim.told()}{_why(apart)}"


def _counts(score: Score) -> str:
    return (
        f"{score.references} of {score.references_of} references, "
        f"{score.edges} of {score.edges_of} edges"
    )


def _why(apart: Apart) -> str:
    """Where it holds, and some of the statements that it cannot hold with."""
    holds = f" holds in {ranges(apart.eras)}" if apart.eras else " may hold elsewhere"
    told = [other.told() for other in apart.others[:_SHOWN]]
    left = len(apart.others) - len(told)
    others = ", ".join(told) + (f" and {left} more" if left else "")
    joint = "all of " if apart.is_joint and len(apart.others) > 1 else ""
    return f"{holds}, not with {joint}{others}" if others else holds

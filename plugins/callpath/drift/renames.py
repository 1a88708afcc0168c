"""Finds a definition under another name: the same text, a like text, the same place of call.

Compares texts that it is given. The thresholds are measured: see docs/drift.md.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher

from rapidfuzz import fuzz, process
from rapidfuzz.distance import Indel

from callpath.c.facts import Body, Role
from callpath.drift.match import DefinitionText, Likeness, Outcome, in_percent, nameless_digest
from callpath.facts.lock import Candidate, DriftStatus

_RENAMED = 0.8
"""From this score on the likeliest candidate is taken for the symbol under another name."""
_LEAD = 0.05  # how far the likeliest candidate must be ahead of the next
_LEAST_ALIKE = 0.5  # less of the text in common is no evidence at all
_SAME_PLACE, _NEIGHBOUR = 0.5, 0.3
"""What the place in the caller is worth: exactly the same, or among its neighbours."""
_HEIR, _SHARED_WORDS = 0.05, 0.15
"""What it is worth that the file took over others of the old file, that the names share words."""
_MOST_CANDIDATES = 5
_LEAST_WORDS = 2
_NEAR_NAME = 75.0  # of 100: how like a name must be to be worth a mention by itself


@dataclass(frozen=True, slots=True)
class Traces:
    """What points to other names."""

    pool: Sequence[DefinitionText]  # what it may have become, under names new in their file
    # For each name that is now in its place: in which callers, and whether exactly there.
    in_place: Mapping[str, Mapping[str, bool]] = field(default_factory=dict)
    heirs: Mapping[str, str] = field(default_factory=dict)  # heirs of its file, with the evidence


def under_another_name(old: DefinitionText, traces: Traces, likeness: Likeness) -> Outcome:
    """What became of a definition whose name is nowhere: renamed, or gone with candidates."""
    ranked = _ranked(old, traces, likeness)
    candidates = tuple(candidate for candidate, _ in ranked[:_MOST_CANDIDATES])
    first, second = (*(each.score for each in candidates), 0.0, 0.0)[:2]
    if first >= max(_RENAMED, second + _LEAD):
        return Outcome(DriftStatus.RENAMED, ranked[0][1], candidates[0].reason, candidates)
    return Outcome(DriftStatus.GONE, None, "no file has the name", candidates)


def _ranked(
    old: DefinitionText, traces: Traces, likeness: Likeness
) -> list[tuple[Candidate, DefinitionText]]:
    pool = [piece for piece in traces.pool if piece.definition.kind is old.definition.kind]
    shares = _shares(old, pool, likeness)
    digest = nameless_digest(old)
    near = _near_names(old, pool)
    found = []
    for number, piece in enumerate(pool):
        share = shares.get(number, 0.0)
        in_place = traces.in_place.get(piece.definition.name, {})
        if not share and not in_place and number not in near:
            continue
        same = share > 0 and nameless_digest(piece) == digest
        candidate = _candidate(piece, share, in_place, traces, same=same)
        found.append((_with_words(candidate, old) if share and not same else candidate, piece))
    found.sort(key=lambda each: _order(each[0], old))
    return found


def _with_words(candidate: Candidate, old: DefinitionText) -> Candidate:
    """A candidate that is alike, with what two shared words of the names add to that."""
    theirs = candidate.definition.name.split("_")
    words = [word for word in old.definition.name.split("_") if word and word in theirs]
    if len(words) < _LEAST_WORDS:
        return candidate
    shared = " and ".join(f"`{word}`" for word in words)
    score = 1.0 - (1.0 - candidate.score) * (1.0 - _SHARED_WORDS)
    return replace(
        candidate, score=round(score, 2), reason=f"{candidate.reason}, both names have {shared}"
    )


def _order(candidate: Candidate, old: DefinitionText) -> tuple[float, float, str, int]:
    found = candidate.definition
    return (-candidate.score, -fuzz.ratio(found.name, old.definition.name), found.path, found.line)


def _shares(
    old: DefinitionText, pool: Sequence[DefinitionText], likeness: Likeness
) -> dict[int, float]:
    """How alike those of the pool are that are alike at all; of short texts only half counts."""
    written = likeness.written(old)
    choices = {number: likeness.written(piece) for number, piece in enumerate(pool)}
    alike = process.extract(
        written, choices, scorer=Indel.normalized_similarity, score_cutoff=_LEAST_ALIKE, limit=None
    )
    weight = 0.5 if likeness.is_short(old) else 1.0
    return {number: share * weight for _, share, number in alike}


def _near_names(old: DefinitionText, pool: Sequence[DefinitionText]) -> frozenset[int]:
    names = {number: piece.definition.name for number, piece in enumerate(pool)}
    near = process.extract(
        old.definition.name, names, scorer=fuzz.ratio, score_cutoff=_NEAR_NAME, limit=3
    )
    return frozenset(number for _, _, number in near)


def _candidate(
    piece: DefinitionText, share: float, in_place: Mapping[str, bool], traces: Traces, *, same: bool
) -> Candidate:
    reasons: list[str] = []
    doubt = 1.0 - share
    if same:
        reasons.append("the same text under another name")
    elif share:
        reasons.append(f"{in_percent(share)} of the tokens")
    for caller, exact in sorted(in_place.items()):
        where = "where the old one stood" if exact else "among the old one's neighbours"
        reasons.append(f"`{caller}` names it {where}")
        doubt *= 1.0 - (_SAME_PLACE if exact else _NEIGHBOUR)
    path = piece.definition.path
    if path in traces.heirs:
        reasons.append(traces.heirs[path])
        doubt *= 1.0 - _HEIR
    if not share and not in_place:
        reasons.insert(0, "a like name")
        doubt = min(doubt, 0.8)
    return Candidate(piece.definition, round(1.0 - doubt, 2), ", ".join(reasons))


_LARGEST_BLOCK = 4
"""Names that stand in a changed stretch together; in a longer one nothing has a place."""
_MOST_NAMES = 2000


def names_of(body: Body) -> list[str]:
    """The names that a body uses, without its own locals and members, in source order."""
    return [
        mention.name
        for mention in body.mentions
        if mention.role not in (Role.LOCAL, Role.FIELD) or body.text
    ][:_MOST_NAMES]


def names_in_place(name: str, before: Sequence[str], after: Sequence[str]) -> dict[str, bool]:
    """The names that took the place of a name that is gone, between the same neighbours.

    `before` and `after` are the names of the old and the new body, in order. Returns for each new
    name whether it is at exactly the same place of its stretch.
    """
    found: dict[str, bool] = {}
    if name not in before or name in after:
        return found
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for operation, start, end, new_start, new_end in matcher.get_opcodes():
        old, new = list(before[start:end]), after[new_start:new_end]
        if operation != "replace" or name not in old or max(len(old), len(new)) > _LARGEST_BLOCK:
            continue
        for offset, other in enumerate(new):
            if other not in before:
                exact = len(old) == len(new) and offset == old.index(name)
                found[other] = found.get(other, False) or exact
    return found

"""Finds a definition under another name: the same text, a like text, the same place of call.

Compares texts that it is given. The thresholds are measured: see docs/drift.md.
"""

from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher

from msgspec import Struct, field
from msgspec.structs import replace
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


class Traces(Struct, frozen=True):
    """What points to the other name of a definition whose own is nowhere."""

    old: DefinitionText
    likeness: Likeness
    pool: Sequence[DefinitionText]  # what it may have become, under names new in their file
    # For each name that is now in its place: in which callers, and whether exactly there.
    in_place: Mapping[str, Mapping[str, bool]] = field(default_factory=dict)
    heirs: Mapping[str, str] = field(default_factory=dict)  # heirs of its file, with the evidence

    def outcome(self) -> Outcome:
        """What became of it: renamed, or gone with candidates."""
        ranked = self._ranked()
        candidates = tuple(candidate for candidate, _ in ranked[:_MOST_CANDIDATES])
        first, second = (*(each.score for each in candidates), 0.0, 0.0)[:2]
        if first >= max(_RENAMED, second + _LEAD):
            return Outcome(DriftStatus.RENAMED, ranked[0][1], candidates[0].reason, candidates)
        return Outcome(DriftStatus.GONE, None, "no file has the name", candidates)

    def _ranked(self) -> list[tuple[Candidate, DefinitionText]]:
        kind, digest = self.old.definition.kind, nameless_digest(self.old)
        pool = [piece for piece in self.pool if piece.definition.kind is kind]
        shares, near = self._shares(pool), self._near_names(pool)
        found = []
        for number, piece in enumerate(pool):
            share = shares.get(number, 0.0)
            if share or piece.definition.name in self.in_place or number in near:
                same = share > 0 and nameless_digest(piece) == digest
                candidate = self._candidate(piece, share, same=same)
                named_alike = self._with_words(candidate) if share and not same else candidate
                found.append((named_alike, piece))
        return sorted(found, key=lambda each: self._order(each[0]))

    def _shares(self, pool: Sequence[DefinitionText]) -> dict[int, float]:
        """How alike those of the pool are that are alike at all; of short texts half counts."""
        alike = process.extract(
            self.likeness.written(self.old),
            [self.likeness.written(piece) for piece in pool],
            scorer=Indel.normalized_similarity,
            score_cutoff=_LEAST_ALIKE,
            limit=None,
        )
        weight = 0.5 if self.likeness.is_short(self.old) else 1.0
        return {number: share * weight for _, share, number in alike}

    def _near_names(self, pool: Sequence[DefinitionText]) -> frozenset[int]:
        own, names = self.old.definition.name, [piece.definition.name for piece in pool]
        near = process.extract(own, names, scorer=fuzz.ratio, score_cutoff=_NEAR_NAME, limit=3)
        return frozenset(number for _, _, number in near)

    def _candidate(self, piece: DefinitionText, share: float, *, same: bool) -> Candidate:
        reasons: list[str] = []
        found, doubt = piece.definition, 1.0 - share
        in_place = self.in_place.get(found.name, {})
        if same:
            reasons.append("the same text under another name")
        elif share:
            reasons.append(f"{in_percent(share)} of the tokens")
        for caller, exact in sorted(in_place.items()):
            where = "where the old one stood" if exact else "among the old one's neighbours"
            reasons.append(f"`{caller}` names it {where}")
            doubt *= 1.0 - (_SAME_PLACE if exact else _NEIGHBOUR)
        if found.path in self.heirs:
            reasons.append(self.heirs[found.path])
            doubt *= 1.0 - _HEIR
        if not share and not in_place:
            reasons.insert(0, "a like name")
            doubt = min(doubt, 0.8)
        return Candidate(found, round(1.0 - doubt, 2), ", ".join(reasons))

    def _with_words(self, candidate: Candidate) -> Candidate:
        """A candidate that is alike, with what two shared words of the names add to that."""
        theirs = candidate.definition.name.split("_")
        words = [word for word in self.old.definition.name.split("_") if word and word in theirs]
        if len(words) < _LEAST_WORDS:
            return candidate
        shared = " and ".join(f"`{word}`" for word in words)
        score = round(1.0 - (1.0 - candidate.score) * (1.0 - _SHARED_WORDS), 2)
        return replace(
            candidate, score=score, reason=f"{candidate.reason}, both names have {shared}"
        )

    def _order(self, candidate: Candidate) -> tuple[float, float, str, int]:
        found = candidate.definition
        likeness = fuzz.ratio(found.name, self.old.definition.name)
        return (-candidate.score, -likeness, found.path, found.line)


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

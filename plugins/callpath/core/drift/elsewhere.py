"""Finds a definition in other files by its name, and tells it from others that share the name.

Over 12,000 function names of Linux are static in two or more files, and every architecture has its
own `kvm_arch_…`. What stood at the same path before is another symbol; what remains must have the
same text, or stand where the rest of the old file went, or be the only one that it can be.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from posixpath import basename, dirname

from callpath.core.drift.likeness import Likeness, in_percent
from callpath.core.drift.matching import found_at, the_one
from callpath.core.drift.places import apart
from callpath.core.drift.values import Candidate, DriftStatus, Outcome, Piece
from callpath.core.model import SymbolKind

ALIKE = 0.5
"""A definition of the same name that has this much of the old text is the old one, changed."""
_LEAD = 0.15
"""How much more alike the likeliest of several files' must be than the next."""

_KINDS_THAT_CHANGE = (
    {SymbolKind.FUNCTION, SymbolKind.MACRO},
    {SymbolKind.VARIABLE, SymbolKind.MACRO},
    {SymbolKind.ENUMERATOR, SymbolKind.MACRO},
    {SymbolKind.STRUCT, SymbolKind.UNION},
)
"""What may become what without another name."""


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """What is known of where an old file's symbols went.

    Attributes:
        taken: For each file of the new version how many of the names it took over.
        lost: How many names of the old file, of those that were looked for, went to other files.
    """

    taken: Mapping[str, int]
    lost: int

    def heir(self) -> str:
        """The file that took over most of the lost names; empty when none did."""
        ranked = sorted(self.taken.items(), key=lambda item: (-item[1], item[0]))
        if not ranked or ranked[0][1] * 2 <= self.lost or ranked[0][1] < 2:
            return ""
        return ranked[0][0]

    def told(self, path: str) -> str:
        """What a file took over, in words; empty when that is next to nothing."""
        count = self.taken.get(path, 0)
        return f"`{path}` has {count} of {self.lost} names that left its file" if count > 1 else ""


def in_other_files(
    old: Piece,
    named: Sequence[Piece],
    twins: Collection[str],
    around: Neighbourhood,
    likeness: Likeness,
) -> Outcome | None:
    """What became of a definition that its own file no longer has.

    Parameters:
        old: The definition.
        named: The definitions of its name in all files, sorted by path, then line.
        twins: The files that defined the same name and kind before already.
        around: Where the old file's other symbols went.
        likeness: Compares definitions.

    Returns:
        The outcome, with `gone` when it stays open; nothing when no file has the name.
    """
    if not named:
        return None
    kind = old.definition.kind
    own_side = [p for p in named if not apart(p.definition.path, old.definition.path)]
    meant = [p for p in own_side if p.definition.kind is kind and p.definition.path not in twins]
    found = _choose(old, meant, around, likeness)
    if found is not None:
        outcome = found_at(old, found, likeness)
        return Outcome(outcome.status, found, _told(outcome.evidence, old, found, around))
    if not meant and (other := _other_kind(old, own_side, likeness)):
        return other
    ranked = [_candidate(old, piece, twins, around, likeness) for piece in named]
    ranked.sort(key=lambda one: (-one.score, one.definition.path, one.definition.line))
    return Outcome(DriftStatus.GONE, None, _why_open(old, meant), tuple(ranked))


def _choose(
    old: Piece, meant: Sequence[Piece], around: Neighbourhood, likeness: Likeness
) -> Piece | None:
    by_file: dict[str, list[Piece]] = {}
    for piece in meant:
        by_file.setdefault(piece.definition.path, []).append(piece)
    per_file = [the_one(old, pieces, likeness) for pieces in by_file.values()]
    chosen = [piece for piece in per_file if piece is not None]
    if len(chosen) < len(per_file):
        return None
    equal = [p for p in chosen if p.content == old.content]
    if equal:
        return equal[0] if len(equal) == 1 else _nearest(old, equal, around)
    if len(chosen) == 1:
        return chosen[0] if _is_it(old, chosen[0], around, likeness) else None
    near = _nearest(old, chosen, around)
    if near is not None and _is_it(old, near, around, likeness):
        return near
    ranked = sorted(chosen, key=lambda piece: -likeness.alike(old, piece))
    shares = [likeness.alike(old, piece) for piece in ranked[:2]]
    if ranked and shares[0] >= ALIKE and shares[0] >= shares[1] + _LEAD:
        return ranked[0]
    return None


def _is_it(old: Piece, new: Piece, around: Neighbourhood, likeness: Likeness) -> bool:
    """Whether the only definition of a name elsewhere, with another text, is the old one."""
    if around.taken.get(new.definition.path, 0) > 1 or _is_beside(old, new):
        return True
    if not old.is_private and not new.is_private:
        return True  # one name that the whole kernel shares
    return likeness.alike(old, new) >= ALIKE and not likeness.is_short(old)


def _is_beside(old: Piece, new: Piece) -> bool:
    """Whether a file stands in the old one's folder or below, or has its name."""
    there, here = new.definition.path, old.definition.path
    return there.startswith(dirname(here) + "/") or basename(there) == basename(here)


def _nearest(old: Piece, among: Sequence[Piece], around: Neighbourhood) -> Piece | None:
    """The one that stands where the old file went, or alone in its folder or under its name."""
    path, heir = old.definition.path, around.heir()
    for fitting in (
        [each for each in among if each.definition.path == heir],
        [each for each in among if dirname(each.definition.path) == dirname(path)],
        [each for each in among if _is_beside(old, each)],
    ):
        if len(fitting) == 1:
            return fitting[0]
    return None


def _other_kind(old: Piece, named: Sequence[Piece], likeness: Likeness) -> Outcome | None:
    """The same name as another kind of symbol, in the old file or nowhere else."""
    pairs = [
        piece
        for piece in named
        if {piece.definition.kind, old.definition.kind} in _KINDS_THAT_CHANGE
    ]
    in_file = [piece for piece in pairs if piece.definition.path == old.definition.path]
    pairs = in_file or pairs
    if len(pairs) != 1 or (not in_file and old.is_private):
        return None
    found = pairs[0]
    reason = f"the same name as {_a(found.definition.kind)}"
    score = round(0.8 + 0.2 * likeness.alike(old, found), 2)
    candidate = Candidate(found.definition, score, reason)
    return Outcome(DriftStatus.RENAMED, found, reason, (candidate,))


def _candidate(
    old: Piece,
    piece: Piece,
    twins: Collection[str],
    around: Neighbourhood,
    likeness: Likeness,
) -> Candidate:
    found = piece.definition
    share = likeness.alike(old, piece)
    reasons = [f"the same name with {in_percent(share)} of its tokens"]
    if piece.content == old.content:
        reasons = ["the same name and text"]
        share = 1.0
    score = 0.3 + 0.5 * share
    if found.kind is not old.definition.kind:
        reasons.append(f"but {_a(found.kind)}")
        score *= 0.5
    if found.path in twins:
        reasons.append("but it was there before")
        score *= 0.3
    elif told := around.told(found.path):
        reasons.append(told)
        score += 0.1
    if why := apart(found.path, old.definition.path):
        reasons.append(f"but {why}")
        score *= 0.3
    return Candidate(found, round(min(score, 1.0), 2), ", ".join(reasons))


def _told(evidence: str, old: Piece, found: Piece, around: Neighbourhood) -> str:
    """The evidence, with what points to the other file."""
    path = found.definition.path
    if told := around.told(path):
        return f"{evidence}; {told}"
    if found.content == old.content:
        return evidence
    return f"{evidence}; no other file has the name that could be meant"


def _why_open(old: Piece, meant: Sequence[Piece]) -> str:
    if not meant:
        return f"no file took over {_a(old.definition.kind)} of the name"
    files = len({piece.definition.path for piece in meant})
    if files == 1:
        return "another file has the name, with a text that is not like it"
    return f"{files} files have the name, and none is clearly it"


def _a(kind: SymbolKind) -> str:
    return f"{'an' if kind.value[0] in 'eu' and kind is not SymbolKind.UNION else 'a'} {kind}"

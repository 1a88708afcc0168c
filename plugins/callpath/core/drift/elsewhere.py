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
from callpath.core.drift.values import Candidate, DriftStatus, Outcome, Piece
from callpath.core.model import SymbolKind

ALIKE = 0.5
"""A definition of the same name that has this much of the old text is the old one, changed."""
_LEAD = 0.15
"""How much more alike the likeliest of several files' must be than the next."""

_COPIES = ("tools/", "samples/", "scripts/", "usr/", "Documentation/")
"""Folders of a kernel tree whose code runs outside of the kernel and repeats its headers."""

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
        taken: For each file of the new version how many of the old file's lost names it defines.
        lost: How many names were looked for.
    """

    taken: Mapping[str, int]
    lost: int

    def heir(self) -> str:
        """The file that took over most of the lost names; empty when none did."""
        ranked = sorted(self.taken.items(), key=lambda item: (-item[1], item[0]))
        if not ranked or ranked[0][1] * 2 < self.lost or ranked[0][1] < 2:
            return ""
        if len(ranked) > 1 and ranked[1][1] == ranked[0][1]:
            return ""
        return ranked[0][0]


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
    own_side = [piece for piece in named if _same_side(piece, old)]
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


def _same_side(piece: Piece, old: Piece) -> bool:
    """Whether both run in the kernel, or both outside of it."""
    there, here = piece.definition.path, old.definition.path
    return there.startswith(_COPIES) == here.startswith(_COPIES)


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
    equal = [p for p in chosen if p.definition.digest == old.definition.digest]
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
    if new.definition.path == around.heir():
        return True
    if not old.is_private and not new.is_private and _is_near(old, new):
        return True  # one name that the whole kernel shares
    return likeness.alike(old, new) >= ALIKE and not likeness.is_short(old)


def _is_near(old: Piece, new: Piece) -> bool:
    """Whether neither is of another architecture than the other."""
    there, here = new.definition.path.split("/"), old.definition.path.split("/")
    return "arch" not in (there[0], here[0]) or there[:2] == here[:2] or there[0] != here[0]


def _nearest(old: Piece, among: Sequence[Piece], around: Neighbourhood) -> Piece | None:
    """The one that stands where the old file went, or alone in its folder or under its name."""
    path = old.definition.path
    tests = (
        lambda there: there == around.heir(),
        lambda there: dirname(there) == dirname(path),
        lambda there: there.startswith(dirname(path) + "/"),
        lambda there: basename(there) == basename(path),
    )
    for test in tests:
        fitting = [piece for piece in among if test(piece.definition.path)]
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
    if found.digest == old.definition.digest:
        reasons = ["the same name and text"]
        share = 1.0
    score = 0.3 + 0.5 * share
    if found.kind is not old.definition.kind:
        reasons.append(f"but {_a(found.kind)}")
        score *= 0.5
    if found.path in twins:
        reasons.append("but it was there before")
        score *= 0.3
    elif around.taken.get(found.path, 0) > 1:
        reasons.append(_share_of(around, found.path))
        score += 0.1
    if not _same_side(piece, old):
        reasons.append("but not a part of the kernel itself")
        score *= 0.3
    return Candidate(found, round(min(score, 1.0), 2), ", ".join(reasons))


def _share_of(around: Neighbourhood, path: str) -> str:
    return f"`{path}` has {around.taken[path]} of {around.lost} symbols that its file lost"


def _told(evidence: str, old: Piece, found: Piece, around: Neighbourhood) -> str:
    """The evidence, with what points to the other file."""
    path = found.definition.path
    if around.taken.get(path, 0) > 1:
        return f"{evidence}; {_share_of(around, path)}"
    if found.definition.digest == old.definition.digest:
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

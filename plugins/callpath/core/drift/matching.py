"""Finds a definition among those that a file has of its name and kind."""

from collections.abc import Sequence

from callpath.core.drift.likeness import Likeness, in_percent
from callpath.core.drift.values import Candidate, DriftStatus, Outcome, Piece
from callpath.core.model import Symbol

_LEAD = 0.1
"""How much more alike the likeliest of several must be than the next."""


def in_its_file(old: Piece, named: Sequence[Piece], likeness: Likeness) -> Outcome | None:
    """What became of a definition in its own file; nothing when the file has none of its kind.

    Parameters:
        old: The definition.
        named: The file's definitions of that name now, in line order.
        likeness: Compares definitions.
    """
    meant = [piece for piece in named if piece.definition.kind is old.definition.kind]
    if not meant:
        return None
    found = the_one(old, meant, likeness)
    if found is None:
        candidates = tuple(_open(old, piece, len(meant), likeness) for piece in meant)
        ranked = tuple(sorted(candidates, key=lambda one: (-one.score, one.definition.line)))
        return Outcome(DriftStatus.GONE, None, f"defined {len(meant)} times now", ranked)
    return found_at(old, found, likeness)


def found_at(old: Piece, new: Piece, likeness: Likeness) -> Outcome:
    """The outcome for a definition that is found."""
    before, after = old.definition, new.definition
    if old.content != new.content:
        share = in_percent(likeness.alike(old, new))
        return Outcome(DriftStatus.CHANGED, new, f"{share} of its tokens are the same")
    if before.path != after.path:
        return Outcome(DriftStatus.MOVED_FILE, new, "the same text in another file")
    if before.line != after.line:
        return Outcome(DriftStatus.MOVED, new, "the same text at another line")
    return Outcome(DriftStatus.SAME, new, "the same text at the same line")


def the_one(old: Piece, meant: Sequence[Piece], likeness: Likeness) -> Piece | None:
    """Which of one file's definitions of a name and kind is the old one; nothing when it is open.

    The same text decides, then the condition, then the number, then likeness.
    """
    equal = [piece for piece in meant if piece.content == old.content]
    among = equal or meant
    if len(among) == 1:
        return among[0]
    same = [piece for piece in among if piece.definition.condition == old.definition.condition]
    if len(same) == 1:
        return same[0]
    if old.of == len(meant):
        numbered = [piece for piece in among if piece.occurrence == old.occurrence]
        if numbered:
            return numbered[0]
    return None if equal else _likeliest(old, among, likeness)


def _likeliest(old: Piece, among: Sequence[Piece], likeness: Likeness) -> Piece | None:
    ranked = sorted(among, key=lambda piece: -likeness.alike(old, piece))
    first, second = (likeness.alike(old, piece) for piece in ranked[:2])
    return ranked[0] if first >= second + _LEAD else None


def _open(old: Piece, piece: Piece, count: int, likeness: Likeness) -> Candidate:
    share = likeness.alike(old, piece)
    where = f" under `{piece.definition.condition}`" if piece.definition.condition else ""
    return Candidate(
        piece.definition,
        round(share, 2),
        f"definition {piece.occurrence} of {count}{where}, with {in_percent(share)} of its tokens",
    )


def choice_of(symbol: Symbol, piece: Piece, named: Sequence[Piece]) -> int:
    """Which of several definitions a reference must name, 1-based; 0 when there is only one.

    Parameters:
        symbol: The symbol as the reference names it; without a kind it may mean any kind.
        piece: What it is to mean.
        named: All definitions of that name in the file, in line order.
    """
    kind = symbol.kind and piece.definition.kind
    meant = [each for each in named if kind in ("", each.definition.kind)]
    return meant.index(piece) + 1 if len(meant) > 1 else 0

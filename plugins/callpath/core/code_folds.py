"""Which lines of a long definition are folded: all but those that the steps speak of. Pure."""

from collections.abc import Iterable, Iterator

from callpath.core.code_views import BlockKind, Stretch

CONTEXT = 2
"""How many lines are shown above and below a line that counts."""
LONG = 40
"""A definition of more lines is folded."""
LEAST = 5
"""Fewer lines than this are not worth a fold."""
LIMIT = 400
"""No page has more folded or plain lines of one definition; the rest is at the link provider."""

_FOLDED_KINDS = frozenset({"function", "macro"})


def stretches(start: int, end: int, line: int, kind: str, sites: Iterable[int]) -> list[Stretch]:
    """How the lines of a definition are shown, from the first to the last, without a gap.

    Parameters:
        start: Its first line.
        end: Its last line.
        line: The line that holds its name.
        kind: What it is; a long struct is folded only where a step speaks of a line of it.
        sites: The lines that the steps speak of; those outside do not count.
    """
    inside = {site for site in sites if start <= site <= end}
    long = end - start + 1 > LONG and (kind in _FOLDED_KINDS or bool(inside))
    shown = _around(start, end, line, inside) if long else [(start, end)]
    return list(_limited(start, _joined(start, end, shown)))


def _around(start: int, end: int, line: int, sites: set[int]) -> list[tuple[int, int]]:
    """The lines to show: the head, the end, and around each site; sorted, without overlap."""
    head = (start, min(end, max(start, line) + CONTEXT))
    foot = (max(start, end - CONTEXT), end)
    near = [(max(start, site - CONTEXT), min(end, site + CONTEXT)) for site in sites]
    merged: list[tuple[int, int]] = []
    for first, last in sorted([head, foot, *near]):
        if merged and first - merged[-1][1] <= LEAST:  # fewer than `LEAST` lines lie between
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return merged


def _joined(start: int, end: int, shown: list[tuple[int, int]]) -> Iterator[Stretch]:
    """The lines to show, and the folds between them."""
    after = start
    for first, last in shown:
        if first > after:
            yield Stretch(BlockKind.FOLDED, after, first - 1)
        yield Stretch(BlockKind.OPEN, first, last)
        after = last + 1
    if after <= end:
        yield Stretch(BlockKind.FOLDED, after, end)


def _limited(start: int, found: Iterable[Stretch]) -> Iterator[Stretch]:
    """The same, with lines behind the limit left out unless they lie around a site."""
    last_shown = start + LIMIT - 1
    for stretch in found:
        around_site = stretch.kind is BlockKind.OPEN and stretch.first > start
        if stretch.last <= last_shown or around_site:
            yield stretch
        elif stretch.first > last_shown:
            yield Stretch(BlockKind.LEFT_OUT, stretch.first, stretch.last)
        else:
            yield Stretch(stretch.kind, stretch.first, last_shown)
            yield Stretch(BlockKind.LEFT_OUT, last_shown + 1, stretch.last)

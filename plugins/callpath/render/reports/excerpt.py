"""The line that a finding points at, with a caret under the column. Knows no finding."""

from collections.abc import Sequence

from callpath.render.reports.characters import cells, visible

TAB = 4
"""Cells from one tab stop to the next."""

WIDEST = 100
"""How many cells of a line are shown; of a longer one, those around the caret."""

CUT = "…"


def excerpt(line: str, column: int) -> tuple[str, str]:
    """A line as it is shown, and the line with the caret for below it.

    Parameters:
        line: The line, without its end.
        column: Column in characters, 1-based; one past the end when it is larger.
    """
    drawn = _drawn(line.rstrip())
    at = min(max(column, 1) - 1, len(drawn))
    first, last = _window([width for _, width in drawn], at)
    left = CUT if first else ""
    right = CUT if last < len(drawn) else ""
    shown = "".join(text for text, _ in drawn[first:last])
    before = len(left) + sum(width for _, width in drawn[first:at])
    return f"{left}{shown}{right}", " " * before + "^"


def _drawn(line: str) -> list[tuple[str, int]]:
    """What is shown for each character, and how many cells that takes."""
    drawn: list[tuple[str, int]] = []
    cell = 0
    for character in line:
        width = TAB - cell % TAB if character == "\t" else cells(visible(character))
        drawn.append((" " * width if character == "\t" else visible(character), width))
        cell += width
    return drawn


def _window(widths: Sequence[int], at: int) -> tuple[int, int]:
    """The range of characters (end exclusive) to show so that the one at `at` is among them."""
    if sum(widths) <= WIDEST:
        return 0, len(widths)
    first = at
    room = WIDEST // 2
    while first > 0 and widths[first - 1] <= room:
        first -= 1
        room -= widths[first]
    room += WIDEST - WIDEST // 2
    last = at
    while last < len(widths) and widths[last] <= room:
        room -= widths[last]
        last += 1
    while first > 0 and widths[first - 1] <= room:
        first -= 1
        room -= widths[first]
    return first, last

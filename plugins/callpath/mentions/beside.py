"""Which symbols stand directly beside a citation, so that its lines are theirs.

`kvm_init()` (`kvm_main.c:12`), `kvm_main.c:12` (`kvm_init()`), and the cells of a row of a table.
Knows the *view* of a document, in which markup and code spans are masked.
"""

import re
from collections.abc import Callable, Sequence

from callpath.mentions.sentences import BREAK, CELL, CODE, GAP

Symbol = tuple[int, int, str]
"""Start, end and name."""

_MARKUP = rf"[{GAP}\s]*+"
_DEFINED = r"(?:(?:is|are|was) )?(?:(?:defined|implemented|declared|found|located|lives?) )?"
# What may stand between a symbol and the citation behind it.
_BEHIND = re.compile(
    rf"{_MARKUP}(?:[(（\[]{_MARKUP}(?:in |at |see )?|[—–:：→-]|{_DEFINED}(?:in|at)\b"
    rf"|(?:定义)?[在于]|位于|定义[在于])?{_MARKUP}"
)
# What may stand between a citation and the symbol behind it.
_BEFORE = re.compile(rf"{_MARKUP}(?:[(（\[]|[—–:：→-]|has\b|defines\b){_MARKUP}")
_CLOSED = re.compile(rf"{_MARKUP}[)）\]]")
_REACH = 400  # characters of a row of a table on either side
_ASIDE = re.compile(rf"[{GAP}{CODE}\s,，/、()+&-]*")


def symbols_beside(
    view: str, start: int, end: int, near: Sequence[Symbol], between: Callable[..., list[Symbol]]
) -> tuple[str, ...]:
    """The symbols that a citation is about; empty if none stands directly beside it.

    With others in the same sentence these are named too: `a()` calls `b()` (`c.c:12`) may be a
    line of either.

    Parameters:
        view: The prose of the document.
        start: Where the citation begins.
        end: Where it ends.
        near: The symbols of its sentence, in their order.
        between: Returns the symbols of a stretch of the document.
    """
    left = [each for each in near if each[1] <= start]
    right = [each for each in near if each[0] >= end]
    if left and _BEHIND.fullmatch(view, left[-1][1], start):
        return _names([left[-1], *reversed(left[:-1]), *right])
    if right and _BEFORE.fullmatch(view, end, right[0][0]) and _is_whole(view, right[0], end):
        return _names([*right[:1], *left, *right[1:]])
    return () if near else _names(_of_row(view, start, end, between))


def _is_whole(view: str, symbol: Symbol, end: int) -> bool:
    """Whether a symbol behind a citation is all that stands in its brackets, if there are any."""
    opened = re.search(r"[(（\[]", view[end : symbol[0]])
    return opened is None or bool(_CLOSED.match(view, symbol[1]))


def _of_row(
    view: str, start: int, end: int, between: Callable[..., list[Symbol]]
) -> Sequence[Symbol]:
    """The symbols of those cells that hold nothing else, if the citation is alone in its own."""
    first = max(view.rfind(BREAK, max(0, start - _REACH), start) + 1, start - _REACH, 0)
    last = view.find(BREAK, end, end + _REACH)
    last = min(len(view), end + _REACH) if last < 0 else last
    if CELL not in view[first:last]:
        return ()
    found: list[Symbol] = []
    for cell in re.finditer(f"[^{CELL}]+", view[first:last]):
        at, past = first + cell.start(), first + cell.end()
        if at <= start < past:
            if not (_ASIDE.fullmatch(view, at, start) and _ASIDE.fullmatch(view, end, past)):
                return ()
            continue
        inside = between(at, past, is_loose=False)
        rest = at
        for symbol in inside:
            if not _ASIDE.fullmatch(view, rest, symbol[0]):
                break
            rest = symbol[1]
        else:
            found += inside if _ASIDE.fullmatch(view, rest, past) else ()
    return found


def _names(symbols: Sequence[Symbol]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for *_, name in symbols))

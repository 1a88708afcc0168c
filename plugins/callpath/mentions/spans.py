"""Stretches of a text: start and end of each, the end exclusive."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

Span = tuple[int, int]


def united(spans: Iterable[Span]) -> Iterator[Span]:
    """The same stretches in order, those that touch as one."""
    last: Span | None = None
    for start, end in sorted(spans):
        if last is not None and start <= last[1]:
            last = (last[0], max(last[1], end))
            continue
        if last is not None:
            yield last
        last = (start, end)
    if last is not None:
        yield last


def touches(spans: Sequence[Span], start: int, end: int) -> bool:
    """Whether a stretch shares a character with one of others, which are `united`."""
    after = bisect_right(spans, end - 1, key=lambda span: span[0])
    return after > 0 and spans[after - 1][1] > start


def outside(spans: Sequence[Span], start: int, end: int) -> Iterator[Span]:
    """What is left of a stretch without others, which are `united`."""
    number = max(bisect_right(spans, start, key=lambda span: span[0]) - 1, 0)
    while start < end and number < len(spans) and spans[number][0] < end:
        left, right = spans[number]
        if left > start:
            yield start, left
        start = max(start, right)
        number += 1
    if start < end:
        yield start, end

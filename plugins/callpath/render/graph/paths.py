"""The lines of a picture in few characters: rounded to a tenth of a point, each step relative."""

import re

Shift = tuple[float, float]
"""How far everything is moved: right, down."""
_Point = tuple[int, int]  # tenths of a point: whole, so that steps add up to what they should

_NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)(?:e-?\d+)?")
_STRAIGHT = 2  # tenths of a point that the handles of a straight line may be beside it


def short_number(value: float) -> str:
    """A number rounded to one decimal, without what it can do without (`12`, `.5`, `-3.2`)."""
    return _tenths(round(value * 10))


def short_path(path: str, shift: Shift) -> str:
    """A path of one `M` and any number of `C`, as graph engines write it, moved.

    A curve that is a straight line becomes one.
    """
    numbers = [float(found) for found in _NUMBER.findall(path)]
    points = [
        (round((across + shift[0]) * 10), round((down + shift[1]) * 10))
        for across, down in zip(numbers[::2], numbers[1::2], strict=True)
    ]
    if not points:
        return ""
    here = points[0]
    parts = ["M" + _joined(here)]
    for number in range(1, len(points) - 2, 3):
        first, second, end = points[number : number + 3]
        if _is_straight(here, first, second, end):
            parts.append(_line(here, end))
        else:
            parts.append("c" + _joined(*(_from(here, point) for point in (first, second, end))))
        here = end
    return "".join(parts)


def _line(start: _Point, end: _Point) -> str:
    across, down = _from(start, end)
    if not down:
        return "h" + _tenths(across)
    return "l" + _joined((across, down))


def _is_straight(start: _Point, first: _Point, second: _Point, end: _Point) -> bool:
    """Whether both handles are beside the straight line from start to end by next to nothing."""
    across, down = _from(start, end)
    length = (across * across + down * down) ** 0.5
    return all(
        abs(across * (handle[1] - start[1]) - down * (handle[0] - start[0])) <= _STRAIGHT * length
        for handle in (first, second)
    )


def _from(start: _Point, end: _Point) -> _Point:
    return end[0] - start[0], end[1] - start[1]


def _joined(*points: _Point) -> str:
    """Numbers one after the other, with a space only where two would run together."""
    text = ""
    for number in (_tenths(value) for point in points for value in point):
        runs_on = text and not number.startswith("-")
        dotted = number.startswith(".") and "." in text.rpartition(" ")[2].rpartition("-")[2]
        text += number if not runs_on or dotted else f" {number}"
    return text


def _tenths(value: int) -> str:
    whole, tenth = divmod(abs(value), 10)
    digits = f"{whole or ''}.{tenth}" if tenth else str(whole)
    return f"-{digits}" if value < 0 else digits

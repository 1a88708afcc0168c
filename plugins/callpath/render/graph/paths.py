"""The lines of a picture in few characters: rounded to whole points, each step relative."""

import re

Shift = tuple[float, float]
"""How far everything is moved: right, down."""
_Point = tuple[float, float]
_Place = tuple[int, int]  # whole points, so that steps add up to what they should

_NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)(?:e-?\d+)?")
_STRAIGHT = 0.5  # points that the handles of a straight line may be beside it


def short_number(value: float) -> str:
    """A number rounded to a whole one."""
    return str(round(value))


def short_path(path: str, shift: Shift) -> str:
    """A path of one `M` and any number of `C`, as graph engines write it, moved.

    A curve that is a straight line becomes one.
    """
    numbers = [float(found) for found in _NUMBER.findall(path)]
    points = [
        (across + shift[0], down + shift[1])
        for across, down in zip(numbers[::2], numbers[1::2], strict=True)
    ]
    if not points:
        return ""
    places = [(round(across), round(down)) for across, down in points]
    parts = ["M" + _joined(places[0])]
    for number in range(0, len(points) - 3, 3):
        here, *others = places[number : number + 4]
        if _is_straight(*points[number : number + 4]):
            parts.append(_line(here, others[-1]))
        else:
            parts.append("c" + _joined(*(_from(here, place) for place in others)))
    return "".join(parts)


def _line(start: _Place, end: _Place) -> str:
    across, down = _from(start, end)
    return f"l{_joined((across, down))}" if down else f"h{across}"


def _is_straight(start: _Point, first: _Point, second: _Point, end: _Point) -> bool:
    """Whether both handles are beside the straight line from start to end by next to nothing."""
    across, down = end[0] - start[0], end[1] - start[1]
    length = (across * across + down * down) ** 0.5
    return all(
        abs(across * (handle[1] - start[1]) - down * (handle[0] - start[0])) <= _STRAIGHT * length
        for handle in (first, second)
    )


def _from(start: _Place, end: _Place) -> _Place:
    return end[0] - start[0], end[1] - start[1]


def _joined(*places: _Place) -> str:
    """Numbers one after the other, with a space only where two would run together."""
    numbers = [number for place in places for number in place]
    return "".join(
        f" {number}" if at and number >= 0 else str(number) for at, number in enumerate(numbers)
    )

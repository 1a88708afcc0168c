"""A badge: what was verified, against what, and how much of it. Knows no note."""

import unicodedata
from dataclasses import dataclass

from callpath.core.graph import one_line
from callpath.render.file_templates import print_file
from callpath.render.strings import Strings

# White text on any of them has a contrast of at least 4.5:1.
_GREEN, _AMBER, _RED = "#1a7f37", "#8f5c00", "#c0212b"
_EM = 11.0  # size of the text, pixels
_PADDING = 6.0  # left and right of a text, pixels
_WIDE, _NARROW = 1.0, 0.64  # em; 0.64 is about the mean of the widest usual font, Verdana


@dataclass(frozen=True, slots=True)
class BadgePart:
    """One of the two boxes of a badge: its text, its colour, and where they are, in pixels."""

    text: str
    colour: str
    left: float
    width: float
    middle: float
    length: float


def badge_svg(strings: Strings, version: str, steps: int, proved: int, faults: int) -> str:
    """A badge as an SVG file that stands alone.

    Parameters:
        strings: The words of the site's language.
        version: What was verified against.
        steps: How many steps there are.
        proved: How many of them are proved.
        faults: How many findings there are.
    """
    told = [f"{proved}/{steps}"]
    if proved < steps:
        told.append(strings.badge_unproved.format(steps - proved))
    elif faults:
        told.append(strings.badge_faults.format(faults))
    whole = proved == steps and not faults
    colour = _GREEN if whole and steps else _AMBER if proved else _RED
    label = _part(strings.badge_proved.format(version), "#4b525d", 0.0)
    value = _part(" · ".join(told), colour, label.width)
    return print_file("badge.svg", label=label, value=value, width=label.width + value.width)


def _part(text: str, colour: str, left: float) -> BadgePart:
    line = one_line(text)
    length = round(sum(_advance(character) for character in line) * _EM, 1)
    width = round(length + 2 * _PADDING, 1)
    return BadgePart(line, colour, left, width, round(left + width / 2, 1), length)


def _advance(character: str) -> float:
    """The width of a character in em."""
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0.0
    return _WIDE if unicodedata.east_asian_width(character) in "WF" else _NARROW

"""Findings as a compiler prints them: the place and the message, the line with a caret, the hint.

Does not depend on a terminal: the caller passes how each part is styled.
"""

import unicodedata
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import accumulate
from posixpath import normpath

from msgspec import Struct, field

from callpath.findings import Finding, Location, Rule, Severity
from callpath.rules import RULES

REPLACEMENT = "\ufffd"

_HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_JOINERS = "\u200c\u200d"  # a part of words in Persian and in Indic scripts, and of emoji
_CONTROL_PICTURES = 0x2400


def visible(text: str) -> str:
    """A text as one line that cannot act on a terminal, a log or a parser.

    A control character becomes its picture (`␛`, `␊`); what else cannot be seen, turns the
    direction of writing or is no character becomes U+FFFD.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_shown, text))


def is_hidden(character: str) -> bool:
    """Whether a character cannot be seen, or cannot be written as UTF-8 or XML."""
    if unicodedata.category(character) in _HIDDEN:
        return character not in _JOINERS
    code = ord(character)  # Unicode keeps these from ever being characters (section 23.7)
    return code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF


def _shown(character: str) -> str:
    if not is_hidden(character):
        return character
    code = ord(character)
    if code < 0x20:
        return chr(_CONTROL_PICTURES + code)
    return "\u2421" if code == 0x7F else REPLACEMENT


def cells(character: str) -> int:
    """How many cells of a terminal a character takes: a Chinese one 2, a combining one none."""
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


TAB = 4  # cells from one tab stop to the next
WIDEST = 100  # how many cells of a line are shown; of a longer one, those around the caret
CUT = "…"
_REACH = 400  # characters before and after a caret that are looked at


def excerpt(line: str, column: int) -> tuple[str, str]:
    """A line (without its end) as it is shown, and the line with the caret for below it.

    The column is in characters, 1-based; one past the end when it is larger.
    """
    whole = line.rstrip()
    at = min(max(column, 1) - 1, len(whole))
    # Of a line of megabytes only what is near can be shown, however many findings it has.
    low, high = max(0, at - _REACH), at + _REACH
    drawn, at = _drawn(whole[low:high]), at - low
    first, last = _window([width for _, width in drawn], at)
    left = CUT if first or low else ""
    right = CUT if last < len(drawn) or high < len(whole) else ""
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
    first = at - _fitting(widths[:at][::-1], WIDEST // 2)
    last = at + _fitting(widths[at:], WIDEST - sum(widths[first:at]))
    first -= _fitting(widths[:first][::-1], WIDEST - sum(widths[first:last]))
    return first, last


def _fitting(widths: Sequence[int], room: int) -> int:
    """How many of the widths, from the first, fit into the room."""
    return bisect_right(list(accumulate(widths)), room)


class ReportInput(Struct, frozen=True):
    """Findings, with what else the formats print."""

    findings: Sequence[Finding]  # in the order in which they are printed
    # the lines, without their ends, of the files that findings are in; none of an unreadable one
    lines: Mapping[str, Sequence[str]] = field(default_factory=dict)
    files: Sequence[str] = ()  # every file that was checked, also those without a finding, sorted
    prefix: str = ""  # the project's root, from that of the repository (`site/`); may be empty
    version: str = ""  # Callpath's version; empty for reports that do not say it
    rules: Mapping[str, Rule] = field(default_factory=lambda: RULES)  # by name

    def line(self, location: Location) -> str:
        """The line of a place; empty when it is not known."""
        lines = self.lines.get(location.file, ())
        return lines[location.line - 1] if 1 <= location.line <= len(lines) else ""

    def path(self, file: str) -> str:
        """A file's path from the repository's root, which is how CI services name it."""
        return normpath(self.prefix + file)


Report = Callable[[ReportInput], str]
"""A format. The text ends with a newline unless it is empty."""


_GUTTER = 5  # cells for the line's number


class Part(StrEnum):
    """A part of the report that can be styled; severities have their own values."""

    PLACE = "place"
    ERROR = "error"
    WARNING = "warning"
    GUTTER = "gutter"
    CARET = "caret"
    HINT = "hint"


Style = Callable[[str, Part], str]  # a text and which part it is → the text as it is printed


def plain(text: str, part: Part) -> str:
    """The style of a report that is not for a terminal: none."""
    del part
    return text


def one_line(found: Finding) -> str:
    """A finding on one line."""
    hint = f" (hint: {found.hint})" if found.hint else ""
    return visible(f"{found.location}: {found.message}{hint} [{found.rule}]")


def text_report(given: ReportInput, style: Style = plain) -> str:
    """Every finding with its line, hint and related places, then their count; empty if none."""
    lines = [line for found in given.findings for line in finding_lines(given, found, style)]
    if given.findings:
        lines.append(_summary(given.findings))
    return "".join(f"{line}\n" for line in lines)


def finding_lines(given: ReportInput, found: Finding, style: Style = plain) -> Iterator[str]:
    """One finding, line by line."""
    location = style(visible(f"{found.location}:"), Part.PLACE)
    severity = style(f"{found.severity}:", Part(found.severity))
    yield f"{location} {severity} {visible(found.message)} [{visible(found.rule)}]"
    line = given.line(found.location)
    if line.strip():
        shown, caret = excerpt(line, found.location.column)
        yield style(f"{found.location.line:>{_GUTTER}} |", Part.GUTTER) + f" {shown}"
        yield style(f"{'':{_GUTTER}} |", Part.GUTTER) + " " + style(caret, Part.CARET)
    if found.hint:
        yield f"  {style('hint:', Part.HINT)} {visible(found.hint)}"
    for related in found.related:
        yield f"  {style('see also:', Part.HINT)} {visible(str(related))}"


def _summary(found: Sequence[Finding]) -> str:
    counts = Counter(finding.severity for finding in found)
    known = ((counts[severity], severity) for severity in Severity)
    return ", ".join(f"{n} {severity}{'s' if n != 1 else ''}" for n, severity in known if n)

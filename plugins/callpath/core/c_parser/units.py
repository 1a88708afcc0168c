"""One file on its way through the passes, and the variants of it that have to be parsed."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

from callpath.core.c_parser.brackets import Brackets
from callpath.core.c_parser.conditions import Conditions, read_conditions, select
from callpath.core.c_parser.lexing import Directive, lex
from callpath.core.c_parser.masking import mask
from callpath.core.c_parser.sheet import Sheet
from callpath.core.c_parser.signatures import digest

_MOST_VARIANTS = 6
"""How many alternatives of a construct that `#if` splits are parsed."""
_LINE_END = re.compile(rb"\n")
_TAIL = re.compile(rb"[\w\s*,\[\]]*+;")
"""What may follow the `}` of a type: the names that it is the type of."""


@dataclass(frozen=True, slots=True)
class Unit:
    """One file.

    Attributes:
        path: The file.
        text: Its bytes.
        code: Its code, as `lexing` leaves it.
        directives: Its preprocessor lines.
        conditions: Its conditional groups.
        line_ends: Offsets of its line ends, ascending.
        digests: The digests of spans so far: the names of one declaration share one.
    """

    path: str
    text: bytes
    code: bytes
    directives: tuple[Directive, ...]
    conditions: Conditions
    line_ends: list[int]
    digests: dict[tuple[int, int], str] = field(default_factory=dict)

    def line(self, offset: int) -> int:
        """The line of an offset, 1-based."""
        return bisect_left(self.line_ends, offset) + 1

    def digest(self, start: int, end: int) -> str:
        """The digest of a span of the text."""
        if (start, end) not in self.digests:
            self.digests[start, end] = digest(self.text[start:end])
        return self.digests[start, end]

    def condition(self, offset: int) -> str:
        """The conditions that an offset stands under."""
        return self.conditions.at(offset)


@dataclass(frozen=True, slots=True)
class Variant:
    """A stretch of masked code with one choice among `#if` branches.

    Attributes:
        sheet: The code, masked.
        code: What of it a C parser reads.
        base: Offset of its first byte in the file.
    """

    sheet: Sheet
    code: bytes
    base: int


def read_unit(path: str, text: bytes) -> Unit:
    """Separate a file's code from the rest."""
    lexed = lex(text)
    line_ends = [match.start() for match in _LINE_END.finditer(text)]
    return Unit(path, text, lexed.code, lexed.directives, read_conditions(lexed), line_ends)


def variants(unit: Unit) -> Iterator[Variant]:
    """The whole file with the first branch of each split group, then each other branch.

    The others come with the top-level constructs around them only.
    """
    whole = mask(select(unit.code, unit.conditions, 0))
    yield Variant(whole, bytes(whole.result), 0)
    most = max(map(len, unit.conditions.split), default=0)
    for index in range(1, min(most, _MOST_VARIANTS)):
        code = select(unit.code, unit.conditions, index)
        for start, end in _regions(unit, whole.brackets, index):
            sheet = mask(code[start:end])
            yield Variant(sheet, bytes(sheet.result), start)


def _regions(unit: Unit, brackets: Brackets, index: int) -> list[tuple[int, int]]:
    """Where a variant differs: spans of top-level constructs, ascending, apart from each other."""
    regions: list[tuple[int, int]] = []
    groups = [group for group in unit.conditions.split if len(group) > index]
    for group in sorted(groups, key=lambda branches: branches[0].start):
        start, end = _around(brackets, group[0].start, group[-1].end, len(unit.code))
        tail = _TAIL.match(unit.code, start, group[0].start)
        start = tail.end() if tail is not None else start
        if regions and start < regions[-1][1]:
            start = regions.pop()[0]
        regions.append((start, end))
    return regions


def _around(brackets: Brackets, start: int, end: int, length: int) -> tuple[int, int]:
    """From the end of the top-level body before a span to the end of that after it."""
    before = bisect_right(brackets.closes, start) - 1
    after = bisect_left(brackets.closes, end)
    left = brackets.closes[before] + 1 if before >= 0 else 0
    right = brackets.closes[after] + 1 if after < len(brackets.closes) else length
    return left, min(right, length)

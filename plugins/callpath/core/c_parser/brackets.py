"""Pairs brackets and tells which offsets stand at file level. Knows no C beyond brackets."""

import re
from bisect import bisect_right
from dataclasses import dataclass

_BRACKET = re.compile(rb"[(){}]")
_OPEN, _CLOSE, _OPEN_BRACE = 0x28, 0x29, 0x7B
_LINE_END = 0x0A


@dataclass(frozen=True, slots=True)
class Brackets:
    """The brackets of a code text.

    Attributes:
        closing: Offset of the `)` for the offset of each `(` that has one.
        opens: Offsets of the `{` that leave file level, ascending.
        closes: Offset of the `}` back to file level for each of them (the end of the code when
            there is none).
    """

    closing: dict[int, int]
    opens: list[int]
    closes: list[int]

    def at_file_level(self, offset: int) -> bool:
        """Whether no brace is open at an offset."""
        index = bisect_right(self.opens, offset - 1) - 1
        return index < 0 or offset > self.closes[index]

    def closes_within(self, start: int, end: int) -> list[int]:
        """The offsets of `}` back to file level in a half-open range, ascending."""
        return self.closes[
            bisect_right(self.closes, start - 1) : bisect_right(self.closes, end - 1)
        ]


def pair_brackets(code: bytes) -> Brackets:
    """Pair the brackets of code without comments and texts.

    When the braces do not add up, a `}` in column 0 is taken for the end of a top-level body, as
    it is in code that keeps to the kernel's style.
    """
    brackets, consistent = _paired(code, reset=False)
    return brackets if consistent else _paired(code, reset=True)[0]


def _paired(code: bytes, *, reset: bool) -> tuple[Brackets, bool]:
    """Pair brackets, and say whether the braces add up."""
    closing: dict[int, int] = {}
    opens: list[int] = []
    closes: list[int] = []
    pending: list[int] = []
    depth = 0
    consistent = True
    for match in _BRACKET.finditer(code):
        offset = match.start()
        byte = code[offset]
        if byte == _OPEN:
            pending.append(offset)
        elif byte == _CLOSE:
            if pending:
                closing[pending.pop()] = offset
        elif byte == _OPEN_BRACE:
            if not depth:
                opens.append(offset)
            depth += 1
        elif depth:
            depth = 0 if reset and _in_column_zero(code, offset) else depth - 1
            if not depth:
                closes.append(offset)
                pending.clear()
        else:
            consistent = False
    if depth:
        closes.append(len(code))
    return Brackets(closing, opens, closes), consistent and not depth


def _in_column_zero(code: bytes, offset: int) -> bool:
    """Whether an offset is the first of its line."""
    return offset == 0 or code[offset - 1] == _LINE_END

"""The code of one variant of a file while it is masked: written over in place, same length."""

import re
from bisect import bisect_left
from collections.abc import Iterator

from msgspec import Struct, field

from callpath.c.lexer import Brackets, blank

SPACE_WINDOW = 256  # how far before a definition its annotations are looked for, in bytes of space
_CALL = re.compile(rb"\s*+\(")
_DELIMITER = re.compile(rb"[,(){}\[\]]")
_NEXT_CALL = re.compile(rb"[ \t]*+([A-Za-z_]\w*+)[ \t]*+\(")

FILE_LEVEL_CALL = re.compile(
    rb"^[ \t]*+(?:(?:static|extern|const|inline|volatile)\s++)*+([A-Za-z_]\w*+)[ \t]*+\(",
    re.MULTILINE,
)
"""A call at the beginning of a line; storage classes may stand before it."""


class MacroCall(Struct, frozen=True, gc=False):
    """A macro call: offset of its name, its name, offsets of its brackets."""

    offset: int
    name: bytes
    opening: int
    closing: int


class MaskedSource(Struct):
    """The code of one variant of a file before and after masking; its offsets start at 0."""

    source: bytes
    brackets: Brackets  # the brackets of the source
    base: int  # offset of its first byte in the file
    # What is parsed. The bodies of functions and the values of variables are blank in it, until
    # somebody asks for them.
    result: bytearray
    # For the offset of a name that a macro prefixes: the symbol's name; empty for a name that
    # cannot be known.
    names: dict[int, str] = field(default_factory=dict)
    # Start of a blanked text for the offset past its end.
    heads: dict[int, int] = field(default_factory=dict)
    # Macro calls at file level and among enumerators.
    calls: list[MacroCall] = field(default_factory=list)
    # Macro calls that a declaration or a function's head is a part of.
    made: list[MacroCall] = field(default_factory=list)
    # The offsets of the `{` whose bodies and values are blank in the result, ascending.
    folded: list[int] = field(default_factory=list)

    def fold(self) -> None:
        """Leave all bodies and values blank."""
        self.folded = list(self.brackets.bodies)
        for opening, closing in self.brackets.bodies.items():
            self.hide(opening + 1, closing)

    def has_bodies(self, start: int, end: int) -> bool:
        """Whether bodies or values begin in a span, blank or not."""
        opens = self.brackets.opens
        first, past = (bisect_left(opens, offset) for offset in (start, end))
        return any(opening in self.brackets.bodies for opening in opens[first:past])

    def unfolded(self, start: int, end: int) -> list[tuple[int, int]]:
        """Fill the bodies and values that begin in a span; the brackets of those that were blank.

        What is filled in is not masked yet.
        """
        first, past = (bisect_left(self.folded, offset) for offset in (start, end))
        found = [(opening, self.brackets.bodies[opening]) for opening in self.folded[first:past]]
        del self.folded[first:past]
        for opening, closing in found:
            self.result[opening:closing] = self.source[opening:closing]
        return found

    def head(self, offset: int) -> int:
        """The start of a definition with the blanked annotations before it, in the file."""
        start = offset - self.base
        while True:
            window = self.source[max(0, start - SPACE_WINDOW) : start]
            end = start - len(window) + len(window.rstrip())
            if end not in self.heads:
                return start + self.base
            start = self.heads[end]

    def call(self, end: int) -> tuple[int, int] | None:
        """The offsets of the brackets that follow a word, if both are there."""
        match = _CALL.match(self.source, end)
        if match is None:
            return None
        closing = self.brackets.closing.get(match.end() - 1)
        return None if closing is None else (match.end() - 1, closing)

    def calls_from(self, match: re.Match[bytes] | None, code: bytes) -> Iterator[MacroCall]:
        """The call that a match of a name and `(` begins, and those that follow it directly."""
        while match is not None:
            closing = self.brackets.closing.get(match.end() - 1)
            if closing is None:
                return
            yield MacroCall(match.start(1), match.group(1), match.end() - 1, closing)
            match = _NEXT_CALL.match(code, closing + 1)

    def arguments(self, opening: int, closing: int) -> list[tuple[int, int]]:
        """The spans of a call's arguments between the offsets of its brackets."""
        spans: list[tuple[int, int]] = []
        depth = 0
        start = opening + 1
        for match in _DELIMITER.finditer(self.source, start, closing):
            byte = match.group()
            if byte in b"({[":
                depth += 1
            elif byte in b")}]":
                depth -= 1
            elif not depth:
                spans.append((start, match.start()))
                start = match.end()
        spans.append((start, closing))
        return spans

    def put(self, start: int, text: bytes) -> None:
        """Write over the result."""
        self.result[start : start + len(text)] = text

    def hide(self, start: int, end: int) -> None:
        """Replace a span by spaces; what follows it does not begin with it."""
        self.result[start:end] = blank(self.source[start:end])

    def skip(self, start: int, end: int) -> None:
        """Replace a span by spaces; a definition that follows it begins with it."""
        self.hide(start, end)
        self.heads[end] = start


def last_visible(code: bytes, start: int, end: int) -> bytes:
    """The last byte of a span that is not space; `;` if there is none."""
    while end > start and code[end - 1] in b" \n":
        end -= 1
    return code[end - 1 : end] if end > start else b";"

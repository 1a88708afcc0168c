"""Code that is being rewritten in place: same length, same line ends."""

import re
from dataclasses import dataclass, field

from callpath.core.c_parser.brackets import Brackets
from callpath.core.c_parser.lexing import blank

_CALL = re.compile(rb"\s*+\(")
_DELIMITER = re.compile(rb"[,(){}\[\]]")
_SPACE_WINDOW = 256
"""How far before a definition its annotations are looked for, in bytes of space."""


@dataclass(frozen=True, slots=True)
class Use:
    """A macro call at file level: offset of its name, its name, its one-identifier arguments."""

    offset: int
    name: bytes
    arguments: tuple[bytes, ...]


@dataclass(slots=True)
class Sheet:
    """Code before and after masking, and what the masking pass knows of it.

    Attributes:
        source: The code before.
        result: The code so far.
        brackets: The brackets of the code before.
        names: For the offset of a name that a macro prefixes: the symbol's name; empty for a name
            that no one can tell.
        heads: Start of a blanked text for the offset past its end.
        uses: Macro calls at file level.
    """

    source: bytes
    result: bytearray
    brackets: Brackets
    names: dict[int, str] = field(default_factory=dict)
    heads: dict[int, int] = field(default_factory=dict)
    uses: list[Use] = field(default_factory=list)

    def head(self, start: int) -> int:
        """The start of a definition with the blanked annotations before it."""
        while True:
            window = self.source[max(0, start - _SPACE_WINDOW) : start]
            end = start - len(window) + len(window.rstrip())
            if end not in self.heads:
                return start
            start = self.heads[end]

    def call(self, end: int) -> tuple[int, int] | None:
        """The offsets of the brackets that follow a word, if both are there."""
        match = _CALL.match(self.source, end)
        if match is None:
            return None
        closing = self.brackets.closing.get(match.end() - 1)
        return None if closing is None else (match.end() - 1, closing)

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

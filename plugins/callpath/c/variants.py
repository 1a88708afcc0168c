"""One file on its way through the passes, and the variants of it that have to be parsed."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import tree_sitter_c
from tree_sitter import Language, Node, Parser

from callpath.c.conditions import Conditions, read_conditions, select
from callpath.c.lexer import Brackets, Directive, digest, lex, readable
from callpath.c.masking import MaskedSource, mask

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

    sheet: MaskedSource
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


LANGUAGE = Language(tree_sitter_c.language())
_VISIBLE = re.compile(rb"\S")
_MOST_MISSING = 16
"""How many missing `}` are added; more of them are no slip."""
_FRAMES = frozenset({"translation_unit", "ERROR", "declaration_list", "linkage_specification"})
"""Nodes that hold top-level constructs."""


@dataclass(frozen=True, slots=True)
class Item:
    """A top-level construct.

    Attributes:
        node: Its node.
        base: What to add to the node's offsets to get those of the code.
        limit: Offset past the last byte of code that was parsed with it.
        in_error: Whether the parser was lost around it.
    """

    node: Node
    base: int
    limit: int
    in_error: bool = False


def top_level(code: bytes, brackets: Brackets) -> Iterator[Item]:
    """The top-level constructs of masked code, roughly in order.

    A function, or a construct with an error in it, that goes on past the end of a top-level body
    has swallowed what follows: it is cut at the ends of top-level bodies, and each piece is parsed
    by itself.

    Parameters:
        code: Masked code.
        brackets: Its brackets.
    """
    parser = Parser(LANGUAGE)
    pieces = [(0, len(code))]
    whole = True
    while pieces:
        start, end = pieces.pop()
        piece = code[start:end].rstrip()
        tree = parser.parse(_closed(piece))
        limit = start + len(piece)
        stack = [Item(tree.root_node, start, limit)]
        while stack:
            item = stack.pop()
            cuts = _cuts(code, brackets, item) if whole else []
            if cuts:
                edges = [item.node.start_byte, *cuts, min(item.node.end_byte, limit)]
                pieces.extend(pairwise(edges))
            elif item.node.type in _FRAMES:
                lost = item.in_error or item.node.type == "ERROR"
                children = reversed(item.node.named_children)
                stack.extend(Item(child, start, limit, lost) for child in children)
            else:
                yield item
        whole = False


def _closed(piece: bytes) -> bytes:
    """Code with a `}` for each `{` that it leaves open, so that a broken body still is one."""
    missing = piece.count(b"{") - piece.count(b"}")
    return piece + b"\n" + b"}" * missing if 0 < missing <= _MOST_MISSING else piece


def _cuts(code: bytes, brackets: Brackets, item: Item) -> list[int]:
    """Where to cut a node that goes on past the end of a top-level body."""
    kind = item.node.type
    if kind == "translation_unit" or not (kind == "function_definition" or item.node.has_error):
        return []
    end = min(item.node.end_byte + item.base, item.limit)
    cuts: list[int] = []
    for close in brackets.closes_within(item.node.start_byte + item.base, end):
        line_end = code.find(b"\n", close) + 1 or len(code)
        rest = code[close + 1 : line_end].strip()
        if (not rest or rest.endswith(b";")) and _VISIBLE.search(code, line_end, end):
            cuts.append(line_end)
    return sorted(set(cuts))


_RANGE = b"..."
_LONGEST = 200
"""How many bytes of an expression are quoted."""


class SourceMap:
    """A top-level construct of one variant, and how its offsets are those of the file.

    Attributes:
        unit: The file.
        source: The variant's code before masking.
        inner: What to add to a node's offset to get that in `source`.
        outer: What to add to a node's offset to get that in the file.
    """

    __slots__ = ("inner", "outer", "sheet", "source", "unit")

    def __init__(self, unit: Unit, variant: Variant, item: Item) -> None:
        self.unit = unit
        self.sheet = variant.sheet
        self.source = variant.sheet.source
        self.inner = item.base
        self.outer = item.base + variant.base

    def offset(self, node: Node) -> int:
        """The offset of a node in the file."""
        return node.start_byte + self.outer

    def is_original(self, node: Node) -> bool:
        """Whether a node is what the source has there, not what a mask has put there."""
        start, end = node.start_byte + self.inner, node.end_byte + self.inner
        return self.sheet.result[start:end] == self.source[start:end]

    def is_range_end(self, node: Node) -> bool:
        """Whether a name stands behind `...`, which the parser may take for a member's `.`."""
        start = node.start_byte + self.inner
        return self.source.endswith(_RANGE, 0, start)

    def name(self, node: Node) -> str:
        """The name that a node is."""
        return self.text(node.start_byte + self.outer, node.end_byte + self.outer)

    def text(self, start: int, end: int) -> str:
        """A word of the file."""
        return readable(self.unit.text[start:end])

    def quoted(self, node: Node) -> str:
        """An expression without spaces; empty when it is too long to quote."""
        if node.end_byte - node.start_byte > _LONGEST:
            return ""
        code = self.source[node.start_byte + self.inner : node.end_byte + self.inner]
        return b"".join(code.split()).decode("ascii", "replace")

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset of the file, both 1-based, the column in bytes."""
        line = self.unit.line(offset)
        start = self.unit.line_ends[line - 2] + 1 if line > 1 else 0
        return line, offset - start + 1

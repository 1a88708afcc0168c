"""One file on its way to syntax trees: the variants of its `#if` branches, and their constructs."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from itertools import accumulate, pairwise

import tree_sitter_c
from msgspec import Struct, field
from tree_sitter import Language, Node, Parser

from callpath.c.lexer import Brackets, Directive, digest, lex, readable
from callpath.c.masking.makers import Makers
from callpath.c.masking.mask import mask, unfold
from callpath.c.masking.masked import MaskedSource
from callpath.c.preprocessor.conditions import Conditions, read_conditions, select

LANGUAGE = Language(tree_sitter_c.language())
_MOST_VARIANTS = 6  # how many alternatives of a construct that `#if` splits are parsed
_MOST_MISSING = 16  # how many missing `}` are added; more of them are no slip
_LONGEST = 200  # how many bytes of an expression are quoted
_FRAMES = frozenset({"translation_unit", "ERROR", "declaration_list", "linkage_specification"})
"""Nodes that hold top-level constructs."""
_VISIBLE = re.compile(rb"\S")
_TAIL = re.compile(rb"[\w\s*,\[\]]*+;")
"""What may follow the `}` of a type: the names that it is the type of."""


class Unit(Struct, frozen=True):
    """One file: its bytes, its code as `lexer` leaves it, and what the preprocessor sees."""

    path: str
    text: bytes
    code: bytes
    directives: tuple[Directive, ...]
    conditions: Conditions
    lines: list[int]  # offsets at which its lines begin, ascending
    # The digests of spans so far: the names of one declaration share one.
    digests: dict[tuple[int, int], str] = field(default_factory=dict)
    names: dict[bytes, str] = field(default_factory=dict)  # the words so far, as text

    def line(self, offset: int) -> int:
        """The line of an offset, 1-based."""
        return bisect_right(self.lines, offset)

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of an offset, both 1-based, the column in bytes."""
        line = bisect_right(self.lines, offset)
        return line, offset - self.lines[line - 1] + 1

    def digest(self, start: int, end: int) -> str:
        """The digest of a span of the text."""
        if (start, end) not in self.digests:
            self.digests[start, end] = digest(self.text[start:end])
        return self.digests[start, end]

    def name(self, start: int, end: int) -> str:
        """A word of the text."""
        written = self.text[start:end]
        name = self.names.get(written)
        if name is None:
            word = written.decode("utf-8", "replace")
            name = self.names[written] = word if word.isidentifier() else readable(written)
        return name


class Construct(Struct, eq=False):
    """A top-level construct of one variant, and what its nodes are in the file."""

    unit: Unit
    masked: MaskedSource
    node: Node
    inner: int  # what to add to a node's offset to get that in the variant's code
    limit: int  # offset in the variant's code past the last byte that was parsed with it
    code: bytes  # what was parsed: the offsets of nodes are those in it
    in_error: bool = False  # whether the parser was lost around it
    outer: int = 0  # what to add to a node's offset to get that in the file
    source: bytes = b""
    # The same with what is inside of its bodies and values, once that was asked for.
    inside: "Construct | None" = None

    def __post_init__(self) -> None:
        """Keep what is asked for most often."""
        self.outer, self.source = self.inner + self.masked.base, self.masked.source

    @property
    def whole(self) -> "Construct":
        """The same with what is inside of its bodies and values, which is parsed when asked for."""
        if self.inside is None:
            self.inside = self._parsed()
        return self.inside

    def _parsed(self) -> "Construct":
        """Parse the construct by itself, with its bodies and values."""
        start = self.node.start_byte + self.inner
        end = min(self.node.end_byte + self.inner, self.limit)
        if not self.masked.has_bodies(start, end):
            return self
        unfold(self.masked, start, end)
        piece = bytes(self.masked.result[start:end])
        root = Parser(LANGUAGE).parse(_closed(piece)).root_node
        kind = self.node.type
        node = next((child for child in root.named_children if child.type == kind), root)
        return Construct(self.unit, self.masked, node, start, end, piece, self.in_error)

    def offset(self, node: Node) -> int:
        """The offset of a node in the file."""
        return node.start_byte + self.outer

    def span(self, node: Node) -> tuple[int, int]:
        """The offsets of a node in the file."""
        return node.start_byte + self.outer, node.end_byte + self.outer

    def is_original(self, node: Node) -> bool:
        """Whether a node is what the source has there, not what a mask has put there."""
        start, end = node.start_byte, node.end_byte
        return self.code[start:end] == self.source[start + self.inner : end + self.inner]

    def is_range_end(self, node: Node) -> bool:
        """Whether a name stands behind `...`, which the parser may take for a member's `.`."""
        return self.source.endswith(b"...", 0, node.start_byte + self.inner)

    def takes_address(self, node: Node) -> bool:
        """Whether a pointer expression is `&x`, not `*x`."""
        return self.source.startswith(b"&", node.start_byte + self.inner)

    def label(self, node: Node) -> Node | None:
        """The label in `&&label`; None if a node is something else."""
        inner = node.child_by_field_name("argument") if node.type == "pointer_expression" else None
        if inner is None or inner.type != node.type or inner.start_byte != node.start_byte + 1:
            return None
        label = inner.child_by_field_name("argument")
        is_label = label is not None and label.type == "identifier"
        is_both = self.takes_address(node) and self.takes_address(inner)
        return label if is_label and is_both else None

    def name(self, node: Node) -> str:
        """The name that a node is."""
        return self.unit.name(node.start_byte + self.outer, node.end_byte + self.outer)

    def quoted(self, node: Node) -> str:
        """An expression without spaces; empty when it is too long to quote."""
        if node.end_byte - node.start_byte > _LONGEST:
            return ""
        code = self.source[node.start_byte + self.inner : node.end_byte + self.inner]
        return b"".join(code.split()).decode("ascii", "replace")


def anew(node: Node) -> Node:
    """The same node as another object: each keeps what was asked of it as long as it lives."""
    return node.walk().node or node


def read_unit(path: str, text: bytes) -> Unit:
    """Separate a file's code from the rest."""
    lexed = lex(text)
    lengths = map((1).__add__, map(len, text.split(b"\n")))
    *lines, _ = accumulate(lengths, initial=0)
    return Unit(path, text, lexed.code, lexed.directives, read_conditions(lexed), lines)


def variants(unit: Unit, makers: Makers) -> Iterator[MaskedSource]:
    """The whole file with the first branch of each split group, then each other branch.

    The others come with the top-level constructs around them only.
    """
    whole = mask(select(unit.code, unit.conditions, 0), makers=makers)
    yield whole
    most = max(map(len, unit.conditions.split), default=0)
    for index in range(1, min(most, _MOST_VARIANTS)):
        code = select(unit.code, unit.conditions, index)
        for start, end in _regions(unit, whole.brackets, index):
            yield mask(code[start:end], start, makers)


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


def top_level(unit: Unit, masked: MaskedSource) -> Iterator[Construct]:
    """The top-level constructs of a variant, roughly in order.

    A function, or a construct with an error in it, that goes on past the end of a top-level body
    has swallowed what follows: it is cut at the ends of top-level bodies, and each piece is parsed
    by itself.
    """
    parser = Parser(LANGUAGE)
    code = bytes(masked.result)
    pieces = [(0, len(code))]
    whole = True
    while pieces:
        start, end = pieces.pop()
        piece = code[start:end].rstrip()
        tree = parser.parse(_closed(piece))
        limit = start + len(piece)
        stack = [Construct(unit, masked, tree.root_node, start, limit, piece)]
        while stack:
            construct = stack.pop()
            node = construct.node
            if cuts := _cuts(code, construct) if whole else []:
                pieces.extend(pairwise([node.start_byte, *cuts, min(node.end_byte, limit)]))
            elif node.type in _FRAMES:
                lost = construct.in_error or node.type == "ERROR"
                stack.extend(
                    Construct(unit, masked, child, start, limit, piece, in_error=lost)
                    for child in reversed(node.named_children)
                )
            else:
                yield construct
        whole = False


def _closed(piece: bytes) -> bytes:
    """Code with a `}` for each `{` that it leaves open, so that a broken body still is one."""
    missing = piece.count(b"{") - piece.count(b"}")
    return piece + b"\n" + b"}" * missing if 0 < missing <= _MOST_MISSING else piece


def _cuts(code: bytes, construct: Construct) -> list[int]:
    """Where to cut a construct that goes on past the end of a top-level body."""
    node = construct.node
    if node.type == "translation_unit" or not (
        node.type == "function_definition" or node.has_error
    ):
        return []
    end = min(node.end_byte + construct.inner, construct.limit)
    cuts: set[int] = set()
    for close in construct.masked.brackets.closes_within(node.start_byte + construct.inner, end):
        line_end = code.find(b"\n", close) + 1 or len(code)
        rest = code[close + 1 : line_end].strip()
        if (not rest or rest.endswith(b";")) and _VISIBLE.search(code, line_end, end):
            cuts.add(line_end)
    return sorted(cuts)

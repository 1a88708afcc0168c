"""Where the nodes of one tree stand in their file."""

from tree_sitter import Node

from callpath.core.c_parser.signatures import readable
from callpath.core.c_parser.trees import Item
from callpath.core.c_parser.units import Unit, Variant

_RANGE = b"..."
_LONGEST = 200
"""How many bytes of an expression are quoted."""


class Stretch:
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

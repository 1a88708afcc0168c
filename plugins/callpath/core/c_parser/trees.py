"""The syntax tree of masked code: parse, cut swallowed functions apart. Walks never recurse."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import tree_sitter_c
from tree_sitter import Language, Node, Parser

from callpath.core.c_parser.brackets import Brackets

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

"""Which kinds of lines and boxes a graph really has: what its legend explains. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from callpath.core.graph import EdgeStyle, Graph, GraphNode

_LINES = {
    EdgeStyle.CALL: "call",
    EdgeStyle.STATED: "call",
    EdgeStyle.POINTER: "pointer",
    EdgeStyle.CALLBACK: "callback",
    EdgeStyle.REGISTRATION: "callback",
    EdgeStyle.TABLE: "use",
    EdgeStyle.MACRO: "use",
    EdgeStyle.USE: "use",
    EdgeStyle.UNPROVED: "unproved",
}
LEGEND_LINES = tuple(dict.fromkeys(_LINES.values()))
"""What lines can say, in the order of a legend; each is drawn as the edge style of that name."""
LEGEND_BOXES = ("function", "macro", "variable", "folded", "stub", "current")
"""What boxes can say, in the order of a legend; `variable` stands for all data."""
_PLAIN = ("function", "macro", "folded", "rest")


@dataclass(frozen=True, slots=True)
class Legend:
    """What a legend explains: some of `LEGEND_LINES` and of `LEGEND_BOXES`, in their order."""

    lines: tuple[str, ...]
    boxes: tuple[str, ...]


def legend_of(graphs: Iterable[Graph]) -> Legend:
    """The legend of the pictures of one figure."""
    pictures = tuple(graphs)
    lines = {_LINES[edge.style] for graph in pictures for edge in graph.edges}
    boxes = {said for graph in pictures for node in graph.nodes for said in _said_by(node)}
    return Legend(
        tuple(line for line in LEGEND_LINES if line in lines),
        tuple(box for box in LEGEND_BOXES if box in boxes),
    )


def _said_by(node: GraphNode) -> set[str]:
    classes = {name.removeprefix("callpath-") for name in node.classes}
    return {node.kind if node.kind in _PLAIN else "variable", *classes}

"""A call graph as a value, and the same graph as nested lists. Knows no notes and no format."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum


class EdgeStyle(StrEnum):
    """How an edge was found, which decides how it is drawn."""

    CALL = "call"
    POINTER = "pointer"
    CALLBACK = "callback"
    REGISTRATION = "registration"
    TABLE = "table"
    MACRO = "macro"
    USE = "use"
    UNPROVED = "unproved"
    """The source does not have it: drawn so that it cannot be overlooked."""
    STATED = "stated"
    """By nesting only: not looked for in the source. Drawn as a call."""


@dataclass(frozen=True, slots=True)
class GraphNode:
    """One box.

    Attributes:
        id: Unique in its graph, without white space; with the graph's name before it, the box's
            id on the page.
        label: The symbol's name.
        kind: What the symbol is (`function`, `macro`, …); a class of the box.
        ordinal: Its number in reading order, 1-based; nothing for a symbol that is no step.
        place: Short place of the definition (`svm.c:851`); may be empty.
        href: Where the box leads, relative to the page; may be empty.
        tooltip: One line that says more; may be empty.
        classes: More classes of the box, for the page's style and script.
    """

    id: str
    label: str
    kind: str
    ordinal: int | None
    place: str
    href: str
    tooltip: str
    classes: tuple[str, ...] = ()

    @property
    def detail(self) -> str:
        """The second line of the box: `14 · svm.c:851`, one of the two, or nothing."""
        ordinal = "" if self.ordinal is None else str(self.ordinal)
        return " · ".join(part for part in (ordinal, self.place) if part)


@dataclass(frozen=True, slots=True)
class GraphEdge:
    """One arrow from a box to a box.

    Attributes:
        source: Id of the caller's node.
        target: Id of the callee's node.
        style: How the edge was found.
        label: What stands beside it, such as the member of a call through a pointer.
        tooltip: One line that says more; may be empty.
        href: Where the edge leads, such as the call site; may be empty.
    """

    source: str
    target: str
    style: EdgeStyle
    label: str = ""
    tooltip: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Graph:
    """A call graph.

    Attributes:
        name: Unique among the graphs of a page, without white space; every id starts with it.
        title: What the picture shows: plain text, one line.
        description: A sentence or two for readers who do not see it; may be empty.
        nodes: The boxes in reading order.
        edges: The arrows in reading order.

    Raises:
        ValueError: Two nodes have the same id, or an edge leads to or from no node.
    """

    name: str
    title: str
    description: str
    nodes: tuple[GraphNode, ...]
    edges: tuple[GraphEdge, ...]

    def __post_init__(self) -> None:
        """Check that the ids fit together."""
        ids = {node.id for node in self.nodes}
        if len(ids) != len(self.nodes):
            raise ValueError(f"two nodes of graph `{self.name}` have the same id")
        for edge in self.edges:
            if edge.source not in ids or edge.target not in ids:
                raise ValueError(f"edge `{edge.source}` → `{edge.target}` leads out of the graph")

    def element_id(self, node: str) -> str:
        """The id that a node's box has on the page."""
        return f"{self.name}-{node}"


@dataclass(frozen=True, slots=True)
class OutlineItem:
    """A node in the nested list.

    Attributes:
        node: The node.
        style: How it is reached from the item above; nothing at the top level.
        children: What it leads to, in reading order; empty when it is `repeated`.
        label: The label of the edge from the item above.
        repeated: Whether its children stand at an earlier item of the same node.
    """

    node: GraphNode
    style: EdgeStyle | None
    children: tuple["OutlineItem", ...]
    label: str = ""
    repeated: bool = False


def outline(graph: Graph) -> tuple[OutlineItem, ...]:
    """The graph as nested lists: every edge once, every node's children only at its first item.

    Returns:
        The nodes that nothing leads to, in reading order; a cycle that nothing leads into starts
        at its first node.
    """
    nodes = {node.id: node for node in graph.nodes}
    leaving: dict[str, list[GraphEdge]] = {node.id: [] for node in graph.nodes}
    for edge in graph.edges:
        leaving[edge.source].append(edge)
    entered = {edge.target for edge in graph.edges if edge.target != edge.source}
    starts = [node.id for node in graph.nodes if node.id not in entered]
    expanded: set[str] = set()
    items = [
        _expand(start, nodes, leaving, expanded)
        for start in [*starts, *nodes]
        if start not in expanded
    ]
    order = {node.id: position for position, node in enumerate(graph.nodes)}
    return tuple(sorted(items, key=lambda item: order[item.node.id]))


@dataclass(slots=True)
class _Branch:
    """An item whose children are still being collected."""

    id: str
    edge: GraphEdge | None
    pending: Iterator[GraphEdge]
    children: list[OutlineItem]
    repeated: bool


def _expand(
    start: str,
    nodes: dict[str, GraphNode],
    leaving: dict[str, list[GraphEdge]],
    expanded: set[str],
) -> OutlineItem:
    """The item of a node with all below it, to any depth; `expanded` grows."""

    def branch(node: str, edge: GraphEdge | None) -> _Branch:
        repeated = node in expanded and bool(leaving[node])
        pending = iter(()) if node in expanded else iter(leaving[node])
        expanded.add(node)
        return _Branch(node, edge, pending, [], repeated)

    stack = [branch(start, None)]
    while True:
        top = stack[-1]
        edge = next(top.pending, None)
        if edge is not None:
            stack.append(branch(edge.target, edge))
            continue
        stack.pop()
        style, label = (top.edge.style, top.edge.label) if top.edge else (None, "")
        item = OutlineItem(nodes[top.id], style, tuple(top.children), label, top.repeated)
        if not stack:
            return item
        stack[-1].children.append(item)


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

"""A call graph as a value, the same graph as nested lists, and what a legend has to explain.

Does not depend on notes. `EdgeStyle` is the one table of what arrows can look like in any format.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Self

from msgspec import Struct, field


class LineStyle(Struct, frozen=True):
    """How an arrow is drawn."""

    # The key of its words in a legend, where it is drawn as the style of that name; empty when it
    # says nothing.
    legend: str
    mermaid: str
    dot: Mapping[str, str] = field(default_factory=dict)
    head: str = "head"  # a key of `graph.svg.HEADS`
    mark: str = ""  # in front of the label, for readers who do not see colours
    # Of a line that DOT does not have, and that is too rare on pages for a rule of the style sheet
    # that all of them load: lengths of dashes and gaps in points, and its colour on pages.
    dash: str = ""
    paint: str = ""

    @property
    def attributes(self) -> Mapping[str, str]:
        """The attributes that the line has on a page besides its class."""
        paint = {"style": f"stroke:{self.paint}"} if self.paint else {}
        return {"stroke-dasharray": self.dash, **paint} if self.dash else {}


_SOLID = LineStyle("call", "-->")
_DOTTED = LineStyle("callback", "-.-o", {"style": "dotted", "arrowhead": "vee"}, head="vee")
_THIN = LineStyle("use", "--o", {"penwidth": "0.5", "arrowhead": "vee"}, head="vee")
_FAULT = "#d93a3a"  # has a contrast of 4.5:1 to white and to black
_BROKEN = {"style": "dashed", "color": _FAULT, "fontcolor": _FAULT}
_OPEN = "#a36a00"  # as much contrast
_DOUBTFUL = {"style": "dashed", "color": _OPEN, "fontcolor": _OPEN}
_WARN = "var(--callpath-warn)"  # as the pages' style sheet has it for light and dark
_HALF = _DOUBTFUL | {"arrowhead": "lnormal"}  # half a head
_VOUCHED = {"style": "dashed", "arrowhead": "onormal"}


class EdgeStyle(StrEnum):
    """How an edge was found, which decides how it is drawn; in the order of a legend.

    The value is part of the CSS class (`callpath-pointer`).
    """

    line: LineStyle

    CALL = "call", _SOLID
    POINTER = "pointer", LineStyle("pointer", "-.->", {"style": "dashed"})
    CALLBACK = "callback", _DOTTED
    REGISTRATION = "registration", _DOTTED
    TABLE = "table", _THIN
    MACRO = "macro", _THIN
    USE = "use", _THIN
    # What is not proved has the name of its status, a mark and a line of its own.
    ASSERTED = "asserted", LineStyle("asserted", "==>", _VOUCHED, "hollow", "✎", "12 2.5")
    HALF = "half", LineStyle("half", "==o", _HALF, "half", "½", "8 3 1.5 3", _WARN)
    NOT_SEARCHED = (
        "not-searched",
        LineStyle("not-searched", "==x", _HALF, "half", "…", "8 3 1.5 3 1.5 3", _WARN),
    )
    NOT_LOCKED = (
        "not-locked",
        LineStyle(
            "not-locked", "--x", _DOUBTFUL | {"arrowhead": "vee"}, "vee", "?", "2.5 4", _WARN
        ),
    )
    # The source does not have it: drawn so that it cannot be overlooked.
    UNPROVED = "unproved", LineStyle("unproved", "-.-x", _BROKEN, head="fault", mark="✗")
    STATED = "stated", LineStyle("", "-->")  # says nothing, such as the arrow to a box that counts

    def __new__(cls, value: str, line: LineStyle) -> Self:
        """Make a row of the table."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.line = line
        return member


class GraphNode(Struct, frozen=True):
    """One box."""

    id: str  # unique in its graph, without white space
    label: str
    kind: str  # what the symbol is (`function`, `macro`, …); a class of the box
    ordinal: int | None  # its number in reading order, 1-based; None if the symbol is no step
    place: str  # short place of the definition (`svm.c:851`); may be empty
    href: str  # relative to the page; may be empty
    tooltip: str  # one line; may be empty
    classes: tuple[str, ...] = ()  # more classes of the box, for the page's style and script

    @property
    def detail(self) -> str:
        """The second line of the box: `14 · svm.c:851`, one of the two, or empty."""
        ordinal = "" if self.ordinal is None else str(self.ordinal)
        return " · ".join(part for part in (ordinal, self.place) if part)


class GraphEdge(Struct, frozen=True):
    """One arrow, from the node with the id `source` to that with the id `target`."""

    source: str
    target: str
    style: EdgeStyle
    label: str = ""  # such as the member of a call through a pointer
    tooltip: str = ""  # one line
    href: str = ""  # such as the call site's address


class Graph(Struct, frozen=True):
    """A call graph; nodes and edges are in reading order.

    Raises ValueError if two nodes have the same id, or an edge leads to or from no node.
    """

    name: str  # unique among the graphs of a page, without white space; every id starts with it
    title: str  # plain text, one line
    description: str  # a sentence or two for readers who do not see the picture; may be empty
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


class NodeVisit(Struct, frozen=True):
    """A node as `walk` comes to it: along an edge, or None at a start, which has depth 0."""

    node: str
    edge: GraphEdge | None
    depth: int
    first: bool


def walk(graph: Graph) -> Iterator[NodeVisit]:
    """Go along every edge once, depth first; on from a node only at its first visit.

    Starts at the nodes that nothing leads to, in reading order, then at the first node of each
    cycle that nothing leads into.
    """
    leaving: dict[str, list[GraphEdge]] = defaultdict(list)
    for edge in graph.edges:
        leaving[edge.source].append(edge)
    entered = {edge.target for edge in graph.edges if edge.target != edge.source}
    ids = [node.id for node in graph.nodes]
    seen: set[str] = set()
    for start in [*(node for node in ids if node not in entered), *ids]:
        if start in seen:
            continue
        stack: list[tuple[str, GraphEdge | None, int]] = [(start, None, 0)]
        while stack:
            node, along, depth = stack.pop()
            yield NodeVisit(node, along, depth, node not in seen)
            if node not in seen:
                seen.add(node)
                stack += [(edge.target, edge, depth + 1) for edge in reversed(leaving[node])]


class OutlineItem(Struct, frozen=True):
    """A node in the nested list."""

    node: GraphNode
    style: EdgeStyle | None  # how it is reached from the item above; None at the top level
    children: tuple["OutlineItem", ...]  # in reading order
    label: str = ""  # of the edge from the item above
    repeated: bool = False  # whether its children are listed at an earlier item of the same node


def outline(graph: Graph) -> tuple[OutlineItem, ...]:
    """The graph as nested lists: every edge once, every node's children only at its first item.

    The items of the top level are in reading order.
    """
    nodes = {node.id: node for node in graph.nodes}
    callers = {edge.source for edge in graph.edges}
    # Backwards, the items below one come before it: by depth, those that wait for the one above.
    waiting: dict[int, list[OutlineItem]] = defaultdict(list)
    for visit in reversed(list(walk(graph))):
        style, label = (visit.edge.style, visit.edge.label) if visit.edge else (None, "")
        children = tuple(reversed(waiting.pop(visit.depth + 1, [])))
        repeated = not visit.first and visit.node in callers
        item = OutlineItem(nodes[visit.node], style, children, label, repeated)
        waiting[visit.depth].append(item)
    order = {name: number for number, name in enumerate(nodes)}
    return tuple(sorted(waiting[0], key=lambda item: order[item.node.id]))


_LINES = {style.value: style.line for style in EdgeStyle}
LEGEND_LINES = tuple(dict.fromkeys(style.line.legend for style in EdgeStyle if style.line.legend))
"""What lines can say, in the order of a legend; each is drawn as the edge style of that name."""
LEGEND_BOXES = ("function", "macro", "variable", "folded", "stub", "current")
"""What boxes can say, in the order of a legend; `variable` stands for all data."""
_NO_DATA = ("function", "macro", "folded", "rest")


class Legend(Struct, frozen=True):
    """What a legend explains: some of `LEGEND_LINES` and of `LEGEND_BOXES`, in their order."""

    lines: tuple[str, ...]
    boxes: tuple[str, ...]

    def mark(self, line: str) -> str:
        """What stands in the label of such a line; may be empty."""
        return _LINES[line].mark

    def attributes(self, line: str) -> Mapping[str, str]:
        """What such a line has besides its class."""
        return _LINES[line].attributes


def legend_of(graphs: Iterable[Graph]) -> Legend:
    """The legend of the pictures of one figure."""
    said: set[str] = set()
    drawn: set[str] = set()
    for graph in graphs:
        drawn |= {edge.style.line.legend for edge in graph.edges}
        for node in graph.nodes:
            said.add(node.kind if node.kind in _NO_DATA else "variable")
            said |= {name.removeprefix("callpath-") for name in node.classes}
    return Legend(
        tuple(line for line in LEGEND_LINES if line in drawn),
        tuple(box for box in LEGEND_BOXES if box in said),
    )

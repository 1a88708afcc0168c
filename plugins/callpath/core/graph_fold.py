"""Folds a graph too large to read: an overview whose boxes open parts, each a graph of its own.

Pure. What is folded is decided by a chooser (`core.fold_choices`); this module makes the pictures:
boxes in the place of what is folded, merged arrows, stubs of what stands elsewhere.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from callpath.core.graph import EdgeStyle, Graph, GraphEdge, GraphNode

MOST = 150
"""Boxes past which nobody can read a picture."""
OVERVIEW = ""
"""Id of the picture that a page opens with."""
FOLDED, STUB, REST = "folded", "callpath-stub", "rest"
"""Kind of a box that opens a picture, class of a box that stands in full in another picture, and
kind of the box that counts what has no room."""

_STRONGEST = (
    EdgeStyle.UNPROVED,
    EdgeStyle.CALL,
    EdgeStyle.POINTER,
    EdgeStyle.CALLBACK,
    EdgeStyle.REGISTRATION,
    EdgeStyle.TABLE,
    EdgeStyle.MACRO,
    EdgeStyle.USE,
    EdgeStyle.STATED,
)


@dataclass(frozen=True, slots=True)
class FoldWords:
    """What boxes and arrows say of what they stand for; `{}` is a number.

    Attributes:
        nodes: How many nodes a box holds.
        edges: How many edges an arrow stands for.
        rest: How many neighbours have no room.
    """

    nodes: str = "{} nodes"
    edges: str = "{} edges"
    rest: str = "{} more"


@dataclass(frozen=True, slots=True)
class Fold:
    """Nodes that one box stands for.

    Attributes:
        members: Their ids, in reading order; at least two, and not all of the graph.
        label: First line of the box.
        ordinal: Number of the step that it starts with, when all hang below that step.
        range: Numbers of its first and last step (`12–31`), when it is a run of steps; or empty.
        href: Where the box leads without a script.
    """

    members: tuple[str, ...]
    label: str
    ordinal: int | None = None
    range: str = ""
    href: str = ""


Chooser = Callable[[Graph], Sequence[Fold]]
"""What to fold in a graph that is too large; the folds have no node in common."""


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of a folded graph.

    Attributes:
        id: Unique in the folded graph: a number, or `OVERVIEW`.
        graph: What it shows. The name is unique on a page, too.
        opens: The id of the picture that a folded box or a stub opens, by the id of its node.
    """

    id: str
    graph: Graph
    opens: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class FoldedGraph:
    """A graph as pictures of a size to read.

    Attributes:
        overview: The picture to start with.
        parts: The others, each after the one that opens it.
        places: In which picture each node stands as a full box: node id → picture id.
    """

    overview: Picture
    parts: tuple[Picture, ...]
    places: Mapping[str, str]

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """The overview and the parts."""
        return (self.overview, *self.parts)


def fold(
    graph: Graph, choose: Chooser, words: FoldWords | None = None, most: int = MOST
) -> FoldedGraph:
    """The graph as pictures of at most `most` boxes, or as one where it is small enough.

    Parameters:
        graph: The graph; cycles and repeated edges are welcome.
        choose: What to fold where it is too large.
        words: What boxes and arrows say.
        most: Boxes that a picture may have; stubs of neighbours fill what is left, one at least.
    """
    folding = _Folding(graph, choose, words or FoldWords(), most)
    folding.draw(OVERVIEW, graph)
    pictures = [_with_stubs_open(picture, folding.places) for picture in folding.pictures]
    return FoldedGraph(pictures[0], tuple(pictures[1:]), folding.places)


def part_of(
    graph: Graph, members: Sequence[str], words: FoldWords | None = None, most: int = MOST
) -> Graph:
    """Some nodes of a graph with their direct neighbours as stubs.

    Parameters:
        graph: The graph.
        members: The ids of the nodes, in reading order.
        words: What boxes and arrows say.
        most: Boxes that the part may have; one box counts the neighbours that have no room.
    """
    return _Scene(graph, members, (), words or FoldWords(), most).drawn(graph)


class _Folding:
    """The pictures of one graph while they are being made."""

    def __init__(self, graph: Graph, choose: Chooser, words: FoldWords, most: int) -> None:
        self.pictures: list[Picture] = []
        self.places: dict[str, str] = {}
        self._graph = graph
        self._choose = choose
        self._words = words
        self._most = most

    def draw(self, start: str, head: Graph) -> None:
        """Add the picture of `head`'s nodes, and those that its boxes open, to any depth."""
        pending = deque([(start, head)])
        total = 0
        while pending:
            name, part = pending.popleft()
            folds = tuple(self._choose(part)) if len(part.nodes) > self._most else ()
            members = [node.id for node in part.nodes]
            scene = _Scene(self._graph, members, folds, self._words, self._most)
            opens: dict[str, str] = {}
            for number, found in enumerate(folds):
                total += 1
                opens[scene.box_of(number)] = str(total)
                pending.append((str(total), self._part(str(total), found)))
            folded = {member for found in folds for member in found.members}
            self.places |= {member: name for member in members if member not in folded}
            self.pictures.append(Picture(name, scene.drawn(part), opens))

    def _part(self, name: str, found: Fold) -> Graph:
        """The nodes and inner edges of a fold, under a name of their own."""
        kept = set(found.members)
        return Graph(
            name=f"{self._graph.name}-part-{name}",
            title=f"{found.label} · {self._words.nodes.format(len(kept))}",
            description="",
            nodes=tuple(node for node in self._graph.nodes if node.id in kept),
            edges=tuple(
                edge for edge in self._graph.edges if edge.source in kept and edge.target in kept
            ),
        )


class _Scene:
    """What one picture has: its own nodes, boxes for folds, stubs of neighbours."""

    def __init__(
        self,
        graph: Graph,
        members: Sequence[str],
        folds: Sequence[Fold],
        words: FoldWords,
        most: int,
    ) -> None:
        self._graph = graph
        self._words = words
        self._nodes = {node.id: node for node in graph.nodes}
        self._boxes: dict[str, GraphNode] = {}
        # By each node of the graph that the picture shows: the box that stands for it.
        self._shown: dict[str, str] = {member: member for member in members}
        self._names = [self._unused(f"part:{number}") for number in range(1, len(folds) + 1)]
        for name, found in zip(self._names, folds, strict=True):
            self._boxes[name] = self._folded(name, found)
            self._shown |= dict.fromkeys(found.members, name)
        self._own = set(members)
        self._add_stubs(max(1, most - len(set(self._shown.values()))))

    def box_of(self, number: int) -> str:
        """The id of the box of a fold, counted from 0."""
        return self._names[number]

    def drawn(self, head: Graph) -> Graph:
        """The picture, with the name, title and description of `head`."""
        order = {node.id: place for place, node in enumerate(self._graph.nodes)}
        first: dict[str, int] = {}
        for member, box in self._shown.items():
            first[box] = min(first.get(box, len(order)), order[member])
        boxes = sorted(first, key=lambda box: (first[box], box))
        nodes = tuple(self._boxes.get(box) or self._nodes[box] for box in boxes)
        return replace(head, nodes=nodes, edges=self._edges())

    def _unused(self, name: str) -> str:
        while name in self._nodes:
            name += "-"
        return name

    def _folded(self, name: str, found: Fold) -> GraphNode:
        counted = self._words.nodes.format(len(found.members))
        place = " · ".join(part for part in (found.range, counted) if part)
        href = found.href or self._nodes[found.members[0]].href
        return GraphNode(name, found.label, FOLDED, found.ordinal, place, href, "")

    def _add_stubs(self, room: int) -> None:
        """Show the neighbours that are not the picture's own: so many, and one box for the rest."""
        outside: dict[str, None] = {}
        for edge in self._graph.edges:
            if (edge.source in self._own) != (edge.target in self._own):
                outside[edge.target if edge.source in self._own else edge.source] = None
        near = list(outside)
        kept = near if len(near) <= room else near[: room - 1]
        for stub in kept:
            found = self._nodes[stub]
            self._boxes[stub] = replace(found, classes=(*found.classes, STUB))
            self._shown[stub] = stub
        if len(kept) < len(near):
            name, more = self._unused("rest"), len(near) - len(kept)
            label = self._words.rest.format(more)
            self._boxes[name] = GraphNode(name, label, REST, None, "", "", "")
            self._shown |= dict.fromkeys(near[len(kept) :], name)

    def _edges(self) -> tuple[GraphEdge, ...]:
        """The arrows: those of folded boxes merged, one for each pair of boxes."""
        merged: dict[tuple[str, str], list[GraphEdge]] = {}
        for number, edge in enumerate(self._graph.edges):
            if edge.source not in self._own and edge.target not in self._own:
                continue
            source, target = self._shown[edge.source], self._shown[edge.target]
            plain = source in self._nodes and target in self._nodes
            if source != target or plain:
                key = (source, target) if not plain else (source, f"{target}\n{number}")
                merged.setdefault(key, []).append(replace(edge, source=source, target=target))
        return tuple(self._merged(edges) for edges in merged.values())

    def _merged(self, edges: Sequence[GraphEdge]) -> GraphEdge:
        if len(edges) == 1:
            return edges[0]
        style = min((edge.style for edge in edges), key=_STRONGEST.index)
        tooltip = self._words.edges.format(len(edges))
        return GraphEdge(edges[0].source, edges[0].target, style, "", tooltip)


def _with_stubs_open(picture: Picture, places: Mapping[str, str]) -> Picture:
    """The picture whose stubs open the pictures that their nodes stand in."""
    stubs = {
        node.id: places[node.id]
        for node in picture.graph.nodes
        if STUB in node.classes and node.id in places
    }
    return replace(picture, opens={**picture.opens, **stubs})

"""Folds a graph too large to read: an overview whose boxes open parts, each a graph of its own.

Pure. What is folded is decided by a chooser (`core.fold_choices`); this module makes the pictures:
boxes in the place of what is folded, merged arrows, stubs of what stands elsewhere.
"""

from bisect import bisect_right, insort
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from callpath.graph.model import EdgeStyle, Graph, GraphEdge, GraphNode

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


_LEAST = 8  # nodes that are worth a box of their own, while others are larger
_RUNS = 3  # runs of siblings that fill a picture: one of 150 boxes has runs of 50


def subtrees(most: int = MOST) -> Chooser:
    """Fold whole subtrees, few and large, until at most so many boxes remain.

    A tree that is too flat for that is folded by runs of siblings: those of one file, then any.
    """

    def choose(graph: Graph) -> tuple[Fold, ...]:
        tree = _Tree.of(graph)
        spans = _spans(tree, most)
        return tuple(_fold_of(tree, span) for span in sorted(spans, key=lambda span: span.start))

    return choose


def files(paths: Mapping[str, str], hrefs: Mapping[str, str], most: int = MOST) -> Chooser:
    """Fold every source file that has several nodes; where there are too many files, folders.

    Parameters:
        paths: The file of each node, by its id.
        hrefs: Where the box of a file leads, by its path.
        most: Boxes that may remain. What is one file and still too large is folded by subtrees.
    """
    otherwise = subtrees(most)

    def choose(graph: Graph) -> Sequence[Fold]:
        own = {node.id: paths[node.id] for node in graph.nodes}
        keys = _keys(sorted(set(own.values())), most)
        groups: dict[str, list[str]] = {}
        for node, path in own.items():
            groups.setdefault(keys[path], []).append(node)
        if not 1 < len(groups) <= most:
            return otherwise(graph)
        names = _short_names(list(groups))
        return [
            Fold(tuple(members), names[key], href=hrefs.get(key, ""))
            for key, members in groups.items()
            if len(members) > 1
        ]

    return choose


def _keys(paths: Sequence[str], most: int) -> dict[str, str]:
    """What each path is folded into: itself, or the deepest folders that are few enough."""
    if len(paths) > most:
        for depth in range(max(path.count("/") for path in paths), 0, -1):
            keys = {path: _folder(path, depth) for path in paths}
            if 1 < len(set(keys.values())) <= most:
                return keys
    return {path: path for path in paths}


def _folder(path: str, depth: int) -> str:
    """The folder of a path that is at most so deep, with a slash behind it."""
    return "/".join(path.split("/")[:-1][:depth]) + "/"


def _short_names(paths: Sequence[str]) -> dict[str, str]:
    """The last part of each path, and as many more as tell it from the others."""
    return {path: _short_name(path, paths) for path in paths}


def _short_name(path: str, paths: Sequence[str]) -> str:
    parts = path.split("/")
    for count in range(2 if path.endswith("/") else 1, len(parts)):
        name = "/".join(parts[-count:])
        if sum(each == name or each.endswith(f"/{name}") for each in paths) == 1:
            return name
    return path


@dataclass(frozen=True, slots=True)
class _Tree:
    """A graph as trees, flat: the nodes in preorder, `sizes` nodes from each on are its subtree."""

    nodes: tuple[GraphNode, ...]
    sizes: tuple[int, ...]

    @classmethod
    def of(cls, graph: Graph) -> "_Tree":
        leaving: dict[str, list[str]] = {node.id: [] for node in graph.nodes}
        for edge in graph.edges:
            leaving[edge.source].append(edge.target)
        entered = {edge.target for edge in graph.edges if edge.target != edge.source}
        nodes = {node.id: node for node in graph.nodes}
        order: list[str] = []
        sizes: dict[str, int] = {}
        for start in (*(node for node in nodes if node not in entered), *nodes):
            if start not in sizes:
                _walk(start, leaving, order, sizes)
        return cls(tuple(nodes[node] for node in order), tuple(sizes[node] for node in order))

    def siblings(self) -> Iterator[list[int]]:
        """The positions of the children of each node, those without a parent first."""
        yield self.children(0, len(self.nodes))
        for place, size in enumerate(self.sizes):
            yield self.children(place + 1, place + size)

    def children(self, start: int, end: int) -> list[int]:
        """The positions of the uppermost nodes of a stretch."""
        found = []
        while start < end:
            found.append(start)
            start += self.sizes[start]
        return found


def _walk(
    start: str, leaving: dict[str, list[str]], order: list[str], sizes: dict[str, int]
) -> None:
    """Put all that a node leads to and that has no place yet behind it, to any depth."""
    stack = [(start, iter(leaving[start]))]
    order.append(start)
    sizes[start] = 1
    while stack:
        node, pending = stack[-1]
        child = next((each for each in pending if each not in sizes), None)
        if child is None:
            stack.pop()
            if stack:
                sizes[stack[-1][0]] += sizes[node]
            continue
        order.append(child)
        sizes[child] = 1
        stack.append((child, iter(leaving[child])))


@dataclass(frozen=True, slots=True)
class _Span:
    """A stretch of a tree's preorder that is folded: one subtree, or those of a run of siblings."""

    start: int
    end: int
    tops: int = 1

    @property
    def saved(self) -> int:
        """How many boxes fewer there are."""
        return self.end - self.start - 1


def _spans(tree: _Tree, most: int) -> list[_Span]:
    found: list[_Span] = []
    length = max(2, most // _RUNS)
    for candidates in (_whole_subtrees, _runs_of_a_file, _runs):
        need = _boxes(tree, found) - most
        if need <= 0:
            return found
        covered = {place for span in found for place in range(span.start, span.end)}
        found = [*found, *_picked(candidates(tree, length, covered), need)]
    if _boxes(tree, found) > most:
        tops = _tops(tree)
        return list(_cut(tree, tops, max(length, -(-len(tops) // (most - 1)))))
    return found


def _picked(candidates: list[_Span], need: int) -> list[_Span]:
    """The largest of the spans until so many boxes are saved, as the last the smallest enough."""
    found: list[_Span] = []  # sorted by start
    largest_first = sorted(candidates, key=lambda span: (-span.saved, span.start))
    for number, span in enumerate(largest_first):
        if _is_inside(span, found):
            continue
        if span.saved >= need:
            enough = [
                each
                for each in largest_first[number:]
                if each.saved >= need and not _is_inside(each, found)
            ]
            return [*found, min(enough, key=lambda each: (each.saved, each.start))]
        insort(found, span, key=lambda each: each.start)
        need -= span.saved
    return found


def _is_inside(span: _Span, others: list[_Span]) -> bool:
    """Whether a span is part of one of others, which are sorted and no smaller."""
    place = bisect_right(others, span.start, key=lambda other: other.start)
    return place > 0 and others[place - 1].end > span.start


def _boxes(tree: _Tree, spans: Sequence[_Span]) -> int:
    return len(tree.nodes) - sum(span.saved for span in spans)


def _tops(tree: _Tree) -> list[int]:
    """The uppermost nodes that may be folded: not the one that all others hang below."""
    tops = tree.children(0, len(tree.nodes))
    return tops if len(tops) > 1 else tree.children(1, len(tree.nodes))


def _whole_subtrees(tree: _Tree, length: int, covered: set[int]) -> list[_Span]:
    del length
    first = _tops(tree)[0]
    return [
        _Span(place, place + size)
        for place, size in enumerate(tree.sizes)
        if place >= first and size >= _LEAST and place not in covered
    ]


def _runs_of_a_file(tree: _Tree, length: int, covered: set[int]) -> list[_Span]:
    def file(place: int) -> str:
        return _file(tree.nodes[place])

    runs = (
        _cut(tree, list(same), length)
        for row in _rows(tree, covered)
        for _, same in groupby(row, file)
    )
    return [span for run in runs for span in run if span.saved >= _LEAST - 1]


def _runs(tree: _Tree, length: int, covered: set[int]) -> list[_Span]:
    return [span for row in _rows(tree, covered) for span in _cut(tree, row, length)]


def _rows(tree: _Tree, covered: set[int]) -> Iterator[list[int]]:
    """Stretches of siblings beside each other that are not folded, without the only root."""
    first = _tops(tree)[0]
    for row in tree.siblings():
        free = [place for place in row if place >= first]
        for is_folded, same in groupby(free, covered.__contains__):
            if not is_folded:
                yield list(same)


def _cut(tree: _Tree, row: Sequence[int], length: int) -> Iterator[_Span]:
    """A run of siblings in pieces of at most so many; a piece of one node is none."""
    for start in range(0, len(row), length):
        piece = row[start : start + length]
        span = _Span(piece[0], piece[-1] + tree.sizes[piece[-1]], len(piece))
        if span.saved and span.end - span.start < len(tree.nodes):
            yield span


def _fold_of(tree: _Tree, span: _Span) -> Fold:
    inside = tree.nodes[span.start : span.end]
    members = tuple(node.id for node in inside)
    first, last = inside[0], inside[-1]
    if span.tops == 1:
        return Fold(members, first.label, first.ordinal, href=first.href)
    same = len({_file(node) for node in inside}) == 1
    label = _file(first) if same and _file(first) else f"{first.label} … {last.label}"
    numbered = first.ordinal is not None and last.ordinal is not None
    steps = f"{first.ordinal}–{last.ordinal}" if numbered else ""
    return Fold(members, label, range=steps, href=first.href)


def _file(node: GraphNode) -> str:
    """The file of a node, from its place (`svm.c:851`)."""
    return node.place.rpartition(":")[0] or node.place

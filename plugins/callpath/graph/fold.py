"""Folds a graph too large to read: an overview whose boxes open parts, each a graph of its own.

A chooser (`subtrees`, `files`) says what is folded. `fold` makes the pictures: boxes in the place
of what is folded, merged arrows, stubs of nodes that are drawn in full in another picture.
"""

from bisect import bisect_right, insort
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count, groupby

from msgspec import Struct
from msgspec.structs import replace

from callpath.graph.model import EdgeStyle, Graph, GraphEdge, GraphNode, walk

MOST = 150  # boxes past which nobody can read a picture
OVERVIEW = ""  # id of the picture that a page opens with
FOLDED, REST = "folded", "rest"
"""Kinds of a box that opens a picture, and of the box that counts the nodes that have no room."""
STUB = "callpath-stub"  # class of a box that is drawn in full in another picture


class FoldWords(Struct, frozen=True):
    """The labels of boxes and arrows that represent several; `{}` is the number of them."""

    nodes: str = "{} nodes"
    edges: str = "{} edges"
    rest: str = "{} more"


ENGLISH = FoldWords()


class Fold(Struct, frozen=True):
    """Nodes that one box represents."""

    members: tuple[str, ...]  # ids in reading order; at least two, and not all of the graph
    label: str
    ordinal: int | None = None  # number of the step that all of them are below
    range: str = ""  # numbers of the first and the last step (`12–31`) of a run of steps
    href: str = ""  # where the box leads without a script; else where its first node does


Chooser = Callable[[Graph, int], Sequence[Fold]]
"""What to fold in a graph so that at most so many boxes remain; no node is in two folds."""


class Picture(Struct, frozen=True):
    """One picture of a folded graph."""

    id: str  # unique in the folded graph: a number, or `OVERVIEW`
    graph: Graph  # its name is unique on a page, too
    opens: Mapping[str, str]  # the id of the picture that a box opens, by the id of its node


def fold(
    graph: Graph, choose: Chooser, words: FoldWords = ENGLISH, most: int = MOST
) -> tuple[Picture, ...]:
    """The graph as pictures of at most `most` boxes, or as one where it is small enough.

    The overview comes first, and each part after the picture that opens it. Every node is in full
    in one of them; stubs of its neighbours, at least one, fill the room that is left there.
    Cycles and repeated edges are allowed.
    """
    pictures: list[Picture] = []
    places: dict[str, str] = {}  # of each node the last picture that has it: there it is in full
    numbers = count(1)
    pending = deque([(OVERVIEW, graph)])
    while pending:
        name, part = pending.popleft()
        folds = tuple(choose(part, most)) if len(part.nodes) > most else ()
        members = [node.id for node in part.nodes]
        scene = _Scene(graph, members, folds, words, most)
        opens = {box: str(next(numbers)) for box in scene.folded}
        for opened, found in zip(opens.values(), folds, strict=True):
            pending.append((opened, _part(graph, opened, found, words)))
        places |= dict.fromkeys(members, name)
        pictures.append(Picture(name, scene.drawn(part), opens))
    return tuple(_with_stubs_open(picture, places) for picture in pictures)


def part_of(
    graph: Graph, members: Sequence[str], words: FoldWords = ENGLISH, most: int = MOST
) -> Graph:
    """The nodes of the ids `members`, in reading order, with their direct neighbours as stubs.

    It has at most `most` boxes; one of them counts the neighbours that have no room.
    """
    return _Scene(graph, members, (), words, most).drawn(graph)


def _part(graph: Graph, name: str, found: Fold, words: FoldWords) -> Graph:
    """The nodes and inner edges of a fold, under a name of their own."""
    kept = set(found.members)
    return Graph(
        name=f"{graph.name}-part-{name}",
        title=f"{found.label} · {words.nodes.format(len(kept))}",
        description="",
        nodes=tuple(node for node in graph.nodes if node.id in kept),
        edges=tuple(edge for edge in graph.edges if {edge.source, edge.target} <= kept),
    )


def _with_stubs_open(picture: Picture, places: Mapping[str, str]) -> Picture:
    """The picture with stubs that open the pictures that have their nodes in full."""
    stubs = {node.id: places[node.id] for node in picture.graph.nodes if STUB in node.classes}
    return replace(picture, opens={**picture.opens, **stubs})


class _Scene:
    """What one picture has: its own nodes, boxes for folds, stubs of neighbours.

    `folded` are the ids of the boxes of `folds`, in their order.
    """

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
        self._own = set(members)
        self._boxes = dict(self._nodes)
        # By each node of the graph that the picture shows: the box that represents it.
        self._shown: dict[str, str] = {member: member for member in members}
        self.folded = [self._unused(f"part:{number}") for number in range(1, len(folds) + 1)]
        for name, found in zip(self.folded, folds, strict=True):
            counted = words.nodes.format(len(found.members))
            place = " · ".join(part for part in (found.range, counted) if part)
            href = found.href or self._nodes[found.members[0]].href
            self._boxes[name] = GraphNode(name, found.label, FOLDED, found.ordinal, place, href, "")
            self._shown |= dict.fromkeys(found.members, name)
        self._add_stubs(max(1, most - len(set(self._shown.values()))))

    def drawn(self, head: Graph) -> Graph:
        """The picture, with the name, title and description of `head`."""
        boxes = [self._shown[node] for node in self._nodes if node in self._shown]
        nodes = tuple(self._boxes[box] for box in dict.fromkeys(boxes))
        return replace(head, nodes=nodes, edges=self._edges())

    def _unused(self, name: str) -> str:
        while name in self._nodes:
            name += "-"
        return name

    def _add_stubs(self, room: int) -> None:
        """Show at most `room` of the neighbours that are not the picture's own."""
        own = self._own
        leading = [
            edge for edge in self._graph.edges if (edge.source in own) != (edge.target in own)
        ]
        near = list(dict.fromkeys(e.target if e.source in own else e.source for e in leading))
        kept = near if len(near) <= room else near[: room - 1]
        for stub in kept:
            found = self._nodes[stub]
            self._boxes[stub] = replace(found, classes=(*found.classes, STUB))
            self._shown[stub] = stub
        if len(kept) < len(near):
            name = self._unused("rest")
            label = self._words.rest.format(len(near) - len(kept))
            self._boxes[name] = GraphNode(name, label, REST, None, "", "", "")
            self._shown |= dict.fromkeys(near[len(kept) :], name)

    def _edges(self) -> tuple[GraphEdge, ...]:
        """The arrows: those of folded boxes merged, one for each pair of boxes."""
        merged: dict[tuple[str, str, int], list[GraphEdge]] = {}
        for number, edge in enumerate(self._graph.edges):
            if edge.source not in self._own and edge.target not in self._own:
                continue
            source, target = self._shown[edge.source], self._shown[edge.target]
            is_plain = source in self._nodes and target in self._nodes
            if source != target or is_plain:
                key = (source, target, number if is_plain else -1)
                merged.setdefault(key, []).append(replace(edge, source=source, target=target))
        return tuple(self._merged(edges) for edges in merged.values())

    def _merged(self, edges: Sequence[GraphEdge]) -> GraphEdge:
        """One arrow for all: of the style that says most, but a fault is never hidden."""
        if len(edges) == 1:
            return edges[0]
        styles = {edge.style for edge in edges}
        style = next(style for style in (*_FAULTS, *EdgeStyle) if style in styles)
        tooltip = self._words.edges.format(len(edges))
        return GraphEdge(edges[0].source, edges[0].target, style, "", tooltip)


# What is a finding, the worst first. An assertion is none: it hides behind what is proved.
_FAULTS = (EdgeStyle.UNPROVED, EdgeStyle.NOT_LOCKED, EdgeStyle.HALF, EdgeStyle.NOT_SEARCHED)
_LEAST = 8  # nodes that are worth a box of their own, while others are larger
_RUNS = 3  # runs of siblings that fill a picture: one of 150 boxes has runs of 50


def subtrees(graph: Graph, most: int) -> list[Fold]:
    """Fold whole subtrees, few and large, until at most so many boxes remain.

    A tree that is too flat for that is folded by runs of siblings: those of one file, then any.
    """
    tree = _Tree.of(graph)
    spans = sorted(_spans(tree, most), key=lambda span: span.start)
    return [_fold_of(tree, span) for span in spans]


def files(paths: Mapping[str, str], hrefs: Mapping[str, str]) -> Chooser:
    """Fold every source file that has several nodes; where there are too many files, folders.

    What is one file and still too large is folded by subtrees. `paths` are the files of the nodes,
    by their ids; `hrefs` where the box of a file leads, by its path.
    """

    def choose(graph: Graph, most: int) -> list[Fold]:
        keys = _keys(sorted({paths[node.id] for node in graph.nodes}), most)
        groups: dict[str, list[str]] = {}
        for node in graph.nodes:
            groups.setdefault(keys[paths[node.id]], []).append(node.id)
        if not 1 < len(groups) <= most:
            return subtrees(graph, most)
        return [
            Fold(tuple(members), _short_name(key, list(groups)), href=hrefs.get(key, ""))
            for key, members in groups.items()
            if len(members) > 1
        ]

    return choose


def _keys(paths: Sequence[str], most: int) -> dict[str, str]:
    """What each path is folded into: itself, or the deepest folders that are few enough."""
    if len(paths) > most:
        for depth in range(max(path.count("/") for path in paths), 0, -1):
            keys = {path: "/".join(path.split("/")[:-1][:depth]) + "/" for path in paths}
            if 1 < len(set(keys.values())) <= most:
                return keys
    return {path: path for path in paths}


def _short_name(path: str, paths: Sequence[str]) -> str:
    """The last part of a path, and as many more as distinguish it from the others."""
    parts = path.split("/")
    for length in range(2 if path.endswith("/") else 1, len(parts)):
        name = "/".join(parts[-length:])
        if sum(each == name or each.endswith(f"/{name}") for each in paths) == 1:
            return name
    return path


class _Tree(Struct, frozen=True):
    """A graph as trees, flat: the nodes in preorder, `sizes` nodes from each on are its subtree."""

    nodes: tuple[GraphNode, ...]
    sizes: tuple[int, ...]

    @classmethod
    def of(cls, graph: Graph) -> "_Tree":
        nodes = {node.id: node for node in graph.nodes}
        visits = [visit for visit in walk(graph) if visit.first]
        sizes: list[int] = []
        # Backwards, a subtree comes before its node: the sizes that wait for it, by depth.
        waiting: dict[int, int] = {}
        for visit in reversed(visits):
            sizes.append(1 + waiting.pop(visit.depth + 1, 0))
            waiting[visit.depth] = waiting.get(visit.depth, 0) + sizes[-1]
        return cls(tuple(nodes[visit.node] for visit in visits), tuple(reversed(sizes)))

    @property
    def tops(self) -> list[int]:
        """The uppermost nodes that may be folded: not the one that all others are below."""
        tops = self.children(0, len(self.nodes))
        return tops if len(tops) > 1 else self.children(1, len(self.nodes))

    def siblings(self) -> Iterator[list[int]]:
        """The positions of the children of each node, those without a parent first."""
        yield self.children(0, len(self.nodes))
        for place, size in enumerate(self.sizes):
            yield self.children(place + 1, place + size)

    def children(self, start: int, end: int) -> list[int]:
        """The positions of the uppermost nodes from `start` to before `end`."""
        found = []
        while start < end:
            found.append(start)
            start += self.sizes[start]
        return found


class _Span(Struct, frozen=True):
    """A part of a tree's preorder that is folded: one subtree, or those of a run of siblings."""

    start: int
    end: int  # exclusive
    tops: int = 1

    @property
    def saved(self) -> int:
        """How many boxes fewer there are."""
        return self.end - self.start - 1


def _spans(tree: _Tree, most: int) -> list[_Span]:
    found: list[_Span] = []
    length = max(2, most // _RUNS)
    for candidates in (_whole_subtrees, _runs_of_a_file, _runs):
        need = len(tree.nodes) - sum(span.saved for span in found) - most
        if need <= 0:
            return found
        covered = {place for span in found for place in range(span.start, span.end)}
        found += _picked(candidates(tree, length, covered), need)
    if len(tree.nodes) - sum(span.saved for span in found) > most:
        return list(_cut(tree, tree.tops, max(length, -(-len(tree.tops) // (most - 1)))))
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


def _whole_subtrees(tree: _Tree, _length: int, covered: set[int]) -> list[_Span]:
    first = tree.tops[0]
    return [
        _Span(place, place + size)
        for place, size in enumerate(tree.sizes)
        if place >= first and size >= _LEAST and place not in covered
    ]


def _runs_of_a_file(tree: _Tree, length: int, covered: set[int]) -> list[_Span]:
    return [
        span
        for row in _rows(tree, covered)
        for _, same in groupby(row, lambda place: _file(tree.nodes[place]))
        for span in _cut(tree, list(same), length)
        if span.saved >= _LEAST - 1
    ]


def _runs(tree: _Tree, length: int, covered: set[int]) -> list[_Span]:
    return [span for row in _rows(tree, covered) for span in _cut(tree, row, length)]


def _rows(tree: _Tree, covered: set[int]) -> Iterator[list[int]]:
    """Runs of siblings next to each other that are not folded, without the only root."""
    first = tree.tops[0]
    for row in tree.siblings():
        free = [place for place in row if place >= first]
        for is_folded, same in groupby(free, covered.__contains__):
            if not is_folded:
                yield list(same)


def _cut(tree: _Tree, row: Sequence[int], length: int) -> Iterator[_Span]:
    """A run of siblings in pieces of at most so many; a piece of one node is left out."""
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
        return Fold(members, first.label, first.ordinal)
    same = len({_file(node) for node in inside}) == 1
    label = _file(first) if same and _file(first) else f"{first.label} … {last.label}"
    numbered = first.ordinal is not None and last.ordinal is not None
    return Fold(members, label, range=f"{first.ordinal}–{last.ordinal}" if numbered else "")


def _file(node: GraphNode) -> str:
    """The file of a node, from its place (`svm.c:851`)."""
    return node.place.rpartition(":")[0] or node.place

"""What to fold in a large graph: whole subtrees and runs of siblings, or source files.

Pure. A graph that is no tree is read as one: each node hangs below the first node that leads to it.
"""

from bisect import bisect_right, insort
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from callpath.core.graph import Graph, GraphNode
from callpath.core.graph_fold import MOST, Chooser, Fold

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

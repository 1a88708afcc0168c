"""Folding: what is folded into what, that nothing is lost, and that it ends."""

from itertools import pairwise

import pytest

from callpath.graph.fold import (
    FOLDED,
    REST,
    STUB,
    FoldWords,
    Picture,
    files,
    fold,
    part_of,
    subtrees,
)
from callpath.graph.model import (
    EdgeStyle,
    Graph,
    GraphEdge,
    GraphNode,
)

WORDS = FoldWords("{} steps", "{} arrows", "{} more")


def made(*edges: str, places: dict[str, str] | None = None, alone: str = "") -> Graph:
    """A graph of `a>b` and, with another style, `a=b`; nodes in the order that they come in."""
    names: dict[str, None] = {}
    found = []
    for edge in edges:
        mark = ">" if ">" in edge else "="
        source, _, target = edge.partition(mark)
        names |= {source: None, target: None}
        style = EdgeStyle.CALL if mark == ">" else EdgeStyle.USE
        found.append(GraphEdge(source, target, style, tooltip=edge))
    names |= dict.fromkeys(alone.split())
    nodes = tuple(
        GraphNode(name, name, "function", number, (places or {}).get(name, ""), f"#{name}", "")
        for number, name in enumerate(names, 1)
    )
    return Graph("g", "G", "", nodes, tuple(found))


def tree(*levels: int) -> Graph:
    """A tree whose every node of a level has so many children."""
    edges: list[str] = []
    row = ["r"]
    for count in levels:
        below = [f"{parent}.{number}" for parent in row for number in range(count)]
        edges += [f"{child.rpartition('.')[0]}>{child}" for child in below]
        row = below
    return made(*sorted(edges, key=lambda edge: [*map(str, edge.partition(">")[2].split("."))]))


def chain(count: int) -> Graph:
    return made(*(f"f{one}>f{two}" for one, two in pairwise(range(count))))


def flat(count: int, *names: str) -> Graph:
    """A root with so many leaves, in as many files beside each other."""
    places = {
        f"f{number}": f"{names[number * len(names) // count]}:{number}" for number in range(count)
    }
    return made(*(f"r>{name}" for name in places), places=places | {"r": "root.c:1"})


def text(folded: tuple[Picture, ...]) -> list[str]:
    """Every picture in lines: its boxes, what they open, its arrows."""
    lines = []
    for picture in folded:
        lines.append(f"[{picture.id}] {picture.graph.title}")
        for node in picture.graph.nodes:
            stub = " (stub)" if STUB in node.classes else ""
            opens = f" opens [{picture.opens[node.id]}]" if node.id in picture.opens else ""
            said = " · ".join(part for part in (node.label, node.detail) if part)
            lines.append(f"  {said}{stub}{opens}")
        labels = {node.id: node.label for node in picture.graph.nodes}
        for edge in picture.graph.edges:
            ends = f"{labels[edge.source]} {edge.style} {labels[edge.target]}"
            lines.append(f"  {ends}: {edge.tooltip}")
    return lines


def check(graph: Graph, folded: tuple[Picture, ...], most: int) -> None:
    """Every node stands in full once, every edge in some picture, and no picture is too large."""
    full = [
        (node.id, picture.id)
        for picture in folded
        for node in picture.graph.nodes
        if node.kind not in {FOLDED, REST} and STUB not in node.classes
    ]
    inside = dict(full)
    assert set(inside) == {node.id for node in graph.nodes}
    assert len(full) == len(graph.nodes)
    assert max(len(picture.graph.nodes) for picture in folded) <= most + 1
    opened = [
        picture.opens[node.id]
        for picture in folded
        for node in picture.graph.nodes
        if node.kind == FOLDED
    ]
    assert sorted(opened) == sorted(part.id for part in folded[1:])  # by one box each
    names = [picture.graph.name for picture in folded]
    assert len(set(names)) == len(names)
    arrows = {(edge.source, edge.target) for picture in folded for edge in picture.graph.edges}
    for edge in graph.edges:
        if inside[edge.source] == inside[edge.target]:
            assert (edge.source, edge.target) in arrows


# --- golden cases ----------------------------------------------------------------------------


def test_a_small_graph_is_one_picture_of_itself() -> None:
    graph = tree(3, 3)
    (overview,) = fold(graph, subtrees)
    assert overview.graph == graph
    assert (overview.id, overview.opens) == ("", {})


def test_the_smallest_subtree_that_is_enough_is_folded() -> None:
    edges = [f"a>a{number}" for number in range(9)] + [f"b>b{number}" for number in range(12)]
    graph = made("r>a", *edges[:9], "r>b", *edges[9:])
    folded = fold(graph, subtrees, WORDS, 16)
    assert text(folded)[:3] == ["[] G", "  r · 1", "  a · 2 · 10 steps opens [1]"]
    assert "  r call a: r>a" in text(folded)
    part = text(folded)[text(folded).index("[1] a · 10 steps") :]
    assert part[1:4] == ["  r · 1 (stub) opens []", "  a · 2", "  a0 · 3"]
    assert part[12:14] == ["  r call a: r>a", "  a call a0: a>a0"]
    check(graph, folded, 16)


def test_runs_of_siblings_are_folded_by_file() -> None:
    graph = flat(20, "a.c", "b.c")
    folded = fold(graph, subtrees, WORDS, 12)
    assert text(folded)[:3] == ["[] G", "  r · 1 · root.c:1", "  a.c · 2–5 · 4 steps opens [1]"]
    assert "  r call a.c: 4 arrows" in text(folded)
    assert "[1] a.c · 4 steps" in text(folded)
    check(graph, folded, 12)


def test_siblings_of_many_files_are_folded_in_runs() -> None:
    graph = flat(199, *(f"{number}.c" for number in range(199)))
    folded = fold(graph, subtrees, WORDS)
    assert [line for line in text(folded) if "opens [1]" in line or "opens [2]" in line] == [
        "  f0 … f49 · 2–51 · 50 steps opens [1]",
        "  f150 … f198 · 152–200 · 49 steps opens [2]",
    ]
    check(graph, folded, 150)


GOLDEN_FILES = """\
[] G
  x.c · 2 steps opens [1]
  y.c · 2 steps opens [2]
  z · 5
  x.c call y.c: 3 arrows
  y.c call z: y2>z
  z call x.c: z>x1
  y.c call x.c: y1>x1
[1] x.c · 2 steps
  x1 · 1
  y1 · 2 (stub) opens [2]
  x2 · 3
  2 more
  x1 call y1: x1>y1
  x1 call x2: x1>x2
  x2 use y1: x2=y1
  x2 call 2 more: x2>y2
  2 more call x1: z>x1
  y1 call x1: y1>x1
[2] y.c · 2 steps
  x1 · 1 (stub) opens [1]
  y1 · 2
  2 more
  y2 · 4
  x1 call y1: x1>y1
  2 more use y1: x2=y1
  2 more call y2: x2>y2
  y2 call 2 more: y2>z
  y1 call x1: y1>x1
"""


def test_files_are_folded_and_neighbours_are_stubs() -> None:
    graph = made("x1>y1", "x1>x2", "x2=y1", "x2>y2", "y2>z", "z>x1", "y1>x1")
    paths = {node.id: f"p/{node.id[0]}.c" for node in graph.nodes}
    folded = fold(graph, files(paths, {"p/x.c": "../x/"}), WORDS, 4)
    assert text(folded) == GOLDEN_FILES.splitlines()
    assert folded[0].graph.nodes[0].href == "../x/"
    assert folded[0].graph.nodes[1].href == "#y1"


# --- shapes ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "graph",
    [
        chain(200),
        chain(1000),
        flat(199, "a.c"),
        flat(199, *"abcdefgh"),
        flat(1500, "a.c", "b.c"),
        tree(6, 6, 6),
        tree(200, 1),
        tree(200, 9),
        tree(2, 2, 2, 2, 2, 2, 2),
        made("a>b", alone=" ".join(f"n{number}" for number in range(300))),
        made(*(f"n{number}>n{(number + 1) % 300}" for number in range(300))),
        made(*(f"n{one}>n{two % 160}" for one in range(160) for two in (one * 7, one + 1, one))),
        made(*[f"a>n{number}" for number in range(200)] * 2),
    ],
    ids=[
        *("chain", "long", "one-file", "files", "wide", "tree", "comb", "brush", "binary"),
        *("alone", "cycle", "tangle", "twice"),
    ],
)
@pytest.mark.parametrize("most", [150, 12])
def test_every_shape_folds_into_pictures_of_a_size_to_read(graph: Graph, most: int) -> None:
    folded = fold(graph, subtrees, WORDS, most)
    check(graph, folded, most)
    assert folded == fold(graph, subtrees, WORDS, most)


@pytest.mark.parametrize("most", [150, 12])
@pytest.mark.parametrize("spread", [1, 20, 400])
def test_every_spread_over_files_folds(most: int, spread: int) -> None:
    graph = tree(7, 7, 7)
    paths = {
        node.id: f"d{number % spread % 7}/e{number % 3}/f{number % spread}.c"
        for number, node in enumerate(graph.nodes)
    }
    check(graph, fold(graph, files(paths, {}), WORDS, most), most)


def test_files_of_one_name_are_told_apart() -> None:
    graph = made("a>b", "b>c", "c>d", "d>e", "e>f")
    paths = dict(zip("abcdef", ["x/k/s.c"] * 2 + ["y/k/s.c"] * 2 + ["y/k/t.c"] * 2, strict=True))
    folded = fold(graph, files(paths, {}), WORDS, 3)
    labels = [node.label for node in folded[0].graph.nodes]
    assert labels == ["x/k/s.c", "y/k/s.c", "t.c"]


def test_the_strongest_style_is_that_of_the_arrow() -> None:
    graph = made("a1=b1", "a1>b2", "a2=b1", alone="c")
    paths = {node.id: node.id[0] for node in graph.nodes}
    folded = fold(graph, files(paths, {}), WORDS, 4)
    assert [(edge.style, edge.tooltip) for edge in folded[0].graph.edges] == [
        (EdgeStyle.CALL, "3 arrows")
    ]


def test_an_edge_that_the_source_does_not_have_stays_seen() -> None:
    graph = made("a1>b1", "a2>b2")
    faults = (EdgeStyle.NOT_SEARCHED, EdgeStyle.HALF, EdgeStyle.NOT_LOCKED, EdgeStyle.UNPROVED)
    for worst, style in enumerate(faults, start=1):
        more = tuple(GraphEdge("a1", "b2", each) for each in faults[:worst])
        joined = Graph("g", "", "", graph.nodes, (*graph.edges, *more))
        folded = fold(joined, files({n.id: n.id[0] for n in graph.nodes}, {}), WORDS, 3)
        assert [edge.style for edge in folded[0].graph.edges] == [style]


def test_one_assertion_makes_no_doubt_of_what_is_proved() -> None:
    graph = made("a1=b1", "a2=b2")
    more = (*graph.edges, GraphEdge("a1", "b2", EdgeStyle.ASSERTED))
    graph = Graph("g", "", "", graph.nodes, more)
    folded = fold(graph, files({n.id: n.id[0] for n in graph.nodes}, {}), WORDS, 3)
    assert [edge.style for edge in folded[0].graph.edges] == [EdgeStyle.USE]


def test_a_node_that_is_called_like_a_box_keeps_its_own() -> None:
    graph = made(*(f"r>{name}" for name in ["part:1", *(f"f{n}" for n in range(20))]))
    check(graph, fold(graph, subtrees, WORDS, 12), 12)


# --- parts -----------------------------------------------------------------------------------


def test_neighbours_that_have_no_room_are_counted() -> None:
    graph = made(*(f"a>f{number}" for number in range(9)), "f8>a")
    part = part_of(graph, ["a"], WORDS, 5)
    assert [node.label for node in part.nodes] == ["a", "f0", "f1", "f2", "6 more"]
    assert [(edge.source, edge.target, edge.tooltip) for edge in part.edges] == [
        *(("a", f"f{number}", f"a>f{number}") for number in range(3)),
        ("a", "rest", "6 arrows"),
        ("rest", "a", "f8>a"),
    ]


def test_edges_between_strangers_are_not_shown() -> None:
    graph = made("a>b", "b>c", "b>b", "a>a")
    part = part_of(graph, ["a"], WORDS)
    assert [(edge.source, edge.target) for edge in part.edges] == [("a", "b"), ("a", "a")]

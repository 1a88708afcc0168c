"""The form of pictures for pages: nothing of the graph is lost, and little is said twice."""

import os
import re
import shutil
from collections import Counter

import pytest
from graph_goldens.cases import CASES, HOSTILE, cyclic, hostile, large, nested
from lxml import etree, html

from callpath.core.graph import one_line
from callpath.render.graph import engine as engines
from callpath.render.graph.compact import to_compact_svg
from callpath.render.graph.dot import to_dot
from callpath.render.graph.paths import short_number, short_path
from callpath.render.svg import draw

SPACES = {"s": "http://www.w3.org/2000/svg", "x": "http://www.w3.org/1999/xlink"}


@pytest.fixture(params=["graphviz-pure", "dot"])
def engine(request, monkeypatch):
    monkeypatch.delenv(engines.VARIABLE, raising=False)
    if request.param == "dot" and shutil.which("dot") is None:
        reason = "`dot` not found: install the Debian package graphviz"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    return request.param


def full(graph, engine):
    return draw(to_dot(graph), engine=engine)


def compact(graph, engine, **options):
    return to_compact_svg(full(graph, engine), **({"titles": True} | options))


def find(element, path):
    return element.xpath(path, namespaces=SPACES)


def numbers(path):
    return [float(found) for found in re.findall(r"-?\d+\.?\d*|-?\.\d+", path)]


def ends(path):
    """Start and end of a path of `M`, and relative `c`, `h` and `l`."""
    start = across, down = numbers(path.partition("c")[0].partition("h")[0].partition("l")[0])
    for command, found in re.findall(r"([chl])([^chl]*)", path[1:]):
        values = numbers(found)
        across += values[0] if command == "h" else values[-2]
        down += 0 if command == "h" else values[-1]
    return *start, across, down


@pytest.mark.parametrize("case", CASES)
def test_every_box_and_arrow_is_there_in_order(case, engine):
    graph = CASES[case]
    root = etree.fromstring(compact(graph, engine))
    boxes = find(root, "//*[contains(@class, 'callpath-node')]")
    assert [box.get("data-node") for box in boxes] == [node.id for node in graph.nodes]
    for node, box in zip(graph.nodes, boxes, strict=True):
        assert box.get("class").split() == [
            *("callpath-node", f"callpath-{node.kind}", *node.classes),
        ]
        lines = [one_line(line) for line in (node.label, node.detail) if line]
        assert find(box, "s:text/text()") == lines
        assert len(find(box, "s:rect")) == 1
        assert (box.tag == f"{{{SPACES['s']}}}a") == bool(find(box, "@x:href")) == bool(node.href)
    arrows = find(root, "//s:path[starts-with(@class, 'callpath-edge')]")
    assert Counter(
        (a.get("data-source"), a.get("data-target"), a.get("class")) for a in arrows
    ) == (Counter((e.source, e.target, f"callpath-edge callpath-{e.style}") for e in graph.edges))


def test_an_arrow_ends_at_its_head_and_stands_where_it_stood(engine):
    for graph in CASES.values():
        picture = etree.fromstring(full(graph, engine))
        (shift,) = find(picture, "s:g/@transform")
        right, down = (float(n) for n in shift.rpartition("(")[2].rstrip(")").split())
        drawn = {}
        for arrow in find(picture, "//s:g[contains(@class, 'callpath-edge')]"):
            tips = numbers(find(arrow, "string(.//s:polygon/@points)"))
            key = (arrow.get("data-source"), arrow.get("data-target"), arrow.get("class"))
            drawn[key] = [(x + right, y + down) for x, y in zip(tips[::2], tips[1::2], strict=True)]
        for arrow in find(etree.fromstring(compact(graph, engine)), "//s:path[@data-source]"):
            source, target = (
                f"{graph.name}-{arrow.get(f'data-{end}')}" for end in ("source", "target")
            )
            if source == target or graph.name == "cycle":
                continue  # several arrows between the same boxes
            points = drawn[source, target, arrow.get("class")]
            *_, across, below = ends(arrow.get("d"))
            assert min(abs(x - across) + abs(y - below) for x, y in points) < 7


def test_a_reversed_arrow_has_its_head_at_its_target(engine):
    root = etree.fromstring(compact(cyclic(), engine))
    boxes = {
        box.get("data-node"): [
            float(find(box, f"string(s:rect/@{name})")) for name in ("x", "width")
        ]
        for box in find(root, "//*[@data-node]")
    }
    for arrow in find(root, "//s:path[@data-source]"):
        start, _, end, _ = ends(arrow.get("d"))
        source, target = boxes[arrow.get("data-source")], boxes[arrow.get("data-target")]
        assert abs(start - sum(source)) < 3  # leaves at the right
        assert abs(end - target[0]) < 9  # comes in at the left, a head's length before


def test_it_is_small(engine):
    graph = large(130)
    picture = full(graph, engine)
    small = to_compact_svg(picture, titles=False)
    assert len(small) < len(picture) / 2
    root = etree.fromstring(small)
    assert len(list(root.iter())) <= 4 * len(graph.nodes) + len(graph.edges) + 12
    assert find(root, "//s:path//s:title") == []
    unset = ("fill", "stroke", "font-size", "rx", "stroke-width", "id", "tabindex")
    for shape in find(root, "//s:path | //s:rect | //s:text | //s:a"):
        assert [name for name in unset if shape.get(name)] == []


def test_arrows_keep_their_tooltips_where_they_are_wanted(engine):
    root = etree.fromstring(compact(nested(), engine))
    assert "经指针" in find(root, "//s:path/s:title/text()")
    labels = find(root, "//s:text[preceding-sibling::*[1][self::s:path]]/text()")
    assert labels == ["hardware_setup", "✗ misc"]


def test_heads_are_shared_and_named_after_the_graph(engine):
    root = etree.fromstring(compact(nested(), engine))
    assert find(root, "//s:marker/@id") == [
        f"kvm-init--{head}" for head in ("head", "vee", "fault")
    ]
    for group in find(root, "//s:g[@marker-end]"):
        assert group.get("marker-end")[5:-1] in find(root, "//s:marker/@id")
    ids = find(root, "//@id")
    assert len(set(ids)) == len(ids)
    assert all(name == "kvm-init" or name.startswith("kvm-init--") for name in ids)
    assert find(root, "string(//*[@id=/*/@aria-labelledby])") == "KVM 初始化"
    assert find(root, "string(//*[@id=/*/@aria-describedby])").startswith("从")
    assert root.get("role") == "group"


def test_boxes_that_open_something_say_what(engine):
    picture = compact(nested(), engine, opens={"svm_init": "3", "kvm_init": ""})
    boxes = find(etree.fromstring(picture), "//*[@data-opens]")
    assert [(box.get("data-node"), box.get("data-opens")) for box in boxes] == [
        ("svm_init", "3"),
        ("kvm_init", ""),
    ]


def test_hostile_texts_stay_text(engine):
    picture = compact(hostile(), engine)
    page = html.fromstring(f"<main>{picture}</main>")
    assert page.xpath("//script | //b | //i | //@onload") == []
    assert [box.xpath("string(text)") for box in page.xpath("//a")] == [
        one_line(text) for text in HOSTILE
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (-0.04, "0"),
        (0.5, ".5"),
        (-0.25, "-.2"),
        (12.0, "12"),
        (3.14, "3.1"),
        (-7.96, "-8"),
    ],
)
def test_numbers_are_short(value, text):
    assert short_number(value) == text


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("M0,0C1,0 2,0 3,0", "M1 2h3"),
        ("M0,0C1,1 2,2 3,3", "M1 2l3 3"),
        ("M0,0C1,0 2,3 3,3", "M1 2c1 0 2 3 3 3"),
        ("M.5,0C1,-1.25 2,3 3,3 4,3 5,0 6,.5", "M1.5 2c.5-1.2 1.5 3 2.5 3c1 0 2-3 3-2.5"),
        ("", ""),
    ],
)
def test_paths_are_short_and_relative(path, text):
    assert short_path(path, (1.0, 2.0)) == text


def test_steps_of_a_path_add_up_to_where_it_ends():
    points = [(number * 0.333, number * 1.777) for number in range(301)]
    path = "M" + ",".join(map(str, points[0])) + "C" + " ".join(f"{x},{y}" for x, y in points[1:])
    *_, across, down = ends(short_path(path, (0.0, 0.0)))
    assert (round(across, 1), round(down, 1)) == (99.9, 533.1)

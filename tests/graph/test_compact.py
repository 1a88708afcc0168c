"""The form of pictures for pages: nothing of the graph is lost, and little is said twice."""

import os
import re
import shutil
from collections import Counter

import pytest
from graph_goldens.cases import CASES, HOSTILE, cyclic, hostile, large, nested
from lxml import etree, html

from callpath.cache import Cache
from callpath.graph import engine as engines
from callpath.graph.dot import to_dot
from callpath.graph.engine import Asked, GraphCache
from callpath.graph.model import EdgeStyle
from callpath.graph.svg import HEADS, compact_svg, full_svg, short_path
from callpath.model import one_line

SPACES = {"s": "http://www.w3.org/2000/svg", "x": "http://www.w3.org/1999/xlink"}


@pytest.fixture(params=["graphviz-pure", "dot"])
def engine(request, monkeypatch):
    monkeypatch.delenv(engines.VARIABLE, raising=False)
    if request.param == "dot" and shutil.which("dot") is None:
        reason = "`dot` not found: install the Debian package graphviz"
        (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)
    return request.param


def full(graph, engine):
    return full_svg(GraphCache(engine).draw(to_dot(graph)))


def compact(graph, engine, **options):
    drawing = GraphCache(engine).draw(to_dot(graph))
    return compact_svg(drawing, **({"titles": True} | options))


def find(element, path):
    return element.xpath(path, namespaces=SPACES)


def boxes_of(root):
    """The boxes by the graph's ids, in order."""
    boxes = find(root, "//*[contains(@class, 'callpath-node')]")
    return {box.get("data-node") or find(box, "string(@x:href)")[1:]: box for box in boxes}


def ends_of(root, arrow):
    """The ids of the boxes that an arrow comes from and goes to."""
    ids = list(boxes_of(root))
    return tuple(ids[int(number)] for number in arrow.get("data-ends").split())


def middle_of(box):
    """Where the middle of a box's upper edge is."""
    return [int(number) for number in re.findall(r"-?\d+", box.get("transform"))]


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
    boxes = boxes_of(root)
    assert list(boxes) == [node.id for node in graph.nodes]
    for node, box in zip(graph.nodes, boxes.values(), strict=True):
        assert box.get("class").split() == [
            *("callpath-node", f"callpath-{node.kind}", *node.classes),
        ]
        lines = [one_line(line) for line in (node.label, node.detail) if line]
        assert find(box, "s:text/text()") == lines
        assert len(find(box, "s:rect")) == 1
        assert (box.tag == f"{{{SPACES['s']}}}a") == bool(find(box, "@x:href")) == bool(node.href)
    arrows = find(root, "//s:path[starts-with(@class, 'callpath-edge')]")
    assert Counter((*ends_of(root, arrow), arrow.get("class")) for arrow in arrows) == (
        Counter((e.source, e.target, f"callpath-edge callpath-{e.style}") for e in graph.edges)
    )


def test_what_a_link_says_is_not_said_again(engine):
    root = etree.fromstring(compact(nested(), engine))
    for box in find(root, "//s:a"):
        assert box.get("data-node") != find(box, "string(@x:href)")[1:]


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
        root = etree.fromstring(compact(graph, engine))
        for arrow in find(root, "//s:path[@data-ends]"):
            source, target = (f"{graph.name}-{end}" for end in ends_of(root, arrow))
            if source == target or graph.name == "cycle":
                continue  # several arrows between the same boxes
            points = drawn[source, target, arrow.get("class")]
            *_, across, below = ends(arrow.get("d"))
            assert min(abs(x - across) + abs(y - below) for x, y in points) < 7.5


def test_a_box_stands_where_it_stood(engine):
    for graph in CASES.values():
        picture = etree.fromstring(full(graph, engine))
        (shift,) = find(picture, "s:g/@transform")
        right, down = (float(n) for n in shift.rpartition("(")[2].rstrip(")").split())
        frames = {
            group.get("data-node").removeprefix(f"{graph.name}-"): [
                float(find(group, f"string(.//s:rect/@{name})"))
                for name in ("x", "y", "width", "height")
            ]
            for group in find(picture, "//s:g[contains(@class, 'callpath-node')]")
        }
        for name, box in boxes_of(etree.fromstring(compact(graph, engine))).items():
            left, top, width, height = frames[name]
            assert middle_of(box) == pytest.approx([left + width / 2 + right, top + down], abs=0.6)
            size = [float(find(box, f"string(s:rect/@{side})")) for side in ("width", "height")]
            assert size == pytest.approx([width, height], abs=0.6)


def test_a_reversed_arrow_has_its_head_at_its_target(engine):
    root = etree.fromstring(compact(cyclic(), engine))
    sides = {
        name: [
            middle_of(box)[0] + sign * float(find(box, "string(s:rect/@width)")) / 2
            for sign in (-1, 1)
        ]
        for name, box in boxes_of(root).items()
    }
    for arrow in find(root, "//s:path[@data-ends]"):
        start, _, end, _ = ends(arrow.get("d"))
        source, target = ends_of(root, arrow)
        assert abs(start - sides[source][1]) < 3  # leaves at the right
        assert abs(end - sides[target][0]) < 9  # comes in at the left, a head's length before


def test_it_is_small(engine):
    graph = large(130)
    picture = full(graph, engine)
    small = compact(graph, engine, titles=False)
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
    assert labels == ["hardware_setup", "?", "✎ run", "½ open", "…", "✗ misc"]


def test_rare_lines_bring_their_dashes(engine):
    root = etree.fromstring(compact(nested(), engine))
    found = find(root, "//s:path[@stroke-dasharray]")
    dashes = {path.get("class").split()[1]: path.get("stroke-dasharray") for path in found}
    assert dashes == {
        f"callpath-{style}": style.line.dash for style in EdgeStyle if style.line.dash
    }
    painted = {path.get("class").split()[1] for path in find(root, "//s:path[@style]")}
    assert painted == {"callpath-half", "callpath-not-searched", "callpath-not-locked"}


def test_heads_are_shared_and_named_after_the_graph(engine):
    root = etree.fromstring(compact(nested(), engine))
    assert find(root, "//s:marker/@id") == [f"kvm-init--{head}" for head in HEADS]
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
    ids = {box: name for name, box in boxes_of(boxes[0].getroottree().getroot()).items()}
    assert [(ids[box], box.get("data-opens")) for box in boxes] == [
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
    ("path", "text"),
    [
        ("M0,0C1,0 2,0 3,0", "M1 2h3"),
        ("M0,0C1,1 2,2 3,3", "M1 2l3 3"),
        ("M0,0C1,0 2,3 3,3", "M1 2c1 0 2 3 3 3"),
        ("M.3,0C1,-1.25 2,3 3,3 4,3 5,0 6,-.7", "M1 2c1-1 2 3 3 3c1 0 2-3 3-4"),
        ("M0,0C10,.4 20,.4 30,0", "M1 2h30"),
        ("M0,0C10,.6 20,.6 30,0", "M1 2c10 1 20 1 30 0"),
        ("M0,-.04C1,-8 2,-8 12.04,-7.96", "M1 2c1-8 2-8 12-8"),
        ("", ""),
    ],
)
def test_paths_are_short_and_relative(path, text):
    assert short_path(path, (1.0, 2.0)) == text


def test_steps_of_a_path_add_up_to_where_it_ends():
    points = [(number * 0.333, number * 1.777) for number in range(301)]
    path = "M" + ",".join(map(str, points[0])) + "C" + " ".join(f"{x},{y}" for x, y in points[1:])
    *_, across, down = ends(short_path(path, (0.0, 0.0)))
    assert (across, down) == (100, 533)


def test_pictures_that_are_drawn_together_are_those_that_are_drawn_alone(engine, tmp_path):
    asked = [Asked(graph, True) for graph in (nested(), cyclic(), large(), hostile())]
    cache = GraphCache(engine, Cache(tmp_path))
    cache.prepare(asked)
    assert cache.drawn == (len(asked) if engine == "graphviz-pure" else 0)
    pictures = [cache.picture(each) for each in asked]
    assert pictures == [compact(each.graph, engine) for each in asked]
    assert cache.drawn == len(asked)

    cache.flush()
    later = GraphCache(engine, Cache(tmp_path))
    later.prepare(asked)
    assert [later.picture(each) for each in asked] == pictures
    assert later.drawn == 0


def test_pictures_that_cannot_be_kept_are_kept_in_memory(engine, tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    asked = [Asked(graph, True) for graph in (nested(), cyclic())]
    cache = GraphCache(engine, Cache(tmp_path / "file"))
    for _ in range(2):
        cache.prepare(asked)
        assert [cache.picture(each) for each in asked]
        cache.flush()
    assert cache.drawn == len(asked)

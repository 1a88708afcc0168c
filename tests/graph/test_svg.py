"""Pictures by both engines, the order of engines, and the cache.

The SVG is looked at as XML: its bytes differ from engine to engine and from version to version.
"""

import os
import shutil
import stat
from collections import Counter

import pytest
from graph_goldens.cases import CASES, HOSTILE, chinese, cyclic, hostile, large, nested
from lxml import etree, html

from callpath.cache import Cache
from callpath.findings import EngineError
from callpath.graph import engine as engines
from callpath.graph.dot import to_dot
from callpath.graph.engine import GraphCache
from callpath.graph.model import EdgeStyle
from callpath.graph.svg import full_svg, read_drawing
from callpath.model import one_line

SVG = "http://www.w3.org/2000/svg"
SPACES = {"s": SVG, "x": "http://www.w3.org/1999/xlink"}


@pytest.fixture(params=["graphviz-pure", "dot"])
def engine(request):
    if request.param == "dot" and shutil.which("dot") is None:
        reason = "`dot` not found: install the Debian package graphviz"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return request.param


@pytest.fixture(autouse=True)
def no_variable(monkeypatch):
    monkeypatch.delenv(engines.VARIABLE, raising=False)


def draw(dot, engine="auto", **options):
    return full_svg(GraphCache(engine, **options).draw(dot))


def parsed(graph, engine):
    return etree.fromstring(draw(to_dot(graph), engine=engine))


def find(element, path):
    return element.xpath(path, namespaces=SPACES)


def boxes(root):
    return find(root, "//s:g[contains(@class, 'callpath-node')]")


def arrows(root):
    return find(root, "//s:g[contains(@class, 'callpath-edge')]")


# --- the picture -----------------------------------------------------------------------------


def test_every_box_has_id_class_link_frame_and_two_lines(engine):
    graph = nested()
    found = {box.get("id"): box for box in boxes(parsed(graph, engine))}
    assert list(found) == [graph.element_id(node.id) for node in graph.nodes]
    for node in graph.nodes:
        box = found[graph.element_id(node.id)]
        assert box.get("class") == f"callpath-node callpath-{node.kind}"
        assert find(box, "s:a/@x:href") == [node.href]
        assert find(box, "string(s:title)") == node.tooltip
        assert len(find(box, "s:a/s:rect")) == 1
        assert find(box, "s:a/s:text/@class") == ["callpath-name", "callpath-detail"]
        assert find(box, "s:a/s:text/text()") == [node.label, node.detail]


def test_every_arrow_has_class_ends_and_line(engine):
    graph = nested()
    found = arrows(parsed(graph, engine))
    ends = {(a.get("data-source"), a.get("data-target")): a.get("class") for a in found}
    assert ends == {
        (graph.element_id(edge.source), graph.element_id(edge.target)): (
            f"callpath-edge callpath-{edge.style}"
        )
        for edge in graph.edges
    }
    assert {edge.style for edge in graph.edges} == set(EdgeStyle)
    for arrow in found:
        assert len(find(arrow, ".//s:path[@class='callpath-line']")) == 1
        assert find(arrow, ".//s:polygon[@class='callpath-head']")


def test_only_linked_arrows_have_a_wide_twin(engine):
    graph = nested()
    found = arrows(parsed(graph, engine))
    linked = [arrow for arrow in found if find(arrow, "s:a")]
    assert sorted(find(arrow, "string(s:a/@x:href)") for arrow in linked) == sorted(
        edge.href for edge in graph.edges if edge.href
    )
    for arrow in linked:
        (twin,) = find(arrow, "s:a/s:path[@class='callpath-hit']")
        assert twin.get("d") == find(arrow, "string(s:a/s:path[@class='callpath-line']/@d)")
        assert twin.get("pointer-events") == "stroke"
        assert find(arrow, "s:a/@tabindex") == ["-1"]
        assert find(arrow, "string(s:a/s:title)")
    assert not [a for a in found if a not in linked and find(a, ".//*[@class='callpath-hit']")]


def test_lines_that_dot_does_not_have_get_their_dashes(engine):
    graph = nested()
    found = {
        arrow.get("class").rpartition("callpath-")[2]: find(
            arrow, "string(.//s:path[@class='callpath-line']/@stroke-dasharray)"
        )
        for arrow in arrows(parsed(graph, engine))
    }
    dashed = {style: style.line.dash for style in EdgeStyle if style.line.dash}
    assert len(set(dashed.values())) == len(dashed) == 4
    assert {style: found[style] for style in dashed} == dashed
    assert not set(dashed.values()) & {found[style] for style in found.keys() - dashed.keys()}


def test_label_of_an_arrow_is_text(engine):
    found = arrows(parsed(nested(), engine))
    assert [text for arrow in found for text in find(arrow, ".//s:text/text()")] == [
        "hardware_setup",
        "✗ misc",
        "✎ run",
        "½ open",
        "…",
        "?",
    ]


@pytest.mark.parametrize("case", CASES)
def test_ids_are_unique_and_start_with_the_graphs_name(case, engine):
    graph = CASES[case]
    ids = find(parsed(graph, engine), "//@id")
    assert [name for name, count in Counter(ids).items() if count > 1] == []
    assert all(name == graph.name or name.startswith(f"{graph.name}-") for name in ids)


def test_arrows_between_the_same_boxes_are_told_apart(engine):
    ids = {arrow.get("id") for arrow in arrows(parsed(cyclic(), engine))}
    assert ids == {"cycle-a--b", "cycle-a--b-2", "cycle-b--a", "cycle-b--b", "cycle-c--d"}


def test_names_that_dot_would_misread_keep_their_ends(engine):
    graph = chinese()
    found = arrows(parsed(graph, engine))
    assert {(a.get("data-source"), a.get("data-target")) for a in found} == {
        (graph.element_id(edge.source), graph.element_id(edge.target)) for edge in graph.edges
    }


def test_outer_element_is_named_scalable_and_without_prolog(engine):
    text = draw(to_dot(nested()), engine=engine)
    assert text.startswith("<svg ")
    assert "<!--" not in text
    root = etree.fromstring(text)
    assert root.get("viewBox")
    assert root.get("width") is root.get("height") is None
    assert root.get("class") == "callpath-graph"
    assert find(root, "string(//*[@id=/*/@aria-labelledby])") == "KVM 初始化"
    assert find(root, "string(//*[@id=/*/@aria-describedby])") == "从 module_init 到 kvm_dev_ioctl"


def test_picture_with_links_is_no_image(engine):
    assert parsed(nested(), engine).get("role") == "group"
    assert parsed(large(2), engine).get("role") == "img"


def test_picture_without_description_points_at_none(engine):
    root = parsed(cyclic(), engine)
    assert root.get("aria-describedby") is None
    assert find(root, "//s:desc") == []


def test_nothing_paints_behind_the_graph_or_names_a_font(engine):
    root = parsed(nested(), engine)
    assert find(root, "//@*[. = 'transparent']") == []
    assert find(root, "//*[@style] | //s:style") == []
    assert find(root, "//s:text/@font-family") == []
    colours = {*find(root, "//@fill"), *find(root, "//@stroke")} - {"none"}
    assert all(colour.startswith("#") and len(colour) == 7 for colour in colours)


def test_hostile_texts_stay_text(engine):
    graph = hostile()
    root = parsed(graph, engine)
    texts = [one_line(text) for text in HOSTILE]
    assert {etree.QName(element).localname for element in root.iter()} == {
        *("svg", "title", "desc", "g", "a", "rect", "text", "path", "polygon")
    }
    assert [find(box, "string(.//s:text)") for box in boxes(root)] == texts
    assert [find(box, "string(s:title)") for box in boxes(root)] == texts
    by_id = {arrow.get("id"): arrow for arrow in arrows(root)}
    for number, text in enumerate(texts[:-1]):
        arrow = by_id[f"hostile-h{number}--h{number + 1}"]
        assert find(arrow, "string(.//s:text)") == text
        assert find(arrow, "string(.//s:title)") == text
    assert find(root, "string(s:title)") == one_line(graph.title)
    assert find(root, "string(s:desc)") == one_line(graph.description)


def test_hostile_texts_stay_text_for_a_parser_of_html(engine):
    page = html.fromstring(f"<main>{draw(to_dot(hostile()), engine=engine)}</main>")
    assert page.xpath("//script | //b | //i | //@onload") == []
    assert len(page.xpath("//a")) == 2 * len(HOSTILE) - 1


def test_same_text_same_bytes(engine):
    assert draw(to_dot(nested()), engine=engine) == draw(to_dot(nested()), engine=engine)


def test_both_engines_give_the_same_elements():
    if shutil.which("dot") is None and not os.environ.get("CI"):
        pytest.skip("`dot` not found: install the Debian package graphviz")
    moving = {"d", "points", "x", "y", "width", "height", "viewBox", "transform"}

    def elements(engine):
        return [
            (item.tag, item.text, {k: v for k, v in item.attrib.items() if k not in moving})
            for item in parsed(nested(), engine).iter()
        ]

    assert elements("graphviz-pure") == elements("dot")


@pytest.mark.parametrize("text", [b"", b"<svg", b"<html/>", b'<svg xmlns="%s"/>' % SVG.encode()])
def test_something_else_than_a_picture_is_refused(text):
    with pytest.raises(EngineError, match="the graph engine wrote"):
        read_drawing(text)


# --- engines ---------------------------------------------------------------------------------


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Make a program of a name on an otherwise empty PATH; graphviz-pure is not installed."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(engines, "_installed_program", lambda package: None)

    def make(name, script):
        path = folder / name
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    return make


PICTURE = f"""echo '<svg xmlns="{SVG}"><g id="x" class="graph"/></svg>'"""


def names(setting="auto"):
    return [engine.name for engine in engines.find_engines(setting)]


def test_best_engine_first(program):
    program("dot", "echo dot 2")
    assert names() == ["dot"]
    program("graphviz-pure", "echo pure 1")
    assert names() == ["graphviz-pure", "dot"]
    assert [engine.version for engine in engines.find_engines()] == ["pure 1", "dot 2"]


def test_setting_decides_before_the_environment(program, monkeypatch):
    program("dot", "echo dot 2")
    program("graphviz-pure", "echo pure 1")
    monkeypatch.setenv(engines.VARIABLE, "dot")
    assert names() == ["dot"]
    assert names("graphviz-pure") == ["graphviz-pure"]


def test_engine_that_does_not_start_is_passed_over(program):
    program("graphviz-pure", "exit 1")
    program("dot", "echo dot 2")
    assert names() == ["dot"]


def test_no_engine_says_what_to_install(program):
    with pytest.raises(EngineError, match="`graphviz-pure` and `dot` not found") as raised:
        draw("digraph {}")
    assert "pip install graphviz-pure" in raised.value.hint
    assert "apt install graphviz" in raised.value.hint


def test_wanted_engine_is_missing(program):
    program("graphviz-pure", "echo pure 1")
    with pytest.raises(EngineError, match="`dot` not found") as raised:
        draw("digraph {}", engine="dot")
    assert "pip" not in raised.value.hint


def test_no_engine_wanted(program, monkeypatch):
    program("dot", "echo dot 2")
    monkeypatch.setenv(engines.VARIABLE, "none")
    with pytest.raises(EngineError, match="switched off"):
        draw("digraph {}")


def test_unknown_engine_is_told_with_the_known_ones():
    with pytest.raises(EngineError, match="unknown graph engine `neato`") as raised:
        draw("digraph {}", engine="neato")
    assert raised.value.hint == "one of `auto`, `graphviz-pure`, `dot`, `none`"


def test_second_engine_draws_what_the_first_cannot(program):
    program("graphviz-pure", '[ "$1" = -V ] && echo pure 1 || { echo boom >&2; exit 3; }')
    program("dot", f'[ "$1" = -V ] && echo dot 2 || {PICTURE}')
    assert draw("digraph {}").startswith("<svg ")
    with pytest.raises(EngineError, match="`graphviz-pure` failed with status 3: boom"):
        draw("digraph {}", engine="graphviz-pure")


def test_engine_that_takes_too_long(program):
    program("dot", '[ "$1" = -V ] && echo dot 2 || exec /bin/sleep 30')
    with pytest.raises(EngineError, match=r"`dot` took longer than 0\.2 seconds"):
        draw("digraph {}", engine="dot", time_limit=0.2)


def test_faulty_dot_text_is_told(engine):
    with pytest.raises(EngineError, match=f"`{engine}` failed with status 1: .*syntax error"):
        draw("digraph {", engine=engine)


def test_package_is_found_without_path(monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert names("graphviz-pure") == ["graphviz-pure"]


# --- the cache -------------------------------------------------------------------------------


def counts(cache):
    return cache.drawn, cache.reused


def test_rebuild_after_one_edit_draws_one_graph():
    cache = GraphCache("graphviz-pure")
    before = [to_dot(graph) for graph in CASES.values()]
    pictures = [full_svg(cache.draw(dot)) for dot in before]
    assert counts(cache) == (len(before), 0)
    after = [to_dot(large(3)), *before[1:]]
    assert [full_svg(cache.draw(dot)) for dot in after][1:] == pictures[1:]
    assert counts(cache) == (len(before) + 1, len(before) - 1)


def test_directory_serves_another_process(tmp_path):
    dot = to_dot(nested())
    first, second = (GraphCache("graphviz-pure", Cache(tmp_path / "cache")) for _ in range(2))
    assert full_svg(first.draw(dot)) == full_svg(second.draw(dot))
    assert (counts(first), counts(second)) == ((1, 0), (0, 1))


def test_engines_do_not_share_pictures(tmp_path, engine):
    GraphCache("graphviz-pure", Cache(tmp_path)).draw(to_dot(nested()))
    cache = GraphCache(engine, Cache(tmp_path))
    cache.draw(to_dot(nested()))
    assert counts(cache) == ((0, 1) if engine == "graphviz-pure" else (1, 0))


@pytest.mark.parametrize(
    "damage",
    [
        lambda entry: b"",
        lambda entry: entry[:-9],
        lambda entry: entry.replace(b"svm_init", b"xvm_init"),
        lambda entry: b"\xff\xfe" + entry,
        lambda entry: entry.partition(b"\n")[2],
    ],
)
def test_damaged_entry_is_drawn_again_and_mended(tmp_path, damage):
    dot = to_dot(nested())
    picture = full_svg(GraphCache("graphviz-pure", Cache(tmp_path)).draw(dot))
    (entry,) = (tmp_path / "graphs").iterdir()
    entry.write_bytes(damage(entry.read_bytes()))
    cache, later = (GraphCache("graphviz-pure", Cache(tmp_path)) for _ in range(2))
    assert full_svg(cache.draw(dot)) == picture
    assert counts(cache) == (1, 0)
    assert full_svg(later.draw(dot)) == picture
    assert counts(later) == (0, 1)


def test_directory_that_cannot_be_written_is_no_fault(tmp_path):
    (tmp_path / "file").touch()
    cache = GraphCache("graphviz-pure", Cache(tmp_path / "file" / "cache"))
    assert full_svg(cache.draw(to_dot(nested()))).startswith("<svg ")
    assert counts(cache) == (1, 0)


def test_entry_is_whole_or_not_there(tmp_path):
    GraphCache("graphviz-pure", Cache(tmp_path)).draw(to_dot(nested()))
    (entry,) = (tmp_path / "graphs").iterdir()
    assert len(entry.name) == 64


def test_failure_is_not_kept(tmp_path, program):
    program("dot", '[ "$1" = -V ] && echo dot 2 || exit 1')
    cache = GraphCache("dot", Cache(tmp_path / "cache"))
    with pytest.raises(EngineError):
        cache.draw("digraph {}")
    program("dot", f'[ "$1" = -V ] && echo dot 2 || {PICTURE}')
    assert full_svg(cache.draw("digraph {}")).startswith("<svg ")
    assert counts(cache) == (1, 0)

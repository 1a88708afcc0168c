"""The templates: they print what the views say, escape it, and name nothing that is not there."""

import json
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest
import yaml
from lxml import html as lxml_html

from callpath.graph.model import (
    LEGEND_BOXES,
    LEGEND_LINES,
    EdgeStyle,
    Graph,
    GraphEdge,
    GraphNode,
    Legend,
    outline,
)
from callpath.site.strings import strings_for
from callpath.site.templates import (
    PageRenderer,
    front_matter,
    templates_folder,
)
from callpath.site.views import (
    DefinitionView,
    FaultView,
    FileView,
    FolderView,
    GraphView,
    NameLink,
    PartView,
    SymbolGroup,
    SymbolLine,
    SymbolView,
)

RENDERER = PageRenderer(strings_for("en"), "elixir.bootlin.com")
EVIL = "\"'><script>x</script>&amp;"

DEFINITION = DefinitionView(
    version="v3.7",
    signature="int f(void)",
    path="a.c",
    line=3,
    start=2,
    end=9,
    url="https://x.test/a.c#L3",
    range_url="https://x.test/a.c#L2-L9",
    condition="",
    occurrence=1,
    of=1,
)
LINK = NameLink("f", "../f/", "a.c")
SYMBOL = SymbolView(
    name="f",
    kind="function",
    project="linux",
    path="a.c",
    file=NameLink("a.c", "../"),
    index=NameLink("", "../../files/"),
    definitions=(DEFINITION,),
    steps=(),
    mentions=(),
    callers=(),
    callees=(),
    previous=None,
    next=None,
)
LINE = SymbolLine(LINK, "function", "a.c", 3, "https://x.test/a.c#L3", "int f(void)", 2)
VERSIONS = (NameLink("v3.7", "https://x.test/a.c"),)
FILE = FileView("linux", "a.c", VERSIONS, NameLink("", "../files/"), (LINE,))


def page(html: str) -> Any:
    return lxml_html.fromstring(html)


def evil(view: Any) -> Any:
    """A view whose every text is hostile, but those that choose words."""
    changes: dict[str, Any] = {}
    for field in fields(view):
        value = getattr(view, field.name)
        if is_dataclass(value):
            changes[field.name] = evil(value)
        elif isinstance(value, tuple):
            changes[field.name] = tuple(evil(item) for item in value)
        elif isinstance(value, str) and field.name != "kind":
            changes[field.name] = EVIL
    return replace(view, **changes)


@pytest.mark.parametrize(
    "html",
    [
        RENDERER.symbol(evil(replace(SYMBOL, callers=(LINK,), callees=(LINK,), previous=LINK))),
        RENDERER.file(evil(FILE)),
        RENDERER.symbols((evil(SymbolGroup("F", (LINE,))),)),
        RENDERER.files(FolderView("", (), ((evil(LINK), 2),)), 1),
        RENDERER.faulty(EVIL, [FaultView(EVIL, EVIL, EVIL, EVIL, EVIL)]),
    ],
    ids=["symbol", "file", "symbols", "files", "faulty"],
)
def test_every_text_of_a_view_is_escaped(html: str) -> None:
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    parsed = page(html)
    assert not parsed.xpath("//script")
    for attribute in ("href", "title"):
        for value in parsed.xpath(f"//@{attribute}"):
            assert ("script" in value) <= (EVIL in value)


def test_a_symbols_page() -> None:
    twice = replace(DEFINITION, occurrence=2, of=3, condition="CONFIG_X")
    html = RENDERER.symbol(replace(SYMBOL, definitions=(twice,), callers=(LINK,)))
    parsed = page(html)
    assert parsed.xpath("string(//h1)") == "f"
    assert [link.get("href") for link in parsed.xpath("//p/a")] == [
        "https://x.test/a.c#L3",
        "https://x.test/a.c#L2-L9",
    ]
    assert "definition 2 of 3" in html
    assert "lines 2–9" in html
    assert "CONFIG_X" in html
    assert parsed.xpath("//h2/@id") == ["steps", "callers"]


def test_a_symbol_that_is_not_locked_says_so() -> None:
    assert "not locked" in RENDERER.symbol(replace(SYMBOL, definitions=()))


def test_a_files_page_lists_lines() -> None:
    unlocked = replace(LINE, line=0, url="", signature="")
    rows = page(RENDERER.file(replace(FILE, symbols=(LINE, unlocked)))).xpath("//tbody/tr")
    assert [row.xpath("string(td[1])") for row in rows] == ["3", "–"]
    assert rows[0].xpath("td[1]/a/@href") == ["https://x.test/a.c#L3"]


def test_a_graph_without_picture_is_an_open_list() -> None:
    nodes = (
        GraphNode("a", "a<b>", "function", 1, "a.c:1", "#a", ""),
        GraphNode("b", "b", "function", 2, "", "#b", ""),
    )
    graph = Graph("g", "The <title>", "", nodes, (GraphEdge("a", "b", EdgeStyle.CALL),))
    view = GraphView(graph.title, "", (), None, outline(graph))
    without = RENDERER.graph(view)
    assert "<details" in without
    assert " open" in without
    assert "The &lt;title&gt;" in without
    assert page(without).xpath("//ul/li/ul/li/a/@href") == ["#b"]
    with_picture = page(RENDERER.graph(replace(view, svg="<svg></svg>")))
    assert with_picture.xpath("//div/svg")
    assert with_picture.xpath("//details[@class='callpath-outline'][not(@open)]//a/@href")


def test_a_graphs_figure_has_what_its_view_says() -> None:
    view = GraphView(
        title=EVIL,
        svg='<svg viewBox="0 0 120.5 40"></svg>',
        parts=(
            PartView("1", EVIL, "<svg id='one'></svg>"),
            PartView("2", "two", "", "../assets/2.js"),
        ),
        legend=Legend(("call", "unproved"), ("folded",)),
        outline=(),
        downloads=(NameLink("SVG", "../graphs/x.svg"),),
    )
    figure = page(RENDERER.graph(view))
    assert figure.xpath("//script") == []
    assert figure.xpath("string(//div/@style)") == (
        "--callpath-picture-width: 120.5; --callpath-picture-height: 40.0"
    )
    parts = figure.xpath("//template[@class='callpath-part']")
    assert [part.get("data-part") for part in parts] == ["1", "2"]
    assert [part.get("data-title") for part in parts] == [EVIL, "two"]
    assert [part.get("data-src") for part in parts] == [None, "../assets/2.js"]
    assert [part.xpath("string(.//svg/@id)") for part in parts] == ["one", ""]
    assert figure.xpath("//details[@class='callpath-legend']//li/svg/*/@class") == [
        "callpath-edge callpath-call",
        "callpath-edge callpath-unproved",
        "callpath-node callpath-folded",
    ]
    assert figure.xpath("//p[@class='callpath-downloads']/a/@href") == ["../graphs/x.svg"]
    assert figure.xpath("//details[@class='callpath-outline']") == []


def test_a_legend_has_words_for_all_that_it_can_show() -> None:
    for language in ("zh", "en"):
        strings = strings_for(language)
        assert tuple(strings.legend_lines) == LEGEND_LINES
        assert tuple(strings.legend_boxes) == LEGEND_BOXES


@pytest.mark.parametrize(
    "title", ["plain", 'with "quotes"', "a: b # c", "'", "第一步", "\\", "- x", "{a}", "yes", "1"]
)
def test_front_matter_is_yaml_that_says_the_same(title: str) -> None:
    text = front_matter(title, title)
    assert text.startswith("---\n")
    assert text.endswith("---\n\n")
    assert yaml.safe_load(text.split("---")[1]) == {"title": title, "description": title}
    assert "description" not in front_matter(title, "")
    assert json.dumps(title, ensure_ascii=False) in text


def test_templates_say_what_they_take() -> None:
    for template in sorted((templates_folder() / "callpath").glob("*.*")):
        head = template.read_text(encoding="utf-8").partition("-#}")[0]
        assert head.startswith("{#-"), template.name
        assert "Context:" in head or template.name.endswith("macros.html")

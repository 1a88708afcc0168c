"""The templates: they print what the views say, escape it, and name nothing that is not there."""

import json
from typing import Any

import pytest
import yaml
from lxml import html as lxml_html
from made_sites import ELIXIR, site_of
from markupsafe import Markup

from callpath.facts.lock import Lock, LockedDefinition, make_lock
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
from callpath.model import Definition, SymbolKind
from callpath.notebook import Notebook
from callpath.settings import PluginConfig
from callpath.site.site import Site
from callpath.site.strings import strings_for
from callpath.site.templates import front_matter, render, templates_folder
from callpath.site.views import NameLink, PartView
from kernel import PIN

EVIL = "\"'><script>x</script>&amp;"
LAMP_C, LAMP_H = "drivers/lamp/lamp.c", "include/linux/lamp.h"


def page(html: str) -> Any:
    return lxml_html.fromstring(html)


def printed(site: Site, path: str) -> Any:
    return page(site.content(path, ""))


def evil_lock() -> Lock:
    """A lockfile whose every text is hostile, on the symbol `f` of `a.c`."""
    found = Definition("a.c", "f", SymbolKind.FUNCTION, 3, 2, 9, EVIL, EVIL, EVIL)
    return make_lock([], [LockedDefinition("linux", "v3.7", found)])


def evil_site() -> Site:
    text = json.dumps(EVIL)
    note = f"title: {text}\nsteps:\n  - function: f\n    file: a.c\n    commentary: {text}\n"
    note += "    steps:\n      - function: g\n        file: a.c\n"
    return site_of(
        Notebook.load(
            {"a.yml": note.encode(), f"{EVIL}.yml": b"steps: ["},
            PluginConfig(pin=PIN),
            lock=evil_lock(),
        )
    )


@pytest.mark.parametrize(
    "path",
    [
        "source/linux/a.c/f.md",
        "source/linux/a.c.md",
        "symbols.md",
        f"{EVIL}.yml",
        "a.yml",
    ],
)
def test_every_text_is_escaped(path: str) -> None:
    html = evil_site().content(path, "")
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    parsed = page(html)
    assert not parsed.xpath("//script")
    for attribute in ("href", "title"):
        for value in parsed.xpath(f"//@{attribute}"):
            assert ("script" in value) <= (EVIL in value)


def test_a_symbols_page(locked: Notebook) -> None:
    shown = printed(site_of(locked), f"source/linux/{LAMP_C}/lamp_set.md")
    assert shown.xpath("string(//h1)") == "lamp_set"
    assert shown.xpath("//p[@class='callpath-where']/a/@href") == [
        f"{ELIXIR}/{LAMP_C}#L11",
        f"{ELIXIR}/{LAMP_C}#L11-L15",
    ]
    assert "lines 11–15" in shown.text_content()
    assert shown.xpath("//nav[@class='callpath-breadcrumbs']/a/@href") == [
        "../../../../../../files/",
        "../",
    ]
    assert shown.xpath("//nav[@class='callpath-neighbours']/a/@href") == [
        "../lamp_reset/",
        "../lamp_register/",
    ]
    (step,) = shown.xpath("//h2[@id='steps']/following-sibling::ul[1]/li")
    assert step.xpath("a/@href") == ["../../../../../../lamp/#lamp_set"]
    assert step.text_content() == "How a lamp starts 4/6Called by whoever turns the knob."
    assert shown.xpath("//h2[@id='callees']/following-sibling::ul[1]//a/@href") == [
        "../../../../include/linux/lamp.h/macro.lamp_clamp/"
    ]
    assert shown.xpath("//h2/@id") == ["call-graph", "steps", "mentions", "callees"]


def test_a_symbols_page_says_which_of_several_definitions_it_shows(locked: Notebook) -> None:
    shown = printed(site_of(locked), f"source/linux/{LAMP_H}/macro.lamp_clamp.md").text_content()
    assert "definition 2 of 2" in shown
    assert "!CONFIG_DIMMER" in shown


def test_a_symbol_that_is_not_locked_says_so() -> None:
    shown = printed(evil_site(), "source/linux/a.c/g.md")
    assert "not locked" in shown.text_content()


def test_a_files_page_lists_lines(locked: Notebook) -> None:
    rows = printed(site_of(locked), f"source/linux/{LAMP_C}.md").xpath("//tbody/tr")
    assert [row.xpath("string(td[1])") for row in rows] == ["5", "11", "22", "27"]
    assert rows[0].xpath("td[1]/a/@href") == [f"{ELIXIR}/{LAMP_C}#L5"]
    assert rows[0].xpath("th/a/@href") == ["lamp_reset/"]
    unlocked = printed(evil_site(), "source/linux/a.c.md").xpath("//tbody/tr")
    assert [row.xpath("string(td[1])") for row in unlocked] == ["3", "–"]


def figure(**view: Any) -> str:
    values = {"parts": (), "legend": None, "outline": (), "downloads": (), "waits": False}
    return render("graph.html", strings_for("en"), **values | view)


def test_a_graph_without_picture_is_an_open_list() -> None:
    nodes = (
        GraphNode("a", "a<b>", "function", 1, "a.c:1", "#a", ""),
        GraphNode("b", "b", "function", 2, "", "#b", ""),
    )
    graph = Graph("g", "The <title>", "", nodes, (GraphEdge("a", "b", EdgeStyle.CALL),))
    view = {"title": graph.title, "outline": outline(graph)}
    without = figure(**view, svg=Markup())
    assert "<details" in without
    assert " open" in without
    assert "The &lt;title&gt;" in without
    assert page(without).xpath("//ul/li/ul/li/a/@href") == ["#b"]
    with_picture = page(figure(**view, svg=Markup("<svg></svg>")))
    assert with_picture.xpath("//div/svg")
    assert with_picture.xpath("//details[@class='callpath-outline'][not(@open)]//a/@href")


def test_a_graphs_figure_has_what_its_view_says() -> None:
    html = figure(
        title=EVIL,
        svg=Markup('<svg viewBox="0 0 120.5 40"></svg>'),
        parts=(
            PartView("1", EVIL, Markup("<svg id='one'></svg>")),
            PartView("2", "two", Markup(), "../assets/2.js"),
        ),
        legend=Legend(("call", "unproved"), ("folded",)),
        downloads=(NameLink("SVG", "../graphs/x.svg"),),
    )
    shown = page(html)
    assert shown.xpath("//script") == []
    assert shown.xpath("string(//div/@style)") == (
        "--callpath-picture-width: 120.5; --callpath-picture-height: 40.0"
    )
    parts = shown.xpath("//template[@class='callpath-part']")
    assert [part.get("data-part") for part in parts] == ["1", "2"]
    assert [part.get("data-title") for part in parts] == [EVIL, "two"]
    assert [part.get("data-src") for part in parts] == [None, "../assets/2.js"]
    assert [part.xpath("string(.//svg/@id)") for part in parts] == ["one", ""]
    assert shown.xpath("//details[@class='callpath-legend']//li/svg/*/@class") == [
        "callpath-edge callpath-call",
        "callpath-edge callpath-unproved",
        "callpath-node callpath-folded",
    ]
    assert shown.xpath("//p[@class='callpath-downloads']/a/@href") == ["../graphs/x.svg"]
    assert shown.xpath("//details[@class='callpath-outline']") == []


def test_a_legend_has_words_for_all_that_it_can_show() -> None:
    for language in ("zh", "en"):
        strings = strings_for(language)
        assert tuple(strings.legend_lines) == LEGEND_LINES
        assert tuple(strings.legend_boxes) == LEGEND_BOXES


@pytest.mark.parametrize(
    "title", ["plain", 'with "quotes"', "a: b # c", "'", "第一步", "\\", "- x", "{a}", "yes", "1"]
)
def test_front_matter_is_yaml_that_says_the_same(title: str) -> None:
    text = front_matter({"title": title, "description": title, "more": {title: [title]}})
    assert text.startswith("---\n")
    assert text.endswith("---\n\n")
    assert yaml.safe_load(text.split("---")[1]) == {
        "title": title,
        "description": title,
        "more": {title: [title]},
    }
    assert "description" not in front_matter({"title": title, "description": ""})
    assert json.dumps(title, ensure_ascii=False) in text


def test_templates_say_what_they_take() -> None:
    for template in sorted((templates_folder() / "callpath").glob("*.*")):
        head = template.read_text(encoding="utf-8").partition("-#}")[0]
        assert head.startswith("{#-"), template.name
        assert "Context:" in head or template.name.endswith("macros.html")

"""DOT, Mermaid and JSON against `graph_goldens/`; `--update-goldens` rewrites them."""

import json
import re
from pathlib import Path

import pytest
from graph_goldens.cases import CASES, HOSTILE, cyclic, hostile, large, nested

from callpath.graph.dot import (
    LARGE,
    to_dot,
    to_json,
    to_mermaid,
)
from callpath.graph.model import EdgeStyle, Graph, GraphNode
from callpath.model import one_line
from callpath.site.templates import ASSETS, templates_folder

GOLDENS = Path(__file__).parent / "graph_goldens"
FORMS = {"dot": to_dot, "mmd": to_mermaid, "json": to_json}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("case", CASES)
def test_text_is_as_reviewed(case, form, update_goldens):
    golden = GOLDENS / f"{case}.{form}"
    # `hostile` holds half of a surrogate pair, which only JSON hands on.
    found = FORMS[form](CASES[case]).encode(errors="backslashreplace").decode()
    if update_goldens:
        golden.write_text(found, encoding="utf-8", newline="\n")
    assert found == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("form", FORMS)
def test_same_graph_same_text(form):
    assert FORMS[form](nested()) == FORMS[form](nested())


def test_large_graph_is_laid_out_with_less_effort_and_without_labels():
    picture = to_dot(large(LARGE + 1))
    assert " mclimit=0.3 " in picture
    assert " nslimit=1 " in picture
    assert "label=open" not in picture
    assert 'tooltip="f1 → f2 (open)"' in picture


def test_graph_at_the_limit_keeps_its_labels():
    picture = to_dot(large(LARGE))
    assert "nslimit" not in picture
    assert "label=open" in picture


def test_chinese_name_gets_room():
    picture = to_dot(CASES["chinese"])
    # `1 · 内核.c:1` is the longer line: two wide characters and eight narrow ones at 9 points.
    assert f"width={((2 * 1.0 + 8 * 0.602) * 9 + 14) / 72:.3f}" in picture


@pytest.mark.parametrize("scheme", ["javascript:alert(1)", "data:text/html,x", "vbscript:x"])
def test_address_that_is_no_web_address_is_left_out(scheme):
    poisoned = GraphNode("x", "x", "function", 1, "", scheme, "")
    assert "URL" not in to_dot(Graph("g", "", "", (poisoned,), ()))


def test_mermaid_links_only_to_absolute_addresses():
    assert "click" not in to_mermaid(nested())
    assert 'click n1 href "https://example.org/a?x=1&y=2#L1" "a"' in to_mermaid(cyclic())


def test_mermaid_text_holds_nothing_with_a_meaning():
    text = to_mermaid(hostile())
    for mark in ("%%", "<b>", "<script", "<!--"):
        assert mark not in text
    labels = [line for line in text.splitlines() if line.endswith(('"]', '"|'))]
    assert labels
    assert not [line for line in labels if set("`*\\") & set(line)]


def test_json_gives_the_texts_back():
    value = json.loads(to_json(hostile()))
    assert value["schema"] == 1
    assert [node["label"] for node in value["nodes"]] == list(HOSTILE)
    assert value["nodes"][0]["ordinal"] == 0
    assert value["edges"][0]["style"] == "pointer"


def test_one_line_drops_what_xml_cannot_hold():
    assert one_line("x\ty\nz\x00\x1b\ud800\ufffe!") == "x y z !"


def test_every_style_that_is_not_a_plain_line_looks_so_on_pages():
    sheet = (templates_folder() / ASSETS / "callpath.css").read_text(encoding="utf-8")
    drawn = [style for style in EdgeStyle if style.line.dot and not style.line.dash]
    assert drawn
    assert [each for each in drawn if not re.search(rf"\.callpath-{each}(?![\w-])", sheet)] == []

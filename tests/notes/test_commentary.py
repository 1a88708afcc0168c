"""Links in prose and names that link themselves, in the HTML that the site's Markdown makes."""

from typing import Any

import pytest
from markdown import Markdown

from callpath.model import Symbol
from callpath.notes.links import source_target
from callpath.notes.prose import LinkedName, ProseExtension

SITE_EXTENSIONS: list[Any] = [
    "tables",
    "footnotes",
    "pymdownx.highlight",
    "pymdownx.inlinehilite",
    "pymdownx.superfences",
]


def target(href: str) -> LinkedName | None:
    return LinkedName("lamp/", "lamp.c:5 <b>") if href == "src:lamp.c#lamp" else None


def name(name: str) -> LinkedName | None:
    return LinkedName(f"#{name}", f"about {name}") if name.startswith("lamp_") else None


def rendered(text: str, *extensions: Any) -> str:
    prose = ProseExtension(target, name)
    return Markdown(extensions=[*extensions, prose]).convert(text)


@pytest.mark.parametrize(
    ("href", "expected"),
    [
        ("src:a/b.c#f", (Symbol("a/b.c", "f"), 0)),
        ("src:a.h#struct.lamp", (Symbol("a.h", "lamp", "struct"), 0)),
        ("src:a.h#union.lamp", (Symbol("a.h", "lamp", "union"), 0)),
        ("src:a.h#enum.lamp", (Symbol("a.h", "lamp", "enum"), 0)),
        ("src:a.h#lamp.level", (Symbol("a.h", "lamp.level"), 0)),
        ("src:a.h#struct.lamp.level", (Symbol("a.h", "lamp.level", "struct"), 0)),
        ("src:a.h#clamp@2", (Symbol("a.h", "clamp"), 2)),
        ("src:a.h#struct.lamp@12", (Symbol("a.h", "lamp", "struct"), 12)),
        ("a.c#f", None),
        ("src:a.c", None),
        ("src:a.c#", None),
        ("src:#f", None),
        ("src:a.c#f()", None),
        ("src:a.c#2f", None),
        ("src:a.c#f@0", None),
        ("src:a.c#f@99999", None),
        ("src:a.c#f#g", None),
        ("src:a.c#a.b.c.d", None),
        ("src:a.c#f\n", None),
        ("SRC:a.c#f", None),
    ],
)
def test_what_a_source_link_names(href: str, expected: tuple[Symbol, int] | None) -> None:
    assert source_target(href) == expected


def test_a_source_link_leads_to_its_page() -> None:
    assert rendered("[the lamp](src:lamp.c#lamp)") == (
        '<p><a class="callpath-source-link" href="lamp/" title="lamp.c:5 &lt;b&gt;">'
        "the lamp</a></p>"
    )


def test_a_source_link_that_leads_nowhere_is_text() -> None:
    html = rendered("[the fan](src:fan.c#fan)")
    assert html == '<p><a class="callpath-broken-link">the fan</a></p>'


def test_other_links_are_left_or_led_by_the_caller() -> None:
    text = "[a](init.yml#x) and [b](https://example.org)"
    assert rendered(text) == (
        '<p><a href="init.yml#x">a</a> and <a href="https://example.org">b</a></p>'
    )
    led = ProseExtension(
        target, name, lambda href: LinkedName("../init/") if href == "init.yml#x" else None
    )
    assert Markdown(extensions=[led]).convert(text) == (
        '<p><a href="../init/">a</a> and <a href="https://example.org">b</a></p>'
    )


@pytest.mark.parametrize("extensions", [[], SITE_EXTENSIONS], ids=["plain", "site"])
@pytest.mark.parametrize(
    ("text", "linked"),
    [
        ("calls `lamp_set()` twice: `lamp_set()`", 2),
        ("*calls `lamp_set()`*", 1),
        ("- calls `lamp_set()`\n- and **`lamp_reset()`**", 2),
        ("| a | b |\n|---|---|\n| `lamp_set()` | x |", 1),
        ("## `lamp_set()`", 1),
        ("> calls `lamp_set()`", 1),
        ("calls ` lamp_set() `", 1),
        ("`lamp_set`", 0),
        ("`lamp_set(x)`", 0),
        ("`lamp_set();`", 0),
        ("`desk.lamp_set()`", 0),
        ("`fan_start()`", 0),
        ("lamp_set()", 0),
        ("[`lamp_set()`](https://example.org)", 0),
        ("[see *`lamp_set()`*](src:lamp.c#lamp)", 0),
        ("```\nlamp_set()\n```", 0),
        ("    lamp_set()", 0),
        ("\\`lamp_set()\\`", 0),
    ],
)
def test_code_spans_that_call_a_known_name_link_themselves(
    extensions: list[Any], text: str, linked: int
) -> None:
    extensions = extensions or ["tables", "fenced_code"]
    html = rendered(text, *extensions)
    assert html.count('class="callpath-name"') == linked
    assert html.count("lamp_set()") == text.count("lamp_set()")


@pytest.mark.parametrize("extensions", [[], SITE_EXTENSIONS], ids=["plain", "site"])
def test_the_text_around_a_linked_name_stays_in_order(extensions: list[Any]) -> None:
    html = rendered("one `lamp_a()` two `x` three `lamp_b()` four", *extensions)
    assert html == (
        '<p>one <a class="callpath-name" href="#lamp_a" title="about lamp_a">'
        "<code>lamp_a()</code></a> two <code>x</code> three "
        '<a class="callpath-name" href="#lamp_b" title="about lamp_b">'
        "<code>lamp_b()</code></a> four</p>"
    )


def test_a_highlighted_code_span_is_looked_at_as_text() -> None:
    html = rendered("`#!c lamp_set()` and `lamp_set()`", *SITE_EXTENSIONS)
    assert html.count("callpath-name") >= 1
    assert html.index("callpath-name") > 0

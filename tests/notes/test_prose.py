"""What a Markdown text holds: links with places, what it leaves open, its first sentence."""

from typing import Any

import pytest
from hypothesis import assume, given, strategies as st
from markdown import Markdown

from callpath.notes.prose import (
    EXTENSIONS,
    _plain_start,
    first_sentence,
    imbalance,
    joined,
    read_prose,
    sealed,
    split,
)

PIECES = st.sampled_from(
    [
        *(
            "`",
            "``",
            "```",
            "~~~",
            "````",
            "```c",
            "*",
            "**",
            "_",
            "[",
            "]",
            "](",
            ")",
            "[^1]",
            "!",
        ),
        *("[^1]: note", "[a]: b.md", "[x](src:a.c#f)", "<", ">", "<div>", "</div>", "<b>", "</b>"),
        *("<script>", "</script>", "</section>", "<!--", "-->", "<p>", "<br>", "<div markdown>"),
        *("<details>", "<textarea>", "<![CDATA[", "<?x", "&lt;", "&", "\\", "#", "===", "|"),
        *(
            "- ",
            "1. ",
            "> ",
            "    ",
            "\t",
            "\n",
            "\n\n",
            "\n",
            " ",
            "a",
            "word",
            "文字。",
            "!!! note",
        ),
        *(
            "callpathpart0x",
            "callpathpart1x",
            "callpathendoftext",
            "callpathlink0x",
            "x_y",
            "{: #i}",
        ),
    ]
)
TEXTS = st.lists(PIECES, max_size=14).map("".join) | st.text(max_size=30)
SITE: list[Any] = ["tables", "footnotes", "admonition", "md_in_html", "pymdownx.superfences"]


def markdown(text: str, extensions: list[Any] | tuple[str, ...] = EXTENSIONS) -> str:
    return Markdown(extensions=list(extensions)).convert(text)


# --- links ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "targets"),
    [
        ("[a](src:a.c#f)", ["src:a.c#f"]),
        ("see [a](src:a.c#f) and [b](init.yml#x 'title')", ["src:a.c#f", "init.yml#x"]),
        ("[a](<src:a.c#f>)", ["src:a.c#f"]),
        ("[a][one]\n\n[one]: src:a.c#f", ["src:a.c#f"]),
        ("[a][one], [b][one]\n\n[one]: src:a.c#f", ["src:a.c#f", "src:a.c#f"]),
        ("| a |\n|---|\n| [x](src:a.c#f) |", ["src:a.c#f"]),
        ("> - [`f()`](src:a.c#f)", ["src:a.c#f"]),
        ("<https://example.org>", ["https://example.org"]),
        ("x[^1] [a](b.md)\n\n[^1]: [c](src:c.c#g)", ["b.md", "src:c.c#g"]),
        ("`[a](src:a.c#f)`", []),
        ("```\n[a](src:a.c#f)\n```", []),
        ("    [a](src:a.c#f)", []),
        ("![picture](lamp.svg)", []),
        ('<a href="src:a.c#f">raw</a>', []),
        ("\\[a](src:a.c#f)", []),
        ("[a] (src:a.c#f)", []),
        ("src:a.c#f", []),
    ],
)
def test_links_are_found_where_the_markdown_library_sees_them(
    text: str, targets: list[str]
) -> None:
    links = read_prose(text).links
    assert [link.href for link in links] == targets
    assert [text[link.offset : link.end] for link in links] == targets


@pytest.mark.parametrize(
    "before",
    [
        "`src:a.c#f` is ",
        "`[a](src:a.c#f)` is ",
        "src:a.c#f is ",
        "[src:a.c#f](src:a.c#fg) is ",
        "```\n[a](src:a.c#f)\n```\n\n",
        "![a](src:a.c#f) ",
        "\\[a](src:a.c#f) ",
    ],
)
def test_a_links_place_is_that_of_the_link_not_of_the_same_text_before_it(before: str) -> None:
    text = f"{before}[this](src:a.c#f)."
    link = read_prose(text).links[-1]
    assert (link.href, link.offset) == ("src:a.c#f", len(before) + len("[this]("))


def test_a_target_with_escapes_has_the_place_of_what_was_written() -> None:
    text = r"[a](src:arch/a\_b.c#f\_g) end"
    (link,) = read_prose(text).links
    assert link.href == "src:arch/a_b.c#f_g"
    assert text[link.offset : link.end] == r"src:arch/a\_b.c#f\_g"


def test_marks_of_our_own_in_a_text_do_no_harm() -> None:
    text = "[a](callpathlink99x) [b](x.md) [c](callpathlink0x)"
    assert [link.href for link in read_prose(text).links] == [
        "callpathlink99x",
        "x.md",
        "callpathlink0x",
    ]


@given(TEXTS)
def test_every_link_has_a_place_and_none_is_read_twice(text: str) -> None:
    for link in read_prose(text).links:
        assert 0 <= link.offset < link.end <= len(text)
        assert text[link.offset : link.end].replace("\\", "") == link.href.replace("\\", "")


# --- what a text leaves open ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<div>", "opens `<div>` and does not close it"),
        ("<details>\n<summary>x</summary>", "opens `<details>` and does not close it"),
        ("a <b>bold word", "opens `<b>` and does not close it"),
        ("struct <list_head> is a list", "opens `<list_head>` and does not close it"),
        ("<script>", "opens `<script>` and does not close it"),
        ("a <textarea> b", "opens `<textarea>` and does not close it"),
        ("<div markdown>\n*x*\n", "opens `<div>` and does not close it"),
        ("- <div>\n- x</div>", "opens `<div>` and does not close it"),
        ("<p>word", "leaves an HTML element open"),
        ("</section>", "closes `</section>`, which it did not open"),
        ("x\n\n</div>\n\ny", "closes `</div>`, which it did not open"),
        ("a </b> c", "closes `</b>`, which it did not open"),
        ("```\nint x;", "does not close its code block"),
        ("~~~\nx\n```", "does not close its code block"),
        ("````\nx\n```\n", "does not close its code block"),
    ],
)
def test_what_a_text_leaves_open_is_told(text: str, message: str) -> None:
    fault = read_prose(text).fault
    assert fault is not None
    assert fault[1] == f"a commentary {message}"
    assert fault[0].name == ("unclosed-code" if "code block" in message else "unclosed-html")
    assert read_prose(sealed(text)).fault is None
    assert sealed(text) != text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "plain",
        "a < b && c > d",
        "`<div>` and `</section>`",
        "```html\n<div>\n```",
        '```c title="x"\nint x;\n```',
        "~~~\n```\n~~~",
        "```inline``` code",
        "    <div>",
        "<div>\n\nx\n\n</div>",
        "<ul><li>a<li>b</ul>",
        "line<br>line<hr/>",
        "<!-- a comment -->",
        "<!-- no comment",
        "<https://example.org>",
        "<svg><path d='M0 0'/></svg>",
        "&lt;div&gt;",
        "a <em",
        "<div><![p></div>",
    ],
)
def test_what_closes_itself_is_left_as_it_is(text: str) -> None:
    assert read_prose(text).fault is None
    assert sealed(text) == text


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>a</p>", ""),
        ("<div><p>a</div>", ""),
        ("<table><tr><td>a<td>b</table>", ""),
        ("<b><i>x</b></i>", "<i>"),
        ("<div/>", "<div>"),
        ("<svg><g/><br/></svg>", ""),
        ("</br>", ""),
        ("<a><b>", "<a>"),
        ("<IMG><DIV></div>", ""),
        ("<script>if (a < b) '<div>'</script>", ""),
        ("<!-- <div> -->", ""),
        ("<div><![p</div>", "<div>"),
        ("<![if x]><b>", "<b>"),
        ("<![CDATA[<b>]]><i>", "<i>"),
    ],
)
def test_the_balance_of_html(html: str, expected: str) -> None:
    assert imbalance(html) == expected


# --- several texts in one -------------------------------------------------------------------------


def test_parts_come_back_and_footnotes_stand_behind_them() -> None:
    parts = ["one[^a]\n\n[^a]: foot", "", "- two\n- three", "    code", "> *four*"]
    rendered, rest = split(markdown(joined(parts)), len(parts))
    assert rendered[0].startswith("<p>one<sup")
    assert rendered[1] == ""
    assert rendered[2] == "<ul>\n<li>two</li>\n<li>three</li>\n</ul>"
    assert rendered[3] == "<pre><code>code\n</code></pre>"
    assert rendered[4] == "<blockquote>\n<p><em>four</em></p>\n</blockquote>"
    assert "foot" in rest


def test_the_first_line_of_a_part_is_no_metadata() -> None:
    parts = ["title: not metadata", "two"]
    text = joined(parts)
    rendered, _ = split(markdown(text, [*EXTENSIONS, "meta"]), 2)
    assert rendered == ["<p>title: not metadata</p>", "<p>two</p>"]


@pytest.mark.parametrize("extensions", [EXTENSIONS, SITE], ids=["reading", "site"])
@given(texts=st.lists(TEXTS, min_size=1, max_size=4))
def test_no_part_leaks_into_its_neighbours(
    extensions: list[Any] | tuple[str, ...], texts: list[str]
) -> None:
    parts = [part for text in texts for part in (f"begin{len(text)}", sealed(text))]
    rendered, _ = split(markdown(joined([*parts, "last words"]), extensions), len(parts) + 1)
    assert rendered[-1] == "<p>last words</p>"
    for text, html in zip(texts, rendered[::2], strict=False):
        assert html == f"<p>begin{len(text)}</p>"


@given(TEXTS)
def test_a_sealed_text_renders_to_balanced_html(text: str) -> None:
    assume("[^1]" not in text)  # footnotes are put behind all parts
    html = split(markdown(joined([sealed(text), "end"])), 2)[0][0]
    assert imbalance(html) == ""


def test_a_lost_mark_spoils_one_part_only() -> None:
    html = "<p>a</p><p>callpathpart0x</p><p>b</p><p>c</p><p>callpathpart2x</p><p>d</p>"
    assert split(html, 3) == (["<p>a</p>", "", "<p>b</p><p>c</p>"], "<p>d</p>")


# --- the first sentence --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("One. Two.", "One."),
        ("No end", "No end"),
        ("Version v3.7 is meant. Other", "Version v3.7 is meant."),
        ("What? Yes", "What?"),
        ("第一句。第二句。", "第一句。"),
        ("怎么办？不知道", "怎么办？"),
        ("两行\n一句。另一句", "两行 一句。"),
        ("调用 `ops->set()`。然后", "调用 ops->set()。"),
        ("`a & b` and `<div>`. x", "a & b and <div>."),
        ("`&lt;` stays. x", "&lt; stays."),
        ("a &lt; b &amp; c. x", "a < b & c."),
        ("AT&T. x", "AT&T."),
        ("**bold** _word_ [link](a.md). x", "bold word link."),
        ("a <b>raw</b> word. x", "a raw word."),
        ("a \\_ b. c", "a _ b."),
        ("# Head\n\nText. More", "Text."),
        ("- list. item\n- two\n\nAfter the list. x", "After the list."),
        ("| a | b |\n|---|---|\n| 1 | 2 |\n\n表后一句。再", "表后一句。"),
        ("```\ncode. x\n```\n\nText. x", "Text."),
        ("<div>raw</div>\n\nText. x", "Text."),
        ("![picture](a.png)\n\nText. x", "Text."),
        ("<div>only</div>", ""),
    ],
)
def test_the_first_sentence_is_plain_text_on_one_line(text: str, expected: str) -> None:
    assert first_sentence(text) == expected


@given(TEXTS)
def test_a_first_sentence_is_one_line_without_marks_of_the_library(text: str) -> None:
    sentence = first_sentence(text)
    assert sentence == " ".join(sentence.split())
    assert "\x02" not in sentence.replace("\x02", "", text.count("\x02"))
    assert "wzxhzdk" not in sentence


_BITS = [
    *("word", "中文。", "`a_b()`", "`a b`", "`", "``", " ", "\n", "\n\n", ". ", "! ", "- ", "1. "),
    *("=", "---", "(", ":", "a.b", "é", "!!! note", "*", "_", "[a](b)", "<b>", "&amp;", "\\"),
    *("  \n", "    ", "#", "|"),
]


@given(st.lists(st.sampled_from(_BITS), max_size=12).map("".join))
def test_a_plain_start_is_what_the_library_makes_of_it(text: str) -> None:
    if _plain_start(text):  # else the library reads it anyway
        assert first_sentence(text) == first_sentence(f"\n\n{text}")  # which starts with nothing


def test_an_empty_text_after_another_has_no_first_sentence() -> None:
    assert first_sentence("*One* text.") == "One text."
    assert first_sentence(" ") == ""

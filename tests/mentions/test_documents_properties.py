"""What holds for every text that is read: places are in it, in order, and say what is told."""

import re
from collections.abc import Callable
from html import unescape

import pytest
from hypothesis import example, given, strategies as st

from callpath.mentions.exceptions import read_exceptions
from callpath.mentions.markup.markdown import read_markdown
from callpath.mentions.markup.rst import read_rst
from callpath.mentions.model import Document, PassageKind

MARKDOWN = [
    *("`", "``", "```\n", "~~~\n", "[", "](x)", "![", "](a\\_b&amp;c)", "<https://a.example>"),
    *("<a href='x&amp;y'>", "</a>", "<code>", "</code>", "<pre>", "</pre>", "<!--", "-->"),
    *("<div>\n", "</div>\n", "<div markdown>\n", "<td>", "> ", "- ", "1. ", "# ", "---\n", "===\n"),
    *('!!! note "T"\n', "??? tip\n", '=== "Tab"\n', "term\n:   ", "[^1]", "[^1]: ", "| a | b |\n"),
    *("|---|---|\n", "[lab]", "[lab]: https://b.example 't'\n", "{{ x }}", "{% y %}", "{: .c }"),
    "<!-- callpath: ignore unknown-name `x` -->",
]
RST = [
    *("`a <https://a.example>`_", "`a`_", "a_", ":c:func:", "``", "::\n\n", ".. ", ".. note:: "),
    *(".. _a: https://b.example\n", "=====  ===\n", "+---+\n", "| a | b |\n", "__ ", "- ", "1. "),
    ".. callpath: ignore unknown-name\n\n",
]
PLAIN = [
    *("\n", "\n\n", "\r\n", "    ", "  ", "\t", "a_b", "kvm_init()", "*", "_", "\\", "&amp;"),
    *("https://c.example/a_(b)", "。", "中文", "\U0001f600", "\0", "\ud800", "\ufeff", "\x85"),
]
ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")


def texts(fragments: list[str]) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from([*fragments, *PLAIN]), max_size=40).map("".join)


def check(document: Document, text: str) -> None:
    assert document.text == text
    end = 0
    for passage in document.passages:
        assert end <= passage.start < passage.end <= len(text)
        end = passage.end
        if passage.kind in (PassageKind.PROSE, PassageKind.CODE):
            start, stop = document.blocks[passage.block]
            assert start <= passage.start
            assert passage.end <= stop
    assert [link.text_start for link in document.links] == sorted(
        link.text_start for link in document.links
    )
    for link in document.links:
        assert 0 <= link.start < link.end <= len(text)
        assert 0 <= link.text_start <= link.text_end <= len(text)
        assert -1 <= link.block < len(document.blocks)


@given(texts(MARKDOWN))
@example("https://c.example/a_(b)\0")
def test_places_in_markdown_are_those_of_what_is_told(text: str) -> None:
    document = read_markdown(text)
    check(document, text)
    for link in document.links:
        written = text[link.start : link.end]
        readable = written.replace("\0", "\ufffd").replace("\ud800", "\ufffd")
        assert link.href in (unescape(readable), unescape(ESCAPE.sub(r"\1", readable)))


@given(texts(RST))
def test_places_in_rst_are_those_of_what_is_told(text: str) -> None:
    check(read_rst(text), text)


@pytest.mark.parametrize(
    ("read", "comment"),
    [
        (read_markdown, "<!-- callpath: ignore unknown-name -->"),
        (read_rst, ".. callpath: ignore unknown-name\n\n"),
    ],
)
@given(st.data())
def test_any_text_around_an_exception_leaves_it_readable(
    read: Callable[[str], Document], comment: str, data: st.DataObject
) -> None:
    around = texts(MARKDOWN if read is read_markdown else RST)
    text = data.draw(around) + comment + data.draw(around)
    every = read_exceptions(read(text), "a.md")
    lines = text.count("\n") + 1
    assert all(0 <= one.first <= one.last <= lines for one in every.exemptions)

"""Texts in Markdown mean themselves."""

import pytest
from lxml import html
from markdown import Markdown

from callpath.reports.machine import (
    code,
    plain,
)

TEXTS = [
    "plain",
    "a_b_c",
    "_a_",
    "*a*",
    "[x](y)",
    "<b>",
    "a `b` c",
    "``",
    "a|b",
    "\\",
    "&lt; & b",
    "两 行",
]


@pytest.mark.parametrize("text", TEXTS)
def test_a_plain_text_is_shown_as_it_is(text: str) -> None:
    shown = html.fromstring(Markdown().convert(f"x {plain(text)} y"))
    assert len(shown) == 0
    assert shown.text_content() == f"x {text} y"


@pytest.mark.parametrize("text", TEXTS)
def test_code_is_code(text: str) -> None:
    (span,) = html.fromstring(Markdown().convert(f"x {code(text)} y")).iter("code")
    assert span.text_content().strip() == text


def test_lines_become_one() -> None:
    assert plain("a\n# b") == "a # b"
    assert code("a\nb") == "`a b`"

"""The links of plain texts are those that the Markdown library finds."""

import subprocess
import sys

import pytest
from hypothesis import given, settings, strategies as st

from callpath.notes.links import plain_links
from callpath.notes.placeholders import part_marks
from callpath.notes.prose import read_prose

PIECES = (
    *("[a](b.yml)", "[`a()`](src:x/y.c#a)", "![a](b.png)", "[a][b]", "[b]: c.yml", "[", "]", "](x"),
    *(
        "`",
        "``",
        "`[a](c.yml)`",
        "<https://a.example/>",
        "<b>",
        "\\",
        "*",
        "_",
        "|",
        "a",
        " ",
        "&amp;",
    ),
    *(
        "\n",
        "\n\n",
        "\n    ",
        "\n- ",
        "\n-     ",
        "\n> ",
        "\n# ",
        "\n```\n",
        "\n~~~\n",
        "\n!!! note\n",
    ),
    *(
        "\n\n<!-- callpath: paths -->\n\n",
        "\n<!-- callpath: x -->",
        "[^1]",
        "\n\n[^1]: [d](e.yml)",
        "\t",
    ),
    *("\n\n1. [g](h.yml)\n", "\n| a | [i](j.yml) |\n| --- | --- |\n", "**[k](l.yml#m)**", "(n)"),
)
TEXTS = st.lists(st.sampled_from(PIECES), max_size=14).map("".join)


@settings(max_examples=400, deadline=None)
@given(text=TEXTS)
def test_links_are_as_the_library_finds_them(text: str) -> None:
    """The places too; of a text that is not plain nothing is said."""
    links = plain_links(text)
    assert links is None or links == read_prose(text).links


@settings(max_examples=200, deadline=None)
@given(text=TEXTS)
def test_marks_are_as_the_library_finds_them(text: str) -> None:
    """A text that an indented quote follows is read by the library."""
    by_library = [mark.offset for mark in part_marks(text + "\n\n> <b>x</b>\n")]
    assert [mark.offset for mark in part_marks(text)] == by_library


def test_an_ordinary_page_is_plain() -> None:
    text = (
        "# A\n\n<!-- callpath: paths -->\n\nSee [a](b/c.yml), `[no](d.yml)` and [`e`](src:f.c#e).\n"
    )
    links = plain_links(text)
    assert links is not None
    assert [(link.href, text[link.offset : link.end]) for link in links] == [
        ("b/c.yml", "b/c.yml"),
        ("src:f.c#e", "src:f.c#e"),
    ]


@pytest.mark.parametrize(
    "text", ["    [a](b.yml)", "```\n[a](b.yml)\n```", "<b>[a](b.yml)", "[a\nb](c)"]
)
def test_other_texts_are_left_to_the_library(text: str) -> None:
    assert plain_links(text) is None


def test_long_lines_take_no_time() -> None:
    """A text of one repetition is read in one pass or nearly so."""
    for piece in ("[", "](", "`", "!", "[a](", "<!--", "- "):
        plain_links(piece * (100_000 // len(piece)))


def test_a_plain_page_needs_no_markdown_library() -> None:
    code = (
        "import sys\nfrom callpath.model import Pin\n"
        "from callpath.notes.references import page_mentions\n"
        "text = '[a](b.yml)\\n\\n<!-- callpath: paths -->\\n'\n"
        "print(len(page_mentions('p.md', 'p.md', text, Pin('linux', 'v1')).links))\n"
        "print('markdown' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["1", "False"]

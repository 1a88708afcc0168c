"""Marks of parts in Markdown pages: which lines are marks, and what is told of the others."""

import pytest
from markdown import Markdown

from callpath.model import PARTS
from callpath.notes.placeholders import part_faults, part_marks, with_parts
from callpath.notes.prose import EXTENSIONS
from callpath.notes.references import page_mentions
from kernel import PIN, said

FOUND = {
    "alone": "<!-- callpath: paths -->",
    "between paragraphs": "a\n\n<!-- callpath: paths -->\n\nb",
    "between lines": "a\n<!-- callpath: paths -->\nb",
    "below a heading": "# A\n<!-- callpath: paths -->\n",
    "no spaces": "<!--callpath:paths-->",
    "many spaces": "  <!--  callpath:   paths  -->  ",
    "after other comments": "<!-- a\nb -->\n<!-- callpath: paths -->\n",
    "line ends of Windows": "a\r\n\r\n<!-- callpath: paths -->\r\n\r\nb\r\n",
    "after metadata": "---\ntitle: x\n---\n<!-- callpath: paths -->\n",
    "after a code block": "```\nx\n```\n<!-- callpath: paths -->\n",
}
NOT_FOUND = {
    "a fenced block": "```html\n<!-- callpath: paths -->\n```\n",
    "a fenced block of tildes": "~~~\n\n<!-- callpath: paths -->\n\n~~~\n",
    "an indented block": "a\n\n    <!-- callpath: paths -->\n",
    "a code span": "`<!-- callpath: paths -->`",
    "raw code": "<pre>\n<!-- callpath: paths -->\n</pre>\n",
    "the middle of a line": "see <!-- callpath: paths --> here",
    "the end of a line": "see <!-- callpath: paths -->",
    "another comment": "<!-- paths -->\n<!-- callpath paths -->\n<!-- a callpath: paths -->\n",
    "a long comment": "<!--\ncallpath: paths\n-->\n",
}


def rendered(text: str) -> str:
    return Markdown(extensions=list(EXTENSIONS)).convert(text)


@pytest.mark.parametrize("text", FOUND.values(), ids=list(FOUND))
def test_a_comment_on_a_line_of_its_own_is_a_mark(text: str) -> None:
    (mark,) = part_marks(text)
    assert mark.name == "paths"
    assert text[mark.name_offset :].startswith("paths")
    assert text[mark.offset : mark.end].strip().startswith("<!--")
    assert text[mark.offset : mark.end].strip().endswith("-->")
    page = with_parts(rendered(text), lambda name: f"<ul>{name}</ul>")
    assert page.count("<ul>paths</ul>") == 1
    assert "callpath" not in page


@pytest.mark.parametrize("text", NOT_FOUND.values(), ids=list(NOT_FOUND))
def test_code_and_the_middle_of_a_line_are_no_marks(text: str) -> None:
    assert part_marks(text) == ()
    html = rendered(text)
    assert with_parts(html, lambda name: f"<ul>{name}</ul>") == html
    unknown = text.replace("paths", "pahts")
    assert list(part_faults(unknown, "notes/index.md")) == []


def test_marks_come_in_order_each_with_its_name() -> None:
    text = "\n".join(f"<!-- callpath: {name} -->" for name in (*PARTS, "paths"))
    assert [mark.name for mark in part_marks(text)] == [*PARTS, "paths"]
    page = with_parts(rendered(text), str.upper)
    assert page.split() == [name.upper() for name in (*PARTS, "paths")]


def told(text: str) -> list[str]:
    found = page_mentions("kvm/page.md", "notes/kvm/page.md", text, PIN)
    return [said(each) for each in found.findings]


def test_a_mark_that_names_no_part_is_told_with_the_nearest_name() -> None:
    assert told("# 标题\n\n  <!-- callpath: pahts -->\n") == [
        "notes/kvm/page.md:3:18 unknown-part: there is no part `pahts`\n  did you mean `paths`?"
    ]


@pytest.mark.parametrize(
    ("name", "column", "message"),
    [("xyzzy", 16, "there is no part `xyzzy`"), ("", 17, "the mark names no part")],
)
def test_without_a_near_name_all_are_offered(name: str, column: int, message: str) -> None:
    assert told(f"<!-- callpath: {name} -->") == [
        f"notes/kvm/page.md:1:{column} unknown-part: {message}\n"
        "  name one of `paths`, `graph`, `errata`, `legend`"
    ]


def test_marks_and_links_of_one_page_are_both_told() -> None:
    (first, second) = told("[f](src:a.c)\n\n<!-- callpath: path -->\n")
    assert "invalid-source-link" in first
    assert "unknown-part" in second


def test_a_mark_that_names_no_part_stays_a_comment() -> None:
    html = rendered("a\n\n<!-- callpath: pahts -->\n")
    assert with_parts(html, str.upper) == html


def test_marks_that_leave_findings_out_are_no_parts() -> None:
    text = "<!-- callpath: ignore unknown-name -->\n\n<!-- callpath: ignore-page `x` -->\n"
    assert part_marks(text) == ()
    assert told(text) == []


def test_a_mark_that_may_be_meant_to_leave_findings_out_is_told() -> None:
    assert told("<!-- callpath: ignroe unknown-name -->") == [
        "notes/kvm/page.md:1:16 unknown-part: there is no part `ignroe unknown-name`\n"
        "  did you mean `ignore`?"
    ]

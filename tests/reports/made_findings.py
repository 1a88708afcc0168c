"""Findings for the tests of the reports: usual ones, and texts that try to break a format."""

from hypothesis import strategies as st

from callpath import rules
from callpath.findings import (
    Finding,
    Location,
)
from callpath.reports.text import ReportInput

FILE = "notes/kvm/init.yml"
LINES = (
    "title: KVM 初始化",
    "steps:",
    "  - function: svm_init",
    "    file: arch/x86/kvm/kvm_svm.c",
    "    commentary: 内存分配",
)
ERROR = rules.DEFINED_ELSEWHERE.at(
    Location(FILE, 4, 11),
    "`arch/x86/kvm/kvm_svm.c` does not define `svm_init`",
    "write `arch/x86/kvm/svm.c`",
    related=[Location(FILE, 3, 15)],
)
WARNING = rules.SEARCH_WORD_NOT_FOUND.at(
    Location("mkdocs.yml", 30, 7), "the search word `分配` finds no page"
)
WITHOUT_LINE = rules.NOT_LOCKED.at(
    Location("notes/notes.lock"), "there is no lockfile `notes/notes.lock`", "run `callpath lock`"
)
USUAL = (WARNING, ERROR, WITHOUT_LINE)

HOSTILE = (
    "two\nlines\r\nand\rmore",
    "::error file=x::y",
    "\n::stop-commands::token",
    "]]> <![CDATA[ &amp; <x y='\"'>",
    "\x1b[31mred\x1b[0m \x9b2J \x07",
    "NUL \x00 DEL \x7f",
    "\u202eright to left\u202c \u200f \u2066",
    "line \u2028 paragraph \u2029 next \x85",
    "half a pair \ud800 and \udfff",
    "no characters \ufffe \uffff \U0001fffe \ufdd0",
    "50% %0A %25 %3A, a=b;c",
    "tag \U000e0041 bom \ufeff soft\u00adhyphen",
    "[text](https://example.org) {0} {{}}",
    "中文,日本語:한국어",
    "```\n| `a` | **b**",
    "",
)


def given(*findings: Finding, **more: object) -> ReportInput:
    """A report's input with these findings in a small note."""
    usual: dict[str, object] = {"lines": {FILE: LINES}, "version": "1.2.3"}
    return ReportInput(findings, **(usual | more))  # type: ignore[arg-type]


def told_by(text: str) -> Finding:
    """A finding that has a text wherever a finding can have one."""
    return rules.UNKNOWN_KEY.at(
        Location(f"notes/{text}.yml", 1, 2), text, text, [Location(text, 3, 4)]
    )


def spoilt(text: str) -> ReportInput:
    """An input that has a text wherever an input can have one."""
    found = told_by(text)
    return given(found, WARNING, lines={found.location.file: [text, text]}, files=[text, "a.yml"])


_ANY_CHARACTER = st.characters(exclude_categories=())
HOSTILE_TEXTS = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(_ANY_CHARACTER, max_size=12),
    st.lists(st.sampled_from(HOSTILE), min_size=2, max_size=3).map("".join),
)

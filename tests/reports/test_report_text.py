"""The text report: place, message, the line with a caret under the column, hint, counts."""

import unicodedata

import pytest
from hypothesis import given as examples, strategies as st
from made_findings import ERROR, FILE, HOSTILE, HOSTILE_TEXTS, USUAL, given, spoilt, told_by

from callpath import rules
from callpath.findings import Location
from callpath.reports.text import (
    CUT,
    WIDEST,
    Part,
    cells,
    excerpt,
    one_line,
    text_report,
    visible,
)


def test_a_finding_shows_its_line_a_caret_its_hint_and_related_places():
    assert text_report(given(ERROR)) == (
        "notes/kvm/init.yml:4:11: error: `arch/x86/kvm/kvm_svm.c` does not define `svm_init`"
        " [defined-elsewhere]\n"
        "    4 |     file: arch/x86/kvm/kvm_svm.c\n"
        "      |           ^\n"
        "  hint: write `arch/x86/kvm/svm.c`\n"
        "  see also: notes/kvm/init.yml:3:15\n"
        "1 error\n"
    )


def test_a_finding_in_a_file_that_cannot_be_read_has_no_excerpt():
    assert text_report(given(*USUAL)).splitlines()[0].startswith("mkdocs.yml:30:7: warning: ")
    assert text_report(given(*USUAL)).splitlines()[1].startswith(f"{FILE}:4:11: error: ")


@pytest.mark.parametrize("line", [0, 6, 10**9])
def test_a_line_that_the_file_does_not_have_is_not_shown(line):
    found = rules.UNKNOWN_KEY.at(Location(FILE, line, 1), "it is")
    assert " | " not in text_report(given(found))


def test_the_last_line_counts():
    assert text_report(given(*USUAL)).splitlines()[-1] == "2 errors, 1 warning"


def test_nothing_to_tell_is_an_empty_report():
    assert text_report(given()) == ""


def test_a_style_gets_every_part():
    seen = set()

    def style(text: str, part: Part) -> str:
        seen.add(part)
        return f"<{part}>{text}"

    text = text_report(given(*USUAL), style)
    assert seen == set(Part)
    assert "<place>notes/kvm/init.yml:4:11: <error>error: `arch" in text
    assert "\n<gutter>      | <caret>          ^\n" in text


@pytest.mark.parametrize(
    ("line", "column", "shown", "caret"),
    [
        ("abc", 1, "abc", "^"),
        ("abc", 3, "abc", "  ^"),
        ("abc", 4, "abc", "   ^"),
        ("abc", 99, "abc", "   ^"),
        ("abc", 0, "abc", "^"),
        ("title: 初始化 x", 11, "title: 初始化 x", "             ^"),
        ("ｆｕｌｌ x", 6, "ｆｕｌｌ x", "         ^"),
        ("e\u0301a", 3, "e\u0301a", " ^"),
        ("\ta\tb", 4, "    a   b", "        ^"),
        ("初\tb", 3, "初  b", "    ^"),
        ("a\x00b\x1bc", 5, "a␀b␛c", "    ^"),
        ("a\u202eb", 3, "a\ufffdb", "  ^"),
        ("abc  ", 2, "abc", " ^"),
    ],
)
def test_the_caret_stands_under_the_column(line, column, shown, caret):
    assert excerpt(line, column) == (shown, caret)


def test_a_long_line_is_cut_around_the_caret():
    line = "".join(str(number % 10) for number in range(1000))
    assert excerpt(line, 1) == (line[:100] + "…", "^")
    assert excerpt(line, 1000) == ("…" + line[-100:], " " * 100 + "^")
    shown, caret = excerpt(line, 501)
    assert shown == "…" + line[450:550] + "…"
    assert shown[len(caret) - 1] == line[500]


@examples(st.text(st.characters(exclude_categories=()), max_size=300), st.integers(-1, 400))
def test_any_line_fits_and_its_caret_points_at_the_character(line, column):
    line = "".join(line.splitlines())
    shown, caret = excerpt(line, column)
    assert sum(map(cells, shown)) <= WIDEST + 2
    assert shown.isprintable() or set(shown) <= {c for c in shown if visible(c) == c}
    if 1 <= column <= len(line.rstrip()) and cells(visible(line[column - 1])) > 0:
        at = len(caret) - 1
        before = 0
        for character in shown:
            if before >= at and cells(character):
                break
            before += cells(character)
        expected = visible(line[column - 1])
        assert before == at
        assert character == (" " if expected == "␉" else expected)


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_on_the_lines_of_its_finding(text):
    lines = text_report(spoilt(text)).split("\n")
    assert lines.pop() == ""
    for line in lines:
        assert not [c for c in line if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"}]
        assert line.encode()
    assert sum(": error: " in line and line.startswith("notes/") for line in lines) == 1
    assert lines[-1] == "1 error, 1 warning"


@examples(HOSTILE_TEXTS)
def test_a_log_line_is_one_line(text):
    line = one_line(told_by(text))
    assert len(line.splitlines()) == 1
    assert line.encode()


def test_what_is_far_from_the_caret_does_not_matter() -> None:
    line = "".join(f"{number} " for number in range(200_000))
    near = line[440_000:460_000]
    assert excerpt(line, 450_000) == excerpt(near, 10_000)
    assert excerpt(line[:450_000], 450_000)[0].startswith(CUT)
    assert excerpt(line, 1)[0].endswith(CUT)

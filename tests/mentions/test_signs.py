"""Signs are found where one of their patterns is; what is looked for first is never missed."""

import pytest

from callpath.mentions import claims
from callpath.mentions.signs import Signs
from regular_expressions import alternatives

_TABLES = {"not now": claims._NOT_NOW, "elsewhere": claims._ELSEWHERE}


def test_a_pattern_is_found_only_where_it_fits():
    signs = Signs.of([("lamp|fan", r"(?:lamp|fan)s\b"), ("up ", r"up \d")])
    assert signs.are_in("two fans")
    assert signs.are_in("up 3")
    assert not signs.are_in("a lamp and a fan")
    assert not signs.are_in("3 up")


def test_the_first_text_of_a_row_does_not_hide_the_second():
    assert Signs.of([("lamp|fan", r"fans\b")]).are_in("a lamp and two fans")


@pytest.mark.parametrize("table", _TABLES)
def test_whatever_a_pattern_finds_has_one_of_its_texts(table):
    for texts, pattern in _TABLES[table].rows:
        for alternative in alternatives(pattern.pattern):
            assert any(text in alternative for text in texts), (texts, alternative)


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("ab|cd", ["ab", "cd"]),
        ("x(?:a|b)y", ["xay", "xby"]),
        ("x(?:a|b)?y+", ["x\0y\0"]),
        (r"a\d[bc]d(?!e)", ["a\0bd", "a\0cd"]),
        (r"(?:one|two) \w{2}z", ["one \0\0z", "two \0\0z"]),
    ],
)
def test_alternatives_are_what_a_pattern_surely_has(pattern, expected):
    assert sorted(alternatives(pattern)) == sorted(expected)

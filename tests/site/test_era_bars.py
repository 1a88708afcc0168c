"""Bars of releases: what is filled, how ranges are written, and what they do not claim."""

import pytest

from callpath.facts.eras import Statement
from callpath.site.eras import (
    AxisView,
    RangesView,
    axis_view,
    era_view,
)

TAGS = ("v1", "v2", "v3", "v4", "v5")
EVERYWHERE = Statement((("v1", "v5"),))


def parts(found: Statement, edge: Statement | None = None) -> list[tuple[str, str]]:
    return list(era_view(TAGS, found, edge).bar)


@pytest.mark.parametrize(
    ("eras", "written"),
    [
        ((("v2", "v4"),), ("v2–v4",)),
        ((("v3", "v3"),), ("v3",)),
        ((("v1", "v3"),), ("…v1–v3",)),
        ((("v1", "v1"),), ("…v1",)),
        ((("v4", "v5"),), ("v4–v5…",)),
        ((("v5", "v5"),), ("v5…",)),
        ((("v1", "v5"),), ("…v1–v5…",)),
        ((("v1", "v2"), ("v4", "v4")), ("…v1–v2", "v4")),
        ((), ()),
    ],
)
def test_a_range_says_where_nobody_looked_further(
    eras: tuple[tuple[str, str], ...], written: tuple[str, ...]
) -> None:
    assert era_view(TAGS, Statement(eras)).ranges.holds == written


def test_a_bar_has_every_release_in_equal_steps() -> None:
    assert parts(Statement((("v2", "v3"),))) == [
        ("absent", "20"),
        ("holds", "60"),
        ("absent", "100"),
    ]
    assert parts(EVERYWHERE) == [("holds", "100")]
    assert parts(Statement()) == [("absent", "100")]
    assert parts(Statement((("v1", "v1"),), (("v2", "v2"),), (("v3", "v5"),))) == [
        *(("holds", "20"), ("otherwise", "40"), ("unknown", "100")),
    ]


def test_the_edge_stands_on_its_symbol() -> None:
    edge = Statement((("v3", "v4"),), (), (("v5", "v5"),))
    assert parts(Statement((("v2", "v5"),)), edge) == [
        *(("absent", "20"), ("defined", "40"), ("holds", "80"), ("unknown", "100")),
    ]
    view = era_view(TAGS, EVERYWHERE, edge)
    assert view.ranges == RangesView(("…v1–v5…",), (), ())
    assert view.edge == RangesView(("v3–v4",), (), ("v5…",))


def test_an_edge_that_holds_where_its_symbol_does_is_not_told_twice() -> None:
    assert era_view(TAGS, EVERYWHERE, EVERYWHERE) == era_view(TAGS, EVERYWHERE)
    nowhere = era_view(TAGS, EVERYWHERE, Statement())
    assert nowhere.edge == RangesView((), (), ())
    assert [kind for kind, _ in nowhere.bar] == ["defined"]


def test_the_axis_marks_the_version_at_hand_and_explains_what_is_shown() -> None:
    eras = [era_view(TAGS, EVERYWHERE, Statement((("v1", "v1"),)))]
    assert axis_view(TAGS, "v2", eras) == AxisView(TAGS, 5, "30", ("holds", "defined"))
    assert axis_view(TAGS, "v9", eras).pin == ""


def test_cells_that_are_too_small_are_not_drawn() -> None:
    tags = [f"v{number}" for number in range(200)]
    assert axis_view(tags, "v0", []).cells == 1
    assert axis_view(tags[:40], "v0", []).cells == 40


def test_numbers_are_no_longer_than_they_need() -> None:
    tags = ("v1", "v2", "v3")
    view = era_view(tags, Statement((("v2", "v2"),)))
    assert [end for _, end in view.bar] == ["33.33", "66.67", "100"]

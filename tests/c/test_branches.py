"""Conditions that together always hold, and those that leave a way around them."""

import pytest

from callpath.c.preprocessor.branches import are_exhaustive


@pytest.mark.parametrize(
    "conditions",
    [
        ("A", "!A"),
        ("A && B", "A && !B", "!A"),
        ("A && B", "!(A && B)"),
        ("IS_ENABLED(A) || defined (B)", "!(IS_ENABLED(A) || defined (B))"),
        ("LEVEL > 3", "!(LEVEL > 3)"),
        ("A", ""),
    ],
)
def test_all_branches_always_hold(conditions: tuple[str, ...]) -> None:
    assert are_exhaustive(conditions)


@pytest.mark.parametrize(
    "conditions",
    [
        (),
        ("A",),
        ("A", "!B"),
        ("A", "!A && B"),
        ("A != B", "!A"),
        (")", "!"),
        ("(" * 600, "!A" * 600),
        tuple(f"A{number}" for number in range(40)),
    ],
)
def test_some_branches_leave_another(conditions: tuple[str, ...]) -> None:
    assert not are_exhaustive(conditions)

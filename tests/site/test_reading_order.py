"""The order of notes: that of the navigation, then the rest."""

import pytest

from callpath.site.site import in_reading_order

NOTES = ["a.yml", "b.yml", "c/d.yml"]


@pytest.mark.parametrize(
    ("navigation", "order"),
    [
        (None, ("a.yml", "b.yml", "c/d.yml")),
        (["b.yml", "a.yml"], ("b.yml", "a.yml", "c/d.yml")),
        (
            [{"Home": "index.md"}, {"Paths": ["c/d.yml", {"First": "a.yml"}, "a.yml"]}],
            ("c/d.yml", "a.yml", "b.yml"),
        ),
        ({"Paths": {"Deep": ["b.yml"]}, "Wrong": 3}, ("b.yml", "a.yml", "c/d.yml")),
    ],
    ids=["none", "flat", "nested", "mapping"],
)
def test_the_navigation_decides(navigation: object, order: tuple[str, ...]) -> None:
    assert in_reading_order(navigation, NOTES) == order

"""Tags in the order of releases, and the choice among them."""

import pytest

from callpath.findings import UsageError
from callpath.sources.releases import (
    chosen_releases,
    release_order,
    split_patterns,
)

TAGS = ["v3.0", "v2.6.10", "v2.6.9", "v3.0-rc1", "v3.0-rc10", "v3.0-rc2", "v2.6.11-tree", "next"]


def test_releases_stand_in_their_order() -> None:
    ordered = ["v2.6.9", "v2.6.10", "v3.0-rc1", "v3.0-rc2", "v3.0-rc10", "v3.0", "v3.0.1", "v3.1"]
    orders = [release_order(tag) for tag in ordered]
    assert None not in orders
    assert sorted(order for order in orders[::-1] if order) == orders


@pytest.mark.parametrize("tag", ["next", "v2.6.11-tree", "v3.0-rsbac", "", "v"])
def test_other_tags_are_no_releases(tag: str) -> None:
    assert release_order(tag) is None


@pytest.mark.parametrize(
    ("patterns", "found"),
    [
        (["*"], ("v2.6.9", "v2.6.10", "v3.0")),
        (["v2.6.*"], ("v2.6.9", "v2.6.10")),
        (["v3.*", "v2.6.9"], ("v2.6.9", "v3.0")),
        (["v3.0-rc*"], ("v3.0-rc1", "v3.0-rc2", "v3.0-rc10")),
        (["v3.0*", "v3.0-rc2"], ("v3.0-rc2", "v3.0")),
    ],
)
def test_patterns_choose(patterns: list[str], found: tuple[str, ...]) -> None:
    assert chosen_releases(TAGS, patterns, "linux") == found


@pytest.mark.parametrize(
    ("pattern", "message", "hint"),
    [
        ("v9.*", "no tag of `linux` matches `v9.*`", "fetch them"),
        ("v2.6.90", "no tag of `linux` is `v2.6.90`", "did you mean `v2.6.9`?"),
        ("v3.0-rc[3-9]", "no tag of `linux` matches `v3.0-rc[3-9]`", "fetch them"),
        ("v2.6.11*", "the tag `v2.6.11-tree` of `linux` is no release", "a release ends in"),
    ],
)
def test_a_pattern_without_releases_is_refused(pattern: str, message: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        chosen_releases(TAGS, [pattern], "linux", "fetch them")
    assert caught.value.message == message
    assert caught.value.hint.startswith(hint)


def test_candidates_must_be_asked_for() -> None:
    with pytest.raises(UsageError, match="only release candidates of `linux` match"):
        chosen_releases(["v3.0-rc1"], ["v3.*"], "linux")


def test_a_list_is_split_at_its_commas() -> None:
    assert split_patterns(" v3.*, v2.6.9,,v3.*") == ("v3.*", "v2.6.9")
    with pytest.raises(UsageError):
        split_patterns(" ,")

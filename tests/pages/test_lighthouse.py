"""Lighthouse on the longest note: all of it that does not depend on the machine's speed."""

import pytest
from checkers import FORMS, lighthouse
from plain_site import PAGE
from web_server import Served

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("node")]

_CATEGORIES = ("accessibility", "best-practices", "seo")


@pytest.mark.parametrize("form", FORMS)
def test_lighthouse_finds_the_longest_note_better_than_a_plain_page(
    served: Served, served_plain: Served, kinds: dict[str, str], form: str
) -> None:
    theme = lighthouse(served_plain.address + PAGE, form, _CATEGORIES)
    ours = lighthouse(served.address + kinds["note"], form, (*_CATEGORIES, "performance"))
    assert ours.score("best-practices") == 100, ours.failed("best-practices")
    for category in ("accessibility", "seo"):
        least = min(theme.score(category) + 1, 100)
        assert ours.score(category) >= least, ours.failed(category)
    assert ours.number("cumulative-layout-shift") == 0

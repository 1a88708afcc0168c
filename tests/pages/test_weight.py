"""What a first visit of the longest note costs, above a plain page of the theme."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import brotli
import pytest
from built_site import BuiltSite
from plain_site import PAGE
from playwright.sync_api import Browser, ViewportSize
from traces import traced
from web_server import Sent, Served

pytestmark = pytest.mark.browser

_SIZES: dict[str, ViewportSize] = {
    "wide": {"width": 1400, "height": 900},
    "phone": {"width": 360, "height": 740},
}
_WHOLE, _STYLE_AND_SCRIPT = 60_000, 12_000
"""Bytes as a host sends them that keeps its files compressed with Brotli, without headers."""
_MATERIALS_OWN = {"sitemap.xml"}
"""Material asks for it on every page, whatever the page is; it grows with the notebook."""
_SEARCH = "search/search_index.json"
_RESTYLED, _LAID_OUT = 1_800, 1_000
"""Elements and objects in the trace of a visit."""
_VISITS = 3


@pytest.fixture(scope="module", params=_SIZES)
def size(request: pytest.FixtureRequest) -> ViewportSize:
    return _SIZES[request.param]


@contextmanager
def _visit(browser: Browser, address: str, size: ViewportSize) -> Iterator[Any]:
    """A page that was opened with an empty cache and has come to rest."""
    context: Any = browser.new_context(viewport=size)
    with context:
        page = context.new_page()
        page.goto(address)
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(1000)
        yield page


def _sent(browser: Browser, site: Served, path: str, size: ViewportSize) -> list[Sent]:
    """What a first visit brings, without what Material asks for by itself."""
    with Served(site.root) as own, _visit(browser, own.address + path, size):
        return [each for each in own.sent if each.path not in _MATERIALS_OWN]


def _weight(site: Path, sent: list[Sent]) -> int:
    return sum(_compressed(site / each.path) for each in sent)


@cache
def _compressed(file: Path) -> int:
    content = file.read_bytes()
    return min(len(content), len(brotli.compress(content)))


@pytest.fixture(scope="module")
def first(
    chromium: Browser, served: Served, kinds: dict[str, str], size: ViewportSize
) -> list[Sent]:
    """What a first visit of the longest note brings."""
    return _sent(chromium, served, kinds["note"], size)


def test_a_first_visit_of_the_longest_note_is_light(
    chromium: Browser,
    notebook: BuiltSite,
    served_plain: Served,
    first: list[Sent],
    size: ViewportSize,
) -> None:
    plain = _weight(served_plain.root, _sent(chromium, served_plain, PAGE, size))
    assert plain > 20_000
    largest = sorted(first, key=lambda each: -each.size)[:5]
    assert _weight(notebook.root, first) - plain < _WHOLE, largest


def test_our_style_and_script_are_light(notebook: BuiltSite, first: list[Sent]) -> None:
    own = [each for each in first if each.path.startswith("assets/callpath/")]
    assert own
    assert _weight(notebook.root, own) <= _STYLE_AND_SCRIPT, own


def test_source_text_waits_until_it_is_asked_for(notebook: BuiltSite, first: list[Sent]) -> None:
    """Only the script that reads the texts may speak of them; no file that brings one is loaded."""
    brought = [
        each.path
        for each in first
        if each.path.endswith(".js")
        and (notebook.root / each.path).read_text("utf-8").startswith("(window.callpathCode")
    ]
    assert brought == []


def test_what_few_readers_want_waits_until_it_is_asked_for(first: list[Sent]) -> None:
    own = {each.path for each in first if each.path.startswith("assets/callpath/")}
    assert own == {"assets/callpath/callpath.css", "assets/callpath/callpath.js"}


def test_the_index_of_the_search_waits_until_somebody_searches(
    chromium: Browser, served: Served, kinds: dict[str, str], first: list[Sent], size: ViewportSize
) -> None:
    assert _SEARCH not in {each.path for each in first}
    with Served(served.root) as own, _visit(chromium, own.address + kinds["note"], size) as page:
        if size is _SIZES["phone"]:
            page.locator(".md-header__button[for=__search]").click()
        page.locator(".md-search__input").fill("svm_init")
        page.locator(".md-search-result__item").first.wait_for()
        assert [each.path for each in own.sent].count(_SEARCH) == 1


@pytest.mark.parametrize("key", ["/", "f", "s"])
def test_a_key_opens_the_search_and_brings_its_index(
    chromium: Browser, served: Served, kinds: dict[str, str], key: str
) -> None:
    address = served.address + kinds["note"]
    with _visit(chromium, address, _SIZES["wide"]) as page, page.expect_response(f"**/{_SEARCH}"):
        page.keyboard.press(key)


def test_an_address_that_names_what_was_searched_brings_the_index(
    chromium: Browser, served: Served, kinds: dict[str, str]
) -> None:
    context: Any = chromium.new_context(viewport=_SIZES["wide"])
    with context:
        page = context.new_page()
        with page.expect_response(f"**/{_SEARCH}"):
            page.goto(f"{served.address}{kinds['note']}?h=kvm_init")
        page.locator("#kvm_init mark").first.wait_for()


def test_a_visit_on_a_phone_restyles_and_lays_out_little(
    chromium: Browser, served: Served, kinds: dict[str, str]
) -> None:
    """Material styles the whole page several times; what is not seen must be left out of that.

    A busy machine draws a page in more pieces, which counts more: the least of some visits counts.
    """
    visits = [_phone_visit(chromium, served.address + kinds["note"]) for _ in range(_VISITS)]
    styled, laid_out = (min(counts) for counts in zip(*visits, strict=True))
    assert 500 < styled <= _RESTYLED, visits
    assert 100 < laid_out <= _LAID_OUT, visits


def _phone_visit(browser: Browser, address: str) -> tuple[int, int]:
    """How many elements a first visit styles, and how many objects it lays out."""
    context: Any = browser.new_context(viewport=_SIZES["phone"], is_mobile=True)
    with context:
        page = context.new_page()
        with traced(browser, page) as trace:
            page.goto(address)
            page.wait_for_load_state("networkidle")
            page.wait_for_timeout(1000)
    styled = trace.counts("UpdateLayoutTree", "elementCount")
    return sum(styled), sum(trace.counts("Layout", "dirtyObjects"))

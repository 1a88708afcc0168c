"""axe on every kind of page: nothing beyond what it finds on a plain page of the theme."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Literal

import pytest
from page_kinds import KINDS
from plain_site import PAGE
from playwright.sync_api import Browser, Page, ViewportSize
from web_server import Served

pytestmark = pytest.mark.browser

_SIZES: dict[str, ViewportSize] = {
    "wide": {"width": 1400, "height": 900},
    "phone": {"width": 360, "height": 740},
}
# A colour that is on its way from one scheme to the other is none.
_STILL = "*, *::before, *::after { transition: none !important; animation: none !important; }"
_FOUND = """async () => (await axe.run({resultTypes: ["violations"]})).violations.flatMap(
    (rule) => rule.nodes.map((node) => [rule.id, node.target.join(" "), node.html.slice(0, 200)])
)"""
Scheme = Literal["light", "dark"]
Violations = dict[tuple[str, str], str]
"""What axe finds on a page: rule and target, with the start of the element."""


def violations(page: Page, axe: Path) -> Violations:
    """What axe finds on a page as it is."""
    page.add_style_tag(content=_STILL)
    page.add_script_tag(path=axe)
    found: list[list[str]] = page.evaluate(_FOUND)
    return {(rule, target): element for rule, target, element in found}


def visit(browser: Browser, address: str, size: str, scheme: Scheme, axe: Path) -> Violations:
    """Open a page in a new window and let axe look at it."""
    context: Any = browser.new_context(viewport=_SIZES[size], color_scheme=scheme)
    with context:
        page = context.new_page()
        page.goto(address)
        page.wait_for_load_state("networkidle")
        return violations(page, axe)


def beyond(theme: Violations, found: Violations) -> Violations:
    """What is found on a page, but not in the same element of the theme's plain one."""
    return {each: element for each, element in found.items() if each not in theme}


@pytest.fixture(scope="module")
def theme(
    chromium: Browser, served_plain: Served, axe: Path
) -> Callable[[str, Scheme], Violations]:
    """What axe finds on a plain page of the theme, by size and scheme; each is visited once."""
    return cache(
        lambda size, scheme: visit(chromium, served_plain.address + PAGE, size, scheme, axe)
    )


@pytest.mark.parametrize("size", _SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("kind", [*KINDS, "graph"])
def test_axe_finds_nothing_beyond_the_theme(
    chromium: Browser,
    served: Served,
    theme: Callable[[str, Scheme], Violations],
    kinds: dict[str, str],
    axe: Path,
    kind: str,
    scheme: Scheme,
    size: str,
) -> None:
    address = served.address + (kinds | {"graph": "graph/"})[kind]
    ours = visit(chromium, address, size, scheme, axe)
    # The theme's fault is excused in the same element only: our own parts may not repeat it.
    assert beyond(theme(size, scheme), ours) == {}


@pytest.mark.parametrize("key", ["t", "?", "o"])
def test_what_a_key_opens_has_no_fault(
    chromium: Browser,
    served: Served,
    theme: Callable[[str, Scheme], Violations],
    kinds: dict[str, str],
    axe: Path,
    key: str,
) -> None:
    page = chromium.new_page(viewport=_SIZES["wide"])
    page.goto(served.address + kinds["note"])
    page.wait_for_selector(".callpath-live")
    page.keyboard.press(key)
    page.wait_for_selector(".callpath-stepwise" if key == "o" else "dialog[open]")
    found = violations(page, axe)
    page.close()
    assert beyond(theme("wide", "light"), found) == {}


def test_axe_finds_a_fault_that_is_put_in(
    chromium: Browser,
    served: Served,
    theme: Callable[[str, Scheme], Violations],
    kinds: dict[str, str],
    axe: Path,
) -> None:
    page = chromium.new_page()
    page.goto(served.address + kinds["home"])
    page.evaluate("document.querySelector('article').append(new Image())")
    found = violations(page, axe)
    page.close()
    assert ("image-alt", "img") in beyond(theme("wide", "light"), found)

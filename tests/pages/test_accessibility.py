"""axe on every kind of page: nothing beyond what it finds on a plain page of the theme."""

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
_FOUND = """async () => (await axe.run()).violations.flatMap(
    (rule) => rule.nodes.map((node) => [rule.id, node.target.join(" "), node.html.slice(0, 200)])
)"""


def violations(page: Page, axe: Path) -> dict[tuple[str, str], str]:
    """What axe finds on a page as it is: rule and target, with the start of the element."""
    page.add_style_tag(content=_STILL)
    page.add_script_tag(path=axe)
    page.wait_for_timeout(300)
    found: list[list[str]] = page.evaluate(_FOUND)
    return {(rule, target): element for rule, target, element in found}


def visit(
    browser: Browser, address: str, size: str, scheme: Literal["light", "dark"], axe: Path
) -> dict[tuple[str, str], str]:
    """Open a page in a new window and let axe look at it."""
    context: Any = browser.new_context(viewport=_SIZES[size], color_scheme=scheme)
    with context:
        page = context.new_page()
        page.goto(address)
        page.wait_for_load_state("networkidle")
        return violations(page, axe)


@pytest.mark.parametrize("size", _SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("kind", KINDS)
def test_axe_finds_nothing_beyond_the_theme(
    chromium: Browser,
    served: Served,
    served_plain: Served,
    kinds: dict[str, str],
    axe: Path,
    kind: str,
    scheme: Literal["light", "dark"],
    size: str,
) -> None:
    theme = visit(chromium, served_plain.address + PAGE, size, scheme, axe)
    ours = visit(chromium, served.address + kinds[kind], size, scheme, axe)
    # The theme's fault is excused in the same element only: our own parts may not repeat it.
    assert {each: element for each, element in ours.items() if each not in theme} == {}


@pytest.mark.parametrize("key", ["t", "?", "o"])
def test_what_a_key_opens_has_no_fault(
    chromium: Browser,
    served: Served,
    served_plain: Served,
    kinds: dict[str, str],
    axe: Path,
    key: str,
) -> None:
    theme = visit(chromium, served_plain.address + PAGE, "wide", "light", axe)
    page = chromium.new_page(viewport=_SIZES["wide"])
    page.goto(served.address + kinds["note"])
    page.wait_for_selector(".callpath-live")
    page.keyboard.press(key)
    page.wait_for_selector(".callpath-stepwise" if key == "o" else "dialog[open]")
    found = violations(page, axe)
    page.close()
    assert {each: element for each, element in found.items() if each not in theme} == {}


def test_axe_finds_a_fault_that_is_put_in(
    chromium: Browser, served: Served, served_plain: Served, kinds: dict[str, str], axe: Path
) -> None:
    theme = visit(chromium, served_plain.address + PAGE, "wide", "light", axe)
    page = chromium.new_page()
    page.goto(served.address + kinds["home"])
    page.evaluate("document.querySelector('article').append(new Image())")
    found = violations(page, axe)
    page.close()
    assert ("image-alt", "img") in found
    assert ("image-alt", "img") not in theme

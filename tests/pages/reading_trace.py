"""Reads a whole note, by wheel and by keys, and traces what the page's main thread did."""

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, Page
from traces import Trace, traced

_AWAKE = "() => !document.querySelector('.callpath-far')"
_DRAWN = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


@dataclass(frozen=True)
class Reading:
    """One way to read, from the first step to the last."""

    steps: int
    """How many times the wheel was turned or a key pressed."""
    elements: int
    """How many elements the page has."""
    trace: Trace


def read_note(browser: Browser, address: str) -> dict[str, Reading]:
    """Load a note in a wide window, wait until it rests, then read it: `wheel`, then `keys`."""
    context: Any = browser.new_context(viewport={"width": 1400, "height": 900})
    with context:
        page = context.new_page()
        page.goto(address)
        page.wait_for_load_state("networkidle")
        page.wait_for_function(_AWAKE)
        with traced(browser, page) as trace:
            turned = _turn_the_wheel(page)
        elements = int(page.evaluate("document.querySelectorAll('*').length"))
        wheel = Reading(turned, elements, trace)
        page.evaluate("scrollTo({top: 0, behavior: 'instant'})")
        page.evaluate(_DRAWN)
        with traced(browser, page) as trace:
            pressed = _press_keys(page)
        return {"wheel": wheel, "keys": Reading(pressed, elements, trace)}


def _turn_the_wheel(page: Page) -> int:
    """Scroll to the end; the note grows while parts of it are drawn for the first time."""
    page.mouse.move(600, 500)
    turns = 0
    while turns < 1000:
        page.mouse.wheel(0, 600)
        page.evaluate(_DRAWN)
        turns += 1
        if page.evaluate("scrollY + innerHeight >= document.scrollingElement.scrollHeight - 2"):
            break
    return turns


def _press_keys(page: Page) -> int:
    count: int = page.locator("section.callpath-step").count()
    for _ in range(count):
        page.keyboard.press("j")
        page.evaluate(_DRAWN)
    return count

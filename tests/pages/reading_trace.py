"""Reads a whole note, by wheel and by keys, and says what the page's main thread did."""

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, Page
from traces import Task, traced

LIMIT = 50.0
"""Milliseconds that a task may take: longer ones are felt."""


@dataclass(frozen=True)
class Reading:
    """The tasks of one way to read."""

    steps: int
    """How many times the wheel was turned or a key pressed."""
    tasks: list[Task]

    def longest(self, count: int = 5) -> list[Task]:
        """The tasks that took most of the thread's own time, longest first."""
        return sorted(self.tasks, key=lambda task: -task.cpu)[:count]


def read_note(browser: Browser, address: str) -> dict[str, Reading]:
    """Load a note in a wide window, wait until it rests, then read it: `wheel`, then `keys`."""
    context: Any = browser.new_context(viewport={"width": 1400, "height": 900})
    with context:
        page = context.new_page()
        page.goto(address)
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(2000)
        with traced(browser, page) as trace:
            turned = _turn_the_wheel(page)
        wheel = Reading(turned, trace.tasks())
        page.evaluate("scrollTo({top: 0, behavior: 'instant'})")
        page.wait_for_timeout(1000)
        with traced(browser, page) as trace:
            pressed = _press_keys(page)
        return {"wheel": wheel, "keys": Reading(pressed, trace.tasks())}


def _turn_the_wheel(page: Page) -> int:
    """Scroll to the end; the note grows while parts of it are drawn for the first time."""
    page.mouse.move(600, 500)
    turns = 0
    while turns < 1000:
        page.mouse.wheel(0, 600)
        page.wait_for_timeout(30)
        turns += 1
        if page.evaluate("scrollY + innerHeight >= document.scrollingElement.scrollHeight - 2"):
            break
    page.wait_for_timeout(500)
    return turns


def _press_keys(page: Page) -> int:
    count: int = page.locator("section.callpath-step").count()
    for _ in range(count):
        page.keyboard.press("j")
        page.wait_for_timeout(30)
    page.wait_for_timeout(500)
    return count

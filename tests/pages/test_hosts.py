"""What a reader finds on each host, tried in Debian's browser from one table."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic

import pytest
from host_sites import HOSTS, NOTE, READINGS, STEPS, WORD, build_host
from playwright.sync_api import Browser, Error as PlaywrightError, Locator, Page, expect
from runs import made_once
from web_server import Served

pytestmark = pytest.mark.browser

WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 800}
_PATIENCE = 300_000
"""Milliseconds for what it can: a busy machine is no fault."""
_WAIT = 10_000
"""Milliseconds for what a host "cannot": long enough that one which can would have done it."""

CURRENT = "document.querySelector('.callpath-step.callpath-current > h2')?.id"


class Visit:
    """Opens pages of one host's site, as a reader with a new window does."""

    def __init__(self, browser: Browser, address: str, host: str) -> None:
        self.browser, self.address, self.host = browser, address, host
        self.in_vain = False  # whether the reading is one that the host cannot

    def __call__(self, path: str = NOTE, size: dict[str, int] = WIDE, **how: object) -> Page:
        page = self.browser.new_context(viewport=size, **how).new_page()
        if self.in_vain:
            page.set_default_timeout(_WAIT)
        page.goto(self.address + path)
        return page

    def note(self, path: str = NOTE, size: dict[str, int] = WIDE, **how: object) -> Page:
        """A page of the note, its script at work."""
        page = self(path, size, **how)
        page.wait_for_selector(".callpath-bar [rel=next]:not([href='#'])", state="attached")
        return page


@pytest.fixture(params=HOSTS)
def visit(request, chromium: Browser, shared: Path) -> Iterator[Visit]:
    host = request.param
    folder = made_once(shared / f"host-{host}", lambda folder: build_host(folder, host) and None)
    with Served(folder / "site") as served:
        before = len(chromium.contexts)
        yield Visit(chromium, served.address, host)
        for context in chromium.contexts[before:]:
            context.close()
        expect.set_options(timeout=None)


def steps_list(page: Page) -> Locator:
    """The links of the path, after what they are behind was opened."""
    links = page.locator(".callpath-path-steps a")
    if (fold := page.locator(".callpath-path-fold > summary")).count():
        fold.click()
    elif not links.first.is_visible():
        page.locator(".md-header label[for='__drawer']").click()
    return links


def path(visit: Visit) -> None:
    page = visit.note()
    links = steps_list(page)
    expect(links).to_have_text(list(STEPS))
    links.nth(3).click()
    expect(page.locator(".callpath-path-steps a[aria-current]")).to_have_text(STEPS[3])


def phone(visit: Visit) -> None:
    page = visit.note(size=NARROW)
    assert not page.locator(".callpath-path-steps a").first.is_visible()
    links = steps_list(page)
    expect(links).to_have_text(list(STEPS))
    expect(links.nth(1)).to_be_in_viewport()
    links.nth(1).click()
    page.wait_for_function(f"location.hash === '#{STEPS[1]}'")
    expect(page.locator(f"#{STEPS[1]}")).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def columns(visit: Visit) -> None:
    page = visit.note(f"{NOTE}#{STEPS[1]}")
    expect(page.locator(".callpath-picture svg")).to_be_in_viewport()
    boxes = [
        page.locator(each).first.bounding_box()
        for each in (".callpath-path-steps", ".callpath-steps", ".callpath-picture svg")
    ]
    left, middle, right = (box for box in boxes if box)
    assert left["x"] + left["width"] <= middle["x"] < middle["x"] + middle["width"] <= right["x"]


def address(visit: Visit) -> None:
    page = visit.note(f"{NOTE}#{STEPS[2]}")
    page.wait_for_function(f"{CURRENT} === '{STEPS[2]}'")
    expect(page.locator(f"#{STEPS[2]}")).to_be_in_viewport()
    page.keyboard.press("k")
    page.wait_for_function(f"location.hash === '#{STEPS[1]}'")


def graph(visit: Visit) -> None:
    page = visit.note(f"{NOTE}#{STEPS[0]}")
    if not page.locator(".callpath-picture").is_visible():
        page.locator(".callpath-pane > summary").click()
    box = page.locator(".callpath-node.callpath-current")
    expect(box).to_have_attribute("data-node", STEPS[0])
    page.locator(f".callpath-node[data-node='{STEPS[1]}']").click()
    page.wait_for_function(f"location.hash === '#{STEPS[1]}'")


def code(visit: Visit) -> None:
    page = visit.note(f"{NOTE}#{STEPS[0]}")
    page.locator(f"section:has(> #{STEPS[0]}) .callpath-head .callpath-code-link").click()
    shown = page.locator("pre.callpath-source:visible").first
    expect(shown).to_contain_text("clock_register(&quartz_ops);")
    shown.locator("a", has_text="clock_register").click()
    page.wait_for_function(f"location.hash === '#{STEPS[1]}'")


def preview(visit: Visit) -> None:
    page = visit.note(f"{NOTE}#{STEPS[0]}")
    page.wait_for_load_state("networkidle")
    link = page.locator(f"section:has(> #{STEPS[0]}) p a", has_text="clock_register").first
    shown = page.locator(".callpath-preview small")
    link.hover()
    while not visit.in_vain and not shown.count():  # a page that still moves hides it again
        page.mouse.move(1, 1)
        link.hover()
        page.wait_for_timeout(2000)
    expect(shown).to_contain_text("drivers/clock/core.c:3")


def keys(visit: Visit) -> None:
    page = visit.note()
    for key, step in (("j", 0), ("j", 1), ("k", 0)):
        page.keyboard.press(key)
        page.wait_for_function(f"location.hash === '#{STEPS[step]}'")
    page.keyboard.press("o")
    page.wait_for_function("document.querySelectorAll('.callpath-stepwise').length > 0")
    page.keyboard.press("ArrowRight")
    page.wait_for_function(f"location.hash === '#{STEPS[1]}'")
    assert page.locator(".callpath-step:visible").count() == 1


def help_of_keys(visit: Visit) -> None:
    page = visit.note()
    page.keyboard.press("?")
    table = page.locator("dialog[open], .modal.show")
    expect(table.locator("kbd", has_text="j").first).to_be_visible()
    assert table.count() == 1
    listed = table.locator("kbd").all_inner_texts()
    assert len(listed) == len({*listed}), f"one key, two meanings: {listed}"


def switcher(visit: Visit) -> None:
    page = visit.note()
    page.keyboard.press("t")
    field = page.locator("dialog[open] input[role=combobox]")
    expect(field).to_be_focused()
    page.keyboard.type("qsetup")
    expect(page.locator("dialog[open] [role=option] code").first).to_have_text("quartz_setup")
    page.keyboard.press("Enter")
    page.wait_for_url("**/quartz_setup/")


def _search(visit: Visit, words: str) -> Locator:
    """What the host's own search shows for words that are typed into its field."""
    page = visit.note()
    page.keyboard.press("s" if visit.host == "mkdocs" else "/")
    fields = {"mkdocs": "#mkdocs-search-query", "zensical": "dialog input"}
    results = {"mkdocs": "#mkdocs-search-results article", "zensical": "dialog ol > li"}
    field = page.locator(fields.get(visit.host, ".md-search__input"))
    expect(field).to_be_focused()
    page.keyboard.type(words)
    expect(field).to_have_value(words)
    found = page.locator(results.get(visit.host, ".md-search-result__item"))
    patience = monotonic() + _PATIENCE / 1000
    while visit.host == "mkdocs" and not found.count() and monotonic() < patience:
        page.keyboard.press("End")  # it looks when a key is let go, once it has its index
    found.first.wait_for()
    assert page.evaluate("location.hash") == "", "a key in the field moved the reader"
    return found


def typing(visit: Visit) -> None:
    expect(_search(visit, "clock_register").first).to_contain_text("clock_register")
    expect(_search(visit, "quartz_setup").first).to_contain_text("quartz_setup")


def chinese(visit: Visit) -> None:
    expect(_search(visit, WORD).filter(has_text="quartz_setup").first).to_be_visible()


def shortcut(visit: Visit) -> None:
    page = visit.note()
    page.keyboard.press("Control+k")
    expect(page.locator("dialog:modal")).to_have_count(1)
    expect(page.locator("dialog:modal input[role=combobox]")).to_be_focused()
    assert page.locator("dialog.callpath-dialog").count() == 1


def script(visit: Visit) -> None:
    page = visit(java_script_enabled=False)
    expect(page.locator(".callpath-step h2 > code")).to_have_text(list(STEPS))
    for gone in (".callpath-tools", ".callpath-bar"):
        assert not any(each.is_visible() for each in page.locator(gone).all())
    page.locator(".callpath-step .callpath-more a").first.click()
    expect(page.locator("pre.callpath-source")).to_contain_text("clock_register(&quartz_ops);")


def dark(visit: Visit) -> None:
    back = "getComputedStyle(document.body).backgroundColor.match(/[0-9]+/g).slice(0, 3)"
    light, night = (
        sum(map(int, visit.note(color_scheme=scheme).evaluate(back)))
        for scheme in ("light", "dark")
    )
    assert light > 600
    assert night < 200


def print_(visit: Visit) -> None:
    page = visit.note(f"{NOTE}#{STEPS[1]}")
    page.emulate_media(media="print")
    for gone in (".callpath-path", ".callpath-bar", ".callpath-tools", ".md-header", ".navbar"):
        assert not any(each.is_visible() for each in page.locator(gone).all()), gone
    assert page.locator(".callpath-step:visible").count() == len(STEPS)
    assert len(page.pdf()) > 10_000
    expect(page.locator(".callpath-picture svg")).to_be_visible()


def files(visit: Visit) -> None:
    page = visit()
    notebook = json.loads(page.request.get(f"{visit.address}notebook.json").text())
    assert notebook["counts"]["steps"] == len(STEPS)
    for name in ("badges/kvm/init.svg", "graphs/kvm/init.svg", "llms.txt", "llms-full.txt"):
        assert page.request.get(visit.address + name).ok, name


CHECKS: dict[str, Callable[[Visit], None]] = {
    check.__name__.rstrip("_"): check
    for check in (
        *(path, phone, columns, address, graph, code, preview, keys, switcher, typing, chinese),
        *(shortcut, script, dark, print_, files),
    )
} | {"help": help_of_keys}


def test_every_reading_of_the_table_is_tried() -> None:
    assert {each["name"] for each in READINGS} == CHECKS.keys()
    assert {host for each in READINGS for host in each.get("cannot", {})} <= HOSTS.keys()


@pytest.mark.parametrize("reading", READINGS, ids=lambda reading: reading["name"])
def test_a_reader_finds(visit: Visit, reading) -> None:
    check = CHECKS[reading["name"]]
    if visit.host in reading.get("cannot", {}):
        visit.in_vain = True
        expect.set_options(timeout=_WAIT)
        with pytest.raises((AssertionError, PlaywrightError)):
            check(visit)
    else:
        expect.set_options(timeout=_PATIENCE)
        check(visit)

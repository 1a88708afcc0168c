"""The built site in Debian's browser: every kind of page, light and dark, wide and narrow."""

import pytest

pytestmark = pytest.mark.browser

_PAGES = {
    "home": "",
    "note": "kvm/init/",
    "symbol": "source/linux/virt/kvm/kvm_main.c/kvm_init/",
    "file": "source/linux/arch/x86/kvm/svm.c/",
    "symbols": "symbols/",
    "files": "files/",
    "graph": "graph/",
}
_WIDE, _NARROW = {"width": 1400, "height": 900}, {"width": 360, "height": 740}


@pytest.mark.parametrize("kind", _PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pages_open_without_a_complaint(opened, kind, scheme):
    page = opened(_PAGES[kind], _WIDE, scheme)
    page.wait_for_function("window.document$ !== undefined")
    expected = {"light": "default", "dark": "slate"}[scheme]
    assert page.get_attribute("body", "data-md-color-scheme") == expected
    assert page.locator("h1:visible").count() == 1


@pytest.mark.parametrize("kind", _PAGES)
def test_a_narrow_page_does_not_scroll_sideways(opened, kind):
    page = opened(_PAGES[kind], _NARROW)
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("size", [_WIDE, _NARROW], ids=["wide", "narrow"])
def test_the_graph_is_legible_and_opens_where_it_starts(opened, size):
    page = opened(_PAGES["note"], size)
    name = page.locator(".callpath-node text").first
    assert name.bounding_box()["height"] >= 10
    frame = page.locator(".callpath-picture").bounding_box()
    box = page.locator(".callpath-node rect").first.bounding_box()
    assert frame["x"] <= box["x"]
    assert box["x"] + box["width"] <= frame["x"] + frame["width"]
    assert frame["y"] <= box["y"]
    assert box["y"] + box["height"] <= frame["y"] + frame["height"]


def test_a_click_on_a_box_goes_to_the_step(opened):
    page = opened(_PAGES["note"], _WIDE)
    page.locator("a.callpath-node:has(text:text-is('svm_init'))").click()
    page.wait_for_url("**/kvm/init/#svm_init")
    page.wait_for_function(
        "Math.abs(document.getElementById('svm_init').getBoundingClientRect().top) < 200"
    )
    header = page.locator(".md-header").bounding_box()
    heading = page.locator("#svm_init").bounding_box()
    assert heading["y"] >= header["y"] + header["height"]


def test_a_link_to_a_symbol_shows_its_page_without_loading(opened, served):
    page = opened(_PAGES["note"], _WIDE)
    page.wait_for_function("window.document$ !== undefined")
    page.wait_for_load_state("networkidle")
    page.evaluate("window.stayed = true")
    link = page.locator("section:has(> #kvm_init) .callpath-more a")
    link.scroll_into_view_if_needed()
    page.wait_for_url("**/kvm/init/#*")  # Material has written the step that is read
    link.click()
    page.wait_for_url(served.address + _PAGES["symbol"])
    page.locator("h1 >> text=kvm_init").wait_for()
    assert page.evaluate("window.stayed") is True
    # And back by the first backlink, with the graph where it starts.
    page.locator(".callpath-backlinks a").first.click()
    page.wait_for_url("**/kvm/init/#kvm_init")
    page.locator(".callpath-picture").wait_for()
    assert page.evaluate("window.stayed") is True
    assert page.evaluate("document.querySelector('.callpath-picture').scrollTop") > 0


def test_a_click_on_a_box_of_the_whole_graph_goes_to_the_symbol(opened, served):
    page = opened(_PAGES["graph"], _WIDE)
    page.locator("a.callpath-node:has(text:text-is('kvm_lapic_init'))").click()
    page.wait_for_url(served.address + "source/linux/arch/x86/kvm/lapic.c/kvm_lapic_init/")
    page.locator("h1 >> text=kvm_lapic_init").wait_for()

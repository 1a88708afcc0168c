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
    page.locator(".callpath-node.callpath-current[data-node=kvm_init]").wait_for()
    assert page.evaluate("window.stayed") is True


def test_the_switch_goes_to_the_graph_of_the_other_version(opened, served):
    page = opened(_PAGES["graph"], _WIDE)
    page.locator(".callpath-releases a", has_text="v6.12").click()
    page.wait_for_url("**/graph/#call-graph-v6.12")
    page.locator("section:has(> #call-graph-v6\\.12) .callpath-live").wait_for()
    top = page.locator("#call-graph-v6\\.12").bounding_box()["y"]
    assert 0 < top < 500
    page.locator("section:has(> #call-graph-v6\\.12) [data-zoom='⤢']").click()
    page.locator("dialog a.callpath-node:has(text:text-is('kvm_x86_vendor_init'))").click()
    page.wait_for_url(served.address + "source/linux/arch/x86/kvm/x86.c/kvm_x86_vendor_init/")


def test_a_click_on_a_box_of_the_whole_graph_goes_to_the_symbol(opened, served):
    page = opened(_PAGES["graph"], _WIDE)
    page.locator("section:has(> #call-graph-v3\\.7) [data-zoom='⤢']").click()  # all of it in sight
    page.locator("dialog a.callpath-node:has(text:text-is('kvm_lapic_init'))").click()
    page.wait_for_url(served.address + "source/linux/arch/x86/kvm/lapic.c/kvm_lapic_init/")
    page.locator("h1 >> text=kvm_lapic_init").wait_for()

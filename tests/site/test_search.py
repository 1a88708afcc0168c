"""Search as readers use it: typed into the page, in Debian's browser."""

import json
from urllib.parse import unquote

import pytest

from callpath.core.search_words import words_without_page

pytestmark = pytest.mark.browser

_KERNEL = "source/linux/"
_FIRST = {
    "初始化": "kvm/init/",
    "svm_init": f"{_KERNEL}arch/x86/kvm/svm.c/svm_init/",
    "kvm_init": f"{_KERNEL}virt/kvm/kvm_main.c/kvm_init/",
    "kvm_arch_init": f"{_KERNEL}arch/x86/kvm/x86.c/kvm_arch_init/",
    "per_cpu": f"{_KERNEL}include/asm-generic/percpu.h/macro.per_cpu/",
    "misc_register": f"{_KERNEL}drivers/char/misc.c/misc_register/",
    "kvm_vcpu": f"{_KERNEL}include/linux/kvm_host.h/struct.kvm_vcpu/",
    "svm.c": f"{_KERNEL}arch/x86/kvm/svm.c/",
    "kvm_main.c": f"{_KERNEL}virt/kvm/kvm_main.c/",
}
_FOUND = ("虚拟机", "hardware_setup", "重启", "kvm_main", "percpu", "hardware_enable", "x86.c:4884")
_NOT_FOUND = ("zzz_init", "火星", "xsvm_init", "kvm_init_zzz", "q")


@pytest.fixture(scope="module")
def results(chromium, served):
    """Types a word into the search field; gives the addresses of the pages found, best first."""
    page = chromium.new_page()
    page.goto(served.address)
    page.click("label.md-header__button[for=__search]:visible, .md-search__form")
    field = page.locator(".md-search__input")
    known: dict[str, list[str]] = {}

    def search(word):
        if word not in known:
            field.fill("")
            page.wait_for_function("!document.querySelector('.md-search-result__item')")
            field.fill(word)
            # The line above the results says how many there are as soon as the worker answered.
            page.wait_for_function(
                "!/正在|键入/.test(document.querySelector('.md-search-result__meta').textContent)"
            )
            page.wait_for_timeout(100)
            links = page.locator(".md-search-result__item > a:first-child")
            hrefs = [link.get_attribute("href") or "" for link in links.all()]
            known[word] = [
                unquote(href.partition("?")[0].partition("#")[0]).removeprefix(served.address)
                for href in hrefs
            ]
        return known[word]

    yield search
    page.close()


@pytest.mark.parametrize("word", _FIRST)
def test_the_page_that_is_meant_comes_first(results, word):
    assert results(word)[:1] == [_FIRST[word]]


@pytest.mark.parametrize("word", [*_FIRST, *_FOUND, *_NOT_FOUND])
def test_the_check_at_build_time_agrees_with_the_browser(notebook, results, word):
    text = (notebook.root / "search/search_index.json").read_text(encoding="utf-8")
    missing = words_without_page(json.loads(text), [word])
    assert (missing == ()) is bool(results(word))
    assert bool(results(word)) is (word not in _NOT_FOUND)

"""Search as readers use it: typed into the page, in Debian's browser."""

import json
import re
from collections import Counter
from dataclasses import dataclass
from urllib.parse import unquote

import pytest

from callpath.plugin.search_index import words_without_page

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
    "hardware_setup": f"{_KERNEL}arch/x86/kvm/vmx.c/hardware_setup/",
    "kvm_reboot": f"{_KERNEL}virt/kvm/kvm_main.c/kvm_reboot/",
    "KVM_PIO_PAGE_OFFSET": f"{_KERNEL}arch/x86/include/asm/kvm_host.h/macro.KVM_PIO_PAGE_OFFSET/",
    "svm.c": f"{_KERNEL}arch/x86/kvm/svm.c/",
    "kvm_main.c": f"{_KERNEL}virt/kvm/kvm_main.c/",
}
_FOUND = ("虚拟机", "重启", "kvm_main", "percpu", "hardware_enable", "debugfs")
_NOT_FOUND = ("zzz_init", "火星", "xsvm_init", "kvm_init_zzz", "svm_dance")


@pytest.fixture(scope="module")
def results(chromium, served):
    """Types words into the search field; gives what is found for each, best first."""
    page = chromium.new_page()
    page.goto(served.address)
    field = page.locator(".md-search__input")
    field.click()
    known: dict[str, list[Result]] = {}

    def search(word):
        if word not in known:
            field.fill("")
            field.press("End")
            page.wait_for_function(_EMPTY)
            field.fill(word)
            field.press("End")
            page.wait_for_function(_ANSWERED)
            known[word] = [_result(*found, served.address) for found in page.evaluate(_RESULTS)]
        return known[word]

    yield search
    page.close()


_META = "document.querySelector('.md-search-result__meta').textContent"
_EMPTY = f"{_META}.includes('键入') && !document.querySelector('.md-search-result__item')"
_ANSWERED = f"/没有找到|符合条件/.test({_META})"
# Each result has a link to its page and links to what was found in it; a score of 0 stands for a
# page in which only a section was found, and what was not found in an entry is named there.
_RESULTS = """
[...document.querySelectorAll(".md-search-result__item")].map((item) => [
  item.querySelector("a").href,
  [...item.querySelectorAll("article")].some((entry) =>
    entry.dataset.mdScore !== "0.00" && !entry.querySelector(".md-search-result__terms")),
])
"""


@dataclass(frozen=True)
class Result:
    """A page that was found; `whole` is whether one entry has every part of what was typed."""

    path: str
    whole: bool


def _result(href, whole, address):
    return Result(unquote(re.sub(r"[?#].*", "", href)).removeprefix(address), whole)


@pytest.mark.parametrize("word", _FIRST)
def test_the_page_that_is_meant_comes_first(results, word):
    assert [result.path for result in results(word)][:1] == [_FIRST[word]]


def test_nearly_every_name_finds_its_own_page_first(results, report):
    """All but those that search cannot tell apart: `__x` and `x`, `X` and `x`."""
    every = {one["symbol"] for one in report["references"]}
    alike = Counter(_plain(name) for name in every)
    names = sorted(name for name in every if alike[_plain(name)] == 1)[::6]
    assert len(names) > 60
    wrong = [name for name in names if not _is_page_of(results(name)[0].path, name)]
    assert len(wrong) <= len(names) // 20, wrong


def _plain(name):
    """What search sees of a name."""
    return name.strip("_").lower()


def _is_page_of(path, name):
    last = path.rstrip("/").rpartition("/")[2]
    return last == name or last.partition(".")[2] == name


@pytest.mark.parametrize("word", [*_FIRST, *_FOUND, *_NOT_FOUND])
def test_the_check_at_build_time_agrees_with_the_browser(notebook, results, word):
    text = (notebook.root / "search/search_index.json").read_text(encoding="utf-8")
    missing = words_without_page(json.loads(text), [word])
    found = any(result.whole for result in results(word))
    assert found is (word not in _NOT_FOUND)
    assert found is (missing == ())


def test_the_index_is_as_short_as_its_words(notebook):
    """Every page loads it: what is not ASCII is not escaped, and nothing is indented."""
    text = (notebook.root / "search/search_index.json").read_text(encoding="utf-8")
    shortest = json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"))
    assert text == shortest
    assert "虚拟机" in text.replace("\u200b", "")

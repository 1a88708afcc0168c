"""Addresses of pages: those that MkDocs gives to the same source paths, and links between them."""

import posixpath
from urllib.parse import unquote, urljoin

import pytest
from hypothesis import given, strategies as st
from mkdocs.structure.files import File

from callpath.addresses import (
    INDEX_PAGES,
    Layout,
    badge_file,
    file_address,
    file_page,
    graph_file,
    note_page,
    symbol_page,
)
from callpath.model import SymbolKind

PAGES = [
    "index.md",
    "README.md",
    "readme.md",
    "Index.md",
    "about.md",
    "kvm/index.md",
    "kvm/README.md",
    "kvm/readme.md",
    "kvm/a.b.c.md",
    "kvm/with space.md",
    "中文/页.md",
    "a#b/c?d.md",
    "a%20b.md",
    "a:b.md",
    "~x/(y).md",
    note_page("kvm/init"),
    note_page("README"),
    file_page("linux", "drivers/net/a+b,c=d.c"),
    file_page("linux", "Makefile"),
    symbol_page("linux", "virt/kvm/kvm_main.c", SymbolKind.FUNCTION, "kvm_init"),
    symbol_page("linux", "a.h", SymbolKind.FIELD, "file_operations.open"),
    symbol_page("linux", "a.c", SymbolKind.FUNCTION, "index"),
    symbol_page("linux", "a.c", SymbolKind.FUNCTION, "README"),
    *INDEX_PAGES,
]


@pytest.mark.parametrize("directory_urls", [True, False])
@pytest.mark.parametrize("page", PAGES)
def test_addresses_are_those_of_mkdocs(page: str, directory_urls: bool) -> None:
    # MkDocs knows Markdown files only; a note has the address that a Markdown file would have.
    markdown = posixpath.splitext(page)[0] + ".md"
    file = File(markdown, "docs", "site", directory_urls)
    assert Layout(directory_urls).address(page) == file.url


@pytest.mark.parametrize(
    ("kind", "name", "page"),
    [
        (SymbolKind.FUNCTION, "kvm_init", "source/linux/a.c/kvm_init.md"),
        (SymbolKind.STRUCT, "kvm", "source/linux/a.c/struct.kvm.md"),
        (SymbolKind.FIELD, "kvm.mm", "source/linux/a.c/field.kvm.mm.md"),
        (SymbolKind.MACRO, "index", "source/linux/a.c/macro.index.md"),
        (SymbolKind.FUNCTION, "index", "source/linux/a.c/function.index.md"),
        (SymbolKind.FUNCTION, "ReadMe", "source/linux/a.c/function.ReadMe.md"),
    ],
)
def test_symbols_of_every_kind_have_pages_of_their_own(
    kind: SymbolKind, name: str, page: str
) -> None:
    assert symbol_page("linux", "a.c", kind, name) == page


@pytest.mark.parametrize("directory_urls", [True, False])
def test_no_two_symbols_share_an_address(directory_urls: bool) -> None:
    layout = Layout(directory_urls)
    names = ["index", "readme", "README", "struct", "a.b", "struct.a", "Index"]
    pages = [symbol_page("linux", "a.c", kind, name) for kind in SymbolKind for name in names]
    pages += [file_page("linux", "a.c"), file_page("linux", "a.c/x")]
    addresses = [layout.address(page) for page in pages]
    assert len(set(addresses)) == len(addresses)


SEGMENTS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/\\"),
    min_size=1,
    max_size=5,
).filter(lambda name: name.strip(".") != "")
ANY_PAGE = st.lists(SEGMENTS, min_size=1, max_size=4).map(lambda parts: "/".join(parts) + ".md")
BASE = "http://site.invalid/sub/"


@pytest.mark.parametrize("directory_urls", [True, False])
@given(origin=ANY_PAGE | st.sampled_from(PAGES), target=ANY_PAGE | st.sampled_from(PAGES))
def test_a_link_leads_from_any_page_to_any_page(
    directory_urls: bool, origin: str, target: str
) -> None:
    layout = Layout(directory_urls)
    here = urljoin(BASE, layout.address(origin))
    expected = urljoin(BASE, layout.address(target))
    assert urljoin(here, layout.link(origin, target)) == expected
    assert urljoin(here, layout.link(origin, target, "step-2")) == f"{expected}#step-2"


@pytest.mark.parametrize("directory_urls", [True, False])
@given(origin=ANY_PAGE | st.sampled_from(PAGES))
def test_an_asset_is_found_from_any_page(directory_urls: bool, origin: str) -> None:
    layout = Layout(directory_urls)
    here = urljoin(BASE, layout.address(origin))
    assert urljoin(here, layout.asset(origin, "assets/callpath/callpath.css")) == (
        f"{BASE}assets/callpath/callpath.css"
    )


@pytest.mark.parametrize(
    ("origin", "target", "anchor", "directories", "files"),
    [
        ("index.md", "kvm/init.yml", "", "kvm/init/", "kvm/init.html"),
        ("kvm/init.yml", "index.md", "", "../../", "../index.html"),
        ("kvm/init.yml", "kvm/vmx.yml", "a", "../vmx/#a", "vmx.html#a"),
        ("kvm/init.yml", "kvm/init.yml", "a", "#a", "#a"),
        ("index.md", "index.md", "", "./", "index.html"),
        ("kvm/init.yml", "kvm/init.yml", "", "./", "init.html"),
    ],
)
def test_links(origin: str, target: str, anchor: str, directories: str, files: str) -> None:
    assert Layout(True).link(origin, target, anchor) == directories
    assert Layout(False).link(origin, target, anchor) == files


def test_an_anchor_is_quoted() -> None:
    link = Layout().link("a.md", "b.md", 'x"<初>')
    assert link == "../b/#x%22%3C%E5%88%9D%3E"
    assert unquote(link).endswith('#x"<初>')


def test_the_files_of_a_note_and_of_the_notebook_never_meet() -> None:
    assert badge_file("kvm/init") == "badges/kvm/init.svg"
    assert graph_file("kvm/init", "json") == "graphs/kvm/init.json"
    assert (badge_file(), graph_file()) == ("badges/notebook.svg", "graphs/notebook.svg")
    assert badge_file("notebook") == "badges/notebook.yml.svg"
    assert file_address("badges/笔 记.svg") == "badges/%E7%AC%94%20%E8%AE%B0.svg"


def test_a_step_has_an_address() -> None:
    assert Layout().step("kvm/init", "svm_init") == "kvm/init/#svm_init"
    assert Layout(directory_urls=False).step("kvm/init", "a") == "kvm/init.html#a"

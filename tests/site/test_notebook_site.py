"""The repository's notebook as a site: strict build, links, facts, graphs."""

import re
from urllib.parse import quote

import pytest
from built_site import ADDRESS, BuiltSite, Page
from lxml import etree
from runs import ROOT

_STEP = '//section[has-class("callpath-step")]'


def test_strict_build_has_no_warning(notebook, notebook_log):
    # The fixture asserts the exit status; what it said is for whoever reads a failure.
    assert len(notebook.pages) > 300
    assert not re.search(r"^(WARNING|ERROR)", notebook_log, re.MULTILINE), notebook_log


def test_every_link_of_every_page_resolves(notebook):
    assert notebook.faults() == []


def test_no_page_loads_anything_from_elsewhere(notebook):
    assert notebook.foreign_requests() == []


def test_links_inside_pictures_are_looked_at_too(notebook):
    links = [
        link.href
        for link in notebook.pages["graph/index.html"].links
        if link.element.get("xlink:href") is not None
    ]
    # Boxes lead to symbols, arrows to the place in the source that proves them.
    inside = [link for link in links if link.startswith("../source/")]
    outside = [link for link in links if link.startswith("https://elixir.bootlin.com/linux/v3.7/")]
    assert len(inside) > 100
    assert len(outside) > 100
    assert len(links) == len(inside) + len(outside)


def test_what_is_no_page_is_not_published(notebook):
    assert not [path for path in notebook.files if path.endswith((".yml", ".yaml", ".lock"))]
    assert "assets/callpath/callpath.css" in notebook.files


# --- the facts of the lockfile on the pages --------------------------------------------------


def _steps(report):
    return [one for one in report["references"] if "link" not in one]


def _note_page(notebook: BuiltSite, note: str) -> Page:
    return notebook.pages[f"{note}/index.html"]


def _step(page: Page, step: str) -> Page:
    """The part of a note's page that a step has."""
    return page.part(page.by_id[step].getparent())


def _symbol_page(notebook: BuiltSite, one) -> Page:
    plain = one["kind"] == "function"
    name = one["symbol"] if plain else f"{one['kind']}.{one['symbol']}"
    project = one.get("project", "linux")
    return notebook.pages[f"source/{project}/{one['path']}/{name}/index.html"]


def test_the_notebook_is_large_enough(report):
    symbols = {(one["path"], one["kind"], one["symbol"]) for one in _steps(report)}
    assert len(symbols) >= 70
    assert len({path for path, _, _ in symbols}) >= 15
    assert {one["status"] for one in report["references"]} == {"resolved"}


def test_every_reference_has_a_symbol_page_and_a_file_page(notebook, report):
    for one in report["references"]:
        page = _symbol_page(notebook, one)
        assert page.texts("//h1") == [one["symbol"]]
        assert one["url"] in page.hrefs('//a[has-class("callpath-place")]')
        address = f"https://elixir.bootlin.com/linux/v3.7/source/{one['path']}"
        last = f"-L{one['end']}" if one["end"] > one["start"] else ""
        assert f"{address}#L{one['start']}{last}" in page.hrefs("//a")
        file = notebook.pages[f"source/linux/{one['path']}/index.html"]
        assert file.texts("//h1") == [one["path"]]
        assert one["url"] in file.hrefs('//table[has-class("callpath-table")]//a')


def test_every_step_links_to_its_exact_line(notebook, report):
    for one in _steps(report):
        step = _step(_note_page(notebook, one["note"]), one["step"])
        assert step.texts("h2/code") == [one["symbol"]]
        assert step.hrefs('.//a[has-class("callpath-place")]')[0] == one["url"]
        assert one["url"] == (
            f"https://elixir.bootlin.com/linux/v3.7/source/{one['path']}#L{one['line']}"
        )


def test_a_step_and_its_symbol_page_link_to_each_other(notebook, report):
    for one in _steps(report):
        note, symbol = _note_page(notebook, one["note"]), _symbol_page(notebook, one)
        leads = _step(note, one["step"]).hrefs('.//span[has-class("callpath-more")]/a')
        assert [notebook.target(note, href) for href in leads] == [(symbol.path, "")]
        back = symbol.hrefs('//ul[has-class("callpath-backlinks")]//a')
        assert (note.path, one["step"]) in [notebook.target(symbol, href) for href in back]


def test_previous_and_next_visit_every_step_in_order(notebook, report):
    notes = {one["note"] for one in _steps(report)}
    for note in notes:
        page = _note_page(notebook, note)
        order = [one["step"] for one in _steps(report) if one["note"] == note]
        assert page.find(f"{_STEP}/h2/@id") == order
        steps = [_step(page, step) for step in order]
        assert [step.hrefs(".//a[@rel='next']") for step in steps] == [
            *([f"#{step}"] for step in order[1:]),
            [],
        ]
        assert [step.hrefs(".//a[@rel='prev']") for step in steps] == [
            [],
            *([f"#{step}"] for step in order[:-1]),
        ]


def test_every_edge_is_told_at_its_step_with_the_places_that_prove_it(notebook, report):
    steps = {_place(one): one["step"] for one in _steps(report)}
    assert len(report["edges"]) > 100
    for edge in report["edges"]:
        step = _step(_note_page(notebook, edge["note"]), steps[_place(edge)])
        assert step.texts("h2/code") == [edge["callee"]]
        where = './/p[has-class("callpath-where")]'
        assert edge["caller"] in step.texts(f"{where}//a[code]")
        shown = step.hrefs(f"{where}//a")
        for site in edge["sites"]:
            address = f"https://elixir.bootlin.com/linux/v3.7/source/{site['path']}"
            assert f"{address}#L{site['line']}" in shown


def _place(entry):
    return tuple(entry["at"].values())


def test_titles_and_descriptions(notebook):
    page = _note_page(notebook, "kvm/init")
    assert page.texts("/html/head/title") == ["KVM 初始化 - KVM 源码阅读笔记"]
    assert page.texts("//h1") == ["KVM 初始化"]
    assert len(page.find("//meta[@name='description']/@content")[0]) > 10
    symbol = notebook.pages["source/linux/arch/x86/kvm/svm.c/svm_init/index.html"]
    assert symbol.texts("/html/head/title") == [
        "svm_init · 函数 · arch/x86/kvm/svm.c - KVM 源码阅读笔记"
    ]
    (description,) = symbol.find("//meta[@name='description']/@content")
    assert description.startswith("函数 svm_init，arch/x86/kvm/svm.c:4315（linux v3.7）。全函数")


def test_the_sitemap_lists_every_page(notebook):
    tree = etree.parse(notebook.root / "sitemap.xml")
    listed = set(tree.xpath("//*[local-name()='loc']/text()"))
    pages = {path.removesuffix("index.html") for path in notebook.pages} - {"404.html"}
    assert listed == {ADDRESS + quote(path) for path in pages}


def test_a_symbol_page_stands_under_the_index(notebook):
    page = notebook.pages["source/linux/arch/x86/kvm/svm.c/svm_init/index.html"]
    active = '//li[has-class("md-nav__item--active")]/label'
    assert [text for text in page.texts(active) if text][:1] == ["索引"]
    crumbs = page.hrefs('//nav[has-class("callpath-breadcrumbs")]/a')
    assert [notebook.target(page, href) for href in crumbs] == [
        ("files/index.html", ""),
        ("source/linux/arch/x86/kvm/svm.c/index.html", ""),
    ]


# --- graphs ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "note", sorted(path.stem for path in (ROOT / "notes/kvm").glob("*.yml")), ids=str
)
def test_the_graph_of_a_note_leads_to_its_steps(notebook, note):
    page = _note_page(notebook, f"kvm/{note}")
    steps = page.find(f"{_STEP}/h2/@id")
    boxes = page.find('//*[local-name()="g"][has-class("callpath-node")]')
    assert len(boxes) == len(steps)
    leads = [page.tree.getroottree() and box.xpath(".//@*[name()='xlink:href']") for box in boxes]
    assert sorted(leads) == sorted([f"#{step}"] for step in steps)


def test_the_graph_stands_once_and_has_its_list(notebook):
    page = _note_page(notebook, "kvm/init")
    assert len(page.find('//*[local-name()="svg"][has-class("callpath-graph")]')) == 1
    outline = '//details[has-class("callpath-outline")]'
    assert page.find(f"{outline}/@open") == []
    listed = [href.removeprefix("#") for href in page.hrefs(f"{outline}//a")]
    assert set(listed) == set(page.find(f"{_STEP}/h2/@id"))


def test_the_whole_graph_leads_to_symbol_pages(notebook, report):
    page = notebook.pages["graph/index.html"]
    leads = page.find('//*[local-name()="g"][has-class("callpath-node")]//@*[name()="xlink:href"]')
    symbols = {_symbol_page(notebook, one).path for one in _steps(report)}
    assert {notebook.target(page, href)[0] for href in leads} == symbols
    outline = page.hrefs('//details[has-class("callpath-outline")]//a')
    assert {notebook.target(page, href)[0] for href in outline} == symbols


def test_no_graph_is_in_the_search_index(notebook):
    text = (notebook.root / "search/search_index.json").read_text(encoding="utf-8")
    assert "callpath-graph" not in text
    assert "<svg" not in text

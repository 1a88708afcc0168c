"""The repository's notebook as a site: strict build, links, facts, graphs."""

import gzip
import re
from urllib.parse import quote

import pytest
from built_site import ADDRESS, BuiltSite, Page
from lxml import etree
from runs import ROOT

_STEP = '//section[has-class("callpath-step")]'
_PINS = ("v3.7", "v6.12")
_VERSIONS = tuple(f"https://elixir.bootlin.com/linux/{version}/" for version in _PINS)


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
    assert len(links) > 200  # with those of the pictures that boxes open
    assert [link for link in links if not link.startswith("../source/")] == []


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
        address = _address(one["version"], one["path"])
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
        assert one["url"] == f"{_address(one['version'], one['path'])}#L{one['line']}"


def test_a_step_and_its_symbol_page_link_to_each_other(notebook, report):
    for one in _steps(report):
        note, symbol = _note_page(notebook, one["note"]), _symbol_page(notebook, one)
        leads = _step(note, one["step"]).hrefs('.//span[has-class("callpath-more")]/a')
        assert [notebook.target(note, href) for href in leads] == [(symbol.path, "")]
        back = symbol.hrefs('//ul[has-class("callpath-backlinks")]//a')
        assert (note.path, one["step"]) in [notebook.target(symbol, href) for href in back]


def test_the_rail_names_every_step_in_order(notebook, report):
    for note in {one["note"] for one in _steps(report)}:
        page = _note_page(notebook, note)
        order = [one["step"] for one in _steps(report) if one["note"] == note]
        assert page.find(f"{_STEP}/h2/@id") == order
        rail = page.hrefs('//div[has-class("callpath-path-steps")]//a')
        assert rail == [f"#{step}" for step in order]
        names = [one["symbol"] for one in _steps(report) if one["note"] == note]
        assert page.texts('//div[has-class("callpath-path-steps")]//a') == names


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
            address = _address(edge["version"], site["path"])
            assert f"{address}#L{site['line']}" in shown


def _address(version, path):
    return f"https://elixir.bootlin.com/linux/{version}/source/{path}"


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
    boxes = page.find('//a[has-class("callpath-node")]')
    assert [box.get("xlink:href") for box in boxes] == [f"#{step}" for step in steps]


def test_the_graph_of_a_note_stands_once_and_is_light(notebook):
    page = _note_page(notebook, "kvm/init")
    (picture,) = page.find('//*[has-class("callpath-picture")]')
    assert len(picture.xpath("noscript/svg")) == 1
    text = etree.tostring(picture)
    assert len(gzip.compress(text)) < 7_500
    assert len(list(picture.iter())) <= 800
    # The page's own steps are the same as a list.
    assert page.find('//details[has-class("callpath-outline")]') == []


def test_arrows_speak_the_pages_language_where_no_step_tells_of_them(notebook):
    said = {
        path: notebook.pages[path].texts('//path[has-class("callpath-edge")]/title')
        for path in ("graph/index.html", "source/linux/virt/kvm/kvm_main.c/kvm_init/index.html")
    }
    assert "直接调用 virt/kvm/kvm_main.c:2877" in said["graph/index.html"]
    for titles in said.values():
        assert titles
        assert not [title for title in titles if re.match("[a-z]", title)]
    assert _note_page(notebook, "kvm/init").find('//path[has-class("callpath-edge")]/title') == []


def test_a_symbol_stands_in_the_middle_of_its_neighbours(notebook, report):
    page = notebook.pages["source/linux/virt/kvm/kvm_main.c/kvm_init/index.html"]
    for version, section in zip(_PINS, page.find("//section[.//figure]"), strict=True):
        boxes = page.part(section).find('.//svg//*[has-class("callpath-node")][text]')
        (current,) = [box for box in boxes if "callpath-current" in box.get("class").split()]
        assert current.xpath("string(text)") == "kvm_init"
        assert current.get("xlink:href") is None
        listed = {
            href
            for part in ("callers", "callees")
            for href in page.hrefs(f'//h3[@id="{part}-{version}"]/following-sibling::ul[1]//a')
        }
        assert {box.get("xlink:href") for box in boxes if box is not current} == listed
    pages = [
        each for each in notebook.pages.values() if each.find('//*[has-class("callpath-symbol")]')
    ]
    alone = [each for each in pages if not {"callers", "callees"} & set(each.ids)]
    assert 0 < len(alone) < len(pages)
    for each in pages:
        assert bool(each.find('//*[has-class("callpath-figure")]')) == (each not in alone)


def test_the_graph_of_a_file_shows_its_symbols_and_stubs_of_others(notebook):
    page = notebook.pages["source/linux/arch/x86/kvm/vmx.c/index.html"]
    boxes = page.find('//*[has-class("callpath-picture")]//a[has-class("callpath-node")]')
    folder = "source/linux/arch/x86/kvm/vmx.c/"
    for box in boxes:
        path, _ = notebook.target(page, box.get("xlink:href"))
        assert path.startswith(folder) != ("callpath-stub" in box.get("class").split())
    assert len(boxes) > 20


def test_a_legend_explains_what_the_graph_has_and_no_more(notebook):
    legends = 0
    for page in notebook.pages.values():
        for figure in page.find('//figure[has-class("callpath-figure")]'):
            drawn = {
                name
                for element in figure.xpath("div//*[@class] | template//*[@class]")
                for name in element.get("class").split()
            }
            samples = figure.xpath('details[has-class("callpath-legend")]//li/svg/*')
            said = {sample.get("class").split()[1] for sample in samples}
            assert said, page.path
            for name in said - {"callpath-variable", "callpath-callback", "callpath-use"}:
                assert name in drawn
            for name in ("pointer", "unproved", "macro", "folded", "stub", "current"):
                boxes = [each for each in samples if f"callpath-{name}" in each.get("class")]
                used = f"callpath-{name}" in drawn and (name != "macro" or boxes)
                assert bool(boxes) == bool(used), (page.path, name)
            legends += 1
    assert legends > 200


def test_the_graph_of_each_version_leads_to_its_symbol_pages(notebook, report):
    page = notebook.pages["graph/index.html"]
    full = './/a[has-class("callpath-node")][not(has-class("callpath-stub"))][not(@data-opens)]'
    for version, section in zip(_PINS, page.find("//section[figure]"), strict=True):
        part = page.part(section)
        own = [one for one in _steps(report) if one["version"] == version]
        symbols = {_symbol_page(notebook, one).path for one in own}
        leads = [notebook.target(page, href)[0] for href in part.hrefs(full)]
        assert sorted(leads) == sorted(symbols)  # each once, in whatever picture
        outline = part.hrefs('.//details[has-class("callpath-outline")]//a')
        assert {notebook.target(page, href)[0] for href in outline} == symbols


def test_no_picture_has_the_calls_of_two_versions(notebook):
    """A place in a tooltip is a line of the version that the section is about."""
    for page in notebook.pages.values():
        for section in page.find('//section[figure[has-class("callpath-figure")]]'):
            version = section.xpath("string(*[self::h2 or self::h3])")
            others = [each for each in _PINS if each != version]
            assert version in _PINS
            for other in others:
                assert f"/linux/{other}/" not in etree.tostring(section).decode()


def test_a_large_whole_graph_opens_as_files_and_opens_further(notebook):
    page = notebook.pages["graph/index.html"]
    figures = page.find('//figure[has-class("callpath-figure")]')
    folded = [page.part(each) for each in figures if each.xpath("template")]
    assert folded
    for figure in folded:
        boxes = figure.find('.//*[has-class("callpath-picture")]//a[has-class("callpath-node")]')
        assert len(boxes) < 80
        parts = figure.find('.//template[has-class("callpath-part")]')
        opens = [box.get("data-opens") for box in boxes if box.get("data-opens")]
        assert sorted(opens) == sorted(part.get("data-part") for part in parts)
        for box in boxes:
            if box.get("data-opens"):
                path, _ = notebook.target(page, box.get("xlink:href"))
                name = box.xpath("string(text)").removeprefix("linux/")
                assert notebook.pages[path].texts("//h1")[0].endswith(name)
    parts = page.find('//template[has-class("callpath-part")]')
    assert len(gzip.compress("".join(etree.tostring(p).decode() for p in parts).encode())) < 60_000


def test_no_graph_is_in_the_search_index(notebook):
    text = (notebook.root / "search/search_index.json").read_text(encoding="utf-8")
    assert "callpath-graph" not in text
    assert "<svg" not in text

"""The graphs on the pages: large notes folded, ids unique, parts in the page or beside it."""

import json
from collections import Counter
from typing import Any

import made_sites
import pytest
from lxml import html as lxml_html

from callpath.addresses import (
    GRAPH_PAGE,
)
from callpath.graph.fold import MOST
from callpath.notebook import Notebook
from callpath.settings import PluginConfig
from callpath.site.exports.files import site_files
from callpath.site.graphs import (
    GRAPH_SLOT,
    MOST_IN_PAGE,
)
from callpath.site.site import Site
from kernel import PIN

FIGURE = f"<main>{GRAPH_SLOT}</main>"


def site_of(notebook: Notebook, engine: str = "auto") -> Site:
    return made_sites.site_of(notebook, engine, language="zh")


def site_with(*notes: str, engine: str = "auto") -> Site:
    files = {f"n{number}.yml": text.encode() for number, text in enumerate(notes)}
    return site_of(Notebook.load(files, PluginConfig(pin=PIN)), engine)


def chain(count: int) -> str:
    """A note whose every step is reached from the one before."""
    lines = ["title: Deep"]
    for number in range(count):
        pad = "  " * number
        lines += [f"{pad}steps:", f"{pad}- function: f{number}", f"{pad}  file: a.c"]
    return "\n".join(lines) + "\n"


def bundle(count: int) -> str:
    """A note whose first step leads to so many chains of 50, of one file."""
    text = "title: Deep\nsteps:\n  - function: root\n    file: a.c\n    steps:\n"
    for number in range(count):
        for depth in range(50):
            pad = "    " * depth
            text += f"{pad}      - function: f{number}_{depth}\n{pad}        file: a.c\n"
            text += f"{pad}        steps:\n" if depth < 49 else ""
    return text


def flat(count: int, files: int) -> str:
    """A note whose steps are all reached from the first."""
    text = "title: Flat\nsteps:\n  - function: root\n    file: r.c\n    steps:\n"
    return text + "".join(
        f"      - function: f{number}\n        file: d{number * files // count}/s.c\n"
        for number in range(count)
    )


def figure(site: Site, page: str) -> Any:
    return lxml_html.fromstring(site.graphs.fill(page, FIGURE))


@pytest.mark.parametrize(
    "note",
    [chain(60), bundle(4), flat(199, 1), flat(199, 5), flat(199, 199)],
    ids=["short", "deep", "one-file", "files", "flat"],
)
def test_every_step_stands_in_full_in_one_picture_and_is_linked(note: str) -> None:
    site = site_with(note)
    steps = [place.step.id for place in site.notebook.index.places["n0"]]
    found = figure(site, "n0.yml")
    full = '//a[starts-with(@class, "callpath-node")][not(contains(@class, "stub"))]'
    boxes = [box for box in found.xpath(full) if box.get("data-opens") is None]
    assert sorted(box.get("xlink:href") for box in boxes) == sorted(f"#{step}" for step in steps)
    for picture in found.xpath("//noscript/svg | //template/svg"):
        assert len(picture.xpath('.//*[contains(@class, "callpath-node")]')) <= MOST + 1


def test_a_folded_box_opens_a_part_and_leads_to_its_first_step() -> None:
    found = figure(site_with(bundle(4)), "n0.yml")
    part = found.xpath("//template")[0]
    box = found.xpath('//div//a[contains(@class, "callpath-folded")]')[0]
    assert box.get("data-opens") == part.get("data-part") == "1"
    assert box.get("xlink:href") == "#f0_0"
    assert part.get("data-title") == "f0_0 · 50 步"
    assert box.xpath("text/text()") == ["f0_0", "2 · 50 步"]
    # The way back: the step before stands in the part as a stub that opens the overview.
    (stub,) = part.xpath('.//a[contains(@class, "callpath-stub")]')
    assert (stub.get("xlink:href"), stub.get("data-opens")) == ("#root", "")
    assert "画在别处的相邻符号" in found.text_content()


def test_ids_on_a_page_are_unique_whatever_it_opens() -> None:
    found = figure(site_with(flat(199, 5)), "n0.yml")
    assert len(found.xpath("//template")) > 1
    ids = Counter(found.xpath("//@id"))
    assert [name for name, count in ids.items() if count > 1] == []
    for reference in found.xpath("//@marker-end"):
        assert reference[5:-1] in ids


def test_a_note_has_a_list_only_where_there_is_no_picture() -> None:
    outline = '//details[@class="callpath-outline"]'
    assert not figure(site_with(chain(5)), "n0.yml").xpath(outline)
    without = figure(site_with(flat(199, 5), engine="none"), "n0.yml")
    assert len(without.xpath(f"{outline}//a")) == 200
    assert without.xpath(f"{outline}/@open")
    assert not without.xpath("//template | //svg")
    assert figure(site_with(chain(5)), GRAPH_PAGE).xpath(outline)


def test_a_graph_that_was_drawn_is_not_drawn_again() -> None:
    site = site_with(flat(199, 5), chain(9))
    figure(site, "n0.yml")
    again = Site(site.context, site.graphs._cache)
    drawn = site.graphs._cache.drawn
    figure(again, "n0.yml")
    assert (site.graphs._cache.drawn, drawn) == (drawn, drawn)


# --- symbols and files -----------------------------------------------------------------------


def test_only_pages_with_neighbours_have_a_slot() -> None:
    lonely = "title: t\nsteps:\n  - function: alone\n    file: z.c\n"
    site = site_with(chain(3), lonely)
    pages = {page.path: page.html("") for page in site.pages}
    assert GRAPH_SLOT in pages["source/linux/a.c/f1.md"]
    assert GRAPH_SLOT in pages["source/linux/a.c.md"]
    assert GRAPH_SLOT not in pages["source/linux/z.c/alone.md"]
    assert GRAPH_SLOT not in pages["source/linux/z.c.md"]


def test_the_page_of_a_symbol_shows_it_between_its_neighbours() -> None:
    found = figure(site_with(chain(3)), "source/linux/a.c/f1.md")
    boxes = found.xpath('//div//*[contains(@class, "callpath-node")]')
    assert [box.xpath("string(text)") for box in boxes] == ["f0", "f1", "f2"]
    assert [box.tag for box in boxes] == ["a", "g", "a"]
    assert "callpath-current" in boxes[1].get("class")
    assert found.xpath("string(//div/@aria-label)") == "f1 的上下游"


def test_the_page_of_a_large_file_folds_it() -> None:
    found = figure(site_with(bundle(4)), "source/linux/a.c.md")
    assert len(found.xpath("//template")) > 1
    assert found.xpath('//template/svg//a[contains(@class, "callpath-node")]')


# --- the whole notebook ----------------------------------------------------------------------


def test_parts_of_a_very_large_notebook_are_scripts_beside_the_page() -> None:
    notes = [
        f"title: t{number}\n" + chain(60).partition("\n")[2].replace("a.c", f"d/f{number}.c")
        for number in range(MOST_IN_PAGE // 60 + 2)
    ]
    site = site_with(*notes)
    found = figure(site, GRAPH_PAGE)
    parts = found.xpath("//template")
    assert len(parts) == len(notes)
    files = {file.path: file.content() for file in site_files(site)}
    for part in parts:
        assert not part.xpath(".//svg")
        script = files[part.get("data-src").removeprefix("../")]
        start, _, value = script.partition(" = ")
        assert start == f'(window.callpathParts ??= {{}})["graph#{part.get("data-part")}"]'
        picture = lxml_html.fromstring(json.loads(value.strip().removesuffix(";")))
        assert len(picture.xpath("//a")) == 60
        assert picture.xpath("string(//a/@*[name()='xlink:href'])").startswith("../source/linux/d/")


def test_a_small_notebook_has_no_such_files() -> None:
    site = site_with(chain(5))
    assert [file.path for file in site_files(site) if "callpath/graph/" in file.path] == []
    assert figure(site, GRAPH_PAGE).xpath("//template") == []

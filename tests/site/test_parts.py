"""Parts in pages, the generated home page, and the page of errata with the links of its prose."""

from typing import Any

import pytest
from lxml import html as lxml_html
from made_sites import context_of, site_of
from markdown import Markdown

from callpath.addresses import ERRATA_PAGE, HOME_PAGE
from callpath.notebook import Notebook
from callpath.notes.prose import EXTENSIONS
from callpath.settings import PluginConfig
from callpath.site.graphs import GRAPH_SLOT
from callpath.site.home import SiteParts
from callpath.site.site import PageProse
from callpath.site.views import GeneratedPage, SiteInfo
from kernel import NOTES, PIN

DEEP = """\
title: Deep
pin: {project: qemu, version: v9.0}
steps:
  - function: f
    file: a.c
    errata:
      - said: |
          See [g](#g), [fan](../fan.yml#fan_start), [deep](deeper/x.md), [up](../index.md),
          [web](https://example.org/#a), <mail@example.org>, [root](/x), ![p](p.png).[^1]

          [^1]: A [note](../lamp.yml).
        is: |
          It calls `g()`, not `lamp_init()`; [h][1].

          [1]: src:a.c#h
  - function: g
    file: a.c
"""


def parts_of(notebook: Notebook, **more: Any) -> SiteParts:
    return SiteParts(context_of(notebook, about=SiteInfo(name="Lamps", **more)))


def read(files: dict[str, str]) -> Notebook:
    content = {path: text.encode() for path, text in files.items()}
    return Notebook.load(content, PluginConfig(pin=PIN))


def errata_page(parts: SiteParts) -> GeneratedPage:
    (page,) = parts.errata_pages()
    return page


def errata_html(notebook: Notebook) -> str:
    """The page of errata with its prose rendered, and its links as written for that page."""
    site, prose = site_of(notebook), PageProse()
    prose.site, prose.page = site, ERRATA_PAGE
    markdown = Markdown(extensions=[*EXTENSIONS, prose.extension])
    return site.content(ERRATA_PAGE, markdown.convert(site.markdown(ERRATA_PAGE) or ""))


def hrefs(html: str, path: str = "//dd//a") -> list[str]:
    return [link.get("href") for link in lxml_html.fromstring(html).xpath(path)]


# --- errata -------------------------------------------------------------------------------


def test_there_is_a_page_of_errata_only_where_there_are_some(locked: Notebook) -> None:
    page = errata_page(parts_of(locked))
    assert (page.path, page.title) == ("errata.md", "Errata")
    assert page.description.startswith("1 ")
    assert page.boost < 1
    assert [heading.id for heading in page.headings()] == ["lamp"]
    without = read({"fan.yml": NOTES["fan.yml"]})
    assert list(parts_of(without).errata_pages()) == []


def test_links_of_errata_are_those_of_their_note_seen_from_their_page() -> None:
    html = errata_html(read({"kvm/deep.yml": DEEP, "lamp.yml": NOTES["lamp.yml"]}))
    links = hrefs(html)
    assert links[:4] == ["kvm/deep.yml#g", "fan.yml#fan_start", "kvm/deeper/x.md", "index.md"]
    assert links[4] == "https://example.org/#a"
    assert links[5].startswith("mailto:")
    assert links[6:8] == ["/x", "#fn:1"]
    assert lxml_html.fromstring(html).xpath("//img/@src") == ["kvm/p.png"]
    assert links[8] == "../kvm/deep/#g"  # `g()` is a step of the same note


def test_names_and_source_links_of_errata_are_read_as_their_note_reads_them(
    locked: Notebook,
) -> None:
    html = errata_html(locked)
    assert hrefs(html) == ["../source/linux/drivers/lamp/lamp.c/lamp_set/"]
    deep = errata_html(read({"kvm/deep.yml": DEEP, "lamp.yml": NOTES["lamp.yml"]}))
    second = lxml_html.fromstring(deep).xpath("//dd")[1]
    # The note is about another project, which has no `lamp_init`.
    assert [link.text_content() for link in second.xpath(".//a[@href]")] == ["g()"]


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("#g", "kvm/%E6%B7%B1.yml#g"),
        ("x.yml?a=b#c", "kvm/x.yml?a=b#c"),
        ("sub/", "kvm/sub/"),
        ("../../out.md", "../out.md"),
        ("http://[x", "http://[x"),
        ("//host/x", "//host/x"),
        ("src:a.c#f", "src:a.c#f"),
    ],
)
def test_a_target_is_rebased_to_the_page_of_errata(target: str, expected: str) -> None:
    page = errata_page(parts_of(read({"kvm/深.yml": DEEP})))
    assert page.rebased(1, target) == expected
    assert page.rebased(2, target) == target  # of no note


# --- parts and the home page --------------------------------------------------------------


def test_parts_take_the_place_of_their_marks(locked: Notebook) -> None:
    page = "<h1>x</h1>\n<!-- callpath: paths -->\n<!-- callpath: graph -->\n"
    page += "<!-- callpath: graph -->\n<!-- callpath: errata -->\n<!-- callpath: legend -->\n"
    html = parts_of(locked).fill("kvm/page.md", page)
    assert hrefs(html, "//ul[@class='callpath-cards']//a") == ["../../fan/", "../../lamp/"]
    assert html.count(GRAPH_SLOT) == 1
    assert "../../errata/#lamp" in html
    assert "v3.7" in lxml_html.fromstring(html).xpath("string(//table[1])")
    assert "<!-- callpath:" not in html


def test_the_order_of_the_paths_is_that_of_the_navigation(locked: Notebook) -> None:
    parts = parts_of(locked, order=["lamp.yml", "fan.yml"])
    html = parts.part("paths", "index.md")
    assert hrefs(html, "//h3/a") == ["lamp/", "fan/"]


def test_a_note_with_findings_says_so_on_its_card(locked: Notebook) -> None:
    assert "callpath-missing" not in parts_of(locked).part("paths", "index.md")
    faulty = read({"a.yml": "title: t\nsteps:\n  - function: f\n    flie: a.c\n    file: a.c\n"})
    assert "Problems in this note" in parts_of(faulty).part("paths", "index.md")


def test_a_generated_home_page_has_every_part(locked: Notebook) -> None:
    (page,) = parts_of(locked, description="About & lamps.").home_pages()
    assert (page.path, page.title, page.description) == (HOME_PAGE, "Lamps", "About & lamps.")
    html = page.html("")
    tree = lxml_html.fromstring(html)
    assert tree.xpath("//h1/text()") == ["Lamps"]
    assert tree.xpath("//h2/@id") == ["paths", "graph", "how-to-read", "errata"]
    assert html.count(GRAPH_SLOT) == 1
    assert "About &amp; lamps." in html


def test_a_home_page_without_errata_does_not_speak_of_them() -> None:
    (page,) = parts_of(read({"fan.yml": NOTES["fan.yml"]})).home_pages()
    assert lxml_html.fromstring(page.html("")).xpath("//h2/@id")[-1] == "how-to-read"


def test_the_whole_graph_on_a_page_leads_from_there(locked: Notebook) -> None:
    outline = site_of(locked).graphs.fill("kvm/page.md", GRAPH_SLOT)
    found = hrefs(outline, "//details//a")
    assert found
    assert all(href.startswith("../../source/linux/") for href in found)

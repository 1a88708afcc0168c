"""Parts of pages, the generated home page and the page of errata, in sites that MkDocs builds."""

import json

import pytest
from built_site import BuiltSite
from runs import run

_MATERIAL = {"name": "material", "font": False}
_PLAIN = {"name": "mkdocs", "highlightjs": False}
_MARKS = """\
# Parts

<!-- callpath: paths -->
<!-- callpath: graph -->

<!-- callpath: errata -->

<!-- callpath: legend -->

```
<!-- callpath: paths -->
```
"""
_CARDS = '//ul[has-class("callpath-cards")]/li[has-class("callpath-card")]'


def _built(site, status=0) -> BuiltSite:
    done = run("mkdocs", "build", "-d", "site", *(() if status else ("--strict",)), at=site.root)
    assert done.status == 0, done.said
    assert done.warnings == [] or status, done.said
    return BuiltSite(site.root / "site")


@pytest.mark.parametrize("theme", [_PLAIN, _MATERIAL], ids=["mkdocs", "material"])
@pytest.mark.parametrize("folders", [True, False], ids=["folders", "files"])
def test_parts_on_the_home_page_and_in_a_folder(small, theme, folders):
    small.configure(theme=theme, use_directory_urls=folders)
    small.write("docs/index.md", _MARKS)
    small.write("docs/deep/er/page.md", _MARKS)
    site = _built(small)
    assert site.faults() == []
    end = "/index.html" if folders else ".html"
    for path in ("index.html", f"deep/er/page{end}"):
        page = site.pages[path]
        leads = [site.target(page, href) for href in page.hrefs(f"{_CARDS}/h3/a")]
        assert leads == [(f"kvm/exit{end}", ""), (f"kvm/init{end}", "")]
        errata = page.hrefs('//div[has-class("callpath-errata-counts")]//li/a')
        assert [site.target(page, href) for href in errata] == [(f"errata{end}", "kvm-init")]
        boxes = page.find('//*[has-class("callpath-node")]//@*[name()="xlink:href"]')
        assert len(boxes) == 5
        assert site.target(page, boxes[0])[0].startswith("source/linux/drivers/clock/")
        assert len(page.find('//div[has-class("callpath-how-to-read")]/table')) == 3
        assert page.texts("//pre") == ["<!-- callpath: paths -->"]


def test_parts_are_not_in_the_search_index(small):
    small.configure(theme=_MATERIAL)
    small.write("docs/index.md", _MARKS)
    site = _built(small)
    index = json.loads((site.root / "search/search_index.json").read_text(encoding="utf-8"))
    home = [entry for entry in index["docs"] if entry["location"] == ""]
    assert [entry["title"] for entry in home] == ["Parts"]
    assert "clock" not in home[0]["text"].lower()


def test_an_unknown_part_is_told_by_the_build(small):
    small.write("docs/kvm/page.md", "# Page\n\n<!-- callpath: legnd -->\n")
    done = run("mkdocs", "build", "-d", "site", at=small.root)
    (warning,) = done.warnings
    assert "docs/kvm/page.md:3:16" in warning
    assert "there is no part `legnd`" in warning
    assert "did you mean `legend`?" in warning


@pytest.mark.parametrize("theme", [_PLAIN, _MATERIAL], ids=["mkdocs", "material"])
@pytest.mark.parametrize("folders", [True, False], ids=["folders", "files"])
def test_without_an_index_there_is_a_home_page(small, theme, folders):
    (small.root / "docs/index.md").unlink()
    small.configure(theme=theme, use_directory_urls=folders, site_description="Of clocks.")
    small.replace("docs/kvm/exit.yml", "The other way round.", "See [home](../index.md).")
    site = _built(small)
    assert site.faults() == []
    home = site.pages["index.html"]
    assert home.texts("//h1") == ["Small"]
    assert home.texts("/html/head/title") == ["Small"]
    assert home.find("//meta[@name='description']/@content") == ["Of clocks."]
    assert len(home.find(_CARDS)) == 2
    assert len(home.find('//*[has-class("callpath-picture")]/*[has-class("callpath-graph")]')) == 1
    end = "/index.html" if folders else ".html"
    page = site.pages[f"kvm/exit{end}"]
    assert ("index.html", "") in [site.target(page, href) for href in page.hrefs("//p/a")]


@pytest.mark.parametrize("theme", [_PLAIN, _MATERIAL], ids=["mkdocs", "material"])
def test_the_generated_home_page_comes_first_in_a_navigation_that_makes_itself(small, theme):
    (small.root / "docs/index.md").unlink()
    small.configure(theme=theme)
    page = _built(small).pages["symbols/index.html"]
    nav = '//nav[has-class("md-nav--primary")]/ul/li[1]/a' if theme is _MATERIAL else ""
    first = page.hrefs(nav or '//ul[has-class("navbar-nav")][1]/li[1]/a')
    assert [BuiltSite(small.root / "site").target(page, href) for href in first] == [
        ("index.html", "")
    ]


def test_the_navigation_names_the_generated_pages(small):
    (small.root / "docs/index.md").unlink()
    nav = [{"Start": "index.md"}, "kvm/init.yml", "kvm/exit.yml", {"Wrong": "errata.md"}]
    small.configure(nav=nav, theme=_MATERIAL)
    page = _built(small).pages["errata/index.html"]
    names = page.texts('//nav[has-class("md-nav--primary")]/ul/li/a')
    assert names[0] == "Start"
    assert names[-1] == "Wrong"
    assert page.texts("//h1") == ["Errata"]


def test_cards_stand_in_the_order_of_the_navigation(small):
    (small.root / "docs/index.md").unlink()
    nav = [{"Clock": ["kvm/init.yml", {"The end": "kvm/exit.yml"}]}]
    small.configure(nav=nav)
    home = _built(small).pages["index.html"]
    assert home.texts(f"{_CARDS}/h3") == ["Starting the clock", "Stopping the clock"]


def test_a_home_page_of_ones_own_is_left_alone(small):
    (small.root / "docs/index.md").unlink()
    small.write("docs/README.md", "# Mine\n")
    home = _built(small).pages["index.html"]
    assert home.texts("//h1") == ["Mine"]
    assert home.find(_CARDS) == []


# --- errata -------------------------------------------------------------------------------


@pytest.mark.parametrize("folders", [True, False], ids=["folders", "files"])
def test_links_on_the_page_of_errata_lead_where_they_lead_on_the_notes(small, folders):
    small.configure(use_directory_urls=folders)
    small.replace(
        "docs/kvm/init.yml",
        "It allocates a page",
        '"See [here](#quartz_setup), [there](exit.yml#clock_exit), [home](../index.md), '
        '`clock_init()`, [set](src:drivers/clock/clock.h#CLOCK_RATE)"',
    )
    site = _built(small)
    assert site.faults() == []
    end = "/index.html" if folders else ".html"
    page, note = site.pages[f"errata{end}"], site.pages[f"kvm/init{end}"]
    said = '//dd[has-class("callpath-said")]//a'
    leads = [site.target(page, href) for href in page.hrefs(said)]
    assert leads == [site.target(note, href) for href in note.hrefs(said)]
    assert len(leads) == 5
    assert page.hrefs("//h3/a") != []
    assert site.target(page, page.hrefs("//h3/a")[0]) == (note.path, "clock_register")
    assert page.texts("//h1") == ["Errata"]
    assert page.find("//h2/@id") == ["kvm-init"]


def test_markdown_pages_can_link_to_a_notes_errata(small):
    small.write("docs/index.md", "# Home\n\n[clock](errata.md#kvm-init)\n")
    small.replace("docs/kvm/exit.yml", "The other way round.", "See [all](../errata.md).")
    site = _built(small)
    home = site.pages["index.html"]
    assert site.target(home, home.hrefs("//p/a")[0]) == ("errata/index.html", "kvm-init")


def test_search_finds_the_words_of_errata_below_the_pages_they_speak_of(small):
    small.configure(theme=_MATERIAL)
    site = _built(small)
    index = json.loads((site.root / "search/search_index.json").read_text(encoding="utf-8"))
    found = [entry for entry in index["docs"] if entry["location"].startswith("errata/")]
    assert "allocates a page" in "".join(entry["text"] for entry in found)
    assert "clock_register" not in "".join(entry["title"] + entry["text"] for entry in found)
    assert all(entry["boost"] < 1 for entry in found)


def test_without_errata_there_is_no_page_of_them(small):
    small.replace(
        "docs/kvm/init.yml",
        "        errata:\n          - said: It allocates a page\n"
        "            is: It allocates nothing\n",
        "",
    )
    small.write("docs/index.md", _MARKS)
    site = _built(small)
    assert not [path for path in site.files if path.startswith("errata")]
    assert site.faults() == []
    small.replace("docs/kvm/exit.yml", "The other way round.", "See [all](../errata.md).")
    done = run("mkdocs", "build", "-d", "site", at=small.root)
    assert any("there is no `errata.md` in the notebook" in line for line in done.warnings)

"""The navigation on pages that are many does not grow with the site."""

import pytest
from built_site import BuiltSite
from runs import run

_NAVIGATION = '//nav[has-class("md-nav--primary")]//a[has-class("md-nav__link")]'


@pytest.fixture
def large(small):
    """Pages of an author's in two folders, besides the notes."""
    small.configure(theme={"name": "material", "font": False})
    for number in range(70):
        small.write(f"docs/more/page{number:02}.md", f"# Page {number}\n")
        small.write(f"docs/kvm/page{number:02}.md", f"# Page {number}\n")
    done = run("mkdocs", "build", "--strict", "-d", small.root / "site", at=small.root)
    assert done.status == 0, done.said
    return BuiltSite(small.root / "site")


def test_a_symbol_has_a_way_to_everything_by_a_short_navigation(large):
    home = large.pages["index.html"]
    symbol = large.pages["source/linux/drivers/clock/clock.c/clock_init/index.html"]
    assert len(home.find(_NAVIGATION)) > 140
    names = [name.strip() for name in symbol.texts(_NAVIGATION)]
    assert len(names) < 20
    assert {"Symbols", "Files", "Whole graph", "More", "Kvm"} <= set(names)
    for href in symbol.hrefs(_NAVIGATION):
        assert large.page_at(symbol, href)


def test_a_note_has_its_neighbours_and_a_way_to_the_others(large):
    note = large.pages["kvm/init/index.html"]
    links = '//details[has-class("callpath-menu")]//a'
    names = note.texts(links)
    assert "Stopping the clock" in names
    assert len(names) < 30
    home = next(href for href, name in zip(note.hrefs(links), names, strict=True) if "All" in name)
    assert large.page_at(note, home).path == "index.html"


def test_a_small_site_has_all_of_it_on_every_page(small):
    small.configure(theme={"name": "material", "font": False})
    done = run("mkdocs", "build", "--strict", "-d", small.root / "site", at=small.root)
    assert done.status == 0, done.said
    site = BuiltSite(small.root / "site")
    symbol = site.pages["source/linux/drivers/clock/clock.c/clock_init/index.html"]
    assert "Stopping the clock" in [name.strip() for name in symbol.texts(_NAVIGATION)]

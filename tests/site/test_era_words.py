"""Eras on pages: real words beside every bar, in both languages, and nothing that breaks out."""

import re
from typing import Any

import pytest
from lxml import html as lxml_html
from made_sites import context_of, views_of
from markupsafe import Markup
from msgspec.structs import replace

from callpath.facts.eras import Statement
from callpath.model import SymbolKind
from callpath.notebook import Notebook, SymbolKey
from callpath.settings import PluginConfig
from callpath.site.eras import KINDS, EraRow, EraView, SymbolEras, axis_view, era_view
from callpath.site.notes import note_parts
from callpath.site.templates import templates_folder
from callpath.site.views import page_of
from kernel import PIN

EVIL = "\"'><script>x</script>&amp;"
TAGS = ("v2.6.32", "v3.0", "v3.7", "v6.12")
ALL = Statement((("v2.6.32", "v6.12"),))
EDGE = Statement((("v3.7", "v3.7"),), (("v3.0", "v3.0"),), (("v6.12", "v6.12"),))
STEPS = "".join(f"  - function: f{number}\n    file: a.c\n" for number in range(5))
NOTEBOOK = Notebook.load({"n.yml": f"title: N\nsteps:\n{STEPS}".encode()}, PluginConfig(pin=PIN))


def note_page(tags: tuple[str, ...], *eras: EraView | None, language: str = "en") -> Any:
    """A note's page with an era at each of its first steps."""
    site, shown = context_of(NOTEBOOK, language=language), [era for era in eras if era]
    note = NOTEBOOK.notes["n.yml"]
    view = views_of(site).note(note, [Markup()] * len(note_parts(note)), Markup())
    steps = [replace(step, era=era) for step, era in zip(view["steps"], eras, strict=False)]
    axis = axis_view(tags, tags[2], shown) if shown else None
    view |= {"steps": steps, "axis": axis}
    return lxml_html.fromstring(site.render("note.html", "n.yml", note=view, graph="", rail=""))


def how_to_read(tags: tuple[str, ...], language: str = "en") -> Any:
    site = context_of(NOTEBOOK, language=language)
    html = site.render("how-to-read.html", version="v3.7", tags=tags)
    return lxml_html.fromstring(f"<div>{html}</div>")


def texts(page: Any, path: str) -> list[str]:
    return [" ".join(element.text_content().split()) for element in page.xpath(path)]


BARS = "//p[@class='callpath-era']"


@pytest.mark.parametrize(
    ("language", "told"),
    [
        (
            "en",
            [
                "found in …v2.6.32–v6.12…",
                "found in …v2.6.32–v6.12…; reached in v3.7; reached through another pointer in "
                "v3.0; unknown whether reached in v6.12…",
                "found in …v2.6.32–v6.12…; reached in none of them",
                "found in …v2.6.32, v3.7; unknown in v3.0",
                "in none of the releases looked at",
            ],
        ),
        (
            "zh",
            [
                "见于 …v2.6.32–v6.12…",
                "见于 …v2.6.32–v6.12…；到达 v3.7；经别的指针到达 v3.0；是否到达未查明 v6.12…",
                "见于 …v2.6.32–v6.12…；所查版本里都不由上一级到达",
                "见于 …v2.6.32、v3.7；未查明 v3.0",
                "所查版本里都没有",
            ],
        ),
    ],
)
def test_a_step_says_its_ranges_in_words(language: str, told: list[str]) -> None:
    some = Statement((("v2.6.32", "v2.6.32"), ("v3.7", "v3.7")), (), (("v3.0", "v3.0"),))
    statements = [(ALL, None), (ALL, EDGE), (ALL, Statement()), (some, None), (Statement(), None)]
    eras = [era_view(TAGS, found, edge) for found, edge in statements]
    assert texts(note_page(TAGS, *eras, language=language), BARS) == told


def test_a_bar_is_drawn_from_its_releases_and_titled_with_those_looked_at() -> None:
    page = note_page(TAGS, era_view(TAGS, ALL, EDGE))
    (bar,) = page.xpath(BARS)
    assert bar.get("title") == "4 releases looked at, v2.6.32 to v6.12"
    ends = re.findall(r"[a-z0)]0 ([\d.]+)%|#0000 0 ([\d.]+)%", bar.get("style"))
    assert [one or other for one, other in ends] == ["25", "50", "75", "100"]
    note = page.xpath("//div[@class='callpath-note']/@style")
    assert note == ["--callpath-cells:4;--callpath-pin:62.5%"]


def test_the_key_explains_only_what_the_note_has() -> None:
    key = "//details[contains(@class, 'callpath-eras')]"
    plain = note_page(TAGS, era_view(TAGS, ALL))
    assert texts(plain, f"{key}//li") == ["holds", "the version that was read"]
    assert texts(plain, f"{key}/summary") == [
        "In which releases: 4 releases looked at, v2.6.32 to v6.12"
    ]
    assert "v2.6.32, v3.0, v3.7, v6.12" in texts(plain, f"{key}/p")
    full = note_page(TAGS, era_view(TAGS, ALL, EDGE), None)
    assert len(texts(full, f"{key}//li")) == 5
    assert len(texts(full, BARS)) == 1


def test_a_note_without_eras_says_nothing_of_them() -> None:
    page = note_page(TAGS, None)
    assert "callpath-era" not in lxml_html.tostring(page, encoding="unicode")
    assert page.xpath("//div[@class='callpath-note']/@style") == []


def test_hostile_tags_stay_text() -> None:
    tags = (EVIL, "v3.0", "v3.7")
    held = Statement(((EVIL, "v3.7"),))
    page = note_page(tags, era_view(tags, held, Statement()))
    assert page.xpath("//script") == []
    (bar,) = page.xpath(BARS)
    assert EVIL in bar.text_content()
    assert EVIL in bar.get("title")
    assert "script" not in bar.get("style")
    parsed = how_to_read(tags)
    assert parsed.xpath("//script") == []
    assert EVIL in parsed.text_content()


KEY, CALLER = (SymbolKey("linux", "a.c", name, SymbolKind.FUNCTION) for name in ("f0", "g"))


def symbol_page(*rows: EraRow) -> Any:
    site = context_of(NOTEBOOK)
    axis = axis_view(TAGS, "v3.7", [row.era for row in rows])
    view = views_of(site).symbol(KEY) | {"eras": SymbolEras(axis, rows) if rows else None}
    html = site.render("symbol.html", page_of(KEY), symbol=view, graph="", source="")
    return lxml_html.fromstring(html)


def test_a_symbols_page_has_a_row_for_itself_and_one_for_each_edge() -> None:
    own = EraRow(era_view(TAGS, ALL), "function")
    edge = EraRow(era_view(TAGS, EDGE), caller=CALLER, via="ops->f", by="run")
    page = symbol_page(own, edge)
    assert texts(page, "//h2[@id='eras']") == ["In which releases"]
    assert texts(page, "//ul[contains(@style, 'callpath-cells')]/li") == [
        "found in …v2.6.32–v6.12…",
        "← g through ops->f run later by run reached in v3.7; reached through another pointer in "
        "v3.0; unknown whether reached in v6.12…",
    ]
    assert page.xpath("//ul[contains(@style, 'callpath-cells')]//a/@href") == ["../g/"]
    assert "v2.6.32, v3.0, v3.7, v6.12" in texts(page, "//div[@class='callpath-eras']/p")
    assert symbol_page().xpath("//h2[@id='eras']") == []


def test_ways_to_name_a_symbol_are_told_apart() -> None:
    rows = [
        EraRow(era_view(TAGS, ALL), "function", 2, named=True),
        EraRow(era_view(TAGS, EDGE), named=True),
    ]
    first, second = texts(symbol_page(*rows), "//ul[contains(@style, 'callpath-cells')]/li")
    assert first.startswith("function · definition 2")
    assert second.startswith("of any kind")


def test_how_to_read_explains_bars_only_where_there_are_some() -> None:
    table = "//table[contains(@class, 'callpath-how-to-read-eras')]"
    page = how_to_read(TAGS, "zh")
    rows = texts(page, f"{table}/tbody/tr")
    assert rows[0] == "成立"
    assert len(rows) == len(KINDS) + 2
    assert rows[-1].endswith("所查 4 个版本，v2.6.32 至 v6.12")
    assert how_to_read((), "zh").xpath(table) == []


def test_every_kind_of_a_bars_parts_has_a_look() -> None:
    css = (templates_folder() / "assets/callpath/callpath.css").read_text(encoding="utf-8")
    every = Statement((("v2.6.32", "v2.6.32"),), (), (("v6.12", "v6.12"),))
    eras = [
        era_view(TAGS, ALL, replace(EDGE, unknown=())),
        era_view(TAGS, every),
    ]
    page = note_page(TAGS, *eras)
    used = set(re.findall(r"var\((--[\w-]+)\)", "".join(page.xpath("//@style"))))
    assert len(used) == 4
    assert [name for name in used if not re.search(rf"{name}:", css)] == []

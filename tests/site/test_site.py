"""The pages of a notebook: what stands on them, and that nothing of a note can break them."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import html as lxml_html
from made_sites import site_of
from markdown import Markdown
from msgspec.structs import replace

from callpath.addresses import GRAPH_PAGE, HOME_PAGE, INDEX_PAGES, VERSIONS_PAGE
from callpath.facts.proof import EdgeStatus, Proof, ProofSite, SiteRole, Verdict
from callpath.model import Note
from callpath.notebook import Notebook, read_notebook
from callpath.settings import PluginConfig
from callpath.site.graphs import GRAPH_SLOT
from callpath.site.pages import note_description
from callpath.site.site import PageProse, Site
from callpath.site.views import Heading
from edges import with_verdicts
from kernel import NOTES, PIN, write_site

EXTENSIONS = ["tables", "footnotes", "admonition", "md_in_html", "attr_list", "def_list", "toc"]

HOSTILE = [
    "<script>alert(1)</script>",
    "</section></div>",
    "\"' onmouseover=x",
    "</textarea><!--",
    "]]> & &amp; &lt;",
    "`` ` *a* __b__ [c](d)",
    str(GRAPH_SLOT),
]


def rendered(site: Site, path: str) -> str:
    """A note's page, with the prose rendered as a site would."""
    prose = PageProse()
    prose.site, prose.page = site, path
    markdown = Markdown(extensions=[*EXTENSIONS, prose.extension])
    return site.content(path, markdown.convert(site.markdown(path) or ""))


def read(text: str, path: str = "a.yml") -> Notebook:
    return Notebook.load({path: text.encode()}, PluginConfig(pin=PIN), prefix="notes/")


def steps_on(html: str) -> list[Any]:
    found: list[Any] = lxml_html.fromstring(html).xpath("//section")
    return found


# --- notes ----------------------------------------------------------------------------------------


def test_a_page_has_the_steps_in_reading_order(locked: Notebook) -> None:
    html = rendered(site_of(locked), "lamp.yml")
    sections = steps_on(html)
    assert [section.xpath("string(h2/@id)") for section in sections] == [
        *("lamp_init", "lamp_register", "lamp_reset", "lamp_set", "lamp_clamp", "lamp"),
    ]
    assert [section.get("data-depth") for section in sections] == ["0", "1", "2", "0", "1", "0"]
    numbers = [section.xpath("string(h2/span[1])") for section in sections]
    assert numbers == [f"{number} / 6" for number in range(1, 7)]
    assert html.count(GRAPH_SLOT) == 1
    assert html.index(GRAPH_SLOT) < html.index('id="lamp_init"')
    assert html.index("From loading the driver") < html.index(GRAPH_SLOT)


def test_each_commentary_stands_in_its_own_section(locked: Notebook) -> None:
    texts = [section.text_content() for section in steps_on(rendered(site_of(locked), "lamp.yml"))]
    for number, sentence in [
        (0, "It hands its lamp to"),
        (1, "It resets the lamp. That is all."),
        (1, "It switches the lamp on"),
        (1, "It only resets it"),
        (2, "The level becomes LAMP_OFF."),
        (4, "Without a dimmer."),
    ]:
        assert [index for index, text in enumerate(texts) if sentence in text] == [number]


def test_links_in_prose_lead_to_steps_and_symbols(locked: Notebook) -> None:
    html = rendered(site_of(locked), "lamp.yml")
    assert '<a class="callpath-name" href="#lamp_register"' in html
    assert 'href="../source/linux/include/linux/lamp.h/macro.LAMP_NAME/"' in html
    fan = rendered(site_of(locked), "fan.yml")
    assert '<a class="callpath-name" href="#lamp_reset"' in fan


def test_a_name_is_linked_only_when_it_means_one_thing(locked: Notebook) -> None:
    site = site_of(locked)
    assert site.prose.name("index.md", "lamp_reset") is None
    assert site.prose.name("index.md", "nothing") is None
    found = site.prose.name("index.md", "lamp_init")
    assert found is not None
    assert found.href == "source/linux/drivers/lamp/lamp.c/lamp_init/"
    assert found.title == "drivers/lamp/lamp.c:27 · static int lamp_init(void)"
    own = site.prose.name("lamp.yml", "lamp_reset")
    assert own is not None
    assert own.href == "#lamp_reset"


def test_a_source_link_leads_somewhere_only_when_it_is_locked(locked: Notebook) -> None:
    site = site_of(locked)
    assert site.prose.source_page("index.md", "src:drivers/lamp/lamp.c#lamp_set") == (
        "source/linux/drivers/lamp/lamp.c/lamp_set.md"
    )
    for href in ("src:drivers/lamp/lamp.c#none", "src:drivers/lamp/lamp.c", "lamp.yml"):
        assert site.prose.target("index.md", href) is None
    unlocked = site_of(read(NOTES["lamp.yml"], "lamp.yml"))
    assert unlocked.prose.target("lamp.yml", "src:drivers/lamp/lamp.c#lamp_set") is None


def test_headings_nest_as_the_steps_do(locked: Notebook) -> None:
    assert site_of(locked).headings("lamp.yml") == (
        Heading("call-graph", "Call graph"),
        Heading(
            "lamp_init",
            "lamp_init",
            (Heading("lamp_register", "lamp_register", (Heading("lamp_reset", "lamp_reset"),)),),
        ),
        Heading("lamp_set", "lamp_set", (Heading("lamp_clamp", "lamp_clamp"),)),
        Heading("lamp", "lamp"),
    )


def test_the_rail_has_every_step_as_it_nests(locked: Notebook) -> None:
    rail = lxml_html.fromstring(site_of(locked).rail(locked.notes["lamp.yml"]))
    assert nested(rail.xpath("//div[@class='callpath-path-steps']/ol")[0]) == [
        ("#lamp_init", [("#lamp_register", [("#lamp_reset", [])])]),
        ("#lamp_set", [("#lamp_clamp", [])]),
        ("#lamp", []),
    ]
    assert not rail.xpath("//li/@class")
    unlocked = site_of(read(NOTES["lamp.yml"], "lamp.yml"))
    rail = lxml_html.fromstring(unlocked.rail(unlocked.notes["lamp.yml"]))
    assert rail.xpath("//li/@class") == ["callpath-doubtful"] * 6
    assert set(rail.xpath("//li/a/@data-mark")) == {" ?"}


def vouched(notebook: Notebook) -> Notebook:
    """The notebook with an asserted step, `lamp_reset`, that names its pointer."""
    note = notebook.notes["lamp.yml"]
    register = note.steps[0].steps[0]
    reset = replace(register.steps[0], via="lamp->ops->reset", asserted="it is bound by hand")
    top = replace(note.steps[0], steps=(replace(register, steps=(reset,)),))
    changed = replace(note, steps=(top, *note.steps[1:]))
    notebook = replace(notebook, notes={**notebook.notes, "lamp.yml": changed})
    return with_verdicts(notebook, {"lamp_reset": Verdict(EdgeStatus.ASSERTED)})


def test_an_asserted_step_is_vouched_for_not_refuted(locked: Notebook) -> None:
    site = site_of(vouched(locked))
    note = site.notes["lamp.yml"]
    rail = lxml_html.fromstring(site.rail(note))
    (item,) = rail.xpath("//li[@class]")
    assert item.get("class") == "callpath-vouched"
    assert item.xpath("string(a/@href)") == "#lamp_reset"
    assert item.xpath("string(a/@data-mark)") == " ✎"
    assert item.xpath("string(a/@title)") == "asserted by the author"
    html = lxml_html.fromstring(rendered(site, "lamp.yml"))
    (step,) = html.xpath("//section[h2/@id='lamp_reset']")
    assert not step.xpath(".//*[contains(@class, 'callpath-missing')]")
    reach = " ".join(step.xpath("string(.//*[@class='callpath-where'])").split())
    said = "← lamp_register ✎ asserted by the author lamp->ops->reset: it is bound by hand"
    assert said in reach
    assert reach.count("asserted by the author") == 1


def test_half_an_edge_says_what_is_found_and_that_it_is_half(locked: Notebook) -> None:
    found = ProofSite("drivers/lamp/lamp.c", 24, SiteRole.CALL)
    half = Verdict(EdgeStatus.HALF, Proof.POINTER, (found,), member="reset")
    site = site_of(with_verdicts(locked, {"lamp_reset": half}))
    html = lxml_html.fromstring(rendered(site, "lamp.yml"))
    (step,) = html.xpath("//section[h2/@id='lamp_reset']")
    reach = " ".join(step.xpath("string(.//*[@class='callpath-reach'])").split())
    assert reach == (
        "← lamp_register ½ half proved through pointer lamp_ops.reset drivers/lamp/lamp.c:24"
    )
    assert step.xpath("string(h2/span[contains(@class, 'callpath-missing')])") == "½ half proved"


def test_the_list_of_a_graph_names_what_is_not_proved(locked: Notebook) -> None:
    site = site_of(vouched(locked))
    found = lxml_html.fromstring(site.graphs.fill(GRAPH_PAGE, f"<main>{GRAPH_SLOT}</main>"))
    said = found.xpath("//details//li/span[starts-with(@class, 'callpath-vouched')]")
    assert {each.text_content() for each in said} == {"✎ asserted by the author"}
    assert {each.getparent().xpath("string(a)") for each in said} == {"lamp_reset"}


def nested(steps: Any) -> list[Any]:
    return [
        (
            item.xpath("string(a/@href)"),
            [step for below in item.xpath("ol") for step in nested(below)],
        )
        for item in steps.xpath("li")
    ]


def test_a_step_links_its_parent_and_says_how_it_is_reached(locked: Notebook) -> None:
    page = lxml_html.fromstring(rendered(site_of(locked), "lamp.yml"))
    reset = page.xpath("//section[h2/@id='lamp_reset']")[0]
    (reach,) = reset.xpath(".//span[@class='callpath-reach']")
    assert reach.xpath("a/@href")[0] == "#lamp_register"
    assert "through pointer lamp_ops.reset" in reach.text_content()
    assert "bound at" in reach.text_content()


def test_the_anchors_of_a_page_are_on_it(locked: Notebook) -> None:
    site = site_of(locked)
    html = rendered(site, "lamp.yml")
    anchors = list(ids(site.headings("lamp.yml") or ()))
    assert len(anchors) == 7
    for anchor in anchors:
        assert html.count(f'id="{anchor}"') == 1


def ids(headings: Iterable[Heading]) -> Iterator[str]:
    for heading in headings:
        yield heading.id
        yield from ids(heading.children)


def test_the_description_is_the_first_sentence(locked: Notebook) -> None:
    site = site_of(locked)
    assert (
        note_description(site.context, locked.notes["lamp.yml"])
        == "From loading the driver to the first light."
    )
    assert note_description(site.context, locked.notes["fan.yml"]) == (
        "From fan_start to lamp_reset, read at linux v3.7; steps: 2."
    )


def test_a_page_speaks_the_sites_language(locked: Notebook) -> None:
    assert "调用图" in rendered(site_of(locked, language="zh-TW"), "lamp.yml")
    assert "Call graph" in rendered(site_of(locked, language="xx"), "lamp.yml")


# --- findings on pages ----------------------------------------------------------------------------


def test_findings_stand_at_their_step() -> None:
    notebook = read(
        "title: t\nsteps:\n  - function: f\n    file: a.c\n    commentary: '[x](none.md)'\n"
        "  - function: g\n    file: a.c\n"
    )
    first, second = steps_on(rendered(site_of(notebook), "a.yml"))
    assert "broken-link" in first.text_content()
    assert "notes/a.yml:5:22" in first.text_content()
    assert "broken-link" not in second.text_content()


def test_the_page_of_a_faulty_note_says_why_and_nothing_of_others(tmp_path: Path) -> None:
    notes = {"init.yml": "steps: [\n", "kvm/init.yml": "steps: {a\n", "b.yml": b"steps:\n\xff"}
    notebook = read_notebook(write_site(tmp_path, notes))
    assert notebook.faulty == ("b.yml", "init.yml", "kvm/init.yml")
    html = site_of(notebook).content("init.yml", "")
    assert "notes/init.yml:" in html
    assert "notes/kvm/init.yml" not in html
    assert "invalid-yaml" in html


# --- hostile content ------------------------------------------------------------------------------


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def hostile_note(text: str) -> str:
    return (
        f"title: {quoted(text)}\n"
        f"description: {quoted(text)}\n"
        "steps:\n"
        f"  - function: f\n    file: a.c\n    commentary: {quoted(text)}\n"
        f"    asserted: {quoted(text)}\n"
        f"    errata:\n      - said: {quoted(text)}\n        is: {quoted(text)}\n"
        f"    steps:\n      - function: g\n        file: b.c\n        commentary: {quoted(text)}\n"
        "  - function: last\n    file: a.c\n    commentary: last words\n"
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_of_a_note_breaks_its_page(text: str) -> None:
    notebook = read(hostile_note(text))
    site = site_of(notebook)
    page = site.graphs.fill("a.yml", rendered(site, "a.yml"))
    sections = steps_on(page)
    assert [section.xpath("string(h2/@id)") for section in sections] == ["f", "g", "last"]
    assert "last words" in sections[2].text_content()
    # the steps are siblings below one element, whatever stands in them
    assert len({id(section.getparent()) for section in sections}) == 1
    assert page.count("<section") == page.count("</section>") == 3


@pytest.mark.parametrize("text", HOSTILE)
def test_plain_texts_are_shown_as_they_are_written(text: str) -> None:
    site = site_of(read(hostile_note(text)))
    page = lxml_html.fromstring(rendered(site, "a.yml"))
    assert page.xpath("string(//h1)") == " ".join(text.split())
    assert f"asserted by the author: {text}" in page.xpath("string(//section[1])")
    assert not page.xpath("//@onmouseover")


def test_hostile_ids_and_pointers_are_refused_before_they_are_shown() -> None:
    text = (
        "title: t\nsteps:\n  - function: f\n    file: a.c\n    id: '\"><script>'\n"
        "  - function: 'g<b>'\n    file: 'a\"<i>.c'\n    via: '</section>'\n"
    )
    notebook = read(text)
    html = rendered(site_of(notebook), "a.yml")
    assert {found.rule for found in notebook.findings} >= {"invalid-value", "invalid-path"}
    for tag in ("<script>", "<b>", "<i>", "</section></section>"):
        assert tag not in html.replace("</section>\n", "")
    assert html.count("<section") == html.count("</section>")


@pytest.mark.parametrize("text", ["```c\nint x;", "~~~", "<div>", "a <b> c", "<script>"])
def test_what_a_commentary_leaves_open_ends_with_it(text: str) -> None:
    block = "".join(f"      {line}\n" for line in text.splitlines())
    note = "title: t\nsteps:\n" + "".join(
        f"  - function: {name}\n    file: a.c\n    commentary: |\n{block}" for name in "fgh"
    )
    sections = steps_on(rendered(site_of(read(note)), "a.yml"))
    assert [section.xpath("string(h2/@id)") for section in sections] == ["f", "g", "h"]
    shown = " ".join(text.split()).strip("`~ ")
    for section in sections:
        assert shown.split("\n")[-1] in " ".join(section.text_content().split())


# --- graphs ---------------------------------------------------------------------------------------


def test_the_slot_takes_the_picture(locked: Notebook) -> None:
    site = site_of(locked, engine="auto")
    html = site.graphs.fill("lamp.yml", rendered(site, "lamp.yml"))
    assert GRAPH_SLOT not in html
    assert html.count("<svg xmlns") == 1
    assert "callpath-outline" not in html
    assert 'xlink:href="#lamp_init"' in html
    assert site.graphs.failure == ""
    assert site.graphs.fill("index.md", "<p>no slot</p>") == "<p>no slot</p>"


def test_without_engine_there_is_the_list_and_a_reason(locked: Notebook) -> None:
    site = site_of(locked, engine="none")
    html = site.graphs.fill("lamp.yml", rendered(site, "lamp.yml"))
    assert "<svg" not in html
    assert "callpath-outline" in html
    assert html.index('href="#lamp_init"') < html.index('href="#lamp_register"')
    assert site.graphs.failure.startswith("graphs are switched off")


def test_the_graph_of_the_whole_notebook_leads_to_symbols(locked: Notebook) -> None:
    site = site_of(locked, engine="none")
    page = next(page for page in site.pages if page.path == GRAPH_PAGE)
    html = site.graphs.fill(GRAPH_PAGE, page.html(""))
    assert 'href="../source/linux/drivers/lamp/lamp.c/lamp_init/"' in html
    assert "8 symbols" in html


# --- generated pages ------------------------------------------------------------------------------


def test_there_is_a_page_for_every_symbol_and_file_and_index(locked: Notebook) -> None:
    pages = [*site_of(locked, own=[HOME_PAGE]).generated.values()]
    paths = [page.path for page in pages]
    assert len(set(paths)) == len(paths) == 9 + 3 + 3 + 1
    assert paths[:4] == ["symbols.md", "files.md", "graph.md", "errata.md"]
    assert "source/linux/drivers/lamp/lamp.c.md" in paths
    for page in (*pages[:3], *pages[4:]):
        html = page.html("")
        assert lxml_html.fromstring(html).xpath("string(//h1)").strip()
        assert page.title


def test_every_index_is_generated_where_it_has_something_to_show(locked: Notebook) -> None:
    assert {VERSIONS_PAGE, *site_of(locked).generated} >= set(INDEX_PAGES)


def test_the_page_of_the_plainest_name_comes_first_in_search(locked: Notebook) -> None:
    boosts = {page.title: page.boost for page in site_of(locked).pages}
    # Each counts less by itself the more, or the rarer, words it has: whole names come out alike.
    assert boosts["lamp"] > boosts["lamp_init"] > boosts["Symbols"]
    assert "lamp.c" in boosts


def test_the_same_notebook_gives_the_same_pages(locked: Notebook) -> None:
    def every(site: Site) -> list[str]:
        return [rendered(site, path) for path in (*site.generated, *site.notes)]

    assert every(site_of(locked)) == every(site_of(locked))


def test_links_of_pages_have_no_moving_version(locked: Notebook) -> None:
    site = site_of(locked)
    for page in site.generated:
        for address in re.findall(r'href="(https://[^"]*)"', rendered(site, page)):
            assert "/v3.7/" in address


def test_notes_are_known_by_their_file(locked: Notebook) -> None:
    notes: dict[str, Note] = dict(site_of(locked).notes)
    assert {path: note.id for path, note in notes.items()} == {"fan.yml": "fan", "lamp.yml": "lamp"}

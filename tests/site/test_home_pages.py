"""The templates of the home page and of the errata: they escape, and say what the views say."""

import json

from lxml import html as lxml_html
from made_sites import ELIXIR, context_of, empty_notebook

from callpath.facts.proof import Proof
from callpath.notebook import Notebook
from callpath.settings import PluginConfig
from callpath.site.home import SiteParts
from callpath.site.views import SiteInfo
from kernel import PIN

EVIL = "\"'><script>x</script>&amp;"


def evil_notebook() -> Notebook:
    """A notebook whose every text is hostile, with an erratum and a finding."""
    text = json.dumps(EVIL)
    note = f"title: {text}\ndescription: {text}\nno: such key\n"
    note += "steps:\n  - function: f\n    file: a.c\n"
    note += f"    errata:\n      - said: {text}\n        is: {text}\n"
    return Notebook.load({"a.yml": note.encode()}, PluginConfig(pin=PIN))


def parts_of(notebook: Notebook, **about: str) -> SiteParts:
    return SiteParts(context_of(notebook, about=SiteInfo(**about)))


def texts(html: str, path: str) -> list[str]:
    found = lxml_html.fromstring(f"<div>{html}</div>").xpath(path)
    return [" ".join(element.text_content().split()) for element in found]


def test_cards_are_a_named_list_with_one_link_each(locked: Notebook) -> None:
    html = parts_of(locked).part("paths", "kvm/deep/page.md")
    tree = lxml_html.fromstring(html)
    assert (tree.tag, tree.get("class"), tree.get("aria-label")) == (
        *("ul", "callpath-cards", "Reading paths"),
    )
    assert tree.xpath("./li[@class='callpath-card']//a/@href") == [
        "../../../fan/",
        "../../../lamp/",
    ]
    assert texts(html, "//h3/a") == ["How a fan starts", "How a lamp starts"]
    assert texts(html, "//p[@class='callpath-card-summary']") == [
        "From loading the driver to the first light."
    ]
    assert texts(html, "//p[@class='callpath-card-chain']")[1] == (
        "lamp_init → lamp_register → lamp_reset"
    )
    assert texts(html, "//p[@class='callpath-card-facts']")[1] == "6 steps 2 source files 1 errata"
    proofs = "//p[contains(@class, 'callpath-card-proof')]"
    assert texts(html, proofs)[1] == "✓ 6 of 6 proved against v3.7"


def test_a_card_of_what_is_not_proved_says_so() -> None:
    html = parts_of(evil_notebook()).part("paths", "index.md")
    assert texts(html, "//p[@class='callpath-card-facts']") == [
        "1 steps 1 source files 1 errata Problems in this note: 1",
    ]
    (proof,) = lxml_html.fromstring(html).xpath("//p[contains(@class, 'callpath-card-proof')]")
    assert "✓" not in proof.text_content()
    assert "callpath-missing" in proof.get("class")


def test_without_notes_a_sentence_says_so() -> None:
    html = parts_of(empty_notebook()).part("paths", "index.md")
    assert texts(html, "//p") == ["There are no notes yet."]


def test_nothing_of_a_note_breaks_the_parts_and_pages() -> None:
    parts = parts_of(evil_notebook(), name=EVIL, description=EVIL)
    (home,), (errata,) = parts.home_pages(), parts.errata_pages()
    shown = [parts.part(name, "index.md") for name in ("paths", "errata")]
    for html in (*shown, home.html(""), errata.html("")):
        assert texts(html, "//script") == []
        assert EVIL in lxml_html.fromstring(f"<div>{html}</div>").text_content()


def test_errata_are_counted_by_note_with_a_link_to_each(locked: Notebook) -> None:
    html = parts_of(locked).part("errata", "kvm/page.md")
    links = lxml_html.fromstring(html).xpath("//a")
    assert [(link.text_content(), link.get("href")) for link in links] == [
        ("All errata: 1", "../../errata/"),
        ("How a lamp starts", "../../errata/#lamp"),
    ]


def test_the_page_of_errata_has_an_anchor_a_note_and_no_heading_a_step_for_search(
    locked: Notebook,
) -> None:
    (page,) = parts_of(locked).errata_pages()
    html = page.html(page.markdown())
    tree = lxml_html.fromstring(html)
    assert tree.xpath("//h2/@id") == ["lamp"]
    assert tree.xpath("//h2/a/@href") == ["../lamp/"]
    assert tree.xpath("//h3/@data-search-exclude") == [""]
    assert tree.xpath("//h3/a/@href") == ["../lamp/#lamp_register"]
    assert tree.xpath("//p[@class='callpath-where']/a/@href") == [
        f"{ELIXIR}/drivers/lamp/lamp.c#L22"
    ]
    assert texts(html, "//dt") == ["Older notes say", "The source says"]


def test_an_erratum_of_a_step_that_is_not_locked_has_no_line() -> None:
    (page,) = parts_of(evil_notebook()).errata_pages()
    (where,) = lxml_html.fromstring(page.html("")).xpath("//p[@class='callpath-where']")
    assert where.text_content() == "a.c"
    assert where.xpath(".//a") == []


def test_the_legend_explains_every_proof_with_its_line() -> None:
    html = parts_of(empty_notebook()).part("legend", "index.md")
    rows = "//table[contains(@class, 'callpath-how-to-read-proofs')]/tbody/tr"
    assert len(texts(html, rows)) == len(Proof)
    assert texts(html, "//caption") == ["Marks", "How a step is reached", "Keys"]
    assert texts(html, "//kbd") == [
        *("j", "k", "o", "g", "t", "Ctrl+K", "/", "←", "↑", "↓", "→", "+", "-", "0", "?"),
    ]

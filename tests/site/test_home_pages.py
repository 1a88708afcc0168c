"""The templates of the home page and of the errata: they escape, and say what the views say."""

from lxml import html as lxml_html

from callpath.facts.proof import Proof
from callpath.site.home import (
    ErrataCount,
    ErrataCounts,
    ErrataView,
    HomePage,
    HomePageRenderer,
    NoteErrata,
    PathCard,
    StepErrata,
)
from callpath.site.strings import strings_for
from callpath.site.views import ErratumView

RENDERER = HomePageRenderer(strings_for("en"))
EVIL = "\"'><script>x</script>&amp;"

CARD = PathCard(
    title="How a lamp starts",
    href="lamp/",
    summary="From loading to light.",
    version="v3.7",
    total=6,
    proved=6,
    files=2,
    errata=1,
    faults=0,
    whole=True,
    chain=("lamp_init", "lamp_register"),
)
EVIL_CARD = PathCard(EVIL, EVIL, EVIL, EVIL, 6, 5, 2, 0, 1, False, (EVIL, EVIL))
EVIL_ERRATUM = ErratumView("<p>said</p>", "<p>is</p>")
EVIL_STEP = StepErrata(EVIL, EVIL, 3, EVIL, 7, EVIL, (EVIL_ERRATUM,))


def texts(html: str, path: str) -> list[str]:
    found = lxml_html.fromstring(f"<div>{html}</div>").xpath(path)
    return [" ".join(element.text_content().split()) for element in found]


def test_cards_are_a_named_list_with_one_link_each() -> None:
    html = RENDERER.paths([CARD, EVIL_CARD])
    tree = lxml_html.fromstring(html)
    assert (tree.tag, tree.get("class"), tree.get("aria-label")) == (
        *("ul", "callpath-cards", "Reading paths"),
    )
    cards = tree.xpath("./li[@class='callpath-card']")
    assert [len(card.xpath(".//a")) for card in cards] == [1, 1]
    assert texts(html, "//h3/a")[0] == "How a lamp starts"
    assert texts(html, "//p[@class='callpath-card-chain']")[0] == "lamp_init → lamp_register"
    assert texts(html, "//p[@class='callpath-card-facts']") == [
        "6 steps 2 source files 1 errata",
        "6 steps 2 source files Problems in this note: 1",
    ]
    proofs = "//p[contains(@class, 'callpath-card-proof')]"
    assert texts(html, proofs)[0] == "✓ 6 of 6 proved against v3.7"
    assert "✓" not in texts(html, proofs)[1]
    assert "callpath-missing" in tree.xpath(proofs)[1].get("class")


def test_without_notes_a_sentence_says_so() -> None:
    assert texts(RENDERER.paths([]), "//p") == ["There are no notes yet."]


def test_nothing_of_a_note_breaks_the_parts_and_pages() -> None:
    view = ErrataView(1, (NoteErrata("a", EVIL, EVIL, 1, (EVIL_STEP,)),), "<hr>")
    pages = [
        RENDERER.paths([EVIL_CARD]),
        RENDERER.errata_counts(ErrataCounts(1, "errata/", (ErrataCount(EVIL, EVIL, 1),))),
        RENDERER.legend(EVIL),
        RENDERER.errata(view),
        RENDERER.home(HomePage(EVIL, EVIL, "<p>a</p>", "<p>b</p>", "<p>c</p>", "<p>d</p>")),
    ]
    for html in pages:
        assert texts(html, "//script") == []
        assert EVIL in lxml_html.fromstring(f"<div>{html}</div>").text_content()


def test_the_page_of_errata_has_an_anchor_a_note_and_no_heading_a_step_for_search() -> None:
    html = RENDERER.errata(ErrataView(1, (NoteErrata("a", "A", "../a/", 1, (EVIL_STEP,)),), ""))
    tree = lxml_html.fromstring(html)
    assert tree.xpath("//h2/@id") == ["a"]
    assert tree.xpath("//h3/@data-search-exclude") == [""]
    assert texts(html, "//dd") == ["said", "is"]
    assert texts(html, "//dt") == ["Older notes say", "The source says"]


def test_the_legend_tells_every_proof_with_its_line() -> None:
    html = RENDERER.legend("v3.7")
    rows = "//table[contains(@class, 'callpath-how-to-read-proofs')]/tbody/tr"
    assert len(texts(html, rows)) == len(Proof)
    assert texts(html, "//caption") == ["Marks", "How a step is reached", "Keys"]
    assert texts(html, "//kbd") == [
        *("j", "k", "o", "g", "t", "Ctrl+K", "/", "←", "↑", "↓", "→", "+", "-", "0", "?"),
    ]

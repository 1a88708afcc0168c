"""What the home page and the page of errata show."""

import pytest

from callpath.addresses import Layout, link_provider
from callpath.notebook import Notebook
from callpath.settings import PluginConfig
from callpath.site.home import (
    ErrataCount,
    HomeViews,
)
from kernel import NOTES, PIN

ELIXIR = "https://elixir.bootlin.com/linux/v3.7/source"


def views(
    notebook: Notebook, faults: dict[str, int] | None = None, order: tuple[str, ...] = ()
) -> HomeViews:
    links = link_provider("elixir")
    return HomeViews(notebook.index, Layout(), links, faults or {}, order)


def read(files: dict[str, str]) -> Notebook:
    content = {path: text.encode() for path, text in files.items()}
    return Notebook.load(content, PluginConfig(pin=PIN))


def note(title: str, *errata: str) -> str:
    lines = [f"title: {title}\nsteps:\n  - function: f\n    file: a.c\n"]
    if errata:
        lines.append("    errata:\n")
    lines += [f"      - said: {text}\n        is: not {text}\n" for text in errata]
    return "".join(lines)


# --- cards --------------------------------------------------------------------------------


def test_a_card_says_what_a_path_is_and_how_far_it_is_proved(locked: Notebook) -> None:
    fan, lamp = views(locked).paths("index.md")
    assert (lamp.title, lamp.href) == ("How a lamp starts", "lamp/")
    assert lamp.summary == "From loading the driver to the first light."
    assert (lamp.total, lamp.files, lamp.errata, lamp.version) == (6, 2, 1, "v3.7")
    assert (lamp.proved, lamp.whole) == (6, True)
    assert lamp.chain == ("lamp_init", "lamp_register", "lamp_reset")
    assert (fan.summary, fan.errata, fan.chain) == ("", 0, ("fan_start", "lamp_reset"))


def test_links_of_cards_are_relative_to_their_page(locked: Notebook) -> None:
    assert [card.href for card in views(locked).paths("kvm/deep/page.md")] == [
        "../../../fan/",
        "../../../lamp/",
    ]


def test_what_is_not_locked_or_faulty_is_not_whole(locked: Notebook) -> None:
    open_ones = views(read(NOTES)).paths("index.md")
    assert [(card.proved, card.whole) for card in open_ones] == [(0, False), (0, False)]
    fan, lamp = views(locked, {"lamp": 2}).paths("index.md")
    assert (lamp.proved, lamp.faults, lamp.whole) == (6, 2, False)
    assert fan.whole


@pytest.mark.parametrize(
    ("order", "titles"),
    [
        ((), ["A", "B", "C"]),
        (("index.md", "x/c.yaml", "a.yml", "b.yml"), ["C", "A", "B"]),
        (("b.yml", "a.yml", "b.yml"), ["B", "A", "C"]),
    ],
)
def test_paths_stand_in_the_navigations_order(order: tuple[str, ...], titles: list[str]) -> None:
    notebook = read({"b.yml": note("B"), "x/c.yaml": note("C"), "a.yml": note("A")})
    assert [card.title for card in views(notebook, order=order).paths("index.md")] == titles


def test_a_chain_follows_calls_not_data_nor_what_runs_later() -> None:
    steps = (
        "title: t\nsteps:\n  - variable: table\n    file: a.c\n    steps:\n"
        "      - struct: s\n        file: a.c\n"
        "      - function: later\n        file: a.c\n        when: later\n"
        "      - macro: m\n        file: a.c\n        steps:\n"
        "          - variable: v\n            file: a.c\n"
        "  - function: other\n    file: a.c\n"
    )
    (card,) = views(read({"a.yml": steps})).paths("index.md")
    assert card.chain == ("table", "m")


# --- errata -------------------------------------------------------------------------------


def test_errata_are_counted_by_note_with_a_link_to_each(locked: Notebook) -> None:
    counts = views(locked).errata_counts("kvm/page.md")
    assert (counts.total, counts.href) == (1, "../../errata/")
    assert counts.notes == (ErrataCount("How a lamp starts", "../../errata/#lamp", 1),)


def test_without_errata_nothing_is_linked() -> None:
    counts = views(read({"a.yml": note("A")})).errata_counts("index.md")
    assert (counts.total, counts.href, counts.notes) == (0, "", ())


def test_the_page_of_errata_goes_by_note_and_step(locked: Notebook) -> None:
    of = views(locked)
    assert [(one.id, text[:12]) for one, text in of.errata_parts()] == [
        ("lamp", "It switches "),
        ("lamp", "It only rese"),
    ]
    view = of.errata(["<p>said</p>", "<p>is</p>"], "<hr>")
    assert (view.total, view.footer_html) == (1, "<hr>")
    (lamp,) = view.notes
    assert (lamp.id, lamp.title, lamp.href, lamp.count) == (
        *("lamp", "How a lamp starts", "../lamp/", 1),
    )
    (step,) = lamp.steps
    assert (step.name, step.number) == ("lamp_register", 2)
    assert step.href == "../lamp/#lamp_register"
    assert (step.path, step.line) == ("drivers/lamp/lamp.c", 22)
    assert step.url == f"{ELIXIR}/drivers/lamp/lamp.c#L22"
    (erratum,) = step.errata
    assert (erratum.said_html, erratum.correction_html) == ("<p>said</p>", "<p>is</p>")


def test_a_step_that_is_not_locked_has_no_line() -> None:
    (lamp,) = views(read(NOTES)).errata(["a", "b"], "").notes
    assert (lamp.steps[0].line, lamp.steps[0].url) == (0, "")


def test_each_note_has_an_anchor_of_its_own_that_no_order_changes() -> None:
    notebook = read(
        {"a/b.yml": note("One", "x"), "a-b.yml": note("Two", "y"), "c.yml": note("Three")}
    )
    first = {each.title: each.href for each in views(notebook).errata_counts("index.md").notes}
    assert first == {"One": "errata/#a-b-2", "Two": "errata/#a-b"}
    of = views(notebook, order=("a/b.yml", "a-b.yml"))
    again = {each.title: each.href for each in of.errata_counts("index.md").notes}
    assert again == first

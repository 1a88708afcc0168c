"""What the home page and the page of errata show."""

import pytest
from made_sites import context_of
from markupsafe import Markup
from msgspec.structs import replace

from callpath import rules
from callpath.findings import Location
from callpath.notebook import Notebook
from callpath.settings import PluginConfig
from callpath.site.home import SiteParts
from callpath.site.views import SiteInfo
from kernel import NOTES, PIN


def views(notebook: Notebook, order: tuple[str, ...] = ()) -> SiteParts:
    return SiteParts(context_of(notebook, about=SiteInfo(order=order)))


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
    fan, lamp = views(locked).cards()
    assert lamp["note"].title == "How a lamp starts"
    assert (lamp["counts"].steps, lamp["files"], lamp["counts"].errata) == (6, 2, 1)
    assert (lamp["counts"].proved, lamp["is_whole"]) == (6, True)
    assert lamp["chain"] == ("lamp_init", "lamp_register", "lamp_reset")
    assert (fan["counts"].errata, fan["chain"]) == (0, ("fan_start", "lamp_reset"))


def test_what_is_not_locked_or_faulty_is_not_whole(locked: Notebook) -> None:
    unlocked = views(read(NOTES)).cards()
    assert [(card["counts"].proved, card["is_whole"]) for card in unlocked] == [
        (0, False),
        (0, False),
    ]
    found = [rules.BROKEN_LINK.at(Location("notes/lamp.yml", line), "gone") for line in (5, 6)]
    fan, lamp = views(replace(locked, more=tuple(found))).cards()
    assert (lamp["counts"].proved, lamp["faults"], lamp["is_whole"]) == (6, 2, False)
    assert fan["is_whole"]


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
    assert [card["note"].title for card in views(notebook, order).cards()] == titles


def test_a_chain_follows_calls_not_data_nor_what_runs_later() -> None:
    steps = (
        "title: t\nsteps:\n  - variable: table\n    file: a.c\n    steps:\n"
        "      - struct: s\n        file: a.c\n"
        "      - function: later\n        file: a.c\n        when: later\n"
        "      - macro: m\n        file: a.c\n        steps:\n"
        "          - variable: v\n            file: a.c\n"
        "  - function: other\n    file: a.c\n"
    )
    (card,) = views(read({"a.yml": steps})).cards()
    assert card["chain"] == ("table", "m")


# --- errata -------------------------------------------------------------------------------


def test_errata_are_counted_by_note_with_an_anchor_for_each(locked: Notebook) -> None:
    (counted,) = views(locked).errata_counts()
    assert counted == (locked.notes["lamp.yml"], "lamp", 1)
    assert views(read({"a.yml": note("A")})).errata_counts() == ()


def test_the_page_of_errata_goes_by_note_and_step(locked: Notebook) -> None:
    of = views(locked)
    assert [(one.id, text[:12]) for one, text in of.errata_parts()] == [
        ("lamp", "It switches "),
        ("lamp", "It only rese"),
    ]
    (lamp,) = of.errata([Markup("<p>said</p>"), Markup("<p>is</p>")])
    assert (lamp["note"].title, lamp["anchor"], lamp["count"]) == ("How a lamp starts", "lamp", 1)
    ((place, (erratum,)),) = lamp["steps"]
    assert place.step.id == "lamp_register"
    assert erratum == ("<p>said</p>", "<p>is</p>")


def test_each_note_has_an_anchor_of_its_own_that_no_order_changes() -> None:
    notebook = read(
        {"a/b.yml": note("One", "x"), "a-b.yml": note("Two", "y"), "c.yml": note("Three")}
    )
    first = {each.title: anchor for each, anchor, _ in views(notebook).errata_counts()}
    assert first == {"One": "a-b-2", "Two": "a-b"}
    of = views(notebook, ("a/b.yml", "a-b.yml"))
    assert {each.title: anchor for each, anchor, _ in of.errata_counts()} == first

"""What pages show: definitions, neighbours, backlinks, and each finding at its step."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from made_sites import ELIXIR, context_of, views_of
from markupsafe import Markup
from msgspec.structs import replace

from callpath import rules
from callpath.findings import (
    Location,
)
from callpath.model import (
    Note,
    Pin,
    SymbolKind,
    visits,
)
from callpath.notebook import Notebook, SymbolKey, read_notebook
from callpath.settings import PluginConfig
from callpath.site.notes import Folder, StepView, note_parts
from callpath.workspace import open_workspace
from kernel import LAMP_NOTE, NOTES, PIN

REPOSITORY = Path(__file__).parents[2]
LAMP_C, LAMP_H, FAN_C = "drivers/lamp/lamp.c", "include/linux/lamp.h", "drivers/fan/fan.c"
PLACE_OF_SECOND_STEP = 11


def view(notebook: Notebook, path: str = "lamp.yml") -> dict[str, Any]:
    note = notebook.notes[path]
    parts = [Markup(f"<p>{number}</p>") for number in range(len(note_parts(note)))]  # noqa: S704
    return views_of(context_of(notebook)).note(note, parts, Markup("<hr>"))


def unlocked() -> Notebook:
    files = {path: text.encode() for path, text in NOTES.items()}
    return Notebook.load(files, PluginConfig(pin=PIN), prefix="notes/")


def step(note: dict[str, Any], step_id: str) -> StepView:
    return next(each for each in note["steps"] if each.place.step.id == step_id)


def ids(steps: Iterable[StepView]) -> list[str]:
    return [each.place.step.id for each in steps]


def key(path: str, name: str, kind: SymbolKind = SymbolKind.FUNCTION) -> SymbolKey:
    return SymbolKey("linux", path, name, kind)


# --- notes ----------------------------------------------------------------------------------


def test_the_parts_of_a_note_come_in_the_order_that_the_view_takes_them(locked: Notebook) -> None:
    parts = note_parts(locked.notes["lamp.yml"])
    assert [part.split()[0] for part in parts] == [
        *("From", "It", "It", "It", "It", "The", "Called", "Without", "The"),
    ]
    note = view(locked)
    assert note["description"] == "<p>0</p>"
    assert note["footer"] == "<hr>"
    assert [each.commentary for each in note["steps"]] == [
        f"<p>{number}</p>" for number in (1, 2, 5, 6, 7, 8)
    ]
    assert step(note, "lamp_register").errata == [("<p>3</p>", "<p>4</p>")]


def test_the_facts_of_a_note(locked: Notebook) -> None:
    note = view(locked)
    assert (note["counts"].steps, note["counts"].proved, note["files"], note["counts"].errata) == (
        6,
        6,
        2,
        1,
    )


def test_addresses_of_definitions_lead_to_line_and_range(locked: Notebook) -> None:
    site = context_of(locked)
    clamp = step(view(locked), "lamp_clamp").place.locked
    reset = step(view(locked), "lamp_reset").place.locked
    assert clamp is not None
    assert reset is not None
    assert site.source_url(clamp) == f"{ELIXIR}/{LAMP_H}#L26"
    assert site.source_url(reset, whole=True) == f"{ELIXIR}/{LAMP_C}#L5-L9"


def test_a_step_links_what_is_below_it(locked: Notebook) -> None:
    children = step(view(locked), "lamp_register").children
    assert [child.id for child in children] == ["lamp_reset"]


def test_a_step_that_is_not_locked_has_no_definition() -> None:
    note = view(unlocked())
    assert note["counts"].proved == 0
    assert [each.place.locked for each in note["steps"]] == [None] * 6


@pytest.mark.parametrize(
    ("line", "owner"),
    [
        (1, None),
        (4, None),
        (5, "lamp_init"),
        (8, "lamp_init"),
        (10, "lamp_init"),
        (PLACE_OF_SECOND_STEP, "lamp_register"),
        (13, "lamp_register"),
        (15, "lamp_register"),
        (500, "lamp"),
    ],
)
def test_a_finding_belongs_to_the_step_whose_lines_it_is_in(
    locked: Notebook, line: int, owner: str | None
) -> None:
    found = rules.BROKEN_LINK.at(Location("notes/lamp.yml", line, 3), "gone", "mend it")
    note = view(replace(locked, more=(found,)))
    assert (ids(each for each in note["steps"] if each.faults) or [None]) == [owner]
    assert [*note["faults"], *(each for view in note["steps"] for each in view.faults)] == [found]
    assert note["fault_count"] == 1


def test_a_finding_above_the_symbols_line_belongs_to_its_step() -> None:
    text = "title: t\nsteps:\n  - file: a.c\n    function: f\n  - file: b.c\n    function: g\n"
    notebook = Notebook.load({"a.yml": text.encode()}, PluginConfig(pin=PIN), prefix="notes/")
    found = rules.MISSING_FILE.at(Location("notes/a.yml", 5, 11), "no file")
    note = view(replace(notebook, more=(found,)), "a.yml")
    assert ids(each for each in note["steps"] if each.faults) == ["g"]


# --- symbols and files ------------------------------------------------------------------------


def test_a_symbols_page_links_where_prose_names_it(locked: Notebook) -> None:
    shown = views_of(context_of(locked)).symbol(key(LAMP_C, "lamp_set"))
    assert [(each.name, each.href, each.title) for each in shown["mentions"]] == [
        ("index.md", "../../../../../../", ""),
        ("How a lamp starts", "../../../../../../lamp/#lamp_register", "lamp_register"),
    ]


def test_previous_and_next_follow_the_lines_of_the_file(locked: Notebook) -> None:
    views = views_of(context_of(locked))
    first, last = views.symbol(key(LAMP_C, "lamp_reset")), views.symbol(key(LAMP_C, "lamp_init"))
    middle = views.symbol(key(LAMP_C, "lamp_set"))
    assert first["previous"] is None
    assert last["next"] is None
    assert middle["previous"] == key(LAMP_C, "lamp_reset")
    assert middle["next"] == key(LAMP_C, "lamp_register")


def test_a_symbol_that_is_mentioned_twice_in_a_step_has_one_mention(locked: Notebook) -> None:
    link = "[LAMP_NAME](src:include/linux/lamp.h#LAMP_NAME)"
    twice = LAMP_NOTE.replace(link, f"{link}, {link}")
    notebook = Notebook.load({"lamp.yml": twice.encode()}, PluginConfig(pin=PIN), lock=locked.lock)
    name = key(LAMP_H, "LAMP_NAME", SymbolKind.MACRO)
    assert len(notebook.index.symbols[name].mentions) == 2
    assert [each.title for each in views_of(context_of(notebook)).symbol(name)["mentions"]] == [
        "lamp_init"
    ]


def test_a_source_files_page(locked: Notebook) -> None:
    shown = views_of(context_of(locked)).file("linux", LAMP_C)
    assert [pin.version for pin in shown["pins"]] == ["v3.7"]
    lines = [
        (entry.key.name, found.definition.line, len(entry.steps))
        for entry, found in shown["rows"]
        if found
    ]
    assert lines == [
        ("lamp_reset", 5, 1),
        ("lamp_set", 11, 1),
        ("lamp_register", 22, 1),
        ("lamp_init", 27, 1),
    ]


def test_the_commit_of_the_sites_pin_is_in_the_addresses(locked: Notebook) -> None:
    pin = Pin("linux", "v3.7", "c" * 40)
    site = context_of(
        replace(locked, settings=replace(locked.settings, pin=pin)), provider="github"
    )
    shown = views_of(site).file("linux", LAMP_C)
    assert shown["pins"] == [pin]
    (_, reset), *_ = shown["rows"]
    assert reset is not None
    github = "https://github.com/torvalds/linux/blob"
    assert site.source_url(reset) == f"{github}/{'c' * 40}/{LAMP_C}#L5"


def test_a_file_of_which_nothing_is_locked_has_the_notes_version() -> None:
    shown = views_of(context_of(unlocked())).file("linux", FAN_C)
    assert [pin.version for pin in shown["pins"]] == ["v3.7"]
    assert [found for _, found in shown["rows"]] == [None, None]


def test_the_index_of_symbols_does_not_mind_case_and_underscores() -> None:
    note = "title: t\nsteps:\n" + "".join(
        f"  - function: {name}\n    file: a.c\n" for name in ("lamp", "__Fan", "fan", "_", "Zoo")
    )
    notebook = Notebook.load({"a.yml": note.encode()}, PluginConfig(pin=PIN))
    groups = views_of(context_of(notebook)).symbols()
    assert {letter: [entry.key.name for entry, _ in rows] for letter, rows in groups.items()} == {
        "_": ["_"],
        "F": ["__Fan", "fan"],
        "L": ["lamp"],
        "Z": ["Zoo"],
    }


def test_the_index_of_files_is_a_tree(locked: Notebook) -> None:
    root = views_of(context_of(locked)).files()
    assert outline(root) == [
        "linux/",
        "  drivers/",
        "    fan/",
        "      fan.c 2",
        "    lamp/",
        "      lamp.c 4",
        "  include/",
        "    linux/",
        "      lamp.h 3",
    ]


def test_what_is_a_file_in_one_version_may_be_a_folder_in_another() -> None:
    note = "title: t\nsteps:\n  - function: f\n    file: {}\n"
    files = {f"{path[:1]}{len(path)}.yml": note.format(path).encode() for path in ("a", "a/b.c")}
    notebook = Notebook.load(files, PluginConfig(pin=PIN))
    root = views_of(context_of(notebook)).files()
    assert outline(root) == ["linux/", "  a/", "    b.c 1", "  a 1"]


def outline(folder: Folder, depth: int = 0) -> list[str]:
    lines = []
    for name, child in sorted(folder.folders.items()):
        lines += [f"{'  ' * depth}{name}/", *outline(child, depth + 1)]
    return lines + [f"{'  ' * depth}{link.name} {count}" for link, count in folder.files]


def test_every_note_has_a_view(locked: Notebook) -> None:
    notes: list[Note] = list(locked.notes.values())
    assert [view(locked, f"{note.id}.yml")["note"].title for note in notes] == [
        "How a fan starts",
        "How a lamp starts",
    ]


def test_every_step_below_a_step_is_linked_from_it_once() -> None:
    notebook = read_notebook(open_workspace(REPOSITORY / "mkdocs.yml"))
    both = 0
    for path, note in notebook.notes.items():
        below = {
            visit.step.id: {child.symbol.name for child in visit.step.steps}
            for visit in visits(note)
        }
        for each in view(notebook, path)["steps"]:
            told = {link.name for link in each.covered}
            children = {child.symbol.name for child in each.children}
            assert below[each.place.step.id] <= told | children
            assert not told & children
            both += bool(told and children)
    assert both  # a step that calls something, with a step below it that is no call

"""What pages show: definitions, neighbours, backlinks, and each finding at its step."""

from pathlib import Path
from typing import Any

import pytest

from callpath import rules
from callpath.addresses import Layout, link_provider
from callpath.findings import (
    Finding,
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
from callpath.site.notes import Views, note_parts
from callpath.site.views import (
    FolderView,
    NameLink,
    NoteView,
    StepView,
)
from callpath.workspace import open_workspace
from kernel import LAMP_NOTE, NOTES, PIN

REPOSITORY = Path(__file__).parents[2]
LAMP_C, LAMP_H, FAN_C = "drivers/lamp/lamp.c", "include/linux/lamp.h", "drivers/fan/fan.c"
ELIXIR = "https://elixir.bootlin.com/linux/v3.7/source"
PLACE_OF_SECOND_STEP = 11


def views_of(notebook: Notebook, pin: Pin = PIN, provider: str = "elixir") -> Views:
    return Views(notebook.index, Layout(), link_provider(provider), pin)


def view(
    notebook: Notebook, path: str = "lamp.yml", faults: list[Finding] | None = None
) -> NoteView:
    note = notebook.notes[path]
    parts = [f"<p>{number}</p>" for number in range(len(note_parts(note)))]
    return views_of(notebook).note(note, parts, "<hr>", faults or [])


def unlocked() -> Notebook:
    files = {path: text.encode() for path, text in NOTES.items()}
    return Notebook.load(files, PluginConfig(pin=PIN), prefix="notes/")


def step(note: NoteView, step_id: str) -> StepView:
    return next(each for each in note.steps if each.id == step_id)


def key(path: str, name: str, kind: SymbolKind = SymbolKind.FUNCTION) -> SymbolKey:
    return SymbolKey("linux", path, name, kind)


# --- notes ----------------------------------------------------------------------------------


def test_the_parts_of_a_note_come_in_the_order_that_the_view_takes_them(locked: Notebook) -> None:
    parts = note_parts(locked.notes["lamp.yml"])
    assert [part.split()[0] for part in parts] == [
        *("From", "It", "It", "It", "It", "The", "Called", "Without", "The"),
    ]
    note = view(locked)
    assert note.description_html == "<p>0</p>"
    assert note.footer_html == "<hr>"
    assert [each.commentary_html for each in note.steps] == [
        f"<p>{number}</p>" for number in (1, 2, 5, 6, 7, 8)
    ]
    (erratum,) = step(note, "lamp_register").errata
    assert (erratum.said_html, erratum.correction_html) == ("<p>3</p>", "<p>4</p>")


def test_the_facts_of_a_note(locked: Notebook) -> None:
    note = view(locked)
    assert (note.title, note.project, note.version) == ("How a lamp starts", "linux", "v3.7")
    assert (note.total, note.files, note.errata) == (6, 2, 1)
    assert note.provider == "elixir.bootlin.com"


def test_a_step_shows_its_definition_with_links_to_line_and_range(locked: Notebook) -> None:
    shown = step(view(locked), "lamp_clamp").definition
    assert shown is not None
    assert (shown.signature, shown.line, shown.condition) == (
        "#define lamp_clamp(level)",
        26,
        "!CONFIG_DIMMER",
    )
    assert (shown.occurrence, shown.of) == (2, 2)
    assert shown.url == f"{ELIXIR}/{LAMP_H}#L26"
    reset = step(view(locked), "lamp_reset").definition
    assert reset is not None
    assert reset.range_url == f"{ELIXIR}/{LAMP_C}#L5-L9"


def test_a_step_links_its_neighbours(locked: Notebook) -> None:
    note = view(locked)
    register = step(note, "lamp_register")
    assert register.parent == NameLink("lamp_init", "#lamp_init")
    assert register.children == (
        NameLink("lamp_reset", "#lamp_reset", "The level becomes LAMP_OFF."),
    )
    assert register.symbol.href == "../source/linux/drivers/lamp/lamp.c/lamp_register/"
    assert register.file == NameLink(LAMP_C, "../source/linux/drivers/lamp/lamp.c/")
    assert note.steps[0].parent is None


def test_the_path_has_every_step_as_it_nests(locked: Notebook) -> None:
    def shape(items: Any) -> Any:
        return [(item.id, item.proved, shape(item.children)) for item in items]

    assert shape(view(locked).path) == [
        (
            "lamp_init",
            True,
            [("lamp_register", True, [("lamp_reset", True, [])])],
        ),
        ("lamp_set", True, [("lamp_clamp", True, [])]),
        ("lamp", True, []),
    ]


def test_a_step_that_is_not_locked_has_no_definition() -> None:
    note = view(unlocked())
    assert note.proved == 0
    assert [each.definition for each in note.steps] == [None] * 6
    assert note.steps[0].name == "lamp_init"


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
    note = view(locked, faults=[found])
    owners = [each.id for each in note.steps if each.faults] or [None]
    assert owners == [owner]
    (shown,) = note.faults or next(each.faults for each in note.steps if each.faults)
    assert (shown.rule, shown.severity, shown.message, shown.place, shown.hint) == (
        "broken-link",
        "error",
        "gone",
        f"notes/lamp.yml:{line}:3",
        "mend it",
    )


def test_a_finding_above_the_symbols_line_belongs_to_its_step() -> None:
    text = "title: t\nsteps:\n  - file: a.c\n    function: f\n  - file: b.c\n    function: g\n"
    notebook = Notebook.load({"a.yml": text.encode()}, PluginConfig(pin=PIN), prefix="notes/")
    found = rules.MISSING_FILE.at(Location("notes/a.yml", 5, 11), "no file")
    note = view(notebook, "a.yml", [found])
    assert [each.id for each in note.steps if each.faults] == ["g"]


# --- symbols and files ------------------------------------------------------------------------


def test_a_symbols_page_tells_who_speaks_of_it(locked: Notebook) -> None:
    shown = views_of(locked).symbol(key(LAMP_C, "lamp_set"))
    assert (shown.name, shown.kind, shown.project, shown.path) == (
        "lamp_set",
        "function",
        "linux",
        LAMP_C,
    )
    (line,) = shown.steps
    assert (line.note, line.number, line.total) == ("How a lamp starts", 4, 6)
    assert line.href == "../../../../../../lamp/#lamp_set"
    assert line.summary == "Called by whoever turns the knob."
    assert [(each.name, each.href, each.title) for each in shown.mentions] == [
        ("index.md", "../../../../../../", ""),
        ("How a lamp starts", "../../../../../../lamp/#lamp_register", "lamp_register"),
    ]
    assert [(each.name, each.href) for each in shown.callees] == [
        ("lamp_clamp", "../../../../include/linux/lamp.h/macro.lamp_clamp/")
    ]
    assert shown.callers == ()


def test_previous_and_next_follow_the_lines_of_the_file(locked: Notebook) -> None:
    views = views_of(locked)
    first, last = views.symbol(key(LAMP_C, "lamp_reset")), views.symbol(key(LAMP_C, "lamp_init"))
    middle = views.symbol(key(LAMP_C, "lamp_set"))
    assert first.previous is None
    assert last.next is None
    assert middle.previous == NameLink("lamp_reset", "../lamp_reset/", LAMP_C)
    assert middle.next == NameLink("lamp_register", "../lamp_register/", LAMP_C)


def test_a_symbol_that_is_mentioned_twice_in_a_step_has_one_mention(locked: Notebook) -> None:
    link = "[LAMP_NAME](src:include/linux/lamp.h#LAMP_NAME)"
    twice = LAMP_NOTE.replace(link, f"{link}, {link}")
    notebook = Notebook.load({"lamp.yml": twice.encode()}, PluginConfig(pin=PIN), lock=locked.lock)
    name = key(LAMP_H, "LAMP_NAME", SymbolKind.MACRO)
    assert len(notebook.index.symbols[name].mentions) == 2
    assert [each.title for each in views_of(notebook).symbol(name).mentions] == ["lamp_init"]


def test_a_source_files_page(locked: Notebook) -> None:
    shown = views_of(locked).file("linux", LAMP_C)
    assert [(v.name, v.href) for v in shown.versions] == [("v3.7", f"{ELIXIR}/{LAMP_C}")]
    assert [(line.symbol.name, line.line, line.steps) for line in shown.symbols] == [
        ("lamp_reset", 5, 1),
        ("lamp_set", 11, 1),
        ("lamp_register", 22, 1),
        ("lamp_init", 27, 1),
    ]
    assert shown.symbols[0].url == f"{ELIXIR}/{LAMP_C}#L5"
    assert shown.symbols[0].symbol.href == "lamp_reset/"


def test_the_commit_of_the_sites_pin_is_in_the_addresses(locked: Notebook) -> None:
    pin = Pin("linux", "v3.7", "c" * 40)
    shown = views_of(locked, pin, "github").file("linux", LAMP_C)
    (version,) = shown.versions
    assert version.href == f"https://github.com/torvalds/linux/blob/{'c' * 40}/{LAMP_C}"


def test_a_file_of_which_nothing_is_locked_has_the_notes_version() -> None:
    shown = views_of(unlocked()).file("linux", FAN_C)
    assert [version.name for version in shown.versions] == ["v3.7"]
    assert [(line.line, line.url, line.signature) for line in shown.symbols] == [(0, "", "")] * 2


def test_the_index_of_symbols_does_not_mind_case_and_underscores() -> None:
    note = "title: t\nsteps:\n" + "".join(
        f"  - function: {name}\n    file: a.c\n" for name in ("lamp", "__Fan", "fan", "_", "Zoo")
    )
    notebook = Notebook.load({"a.yml": note.encode()}, PluginConfig(pin=PIN))
    groups = views_of(notebook).symbols()
    assert [(group.letter, [line.symbol.name for line in group.symbols]) for group in groups] == [
        ("_", ["_"]),
        ("F", ["__Fan", "fan"]),
        ("L", ["lamp"]),
        ("Z", ["Zoo"]),
    ]


def test_the_index_of_files_is_a_tree(locked: Notebook) -> None:
    root = views_of(locked).files()
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


def outline(folder: FolderView, depth: int = 0) -> list[str]:
    lines = []
    for child in folder.folders:
        lines += [f"{'  ' * depth}{child.name}/", *outline(child, depth + 1)]
    return lines + [f"{'  ' * depth}{link.name} {count}" for link, count in folder.files]


def test_every_note_has_a_view(locked: Notebook) -> None:
    notes: list[Note] = list(locked.notes.values())
    assert [view(locked, f"{note.id}.yml").title for note in notes] == [
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
        for each in view(notebook, path).steps:
            told = {link.name for link in each.coverage.told} if each.coverage else set()
            children = {link.name for link in each.children}
            assert below[each.id] <= told | children
            assert not told & children
            both += bool(told and children)
    assert both  # a step that calls something, with a step below it that is no call

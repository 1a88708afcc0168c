"""The notebook joined with its lockfile: symbols, their steps, mentions and neighbours."""

from callpath.facts.lock import Lock
from callpath.model import (
    Pin,
    SymbolKind,
)
from callpath.notebook import Index, Notebook, SymbolKey
from callpath.settings import PluginConfig
from kernel import LAMP_NOTE, NOTES, PIN

LAMP_C, LAMP_H, FAN_C = "drivers/lamp/lamp.c", "include/linux/lamp.h", "drivers/fan/fan.c"


def key(path: str, name: str, kind: SymbolKind = SymbolKind.FUNCTION) -> SymbolKey:
    return SymbolKey("linux", path, name, kind)


def read(notes: dict[str, str], lock: Lock | None = None, pin: Pin = PIN) -> Index:
    files = {path: text.encode() for path, text in notes.items()}
    book = Notebook.load(files, PluginConfig(pin=pin), prefix="notes/", lock=lock)
    return book.index


def names(keys: list[SymbolKey]) -> list[str]:
    return [each.name for each in keys]


def test_symbols_are_those_of_steps_and_of_locked_links(locked: Notebook) -> None:
    symbols = locked.index.symbols
    assert list(symbols) == sorted(symbols)
    assert {(each.path, each.kind.value, each.name) for each in symbols} == {
        (FAN_C, "function", "fan_start"),
        (FAN_C, "function", "lamp_reset"),
        (LAMP_C, "function", "lamp_init"),
        (LAMP_C, "function", "lamp_register"),
        (LAMP_C, "function", "lamp_reset"),
        (LAMP_C, "function", "lamp_set"),
        (LAMP_H, "macro", "LAMP_NAME"),
        (LAMP_H, "macro", "lamp_clamp"),
        (LAMP_H, "struct", "lamp"),
    }


def test_links_that_are_not_locked_make_no_symbol() -> None:
    symbols = read(NOTES).symbols
    assert key(LAMP_C, "lamp_init") in symbols
    assert key(LAMP_H, "LAMP_NAME", SymbolKind.MACRO) not in symbols


def test_an_entry_has_its_steps_mentions_and_definitions(locked: Notebook) -> None:
    entry = locked.index.symbols[key(LAMP_C, "lamp_set")]
    assert [(place.note.id, place.step.id) for place in entry.steps] == [("lamp", "lamp_set")]
    assert [(one.reference.note, one.reference.step) for one in entry.mentions] == [
        ("index.md", ""),
        ("lamp", "lamp_register"),
    ]
    assert [each.definition.line for each in entry.definitions] == [11]


def test_callers_and_callees_are_those_that_the_notes_nest(locked: Notebook) -> None:
    symbols = locked.index.symbols
    register = symbols[key(LAMP_C, "lamp_register")]
    assert names(register.callers) == ["lamp_init"]
    assert names(register.callees) == ["lamp_reset"]
    assert register.callees == [key(LAMP_C, "lamp_reset")]
    assert names(symbols[key(FAN_C, "lamp_reset")].callers) == ["fan_start"]
    assert symbols[key(LAMP_C, "lamp_init")].callers == []


def test_a_neighbour_counts_once_however_often_the_notes_say_it() -> None:
    again = LAMP_NOTE.replace("title: How a lamp starts", "title: Again")
    symbols = read({"a.yml": LAMP_NOTE, "b.yml": again}).symbols
    entry = symbols[key(LAMP_C, "lamp_register")]
    assert len(entry.steps) == 2
    assert names(entry.callers) == ["lamp_init"]


def test_places_are_in_reading_order_with_what_is_locked(locked: Notebook) -> None:
    places = locked.index.places["lamp"]
    assert [place.step.ordinal for place in places] == [1, 2, 3, 4, 5, 6]
    assert [place.parent.id if place.parent else "" for place in places] == [
        *("", "lamp_init", "lamp_register"),
        *("", "lamp_set", ""),
    ]
    assert all(place.locked for place in places)
    assert all(place.proved for place in places)
    unlocked = read(NOTES).places["lamp"]
    assert [place.locked for place in unlocked] == [None] * 6
    assert not any(place.proved for place in unlocked)


def test_the_symbols_of_a_file_are_in_line_order(locked: Notebook) -> None:
    files = locked.index.files()
    assert list(files) == [("linux", FAN_C), ("linux", LAMP_C), ("linux", LAMP_H)]
    lamp_c = [entry.key.name for entry in files["linux", LAMP_C]]
    assert lamp_c == ["lamp_reset", "lamp_set", "lamp_register", "lamp_init"]
    lamp_h = [entry.key.name for entry in files["linux", LAMP_H]]
    assert lamp_h == ["lamp", "lamp_clamp", "LAMP_NAME"]


def test_unlocked_symbols_of_a_file_come_last_by_name(locked: Notebook) -> None:
    more = "title: More\nsteps:\n" + "".join(
        f"  - function: {name}\n    file: {LAMP_C}\n" for name in ("b_new", "a_new")
    )
    entries = read({**NOTES, "more.yml": more}, locked.lock).files()["linux", LAMP_C]
    assert [entry.key.name for entry in entries][-2:] == ["a_new", "b_new"]


def test_a_bare_name_means_the_only_symbol_of_that_name(locked: Notebook) -> None:
    index = locked.index
    assert index.named("lamp_init", "linux") == key(LAMP_C, "lamp_init")
    assert index.named("lamp_init", "qemu") is None
    assert index.named("nothing", "linux") is None
    assert index.named("lamp_reset", "linux") is None
    assert index.named("lamp_reset", "linux", FAN_C) == key(FAN_C, "lamp_reset")
    assert index.named("lamp_reset", "linux", "other.c") is None
    assert index.named("lamp_init", "linux", version=PIN.version) == key(LAMP_C, "lamp_init")
    assert index.named("lamp_init", "linux", version="v3.6") is None


def test_a_name_that_is_called_is_no_struct_of_that_name() -> None:
    note = (
        "title: Twins\nsteps:\n"
        "  - struct: lamp\n    file: a.h\n"
        "  - function: lamp\n    file: b.c\n"
        "  - struct: fan\n    file: a.h\n"
    )
    index = read({"twins.yml": note})
    assert index.named("lamp", "linux") == key("b.c", "lamp")
    assert index.named("fan", "linux") == key("a.h", "fan", SymbolKind.STRUCT)


def test_notes_of_other_projects_have_symbols_of_their_own() -> None:
    other = LAMP_NOTE.replace("title:", "pin: {project: qemu, version: v8.2.0}\ntitle:", 1)
    index = read({"lamp.yml": LAMP_NOTE, "other.yml": other})
    assert {each.project for each in index.symbols} == {"linux", "qemu"}
    assert index.named("lamp_init", "qemu") == SymbolKey(
        "qemu", LAMP_C, "lamp_init", SymbolKind.FUNCTION
    )

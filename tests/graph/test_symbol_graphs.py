"""Graphs of symbols: the whole notebook, the neighbours of one, those of a file."""

from msgspec.structs import replace

from callpath.addresses import Layout, link_provider
from callpath.facts.lock import Lock
from callpath.graph.build import (
    CURRENT,
    MOST_BOXES,
    SymbolGraphs,
)
from callpath.graph.fold import (
    REST,
    STUB,
)
from callpath.graph.model import Graph
from callpath.model import SymbolKind
from callpath.notebook import Notebook, SymbolKey, build_index
from callpath.settings import PluginConfig
from kernel import PIN

LINKS = link_provider("elixir")
LAMP_C, FAN_C = "drivers/lamp/lamp.c", "drivers/fan/fan.c"


def graphs(notebook: Notebook) -> SymbolGraphs:
    return SymbolGraphs(notebook.index, Layout(), LINKS)


def key(path: str, name: str, kind: SymbolKind = SymbolKind.FUNCTION) -> SymbolKey:
    return SymbolKey("linux", path, name, kind)


def arrows(graph: Graph | None) -> list[tuple[str, str]]:
    assert graph is not None
    labels = {node.id: node.label for node in graph.nodes}
    return [(labels[edge.source], labels[edge.target]) for edge in graph.edges]


def called(callers: int, callees: int) -> Notebook:
    """A note in which so many functions lead to `hub`, which leads to so many."""
    text = "title: t\nsteps:\n"
    for number in range(callers):
        text += f"  - function: in{number}\n    file: a.c\n    steps:\n"
        text += f"      - function: hub\n        id: hub{number}\n        file: a.c\n"
    text += "        steps:\n" if callees else ""
    for number in range(callees):
        text += f"          - function: out{number}\n            file: b.c\n"
    return Notebook.load({"a.yml": text.encode()}, PluginConfig(pin=PIN))


# --- the whole notebook ----------------------------------------------------------------------


def test_the_whole_graph_has_a_node_a_symbol(locked: Notebook) -> None:
    graph = graphs(locked).whole("All", "{} symbols")
    assert (graph.name, graph.title, graph.description) == ("graph-all", "All", "8 symbols")
    assert arrows(graph) == [
        ("fan_start", "lamp_reset"),
        ("lamp_init", "lamp_register"),
        ("lamp_register", "lamp_reset"),
        ("lamp_set", "lamp_clamp"),
    ]
    places = [node.place for node in graph.nodes if node.label == "lamp_reset"]
    assert places == ["fan.c:5", "lamp.c:5"]
    assert graph.nodes[0].href == "../source/linux/drivers/fan/fan.c/fan_start/"
    assert all(node.ordinal is None for node in graph.nodes)


def test_an_edge_of_two_notes_is_drawn_once(locked: Notebook) -> None:
    note = locked.notes["lamp.yml"]
    twins = [replace(note, id="a"), replace(note, id="b")]
    index = build_index(twins, locked.references, locked.lock or Lock())
    graph = SymbolGraphs(index, Layout(), LINKS).whole("All", "{}")
    assert (len(graph.nodes), len(graph.edges)) == (6, 3)


def test_every_box_has_its_file_and_every_file_its_page(locked: Notebook) -> None:
    made = graphs(locked)
    paths, hrefs = made.files()
    labels = {node.id: node.label for node in made.whole("", "").nodes}
    assert {labels[name]: path for name, path in paths.items()}["fan_start"] == f"linux/{FAN_C}"
    assert set(paths.values()) == set(hrefs)
    assert hrefs[f"linux/{FAN_C}"] == "../source/linux/drivers/fan/fan.c/"


# --- one symbol ------------------------------------------------------------------------------


def test_a_symbol_stands_between_callers_and_callees(locked: Notebook) -> None:
    graph = graphs(locked).around(key(LAMP_C, "lamp_register"), "Around", "1 and 1")
    assert graph is not None
    assert (graph.title, graph.description) == ("Around", "1 and 1")
    assert [(node.label, node.href) for node in graph.nodes] == [
        ("lamp_init", "../lamp_init/"),
        ("lamp_register", ""),
        ("lamp_reset", "../lamp_reset/"),
    ]
    assert [node.classes for node in graph.nodes] == [(), (CURRENT,), ()]
    assert arrows(graph) == [("lamp_init", "lamp_register"), ("lamp_register", "lamp_reset")]


def test_a_symbol_without_neighbours_has_no_graph(locked: Notebook) -> None:
    lamp = key("include/linux/lamp.h", "lamp", SymbolKind.STRUCT)
    assert graphs(locked).around(lamp, "", "") is None


def test_neighbours_without_room_are_counted_on_both_sides() -> None:
    graph = graphs(called(30, 60)).around(key("a.c", "hub"), "", "")
    assert graph is not None
    rest = [(node.label, node.href) for node in graph.nodes if node.kind == REST]
    assert rest == [("11 more", "#callers"), ("40 more", "#callees")]
    assert len(graph.nodes) == MOST_BOXES + len(rest)
    assert ("11 more", "hub") in arrows(graph)
    assert ("hub", "40 more") in arrows(graph)


def test_one_side_may_use_the_room_of_the_other() -> None:
    graph = graphs(called(2, 60)).around(key("a.c", "hub"), "", "")
    assert graph is not None
    assert [node.label for node in graph.nodes][:4] == ["in0", "in1", "hub", "out0"]
    assert [node.label for node in graph.nodes if node.kind == REST] == ["23 more"]


def test_an_edit_elsewhere_changes_no_neighbourhood(locked: Notebook) -> None:
    note = locked.notes["lamp.yml"]
    index = build_index([note], locked.references, locked.lock or Lock())
    alone = SymbolGraphs(index, Layout(), LINKS)
    register = key(LAMP_C, "lamp_register")
    assert alone.around(register, "", "") == graphs(locked).around(register, "", "")


# --- one file --------------------------------------------------------------------------------


def test_a_file_shows_its_symbols_and_stubs_of_others(locked: Notebook) -> None:
    graph = graphs(locked).of_file("linux", LAMP_C, "Calls", "")
    assert graph is not None
    assert [(node.label, STUB in node.classes, node.href) for node in graph.nodes] == [
        ("lamp_init", False, "lamp_init/"),
        ("lamp_register", False, "lamp_register/"),
        ("lamp_reset", False, "lamp_reset/"),
        ("lamp_set", False, "lamp_set/"),
        ("lamp_clamp", True, "../../../include/linux/lamp.h/macro.lamp_clamp/"),
    ]
    assert len(arrows(graph)) == 3


def test_a_file_whose_symbols_have_no_neighbours_has_no_graph() -> None:
    text = "title: t\nsteps:\n  - function: f\n    file: a.c\n  - function: g\n    file: a.c\n"
    notebook = Notebook.load({"a.yml": text.encode()}, PluginConfig(pin=PIN))
    assert graphs(notebook).of_file("linux", "a.c", "", "") is None
    assert not graphs(notebook).has_file("linux", "a.c")


def test_what_has_a_graph_is_known_before_it_is_made(locked: Notebook) -> None:
    made, symbols = graphs(locked), locked.index.symbols
    around = {each: made.around(each, "", "") is not None for each in symbols}
    assert {each: made.has_around(each) for each in symbols} == around
    files = {file: made.of_file(*file, "", "") is not None for file in locked.index.files()}
    assert {file: made.has_file(*file) for file in files} == files
    assert set(around.values()) == {True, False}


def test_a_call_of_itself_alone_is_no_graph_of_a_symbol() -> None:
    text = (
        "title: t\nsteps:\n  - function: f\n    file: a.c\n    steps: [{function: f, file: a.c}]\n"
    )
    made = graphs(Notebook.load({"a.yml": text.encode()}, PluginConfig(pin=PIN)))
    assert not made.has_around(key("a.c", "f"))
    assert made.around(key("a.c", "f"), "", "") is None

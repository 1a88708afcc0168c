"""The call graph of a note: nodes in reading order, edges as the note nests."""

from dataclasses import replace

from callpath.addresses import link_provider
from callpath.facts.lock import Lock
from callpath.graph.build import note_graph
from callpath.notebook import Notebook, build_index

LINKS = link_provider("elixir")


def test_a_notes_graph_has_a_node_a_step(locked: Notebook) -> None:
    graph = note_graph(locked.index, locked.notes["lamp.yml"], "{} steps", LINKS)
    assert (graph.name, graph.title, graph.description) == (
        "graph-lamp",
        "How a lamp starts",
        "6 steps",
    )
    assert [(node.id, node.kind, node.ordinal, node.place) for node in graph.nodes] == [
        ("lamp_init", "function", 1, "lamp.c:27"),
        ("lamp_register", "function", 2, "lamp.c:22"),
        ("lamp_reset", "function", 3, "lamp.c:5"),
        ("lamp_set", "function", 4, "lamp.c:11"),
        ("lamp_clamp", "macro", 5, "lamp.h:26"),
        ("lamp", "struct", 6, "lamp.h:11"),
    ]
    assert [(edge.source, edge.target) for edge in graph.edges] == [
        ("lamp_init", "lamp_register"),
        ("lamp_register", "lamp_reset"),
        ("lamp_set", "lamp_clamp"),
    ]
    assert graph.nodes[1].href == "#lamp_register"
    assert graph.nodes[1].tooltip == "It resets the lamp."


def test_a_base_stands_before_the_links_of_nodes(locked: Notebook) -> None:
    graph = note_graph(locked.index, locked.notes["lamp.yml"], "{}", LINKS, "https://x.test/lamp/")
    assert graph.nodes[0].href == "https://x.test/lamp/#lamp_init"


def test_a_graph_of_a_note_in_a_folder_has_a_name_without_slashes(locked: Notebook) -> None:
    note = replace(locked.notes["lamp.yml"], id="kvm/sub/lamp")
    index = build_index([note], (), locked.lock or Lock())
    assert note_graph(index, note, "{}", LINKS).name == "graph-kvm-sub-lamp"


def test_what_is_not_locked_has_its_file_only(locked: Notebook) -> None:
    index = replace(locked, lock=None).index
    graph = note_graph(index, locked.notes["lamp.yml"], "{}", LINKS)
    assert graph.nodes[0].place == "lamp.c"


def test_arrows_say_how_they_were_found_in_the_words_they_are_given(locked: Notebook) -> None:
    note = locked.notes["lamp.yml"]
    plain = note_graph(locked.index, note, "{}", LINKS)
    said = note_graph(locked.index, note, "{}", LINKS, said={"call": "直接调用"})
    place = plain.edges[0].tooltip.removeprefix("call ")
    assert place.startswith("drivers/lamp/lamp.c:")
    assert said.edges[0].tooltip == f"直接调用 {place}"

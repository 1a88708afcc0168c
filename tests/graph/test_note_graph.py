"""The call graph of a note: nodes in reading order, edges as the note nests."""

from msgspec.structs import replace

from callpath.addresses import link_provider
from callpath.facts.lock import Lock
from callpath.facts.proof import EdgeStatus, Proof, ProofSite, SiteRole, Verdict
from callpath.graph.build import note_graph
from callpath.graph.model import EdgeStyle, Graph, GraphEdge, legend_of
from callpath.notebook import Notebook, build_index
from edges import with_verdicts

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


# --- what is not proved ----------------------------------------------------------------------

SITE = ProofSite("drivers/lamp/lamp.c", 24, SiteRole.CALL)
HALF_POINTER = Verdict(EdgeStatus.HALF, Proof.POINTER, (SITE,), member="reset")


def drawn(notebook: Notebook, verdict: Verdict | None) -> GraphEdge:
    """The arrow from `lamp_register` to `lamp_reset` where the lockfile says that of it."""
    changed = with_verdicts(notebook, {"lamp_reset": verdict})
    graph = note_graph(changed.index, changed.notes["lamp.yml"], "{}", LINKS)
    return next(edge for edge in graph.edges if edge.target == "lamp_reset")


def test_what_is_not_proved_is_drawn_as_no_proof_is(locked: Notebook) -> None:
    cases = {
        EdgeStyle.ASSERTED: Verdict(EdgeStatus.ASSERTED, reason="by hand"),
        EdgeStyle.HALF: HALF_POINTER,
        EdgeStyle.NOT_SEARCHED: replace(HALF_POINTER, status=EdgeStatus.NOT_SEARCHED),
        EdgeStyle.NOT_LOCKED: None,
        EdgeStyle.UNPROVED: Verdict(EdgeStatus.UNPROVED),
    }
    lines = {style: drawn(locked, verdict).style for style, verdict in cases.items()}
    assert lines == {style: style for style in cases}
    looks = [(each.line.mark, each.line.legend, each.line.mermaid) for each in lines]
    proved = {(style.line.mark, style.line.legend, style.line.mermaid) for style in EdgeStyle}
    assert len(set(looks)) == len(looks)
    assert all(mark for mark, _, _ in looks)
    assert not {arrow for *_, arrow in looks} & {arrow for mark, _, arrow in proved if not mark}


def test_half_an_edge_keeps_its_member_and_its_place(locked: Notebook) -> None:
    edge = drawn(locked, HALF_POINTER)
    assert (edge.label, edge.tooltip) == ("reset", "half, pointer drivers/lamp/lamp.c:24")
    assert edge.href.endswith("/drivers/lamp/lamp.c#L24")


def test_an_asserted_arrow_says_through_what(locked: Notebook) -> None:
    note = locked.notes["lamp.yml"]
    register = note.steps[0].steps[0]
    reset = replace(register.steps[0], via="lamp->ops->reset", asserted="by hand")
    top = replace(note.steps[0], steps=(replace(register, steps=(reset,)),))
    changed = replace(note, steps=(top, *note.steps[1:]))
    notebook = replace(locked, notes={**locked.notes, "lamp.yml": changed})
    edge = drawn(notebook, Verdict(EdgeStatus.ASSERTED))
    assert (edge.label, edge.tooltip) == ("reset", "asserted lamp->ops->reset")


def test_a_legend_explains_the_lines_that_are_there_and_no_others(locked: Notebook) -> None:
    def lines(verdict: Verdict | None) -> tuple[str, ...]:
        changed = with_verdicts(locked, {"lamp_reset": verdict})
        graph = note_graph(changed.index, changed.notes["lamp.yml"], "{}", LINKS)
        return legend_of([graph]).lines

    assert lines(HALF_POINTER) == ("call", "use", "half")
    assert lines(Verdict(EdgeStatus.ASSERTED)) == ("call", "use", "asserted")
    assert lines(None) == ("call", "use", "not-locked")
    counts = Graph("g", "", "", (), ())
    assert legend_of([counts]).lines == ()

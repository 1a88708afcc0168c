import pytest
from graph_goldens.cases import cyclic, large, nested, node

from callpath.graph.model import (
    EdgeStyle,
    Graph,
    GraphEdge,
    outline,
)


def lines(items, depth=0):
    """The list as indented text: name, style, label, `again` for a repeated item."""
    found = []
    for item in items:
        words = [item.node.id, item.style or "", item.label, "again" if item.repeated else ""]
        found.append("  " * depth + " ".join(word for word in words if word))
        found += lines(item.children, depth + 1)
    return found


def test_reading_order_with_style_and_label():
    assert lines(outline(nested())) == [
        "module_init",
        "  svm_init registration",
        "    kvm_init call",
        "      kvm_arch_init stated",
        "      svm_hardware_setup pointer hardware_setup",
        "        IOPM_ALLOC_ORDER macro",
        "        svm_data use",
        "      kvm_cpu_hotplug callback",
        "      kvm_chardev_ops unproved misc",
        "        kvm_dev_ioctl table",
        "          vouched asserted run",
        "          half_found half open",
        "          not_searched not-searched",
        "          not_locked not-locked",
    ]


def test_cycle_without_entry_starts_at_its_first_node_and_ends():
    assert lines(outline(cyclic())) == [
        "a",
        "  b call",
        "    a call again",
        "    b call again",
        "  b callback again",
        "c",
        "  d pointer run",
    ]


def test_node_reached_twice_is_expanded_once():
    nodes = tuple(map(node, ("a", "b", "c", "leaf")))
    ends = (("a", "b"), ("a", "c"), ("b", "leaf"), ("c", "b"), ("c", "leaf"))
    graph = Graph("g", "", "", nodes, tuple(GraphEdge(*pair, EdgeStyle.CALL) for pair in ends))
    assert lines(outline(graph)) == [
        "a",
        "  b call",
        "    leaf call",
        "  c call",
        "    b call again",
        "    leaf call",
    ]


def test_empty_graph():
    assert outline(Graph("g", "", "", (), ())) == ()


def test_depth_has_no_limit():
    item, depth = outline(large(5000))[0], 1
    while item.children:
        item, depth = item.children[0], depth + 1
    assert depth == 5000


def test_same_id_twice_is_refused():
    with pytest.raises(ValueError, match="same id"):
        Graph("g", "", "", (node("a"), node("a")), ())


def test_edge_out_of_the_graph_is_refused():
    with pytest.raises(ValueError, match="`a` → `b` leads out"):
        Graph("g", "", "", (node("a"),), (GraphEdge("a", "b", EdgeStyle.CALL),))

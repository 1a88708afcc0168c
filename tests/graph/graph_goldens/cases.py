"""The graphs that the tests of DOT, Mermaid, JSON and SVG share."""

from itertools import pairwise

from callpath.graph.model import (
    EdgeStyle,
    Graph,
    GraphEdge,
    GraphNode,
)

SCRIPT = "</title><script>alert(1)</script>"
HOSTILE = (
    SCRIPT,
    "say \"hi\" 'there'",
    r"a\nb\lc\N\G\T\E\\L end\\",
    "]]> <!-- --> <?x?>",
    "<b>bold</b>",
    "&lt;i&gt; &amp; &#65;",
    "end\\",
    "%%{init: {}}%% #35; `x` **y** __z__",
    "a:b:c;d|e",
    "x\ty\nz\x00\x1b\ud800\ufffe",
)


def node(name, ordinal=None, place="", *, kind="function", href="", tooltip="", classes=()):
    return GraphNode(name, name, kind, ordinal, place, href, tooltip, classes)


def nested():
    """A reading path with every style of edge; every box leads somewhere."""
    path = (
        ("module_init", "init.h:267", "macro"),
        ("svm_init", "svm.c:4358", "function"),
        ("kvm_init", "kvm_main.c:2871", "function"),
        ("kvm_arch_init", "x86.c:4884", "function"),
        ("svm_hardware_setup", "svm.c:851", "function"),
        ("IOPM_ALLOC_ORDER", "svm.c:53", "macro"),
        ("svm_data", "svm.c:146", "variable"),
        ("kvm_cpu_hotplug", "kvm_main.c:2524", "function"),
        ("kvm_chardev_ops", "kvm_main.c:2560", "variable"),
        ("kvm_dev_ioctl", "kvm_main.c:2388", "function"),
        ("vouched", "x86.c:1", "function"),
        ("half_found", "x86.c:2", "function"),
        ("not_searched", "x86.c:3", "function"),
        ("not_locked", "x86.c", "function"),
    )
    nodes = tuple(
        node(name, number, place, kind=kind, href=f"#{name}", tooltip=f"{kind} {name}")
        for number, (name, place, kind) in enumerate(path, 1)
    )
    edges = (
        GraphEdge("module_init", "svm_init", EdgeStyle.REGISTRATION),
        GraphEdge("svm_init", "kvm_init", EdgeStyle.CALL, href="../../source/?a=1&b=2#L4360"),
        GraphEdge("kvm_init", "kvm_arch_init", EdgeStyle.STATED),
        GraphEdge(
            "kvm_init",
            "svm_hardware_setup",
            EdgeStyle.POINTER,
            "hardware_setup",
            "经指针",
            "../../source/#L6195",
        ),
        GraphEdge("svm_hardware_setup", "IOPM_ALLOC_ORDER", EdgeStyle.MACRO),
        GraphEdge("svm_hardware_setup", "svm_data", EdgeStyle.USE),
        GraphEdge("kvm_init", "kvm_cpu_hotplug", EdgeStyle.CALLBACK),
        GraphEdge("kvm_init", "kvm_chardev_ops", EdgeStyle.UNPROVED, "misc"),
        GraphEdge("kvm_chardev_ops", "kvm_dev_ioctl", EdgeStyle.TABLE),
        GraphEdge("kvm_dev_ioctl", "vouched", EdgeStyle.ASSERTED, "run", "作者断言 ops->run"),
        GraphEdge("kvm_dev_ioctl", "half_found", EdgeStyle.HALF, "open"),
        GraphEdge("kvm_dev_ioctl", "not_searched", EdgeStyle.NOT_SEARCHED),
        GraphEdge("kvm_dev_ioctl", "not_locked", EdgeStyle.NOT_LOCKED),
    )
    return Graph("kvm-init", "KVM 初始化", "从 module_init 到 kvm_dev_ioctl", nodes, edges)


def cyclic():
    """Recursion, two edges between the same boxes, absolute addresses, a box that is no step."""
    nodes = (
        node(
            "a", 1, "a.c:1", href="https://example.org/a?x=1&y=2#L1", classes=("callpath-current",)
        ),
        node("b", None, "a.c:9", href="http://example.org/b"),
        node("c", 2),
        node("d"),
    )
    edges = (
        GraphEdge("a", "b", EdgeStyle.CALL),
        GraphEdge("b", "a", EdgeStyle.CALL),
        GraphEdge("b", "b", EdgeStyle.CALL),
        GraphEdge("a", "b", EdgeStyle.CALLBACK),
        GraphEdge("c", "d", EdgeStyle.POINTER, "run"),
    )
    return Graph("cycle", "Recursion", "", nodes, edges)


def hostile():
    """Texts that mean something to DOT, XML, HTML, Markdown or Mermaid, in every place."""
    nodes = tuple(
        GraphNode(f"h{i}", text, "function", i, text[:12], f"page?a&b#{text}", text)
        for i, text in enumerate(HOSTILE)
    )
    edges = tuple(
        GraphEdge(f"h{i}", f"h{i + 1}", EdgeStyle.POINTER, text, text, f"source#{text}")
        for i, text in enumerate(HOSTILE[:-1])
    )
    return Graph("hostile", " ".join(HOSTILE), " ".join(HOSTILE[::-1]), nodes, edges)


def chinese():
    """Wide characters, ids that DOT would take for a port, a keyword or a number."""
    nodes = (
        node("初始化", 1, "内核.c:1"),
        node("a:b", 2),
        node("node", 3),
        node("3d", 4),
        node("vcpu_svm.vmcb", 5, "svm.c:9", kind="field"),
    )
    edges = tuple(
        GraphEdge(one.id, two.id, EdgeStyle.CALL, "成员" if one.id == "a:b" else "")
        for one, two in pairwise(nodes)
    )
    return Graph("zh", "中文", "", nodes, edges)


def large(count=151):
    """A chain with one labelled edge."""
    nodes = tuple(node(f"f{i}", i) for i in range(1, count + 1))
    edges = tuple(
        GraphEdge(f"f{i}", f"f{i + 1}", EdgeStyle.POINTER, "open" if i == 1 else "")
        for i in range(1, count)
    )
    return Graph("large", "Large", "", nodes, edges)


CASES = {"nested": nested(), "cyclic": cyclic(), "hostile": hostile(), "chinese": chinese()}

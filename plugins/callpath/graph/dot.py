"""A call graph as text: DOT, JSON and Mermaid. The same graph gives the same text.

Everything is in reading order. The `graphviz` package quotes for DOT. Does not depend on engines or
pages.
"""

import json
import re
import unicodedata
from urllib.parse import quote, urlsplit

import graphviz
from msgspec import to_builtins

from callpath.graph.model import Graph, GraphEdge, GraphNode
from callpath.model import one_line

NAME_SIZE = 11.0  # size of a box's first line, points
DETAIL_SIZE = 9.0  # size of a box's second line and of an edge's label, points
# Nodes past which the engine is told to try less hard, and labels of edges are left to tooltips:
# nobody can read such a picture as a whole, and labels make its layout up to 100 times slower.
LARGE = 150

_PADDING = 14.0  # left and right of the longest line together, points
_NARROW = 0.602  # em; the widest of the usual monospaced fonts
_TWO_LINES, _ONE_LINE = 30, 22  # height of a box, points

# Colours for a file of its own, where no page's style applies: text on its own light box, lines of
# a luminance that is 4.5:1 to white and to black.
_NODE_ATTRIBUTES = {
    "shape": "box",
    "style": "filled",
    "fillcolor": "#f6f7f9",
    "color": "#8a93a3",
    "fontcolor": "#1f2430",
    "fontname": "Courier",  # the one monospaced font whose widths every engine knows
    "fontsize": f"{NAME_SIZE:g}",
    "penwidth": "0.8",
    "fixedsize": "true",  # to the width below: engines guess that of Chinese text wrong
}
_EDGE_ATTRIBUTES = {
    "color": "#6f7785",
    "fontcolor": "#6f7785",
    "fontname": "Courier",
    "fontsize": f"{DETAIL_SIZE:g}",
    "arrowsize": "0.6",
    "tailport": "e",
    "headport": "w",
}


def to_dot(graph: Graph) -> str:
    """The graph as DOT text: one class per kind and style, widths set from the text."""
    picture = graphviz.Digraph(
        graph.name,
        graph_attr=_graph_attributes(graph),
        node_attr=_NODE_ATTRIBUTES,
        edge_attr=_EDGE_ATTRIBUTES,
    )
    names = {node.id: _name(node.id, number) for number, node in enumerate(graph.nodes, 1)}
    for node in graph.nodes:
        picture.node(names[node.id], **_node_attributes(graph, node))
    labels = {node.id: node.label for node in graph.nodes}
    used = {graph.element_id(node.id) for node in graph.nodes}
    for edge in graph.edges:
        ends = f"{labels[edge.source]} → {labels[edge.target]}"
        attributes = _edge_attributes(edge, ends, labelled=not _is_large(graph))
        attributes["id"] = _text(_unused(graph.element_id(f"{edge.source}--{edge.target}"), used))
        picture.edge(names[edge.source], names[edge.target], **attributes)
    return str(picture.source)


def _graph_attributes(graph: Graph) -> dict[str, str]:
    """Layout, and the title and description: the two parts of the graph's tooltip."""
    lines = [_tooltip(line) for line in (graph.title, graph.description)]
    attributes = {
        "id": _text(graph.name),
        "class": "callpath-graph",
        "tooltip": graphviz.nohtml(r"\n".join(lines)),
        "rankdir": "LR",
        "ordering": "out",
        "outputorder": "edgesfirst",  # arrows under boxes, and the boxes in reading order
        "nodesep": "0.11",
        # Where an edge has a label, engines put a rank for it between all others and halve this.
        "ranksep": "0.7" if any(map(_label, graph.edges)) and not _is_large(graph) else "0.45",
        "pad": "0.06",
        "bgcolor": "transparent",
    }
    if _is_large(graph):
        attributes |= {"nslimit": "1", "mclimit": "0.3"}
    return attributes


def _node_attributes(graph: Graph, node: GraphNode) -> dict[str, str]:
    lines = [node.label, node.detail] if node.detail else [node.label]
    classes = (f"callpath-{node.kind}", *node.classes) if node.kind else node.classes
    attributes = {
        "id": _text(graph.element_id(node.id)),
        "class": _text(" ".join(classes)),
        "label": graphviz.nohtml(r"\n".join(_text(line) for line in lines)),
        "tooltip": _tooltip(node.tooltip or node.label),
        "width": f"{_width(node) / 72:.3f}",
        "height": f"{(_TWO_LINES if node.detail else _ONE_LINE) / 72:.3f}",
    }
    return attributes | _url(node.href)


def _edge_attributes(edge: GraphEdge, ends: str, *, labelled: bool) -> dict[str, str]:
    said = edge.tooltip or ends
    tooltip = _tooltip(said if labelled or not edge.label else f"{said} ({edge.label})")
    attributes = {"class": f"callpath-{edge.style}", "tooltip": tooltip}
    attributes |= edge.style.line.dot
    label = _label(edge)
    if label and labelled:
        attributes |= {"label": _text(label), "labeltooltip": tooltip}
    return attributes | _url(edge.href)


def _is_large(graph: Graph) -> bool:
    return len(graph.nodes) > LARGE


def _label(edge: GraphEdge) -> str:
    return f"{edge.style.line.mark} {edge.label}".strip()


def _name(identifier: str, number: int) -> str:
    """A node's name in the DOT text: its id, or a number where DOT would read more into it."""
    plain = identifier.replace("-", "").replace(".", "").isidentifier()
    return identifier if plain else f"node {number}"


def _unused(wanted: str, used: set[str]) -> str:
    """The wanted id, with a number behind it when it is taken; `used` grows."""
    found, number = wanted, 1
    while found in used:
        number += 1
        found = f"{wanted}-{number}"
    used.add(found)
    return found


def _text(text: str) -> str:
    """A text that means only itself: no escape sequence, no entity, no HTML, on one line."""
    escaped: str = graphviz.escape(one_line(text).replace("&", "&amp;"))
    return escaped


def _tooltip(text: str) -> str:
    """The same for a tooltip, where every engine resolves escape sequences twice."""
    escaped: str = graphviz.escape(_text(text))
    return escaped


def _url(href: str) -> dict[str, str]:
    """The attribute for a web address, so that no engine needs to escape it; else none."""
    if not href or urlsplit(href).scheme not in {"", "http", "https"}:
        return {}
    safe = quote(one_line(href), safe="/:?#[]@!$&'()*+,;=%~")
    return {"URL": safe.replace("&", "&amp;")} if safe else {}


def _width(node: GraphNode) -> float:
    """Width of a node's box in points, for any of the usual monospaced fonts."""
    name, detail = em_length(node.label, _NARROW), em_length(node.detail, _NARROW)
    return max(name * NAME_SIZE, detail * DETAIL_SIZE) + _PADDING


def em_length(line: str, narrow: float) -> float:
    """Length of a line in em, in a font whose usual characters are `narrow` em wide."""
    return sum(
        1.0 if unicodedata.east_asian_width(character) in "WF" else narrow
        for character in line
        if unicodedata.category(character) not in {"Mn", "Me", "Cf"}
    )


def to_json(graph: Graph) -> str:
    """The graph as JSON text: the fields of `Graph`, `GraphNode` and `GraphEdge`, keys sorted.

    The object also has `schema` (1). An `ordinal` may be null; a text that is absent is empty.
    """
    value = {"schema": 1, **to_builtins(graph)}
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


# Characters that mean only themselves inside Mermaid's quotes; all others go as numbers.
_PLAIN = re.compile(r"[\w .,:;()\[\]{}/+=?!·→-]")


def to_mermaid(graph: Graph) -> str:
    """The graph as Mermaid text.

    Nodes link only to absolute addresses, which hold wherever the text is shown.
    """
    names = {node.id: f"n{number}" for number, node in enumerate(graph.nodes, 1)}
    title = json.dumps(_line(graph.title), ensure_ascii=False)
    lines = ["---", f"title: {title}", "---", "flowchart LR"]
    if graph.title:
        lines.append(f"    accTitle: {_line(graph.title)}")
    if graph.description:
        lines.append(f"    accDescr: {_line(graph.description)}")
    lines += [f"    {names[node.id]}[{_quoted(node.label, node.detail)}]" for node in graph.nodes]
    for edge in graph.edges:
        label = _label(edge)
        arrow = edge.style.line.mermaid + (f"|{_quoted(label)}|" if label else "")
        lines.append(f"    {names[edge.source]} {arrow} {names[edge.target]}")
    for node in graph.nodes:
        if node.href.startswith(("https://", "http://")):
            address = quote(one_line(node.href), safe="/:?#[]@!$&'()*+,=%~")
            said = _quoted(node.tooltip or node.label)
            lines.append(f'    click {names[node.id]} href "{address}" {said}')
    return "\n".join(lines) + "\n"


def _quoted(*lines: str) -> str:
    """Lines as one quoted text: a character with a meaning in Mermaid or HTML is a number."""
    escaped = (
        "".join(c if _PLAIN.match(c) else f"#{ord(c)};" for c in one_line(line))
        for line in lines
        if line
    )
    return '"' + "<br/>".join(escaped) + '"'


def _line(text: str) -> str:
    """A text where Mermaid has no escapes: one line, no comment, no directive, no entity."""
    return re.sub(r"[%#;{}<>]+", " ", one_line(text)).strip()

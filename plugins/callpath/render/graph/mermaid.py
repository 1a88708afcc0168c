"""A call graph as a Mermaid flowchart, for places that draw Mermaid themselves (GitHub, GitLab)."""

import json
import re
from urllib.parse import quote

from callpath.core.graph import EdgeStyle, Graph, GraphEdge, GraphNode, one_line

_ARROWS = {
    EdgeStyle.CALL: "-->",
    EdgeStyle.STATED: "-->",
    EdgeStyle.POINTER: "-.->",
    EdgeStyle.CALLBACK: "-.-o",
    EdgeStyle.REGISTRATION: "-.-o",
    EdgeStyle.TABLE: "--o",
    EdgeStyle.MACRO: "--o",
    EdgeStyle.USE: "--o",
    EdgeStyle.UNPROVED: "-.-x",
}
_PLAIN = re.compile(r"[\w .,:;()\[\]{}/+=?!·→-]")
"""Characters that mean only themselves inside Mermaid's quotes; all others go as numbers."""


def to_mermaid(graph: Graph) -> str:
    """The graph as Mermaid text, nodes and edges in reading order.

    A node links only to an absolute address: where the text is shown, nobody knows the page that
    a relative one starts from.
    """
    names = {node.id: f"n{number}" for number, node in enumerate(graph.nodes, 1)}
    title = json.dumps(_line(graph.title), ensure_ascii=False)
    lines = ["---", f"title: {title}", "---", "flowchart LR"]
    if graph.title:
        lines.append(f"    accTitle: {_line(graph.title)}")
    if graph.description:
        lines.append(f"    accDescr: {_line(graph.description)}")
    lines += [f"    {names[node.id]}[{_quoted(node.label, node.detail)}]" for node in graph.nodes]
    lines += [f"    {_edge(edge, names)}" for edge in graph.edges]
    lines += [f"    {_click(node, names)}" for node in graph.nodes if _is_absolute(node.href)]
    return "\n".join(lines) + "\n"


def _edge(edge: GraphEdge, names: dict[str, str]) -> str:
    label = f"|{_quoted(edge.label)}|" if edge.label else ""
    return f"{names[edge.source]} {_ARROWS[edge.style]}{label} {names[edge.target]}"


def _click(node: GraphNode, names: dict[str, str]) -> str:
    address = quote(one_line(node.href), safe="/:?#[]@!$&'()*+,=%~")
    return f'click {names[node.id]} href "{address}" {_quoted(node.tooltip or node.label)}'


def _is_absolute(href: str) -> bool:
    return href.startswith(("https://", "http://"))


def _quoted(*lines: str) -> str:
    """Lines as one quoted text."""
    return '"' + "<br/>".join(_escaped(line) for line in lines if line) + '"'


def _escaped(text: str) -> str:
    """A text in which every character with a meaning in Mermaid, Markdown or HTML is a number."""
    return "".join(c if _PLAIN.match(c) else f"#{ord(c)};" for c in one_line(text))


def _line(text: str) -> str:
    """A text where Mermaid knows no escapes: one line, no comment, no directive, no entity."""
    return re.sub(r"[%#;{}<>]+", " ", one_line(text)).strip()

"""The forms in which `callpath graph` prints a graph."""

from collections.abc import Callable

from callpath.core.graph import Graph
from callpath.render.graph.dot import to_dot
from callpath.render.graph.json import to_json
from callpath.render.graph.mermaid import to_mermaid
from callpath.render.svg import draw


def _to_svg(graph: Graph) -> str:
    return draw(to_dot(graph))


GRAPH_FORMATS: dict[str, Callable[[Graph], str]] = {
    "svg": _to_svg,
    "dot": to_dot,
    "mermaid": to_mermaid,
    "json": to_json,
}
"""By the name that `--format` takes."""

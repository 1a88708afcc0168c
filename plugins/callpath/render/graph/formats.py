"""The forms in which `callpath graph` prints a graph."""

from collections.abc import Callable

from callpath.core.graph import Graph
from callpath.render.graph.dot import to_dot
from callpath.render.graph.json import to_json
from callpath.render.graph.mermaid import to_mermaid
from callpath.render.svg import draw

GRAPH_FORMATS: dict[str, Callable[[Graph, str], str]] = {
    "svg": lambda graph, engine: draw(to_dot(graph), engine=engine),
    "dot": lambda graph, _: to_dot(graph),
    "mermaid": lambda graph, _: to_mermaid(graph),
    "json": lambda graph, _: to_json(graph),
}
"""By the name that `--format` takes; each is given the graph and the site's graph engine."""

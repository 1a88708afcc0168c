"""A call graph as JSON, for other programs. A stable interface: it changes only with `schema`."""

import json
from dataclasses import asdict

from callpath.core.graph import Graph

SCHEMA = 1
"""Version of the form below."""


def to_json(graph: Graph) -> str:
    """The graph as JSON text, keys sorted, nodes and edges in reading order.

    Returns:
        An object with `schema` (1), `name`, `title`, `description`, and

        - `nodes`: objects with `id` (unique), `label`, `kind`, `ordinal` (1-based, or null),
          `place` (`svm.c:851`), `href`, `tooltip`, `classes` (a list);
        - `edges`: objects with `source` and `target` (ids of nodes), `style` (a value of
          `EdgeStyle`), `label`, `tooltip`, `href`.

        A text that there is none of is empty.
    """
    value = {"schema": SCHEMA, **asdict(graph)}
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n"

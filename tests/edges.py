"""Notebooks whose lockfile says what a test wants of their edges."""

from collections.abc import Mapping

from msgspec.structs import replace

from callpath.facts.lock import lock_edge
from callpath.facts.proof import Verdict
from callpath.notebook import Notebook


def with_verdicts(notebook: Notebook, verdicts: Mapping[str, Verdict | None]) -> Notebook:
    """The notebook with other verdicts on the edges to those steps; None takes the edge away."""
    assert notebook.lock is not None
    stated = [edge for edge in notebook.edges if edge.callee.id in verdicts]
    locked = [notebook.lock.find_edge(edge) for edge in stated]
    kept = [edge for edge in notebook.lock.edges if edge not in locked]
    new = [lock_edge(edge, found) for edge in stated if (found := verdicts[edge.callee.id])]
    return replace(notebook, lock=replace(notebook.lock, edges=(*kept, *new)))

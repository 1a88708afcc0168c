"""A part of what a check asks, for one of several jobs that share nothing but what they keep."""

from collections.abc import Sequence

from callpath.ahead.ask import Ahead
from callpath.drift.tracking import compared_pins, silent_versions
from callpath.findings import UsageError
from callpath.mentions.judging.judge import questions
from callpath.model import Pin, Progress, no_progress
from callpath.notebook import Notebook
from callpath.sources.spec import Sources
from callpath.verify.code import no_collector
from callpath.verify.examine import examine
from callpath.verify.mentions import ask_trees, own_pins


def find_part(
    notebook: Notebook,
    sources: Sources,
    part: tuple[int, int],
    progress: Progress = no_progress,
) -> tuple[int, int]:
    """Find out and keep what a check asks of some trees, and of how others became these.

    Parameters:
        part: Which part of the trees, from 1, and of how many.

    Returns:
        How many trees are in the part, and how many there are.

    Raises:
        UsageError: There are fewer trees than parts.
        SourceError: A source cannot be opened, or broke.
    """
    with no_collector(), sources.sharing() as shared:
        pairs = list(compared_pins(notebook, shared))
        trees = _trees(notebook, shared, pairs)
        number, count = part
        if count > len(trees):
            fact = f"{len(trees)} versions cannot be divided into {count} shards"
            raise UsageError(fact, "ask for fewer shards")
        own = frozenset(trees[len(trees) * (number - 1) // count : len(trees) * number // count])
        read = own | {old for old, new in pairs if new in own}
        silent = silent_versions(notebook, shared)
        references = [e for e in notebook.references if e.pin in read and e.pin not in silent]
        edges = [edge for edge in notebook.edges if edge.pin in read]
        ahead = Ahead(notebook, shared, progress, own)
        ahead.expect(references, edges)
        given = (own_pins(notebook) & own, progress, notebook.dispatch)
        ask_trees(notebook.mentions, shared, own, *given)
        ahead.prove(references, edges)
        options = (progress, notebook.dispatch, notebook.link_units)
        ahead.track(examine(references, edges, shared.open, *options).lock)
        shared.store.flush()
        return len(own), len(trees)


def _trees(notebook: Notebook, sources: Sources, pairs: Sequence[tuple[Pin, Pin]]) -> Sequence[Pin]:
    """The versions that a check asks, in the order of their names."""
    asked = {pin for pair in pairs for pin in pair}
    asked |= {one.pin for one in notebook.references} | set(questions(notebook.mentions))
    return sorted(pin for pin in asked if sources.has(pin) or any(sources.repositories(pin)))

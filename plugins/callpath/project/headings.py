"""A note's table of contents."""

from dataclasses import dataclass

from callpath.core.layout import CALL_GRAPH_ANCHOR
from callpath.core.model import Note, Step


@dataclass(frozen=True, slots=True)
class Heading:
    """An entry of a page's table of contents, with those below it."""

    id: str
    title: str
    children: tuple["Heading", ...] = ()


def note_headings(note: Note, graph_title: str) -> tuple[Heading, ...]:
    """A note's table of contents: its graph, then its steps as they nest."""
    return (Heading(CALL_GRAPH_ANCHOR, graph_title), *(_heading(step) for step in note.steps))


def _heading(step: Step) -> Heading:
    return Heading(step.id, step.symbol.name, tuple(_heading(child) for child in step.steps))

"""The edges that a note states by nesting."""

from collections.abc import Iterator
from dataclasses import dataclass

from callpath.core.diagnostics import Place
from callpath.core.model import Note, Pin, Step


@dataclass(frozen=True, slots=True)
class Edge:
    """A step and the step that it is reached from.

    Attributes:
        pin: The tree that both are read against.
        note: The note's id.
        caller: The step above.
        callee: The step.
        ancestors: The steps above the caller, nearest first.
    """

    pin: Pin
    note: str
    caller: Step
    callee: Step
    ancestors: tuple[Step, ...] = ()

    @property
    def place(self) -> Place:
        """Where the callee's name stands in the YAML."""
        return self.callee.place


def note_edges(note: Note) -> Iterator[Edge]:
    """Every edge of a note, in reading order of the callees."""
    stack: list[tuple[Step, tuple[Step, ...]]] = [(step, ()) for step in reversed(note.steps)]
    while stack:
        step, above = stack.pop()
        if above:
            yield Edge(note.pin, note.id, above[0], step, above[1:])
        stack.extend((child, (step, *above)) for child in reversed(step.steps))

"""The eras of a note's steps: what became of each symbol and of the edge that leads to it. Pure."""

from dataclasses import dataclass

from callpath.core.eras import Eras, Statement
from callpath.core.model import Note, visits
from callpath.core.prover import note_edges
from callpath.core.references import step_reference


@dataclass(frozen=True, slots=True)
class StepEras:
    """The eras of a step.

    Attributes:
        symbol: Where its symbol is defined; nothing when it was not looked for.
        edge: Where it is reached from its parent; nothing when that was not looked for, or when
            the step is of the top level.
    """

    symbol: Statement | None
    edge: Statement | None


def step_eras(eras: Eras, note: Note) -> dict[str, StepEras]:
    """The eras of every step of a note, by the step's id."""
    edges = {edge.callee.id: eras.find_edge(edge) for edge in note_edges(note)}
    return {
        visit.step.id: StepEras(
            eras.find(step_reference(note, visit.step)), edges.get(visit.step.id)
        )
        for visit in visits(note)
    }

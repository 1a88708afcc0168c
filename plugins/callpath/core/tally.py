"""Counts over steps: how many there are, how many are proved, how their edges are known."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from callpath.core.index import StepPlace
from callpath.core.proof import EdgeStatus


@dataclass(frozen=True, slots=True)
class Tally:
    """What was counted.

    Attributes:
        steps: Steps.
        proved: Steps that are located and, unless of the top level, reached by a proved edge.
        errata: Errata.
        edges: How many edges have each status; in the order of `EdgeStatus`, none left out.
    """

    steps: int
    proved: int
    errata: int
    edges: tuple[tuple[EdgeStatus, int], ...]


def tally(places: Iterable[StepPlace]) -> Tally:
    """Count over the places of steps."""
    found = list(places)
    edges = Counter(place.verdict.status for place in found if place.parent is not None)
    return Tally(
        steps=len(found),
        proved=sum(place.proved for place in found),
        errata=sum(len(place.step.errata) for place in found),
        edges=tuple((status, edges[status]) for status in EdgeStatus),
    )

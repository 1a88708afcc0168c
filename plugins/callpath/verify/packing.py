"""Edges as they travel to another process or machine: each step once, without its prose."""

from collections.abc import Sequence
from typing import Self

from msgspec import Struct
from msgspec.structs import replace

from callpath.model import Edge, Pin, Step, Text


class _PackedEdge(Struct, frozen=True, array_like=True):
    """An edge, with the numbers of its steps."""

    pin: Pin
    note: str
    caller: int
    callee: int
    ancestors: tuple[int, ...]


class PackedEdges(Struct, frozen=True, array_like=True):
    """Edges, in order; what their steps say in prose is left out."""

    steps: tuple[Step, ...]
    edges: tuple[_PackedEdge, ...]

    @classmethod
    def of(cls, edges: Sequence[Edge]) -> Self:
        """Pack edges."""
        numbers: dict[int, int] = {}  # of steps, by their identities
        bare: list[Step] = []

        def number(step: Step) -> int:
            if id(step) not in numbers:
                numbers[id(step)] = len(bare)
                nothing = Text("", step.location)
                bare.append(replace(step, commentary=nothing, errata=(), remarks=(), steps=()))
            return numbers[id(step)]

        packed = tuple(
            _PackedEdge(
                each.pin,
                each.note,
                number(each.caller),
                number(each.callee),
                tuple(map(number, each.ancestors)),
            )
            for each in edges
        )
        return cls(tuple(bare), packed)

    def unpacked(self) -> tuple[Edge, ...]:
        """The edges."""
        step = self.steps.__getitem__
        return tuple(
            Edge(
                each.pin,
                each.note,
                step(each.caller),
                step(each.callee),
                tuple(map(step, each.ancestors)),
            )
            for each in self.edges
        )

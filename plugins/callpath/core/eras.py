"""In which releases statements of the notes hold. Values only: knows no source and no disk."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from callpath.core.model import Definition, Reference, Symbol, SymbolKind
from callpath.core.proof import EdgeStatus, Verdict
from callpath.core.prover import Edge

Era = tuple[str, str]
"""The first and the last of releases that follow one another among those that were looked at."""


class Standing(StrEnum):
    """What a release says of a statement."""

    HOLDS = "holds"
    """The symbol is defined in that file, as that kind; the edge is proved."""
    OTHERWISE = "otherwise"
    """The caller reaches the callee, but not through the pointer that `via` names."""
    UNKNOWN = "unknown"
    """What was looked at cannot tell: a table may stand in a file that was not looked at."""
    ABSENT = "absent"
    """It does not hold."""


MAY_HOLD = frozenset({Standing.HOLDS, Standing.UNKNOWN})
"""The standings of what cannot be ruled out."""

_RANK = {each: number for number, each in enumerate(Standing)}


def better(one: Standing, other: Standing) -> Standing:
    """The standing of what is stated twice: the one that says more for it."""
    return min(one, other, key=_RANK.__getitem__)


def standing_of_symbol(
    named: Sequence[Definition], kind: SymbolKind | str, occurrence: int
) -> Standing:
    """The standing of a reference.

    Parameters:
        named: The definitions of its name in its file.
        kind: The kind that it names, or empty.
        occurrence: Which of several definitions it chooses, 1-based; 0: none.
    """
    meant = [definition for definition in named if kind in ("", definition.kind)]
    return Standing.HOLDS if len(meant) >= max(occurrence, 1) else Standing.ABSENT


def standing_of_verdict(verdict: Verdict, edge: Edge) -> Standing:
    """The standing of an edge, from what the prover says when the whole tree is not searched."""
    if verdict.status is EdgeStatus.PROVED:
        return Standing.HOLDS
    if verdict.wrong_via:
        return Standing.OTHERWISE
    if verdict.status in (EdgeStatus.NOT_SEARCHED, EdgeStatus.ASSERTED):
        return Standing.UNKNOWN
    if verdict.status is EdgeStatus.HALF and edge.callee.by:
        return Standing.UNKNOWN  # what is handed over may be passed on in a file not looked at
    return Standing.ABSENT


def eras_of(
    tags: Sequence[str], standings: Sequence[Standing], wanted: Standing = Standing.HOLDS
) -> tuple[Era, ...]:
    """The ranges of releases with a standing, in order.

    Parameters:
        tags: The releases, in order.
        standings: The standing at each.
        wanted: Which ranges are asked for.
    """
    found: list[Era] = []
    follows = False
    for tag, standing in zip(tags, standings, strict=True):
        if standing is wanted:
            found[-1:] = [(found[-1][0], tag)] if follows else [*found[-1:], (tag, tag)]
        follows = standing is wanted
    return tuple(found)


SymbolKey = tuple[str, str, str, int]
"""Path, name, kind (may be empty) and occurrence (0: not chosen), as the notes name a symbol."""
EdgeKey = tuple[str, ...]
"""What the notes say of an edge: its ends, `via`, `when` and `by`."""


def symbol_key(symbol: Symbol, occurrence: int) -> SymbolKey:
    """What identifies a symbol of the notes."""
    return (symbol.path, symbol.name, str(symbol.kind), occurrence)


def above_of(edge: Edge) -> str:
    """The symbol above an edge's caller, which may hand the callee over; or empty."""
    return edge.ancestors[0].symbol.name if edge.ancestors else ""


@dataclass(frozen=True, slots=True)
class Statement:
    """What a symbol or an edge came to.

    Attributes:
        holds: Where it holds.
        otherwise: Where the edge holds, but through another pointer.
        unknown: Where it cannot be told.
    """

    holds: tuple[Era, ...] = ()
    otherwise: tuple[Era, ...] = ()
    unknown: tuple[Era, ...] = ()


@dataclass(frozen=True, slots=True)
class EdgeEnds:
    """An edge as the notes state it.

    Attributes:
        caller: The caller.
        callee: The callee.
        via: The pointer that the notes name, or empty.
        when: `later`, or empty.
        by: The function that runs it later, or empty.
        above: The symbol above the caller, where it matters to the answer; else empty.
    """

    caller: SymbolKey
    callee: SymbolKey
    via: str = ""
    when: str = ""
    by: str = ""
    above: str = ""

    @property
    def order(self) -> tuple[object, ...]:
        """What edges are sorted by."""
        return (self.caller, self.callee, self.via, self.when, self.by, self.above)


def edge_ends(edge: Edge, above: str = "") -> EdgeEnds:
    """What identifies an edge of the notes."""
    caller, callee = edge.caller, edge.callee
    return EdgeEnds(
        symbol_key(caller.symbol, caller.occurrence),
        symbol_key(callee.symbol, callee.occurrence),
        callee.via,
        callee.when,
        callee.by,
        above,
    )


@dataclass(frozen=True)
class Eras:
    """In which releases the statements of a notebook hold.

    Attributes:
        project: The code base.
        tags: The releases that were looked at, in order.
        symbols: For each symbol what it came to; sorted.
        edges: For each edge what it came to; sorted by `EdgeEnds.order`.
    """

    project: str
    tags: tuple[str, ...]
    symbols: Mapping[SymbolKey, Statement] = field(default_factory=dict)
    edges: Mapping[EdgeEnds, Statement] = field(default_factory=dict)

    def find(self, reference: Reference) -> Statement | None:
        """What a reference came to; nothing when it was not looked for."""
        if reference.pin.project != self.project:
            return None
        return self.symbols.get(symbol_key(reference.symbol, reference.occurrence))

    def find_edge(self, edge: Edge) -> Statement | None:
        """What an edge came to; nothing when it was not looked for."""
        if edge.pin.project != self.project:
            return None
        found = self.edges.get(edge_ends(edge, above_of(edge)))
        return found or self.edges.get(edge_ends(edge))


def make_eras(
    project: str,
    tags: Sequence[str],
    symbols: Mapping[SymbolKey, Sequence[Standing]],
    edges: Mapping[EdgeEnds, Sequence[Standing]],
) -> Eras:
    """Eras from the standing of each statement at each release.

    Parameters:
        project: The code base.
        tags: The releases, in order.
        symbols: Each symbol with its standings.
        edges: Each edge, with the symbol above its caller, with its standings. Where that symbol
            makes no difference, it is left out.
    """
    return Eras(
        project,
        tuple(tags),
        {key: _statement(tags, symbols[key]) for key in sorted(symbols)},
        {
            ends: _statement(tags, standings)
            for ends, standings in sorted(_merged(edges), key=lambda each: each[0].order)
        },
    )


def _statement(tags: Sequence[str], standings: Sequence[Standing]) -> Statement:
    return Statement(
        *(
            eras_of(tags, standings, wanted)
            for wanted in (Standing.HOLDS, Standing.OTHERWISE, Standing.UNKNOWN)
        )
    )


def _merged(
    edges: Mapping[EdgeEnds, Sequence[Standing]],
) -> Iterable[tuple[EdgeEnds, Sequence[Standing]]]:
    """The edges; those that are told below several symbols once, unless that changes the answer."""
    families: dict[EdgeEnds, dict[EdgeEnds, Sequence[Standing]]] = {}
    for ends, standings in edges.items():
        plain = EdgeEnds(ends.caller, ends.callee, ends.via, ends.when, ends.by)
        families.setdefault(plain, {})[ends] = standings
    for plain, family in families.items():
        if len({tuple(standings) for standings in family.values()}) == 1:
            yield plain, next(iter(family.values()))
        else:
            yield from family.items()

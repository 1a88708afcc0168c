"""In which releases statements of the notes hold, as values and as lines of the eras file."""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from posixpath import splitext
from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field

from callpath.facts.codec import FactFormat, FactLine
from callpath.facts.proof import EdgeStatus, Verdict
from callpath.findings import ErasError
from callpath.model import Definition, Edge, Reference, Symbol, SymbolKind

Era = tuple[str, str]
"""The first and the last of releases that follow one another among those that were looked at."""


class Standing(StrEnum):
    """What a release says of a statement."""

    HOLDS = "holds"
    """The symbol is defined in that file, as that kind; the edge is proved."""
    OTHERWISE = "otherwise"
    """The caller reaches the callee, but not through the pointer that `via` names."""
    UNKNOWN = "unknown"
    """It cannot be decided: a table may be in a file that was not looked at."""
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
    """The standing of a reference, from the definitions of its name in its file.

    Its kind may be empty; its occurrence is 1-based, 0 if it does not choose.
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
    """The ranges of the releases that have a wanted standing, in order."""
    found: list[Era] = []
    follows = False
    for tag, standing in zip(tags, standings, strict=True):
        if standing is wanted:
            found[-1:] = [(found[-1][0], tag)] if follows else [*found[-1:], (tag, tag)]
        follows = standing is wanted
    return tuple(found)


SymbolKey = tuple[str, str, str, int]
"""Path, name, kind (may be empty) and occurrence (0: not chosen), as the notes name a symbol."""


def symbol_key(symbol: Symbol, occurrence: int) -> SymbolKey:
    """What identifies a symbol of the notes."""
    return (symbol.path, symbol.name, str(symbol.kind), occurrence)


def above_of(edge: Edge) -> str:
    """The symbol above an edge's caller, which may hand the callee over; or empty."""
    return edge.ancestors[0].symbol.name if edge.ancestors else ""


@dataclass(frozen=True, slots=True)
class Statement:
    """What a symbol or an edge came to."""

    holds: tuple[Era, ...] = ()
    otherwise: tuple[Era, ...] = ()
    """Where the edge holds, but through another pointer."""
    unknown: tuple[Era, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class EdgeEnds:
    """An edge as the notes state it."""

    caller: SymbolKey
    callee: SymbolKey
    via: str = ""
    """The pointer that the notes name, or empty."""
    when: str = ""
    """`later`, or empty."""
    by: str = ""
    """The function that runs it later, or empty."""
    above: str = ""
    """The symbol above the caller if the answer depends on it; else empty."""


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
    """In which releases the statements of a notebook hold."""

    project: str
    tags: tuple[str, ...]
    """The releases that were looked at, in order."""
    symbols: Mapping[SymbolKey, Statement] = field(default_factory=dict)
    """Sorted by the key."""
    edges: Mapping[EdgeEnds, Statement] = field(default_factory=dict)
    """Sorted by the key."""

    def find(self, reference: Reference) -> Statement | None:
        """What a reference came to, or None if it was not looked for."""
        if reference.pin.project != self.project:
            return None
        return self.symbols.get(symbol_key(reference.symbol, reference.occurrence))

    def find_edge(self, edge: Edge) -> Statement | None:
        """What an edge came to, or None if it was not looked for."""
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
    """Eras from the standings of each statement at the releases, which are in order.

    Edges are given with the symbol above their caller; it is left out where it makes no difference.
    """
    stated = _merged(edges)
    return Eras(
        project,
        tuple(tags),
        {key: _statement(tags, symbols[key]) for key in sorted(symbols)},
        {ends: _statement(tags, stated[ends]) for ends in sorted(stated)},
    )


def _statement(tags: Sequence[str], standings: Sequence[Standing]) -> Statement:
    wanted = (Standing.HOLDS, Standing.OTHERWISE, Standing.UNKNOWN)
    return Statement(*(eras_of(tags, standings, each) for each in wanted))


def _merged(
    edges: Mapping[EdgeEnds, Sequence[Standing]],
) -> dict[EdgeEnds, Sequence[Standing]]:
    """The edges; one that is below several symbols once, unless that changes the answer."""
    families: dict[EdgeEnds, dict[EdgeEnds, Sequence[Standing]]] = {}
    for ends, standings in edges.items():
        families.setdefault(replace(ends, above=""), {})[ends] = standings
    found: dict[EdgeEnds, Sequence[Standing]] = {}
    for plain, family in families.items():
        is_same = len({tuple(standings) for standings in family.values()}) == 1
        found |= {plain: next(iter(family.values()))} if is_same else family
    return found


_ENDING = ".eras"


def path_beside(lockfile: str) -> str:
    """The path of the eras file of a lockfile: `notes.lock` → `notes.eras`."""
    path = splitext(lockfile)[0] + _ENDING
    return path if path != lockfile else path + _ENDING


_Number = Annotated[int, Field(ge=0)]
_Kind = Annotated[str, AfterValidator(lambda kind: kind and SymbolKind(kind))]
_KeyData = tuple[str, str, _Kind, _Number]
_Ranges = tuple[Era, ...]


class _StatementLine(FactLine):
    model_config = ConfigDict(extra="forbid")

    @abstractmethod
    def value(self) -> tuple[SymbolKey | EdgeEnds, Statement]: ...


class _SymbolLine(_StatementLine):
    symbol: str
    kind: _Kind
    path: str
    occurrence: _Number = 0
    eras: _Ranges
    otherwise: _Ranges = ()
    unknown: _Ranges = ()

    def value(self) -> tuple[SymbolKey, Statement]:
        key = (self.path, self.symbol, self.kind, self.occurrence)
        return key, Statement(self.eras, self.otherwise, self.unknown)


class _EdgeLine(_StatementLine):
    caller: str
    callee: str
    from_: _KeyData = Field(alias="from")
    to: _KeyData
    via: str = ""
    when: str = ""
    by: str = ""
    above: str = ""
    eras: _Ranges
    otherwise: _Ranges = ()
    unknown: _Ranges = ()

    def value(self) -> tuple[EdgeEnds, Statement]:
        if (self.caller, self.callee) != (self.from_[1], self.to[1]):
            raise ValueError("the names are not those of the ends")
        ends = EdgeEnds(self.from_, self.to, self.via, self.when, self.by, self.above)
        return ends, Statement(self.eras, self.otherwise, self.unknown)


_FORMAT = FactFormat(
    name="eras file",
    key="callpath-eras",
    version=1,
    error=ErasError,
    command="callpath eras --source git:REPO --write",
    lines={"caller": _EdgeLine, "symbol": _SymbolLine},
)


def format_eras(eras: Eras) -> str:
    """The canonical text of an eras file."""
    lines = [*symbol_facts(eras), *edge_facts(eras)]
    return _FORMAT.format(lines, project=eras.project, tags=list(eras.tags))


def symbol_facts(eras: Eras) -> list[dict[str, Any]]:
    """The lines of the file about symbols, in order, as JSON values."""
    return [
        _SymbolLine.data(
            statement,
            path=path,
            symbol=name,
            kind=kind,
            occurrence=number,
            eras=statement.holds,
        )
        for (path, name, kind, number), statement in eras.symbols.items()
    ]


def edge_facts(eras: Eras) -> list[dict[str, Any]]:
    """The lines of the file about edges, in order, as JSON values."""
    found = []
    for ends, statement in eras.edges.items():
        keys = {"from": ends.caller, "to": ends.callee, "eras": statement.holds}
        names = {"caller": ends.caller[1], "callee": ends.callee[1]}
        found.append(_EdgeLine.data(ends, statement, **names, **keys))
    return found


def ranges_value(statement: Statement) -> dict[str, Any]:
    """The ranges of a statement as the file has them; the last two only if there are any."""
    ranges = {"otherwise": statement.otherwise, "unknown": statement.unknown}
    known = {"eras": statement.holds} | {key: eras for key, eras in ranges.items() if eras}
    return {key: [list(era) for era in eras] for key, eras in known.items()}


def parse_eras(file: str, text: str) -> Eras:
    """The facts of an eras file.

    Raises:
        ErasError: It is not an eras file, its format version is unknown, or a line is damaged.
    """
    project, tags = _project_and_tags(file, _FORMAT.head(file, text))
    places = {tag: number for number, tag in enumerate(tags)}
    symbols: dict[SymbolKey, Statement] = {}
    edges: dict[EdgeEnds, Statement] = {}

    def add(line: _StatementLine) -> None:
        key, statement = line.value()
        _check_ranges(statement, places)
        facts: dict[Any, Statement] = edges if isinstance(key, EdgeEnds) else symbols
        if key in facts:
            raise ValueError("a second line of the same fact")
        facts[key] = statement

    _FORMAT.facts(file, text, add)
    return Eras(
        project,
        tags,
        {key: symbols[key] for key in sorted(symbols)},
        {ends: edges[ends] for ends in sorted(edges)},
    )


def _project_and_tags(file: str, head: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    project, tags = head.get("project"), head.get("tags")
    is_list = isinstance(tags, list) and all(isinstance(tag, str) for tag in tags)
    if not isinstance(project, str) or not is_list or not tags or len(set(tags)) != len(tags):
        raise ErasError(
            f"`{file}` does not say which releases it is about", f"make it with `{_FORMAT.command}`"
        )
    return project, tuple(tags)


def _check_ranges(statement: Statement, places: Mapping[str, int]) -> None:
    """Check that ranges are of known releases, in order, and that each release is in one only."""
    taken: set[int] = set()
    for eras in (statement.holds, statement.otherwise, statement.unknown):
        ends = [places[tag] for era in eras for tag in era]
        if ends != sorted(ends):
            raise ValueError("the ranges are not in order")
        for first, last in zip(ends[::2], ends[1::2], strict=True):
            releases = set(range(first, last + 1))
            if releases & taken:
                raise ValueError("a release is in two ranges")
            taken |= releases

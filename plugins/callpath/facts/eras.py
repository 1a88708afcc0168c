"""In which releases statements of the notes hold, as values and as lines of the eras file."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from enum import StrEnum
from itertools import groupby
from typing import Annotated, Any

from msgspec import Meta, Struct, field

from callpath.facts.codec import FactFormat, FactLine
from callpath.facts.lock import StatedEdge, StatedSymbol, above_of, stated_edge, stated_symbol
from callpath.facts.proof import EdgeStatus, Verdict
from callpath.findings import ErasError
from callpath.model import Definition, Edge, Reference, SymbolKind

Era = tuple[str, str]
"""The first and the last of releases that follow one another among those that were looked at."""


class ReleaseStatus(StrEnum):
    """What a release says of a statement; the first says most for it."""

    HOLDS = "holds"  # the symbol is defined in that file, as that kind; the edge is proved
    OTHERWISE = "otherwise"  # the caller reaches the callee, but not through what `via` names
    UNKNOWN = "unknown"  # a table may be in a file that was not looked at
    ABSENT = "absent"  # it does not hold


def best_status(*statuses: ReleaseStatus) -> ReleaseStatus:
    """The status of what is stated several times: the one that says most for it."""
    return min(statuses, key=list(ReleaseStatus).index)


def status_of_symbol(
    named: Sequence[Definition], kind: SymbolKind | str, occurrence: int
) -> ReleaseStatus:
    """The status of a reference, from the definitions of its name in its file.

    Its kind may be empty; its occurrence is 1-based, 0 if it does not choose.
    """
    meant = [definition for definition in named if kind in ("", definition.kind)]
    return ReleaseStatus.HOLDS if len(meant) >= max(occurrence, 1) else ReleaseStatus.ABSENT


def status_of_verdict(verdict: Verdict, edge: Edge) -> ReleaseStatus:
    """The status of an edge, from what the prover says when the whole tree is not searched."""
    if verdict.status is EdgeStatus.PROVED:
        return ReleaseStatus.HOLDS
    if verdict.wrong_via:
        return ReleaseStatus.OTHERWISE
    if verdict.status in (EdgeStatus.NOT_SEARCHED, EdgeStatus.ASSERTED):
        return ReleaseStatus.UNKNOWN
    if verdict.status is EdgeStatus.HALF and edge.callee.by:
        return ReleaseStatus.UNKNOWN  # what is handed over may be passed on in a file not at hand
    return ReleaseStatus.ABSENT


def eras_of(
    tags: Sequence[str],
    statuses: Sequence[ReleaseStatus],
    wanted: ReleaseStatus = ReleaseStatus.HOLDS,
) -> tuple[Era, ...]:
    """The ranges of the releases that have a wanted status, in order."""
    runs = groupby(zip(tags, statuses, strict=True), key=lambda pair: pair[1] is wanted)
    found = [[tag for tag, _ in run] for is_wanted, run in runs if is_wanted]
    return tuple((run[0], run[-1]) for run in found)


class Statement(Struct, frozen=True):
    """What a symbol or an edge came to."""

    holds: tuple[Era, ...] = ()
    otherwise: tuple[Era, ...] = ()  # where the edge holds, but through another pointer
    unknown: tuple[Era, ...] = ()


class Eras(Struct, frozen=True):
    """In which releases the statements of a notebook hold; both mappings are sorted."""

    project: str
    tags: tuple[str, ...]  # the releases that were looked at, in order
    symbols: Mapping[StatedSymbol, Statement] = field(default_factory=dict)
    edges: Mapping[StatedEdge, Statement] = field(default_factory=dict)

    def find(self, reference: Reference) -> Statement | None:
        """What a reference came to, or None if it was not looked for."""
        if reference.pin.project != self.project:
            return None
        return self.symbols.get(stated_symbol(reference))

    def find_edge(self, edge: Edge) -> Statement | None:
        """What an edge came to, or None if it was not looked for."""
        if edge.pin.project != self.project:
            return None
        found = self.edges.get(stated_edge(edge, above_of(edge)))
        return found or self.edges.get(stated_edge(edge))


def make_eras(
    project: str,
    tags: Sequence[str],
    statuses: Mapping[StatedSymbol | StatedEdge, Sequence[ReleaseStatus]],
) -> Eras:
    """Eras from the status of each statement at the releases, which are in order.

    Edges are given with the symbol above their caller; it is left out where it makes no difference.
    """
    symbols: dict[StatedSymbol, Statement] = {}
    families: dict[StatedEdge, dict[StatedEdge, Statement]] = defaultdict(dict)
    for stated, found in statuses.items():
        if isinstance(stated, StatedEdge):
            families[stated._replace(above="")][stated] = _statement(tags, found)
        else:
            symbols[stated] = _statement(tags, found)
    edges: dict[StatedEdge, Statement] = {}
    for edge, family in families.items():
        different = set(family.values())
        edges |= {edge: different.pop()} if len(different) == 1 else family
    return Eras(project, tuple(tags), dict(sorted(symbols.items())), dict(sorted(edges.items())))


def _statement(tags: Sequence[str], statuses: Sequence[ReleaseStatus]) -> Statement:
    wanted = (ReleaseStatus.HOLDS, ReleaseStatus.OTHERWISE, ReleaseStatus.UNKNOWN)
    return Statement(*(eras_of(tags, statuses, each) for each in wanted))


_Number = Annotated[int, Meta(ge=0)]
_End = tuple[str, str, str, _Number]
_Ranges = tuple[Era, ...]


def _stated(path: str, name: str, kind: str, occurrence: int) -> StatedSymbol:
    return StatedSymbol(path, name, kind and SymbolKind(kind), occurrence)


class _SymbolLine(FactLine, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: str = field(name="symbol")
    kind: str
    path: str
    occurrence: _Number = 0
    holds: _Ranges = field(name="eras")
    otherwise: _Ranges = ()
    unknown: _Ranges = ()

    def value(self) -> StatedSymbol:
        return _stated(self.path, self.name, self.kind, self.occurrence)


class _EdgeLine(FactLine, frozen=True, kw_only=True, forbid_unknown_fields=True):
    caller_name: str = field(name="caller")
    callee_name: str = field(name="callee")
    caller: _End = field(name="from")
    callee: _End = field(name="to")
    via: str = ""
    when: str = ""
    by: str = ""
    above: str = ""
    holds: _Ranges = field(name="eras")
    otherwise: _Ranges = ()
    unknown: _Ranges = ()

    def value(self) -> StatedEdge:
        stated = self.make(StatedEdge, caller=_stated(*self.caller), callee=_stated(*self.callee))
        if (self.caller_name, self.callee_name) != (stated.caller.name, stated.callee.name):
            raise ValueError("the names are not those of the ends")
        return stated


_FORMAT = FactFormat(
    name="eras file",
    key="callpath-eras",
    version=1,
    error=ErasError,
    command="callpath eras --source git:REPO --write",
    lines=lambda: {"caller": _EdgeLine, "symbol": _SymbolLine},
)


def format_eras(eras: Eras) -> str:
    """The canonical text of an eras file."""
    lines = [*symbol_facts(eras), *edge_facts(eras)]
    return _FORMAT.format(lines, project=eras.project, tags=eras.tags)


def symbol_facts(eras: Eras) -> list[dict[str, Any]]:
    """The lines of the file about symbols, in order, as JSON values."""
    return [_SymbolLine.data(symbol, found) for symbol, found in eras.symbols.items()]


def edge_facts(eras: Eras) -> list[dict[str, Any]]:
    """The lines of the file about edges, in order, as JSON values."""
    return [
        _EdgeLine.data(edge, found, caller_name=edge.caller.name, callee_name=edge.callee.name)
        for edge, found in eras.edges.items()
    ]


def ranges_value(statement: Statement) -> dict[str, Any]:
    """The ranges of a statement as the file has them; the last two only if there are any."""
    others = {"otherwise": statement.otherwise, "unknown": statement.unknown}
    return {"eras": statement.holds} | {key: eras for key, eras in others.items() if eras}


def parse_eras(file: str, text: str) -> Eras:
    """The facts of an eras file; raises ErasError if it, its version or a line is not one."""
    head = _FORMAT.head(file, text)
    project, tags = head.get("project"), head.get("tags")
    is_list = isinstance(tags, list) and all(isinstance(tag, str) for tag in tags)
    if not isinstance(project, str) or not is_list or not tags or len(set(tags)) != len(tags):
        hint = f"make it with `{_FORMAT.command}`"
        raise ErasError(f"`{file}` does not say which releases it is about", hint)
    places = {tag: number for number, tag in enumerate(tags)}
    facts: dict[Any, Statement] = {}

    def add(line: Any) -> None:
        stated, found = line.value(), Statement(line.holds, line.otherwise, line.unknown)
        _check_ranges(found, places)
        if stated in facts:
            raise ValueError("a second line of the same fact")
        facts[stated] = found

    _FORMAT.facts(file, text, add)
    symbols = {each: facts[each] for each in facts if isinstance(each, StatedSymbol)}
    edges = {each: facts[each] for each in facts if isinstance(each, StatedEdge)}
    return Eras(project, tuple(tags), dict(sorted(symbols.items())), dict(sorted(edges.items())))


def _check_ranges(statement: Statement, places: Mapping[str, int]) -> None:
    """Check that ranges are of known releases, in order, and that each release is in one only."""
    taken: list[int] = []
    for eras in (statement.holds, statement.otherwise, statement.unknown):
        ends = [places[tag] for era in eras for tag in era]
        if ends != sorted(ends):
            raise ValueError("the ranges are not in order")
        for first, last in zip(ends[::2], ends[1::2], strict=True):
            taken += range(first, last + 1)
    if len(set(taken)) != len(taken):
        raise ValueError("a release is in two ranges")

"""In which releases statements of the notes hold. Values only: knows no source and no disk."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from posixpath import splitext
from typing import Any

from callpath.facts.proof import EdgeStatus, Verdict
from callpath.findings import ErasError, Location
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


FORMAT_KEY = "callpath-eras"
FORMAT_VERSION = 1
_ENDING = ".eras"

_REMEDY = "make it anew with `callpath eras --source git:REPO --write`"
_SYMBOL_KEYS = {"symbol", "kind", "path", "occurrence"}
_EDGE_KEYS = {"caller", "callee", "from", "to", "via", "when", "by", "above"}
_RANGES = ("eras", "otherwise", "unknown")


def path_beside(lockfile: str) -> str:
    """The path of the file of eras that stands beside a lockfile: `notes.lock` → `notes.eras`."""
    path = splitext(lockfile)[0] + _ENDING
    return path if path != lockfile else path + _ENDING


def format_eras(eras: Eras) -> str:
    """The canonical text of a file of eras."""
    head = {FORMAT_KEY: FORMAT_VERSION, "project": eras.project, "tags": list(eras.tags)}
    lines = [head, *symbol_facts(eras), *edge_facts(eras)]
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def symbol_facts(eras: Eras) -> list[dict[str, Any]]:
    """What each symbol came to, as lines of the file have it, in order."""
    found = []
    for (path, name, kind, occurrence), statement in eras.symbols.items():
        fact: dict[str, Any] = {"symbol": name, "kind": kind, "path": path}
        if occurrence:
            fact["occurrence"] = occurrence
        found.append(fact | ranges_value(statement))
    return found


def edge_facts(eras: Eras) -> list[dict[str, Any]]:
    """What each edge came to, as lines of the file have it, in order."""
    found = []
    for ends, statement in eras.edges.items():
        fact: dict[str, Any] = {
            "caller": ends.caller[1],
            "callee": ends.callee[1],
            "from": list(ends.caller),
            "to": list(ends.callee),
        }
        for key in ("via", "when", "by", "above"):
            if text := getattr(ends, key):
                fact[key] = text
        found.append(fact | ranges_value(statement))
    return found


def ranges_value(statement: Statement) -> dict[str, Any]:
    """The ranges of a statement as the file has them; the last two only where there are any."""
    ranges = {"eras": [list(era) for era in statement.holds]}
    for key, eras in (("otherwise", statement.otherwise), ("unknown", statement.unknown)):
        if eras:
            ranges[key] = [list(era) for era in eras]
    return ranges


def parse_eras(file: str, text: str) -> Eras:
    """The facts of a file of eras.

    Parameters:
        file: Its path, for messages.
        text: Its text.

    Raises:
        ErasError: It is no such file, its format version is unknown, or a line holds what the
            format does not allow.
    """
    lines = text.split("\n")
    project, tags = _read_head(file, lines[0])
    places = {tag: number for number, tag in enumerate(tags)}
    symbols: dict[SymbolKey, Statement] = {}
    edges: dict[EdgeEnds, Statement] = {}
    for number, line in enumerate(lines[1:], start=2):
        if not line:
            continue
        try:
            fact = json.loads(line)
            line.encode()
            if "caller" in fact:
                _add(edges, _read_edge(fact), _read_statement(fact, _EDGE_KEYS, places))
            else:
                _add(symbols, _read_symbol(fact), _read_statement(fact, _SYMBOL_KEYS, places))
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise ErasError(
                f"`{Location(file, number)}` holds no fact that can be read", _REMEDY
            ) from error
    return Eras(
        project,
        tags,
        {key: symbols[key] for key in sorted(symbols)},
        {ends: edges[ends] for ends in sorted(edges, key=lambda each: each.order)},
    )


def _add(facts: dict[Any, Statement], key: object, statement: Statement) -> None:
    if key in facts:
        raise ValueError("told twice")
    facts[key] = statement


def _read_head(file: str, line: str) -> tuple[str, tuple[str, ...]]:
    try:
        head = json.loads(line)
    except (ValueError, RecursionError):
        head = None
    if not isinstance(head, dict) or FORMAT_KEY not in head:
        raise ErasError(f"`{file}` is no file of eras", _REMEDY)
    if head[FORMAT_KEY] != FORMAT_VERSION:
        raise ErasError(
            f"`{file}` has format {head[FORMAT_KEY]!r} of eras; "
            f"this Callpath knows format {FORMAT_VERSION}",
            "use the Callpath that wrote it, or a newer one",
        )
    project, tags = head.get("project"), head.get("tags")
    if not isinstance(project, str) or not isinstance(tags, list):
        raise ErasError(f"`{file}` does not say which releases it is about", _REMEDY)
    if not tags or len(set(map(str, tags))) != len(tags) or not all(map(_is_text, tags)):
        raise ErasError(f"`{file}` does not say which releases it is about", _REMEDY)
    return project, tuple(tags)


def _read_symbol(fact: dict[str, Any]) -> SymbolKey:
    return _read_key([fact["path"], fact["symbol"], fact["kind"], fact.get("occurrence", 0)])


def _read_edge(fact: dict[str, Any]) -> EdgeEnds:
    caller, callee = _read_key(fact["from"]), _read_key(fact["to"])
    if (fact["caller"], fact["callee"]) != (caller[1], callee[1]):
        raise ValueError("names")
    others = [fact.get(key, "") for key in ("via", "when", "by", "above")]
    if not all(map(_is_text, others)):
        raise TypeError("text")
    return EdgeEnds(caller, callee, *others)


def _read_key(value: Sequence[Any]) -> SymbolKey:
    path, name, kind, occurrence = value
    if not (_is_text(path) and _is_text(name)) or type(occurrence) is not int or occurrence < 0:
        raise TypeError("symbol")
    return (path, name, str(SymbolKind(kind)) if kind else "", occurrence)


def _read_statement(fact: dict[str, Any], keys: set[str], places: dict[str, int]) -> Statement:
    if unknown := set(fact) - keys - set(_RANGES):
        raise ValueError(unknown)
    fact["eras"]  # it must be there, even where it is empty
    statement = Statement(*(_read_eras(fact.get(key, []), places) for key in _RANGES))
    taken = [
        place
        for eras in (statement.holds, statement.otherwise, statement.unknown)
        for first, last in eras
        for place in range(places[first], places[last] + 1)
    ]
    if len(set(taken)) != len(taken):
        raise ValueError("a release is told twice")
    return statement


def _read_eras(value: Any, places: dict[str, int]) -> tuple[Era, ...]:
    eras = tuple((first, last) for first, last in value)
    ends = [places[tag] for era in eras for tag in era]
    if ends != sorted(ends) or not isinstance(value, list):
        raise ValueError("order")
    return eras


def _is_text(value: object) -> bool:
    return isinstance(value, str)

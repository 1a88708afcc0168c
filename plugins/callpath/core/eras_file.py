"""The file of eras: in which releases each symbol and each edge of the notes holds. Facts only.

Its text is JSON Lines, like the lockfile's: a head with the format and the releases, in order, then
one fact a line, symbols first, each part sorted, so that a changed fact is one changed line:

    {"callpath-eras": 1, "project": "linux", "tags": ["v3.6", "v3.7"]}
    {"symbol": "kvm_init", "kind": "function", "path": "virt/kvm/kvm_main.c", "eras": [["v3.6", …
    {"caller": "kvm_init", "callee": "kvm_arch_init", "from": […], "to": […], "eras": [["v3.6", …
"""

import json
from collections.abc import Sequence
from posixpath import splitext
from typing import Any

from callpath.core.diagnostics import Place
from callpath.core.eras import EdgeEnds, Era, Eras, Statement, SymbolKey
from callpath.core.errors import ErasError
from callpath.core.model import SymbolKind

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
                f"`{Place(file, number)}` holds no fact that can be read", _REMEDY
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

"""Eras as text and as JSON."""

import json
from collections.abc import Iterable, Iterator

from callpath.core.eras import EdgeEnds, Era, Eras, Statement, SymbolKey
from callpath.core.eras_file import edge_facts, symbol_facts

SCHEMA = 1
_NONE = "in none of them"


def eras_json(eras: Eras) -> str:
    """`{"schema": 1, "project", "tags": […], "references": […], "edges": […]}`."""
    value = {
        "schema": SCHEMA,
        "project": eras.project,
        "tags": list(eras.tags),
        "references": symbol_facts(eras),
        "edges": edge_facts(eras),
    }
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def eras_text(eras: Eras) -> str:
    """A line for each symbol, file by file, and one for each edge."""
    return "".join(f"{line}\n" for line in _lines(eras))


def _lines(eras: Eras) -> Iterator[str]:
    names = {key: _symbol_name(key) for key in eras.symbols}
    ends = {each: _edge_name(each) for each in eras.edges}
    width = max(map(len, (*names.values(), *ends.values())), default=0)
    path = ""
    for key, statement in eras.symbols.items():
        if key[0] != path:
            path = key[0]
            yield path
        yield f"  {names[key]:<{width}}  {_statement(statement)}"
    if eras.edges:
        yield "edges"
    for each, statement in eras.edges.items():
        yield f"  {ends[each]:<{width}}  {_statement(statement)}"


def _symbol_name(key: SymbolKey) -> str:
    _, name, kind, occurrence = key
    return f"{kind} {name}".strip() + (f" ({occurrence})" if occurrence else "")


def _edge_name(ends: EdgeEnds) -> str:
    via = f" via {ends.via}" if ends.via else ""
    above = f", below {ends.above}" if ends.above else ""
    return f"{ends.caller[1]} → {ends.callee[1]}{via}{above}"


def _statement(statement: Statement) -> str:
    parts = [ranges(statement.holds) or _NONE]
    if statement.otherwise:
        parts.append(f"through another pointer {ranges(statement.otherwise)}")
    if statement.unknown:
        parts.append(f"unknown {ranges(statement.unknown)}")
    return "; ".join(parts)


def ranges(eras: Iterable[Era]) -> str:
    """Eras in words: `v2.6.32 to v3.17, v6.12`; empty when there is none."""
    return ", ".join(first if first == last else f"{first} to {last}" for first, last in eras)

"""Whether a file of eras knows what the notes state, and no more, told without any source."""

from collections.abc import Iterator, Sequence

from callpath.core import rules
from callpath.core.diagnostics import Diagnostic, Place
from callpath.core.eras import EdgeEnds, Eras, SymbolKey, above_of, edge_ends, symbol_key
from callpath.core.model import Reference
from callpath.core.prover import Edge

_WRITE = "run `callpath eras --source git:REPO --write`"


def era_state(
    eras: Eras,
    file: str,
    references: Sequence[Reference],
    edges: Sequence[Edge],
    *,
    complete: bool,
) -> Iterator[Diagnostic]:
    """The findings on a file of eras.

    Parameters:
        eras: Its facts.
        file: Its path relative to the project's root.
        references: Every reference of the notebook.
        edges: Every edge of the notebook.
        complete: Whether these are all; if not, the file may hold more than they state.
    """
    own = [each for each in references if each.pin.project == eras.project]
    symbols = {symbol_key(each.symbol, each.occurrence): each for each in reversed(own)}
    asked = _asked(eras, edges)
    unknown = symbols.keys() - eras.symbols.keys()
    yield from (_unknown(symbols[key], file) for key in unknown)
    for ends in asked.keys() - eras.edges.keys():
        if not {ends.caller, ends.callee} & unknown:
            yield _unknown_edge(asked[ends], ends, file)
    if complete:
        yield from (_stale(key, file) for key in eras.symbols.keys() - symbols.keys())
        yield from (_stale_edge(ends, file) for ends in eras.edges.keys() - asked.keys())


def _asked(eras: Eras, edges: Sequence[Edge]) -> dict[EdgeEnds, Edge]:
    """What the notes state of edges, each with the first that states it."""
    asked: dict[EdgeEnds, Edge] = {}
    for edge in edges:
        if edge.pin.project == eras.project:
            above = edge_ends(edge, above_of(edge))
            asked.setdefault(above if above in eras.edges else edge_ends(edge), edge)
    return asked


def _unknown(reference: Reference, file: str) -> Diagnostic:
    symbol = reference.symbol
    return rules.STALE_ERAS.at(
        reference.place, f"`{symbol.name}` in `{symbol.path}` is not in `{file}`", _WRITE
    )


def _unknown_edge(edge: Edge, ends: EdgeEnds, file: str) -> Diagnostic:
    return rules.STALE_ERAS.at(edge.place, f"{_names(ends)} is not in `{file}`", _WRITE)


def _stale(key: SymbolKey, file: str) -> Diagnostic:
    path, name, kind, _ = key
    shown = f"{kind} `{name}`".strip()
    return rules.STALE_ERAS.at(Place(file), f"no note refers to {shown} in `{path}`", _WRITE)


def _stale_edge(ends: EdgeEnds, file: str) -> Diagnostic:
    return rules.STALE_ERAS.at(Place(file), f"no note states {_names(ends)}", _WRITE)


def _names(ends: EdgeEnds) -> str:
    via = f" via `{ends.via}`" if ends.via else ""
    return f"`{ends.caller[1]}` → `{ends.callee[1]}`{via}"

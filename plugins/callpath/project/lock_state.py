"""Whether a lockfile is complete and holds nothing in vain, told without any source."""

from collections.abc import Iterator, Sequence

from callpath.core import rules
from callpath.core.diagnostics import Diagnostic, Place
from callpath.core.lock import Lock, LockedDefinition, unused, unused_edges
from callpath.core.locked_edges import LockedEdge
from callpath.core.model import Reference
from callpath.core.prover import Edge

_LOCK = "run `callpath lock --source SPEC`"


def lock_state(
    lock: Lock,
    lockfile: str,
    references: Sequence[Reference],
    edges: Sequence[Edge],
    *,
    complete: bool,
) -> Iterator[Diagnostic]:
    """The findings on a lockfile.

    Parameters:
        lock: Its facts.
        lockfile: Its path relative to the project's root.
        references: Every reference of the notebook.
        edges: Every edge of the notebook.
        complete: Whether these are all; if not, the lockfile may hold more than they ask for.
    """
    unlocked: set[tuple[str, str]] = set()
    for reference in references:
        if lock.find(reference) is None:
            unlocked.add((reference.note, reference.step))
            yield _not_locked(reference)
    for edge in edges:
        ends = {(edge.note, edge.caller.id), (edge.note, edge.callee.id)}
        if lock.find_edge(edge) is None and not ends & unlocked:
            yield _edge_not_locked(edge)
    if complete:
        yield from (_stale(locked, lockfile) for locked in unused(lock, references))
        yield from (_stale_edge(locked, lockfile) for locked in unused_edges(lock, edges))


def _not_locked(reference: Reference) -> Diagnostic:
    symbol = reference.symbol
    return rules.NOT_LOCKED.at(
        reference.place,
        f"`{symbol.name}` in `{symbol.path}` is not locked at {reference.pin.version}",
        _LOCK,
    )


def _stale(locked: LockedDefinition, lockfile: str) -> Diagnostic:
    found = locked.definition
    return rules.STALE_LOCK.at(
        Place(lockfile),
        f"no note refers to {found.kind} `{found.name}` in `{found.path}` at {locked.version}",
        _LOCK,
    )


def _edge_not_locked(edge: Edge) -> Diagnostic:
    return rules.NOT_LOCKED.at(
        edge.place,
        f"`{edge.caller.symbol.name}` → `{edge.callee.symbol.name}` is not locked "
        f"at {edge.pin.version}",
        _LOCK,
    )


def _stale_edge(locked: LockedEdge, lockfile: str) -> Diagnostic:
    return rules.STALE_LOCK.at(
        Place(lockfile),
        f"no note states `{locked.caller[1]}` → `{locked.callee[1]}` at {locked.version}",
        _LOCK,
    )

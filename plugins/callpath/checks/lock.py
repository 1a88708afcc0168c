"""The use case of `callpath lock`: new facts of what has a source, old ones of the rest."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from callpath.drift.tracking import lock_tracks, silent_versions
from callpath.facts.lock import (
    Lock,
    LockedDefinition,
    LockedEdge,
    LockedFile,
    format_lock,
    make_lock,
)
from callpath.facts.proof import EdgeStatus
from callpath.findings import Finding, in_order, weighed
from callpath.model import Edge, Pin, Progress, Reference, Symbol, no_progress
from callpath.notebook import Notebook
from callpath.sources.spec import Sources
from callpath.verify.examine import Examined, examine


@dataclass(frozen=True, slots=True)
class NewLock:
    """What locking came to.

    Attributes:
        text: The lockfile's new text.
        definitions: How many definitions it holds.
        files: How many source files they lie in.
        diagnostics: The findings on references that could not be resolved; they are not locked.
    """

    text: str
    definitions: int
    files: int
    diagnostics: tuple[Finding, ...]


def make_new_lock(
    notebook: Notebook, sources: Sources, progress: Progress = no_progress
) -> NewLock:
    """Resolve and prove what has a source; keep what is known of the rest.

    What a source cannot say, because a site gave no answer, nothing can be searched, or a tracked
    version is not there, is kept as well.
    """
    silent = silent_versions(notebook, sources)
    has = [one for one in notebook.references if sources.has(one.pin)]
    asked = [one for one in has if one.pin not in silent]
    edges = [edge for edge in notebook.edges if sources.has(edge.pin)]
    real = examine(asked, edges, sources.open, progress, notebook.dispatch)
    old = notebook.lock or Lock()
    kept = [
        one
        for one in notebook.references
        if not sources.has(one.pin)
        or one.pin in silent
        or _file_of(one.pin, one.symbol) in real.unknown
    ]
    known = known_facts(kept, old)
    others = [edge for edge in notebook.edges if not sources.has(edge.pin)]
    own = make_lock(
        [*real.lock.files, *files_of(known, old)],
        [*real.lock.definitions, *known],
        [*_edges(edges, old, real), *known_edges(others, old)],
    )
    lock, unasked = lock_tracks(notebook, own, sources, silent, progress)
    text = format_lock(lock)
    found = [*notebook.diagnostics, *real.diagnostics, *unasked]
    return NewLock(
        text=text,
        definitions=len(lock.definitions),
        files=len(lock.files),
        diagnostics=weighed(in_order(found), notebook.weights),
    )


def _edges(edges: Iterable[Edge], old: Lock, real: Examined) -> Iterator[LockedEdge]:
    """The facts of edges: the source's, and the old ones where it gave no answer."""
    for edge in edges:
        known, found = old.find_edge(edge), real.lock.find_edge(edge)
        files = {_file_of(edge.pin, step.symbol) for step in (edge.caller, edge.callee)}
        is_open = found is not None and found.verdict.status is EdgeStatus.NOT_SEARCHED
        if known is not None and (is_open or files & real.unknown):
            yield known
        elif found is not None:
            yield found


def _file_of(pin: Pin, symbol: Symbol) -> tuple[str, str, str]:
    return (pin.project, pin.version, symbol.path)


def known_facts(references: Iterable[Reference], lock: Lock) -> list[LockedDefinition]:
    """What a lockfile knows of references."""
    return [found for reference in references if (found := lock.find(reference))]


def known_edges(edges: Iterable[Edge], lock: Lock) -> list[LockedEdge]:
    """What a lockfile knows of edges."""
    return [found for edge in edges if (found := lock.find_edge(edge))]


def files_of(definitions: Iterable[LockedDefinition], lock: Lock) -> list[LockedFile]:
    """The files of a lockfile that definitions lie in."""
    paths = {(one.project, one.version, one.definition.path) for one in definitions}
    return [file for file in lock.files if (file.project, file.version, file.path) in paths]

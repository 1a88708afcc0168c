"""Examines a notebook against a source: resolves every reference, proves every edge, pin by pin."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from callpath.core import rules
from callpath.core.c_parser import DISPATCH, DispatchMacro
from callpath.core.diagnostics import Diagnostic, in_order
from callpath.core.errors import SourceError
from callpath.core.lock import Lock, LockedDefinition, LockedFile, make_lock
from callpath.core.locked_edges import LockedEdge
from callpath.core.model import Pin, Reference
from callpath.core.proof import EdgeStatus
from callpath.core.prover import Edge
from callpath.project.proving import prove_edges
from callpath.project.resolving import Resolving
from callpath.project.source_code import Progress, SourceCode, no_progress
from callpath.sources import Source


@dataclass(frozen=True, slots=True)
class Examined:
    """What a source says of a notebook.

    Attributes:
        lock: The facts of every reference that is resolved and of every edge that is not unproved.
        diagnostics: A finding for each that is not, in order.
        unknown: The files of which no answer came: project, version and path.
    """

    lock: Lock
    diagnostics: tuple[Diagnostic, ...]
    unknown: frozenset[tuple[str, str, str]] = frozenset()


def examine(
    references: Sequence[Reference],
    edges: Sequence[Edge],
    open_source: Callable[[Pin], Source],
    progress: Progress = no_progress,
    dispatch: Mapping[str, DispatchMacro] = DISPATCH,
) -> Examined:
    """Resolve references and prove edges, each at its pin.

    Parameters:
        references: The references.
        edges: The edges.
        open_source: Opens the source for a pin.
        progress: Told of what takes long.
        dispatch: The macros that dispatch, by name.

    Raises:
        SourceError: A source cannot be opened, is of another version than the pin, or broke.
    """
    by_pin: dict[Pin, list[Reference]] = defaultdict(list)
    for reference in references:
        by_pin[reference.pin].append(reference)
    files: list[LockedFile] = []
    definitions: list[LockedDefinition] = []
    locked: list[LockedEdge] = []
    diagnostics: list[Diagnostic] = []
    unknown: set[tuple[str, str, str]] = set()
    for pin in sorted(by_pin):
        with open_source(pin) as source:
            check_version(source, pin)
            code = SourceCode(source, progress, dispatch)
            resolving = Resolving(pin, code)
            diagnostics += resolving.resolve(by_pin[pin])
            files += resolving.files
            definitions += resolving.definitions
            unknown |= {(pin.project, pin.version, path) for path in resolving.unknown}
            proved = prove_edges([edge for edge in edges if edge.pin == pin], code, progress)
            locked += proved.edges
            diagnostics += proved.diagnostics
    lock = make_lock(files, definitions, locked)
    return Examined(lock, tuple(in_order(diagnostics)), frozenset(unknown))


def check_version(source: Source, pin: Pin) -> None:
    """Refuse a source that says that it is of another version than the pin.

    Raises:
        SourceError: It does.
    """
    version = source.version()
    if version is not None and version != pin.version:
        raise SourceError(
            f"`{source.spec}` is {version}, but the notes are pinned to {pin.version}",
            f"name a source of {pin.version}, or change the pin",
        )


def differences(references: Iterable[Reference], locked: Lock, real: Lock) -> Iterator[Diagnostic]:
    """Where the lockfile says something else of a reference than the source does."""
    for reference in references:
        old, new = locked.find(reference), real.find(reference)
        if old is None or new is None or _agree(old, new):
            continue
        changed = [
            f"{name} {getattr(old.definition, name)} there, {getattr(new.definition, name)} here"
            for name in ("line", "start", "end", "digest", "signature", "kind", "condition")
            if getattr(old.definition, name) != getattr(new.definition, name)
        ]
        if old.of != new.of:
            changed.append("number of definitions")
        yield rules.LOCK_MISMATCH.at(
            reference.place,
            f"the lockfile does not agree with the source on `{reference.symbol.name}`: "
            + "; ".join(changed or ["what it calls"]),
            "run `callpath lock --source SPEC` if this source is the pinned one",
        )


def _agree(old: LockedDefinition, new: LockedDefinition) -> bool:
    """Whether two facts say the same; what is called is known only where a step asked for it."""
    if old.calls and new.calls:
        return old == new
    return replace(old, calls=()) == replace(new, calls=())


def edge_differences(edges: Iterable[Edge], locked: Lock, real: Lock) -> Iterator[Diagnostic]:
    """Where the lockfile says something else of an edge than the source does."""
    for edge in edges:
        old, new = locked.find_edge(edge), real.find_edge(edge)
        if old is None or new is None or old == new:
            continue
        if new.verdict.status is EdgeStatus.NOT_SEARCHED:
            continue  # this source cannot contradict one that was searched
        was, now = _evidence(old), _evidence(new)
        yield rules.LOCK_MISMATCH.at(
            edge.place,
            "the lockfile does not agree with the source on "
            f"`{edge.caller.symbol.name}` → `{edge.callee.symbol.name}`: "
            + (f"{was} there, {now} here" if was != now else "other particulars"),
            "run `callpath lock --source SPEC` if this source is the pinned one",
        )


def _evidence(locked: LockedEdge) -> str:
    verdict = locked.verdict
    places = ", ".join(f"{site.path}:{site.line}" for site in verdict.sites)
    return f"{verdict.proof or verdict.status} at {places}"

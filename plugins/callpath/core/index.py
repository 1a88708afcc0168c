"""The notebook joined with its lockfile: every symbol, its steps, mentions, callers and callees.

Pure: built from values, and read by the views and by `refs`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from callpath.core.lock import Lock, LockedDefinition
from callpath.core.locked_edges import LockedEdge
from callpath.core.model import Note, Reference, Step, Symbol, SymbolKind, visits
from callpath.core.proof import NOT_FOUND, EdgeStatus, Verdict
from callpath.core.prover.edges import note_edges
from callpath.core.references import step_reference


@dataclass(frozen=True, slots=True, order=True)
class SymbolKey:
    """What makes a symbol of the notebook one symbol."""

    project: str
    path: str
    name: str
    kind: SymbolKind


@dataclass(frozen=True, slots=True)
class StepPlace:
    """A step, where it stands, and what the lockfile knows of it."""

    note: Note
    step: Step
    parent: Step | None
    key: SymbolKey
    locked: LockedDefinition | None
    edge: LockedEdge | None = None

    @property
    def verdict(self) -> Verdict:
        """What the lockfile knows of the edge from the parent; unproved when it is not locked."""
        return self.edge.verdict if self.edge else NOT_FOUND

    @property
    def proved(self) -> bool:
        """Whether the symbol is located and, unless it is of the top level, its edge proved."""
        reached = self.parent is None or self.verdict.status is EdgeStatus.PROVED
        return self.locked is not None and reached


@dataclass(frozen=True, slots=True)
class Mention:
    """A link in prose to a symbol."""

    reference: Reference
    locked: LockedDefinition


@dataclass(slots=True)
class SymbolEntry:
    """All that the notebook has on a symbol.

    Attributes:
        key: The symbol.
        definitions: What the lockfile has, in its order; empty when nothing is locked.
        steps: The steps that are about it, in reading order.
        mentions: The links in prose that name it.
        callers: The symbols that it is reached from, in reading order.
        callees: The symbols that are reached from it, in reading order.
    """

    key: SymbolKey
    definitions: list[LockedDefinition] = field(default_factory=list)
    steps: list[StepPlace] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)
    callers: list[SymbolKey] = field(default_factory=list)
    callees: list[SymbolKey] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Index:
    """The notebook, to be asked.

    Attributes:
        notes: In the order they were given.
        symbols: Every symbol that a step or a locked link is about, sorted by key.
        places: For each note's id the places of its steps, in reading order.
    """

    notes: tuple[Note, ...]
    symbols: Mapping[SymbolKey, SymbolEntry]
    places: Mapping[str, Sequence[StepPlace]]
    _by_name: Mapping[str, Sequence[SymbolKey]]

    def files(self) -> dict[tuple[str, str], list[SymbolEntry]]:
        """The symbols of each source file (project, path), in line order; unlocked ones last."""
        found: dict[tuple[str, str], list[SymbolEntry]] = {}
        for entry in self.symbols.values():
            found.setdefault((entry.key.project, entry.key.path), []).append(entry)
        for entries in found.values():
            entries.sort(key=_line)
        return dict(sorted(found.items()))

    def named(self, name: str, project: str, path: str = "") -> SymbolKey | None:
        """The symbol that a bare name in prose means: in the file at hand, else the only one.

        Parameters:
            name: The name.
            project: The code base.
            path: The file that the prose speaks of, if any.
        """
        keys = [key for key in self._by_name.get(name, ()) if key.project == project]
        callable_keys = [key for key in keys if key.kind in _CALLABLE] or keys
        here = [key for key in callable_keys if key.path == path]
        chosen = here or callable_keys
        return chosen[0] if len(chosen) == 1 else None


_T = TypeVar("_T")
_CALLABLE = (SymbolKind.FUNCTION, SymbolKind.MACRO)


def _line(entry: SymbolEntry) -> tuple[bool, int, str, str]:
    line = entry.definitions[0].definition.line if entry.definitions else 0
    return (not entry.definitions, line, entry.key.name, entry.key.kind)


def build_index(
    notes: Sequence[Note], references: Iterable[Reference], lock: Lock, version: str = ""
) -> Index:
    """Join notes and lockfile.

    Parameters:
        notes: The notes in the order that readers meet them.
        references: Every reference of the notebook; those of steps may be among them.
        lock: The lockfile's facts.
        version: The version whose definitions and steps come first: that of the site's pin.
    """
    symbols: dict[SymbolKey, SymbolEntry] = {}
    places = {note.id: _places(note, lock, symbols) for note in notes}
    for reference in references:
        locked = lock.find(reference) if reference.link else None
        if locked is not None:
            entry = _entry(symbols, _locked_key(locked))
            entry.mentions.append(Mention(reference, locked))
            _remember(entry.definitions, locked)
    for entry in symbols.values():
        entry.definitions.sort(key=lambda locked: locked.version != version)
        entry.steps.sort(key=lambda place: place.note.pin.version != version)
    by_name: dict[str, list[SymbolKey]] = {}
    ordered = {key: symbols[key] for key in sorted(symbols)}
    for key in ordered:
        by_name.setdefault(key.name, []).append(key)
    return Index(tuple(notes), ordered, places, by_name)


def _places(note: Note, lock: Lock, symbols: dict[SymbolKey, SymbolEntry]) -> tuple[StepPlace, ...]:
    found = []
    edges = {edge.callee.id: lock.find_edge(edge) for edge in note_edges(note)}
    for visit in visits(note):
        locked = lock.find(step_reference(note, visit.step))
        key = step_key(note, visit.step.symbol)
        edge = edges.get(visit.step.id)
        place = StepPlace(note, visit.step, visit.parent, key, locked, edge)
        found.append(place)
        entry = _entry(symbols, key)
        entry.steps.append(place)
        if locked is not None:
            _remember(entry.definitions, locked)
        if visit.parent is not None:
            parent_key = step_key(note, visit.parent.symbol)
            _remember(entry.callers, parent_key)
            _remember(_entry(symbols, parent_key).callees, key)
    return tuple(found)


def _entry(symbols: dict[SymbolKey, SymbolEntry], key: SymbolKey) -> SymbolEntry:
    return symbols.setdefault(key, SymbolEntry(key))


def _remember(values: list[_T], value: _T) -> None:
    if value not in values:
        values.append(value)


def step_key(note: Note, symbol: Symbol) -> SymbolKey:
    """The key of the symbol that a step is about."""
    return SymbolKey(note.pin.project, symbol.path, symbol.name, SymbolKind(symbol.kind))


def _locked_key(locked: LockedDefinition) -> SymbolKey:
    found = locked.definition
    return SymbolKey(locked.project, found.path, found.name, found.kind)

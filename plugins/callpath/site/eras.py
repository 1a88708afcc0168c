"""Puts eras into the views of notes and symbols. Pure; knows no template."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from callpath.facts.eras import Eras, Statement, SymbolKey, symbol_key
from callpath.model import Note, Reference, note_edges, visits
from callpath.notebook import Index, SymbolEntry, step_key
from callpath.notes.references import step_reference
from callpath.site.views import (
    EraRow,
    EraView,
    NameLink,
    NoteView,
    StepView,
    SymbolEras,
    SymbolView,
    axis_view,
    era_view,
)


@dataclass(frozen=True, slots=True)
class StepEras:
    """The eras of a step.

    Attributes:
        symbol: Where its symbol is defined; nothing when it was not looked for.
        edge: Where it is reached from its parent; nothing when that was not looked for, or when
            the step is of the top level.
    """

    symbol: Statement | None
    edge: Statement | None


def step_eras(eras: Eras, note: Note) -> dict[str, StepEras]:
    """The eras of every step of a note, by the step's id."""
    edges = {edge.callee.id: eras.find_edge(edge) for edge in note_edges(note)}
    return {
        visit.step.id: StepEras(
            eras.find(step_reference(note, visit.step)), edges.get(visit.step.id)
        )
        for visit in visits(note)
    }


class EraViews:
    """Puts the eras of one notebook into its views.

    Parameters:
        eras: The eras.
        index: The notebook joined with its lockfile.
    """

    def __init__(self, eras: Eras, index: Index) -> None:
        self._eras = eras
        self._index = index

    def on_note(self, note: Note, view: NoteView) -> NoteView:
        """A note's view with the eras of its steps; as it is when none of them was looked for."""
        found = self._steps[note.id]
        steps = tuple(self._on_step(step, found[step.id]) for step in view.steps)
        eras = [step.era for step in steps if step.era]
        if not eras:
            return view
        return replace(view, steps=steps, axis=axis_view(self._eras.tags, note.pin.version, eras))

    def on_symbol(self, entry: SymbolEntry, view: SymbolView) -> SymbolView:
        """A symbol's view with its eras; as it is when they were not looked for.

        Parameters:
            entry: The symbol.
            view: Its view, whose callers stand in the entry's order.
        """
        rows = (*self._own_rows(entry), *self._edge_rows(entry, view.callers))
        if not rows:
            return view
        version = entry.definitions[0].version if entry.definitions else ""
        axis = axis_view(self._eras.tags, version, [row.era for row in rows])
        return replace(view, eras=SymbolEras(axis, rows))

    @cached_property
    def _steps(self) -> dict[str, dict[str, StepEras]]:
        """The eras of each note's steps, by the ids of both."""
        return {note.id: step_eras(self._eras, note) for note in self._index.notes}

    def _on_step(self, view: StepView, found: StepEras) -> StepView:
        if found.symbol is None:
            return view
        return replace(view, era=self._view(found.symbol, found.edge))

    def _view(self, found: Statement, edge: Statement | None = None) -> EraView:
        return era_view(self._eras.tags, found, edge)

    def _own_rows(self, entry: SymbolEntry) -> Iterator[EraRow]:
        """A row for each way in which the notes name a symbol; one where all came to the same."""
        found: dict[SymbolKey, Statement] = {}
        for reference in _references(entry):
            statement = self._eras.find(reference)
            if statement is not None:
                found[symbol_key(reference.symbol, reference.occurrence)] = statement
        several = len(set(found.values())) > 1
        rows = list(found.items()) if several else list(found.items())[:1]
        for (_, _, kind, occurrence), statement in rows:
            view = self._view(statement)
            yield EraRow(view, kind, occurrence, named=several)

    def _edge_rows(self, entry: SymbolEntry, callers: tuple[NameLink, ...]) -> Iterator[EraRow]:
        """A row for each edge that leads to a symbol, in reading order."""
        links = dict(zip(entry.callers, callers, strict=True))
        told: set[EraRow] = set()
        for place in entry.steps:
            statement = self._steps[place.note.id][place.step.id].edge
            if place.parent is None or statement is None:
                continue
            caller = links[step_key(place.note, place.parent.symbol)]
            row = EraRow(
                self._view(statement),
                caller=caller.name,
                href=caller.href,
                via=place.step.via,
                by=place.step.by,
            )
            if row not in told:
                told.add(row)
                yield row


def _references(entry: SymbolEntry) -> Iterator[Reference]:
    """How the notes name a symbol."""
    for place in entry.steps:
        yield step_reference(place.note, place.step)
    for mention in entry.mentions:
        yield mention.reference

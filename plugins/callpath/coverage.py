"""Call-path coverage: of the functions that a step's body calls, how many the notes speak of.

A call counts as told when a step of any note is about a function or macro of that name, or a link
in prose names it. Only calls by name count; calls through pointers have edges of their own.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from callpath.model import Note, SymbolKind
from callpath.notebook import Index, Notebook, StepPlace, find_note

_CALLABLE = (SymbolKind.FUNCTION, SymbolKind.MACRO)


@dataclass(frozen=True, slots=True)
class CalledFunction:
    """A function that a body calls, with the line of its first call, 1-based."""

    name: str
    line: int


@dataclass(frozen=True, slots=True)
class StepCoverage:
    """What of a step's calls the notes speak of; each in line order.

    Attributes:
        place: The step.
        told: Calls of functions that the notes speak of.
        omitted: Calls that the note leaves out on purpose, with the reason.
        untold: The others.
    """

    place: StepPlace
    told: tuple[CalledFunction, ...]
    omitted: tuple[tuple[CalledFunction, str], ...]
    untold: tuple[CalledFunction, ...]


@dataclass(frozen=True, slots=True)
class Total:
    """A count over steps: `told` of `calls`, where omitted calls do not count at all."""

    told: int
    calls: int

    @property
    def percent(self) -> float:
        """How many of 100 are told; 100 when there is nothing to tell."""
        return 100.0 * self.told / self.calls if self.calls else 100.0


def spoken_of(index: Index) -> frozenset[str]:
    """The names of functions and macros that the notebook speaks of."""
    return frozenset(key.name for key in index.symbols if key.kind in _CALLABLE)


def coverage(index: Index, note: Note, names: AbstractSet[str]) -> Iterator[StepCoverage]:
    """The coverage of each step of a note whose body calls anything, in reading order.

    Parameters:
        index: The notebook joined with its lockfile.
        note: The note.
        names: What the notebook speaks of (`spoken_of`).
    """
    omits = {omission.name: omission.reason for omission in note.omits}
    for place in index.places[note.id]:
        if place.locked is not None and place.locked.calls:
            yield _of_step(place, place.locked.calls, names, omits)


def _of_step(
    place: StepPlace,
    calls: Iterable[tuple[str, int]],
    names: AbstractSet[str],
    omits: Mapping[str, str],
) -> StepCoverage:
    told: list[CalledFunction] = []
    omitted: list[tuple[CalledFunction, str]] = []
    untold: list[CalledFunction] = []
    for name, line in calls:
        called = CalledFunction(name, line)
        if name in names:
            told.append(called)
        elif name in omits:
            omitted.append((called, omits[name]))
        else:
            untold.append(called)
    return StepCoverage(place, tuple(told), tuple(omitted), tuple(untold))


def total(steps: Iterable[StepCoverage]) -> Total:
    """The count over steps."""
    found = list(steps)
    told = sum(len(step.told) for step in found)
    return Total(told, told + sum(len(step.untold) for step in found))


def coverage_of(notebook: Notebook, names: Sequence[str]) -> list[tuple[str, list[StepCoverage]]]:
    """The call-path coverage of notes: for each its id and its steps', in reading order.

    Parameters:
        notebook: The notebook; its lockfile knows what bodies call.
        names: Ids or files of notes; all when there is none.

    Raises:
        UsageError: A name is that of no note.
    """
    notes = [find_note(notebook, name) for name in names] or list(notebook.notes.values())
    spoken = spoken_of(notebook.index)
    return [(note.id, list(coverage(notebook.index, note, spoken))) for note in notes]

"""Call-path coverage: how many of the functions that a step's body calls the notes cover.

A call is covered when a step of any note is about a function or macro of that name, or a link in
prose names it. Only calls by name count; calls through pointers have edges of their own.
"""

from collections.abc import Iterable, Iterator, Sequence, Set as AbstractSet

from msgspec import Struct

from callpath.model import Note
from callpath.notebook import CALLABLE, Index, Notebook, StepPlace, find_note


class CalledFunction(Struct, frozen=True):
    """A function that a body calls, with the line of its first call, 1-based."""

    name: str
    line: int


class StepCoverage(Struct, frozen=True):
    """The calls of a step, each kind in line order."""

    place: StepPlace
    covered: tuple[CalledFunction, ...]  # by the notes
    omitted: tuple[tuple[CalledFunction, str], ...]  # by the note on purpose, with the reason
    missing: tuple[CalledFunction, ...]  # the others


class Total(Struct, frozen=True):
    """A count over steps: `covered` of `calls`; omitted calls do not count at all."""

    covered: int
    calls: int

    @property
    def percent(self) -> float:
        """How many of 100 are covered; 100 if there are no calls."""
        return 100.0 * self.covered / self.calls if self.calls else 100.0


def spoken_of(index: Index) -> frozenset[str]:
    """The names of functions and macros that the notebook covers."""
    return frozenset(key.name for key in index.symbols if key.kind in CALLABLE)


def coverage(index: Index, note: Note, names: AbstractSet[str]) -> Iterator[StepCoverage]:
    """The coverage of each step of a note whose body calls anything, in reading order.

    `names` are what the notebook covers (`spoken_of`).
    """
    omits = {omission.name: omission.reason for omission in note.omits}
    for place in index.places[note.id]:
        calls = place.locked.calls if place.locked else ()
        called = [CalledFunction(name, line) for name, line in calls]
        others = [each for each in called if each.name not in names]
        if called:
            yield StepCoverage(
                place,
                covered=tuple(each for each in called if each.name in names),
                omitted=tuple((each, omits[each.name]) for each in others if each.name in omits),
                missing=tuple(each for each in others if each.name not in omits),
            )


def total(steps: Iterable[StepCoverage]) -> Total:
    """The count over steps."""
    found = list(steps)
    covered = sum(len(step.covered) for step in found)
    return Total(covered, covered + sum(len(step.missing) for step in found))


def coverage_of(notebook: Notebook, names: Sequence[str]) -> list[tuple[str, list[StepCoverage]]]:
    """The call-path coverage of notes: for each its id and its steps', in reading order.

    `names` are ids or files of notes; all when there is none. Raises UsageError for another name.
    """
    notes = [find_note(notebook, name) for name in names] or list(notebook.notes.values())
    spoken = spoken_of(notebook.index)
    return [(note.id, list(coverage(notebook.index, note, spoken))) for note in notes]

"""In which releases symbols and edges hold: the bars and ranges of steps and symbols.

Everything about how eras are shown is here, in `eras.html` and in the style sheet.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import islice, pairwise

from msgspec import Struct

from callpath.facts.eras import Era, Eras, Statement
from callpath.facts.lock import StatedSymbol, stated_symbol
from callpath.model import Note, Reference, note_edges, step_reference, visits
from callpath.notebook import Index, StepPlace, SymbolEntry, SymbolKey, step_key

_MOST_CELLS = 40  # more would be too small to distinguish
_BEYOND = "…"
KINDS = ("holds", "defined", "otherwise", "unknown")
"""The kinds of a bar's parts that need a word, in the order in which they are explained."""


class AxisView(Struct, frozen=True):
    """The releases that were looked at, in order, as the axis of bars."""

    tags: tuple[str, ...]
    cells: int  # how many cells a bar shows: one a release, or one in all where they are too many
    # where the mark of the version at hand is, in percent of the bar; empty when that release
    # was not looked at
    pin: str
    # the kinds of parts that the bars show, to be explained; `absent` needs no word
    kinds: tuple[str, ...]


# Releases that follow one another and look the same on a bar: `holds`, `defined` (the symbol is
# there, but its edge does not hold), `otherwise`, `unknown` or `absent`; and where they end, in
# percent of the bar.
_BarPart = tuple[str, str]


class RangesView(Struct, frozen=True):
    """Ranges in order, as they are written: `v2.6.32–v3.7`.

    `…` before the first release that was looked at, or behind the last, says that it may hold
    beyond: nobody looked.
    """

    holds: tuple[str, ...]
    otherwise: tuple[str, ...]
    unknown: tuple[str, ...]


class EraView(Struct, frozen=True):
    """The eras of a symbol, or of an edge alone."""

    ranges: RangesView
    # those of the edge that leads to the symbol, where they differ from its own
    edge: RangesView | None
    bar: tuple[_BarPart, ...]  # all releases, in order


class EraRow(Struct, frozen=True):
    """The eras of a symbol, or of an edge that leads to it."""

    era: EraView
    kind: str = ""  # the kind that the notes name, where `named`; empty: none
    occurrence: int = 0  # the occurrence that the notes choose, where `named`; 0: none
    # whether the notes name the symbol in several ways that came to different eras
    named: bool = False
    caller: SymbolKey | None = None  # where the edge starts; None for the symbol itself
    via: str = ""  # the pointer that the notes name for an edge, or empty
    by: str = ""  # the function that runs it later, or empty


class SymbolEras(Struct, frozen=True):
    """In which releases a symbol is there, and reached from each caller."""

    axis: AxisView
    rows: tuple[EraRow, ...]


def axis_view(tags: Sequence[str], version: str, eras: Iterable[EraView]) -> AxisView:
    """The axis of the bars of some eras, with a mark at a version."""
    shown = {kind for each in eras for kind, _ in each.bar}
    cells = len(tags) if len(tags) <= _MOST_CELLS else 1
    place = _number(100 * (tags.index(version) + 0.5) / len(tags)) if version in tags else ""
    return AxisView(tuple(tags), cells, place, tuple(kind for kind in KINDS if kind in shown))


def era_view(tags: Sequence[str], found: Statement, edge: Statement | None = None) -> EraView:
    """The eras of what a symbol came to, with what the edge that leads to it came to, if any."""
    if edge is None or edge == found:
        return EraView(_ranges(tags, found), None, _bar(tags, _kinds(tags, found)))
    kinds = _kinds(tags, found, holds="defined") | _kinds(tags, edge)
    return EraView(_ranges(tags, found), _ranges(tags, edge), _bar(tags, kinds))


def _ranges(tags: Sequence[str], found: Statement) -> RangesView:
    eras = (found.holds, found.otherwise, found.unknown)
    return RangesView(*(tuple(_written(tags, era) for era in each) for each in eras))


def _written(tags: Sequence[str], era: Era) -> str:
    first, last = era
    before = _BEYOND if first == tags[0] else ""
    behind = _BEYOND if last == tags[-1] else ""
    return before + (first if first == last else f"{first}–{last}") + behind


def _kinds(tags: Sequence[str], found: Statement, holds: str = "holds") -> dict[str, str]:
    """How each release looks in which a statement is not absent."""
    eras = {holds: found.holds, "otherwise": found.otherwise, "unknown": found.unknown}
    return {
        tag: kind
        for kind, ranges in eras.items()
        for first, last in ranges
        for tag in tags[tags.index(first) : tags.index(last) + 1]
    }


def _bar(tags: Sequence[str], kinds: Mapping[str, str]) -> tuple[_BarPart, ...]:
    looks = [kinds.get(tag, "absent") for tag in tags]
    ends = [*(n for n, (one, two) in enumerate(pairwise(looks), 1) if one != two), len(looks)]
    return tuple((looks[end - 1], _number(100 * end / len(looks))) for end in ends)


def _number(value: float) -> str:
    """A number with at most two decimals, and no more than it needs."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


# What a step came to: its symbol (None when it was not looked for), and the edge from its parent
# (None when that was not looked for, or at the top level).
StepEras = tuple[Statement | None, Statement | None]


def step_eras(eras: Eras, note: Note) -> dict[str, StepEras]:
    """The eras of every step of a note, by the step's id."""
    edges = {edge.callee.id: eras.find_edge(edge) for edge in note_edges(note)}
    steps = [visit.step for visit in visits(note)]
    return {step.id: (eras.find(step_reference(note, step)), edges.get(step.id)) for step in steps}


class EraViews:
    """Makes the views of one notebook's eras: none of any when `eras` is None."""

    def __init__(self, eras: Eras | None, index: Index) -> None:
        self._eras = eras = eras or Eras("", (), {}, {})
        self._view = partial(era_view, eras.tags)
        self._index = index

    def step(self, place: StepPlace) -> EraView | None:
        """The eras of a step, or None when its symbol was not looked for."""
        symbol, edge = self._steps[place.note.id][place.step.id]
        return self._view(symbol, edge) if symbol else None

    def axis(self, version: str, eras: Sequence[EraView]) -> AxisView | None:
        """The axis of the bars of some eras, or None when there are none."""
        return axis_view(self._eras.tags, version, eras) if eras else None

    def symbol(self, entry: SymbolEntry) -> SymbolEras | None:
        """The eras of a symbol, or None when they were not looked for."""
        rows = (*self._own_rows(entry), *self._edge_rows(entry))
        version = entry.definitions[0].version if entry.definitions else ""
        axis = self.axis(version, [row.era for row in rows])
        return SymbolEras(axis, rows) if axis else None

    @cached_property
    def _steps(self) -> dict[str, dict[str, StepEras]]:
        return {note.id: step_eras(self._eras, note) for note in self._index.notes}

    def _own_rows(self, entry: SymbolEntry) -> Iterator[EraRow]:
        """A row for each way in which the notes name a symbol; one where all came to the same."""
        found: dict[StatedSymbol, Statement] = {}
        for reference in _references(entry):
            if statement := self._eras.find(reference):
                found[stated_symbol(reference)] = statement
        several = len(set(found.values())) > 1
        for (_, _, kind, occurrence), statement in islice(found.items(), None if several else 1):
            yield EraRow(self._view(statement), kind, occurrence, named=several)

    def _edge_rows(self, entry: SymbolEntry) -> Iterator[EraRow]:
        """A row for each edge that leads to a symbol, in reading order, each once."""
        rows: dict[EraRow, None] = {}
        for place in entry.steps:
            _, statement = self._steps[place.note.id][place.step.id]
            if place.parent and statement:
                caller = step_key(place.note, place.parent.symbol)
                view, step = self._view(statement), place.step
                rows[EraRow(view, caller=caller, via=step.via, by=step.by)] = None
        yield from rows


def _references(entry: SymbolEntry) -> Iterator[Reference]:
    for place in entry.steps:
        yield step_reference(place.note, place.step)
    for mention in entry.mentions:
        yield mention.reference

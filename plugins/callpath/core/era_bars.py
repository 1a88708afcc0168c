"""Eras as bars: which parts of a row of releases are filled, and how ranges are written. Pure.

A bar has the releases that were looked at as its axis, in equal steps. Nothing is known beyond its
ends, nor between two of its releases: what is written names only releases that were looked at.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from callpath.core.eras import Era, Statement

_MOST_CELLS = 40  # more would be too small to be told apart
_BEYOND = "…"
KINDS = ("holds", "defined", "otherwise", "unknown")
"""The kinds of a bar's parts that need a word, in the order in which they are explained."""


@dataclass(frozen=True, slots=True)
class AxisView:
    """The releases that were looked at, in order, as the axis of bars.

    `cells` is how many cells a bar shows: one a release, or one in all where they are too many.
    `pin` is where the mark of the version at hand stands, in percent of the bar; empty when that
    release was not looked at. `kinds` are those that the bars show, to be explained; `absent`
    needs no word.
    """

    tags: tuple[str, ...]
    cells: int
    pin: str
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BarPart:
    """Releases that follow one another and look the same on a bar.

    `kind` is `holds`, `defined` (the symbol is there, but its edge does not hold), `otherwise`,
    `unknown` or `absent`; `end` is where the part ends, in percent of the bar.
    """

    kind: str
    end: str


@dataclass(frozen=True, slots=True)
class RangesView:
    """Ranges in order, as they are written: `v2.6.32–v3.7`.

    `…` before the first release that was looked at, or behind the last, says that it may hold
    beyond: nobody looked.
    """

    holds: tuple[str, ...]
    otherwise: tuple[str, ...]
    unknown: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EraView:
    """The eras of a symbol, or of an edge alone.

    `edge` are those of the edge that leads to the symbol, where they differ from its own. `bar` has
    all releases, in order.
    """

    ranges: RangesView
    edge: RangesView | None
    bar: tuple[BarPart, ...]


@dataclass(frozen=True, slots=True)
class EraRow:
    """The eras of a symbol, or of an edge that leads to it from `caller`, whose page is `href`.

    `named` says that the notes name the symbol in several ways that came to different eras: then
    `kind` (empty: none is named) and `occurrence` (0: none is chosen) tell them apart. `via` is the
    pointer that the notes name for an edge, `by` the function that runs it later. Texts are empty
    where there is nothing of the kind.
    """

    era: EraView
    kind: str = ""
    occurrence: int = 0
    named: bool = False
    caller: str = ""
    href: str = ""
    via: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class SymbolEras:
    """In which releases a symbol is there, and reached from each caller."""

    axis: AxisView
    rows: tuple[EraRow, ...]


def axis_view(tags: Sequence[str], version: str, eras: Iterable[EraView]) -> AxisView:
    """The axis of bars.

    Parameters:
        tags: The releases that were looked at, in order.
        version: The version at hand, which is marked.
        eras: What the bars show.
    """
    shown = {part.kind for each in eras for part in each.bar}
    cells = len(tags) if len(tags) <= _MOST_CELLS else 1
    pin = ""
    if version in tags:
        pin = _number(100 * (tags.index(version) + 0.5) / len(tags))
    return AxisView(tuple(tags), cells, pin, tuple(kind for kind in KINDS if kind in shown))


def era_view(tags: Sequence[str], found: Statement, edge: Statement | None = None) -> EraView:
    """The eras of a symbol, with those of the edge that leads to it.

    Parameters:
        tags: The releases that were looked at, in order.
        found: What the symbol came to.
        edge: What the edge came to, if there is one.
    """
    if edge is None or edge == found:
        return EraView(_ranges(tags, found), None, _bar(tags, _kinds(tags, found)))
    kinds = _kinds(tags, found, holds="defined") | _kinds(tags, edge)
    return EraView(_ranges(tags, found), _ranges(tags, edge), _bar(tags, kinds))


def _ranges(tags: Sequence[str], found: Statement) -> RangesView:
    return RangesView(
        *(
            tuple(_written(tags, era) for era in eras)
            for eras in (found.holds, found.otherwise, found.unknown)
        )
    )


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


def _bar(tags: Sequence[str], kinds: Mapping[str, str]) -> tuple[BarPart, ...]:
    looks = [kinds.get(tag, "absent") for tag in tags]
    ends = [*(n for n, (one, two) in enumerate(pairwise(looks), 1) if one != two), len(looks)]
    return tuple(BarPart(looks[end - 1], _number(100 * end / len(looks))) for end in ends)


def _number(value: float) -> str:
    """A number with at most two decimals, and no more than it needs."""
    return f"{value:.2f}".rstrip("0").rstrip(".")

"""What pages show of tracked versions, complete: the templates only print it.

Addresses are relative to the page that the view is for, as in `core.views`. Texts that end in
`_html` are safe HTML.
"""

from dataclasses import dataclass

from callpath.core.views import DefinitionView, NameLink, SiteView, ThereView


@dataclass(frozen=True, slots=True)
class EdgeThereView:
    """What became of an edge there: `change` is one of `EdgeStatusChange`, `proof` may be empty."""

    change: str
    proof: str
    member: str
    sites: tuple[SiteView, ...]


@dataclass(frozen=True, slots=True)
class StepThereView:
    """A step in a tracked version.

    `there` and `edge` are nothing where the lockfile does not say. `counterpart` leads to the step
    of another note that is about it there. `remarks_html` are what the step says of that version.
    """

    id: str
    number: int
    depth: int
    name: str
    href: str
    here: DefinitionView | None
    there: ThereView | None
    parent: str
    edge: EdgeThereView | None
    counterpart: NameLink | None
    remarks_html: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ComparisonView:
    """A note in a tracked version: `counts` say how many steps came to each status, in order.

    `others` are the note's other comparisons. `edge_counts` are those of the edges.
    """

    title: str
    href: str
    version: str
    at: str
    total: int
    counts: tuple[tuple[str, int], ...]
    edge_counts: tuple[tuple[str, int], ...]
    counterparts: tuple[NameLink, ...]
    others: tuple[NameLink, ...]
    matrix: str
    steps: tuple[StepThereView, ...]
    footer_html: str = ""


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A symbol in every tracked version; a cell is nothing where the lockfile does not say."""

    symbol: NameLink
    kind: str
    here: DefinitionView
    cells: tuple[ThereView | None, ...]


@dataclass(frozen=True, slots=True)
class MatrixEdge:
    """An edge that is not proved in every tracked version as it is in the notes' own."""

    caller: str
    callee: str
    cells: tuple[EdgeThereView | None, ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """What notes of one version speak of, in every version that is tracked besides.

    `anchor` is the id of its heading. `counts` and `edge_counts` have for each column how many came
    to each status, in order. `groups` are the files with their symbols, in line order. `edges` are
    those that differ.
    """

    version: str
    anchor: str
    columns: tuple[str, ...]
    total: int
    counts: tuple[tuple[tuple[str, int], ...], ...]
    groups: tuple[tuple[NameLink, tuple[MatrixRow, ...]], ...]
    edge_total: int
    edge_counts: tuple[tuple[tuple[str, int], ...], ...]
    edges: tuple[MatrixEdge, ...]


@dataclass(frozen=True, slots=True)
class VersionsView:
    """The page of versions: for each note its comparisons, and for each pin a matrix."""

    notes: tuple[tuple[NameLink, str, tuple[NameLink, ...]], ...]
    matrices: tuple[Matrix, ...]

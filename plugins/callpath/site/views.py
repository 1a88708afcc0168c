"""What each page shows, complete: the templates only print it.

Addresses are relative to the page that the view is for. Texts that end in `_html` are safe HTML;
all others are plain text, to be escaped where they land.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from callpath.addresses import LinkProvider
from callpath.facts.eras import Era, Statement
from callpath.facts.proof import ProofSite, SiteRole, Verdict
from callpath.graph.model import Legend, OutlineItem
from callpath.model import Pin
from callpath.notebook import StepPlace

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


@dataclass(frozen=True, slots=True)
class NameLink:
    """A name that leads somewhere; `title` says more when the pointer rests on it."""

    name: str
    href: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class FaultView:
    """A finding, shown in place."""

    rule: str
    severity: str
    message: str
    place: str
    hint: str


@dataclass(frozen=True, slots=True)
class DefinitionView:
    """Where a definition is: `url` leads to its name's line, `range_url` to all of it."""

    version: str
    signature: str
    path: str
    line: int
    start: int
    end: int
    url: str
    range_url: str
    condition: str
    occurrence: int
    of: int


@dataclass(frozen=True, slots=True)
class LeadView:
    """Where a symbol that is gone may be; `percent` is how likely it is, from 0 to 100."""

    name: str
    path: str
    line: int
    url: str
    percent: int


@dataclass(frozen=True, slots=True)
class ThereView:
    """What became of a definition in a tracked version.

    `status` is one of `DriftStatus`; `definition` is nothing when it is gone. `name` and `kind` are
    its own there, when either is another, else empty. `page` leads to the page that the notebook
    has on it, or is nothing.
    """

    version: str
    status: str
    definition: DefinitionView | None
    name: str
    kind: str
    page: NameLink | None
    leads: tuple[LeadView, ...]


@dataclass(frozen=True, slots=True)
class NoteVersion:
    """A version that a note's page leads to: its comparison (or nothing), and its counterparts."""

    version: str
    comparison: str
    counterparts: tuple[NameLink, ...]


@dataclass(frozen=True, slots=True)
class ErratumView:
    """What older notes said, and what the source says."""

    said_html: str
    correction_html: str


@dataclass(frozen=True, slots=True)
class RemarkView:
    """What a step says of a tracked version."""

    version: str
    html: str


@dataclass(frozen=True, slots=True)
class SiteView:
    """A place in the source. `role` says what happens there, `name` what stands there."""

    path: str
    line: int
    url: str
    role: str
    name: str
    condition: str


@dataclass(frozen=True, slots=True)
class ReachView:
    """How a step is reached from its parent.

    `status` and `proof` are those of the edge, `proof` may be empty; `via` is the pointer, or
    empty; `bindings` are the table entries behind it; `others` is how many other functions the
    same member is bound to; `above` names who hands a callback over when that is the parent's own
    caller.
    """

    status: str
    proof: str
    via: str
    sites: tuple[SiteView, ...]
    bindings: tuple[SiteView, ...]
    others: int
    above: str


@dataclass(frozen=True, slots=True)
class UntoldView:
    """A function that a body calls and the notes do not speak of; `url` leads to the call."""

    name: str
    url: str
    line: int


@dataclass(frozen=True, slots=True)
class CoverageView:
    """What a step's body calls: what the notes speak of, what they do not, what they leave out."""

    told: tuple[NameLink, ...]
    untold: tuple[UntoldView, ...]
    omitted: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class StepView:
    """A step. `definition` is nothing while it is not locked; `parent` is nothing at the top.

    `proved` says that the symbol is located and that its edge, if it has one, is proved.
    `children` are the steps below it that `coverage` does not name already. `code` says
    whether it has source text. `era` is nothing when nobody looked for it in other releases.
    `size` is how much room it takes, in Chinese letters, as `core.text_size` has it.
    """

    id: str
    number: int
    depth: int
    name: str
    kind: str
    path: str
    definition: DefinitionView | None
    symbol: NameLink
    file: NameLink
    parent: NameLink | None
    reach: ReachView | None
    proved: bool
    when: str
    by: str
    asserted: str
    commentary_html: str
    errata: tuple[ErratumView, ...]
    children: tuple[NameLink, ...]
    faults: tuple[FaultView, ...]
    coverage: CoverageView | None
    remarks: tuple[RemarkView, ...] = ()
    code: bool = False
    era: EraView | None = None
    size: int = 0


@dataclass(frozen=True, slots=True)
class PathItem:
    """A step in the path rail, with those below it."""

    id: str
    name: str
    proved: bool
    children: tuple["PathItem", ...]


@dataclass(frozen=True, slots=True)
class NoteView:
    """A note. `faults` are those that belong to no step, `fault_count` counts all of them.

    `path` are the steps as they nest. `code_folder` is where the files with the steps' source text
    are, relative to the page and with a final slash; empty when there are none. `axis` are the
    releases that eras are told of, if they are.
    """

    id: str
    title: str
    project: str
    version: str
    provider: str
    total: int
    proved: int
    fault_count: int
    files: int
    errata: int
    description_html: str
    footer_html: str
    steps: tuple[StepView, ...]
    path: tuple[PathItem, ...]
    faults: tuple[FaultView, ...]
    versions: tuple[NoteVersion, ...] = ()
    code_folder: str = ""
    axis: AxisView | None = None


@dataclass(frozen=True, slots=True)
class StepLine:
    """A step seen from the page of its symbol."""

    note: str
    href: str
    number: int
    total: int
    summary: str


@dataclass(frozen=True, slots=True)
class SymbolView:
    """A symbol: its definitions, the steps that speak of it, its neighbours in the notebook."""

    name: str
    kind: str
    project: str
    path: str
    file: NameLink
    index: NameLink
    definitions: tuple[DefinitionView, ...]
    steps: tuple[StepLine, ...]
    mentions: tuple[NameLink, ...]
    callers: tuple[NameLink, ...]
    callees: tuple[NameLink, ...]
    previous: NameLink | None
    next: NameLink | None
    elsewhere: tuple[tuple[DefinitionView, tuple[ThereView, ...]], ...] = ()
    eras: SymbolEras | None = None


@dataclass(frozen=True, slots=True)
class SymbolLine:
    """A symbol in a list, with one of its definitions: `version` says of which version."""

    symbol: NameLink
    kind: str
    path: str
    line: int
    url: str
    signature: str
    steps: int
    version: str = ""


@dataclass(frozen=True, slots=True)
class FileView:
    """A source file: its symbols in line order, those of each version together.

    `versions` are those that the notes speak of, each with the file's address at the source.
    """

    project: str
    path: str
    versions: tuple[NameLink, ...]
    index: NameLink
    symbols: tuple[SymbolLine, ...]


@dataclass(frozen=True, slots=True)
class SymbolGroup:
    """Symbols of one first letter."""

    letter: str
    symbols: tuple[SymbolLine, ...]


@dataclass(frozen=True, slots=True)
class FolderView:
    """A folder of a source tree: its folders and files by name."""

    name: str
    folders: tuple["FolderView", ...]
    files: tuple[tuple[NameLink, int], ...]


@dataclass(frozen=True, slots=True)
class PartView:
    """A picture that a folded box opens.

    Attributes:
        id: What the box names in its `data-opens`.
        title: What it shows: plain text.
        svg: The picture as HTML; empty when it stands in a file.
        source: Address of the script that brings it, relative to the page; else empty.
    """

    id: str
    title: str
    svg: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class GraphView:
    """A figure: a picture, what it opens, what it means.

    Attributes:
        title: What the picture shows: plain text.
        svg: The picture as HTML; empty when no engine could draw.
        parts: The pictures that its boxes open, to any depth.
        legend: The kinds of lines and boxes that the pictures have; nothing without a picture.
        outline: The same graph as nested lists; empty where the page says the same.
        downloads: The graph as files: what they are called, and where they are.
        waits: Whether the picture is not drawn before the page's script asks for it; without
            a script it is drawn at once.
    """

    title: str
    svg: str
    parts: tuple[PartView, ...]
    legend: Legend | None
    outline: tuple[OutlineItem, ...]
    downloads: tuple[NameLink, ...] = ()
    waits: bool = False


@dataclass(frozen=True, slots=True)
class CodeTarget:
    """What a name in the text leads to.

    Attributes:
        line: The line that the name stands on; 0: every line where it is called.
        names: The names that may stand there; the first that does is the link.
        href: Where it leads, seen from the page; empty when only the line is marked.
        symbol: The symbol that it leads to.
        number: The number of the step that it leads to, or 0.
        path: The file of that symbol, where it leads to the symbol's page.
    """

    line: int
    names: tuple[str, ...]
    href: str
    symbol: str
    number: int = 0
    path: str = ""


@dataclass(frozen=True, slots=True)
class CodeText:
    """The text of a definition.

    Attributes:
        blob: Git's id of the file that it is of.
        start: The number of its first line.
        lines: Its lines without their ends; no control characters but tabs.
    """

    blob: str
    start: int
    lines: tuple[str, ...]

    @property
    def end(self) -> int:
        """The number of its last line."""
        return self.start + len(self.lines) - 1


@dataclass(frozen=True, slots=True)
class LicenceView:
    """Whose text it is: the project, and its licence where that is known (else empty)."""

    project: str
    name: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class CodeRequest:
    """All that makes the shown text of a definition, but the text itself.

    Attributes:
        name: The symbol.
        kind: What it is.
        path: The file.
        line: The line that holds the name.
        url: Where all of it is at the link provider.
        targets: Call sites first, then names that lead somewhere wherever they are called.
        licence: Whose text it is.
        version: The version that it is of.
    """

    name: str
    kind: str
    path: str
    line: int
    url: str
    targets: tuple[CodeTarget, ...]
    licence: LicenceView
    version: str = ""

    @property
    def sites(self) -> tuple[int, ...]:
        """The lines that the steps speak of, each once, in order."""
        return tuple(sorted({target.line for target in self.targets if target.line}))


@dataclass(frozen=True, slots=True)
class CodePiece:
    """A run of characters of one line; `style` is Pygments' short class, or empty."""

    text: str
    style: str = ""
    target: CodeTarget | None = None


@dataclass(frozen=True, slots=True)
class CodeLine:
    """A line; `site` says that a step speaks of it."""

    number: int
    pieces: tuple[CodePiece, ...]
    site: bool


class BlockKind(StrEnum):
    """How lines are shown."""

    OPEN = "open"
    FOLDED = "folded"
    """To be opened by the reader."""
    LEFT_OUT = "left-out"
    """Not on the page: they are too many."""


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """Lines that are shown in one way; those that are left out have no `lines`."""

    kind: BlockKind
    first: int
    last: int
    lines: tuple[CodeLine, ...] = ()

    @property
    def count(self) -> int:
        """How many lines it has."""
        return self.last - self.first + 1


def reach_view(place: StepPlace, pin: Pin, links: LinkProvider) -> ReachView | None:
    """How a step is reached; nothing for one of the top level.

    Parameters:
        place: The step's place, with what the lockfile knows of its edge.
        pin: The tree that sites are looked up in.
        links: Where links to the source lead.
    """
    if place.parent is None:
        return None
    verdict = place.verdict
    sites = [_site(site, pin, links) for site in verdict.sites if site.role is not SiteRole.BINDING]
    bindings = [_site(site, pin, links) for site in verdict.sites if site.role is SiteRole.BINDING]
    return ReachView(
        status=verdict.status.value,
        proof=verdict.proof.value if verdict.proof else "",
        via=place.step.via or verdict.member,
        sites=tuple(sites),
        bindings=tuple(bindings),
        others=verdict.others,
        above=verdict.above,
    )


def site_views(verdict: Verdict, pin: Pin, links: LinkProvider) -> tuple[SiteView, ...]:
    """Every site of a proof, as the lockfile has them.

    Parameters:
        verdict: What the source says of the edge.
        pin: The tree that sites are looked up in.
        links: Where links to the source lead.
    """
    return tuple(_site(site, pin, links) for site in verdict.sites)


def _site(site: ProofSite, pin: Pin, links: LinkProvider) -> SiteView:
    return SiteView(
        path=site.path,
        line=site.line,
        url=links.line(pin, site.path, site.line),
        role=site.role.value,
        name=site.name,
        condition=site.condition,
    )

"""What each page shows, complete: the templates only print it.

Addresses are relative to the page that the view is for. Texts that end in `_html` are safe HTML;
all others are plain text, to be escaped where they land.
"""

from dataclasses import dataclass

from callpath.core.era_bars import AxisView, EraView, SymbolEras


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

"""The words of the design as values: pin, symbol, step, note, reference, definition.

Lines and columns are 1-based, ranges are inclusive. Paths use `/` and are relative: those of the
notebook to the project's root, those of a source to the root of its tree.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from callpath.core.diagnostics import Place


class SymbolKind(StrEnum):
    """What a symbol is. The values are the keys that a step may use."""

    FUNCTION = "function"
    MACRO = "macro"
    STRUCT = "struct"
    UNION = "union"
    ENUM = "enum"
    ENUMERATOR = "enumerator"
    VARIABLE = "variable"
    TYPEDEF = "typedef"
    FIELD = "field"


@dataclass(frozen=True, slots=True, order=True)
class Pin:
    """The one tree that references are read against.

    Attributes:
        project: The code base's name at elixir (`linux`, `qemu`).
        version: Its tag (`v3.7`); never `latest`.
        commit: The full commit id that the tag must name, or empty when it is not pinned.
    """

    project: str
    version: str
    commit: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Symbol:
    """A symbol as the notes name it.

    Attributes:
        path: The file that defines it.
        name: Its name; a field is `struct.member`.
        kind: What it is, or empty (`""`) when the reference does not say (a `src:` link).
    """

    path: str
    name: str
    kind: SymbolKind | str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """A text from a YAML scalar that knows where it stands.

    Attributes:
        value: The text.
        place: Place of its first character.
        literal: Whether each line of the value is a line of the file (a `|` block), so that places
            inside it can be told exactly; `indent` columns stand before every line.
        indent: Columns before each line of a literal text.
    """

    value: str
    place: Place
    literal: bool = False
    indent: int = 0

    def place_at(self, offset: int) -> Place:
        """The place of the character at an offset (0-based) of the value."""
        if not self.literal:
            return self.place
        line = self.value.count("\n", 0, offset)
        column = offset - (self.value.rfind("\n", 0, offset) + 1)
        return Place(self.place.file, self.place.line + line, self.indent + column + 1)


@dataclass(frozen=True, slots=True)
class Erratum:
    """What older notes said, and what the source says. Both are Markdown."""

    said: Text
    correction: Text


@dataclass(frozen=True, slots=True)
class Remark:
    """What a step says of a tracked version.

    Attributes:
        version: The version's tag.
        text: Markdown; its links are read against that version.
        place: Place of the version in the YAML.
    """

    version: str
    text: Text
    place: Place


@dataclass(frozen=True, slots=True)
class Step:
    """One stop of a note.

    Attributes:
        id: Stable and unique in its note; the anchor of its place on the page.
        symbol: What the step is about.
        commentary: Markdown; may be empty.
        place: Place of the symbol's name in the YAML.
        path_place: Place of the file's name in the YAML.
        ordinal: Its number in reading order, 1-based.
        depth: How deep it is nested; 0 for a step of the top level.
        occurrence: Which of several definitions of that name in the file, 1-based; 0: not chosen.
        via: Which pointer the call goes through (`kvm_x86_ops->hardware_setup`), or empty.
        when: `later` when a callback handed over here runs elsewhere, or empty.
        by: The function that runs it later, or empty.
        asserted: Why an edge is asserted that syntax cannot prove, or empty.
        errata: What older notes said.
        remarks: What is said of tracked versions.
        steps: The steps reached from this one, in reading order.
    """

    id: str
    symbol: Symbol
    commentary: Text
    place: Place
    path_place: Place
    ordinal: int
    depth: int = 0
    occurrence: int = 0
    via: str = ""
    when: str = ""
    by: str = ""
    asserted: str = ""
    errata: tuple[Erratum, ...] = ()
    remarks: tuple[Remark, ...] = ()
    steps: tuple["Step", ...] = ()

    @property
    def first_line(self) -> int:
        """The line that a finding of this step can at the earliest stand on."""
        return min(self.place.line, self.path_place.line)


@dataclass(frozen=True, slots=True)
class Omission:
    """A function that a note leaves out on purpose.

    Attributes:
        name: The function's name.
        reason: Why; plain text.
        place: Place of the name in the YAML.
    """

    name: str
    reason: str
    place: Place


@dataclass(frozen=True, slots=True)
class Note:
    """One reading path.

    Attributes:
        id: Path below the notes' folder without its ending (`kvm/init`).
        file: Path relative to the project's root (`notes/kvm/init.yml`).
        title: Its title: plain text.
        description: Markdown that stands before the steps; may be empty.
        pin: The tree that its references are read against.
        steps: Its top-level steps, in reading order.
        omits: What it leaves out on purpose.
        counterparts: The notes that tell the same path at other versions, as it names their files.
    """

    id: str
    file: str
    title: str
    description: Text
    pin: Pin
    steps: tuple[Step, ...]
    omits: tuple[Omission, ...] = ()
    counterparts: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Visit:
    """A step with the step that it is reached from (nothing for one of the top level)."""

    step: Step
    parent: Step | None


def visits(note: Note) -> Iterator[Visit]:
    """Every step of a note in reading order, each with its parent."""
    stack = [Visit(step, None) for step in reversed(note.steps)]
    while stack:
        visit = stack.pop()
        yield visit
        stack.extend(Visit(child, visit.step) for child in reversed(visit.step.steps))


@dataclass(frozen=True, slots=True)
class Reference:
    """One mention of a symbol by a step or by a link, with its place.

    Attributes:
        pin: The tree that it is read against.
        symbol: The symbol as it is named.
        place: Where the mention is.
        occurrence: Which of several definitions, 1-based; 0: not chosen.
        note: The note's id, or the page's path below the notes' folder for a Markdown page.
        step: The step's id, or empty for a mention outside steps.
        link: Whether it is a link in prose, not the symbol of a step.
        fixed: Whether what it stands in names the version itself, whatever the note's pin is.
    """

    pin: Pin
    symbol: Symbol
    place: Place
    occurrence: int = 0
    note: str = ""
    step: str = ""
    link: bool = False
    fixed: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Definition:
    """What the source has for a symbol.

    Attributes:
        path: The file.
        name: The name; a field is `struct.member`.
        kind: What it is.
        line: The line that holds the name.
        start: First line of the whole definition.
        end: Last line of the whole definition.
        signature: The head on one line: no body, no initialiser.
        digest: SHA-256 of the whitespace-normalised definition, its first 16 hex digits.
        condition: The `#if` conditions that it stands under, outermost first, joined by ` && `;
            empty when there is none. An include guard does not count.
    """

    path: str
    name: str
    kind: SymbolKind
    line: int
    start: int
    end: int
    signature: str
    digest: str
    condition: str = ""

"""The words of the design as values: pin, symbol, step, note, reference, definition.

Lines and columns are 1-based, ranges are inclusive. Paths use `/` and are relative: those of the
notebook to the project's root, those of a source to the root of its tree.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from callpath.findings import Location


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
    place: Location
    literal: bool = False
    indent: int = 0

    def place_at(self, offset: int) -> Location:
        """The place of the character at an offset (0-based) of the value."""
        if not self.literal:
            return self.place
        line = self.value.count("\n", 0, offset)
        column = offset - (self.value.rfind("\n", 0, offset) + 1)
        return Location(self.place.file, self.place.line + line, self.indent + column + 1)


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
    place: Location


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
    place: Location
    path_place: Location
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
    place: Location


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
    place: Location
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


_PATH_CHARACTERS = re.compile(r"[A-Za-z0-9_/.,+=-]*")


def shown(text: str) -> str:
    """A text of the user's as it stands in a message: one line, not too long, in backticks."""
    line = "\\n".join(text.splitlines()) or '""'
    return f"`{line[:57]}…`" if len(line) > 60 else f"`{line}`"


def path_fault(path: str, folder: str) -> tuple[str, str] | None:
    """What is wrong with a path below a folder: the fact and the remedy; or nothing."""
    parts = path.split("/")
    if not path.strip():
        return "the path is empty", f"write the file's path below {folder}"
    if "://" in path:
        return f"{shown(path)} is a web address", f"write only the path below {folder}"
    if path != path.strip():
        return f"{shown(path)} has spaces around it", f"write `{path.strip()}`"
    if "\\" in path:
        return f"{shown(path)} has a backslash", "write `/` between the parts of a path"
    if path.startswith("/"):
        return (
            f"{shown(path)} is an absolute path",
            f"start at the top of {folder}, without `/`",
        )
    if ".." in parts:
        return f"{shown(path)} leads upwards with `..`", f"start at the top of {folder}"
    if "." in parts or "" in parts[:-1]:
        plain = "/".join(part for part in parts if part not in ("", "."))
        return f"{shown(path)} is not written plainly", f"write `{plain}`"
    if path.endswith("/"):
        return f"{shown(path)} names a directory", "name a file"
    if not _PATH_CHARACTERS.fullmatch(path):
        hint = "a path may have letters `A`–`z`, digits and `_/.,+=-`"
        return f"{shown(path)} has characters that a path cannot have", hint
    return None


@dataclass(frozen=True, slots=True)
class Edge:
    """A step and the step that it is reached from.

    Attributes:
        pin: The tree that both are read against.
        note: The note's id.
        caller: The step above.
        callee: The step.
        ancestors: The steps above the caller, nearest first.
    """

    pin: Pin
    note: str
    caller: Step
    callee: Step
    ancestors: tuple[Step, ...] = ()

    @property
    def place(self) -> Location:
        """Where the callee's name stands in the YAML."""
        return self.callee.place


def note_edges(note: Note) -> Iterator[Edge]:
    """Every edge of a note, in reading order of the callees."""
    stack: list[tuple[Step, tuple[Step, ...]]] = [(step, ()) for step in reversed(note.steps)]
    while stack:
        step, above = stack.pop()
        if above:
            yield Edge(note.pin, note.id, above[0], step, above[1:])
        stack.extend((child, (step, *above)) for child in reversed(step.steps))


Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""


def no_progress(task: str, done: int, total: int) -> None:
    """A `Progress` that tells nobody."""


def one_line(text: str) -> str:
    """A text as one line of characters that every format can hold (XML has the fewest)."""
    kept = (" " if unicodedata.category(c) in {"Cc", "Cs", "Cn"} else c for c in text)
    return " ".join("".join(kept).split())

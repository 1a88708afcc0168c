"""The words of the design as values: pin, symbol, step, note, reference, definition, edge.

Lines and columns are 1-based, ranges are inclusive. Paths use `/` and are relative: those of the
notebook to the project's root, those of a source to the root of its tree.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import ClassVar

from msgspec import Struct
from msgspec.structs import astuple, force_setattr

from callpath import rules
from callpath.findings import Finding, Location, did_you_mean

NOTE_ENDINGS = (".yml", ".yaml")  # of the files that can be notes, in lower case


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


class Compared(Struct, frozen=True):
    """A value that is equal to others without its last fields."""

    apart: ClassVar[int] = 1
    """How many fields do not count."""

    def __eq__(self, other: object) -> bool:
        """Whether two values are of one class and have the same fields."""
        if self is other:
            return True
        return type(self) is type(other) and self._counting() == other._counting()

    def __hash__(self) -> int:
        """The hash of the fields that count."""
        return hash(self._counting())

    def _counting(self) -> tuple[object, ...]:
        return astuple(self)[: -self.apart]


class Pin(Compared, frozen=True, order=True):
    """The one tree that references are read against."""

    project: str
    """The code base's name at elixir (`linux`, `qemu`)."""
    version: str
    """Its tag (`v3.7`), or what the site's settings make a tag of; never `latest`."""
    commit: str = ""
    """The full commit id that the tag must name, or empty."""
    tag: str = ""
    """The tag in a repository if that is not the version itself, or empty."""

    def _counting(self) -> tuple[object, ...]:
        return (self.project, self.version, self.commit)  # they are compared very often

    @property
    def tag_name(self) -> str:
        """The tag in a repository."""
        return self.tag or self.version


class Symbol(Struct, frozen=True, order=True):
    """A symbol as the notes name it."""

    path: str
    """The file that defines it."""
    name: str
    """Its name; a field is `struct.member`."""
    kind: str = ""
    """A `SymbolKind`; empty if the reference does not say it (a `src:` link)."""

    def __post_init__(self) -> None:
        """Have the kind itself where its value was given, as by what reads kept values."""
        if self.kind and type(self.kind) is str:
            force_setattr(self, "kind", SymbolKind(self.kind))


class Text(Struct, frozen=True):
    """A text from a YAML scalar, with the places of its characters."""

    value: str
    location: Location  # of its first character
    literal: bool = False  # whether each of its lines is written as it is read (`|`, one line)
    indent: int = 0  # columns before each line of a literal text

    def location_at(self, offset: int) -> Location:
        """The place of the character at an offset (0-based) of the value, if it is literal."""
        if not self.literal:
            return self.location
        line = self.value.count("\n", 0, offset)
        column = offset - (self.value.rfind("\n", 0, offset) + 1)
        return Location(self.location.file, self.location.line + line, self.indent + column + 1)


class Erratum(Struct, frozen=True):
    """What older notes said, and what the source says. Both are Markdown."""

    said: Text
    correction: Text


class Remark(Struct, frozen=True):
    """What a step says of a tracked version."""

    version: str
    text: Text  # Markdown; its links are read against that version
    location: Location  # of the version in the YAML


class Step(Struct, frozen=True):
    """One stop of a note."""

    id: str  # stable and unique in its note; the anchor of its place on the page
    symbol: Symbol
    commentary: Text  # Markdown; may be empty
    location: Location  # of the symbol's name in the YAML
    path_location: Location  # of the file's name in the YAML
    ordinal: int  # its number in reading order, 1-based
    depth: int = 0  # how deep it is nested; 0 for a step of the top level
    occurrence: int = 0  # which of several definitions in the file, 1-based; 0: not chosen
    via: str = ""  # which pointer the call goes through (`kvm_x86_ops->hardware_setup`), or empty
    when: str = ""  # `later` if a callback handed over here runs elsewhere, or empty
    by: str = ""  # the function that runs it later, or empty
    asserted: str = ""  # why an edge is asserted that syntax cannot prove, or empty
    errata: tuple[Erratum, ...] = ()
    remarks: tuple[Remark, ...] = ()
    steps: tuple["Step", ...] = ()  # those reached from this one, in reading order

    @property
    def first_line(self) -> int:
        """The first line of the YAML that a finding of this step can be on."""
        return min(self.location.line, self.path_location.line)


class Omission(Struct, frozen=True):
    """A function that a note leaves out on purpose."""

    name: str
    reason: str  # plain text
    location: Location  # of the name in the YAML


class Note(Struct, frozen=True):
    """One reading path."""

    id: str  # path below the notes' folder without its ending (`kvm/init`)
    file: str  # path relative to the project's root (`notes/kvm/init.yml`)
    title: str  # plain text
    description: Text  # Markdown before the steps; may be empty
    pin: Pin
    steps: tuple[Step, ...]  # of the top level, in reading order
    omits: tuple[Omission, ...] = ()
    # The files of notes on the same path at other versions, as the note names them.
    counterparts: tuple[Text, ...] = ()
    pin_location: Location | None = None  # of its own pin in the YAML; None if it has none


class Visit(Struct, frozen=True):
    """A step with the step that it is reached from; None for one of the top level."""

    step: Step
    parent: Step | None


def _walk(note: Note) -> Iterator[tuple[Step, tuple[Step, ...]]]:
    """Every step of a note in reading order, with the steps above it, nearest first."""
    stack: list[tuple[Step, tuple[Step, ...]]] = [(step, ()) for step in reversed(note.steps)]
    while stack:
        step, above = stack.pop()
        yield step, above
        stack.extend((child, (step, *above)) for child in reversed(step.steps))


def visits(note: Note) -> Iterator[Visit]:
    """Every step of a note in reading order, each with its parent."""
    return (Visit(step, above[0] if above else None) for step, above in _walk(note))


class Reference(Struct, frozen=True):
    """One mention of a symbol by a step or by a link."""

    pin: Pin  # the tree that it is read against
    symbol: Symbol
    location: Location
    occurrence: int = 0  # which of several definitions, 1-based; 0: not chosen
    note: str = ""  # the note's id, or the path below the notes' folder of a Markdown page
    step: str = ""  # the step's id, or empty outside steps
    link: bool = False  # whether it is a link in prose, not the symbol of a step
    fixed: bool = False  # whether its text names the version itself, whatever the note's pin is


class Definition(Struct, frozen=True, gc=False, order=True):
    """What the source has for a symbol."""

    path: str
    name: str
    """Its name; a field is `struct.member`."""
    kind: SymbolKind
    line: int
    """The line that holds the name."""
    start: int
    """First line of the whole definition."""
    end: int
    """Last line of the whole definition."""
    signature: str
    """The head on one line: no body, no initialiser."""
    digest: str
    """SHA-256 of the whitespace-normalised definition, its first 16 hex digits."""
    condition: str = ""
    """The `#if` conditions around it, outermost first, joined by ` && `, or empty. An
    include guard does not count."""


_PATH_CHARACTERS = re.compile(r"[A-Za-z0-9_/.,+=-]*")


def shown(text: str) -> str:
    """A text of the user's for a message: one line, not too long, in backticks."""
    line = "\\n".join(text.splitlines()) or '""'
    return f"`{line[:57]}…`" if len(line) > 60 else f"`{line}`"


def path_fault(path: str, folder: str) -> tuple[str, str] | None:
    """What is wrong with a path below a folder: the fact and the remedy; or None."""
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
        return f"{shown(path)} is an absolute path", f"start at the top of {folder}, without `/`"
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


class Edge(Struct, frozen=True):
    """A step and the step that it is reached from."""

    pin: Pin
    """The tree that both are read against."""
    note: str
    """The note's id."""
    caller: Step
    callee: Step
    ancestors: tuple[Step, ...] = ()
    """The steps above the caller, nearest first."""

    @property
    def location(self) -> Location:
        """Where the callee's name is in the YAML."""
        return self.callee.location

    def __str__(self) -> str:
        """Its ends as messages name them."""
        return f"`{self.caller.symbol.name}` → `{self.callee.symbol.name}`"


def step_reference(note: Note, step: Step) -> Reference:
    """The reference that a step makes to its symbol."""
    return Reference(note.pin, step.symbol, step.location, step.occurrence, note.id, step.id)


def note_edges(note: Note) -> Iterator[Edge]:
    """Every edge of a note, in reading order of the callees."""
    return (
        Edge(note.pin, note.id, above[0], step, above[1:]) for step, above in _walk(note) if above
    )


Progress = Callable[[str, int, int], None]
"""Is called with what is being done, how much of it is done, and how much there is."""


def no_progress(task: str, done: int, total: int) -> None:
    """A `Progress` that shows nothing."""


def one_line(text: str) -> str:
    """A text as one line of characters that every format can hold (XML has the fewest)."""
    kept = (" " if unicodedata.category(c) in {"Cc", "Cs", "Cn"} else c for c in text)
    return " ".join("".join(kept).split())


PARTS = ("paths", "graph", "errata", "legend")
"""The generated parts that a mark in a page can stand for."""
IGNORE, IGNORE_PAGE = "ignore", "ignore-page"
"""What a mark says that leaves findings out: of a line or block, of the whole file."""
MARKS = (*PARTS, IGNORE, IGNORE_PAGE)


def mark_fault(name: str, location: Location) -> Finding:
    """The finding of a mark `<!-- callpath: NAME -->` that says nothing that is known."""
    what = f"there is no part {shown(name)}" if name else "the mark names no part"
    choice = "name one of " + ", ".join(f"`{part}`" for part in PARTS)
    hint = did_you_mean(name.partition(" ")[0], MARKS, choice)
    return rules.UNKNOWN_PART.at(location, what, hint)

"""What is shown of the source text of a definition: its lines in blocks, call sites, links. Values.

Lines count from 1 in the file, ranges are inclusive. Everything is plain text, to be escaped.
"""

from dataclasses import dataclass
from enum import StrEnum


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
class Piece:
    """A run of characters of one line; `style` is Pygments' short class, or empty."""

    text: str
    style: str = ""
    target: CodeTarget | None = None


@dataclass(frozen=True, slots=True)
class CodeLine:
    """A line; `site` says that a step speaks of it."""

    number: int
    pieces: tuple[Piece, ...]
    site: bool


class BlockKind(StrEnum):
    """How lines are shown."""

    OPEN = "open"
    FOLDED = "folded"
    """To be opened by the reader."""
    LEFT_OUT = "left-out"
    """Not on the page: they are too many."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Lines that are shown in one way."""

    kind: BlockKind
    first: int
    last: int

    @property
    def count(self) -> int:
        """How many lines it has."""
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """A stretch with its lines; one that is left out has none. `before` is the line above it."""

    stretch: Stretch
    before: int
    lines: tuple[CodeLine, ...]


@dataclass(frozen=True, slots=True)
class CodeView:
    """The source text of a definition as it is shown; `url` leads to all of it."""

    name: str
    path: str
    start: int
    end: int
    url: str
    licence: LicenceView
    version: str
    blocks: tuple[CodeBlock, ...]

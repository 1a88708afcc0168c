"""Facts that mentions of source code ask for: of paths, lines, places and words of one tree.

A fact also says what is *not* there, and then what is near, so that a check without a source can
judge and hint as one with a source does. Paths are below the tree's root; lines count from 1.
"""

from dataclasses import dataclass
from enum import StrEnum

from callpath.model import SymbolKind


class PathNature(StrEnum):
    """What is at a path."""

    FILE = "file"
    FOLDER = "folder"
    ENDING = "ending"  # not a whole path, but the end of exactly one
    SEVERAL = "several"  # the end of several
    ABSENT = "absent"


class LineNature(StrEnum):
    """What is on a line."""

    CODE = "code"
    BLANK = "blank"
    BRACE = "brace"  # only braces, brackets, commas and semicolons
    COMMENT = "comment"  # the middle of a comment; its first line is code to whoever links to it
    ABSENT = "absent"  # the file ends before it


class WordNature(StrEnum):
    """Where a word is found in a tree, the best place first."""

    CODE = "code"
    CONFIG = "config"  # a symbol of Kconfig
    TEXT = "text"  # only in comments, strings and documentation
    ABSENT = "absent"


@dataclass(frozen=True, slots=True, order=True)
class PathFact:
    """What a tree has at a path, or at the end of a path."""

    project: str
    version: str
    path: str
    nature: PathNature
    found: tuple[str, ...] = ()  # the whole path of an ending; of what is absent, where it may be
    lines: int = 0  # of a file

    @property
    def key(self) -> tuple[str, str, str]:
        """What identifies it."""
        return (self.project, self.version, self.path)


@dataclass(frozen=True, slots=True, order=True)
class LineFact:
    """What is on a line of a file."""

    project: str
    version: str
    path: str  # a whole one
    line: int
    nature: LineNature
    digest: str = ""  # SHA-256 of its text without white space, 16 hex digits
    # The innermost definition that the line is in, as the lockfile names definitions; or empty.
    name: str = ""
    kind: SymbolKind | str = ""
    occurrence: int = 0

    @property
    def key(self) -> tuple[str, str, str, int]:
        """What identifies it."""
        return (self.project, self.version, self.path, self.line)


@dataclass(frozen=True, slots=True, order=True)
class PlaceFact:
    """Where a file has a name, and where the tree defines it if the file does not."""

    project: str
    version: str
    path: str  # a whole one
    name: str
    # Of each definition in the file: the line of the name, first and last line.
    definitions: tuple[tuple[int, int, int], ...] = ()
    uses: tuple[int, ...] = ()  # the lines that hold the word, at most 50
    elsewhere: tuple[tuple[str, int], ...] = ()  # path and line of definitions, at most 3

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What identifies it."""
        return (self.project, self.version, self.path, self.name)


@dataclass(frozen=True, slots=True, order=True)
class WordFact:
    """Whether a tree has a word."""

    project: str
    version: str
    word: str
    nature: WordNature
    near: tuple[str, ...] = ()  # if it is absent: the words that may be meant, the nearest first
    # If it is absent: why it is surely wrong (a release had it, its family is known), or empty.
    sign: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """What identifies it."""
        return (self.project, self.version, self.word)


@dataclass(frozen=True, slots=True)
class Questions:
    """What mentions ask of one tree; each is sorted, without doubles."""

    paths: tuple[str, ...] = ()
    lines: tuple[tuple[str, int], ...] = ()  # path as it is written, and line
    places: tuple[tuple[str, str], ...] = ()  # path as it is written, and name
    words: tuple[str, ...] = ()
    # Those of `paths` that are whole paths, as links have them: nobody means only their end.
    whole: tuple[str, ...] = ()

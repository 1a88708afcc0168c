"""Facts that mentions of source code ask for: of paths, lines, places and words of one tree.

A fact also says what is *not* there, and then what is near, so that a check without a source can
judge and hint as one with a source does. Paths are below the tree's root; lines count from 1.
"""

from collections.abc import Collection, Iterable, Iterator
from enum import StrEnum
from functools import cached_property
from itertools import chain
from typing import Self, TypeAlias, TypeVar

from msgspec import Struct

from callpath.model import Pin


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
    TEXT = "text"  # only in comments and strings of code, and perhaps in documentation
    PROSE = "prose"  # only in documentation, which may be what is checked
    ABSENT = "absent"


class PathFact(Struct, frozen=True, order=True):
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


class LineFact(Struct, frozen=True, order=True):
    """What is on a line of a file."""

    project: str
    version: str
    path: str  # a whole one
    line: int
    nature: LineNature
    digest: str = ""  # SHA-256 of its text without white space, 16 hex digits
    # The innermost definition that the line is in, as the lockfile names definitions; or empty.
    name: str = ""
    kind: str = ""
    occurrence: int = 0
    above: int = 0  # of a comment that stands above code: the line of that code; else 0

    @property
    def key(self) -> tuple[str, str, str, int]:
        """What identifies it."""
        return (self.project, self.version, self.path, self.line)


class PlaceFact(Struct, frozen=True, order=True):
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


class WordFact(Struct, frozen=True, order=True):
    """Whether a tree has a word."""

    project: str
    version: str
    word: str
    nature: WordNature
    # If no code file has it: the words that may be meant, the nearest first.
    near: tuple[str, ...] = ()
    # If no code file has it: why it is surely wrong (a release had it, its family is known).
    sign: str = ""
    # If there is no sign: why it is wrong where it is written as only functions are, or empty.
    guess: str = ""
    # If there is no sign: why it may be right although no file has it, or empty.
    doubt: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """What identifies it."""
        return (self.project, self.version, self.word)


class UnsaidFact(Struct, frozen=True, order=True):
    """That a source which was asked did not say what a mention needs.

    A lockfile has it so that what nobody can say is not taken for what nobody asked.
    """

    project: str
    version: str
    what: str  # the mention's path, lines and symbols, or its words

    @property
    def key(self) -> tuple[str, str, str]:
        """What identifies it."""
        return (self.project, self.version, self.what)


class Questions(Struct, frozen=True):
    """What mentions ask of one tree; each is sorted, without doubles."""

    paths: tuple[str, ...] = ()
    lines: tuple[tuple[str, int], ...] = ()  # path as it is written, and line
    places: tuple[tuple[str, str], ...] = ()  # path as it is written, and name
    words: tuple[str, ...] = ()
    # Those of `paths` that are whole paths, as links have them: nobody means only their end.
    whole: tuple[str, ...] = ()


MentionFact: TypeAlias = PathFact | LineFact | PlaceFact | WordFact | UnsaidFact

_F = TypeVar("_F", PathFact, LineFact, PlaceFact, WordFact, UnsaidFact)
_Tree: TypeAlias = tuple[str, str]  # project and version


class MentionFacts:
    """Facts of trees, each once, to be looked up.

    Of two facts with the same key the last one counts.

    Parameters:
        facts: Facts of any kinds.
        asked: The pins of the trees that a source was asked about: what it does not say of them,
            nobody says.
        is_locked: Whether a lockfile holds these facts: what it does not say may only not be
            locked yet.
    """

    def __init__(
        self,
        *facts: Iterable[MentionFact],
        asked: Collection[Pin] = (),
        is_locked: bool = False,
    ) -> None:
        self._paths: dict[tuple[str, str, str], PathFact] = {}
        self._lines: dict[tuple[str, str, str, int], LineFact] = {}
        self._places: dict[tuple[str, str, str, str], PlaceFact] = {}
        self._words: dict[tuple[str, str, str], WordFact] = {}
        self._unsaid: dict[tuple[str, str, str], UnsaidFact] = {}
        for fact in chain(*facts):
            self._add(fact)
        self.asked = frozenset((pin.project, pin.version) for pin in asked)
        self.is_locked = is_locked

    def _add(self, fact: MentionFact) -> None:
        match fact:
            case PathFact():
                self._paths[fact.key] = fact
            case LineFact():
                self._lines[fact.key] = fact
            case PlaceFact():
                self._places[fact.key] = fact
            case WordFact():
                self._words[fact.key] = fact
            case UnsaidFact():
                self._unsaid[fact.key] = fact

    def find(self, fact: MentionFact) -> MentionFact | None:
        """The fact of the same thing."""
        match fact:
            case PathFact():
                return self._paths.get(fact.key)
            case LineFact():
                return self._lines.get(fact.key)
            case PlaceFact():
                return self._places.get(fact.key)
            case WordFact():
                return self._words.get(fact.key)
            case UnsaidFact():
                return self._unsaid.get(fact.key)

    def path(self, pin: Pin, path: str) -> PathFact | None:
        """What the tree of a pin has at a path, or at the end of one."""
        return self._paths.get((pin.project, pin.version, path))

    def line(self, pin: Pin, path: str, line: int) -> LineFact | None:
        """What is on a line of a file, whose path is a whole one."""
        return self._lines.get((pin.project, pin.version, path, line))

    def place(self, pin: Pin, path: str, name: str) -> PlaceFact | None:
        """Where a file has a name; the path is a whole one."""
        return self._places.get((pin.project, pin.version, path, name))

    def word(self, pin: Pin, word: str) -> WordFact | None:
        """Whether the tree of a pin has a word."""
        return self._words.get((pin.project, pin.version, word))

    def unsaid(self, pin: Pin, what: str) -> UnsaidFact | None:
        """Whether a source was asked what a mention needs, and did not say it."""
        return self._unsaid.get((pin.project, pin.version, what))

    @property
    def paths(self) -> tuple[PathFact, ...]:
        """The facts of paths, sorted by their key."""
        return _sorted(self._paths.values())

    @property
    def lines(self) -> tuple[LineFact, ...]:
        """The facts of lines, sorted by their key."""
        return _sorted(self._lines.values())

    @property
    def places(self) -> tuple[PlaceFact, ...]:
        """The facts of places, sorted by their key."""
        return _sorted(self._places.values())

    @property
    def words(self) -> tuple[WordFact, ...]:
        """The facts of words, sorted by their key."""
        return _sorted(self._words.values())

    @cached_property
    def _trees(self) -> frozenset[_Tree]:
        every = (self._paths, self._lines, self._places, self._words)
        return frozenset((key[0], key[1]) for facts in every for key in facts)

    def knows(self, pin: Pin) -> bool:
        """Whether there is any fact of a pin's tree, or a source that has it was asked."""
        return self.was_asked(pin) or (pin.project, pin.version) in self._trees

    def was_asked(self, pin: Pin) -> bool:
        """Whether a source was asked about the tree of a pin."""
        return (pin.project, pin.version) in self.asked

    def __iter__(self) -> Iterator[MentionFact]:
        """All facts: of paths, lines, places, words, and what is unsaid, each sorted by key."""
        unsaid = _sorted(self._unsaid.values())
        return chain(self.paths, self.lines, self.places, self.words, unsaid)

    def __len__(self) -> int:
        """How many facts there are."""
        known = len(self._paths) + len(self._lines) + len(self._places) + len(self._words)
        return known + len(self._unsaid)

    def merged(self, *others: Self) -> "MentionFacts":
        """These facts and others; of two with one key that of the last counts."""
        every = (self, *others)
        found = MentionFacts(is_locked=any(one.is_locked for one in every))
        for one in every:
            found._paths |= one._paths
            found._lines |= one._lines
            found._places |= one._places
            found._words |= one._words
            found._unsaid |= one._unsaid
            found.asked |= one.asked
        return found


def _sorted(facts: Iterable[_F]) -> tuple[_F, ...]:
    return tuple(sorted(facts, key=lambda fact: fact.key))

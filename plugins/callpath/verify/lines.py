"""What one file has on its lines, and where it has names. Takes bytes, gives values.

Definitions are those of the parser; a file is parsed only if a line or a name is asked for.
"""

import hashlib
import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from msgspec import Struct, field
from msgspec.structs import replace

from callpath.c.facts import SourceFile
from callpath.c.lexer import comment_spans, lex
from callpath.c.vocabulary import DISPATCH, DispatchMacro
from callpath.facts.mentions import LineNature
from callpath.languages import SEARCHED, language_of
from callpath.model import Definition, SymbolKind
from callpath.sources.search import whole_word
from callpath.verify.definitions import known_as, labelled

MOST_USES = 50
_DIGEST_LENGTH = 16
_BRACES = frozenset(b"{}[](),;")
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*", re.ASCII)

_EVENTS = ("TRACE_EVENT", "DEFINE_EVENT", "DECLARE_EVENT_CLASS", "DECLARE_TRACE", "RXRPC_EVENT")
"""Macros of which each makes a function `trace_NAME` (include/linux/tracepoint.h)."""
_MAKERS = "DEFINE_"
_LEAST_PART = 3  # letters of an argument that a name may be pasted together with
_BRACKET = re.compile(rb"[()]")
_ENTRY = re.compile(
    rb"^[ \t]*(?:(?:menu)?config|menu|endmenu|choice|endchoice|if|endif|source|comment)\b",
    re.MULTILINE,
)

_CONDITION = re.compile(rb"[ \t]*#[ \t]*(?:if|else|elif|endif)")
_MOST_ABOVE = 20  # lines from a comment to the code that it stands above

Range = tuple[int, int, int]
"""Of a definition: the line of its name, its first and its last line."""


class LineContent(Struct, frozen=True):
    """What is on a line."""

    nature: LineNature
    digest: str = ""
    # The innermost definition that the line is in; or empty.
    name: str = ""
    kind: SymbolKind | str = ""
    occurrence: int = 0
    above: int = 0  # of a comment that stands above code: the line of that code


class NamePlaces(Struct, frozen=True):
    """Where a file has a name."""

    definitions: tuple[Range, ...] = ()  # in line order
    uses: tuple[int, ...] = ()  # the lines that hold it as a word, at most `MOST_USES`
    may_be_made: bool = False  # whether a macro call of the file may make it, pasted together


class FileFacts(Struct, frozen=True):
    """What was asked of a file. The same bytes, ending and questions give the same."""

    count: int  # of its lines
    lines: Mapping[int, LineContent] = field(default_factory=dict)
    places: Mapping[str, NamePlaces] = field(default_factory=dict)


def file_facts(
    path: str,
    data: bytes,
    lines: Iterable[int] = (),
    names: Iterable[str] = (),
    dispatch: Mapping[str, DispatchMacro] = DISPATCH,
) -> FileFacts:
    """What a file has on some lines, and where it has some names.

    Parameters:
        path: It says the language.
        data: The file's bytes.
        names: Identifiers; what is none has no place.
    """
    read = _File(path, data, dispatch)
    identifiers = (name for name in names if _IDENTIFIER.fullmatch(name))
    return FileFacts(
        count_lines(data),
        {line: read.line(line) for line in lines},
        {name: read.places(name) for name in identifiers},
    )


def count_lines(data: bytes) -> int:
    """How many lines a text has; the last one may lack its end."""
    return data.count(b"\n") + (not data.endswith(b"\n") and bool(data))


class _File:
    """A file that is asked; what is costly is found once."""

    def __init__(self, path: str, data: bytes, dispatch: Mapping[str, DispatchMacro]) -> None:
        self._path = path
        self._data = data
        self._dispatch = dispatch
        self._is_code = path.endswith(SEARCHED)

    def line(self, number: int) -> LineContent:
        """What is on a line."""
        if not 1 <= number <= len(self._starts) or self._starts[number - 1] == len(self._data):
            return LineContent(LineNature.ABSENT)
        text = self._text(number)
        bare = b"".join(text.split())
        digest = hashlib.sha256(bare).hexdigest()[:_DIGEST_LENGTH]
        content = LineContent(self._nature(number, bare), digest, above=self._above(number))
        if (found := self._around(number) if self._is_code else None) is None:
            return content
        occurrence = self._occurrence(found)
        return replace(content, name=found.name, kind=found.kind, occurrence=occurrence)

    def places(self, name: str) -> NamePlaces:
        """Where a name is."""
        word = name
        if self._is_code:
            definitions = self._defined(name)
        elif language_of(self._path).is_assembly(self._path):
            definitions = list(labelled(name, self._data))
        elif self._path.rpartition("/")[2].startswith("Kconfig"):
            word = name.removeprefix("CONFIG_")
            definitions = self._configured(word)
        else:
            definitions = []
        found = sorted({self._line_at(match.start()) for match in self._words(word)})
        is_open = self._is_code and not definitions and self._may_be_made(name)
        uses = tuple(found[:MOST_USES])
        return NamePlaces(tuple(sorted(set(definitions))), uses, may_be_made=is_open)

    def _nature(self, number: int, bare: bytes) -> LineNature:
        if not bare:
            return LineNature.BLANK
        if not self._is_code:
            return LineNature.CODE
        if _BRACES.issuperset(bare):
            return LineNature.BRACE
        comment = self._comment_of(number)
        is_inside = comment is not None and self._line_at(comment[0]) < number
        return LineNature.COMMENT if is_inside else LineNature.CODE

    def _comment_of(self, number: int) -> tuple[int, int] | None:
        """The comment that has all of a line, or the run of line comments; or None."""
        text = self._text(number)
        first = self._starts[number - 1] + len(text) - len(text.lstrip())
        past = self._starts[number - 1] + len(text.rstrip())
        index = bisect_right(self._comments, (first, len(self._data) + 1)) - 1
        if index < 0 or not self._comments[index][0] <= first < self._comments[index][1]:
            return None
        return self._comments[index] if past <= self._comments[index][1] else None

    def _above(self, number: int) -> int:
        """The line of the code that a comment stands above; 0 if the line is no comment's."""
        comment = self._comment_of(number) if self._is_commented else None
        if comment is None:
            return 0
        first = self._line_at(comment[1] - 1) + 1
        for line in range(first, min(first + _MOST_ABOVE, len(self._starts)) + 1):
            is_aside = _CONDITION.match(text := self._text(line)) or not text.strip()
            if not is_aside and self._comment_of(line) is None:
                return line
        return 0

    @cached_property
    def _is_commented(self) -> bool:
        """Whether comments are those of C."""
        return self._is_code or language_of(self._path).is_assembly(self._path)

    def _around(self, number: int) -> Definition | None:
        """The innermost definition that a line is in."""
        inside = [each for each in self._facts.definitions if each.start <= number <= each.end]
        return min(inside, key=_extent, default=None)

    def _occurrence(self, found: Definition) -> int:
        alike = (
            each
            for each in self._facts.definitions
            if each.name == found.name and each.kind is found.kind
        )
        return list(alike).index(found) + 1

    def _defined(self, name: str) -> list[Range]:
        meant = known_as(name)
        found = [
            (each.line, each.start, each.end)
            for each in self._facts.definitions
            if each.name in meant
            or (each.kind is SymbolKind.FIELD and each.name.rpartition(".")[2] == name)
        ]
        return [*found, *self._made(name)]

    def _made(self, name: str) -> Iterable[Range]:
        """The macro calls at file level that make something of a name no parser sees."""
        for use in self._facts.pasted:
            asked = name
            if use.name in _EVENTS or use.name.startswith(_EVENTS):
                asked = name.removeprefix("trace_")
            elif not use.name.startswith(_MAKERS):
                continue
            if name in use.arguments or asked in use.arguments:
                yield (use.line, use.line, self._closing(use.line))

    def _may_be_made(self, name: str) -> bool:
        arguments = (part for use in self._facts.pasted for part in use.arguments)
        return any(part in name for part in arguments if len(part) >= _LEAST_PART)

    def _closing(self, number: int) -> int:
        """The last line of a call whose name is on a line."""
        depth = 0
        for match in _BRACKET.finditer(self._code, self._starts[number - 1]):
            depth += 1 if match.group() == b"(" else -1
            if depth <= 0:
                return self._line_at(match.start())
        return number

    def _configured(self, name: str) -> list[Range]:
        """The entries of a Kconfig file for a symbol, up to the next one."""
        word = re.escape(name.encode())
        found: list[Range] = []
        for match in re.finditer(
            rb"^[ \t]*(?:menu)?config[ \t]+%b[ \t]*$" % word, self._data, re.M
        ):
            line = self._line_at(match.start())
            after = _ENTRY.search(self._data, match.end())
            last = self._line_at(after.start()) - 1 if after else len(self._starts)
            while last > line and not self._text(last).strip():
                last -= 1
            found.append((line, line, last))
        return found

    def _words(self, name: str) -> Iterable[re.Match[bytes]]:
        return whole_word(name.encode()).finditer(self._data)

    def _text(self, number: int) -> bytes:
        start = self._starts[number - 1]
        end = self._starts[number] if number < len(self._starts) else len(self._data)
        return self._data[start:end]

    def _line_at(self, offset: int) -> int:
        return bisect_right(self._starts, offset)

    @cached_property
    def _starts(self) -> Sequence[int]:
        """The offset of the first byte of each line."""
        return [0, *(match.end() for match in re.finditer(rb"\n", self._data))]

    @cached_property
    def _facts(self) -> SourceFile:
        return language_of(self._path).read(self._path, self._data, self._dispatch).facts

    @cached_property
    def _code(self) -> bytes:
        return lex(self._data).code

    @cached_property
    def _comments(self) -> Sequence[tuple[int, int]]:
        """The spans of comments; those of lines that follow each other are one."""
        joined: list[tuple[int, int]] = []
        for start, end in comment_spans(self._data):
            is_own = self._data[start : start + 2] == b"//"
            if is_own and joined and self._follows(joined[-1], start):
                joined[-1] = (joined[-1][0], end)
            else:
                joined.append((start, end))
        return joined

    def _follows(self, comment: tuple[int, int], start: int) -> bool:
        """Whether a line comment goes on with another one on the line before, nothing between."""
        if self._data[comment[0] : comment[0] + 2] != b"//":
            return False
        between = self._data[comment[1] : start]
        before = self._data[self._starts[self._line_at(comment[0]) - 1] : comment[0]]
        return not between.strip() and between.count(b"\n") == 1 and not before.strip()


def _extent(definition: Definition) -> tuple[int, int, int]:
    """How large a definition is, to sort by; of two that are as large the later one is inside."""
    return (definition.end - definition.start, -definition.start, definition.line)

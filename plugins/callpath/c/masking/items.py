"""Divides what stands at file level into items: definitions, declarations, calls of macros."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from msgspec import Struct, field

from callpath.c.masking.masked import MaskedSource

STORAGE = frozenset(
    b"static extern typedef register auto inline __inline __inline__ const volatile restrict "
    b"__restrict _Thread_local __thread _Noreturn _Atomic __extension__ constexpr __const "
    b"__volatile__".split()
)
PRIMITIVE = frozenset(
    b"void char short int long float double signed unsigned _Bool _Complex __int128 __signed__ "
    b"__auto_type".split()
)
TAGS = frozenset((b"struct", b"union", b"enum"))
STARTING = (STORAGE - {b"const", b"volatile", b"restrict", b"__restrict"}) | PRIMITIVE | TAGS
"""Words that begin a declaration, and cannot follow a parameter list."""
NO_DECLARATION = frozenset(
    b"if while for switch return sizeof do else case default goto break continue asm __asm__ "
    b"__asm".split()
)
KEYWORDS = STORAGE | PRIMITIVE | TAGS | NO_DECLARATION
OPEN, OPEN_BRACE, OPEN_SIZE, STAR, SEMICOLON, EQUALS, COMMA, COLON = b"({[*;=,:"
_CLOSE_BRACE = ord("}")
LIKE_ANNOTATION = re.compile(rb"__\w*|[A-Z][A-Z0-9_]+")
"""How annotations are written; names and types can be written like that too."""
_ONE_OF = b"|".join(sorted(KEYWORDS, reverse=True))
_NAME = rb"(?!(?:%b)\b)[A-Za-z_]\w*+" % _ONE_OF
_PLAIN = re.compile(
    rb"""\s*+(?:(?:static|extern|inline|const|volatile)\s++)*+
    (?:(?:struct|union|enum)\s++%(name)b(?:(?P<body>\s*+\{)|\s*+(?P<end>;))?+
      | (?:(?:unsigned|signed|long|int|char|short|void)\b\s*+)++ | %(name)b)
    (?(body)|(?(end)|
      (?:(?:\s*+\*)++\s*+|(?<=\s)|\s++)(?=\w*?[a-z])%(name)b\s*+(?P<parameters>\()))"""
    % {b"name": _NAME},
    re.VERBOSE,
)
"""The beginning of what has no unknown word in it: most of all code, so that it is read fast."""
_AFTER_PLAIN = re.compile(rb"\s*+([;{])")
_TOKEN = re.compile(rb"[A-Za-z_]\w*+|\S")
_WORD_START = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_")
_SIZE = re.compile(rb"[^\[\]{};]*+(?:\[[^\[\]{};]*+\][^\[\]{};]*+)*+\]")
_NEXT = re.compile(rb"(\s*+)([A-Za-z_]\w*+|\S)?")
_PARAMETERS = re.compile(
    rb"\s*+(?:\)|\.\.\.|(?:%b)\b|[A-Za-z_]\w*+(?:\s*+\*|\s++[A-Za-z_]))" % _ONE_OF
)
_NAMES_ONLY = re.compile(rb"\s*+[A-Za-z_]\w*+\s*+(?:,\s*+[A-Za-z_]\w*+\s*+)*+\)")
_DECLARED_LATER = re.compile(rb"\s*+[A-Za-z_][^;{}()=]*+(?:\([^;{}()=]*+\)[^;{}()=]*+)*+;")
_WORD = re.compile(rb"[A-Za-z_]\w*+")


class Part(NamedTuple):
    """A word, a bracket with all that is in it, or a mark."""

    start: int
    end: int
    kind: int  # 0 for a word, else the first byte
    word: bytes = b""


Parts = Sequence[Part]


class Item(Struct):
    """What stands at file level up to a `;`, a body, or the end of a call without either."""

    parts: list[Part]  # without the values of initialisers, and without what ends it
    end: int  # offset past it
    closed_by: int = 0  # what ends it: `;`, `{` for a body, else 0
    # How many parts come before parameters that are declared in the old way; 0 without any.
    head: int = 0


def is_parameters(code: bytes, opening: int) -> bool:
    """Whether a bracket surely holds parameters: a type and a name, a keyword, or nothing."""
    return _PARAMETERS.match(code, opening + 1) is not None


def has_type(parts: Parts) -> bool:
    """Whether something among parts can be a type: a word that is no call and no storage class."""
    for index, part in enumerate(parts):
        is_call = index + 1 < len(parts) and parts[index + 1].kind == OPEN
        if part.kind == STAR or (part.word and not is_call and part.word not in STORAGE):
            return True
    return False


def read_items(masked: MaskedSource, code: bytes) -> Iterator[Item]:
    """The items of masked code in order, but for those that surely need no mask."""
    position = 0
    while position < len(code):
        past = _past_plain(masked, code, position)
        if not past:
            item = _Reader(masked, code).read(position)
            past = max(item.end, position + 1)
            if item.parts:
                yield item
        position = past


def _past_plain(masked: MaskedSource, code: bytes, position: int) -> int:
    """The offset past an item that needs no mask; 0 if it may need one."""
    match = _PLAIN.match(code, position)
    if match is None:
        return 0
    if match["end"] is not None:
        return match.end()
    if match["body"] is not None:
        past = _past_body(masked, match.end() - 1)
        after = _AFTER_PLAIN.match(code, past) if past else None
        return after.end() if after is not None and after.group(1) == b";" else 0
    closing = masked.brackets.closing.get(match.end() - 1)
    after = _AFTER_PLAIN.match(code, closing + 1) if closing is not None else None
    if after is None:
        return 0
    return after.end() if after.group(1) == b";" else _past_body(masked, after.end() - 1)


def _past_body(masked: MaskedSource, opening: int) -> int:
    """The offset past the `}` of a brace that leaves file level; 0 if it is none."""
    brackets = masked.brackets
    index = bisect_left(brackets.opens, opening)
    if index < len(brackets.opens) and brackets.opens[index] == opening:
        return min(brackets.closes[index] + 1, len(masked.source))
    return 0


class _Reader(Struct):
    """Reads one item."""

    masked: MaskedSource
    code: bytes
    parts: list[Part] = field(default_factory=list)
    is_value: bool = False  # whether the next part belongs to an initialiser
    # The parameters that are still to be declared in the old way, and how many parts come before.
    undeclared: set[bytes] = field(default_factory=set)
    head: int = 0

    def read(self, position: int) -> Item:
        """The item that begins at an offset."""
        while (match := _TOKEN.search(self.code, position)) is not None:
            start, position = match.span()
            kind = self.code[start]
            if kind in _WORD_START:
                self._add(Part(start, position, 0, match.group()))
            elif kind == _CLOSE_BRACE:
                return Item(self.parts, position)
            elif kind == SEMICOLON:
                if (item := self._end(start, position)) is not None:
                    return item
            elif kind == OPEN_BRACE:
                past = _past_body(self.masked, start)
                position = past or position
                if not self.is_value and not (past and self._is_tag_body()):
                    return Item(self.parts, position, kind, self.head)
                self._add(Part(start, position, kind))
            elif kind == OPEN:
                closing = self.masked.brackets.closing.get(start, -1)
                position = closing + 1 if closing > start else position
                if closing < start or self._ends_with(Part(start, position, kind)):
                    return Item(self.parts, position)
            else:
                position = self._mark(start, position, kind)
        return Item(self.parts, len(self.code))

    def _add(self, part: Part) -> None:
        if not self.is_value:
            self.parts.append(part)

    def _mark(self, start: int, position: int, kind: int) -> int:
        if kind == OPEN_SIZE and (size := _SIZE.match(self.code, position)) is not None:
            position = size.end()
        if kind == COMMA:
            self.is_value = False
        self._add(Part(start, position, kind))
        self.is_value = self.is_value or kind == EQUALS
        return position

    def _end(self, start: int, position: int) -> Item | None:
        """The item that a `;` ends; None where it ends the declaration of a parameter."""
        if not self.head:
            return Item(self.parts, position, SEMICOLON)
        declared = self._declared() & self.undeclared
        self.parts.append(Part(start, position, SEMICOLON))
        self.undeclared -= declared
        if declared and (self.undeclared or self._next(position)[1] == b"{"):
            return None
        # Not the old way after all: the item ended with the first `;`.
        first = next(i for i, part in enumerate(self.parts) if part.kind == SEMICOLON)
        return Item(self.parts[:first], self.parts[first].end, SEMICOLON)

    def _declared(self) -> set[bytes]:
        """The words since the last `;`."""
        start = next(
            (part.end for part in reversed(self.parts) if part.kind == SEMICOLON),
            self.parts[self.head - 1].end,
        )
        return set(_WORD.findall(self.code, start, self.parts[-1].end))

    def _next(self, position: int) -> tuple[bytes, bytes]:
        """The space behind an offset, and the word or mark behind that."""
        match = _NEXT.match(self.code, position)
        return (match.group(1), match.group(2) or b"") if match is not None else (b"", b"")

    def _ends_with(self, brackets: Part) -> bool:
        """Add brackets; whether the item ends behind them: a macro's call needs no `;`."""
        self._add(brackets)
        if self.is_value or self.head or len(self.parts) < 2 or self.parts[-2].kind:
            return False
        space, following = self._next(brackets.end)
        if following and following[0] not in _WORD_START:
            return following == b"}"
        if self.undeclared_later(brackets):
            self.head = len(self.parts)
            return False
        return (not following or b"\n" in space) and self._is_whole_call(following)

    def undeclared_later(self, brackets: Part) -> bool:
        """Whether parameters are declared between the brackets and the body."""
        if _NAMES_ONLY.match(self.code, brackets.start + 1) is None:
            return False
        later = _DECLARED_LATER.match(self.code, brackets.end)
        names = set(_WORD.findall(self.code, brackets.start, brackets.end))
        if later is not None and not names.isdisjoint(_WORD.findall(later.group())):
            self.undeclared = names
        return bool(self.undeclared)

    def _is_whole_call(self, following: bytes) -> bool:
        """Whether a call whose line ends behind it is an item of its own."""
        *before, name, brackets = self.parts
        if not has_type(before) or following in STARTING:
            return True
        if is_parameters(self.code, brackets.start):
            return False
        if any(p.kind == STAR or p.word in PRIMITIVE or p.word in TAGS for p in before):
            return False
        return LIKE_ANNOTATION.fullmatch(name.word) is not None

    def _is_tag_body(self) -> bool:
        """Whether a brace behind the parts is that of a struct, union or enum."""
        index = len(self.parts) - 1
        while index >= 0 and self.parts[index].word not in TAGS:
            if self.parts[index].kind not in (0, OPEN, COLON):
                return False
            index -= 1
        if index < 0:
            return False
        calls = [part for part in self.parts[index:] if part.kind == OPEN]
        if not calls or self.parts[index + 2].kind == OPEN:
            return True
        return self.parts[-1].word != b"" and not is_parameters(self.code, calls[-1].start)

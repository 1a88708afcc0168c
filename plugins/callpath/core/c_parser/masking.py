"""Rewrites what only the preprocessor understands into plain C of the same length.

Every byte that stays, stays at its offset, and so does every line end; what goes becomes spaces.
Works on code without comments and directives, as `lexing` and `conditions` leave it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from callpath.core.c_parser import vocabulary
from callpath.core.c_parser.brackets import Brackets, pair_brackets
from callpath.core.c_parser.lexing import blank
from callpath.core.c_parser.vocabulary import VariableMacro

_WORD = re.compile(rb"[A-Za-z_]\w*+")
_NAME = re.compile(rb"\s*+([A-Za-z_]\w*+)\s*+")
_ARGUMENT = re.compile(rb"\s*+[&*]?\s*+([A-Za-z_]\w*+)\s*+")
_CALL = re.compile(rb"\s*+\(")
_VISIBLE = re.compile(rb"\S")
_DELIMITER = re.compile(rb"[,(){}\[\]]")
_LINKAGE = re.compile(rb'\bextern\s*+"[^"\n]*+"\s*+\{')
_STATEMENT = re.compile(
    rb"^[ \t]*+(?P<end>\}[ \t]*+)?(?:else[ \t]++)?+(?P<word>[A-Za-z_]\w*+)[ \t]*+\(", re.MULTILINE
)
_FILE_LEVEL = re.compile(
    rb"^[ \t]*+(?:(?:static|extern|const|inline|volatile)\s++)*+([A-Za-z_]\w*+)[ \t]*+\(",
    re.MULTILINE,
)
_ENUMERATION = re.compile(rb"\benum\b[^{};()=,]*+\{([^{}]*+)\}")
_ENUMERATOR_CALL = re.compile(rb"(?:(?<=[{,])|(?<=[{,]\s))\s*+([A-Za-z_]\w*+)\s*+\([^()]*+\)")
_AFTER_SIZE = re.compile(rb"\]\s*+([A-Za-z_]\w*+)\s*+[;=]")
_NEXT_CALL = re.compile(rb"[ \t]*+([A-Za-z_]\w*+)[ \t]*+\(")
_KEYWORDS = frozenset(b"if while for switch return sizeof do else case asm __asm__ __asm".split())
_LOOP_BODY = re.compile(rb"[\w*(+{-]")
_SPACE_WINDOW = 256
"""How far before a definition its annotations are looked for, in bytes of space."""


@dataclass(frozen=True, slots=True)
class Use:
    """A macro call at file level: offset of its name, its name, its one-identifier arguments."""

    offset: int
    name: bytes
    arguments: tuple[bytes, ...]


@dataclass(slots=True)
class Masked:
    """Code that a C parser can read, and what the masking pass knows of it.

    Attributes:
        source: The code before.
        code: The code after: same length, same line ends.
        brackets: Its brackets.
        names: For the offset of a name that a macro prefixes: the symbol's name; empty for a name
            that no one can tell.
        heads: Start of a blanked text for the offset past its end.
        uses: Macro calls at file level, in order.
    """

    source: bytes
    code: bytes
    brackets: Brackets
    names: dict[int, str] = field(default_factory=dict)
    heads: dict[int, int] = field(default_factory=dict)
    uses: list[Use] = field(default_factory=list)

    def head(self, start: int) -> int:
        """The start of a definition with the blanked text before it."""
        while True:
            window = self.source[max(0, start - _SPACE_WINDOW) : start]
            end = start - len(window) + len(window.rstrip())
            if end not in self.heads:
                return start
            start = self.heads[end]


def mask(code: bytes) -> Masked:
    """Mask code."""
    code, brackets = _without_linkage(code)
    masker = _Masker(code, brackets)
    masker.mask_words()
    masker.mask_file_level()
    masker.mask_statements()
    masker.mask_members()
    return masker.finish()


def split_arguments(code: bytes, opening: int, closing: int) -> list[tuple[int, int]]:
    """The spans of a call's arguments between the offsets of its brackets."""
    spans: list[tuple[int, int]] = []
    depth = 0
    start = opening + 1
    for match in _DELIMITER.finditer(code, start, closing):
        byte = match.group()
        if byte in b"({[":
            depth += 1
        elif byte in b")}]":
            depth -= 1
        elif not depth:
            spans.append((start, match.start()))
            start = match.end()
    spans.append((start, closing))
    return spans


def _without_linkage(code: bytes) -> tuple[bytes, Brackets]:
    """The code without the frames of `extern "C" { … }`, and its brackets."""
    brackets = pair_brackets(code)
    framed = bytearray(code)
    for match in _LINKAGE.finditer(code):
        brace = match.end() - 1
        if brackets.at_file_level(brace) and brace in brackets.opens:
            close = brackets.closes[brackets.opens.index(brace)]
            framed[match.start() : match.end()] = blank(match.group())
            framed[close : close + 1] = b" " * len(framed[close : close + 1])
    if framed == code:
        return code, brackets
    return bytes(framed), pair_brackets(bytes(framed))


@dataclass(frozen=True, slots=True)
class _Call:
    """A call: offset of its name, its name, offsets of its brackets."""

    offset: int
    name: bytes
    opening: int
    closing: int


class _Masker:
    """Masks one code text."""

    def __init__(self, code: bytes, brackets: Brackets) -> None:
        self._code = code
        self._result = bytearray(code)
        self._masked = Masked(code, code, brackets)
        self._closing = brackets.closing

    def finish(self) -> Masked:
        """The result."""
        self._masked.code = bytes(self._result)
        return self._masked

    def mask_words(self) -> None:
        """Mask what is known by its name."""
        for match in _WORD.finditer(self._code):
            action = _ACTIONS.get(match.group())
            if action is not None:
                action(self, match.start(), match.end())

    def mask_file_level(self) -> None:
        """Mask macro calls at file level, and note them."""
        code = bytes(self._result)
        handled = 0
        for match in _FILE_LEVEL.finditer(code):
            start = match.start()
            if (
                start < handled
                or match.group(1) in _KEYWORDS
                or not self._masked.brackets.at_file_level(start)
                or _last_visible(code, handled, start) not in b";}"
            ):
                continue
            calls = self._calls_in_line(code, match)
            end = self._file_level_calls(code, start, calls)
            if end:
                handled = end
                self._masked.uses.extend(map(self._use, calls))

    def mask_statements(self) -> None:
        """Turn macros that head a loop into `while`."""
        code = bytes(self._result)
        for match in _STATEMENT.finditer(code):
            word = match["word"]
            start = match.start("word")
            closing = self._closing.get(match.end() - 1)
            if closing is None or word in _KEYWORDS:
                continue
            after = _VISIBLE.search(code, closing + 1)
            if after is None or self._masked.brackets.at_file_level(start):
                continue
            keyword = b"while" if len(word) >= len(b"while") else b"if"
            loops = vocabulary.LOOP_WORD in word and _LOOP_BODY.match(after.group())
            ends = match["end"] and word.startswith(vocabulary.LOOP_END) and after.group() == b";"
            if (loops or ends or after.group() == b"{") and len(word) >= len(keyword):
                self._put(start, keyword.ljust(len(word)))

    def mask_members(self) -> None:
        """Blank macro calls among enumerators, noting them, and words after an array's size."""
        code = bytes(self._result)
        for enumeration in _ENUMERATION.finditer(code):
            for match in _ENUMERATOR_CALL.finditer(code, *enumeration.span(1)):
                opening, closing = match.end(1), match.end() - 1
                opening = code.index(b"(", opening)
                self._masked.uses.append(
                    self._use(_Call(match.start(1), match.group(1), opening, closing))
                )
                self._hide(match.start(1), match.end())
        for match in _AFTER_SIZE.finditer(code):
            self._blank(*match.span(1))

    def annotation(self, start: int, end: int) -> None:
        """Blank a word."""
        self._blank(start, end)

    def annotation_call(self, start: int, end: int) -> None:
        """Blank a word and its arguments."""
        brackets = self._call(end)
        if brackets is not None:
            self._blank(start, brackets[1] + 1)
        elif self._code[start:end] in vocabulary.ANNOTATIONS:
            self._blank(start, end)

    def type_call(self, start: int, end: int) -> None:
        """Put a type for a call that stands for one."""
        brackets = self._call(end)
        if brackets is not None:
            self._blank(start, brackets[1] + 1)
            self._put(start, b"int")

    def variable(self, start: int, end: int) -> None:
        """Turn a macro that defines a variable into its declaration."""
        self._variable(start, end, vocabulary.VARIABLE_MACROS[self._code[start:end]], b"int")

    def extern_variable(self, start: int, end: int) -> None:
        """Turn a macro that announces a variable into its declaration."""
        macro = vocabulary.EXTERN_VARIABLE_MACROS[self._code[start:end]]
        self._variable(start, end, macro, b"extern int")

    def function(self, start: int, end: int) -> None:
        """Turn a macro that heads a function into a function's head."""
        brackets = self._call(end)
        if brackets is None:
            return
        opening, closing = brackets
        arguments = split_arguments(self._code, opening, closing)
        name = _NAME.fullmatch(self._code, *arguments[0])
        if name is None:
            return
        word = self._code[start:end]
        place = name.start(1)
        self._put(start, b"long".ljust(opening + 1 - start))
        if not word[-1:].isdigit():
            self._put(closing, b" ")
        elif len(arguments) == 1:
            place = closing - len(name.group(1)) - 1
            self._blank(opening, closing + 1)
            self._put(place, name.group(1) + b"()")
        else:
            self._put(arguments[0][1], b"(")
            for span in arguments[1:-1:2]:
                self._put(span[1], b" ")
        prefix = vocabulary.FUNCTION_MACROS[word]
        self._masked.names[place] = prefix + name.group(1).decode()

    def _variable(self, start: int, end: int, macro: VariableMacro, stand_in: bytes) -> None:
        """Rewrite one call of a macro that names a variable."""
        brackets = self._call(end)
        if brackets is None:
            return
        opening, closing = brackets
        arguments = split_arguments(self._code, opening, closing)
        if len(arguments) < macro.minimum:
            return
        name = _NAME.fullmatch(self._code, *arguments[macro.name])
        if name is None:
            return
        self._blank(start, closing + 1)
        self._put(start, stand_in)
        if 0 <= macro.type < macro.name:
            type_start, type_end = arguments[macro.type]
            written = self._code[type_start:type_end]
            if written.strip() and not set(written) & set(b"()[]{}"):
                self._put(start, stand_in.removesuffix(b"int").ljust(len(stand_in)))
                self._put(type_start, written)
                self._masked.heads[opening + 1] = start
        self._put(name.start(1), name.group(1))
        after = _VISIBLE.search(self._code, closing + 1)
        if after is None or after.group() not in b";=,[":
            self._put(closing, b";")

    def _calls_in_line(self, code: bytes, match: re.Match[bytes] | None) -> list[_Call]:
        """A macro call and those that follow it without anything between."""
        calls: list[_Call] = []
        while match is not None:
            closing = self._closing.get(match.end() - 1)
            if closing is None:
                break
            calls.append(_Call(match.start(1), match.group(1), match.end() - 1, closing))
            match = _NEXT_CALL.match(code, closing + 1)
        return calls

    def _file_level_calls(self, code: bytes, start: int, calls: list[_Call]) -> int:
        """Mask the macro calls of one line; the offset past them, or 0 when they are none."""
        if not calls:
            return 0
        closing = calls[-1].closing
        after = _VISIBLE.search(code, closing + 1)
        following = after.group() if after is not None else b";"
        if following == b"=":
            self._hide(start, closing + 1)
            self._put(start, b"int")
            self._put(closing, b"x")
            self._masked.names[closing] = ""
            return closing + 1
        alone = after is None or b"\n" in code[closing : after.start()]
        if following in b";{" or (alone and following not in b"*,[()=."):
            end = after.end() if after is not None and following == b";" else closing + 1
            self._hide(start, end)
            return end
        return 0

    def _use(self, call: _Call) -> Use:
        """A macro call with those of its arguments that are identifiers."""
        arguments = [
            match.group(1)
            for span in split_arguments(self._code, call.opening, call.closing)
            if (match := _ARGUMENT.fullmatch(self._code, *span))
        ]
        return Use(call.offset, call.name, tuple(arguments))

    def _call(self, end: int) -> tuple[int, int] | None:
        """The offsets of the brackets that follow a word."""
        match = _CALL.match(self._code, end)
        closing = self._closing.get(match.end() - 1) if match is not None else None
        return (match.end() - 1, closing) if match is not None and closing is not None else None

    def _blank(self, start: int, end: int) -> None:
        """Replace a span by spaces."""
        self._hide(start, end)
        self._masked.heads[end] = start

    def _hide(self, start: int, end: int) -> None:
        """Replace a span by spaces; what follows it does not begin with it."""
        self._result[start:end] = blank(self._code[start:end])

    def _put(self, start: int, text: bytes) -> None:
        """Write over the result."""
        self._result[start : start + len(text)] = text


def _last_visible(code: bytes, start: int, end: int) -> bytes:
    """The last byte of a span that is not space; `;` when there is none."""
    while end > start:
        end -= 1
        if code[end] not in b" \n":
            return code[end : end + 1]
    return b";"


_ACTIONS: dict[bytes, Callable[[_Masker, int, int], None]] = {
    **dict.fromkeys(vocabulary.ANNOTATIONS, _Masker.annotation),
    **dict.fromkeys(vocabulary.ANNOTATION_CALLS, _Masker.annotation_call),
    **dict.fromkeys(vocabulary.TYPE_CALLS, _Masker.type_call),
    **dict.fromkeys(vocabulary.VARIABLE_MACROS, _Masker.variable),
    **dict.fromkeys(vocabulary.EXTERN_VARIABLE_MACROS, _Masker.extern_variable),
    **dict.fromkeys(vocabulary.FUNCTION_MACROS, _Masker.function),
}

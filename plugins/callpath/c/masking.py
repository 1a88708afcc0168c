"""Rewrites code in place until a C parser can read it: same length, same line ends.

What a macro hides from a parser is masked by its name (`vocabulary`), at file level by its place.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from callpath.c.lexer import Brackets, blank, pair_brackets
from callpath.c.vocabulary import (
    ANNOTATION_CALLS,
    ANNOTATIONS,
    EXTERN_VARIABLE_MACROS,
    FUNCTION_MACROS,
    LOOP_END,
    LOOP_WORD,
    TYPE_CALLS,
    VARIABLE_MACROS,
)

_SPACE_WINDOW = 256  # how far before a definition its annotations are looked for, in bytes of space
_CALL = re.compile(rb"\s*+\(")
_DELIMITER = re.compile(rb"[,(){}\[\]]")
_NEXT_CALL = re.compile(rb"[ \t]*+([A-Za-z_]\w*+)[ \t]*+\(")


@dataclass(frozen=True, slots=True)
class MacroCall:
    """A macro call: offset of its name, its name, offsets of its brackets."""

    offset: int
    name: bytes
    opening: int
    closing: int


@dataclass(slots=True)
class MaskedSource:
    """The code of one variant of a file before and after masking; its offsets start at 0."""

    source: bytes
    brackets: Brackets  # the brackets of the source
    base: int  # offset of its first byte in the file
    result: bytearray
    # For the offset of a name that a macro prefixes: the symbol's name; empty for a name that
    # cannot be known.
    names: dict[int, str] = field(default_factory=dict)
    # Start of a blanked text for the offset past its end.
    heads: dict[int, int] = field(default_factory=dict)
    # Macro calls at file level and among enumerators.
    calls: list[MacroCall] = field(default_factory=list)

    def head(self, offset: int) -> int:
        """The start of a definition with the blanked annotations before it, in the file."""
        start = offset - self.base
        while True:
            window = self.source[max(0, start - _SPACE_WINDOW) : start]
            end = start - len(window) + len(window.rstrip())
            if end not in self.heads:
                return start + self.base
            start = self.heads[end]

    def call(self, end: int) -> tuple[int, int] | None:
        """The offsets of the brackets that follow a word, if both are there."""
        match = _CALL.match(self.source, end)
        if match is None:
            return None
        closing = self.brackets.closing.get(match.end() - 1)
        return None if closing is None else (match.end() - 1, closing)

    def calls_from(self, match: re.Match[bytes] | None, code: bytes) -> Iterator[MacroCall]:
        """The call that a match of a name and `(` begins, and those that follow it directly."""
        while match is not None:
            closing = self.brackets.closing.get(match.end() - 1)
            if closing is None:
                return
            yield MacroCall(match.start(1), match.group(1), match.end() - 1, closing)
            match = _NEXT_CALL.match(code, closing + 1)

    def arguments(self, opening: int, closing: int) -> list[tuple[int, int]]:
        """The spans of a call's arguments between the offsets of its brackets."""
        spans: list[tuple[int, int]] = []
        depth = 0
        start = opening + 1
        for match in _DELIMITER.finditer(self.source, start, closing):
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

    def put(self, start: int, text: bytes) -> None:
        """Write over the result."""
        self.result[start : start + len(text)] = text

    def hide(self, start: int, end: int) -> None:
        """Replace a span by spaces; what follows it does not begin with it."""
        self.result[start:end] = blank(self.source[start:end])

    def skip(self, start: int, end: int) -> None:
        """Replace a span by spaces; a definition that follows it begins with it."""
        self.hide(start, end)
        self.heads[end] = start


_LINKAGE = re.compile(rb'\bextern\s*+"[^"\n]*+"\s*+\{')


def mask(code: bytes, base: int = 0) -> MaskedSource:
    """Mask code that begins at an offset of its file."""
    code, brackets = _without_linkage(code)
    masked = MaskedSource(code, brackets, base, bytearray(code))
    _mask_known_words(masked)
    _mask_file_level(masked)
    _mask_statements(masked)
    _mask_members(masked)
    return masked


def _without_linkage(code: bytes) -> tuple[bytes, Brackets]:
    """The code without the frames of `extern "C" { … }`, and its brackets."""
    brackets = pair_brackets(code)
    framed = bytearray(code)
    for match in _LINKAGE.finditer(code):
        brace = match.end() - 1
        index = bisect_left(brackets.opens, brace)
        if index < len(brackets.opens) and brackets.opens[index] == brace:
            framed[match.start() : match.end()] = blank(match.group())
            close = brackets.closes[index]
            framed[close : close + 1] = blank(code[close : close + 1])
    if framed == code:
        return code, brackets
    return bytes(framed), pair_brackets(bytes(framed))


_WORD = re.compile(rb"[A-Za-z_]\w*+")
_WORD_BYTES = frozenset(byte for byte in range(128) if re.match(r"\w", chr(byte)))
_WORD_ENDS = frozenset(bytes([byte]) for byte in _WORD_BYTES)
_NAME = re.compile(rb"\s*+([A-Za-z_]\w*+)\s*+")
_VISIBLE = re.compile(rb"\S")


def _mask_known_words(masked: MaskedSource) -> None:
    present = _ACTIONS.keys() & set(_WORD.findall(masked.source))
    if not present:
        return
    pattern = re.compile(b"(?:%b)(?!\\w)" % b"|".join(sorted(present)))
    for match in pattern.finditer(masked.source):
        start = match.start()
        if not start or masked.source[start - 1] not in _WORD_BYTES:
            _ACTIONS[match.group()](masked, start, match.end())


def _annotation(masked: MaskedSource, start: int, end: int) -> None:
    """Blank a word, with its arguments if it can have some."""
    word = masked.source[start:end]
    brackets = masked.call(end) if word in ANNOTATION_CALLS else None
    if brackets is not None:
        masked.skip(start, brackets[1] + 1)
    elif word in ANNOTATIONS:
        masked.skip(start, end)


_DECLARES = re.compile(rb"\s*+(?:[=;,]|__)")


def _class(masked: MaskedSource, start: int, end: int) -> None:
    """Blank `__free(kfree)` behind the name of a local variable; elsewhere it is a function."""
    brackets = masked.call(end)
    before = _last_visible(masked.source, max(0, start - _SPACE_WINDOW), start)
    is_named = before in _WORD_ENDS and not masked.brackets.at_file_level(start)
    if brackets is not None and is_named and _DECLARES.match(masked.source, brackets[1] + 1):
        masked.hide(start, brackets[1] + 1)


def _type_call(masked: MaskedSource, start: int, end: int) -> None:
    """Put a type for a call that stands for one."""
    if brackets := masked.call(end):
        masked.hide(start, brackets[1] + 1)
        masked.put(start, b"int")


def _variable(masked: MaskedSource, start: int, end: int) -> None:
    """Turn a macro that defines or announces a variable into its declaration."""
    word, brackets = masked.source[start:end], masked.call(end)
    if brackets is None:
        return
    is_extern = word in EXTERN_VARIABLE_MACROS
    macro = EXTERN_VARIABLE_MACROS[word] if is_extern else VARIABLE_MACROS[word]
    storage = b"extern " if is_extern else b""
    opening, closing = brackets
    arguments = masked.arguments(opening, closing)
    if len(arguments) < macro.minimum or not (
        name := _NAME.fullmatch(masked.source, *arguments[macro.name])
    ):
        return
    masked.skip(start, closing + 1)
    masked.put(start, storage + b"int")
    if 0 <= macro.type < macro.name:
        type_start, type_end = arguments[macro.type]
        written = masked.source[type_start:type_end]
        if written.strip() and not set(written) & set(b"()[]{}"):
            masked.put(start, storage + b"   ")
            masked.put(type_start, written)
            masked.heads[opening + 1] = start
    masked.put(name.start(1), name.group(1))
    after = _VISIBLE.search(masked.source, closing + 1)
    if after is None or after.group() not in b";=,[":
        masked.put(closing, b";")


def _function(masked: MaskedSource, start: int, end: int) -> None:
    """Turn a macro that heads a function into a function's head."""
    brackets = masked.call(end)
    if brackets is None:
        return
    opening, closing = brackets
    arguments = masked.arguments(opening, closing)
    name = _NAME.fullmatch(masked.source, *arguments[0])
    if name is None:
        return
    word = masked.source[start:end]
    place = name.start(1)
    masked.put(start, b"long".ljust(end - start))
    masked.put(opening, b" ")
    if not word[-1:].isdigit():
        masked.put(closing, b" ")
    elif len(arguments) == 1:
        place = closing - len(name.group(1)) - 1
        masked.hide(opening, closing + 1)
        masked.put(place, name.group(1) + b"()")
    else:
        masked.put(arguments[0][1], b"(")
        for span in arguments[1:-1:2]:
            masked.put(span[1], b" ")
    masked.names[place] = FUNCTION_MACROS[word] + name.group(1).decode()


_ACTIONS: dict[bytes, Callable[[MaskedSource, int, int], None]] = {
    **dict.fromkeys((*ANNOTATIONS, *ANNOTATION_CALLS), _annotation),
    **dict.fromkeys(TYPE_CALLS, _type_call),
    b"__free": _class,
    **dict.fromkeys((*VARIABLE_MACROS, *EXTERN_VARIABLE_MACROS), _variable),
    **dict.fromkeys(FUNCTION_MACROS, _function),
}


FILE_LEVEL_CALL = re.compile(
    rb"^[ \t]*+(?:(?:static|extern|const|inline|volatile)\s++)*+([A-Za-z_]\w*+)[ \t]*+\(",
    re.MULTILINE,
)
_STATEMENT = re.compile(
    rb"^[ \t]*+(?P<end>\}[ \t]*+)?(?:else[ \t]++)?+(?P<word>[A-Za-z_]\w*+)[ \t]*+\(",
    re.MULTILINE,
)
_LOOP_BODY = re.compile(rb"[\w*(+{-]")
_ENUMERATION = re.compile(rb"\benum\b[^{};()=,]*+\{([^{}]*+)\}")
_ENUMERATOR_CALL = re.compile(rb"([A-Za-z_]\w*+)\s*+(\()[^()=,]*+\)(?=\s*+(?:,|\}|\Z))")
_AFTER_SIZE = re.compile(rb"\]\s*+([A-Za-z_]\w*+)\s*+[;=]")
_KEYWORDS = frozenset(b"if while for switch return sizeof do else case asm __asm__ __asm".split())


def _mask_file_level(masked: MaskedSource) -> None:
    """Mask macro calls at file level (`module_init(f);`, `KVM_X86_OP(x)`), and note them."""
    code = bytes(masked.result)
    handled = 0
    for match in FILE_LEVEL_CALL.finditer(code):
        start = match.start()
        if (
            start < handled
            or match.group(1) in _KEYWORDS
            or not masked.brackets.at_file_level(start)
            or _last_visible(code, handled, start) not in b";}"
        ):
            continue
        calls = list(masked.calls_from(match, code))
        end = _hide_calls(masked, code, start, calls[-1].closing) if calls else 0
        if end:
            handled = end
            masked.calls.extend(calls)


def _hide_calls(masked: MaskedSource, code: bytes, start: int, closing: int) -> int:
    """Mask the macro calls of one line; the offset past them, or 0 if they are none."""
    after = _VISIBLE.search(code, closing + 1)
    following = after.group() if after is not None else b";"
    if following == b"=":
        masked.hide(start, closing + 1)
        masked.put(start, b"int")
        masked.put(closing, b"x")
        masked.names[closing] = ""
        return closing + 1
    alone = after is None or b"\n" in code[closing : after.start()]
    if following in b";{" or (alone and following not in b"*,[()=."):
        end = after.end() if after is not None and following == b";" else closing + 1
        masked.hide(start, end)
        return end
    return 0


def _mask_statements(masked: MaskedSource) -> None:
    """Turn macros that head or end a loop into `while`."""
    code = bytes(masked.result)
    for match in _STATEMENT.finditer(code):
        word = match["word"]
        if word in _KEYWORDS:
            continue
        closing = masked.brackets.closing.get(match.end() - 1)
        keyword = b"while" if len(word) >= len(b"while") else b"if"
        if closing is None or len(word) < len(keyword):
            continue
        if code[closing + 1 : closing + 2] == b";" and not match["end"]:
            continue
        if _is_loop(code, word, closing, ends=match["end"] is not None):
            start = match.start("word")
            if not masked.brackets.at_file_level(start):
                masked.put(start, keyword.ljust(len(word)))


def _is_loop(code: bytes, word: bytes, closing: int, *, ends: bool) -> bool:
    """Whether a call in a body heads a block or statement, or ends a `do`."""
    match = _VISIBLE.search(code, closing + 1)
    after = match.group() if match is not None else b""
    if ends and after == b";":
        return word.startswith(LOOP_END)
    return after == b"{" or (LOOP_WORD in word and bool(_LOOP_BODY.match(after)))


def _mask_members(masked: MaskedSource) -> None:
    """Blank macro calls among enumerators, noting them, and words after an array's size."""
    code = bytes(masked.result)
    for enumeration in _ENUMERATION.finditer(code):
        begin, end = enumeration.span(1)
        for match in _ENUMERATOR_CALL.finditer(code, begin, end):
            start = match.start()
            if _last_visible(code, begin, start) in b";,":
                masked.hide(start, match.end())
                opening, closing = match.start(2), match.end() - 1
                masked.calls.append(MacroCall(start, match.group(1), opening, closing))
    for match in _AFTER_SIZE.finditer(code):
        masked.skip(*match.span(1))


def _last_visible(code: bytes, start: int, end: int) -> bytes:
    """The last byte of a span that is not space; `;` if there is none."""
    while end > start and code[end - 1] in b" \n":
        end -= 1
    return code[end - 1 : end] if end > start else b";"

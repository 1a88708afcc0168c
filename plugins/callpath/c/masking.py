"""Code that is being rewritten in place: same length, same line ends."""

import re
from bisect import bisect_left
from collections.abc import Callable
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
    VariableMacro,
)

_CALL = re.compile(rb"\s*+\(")
_DELIMITER = re.compile(rb"[,(){}\[\]]")
_SPACE_WINDOW = 256
"""How far before a definition its annotations are looked for, in bytes of space."""


@dataclass(frozen=True, slots=True)
class FileMacroCall:
    """A macro call at file level: offset of its name, its name, its one-identifier arguments."""

    offset: int
    name: bytes
    arguments: tuple[bytes, ...]


@dataclass(slots=True)
class MaskedSource:
    """Code before and after masking, and what the masking pass knows of it.

    Attributes:
        source: The code before.
        result: The code so far.
        brackets: The brackets of the code before.
        names: For the offset of a name that a macro prefixes: the symbol's name; empty for a name
            that no one can tell.
        heads: Start of a blanked text for the offset past its end.
        uses: Macro calls at file level.
    """

    source: bytes
    result: bytearray
    brackets: Brackets
    names: dict[int, str] = field(default_factory=dict)
    heads: dict[int, int] = field(default_factory=dict)
    uses: list[FileMacroCall] = field(default_factory=list)

    def head(self, start: int) -> int:
        """The start of a definition with the blanked annotations before it."""
        while True:
            window = self.source[max(0, start - _SPACE_WINDOW) : start]
            end = start - len(window) + len(window.rstrip())
            if end not in self.heads:
                return start
            start = self.heads[end]

    def call(self, end: int) -> tuple[int, int] | None:
        """The offsets of the brackets that follow a word, if both are there."""
        match = _CALL.match(self.source, end)
        if match is None:
            return None
        closing = self.brackets.closing.get(match.end() - 1)
        return None if closing is None else (match.end() - 1, closing)

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


_WORD = re.compile(rb"[A-Za-z_]\w*+")
_WORD_BYTES = frozenset(byte for byte in range(128) if re.match(r"\w", chr(byte)))
_NAME = re.compile(rb"\s*+([A-Za-z_]\w*+)\s*+")
_VISIBLE = re.compile(rb"\S")


def mask_known_words(sheet: MaskedSource) -> None:
    """Mask what is known by its name."""
    present = _ACTIONS.keys() & set(_WORD.findall(sheet.source))
    if not present:
        return
    pattern = re.compile(b"(?:%b)(?!\\w)" % b"|".join(sorted(present)))
    for match in pattern.finditer(sheet.source):
        start = match.start()
        if not start or sheet.source[start - 1] not in _WORD_BYTES:
            _ACTIONS[match.group()](sheet, start, match.end())


def _annotation(sheet: MaskedSource, start: int, end: int) -> None:
    """Blank a word."""
    sheet.skip(start, end)


def _annotation_call(sheet: MaskedSource, start: int, end: int) -> None:
    """Blank a word and its arguments."""
    brackets = sheet.call(end)
    if brackets is not None:
        sheet.skip(start, brackets[1] + 1)
    elif sheet.source[start:end] in ANNOTATIONS:
        sheet.skip(start, end)


def _type_call(sheet: MaskedSource, start: int, end: int) -> None:
    """Put a type for a call that stands for one."""
    brackets = sheet.call(end)
    if brackets is not None:
        sheet.hide(start, brackets[1] + 1)
        sheet.put(start, b"int")


def _variable(sheet: MaskedSource, start: int, end: int) -> None:
    """Turn a macro that defines a variable into its declaration."""
    _declare(sheet, start, end, VARIABLE_MACROS[sheet.source[start:end]], b"int")


def _extern_variable(sheet: MaskedSource, start: int, end: int) -> None:
    """Turn a macro that announces a variable into its declaration."""
    macro = EXTERN_VARIABLE_MACROS[sheet.source[start:end]]
    _declare(sheet, start, end, macro, b"extern int")


def _declare(
    sheet: MaskedSource, start: int, end: int, macro: VariableMacro, stand_in: bytes
) -> None:
    """Rewrite one call of a macro that names a variable."""
    brackets = sheet.call(end)
    if brackets is None:
        return
    opening, closing = brackets
    arguments = sheet.arguments(opening, closing)
    if len(arguments) < macro.minimum:
        return
    name = _NAME.fullmatch(sheet.source, *arguments[macro.name])
    if name is None:
        return
    sheet.skip(start, closing + 1)
    sheet.put(start, stand_in)
    if 0 <= macro.type < macro.name:
        type_start, type_end = arguments[macro.type]
        written = sheet.source[type_start:type_end]
        if written.strip() and not set(written) & set(b"()[]{}"):
            sheet.put(start, stand_in.removesuffix(b"int").ljust(len(stand_in)))
            sheet.put(type_start, written)
            sheet.heads[opening + 1] = start
    sheet.put(name.start(1), name.group(1))
    after = _VISIBLE.search(sheet.source, closing + 1)
    if after is None or after.group() not in b";=,[":
        sheet.put(closing, b";")


def _function(sheet: MaskedSource, start: int, end: int) -> None:
    """Turn a macro that heads a function into a function's head."""
    brackets = sheet.call(end)
    if brackets is None:
        return
    opening, closing = brackets
    arguments = sheet.arguments(opening, closing)
    name = _NAME.fullmatch(sheet.source, *arguments[0])
    if name is None:
        return
    word = sheet.source[start:end]
    place = name.start(1)
    sheet.put(start, b"long".ljust(end - start))
    sheet.put(opening, b" ")
    if not word[-1:].isdigit():
        sheet.put(closing, b" ")
    elif len(arguments) == 1:
        place = closing - len(name.group(1)) - 1
        sheet.hide(opening, closing + 1)
        sheet.put(place, name.group(1) + b"()")
    else:
        sheet.put(arguments[0][1], b"(")
        for span in arguments[1:-1:2]:
            sheet.put(span[1], b" ")
    sheet.names[place] = FUNCTION_MACROS[word] + name.group(1).decode()


_ACTIONS: dict[bytes, Callable[[MaskedSource, int, int], None]] = {
    **dict.fromkeys(ANNOTATIONS, _annotation),
    **dict.fromkeys(ANNOTATION_CALLS, _annotation_call),
    **dict.fromkeys(TYPE_CALLS, _type_call),
    **dict.fromkeys(VARIABLE_MACROS, _variable),
    **dict.fromkeys(EXTERN_VARIABLE_MACROS, _extern_variable),
    **dict.fromkeys(FUNCTION_MACROS, _function),
}


_ARGUMENT = re.compile(rb"\s*+[&*]?\s*+([A-Za-z_]\w*+)\s*+")
_FILE_LEVEL = re.compile(
    rb"^[ \t]*+(?:(?:static|extern|const|inline|volatile)\s++)*+([A-Za-z_]\w*+)[ \t]*+\(",
    re.MULTILINE,
)
_NEXT_CALL = re.compile(rb"[ \t]*+([A-Za-z_]\w*+)[ \t]*+\(")
_STATEMENT = re.compile(
    rb"^[ \t]*+(?P<end>\}[ \t]*+)?(?:else[ \t]++)?+(?P<word>[A-Za-z_]\w*+)[ \t]*+\(",
    re.MULTILINE,
)
_LOOP_BODY = re.compile(rb"[\w*(+{-]")
_ENUMERATION = re.compile(rb"\benum\b[^{};()=,]*+\{([^{}]*+)\}")
_ENUMERATOR_CALL = re.compile(rb"([A-Za-z_]\w*+)\s*+(\()[^()=,]*+\)(?=\s*+(?:,|\}|\Z))")
_AFTER_SIZE = re.compile(rb"\]\s*+([A-Za-z_]\w*+)\s*+[;=]")
_KEYWORDS = frozenset(b"if while for switch return sizeof do else case asm __asm__ __asm".split())


@dataclass(frozen=True, slots=True)
class _Call:
    """A call: offset of its name, its name, offsets of its brackets."""

    offset: int
    name: bytes
    opening: int
    closing: int


def mask_file_level(sheet: MaskedSource) -> None:
    """Mask macro calls at file level (`module_init(f);`, `KVM_X86_OP(x)`), and note them."""
    code = bytes(sheet.result)
    handled = 0
    for match in _FILE_LEVEL.finditer(code):
        start = match.start()
        if (
            start < handled
            or match.group(1) in _KEYWORDS
            or not sheet.brackets.at_file_level(start)
            or _last_visible(code, handled, start) not in b";}"
        ):
            continue
        calls = _calls_in_line(sheet, code, match)
        end = _hide_calls(sheet, code, start, calls[-1].closing) if calls else 0
        if end:
            handled = end
            sheet.uses.extend(_use(sheet, call) for call in calls)


def mask_statements(sheet: MaskedSource) -> None:
    """Turn macros that head or end a loop into `while`."""
    code = bytes(sheet.result)
    closing_of = sheet.brackets.closing
    for match in _STATEMENT.finditer(code):
        word = match["word"]
        if word in _KEYWORDS:
            continue
        closing = closing_of.get(match.end() - 1)
        keyword = b"while" if len(word) >= len(b"while") else b"if"
        if closing is None or len(word) < len(keyword):
            continue
        after = code[closing + 1 : closing + 2]
        if after == b";" and not match["end"]:
            continue
        if _is_loop(code, word, closing, ends=match["end"] is not None):
            start = match.start("word")
            if not sheet.brackets.at_file_level(start):
                sheet.put(start, keyword.ljust(len(word)))


def mask_members(sheet: MaskedSource) -> None:
    """Blank macro calls among enumerators, noting them, and words after an array's size."""
    code = bytes(sheet.result)
    for enumeration in _ENUMERATION.finditer(code):
        begin, end = enumeration.span(1)
        for match in _ENUMERATOR_CALL.finditer(code, begin, end):
            start = match.start()
            if _last_visible(code, begin, start) in b";,":
                call = _Call(start, match.group(1), match.start(2), match.end() - 1)
                sheet.uses.append(_use(sheet, call))
                sheet.hide(start, match.end())
    for match in _AFTER_SIZE.finditer(code):
        sheet.skip(*match.span(1))


def _calls_in_line(sheet: MaskedSource, code: bytes, match: re.Match[bytes] | None) -> list[_Call]:
    """A macro call and those that follow it without anything between."""
    calls: list[_Call] = []
    while match is not None:
        closing = sheet.brackets.closing.get(match.end() - 1)
        if closing is None:
            break
        calls.append(_Call(match.start(1), match.group(1), match.end() - 1, closing))
        match = _NEXT_CALL.match(code, closing + 1)
    return calls


def _hide_calls(sheet: MaskedSource, code: bytes, start: int, closing: int) -> int:
    """Mask the macro calls of one line; the offset past them, or 0 when they are none."""
    after = _VISIBLE.search(code, closing + 1)
    following = after.group() if after is not None else b";"
    if following == b"=":
        sheet.hide(start, closing + 1)
        sheet.put(start, b"int")
        sheet.put(closing, b"x")
        sheet.names[closing] = ""
        return closing + 1
    alone = after is None or b"\n" in code[closing : after.start()]
    if following in b";{" or (alone and following not in b"*,[()=."):
        end = after.end() if after is not None and following == b";" else closing + 1
        sheet.hide(start, end)
        return end
    return 0


def _use(sheet: MaskedSource, call: _Call) -> FileMacroCall:
    """A macro call with those of its arguments that are identifiers."""
    arguments = [
        match.group(1)
        for span in sheet.arguments(call.opening, call.closing)
        if (match := _ARGUMENT.fullmatch(sheet.source, *span))
    ]
    return FileMacroCall(call.offset, call.name, tuple(arguments))


def _is_loop(code: bytes, word: bytes, closing: int, *, ends: bool) -> bool:
    """Whether a call in a body heads a block or statement, or ends a `do`."""
    match = _VISIBLE.search(code, closing + 1)
    if match is None:
        return False
    after = match.group()
    if ends and after == b";":
        return word.startswith(LOOP_END)
    return after == b"{" or (LOOP_WORD in word and bool(_LOOP_BODY.match(after)))


def _last_visible(code: bytes, start: int, end: int) -> bytes:
    """The last byte of a span that is not space; `;` when there is none."""
    while end > start:
        end -= 1
        if code[end] not in b" \n":
            return code[end : end + 1]
    return b";"


_LINKAGE = re.compile(rb'\bextern\s*+"[^"\n]*+"\s*+\{')


def mask(code: bytes) -> MaskedSource:
    """Mask code.

    Returns:
        The sheet, whose `result` a C parser can read.
    """
    code, brackets = _without_linkage(code)
    sheet = MaskedSource(code, bytearray(code), brackets)
    mask_known_words(sheet)
    mask_file_level(sheet)
    mask_statements(sheet)
    mask_members(sheet)
    return sheet


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

"""Masks macro calls that are known by where they stand, not by their names."""

import re
from dataclasses import dataclass

from callpath.core.c_parser import vocabulary
from callpath.core.c_parser.sheet import Sheet, Use

_VISIBLE = re.compile(rb"\S")
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


def mask_file_level(sheet: Sheet) -> None:
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


def mask_statements(sheet: Sheet) -> None:
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


def mask_members(sheet: Sheet) -> None:
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


def _calls_in_line(sheet: Sheet, code: bytes, match: re.Match[bytes] | None) -> list[_Call]:
    """A macro call and those that follow it without anything between."""
    calls: list[_Call] = []
    while match is not None:
        closing = sheet.brackets.closing.get(match.end() - 1)
        if closing is None:
            break
        calls.append(_Call(match.start(1), match.group(1), match.end() - 1, closing))
        match = _NEXT_CALL.match(code, closing + 1)
    return calls


def _hide_calls(sheet: Sheet, code: bytes, start: int, closing: int) -> int:
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


def _use(sheet: Sheet, call: _Call) -> Use:
    """A macro call with those of its arguments that are identifiers."""
    arguments = [
        match.group(1)
        for span in sheet.arguments(call.opening, call.closing)
        if (match := _ARGUMENT.fullmatch(sheet.source, *span))
    ]
    return Use(call.offset, call.name, tuple(arguments))


def _is_loop(code: bytes, word: bytes, closing: int, *, ends: bool) -> bool:
    """Whether a call in a body heads a block or statement, or ends a `do`."""
    match = _VISIBLE.search(code, closing + 1)
    if match is None:
        return False
    after = match.group()
    if ends and after == b";":
        return word.startswith(vocabulary.LOOP_END)
    return after == b"{" or (vocabulary.LOOP_WORD in word and bool(_LOOP_BODY.match(after)))


def _last_visible(code: bytes, start: int, end: int) -> bytes:
    """The last byte of a span that is not space; `;` when there is none."""
    while end > start:
        end -= 1
        if code[end] not in b" \n":
            return code[end : end + 1]
    return b";"

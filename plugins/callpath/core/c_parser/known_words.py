"""Masks the macros and annotations that are known by their names."""

import re
from collections.abc import Callable

from callpath.core.c_parser import vocabulary
from callpath.core.c_parser.sheet import Sheet
from callpath.core.c_parser.vocabulary import VariableMacro

_WORD = re.compile(rb"[A-Za-z_]\w*+")
_WORD_BYTES = frozenset(byte for byte in range(128) if re.match(r"\w", chr(byte)))
_NAME = re.compile(rb"\s*+([A-Za-z_]\w*+)\s*+")
_VISIBLE = re.compile(rb"\S")


def mask_known_words(sheet: Sheet) -> None:
    """Mask what is known by its name."""
    present = _ACTIONS.keys() & set(_WORD.findall(sheet.source))
    if not present:
        return
    pattern = re.compile(b"(?:%b)(?!\\w)" % b"|".join(sorted(present)))
    for match in pattern.finditer(sheet.source):
        start = match.start()
        if not start or sheet.source[start - 1] not in _WORD_BYTES:
            _ACTIONS[match.group()](sheet, start, match.end())


def _annotation(sheet: Sheet, start: int, end: int) -> None:
    """Blank a word."""
    sheet.skip(start, end)


def _annotation_call(sheet: Sheet, start: int, end: int) -> None:
    """Blank a word and its arguments."""
    brackets = sheet.call(end)
    if brackets is not None:
        sheet.skip(start, brackets[1] + 1)
    elif sheet.source[start:end] in vocabulary.ANNOTATIONS:
        sheet.skip(start, end)


def _type_call(sheet: Sheet, start: int, end: int) -> None:
    """Put a type for a call that stands for one."""
    brackets = sheet.call(end)
    if brackets is not None:
        sheet.hide(start, brackets[1] + 1)
        sheet.put(start, b"int")


def _variable(sheet: Sheet, start: int, end: int) -> None:
    """Turn a macro that defines a variable into its declaration."""
    _declare(sheet, start, end, vocabulary.VARIABLE_MACROS[sheet.source[start:end]], b"int")


def _extern_variable(sheet: Sheet, start: int, end: int) -> None:
    """Turn a macro that announces a variable into its declaration."""
    macro = vocabulary.EXTERN_VARIABLE_MACROS[sheet.source[start:end]]
    _declare(sheet, start, end, macro, b"extern int")


def _declare(sheet: Sheet, start: int, end: int, macro: VariableMacro, stand_in: bytes) -> None:
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


def _function(sheet: Sheet, start: int, end: int) -> None:
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
    sheet.names[place] = vocabulary.FUNCTION_MACROS[word] + name.group(1).decode()


_ACTIONS: dict[bytes, Callable[[Sheet, int, int], None]] = {
    **dict.fromkeys(vocabulary.ANNOTATIONS, _annotation),
    **dict.fromkeys(vocabulary.ANNOTATION_CALLS, _annotation_call),
    **dict.fromkeys(vocabulary.TYPE_CALLS, _type_call),
    **dict.fromkeys(vocabulary.VARIABLE_MACROS, _variable),
    **dict.fromkeys(vocabulary.EXTERN_VARIABLE_MACROS, _extern_variable),
    **dict.fromkeys(vocabulary.FUNCTION_MACROS, _function),
}

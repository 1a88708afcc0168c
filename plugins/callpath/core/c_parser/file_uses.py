"""Macro calls at file level, read from the code before it is masked."""

import re
from collections.abc import Iterator, Set

from callpath.core.c_parser.body_facts import FileUse
from callpath.core.c_parser.body_vocabulary import KEYWORDS
from callpath.core.c_parser.sheet import Sheet
from callpath.core.c_parser.units import Unit, Variant

_CALL = re.compile(
    rb"^[ \t]*+(?:(?:static|extern|const|inline|volatile)\s++)*+([A-Za-z_]\w*+)[ \t]*+\(",
    re.MULTILINE,
)
_NEXT_CALL = re.compile(rb"[ \t]*+([A-Za-z_]\w*+)[ \t]*+\(")
_NAME = re.compile(rb"(?<!\w)[A-Za-z_]\w*+(?![\"'])")


def file_uses(unit: Unit, variants: tuple[Variant, ...], defined: Set[int]) -> list[FileUse]:
    """The macro calls at file level, in order.

    Parameters:
        unit: The file.
        variants: What was parsed of it.
        defined: Offsets of the names of functions, which look like macro calls.
    """
    found: dict[int, FileUse] = {}
    for variant in variants:
        sheet = variant.sheet
        for start, end, opening in _calls(sheet):
            offset = start + variant.base
            if offset not in found and offset not in defined:
                closing = sheet.brackets.closing[opening]
                found[offset] = FileUse(
                    _name(unit, offset, end + variant.base),
                    unit.line(offset),
                    tuple(_names(unit, sheet, opening, closing, variant.base)),
                    unit.condition(offset),
                )
    return [found[offset] for offset in sorted(found)]


def _calls(sheet: Sheet) -> Iterator[tuple[int, int, int]]:
    """Name and opening bracket of each call: those at file level, and those that are masked."""
    handled = 0
    for match in _CALL.finditer(sheet.source):
        start = match.start(1)
        if start < handled or not sheet.brackets.at_file_level(start):
            continue
        if sheet.source[handled : match.start()].rstrip()[-1:] not in (b"", b";", b"}"):
            continue
        following: re.Match[bytes] | None = match
        while following is not None and following.end() - 1 in sheet.brackets.closing:
            handled = sheet.brackets.closing[following.end() - 1] + 1
            yield following.start(1), following.end(1), following.end() - 1
            following = _NEXT_CALL.match(sheet.source, handled)
    for use in sheet.uses:
        brackets = sheet.call(use.offset + len(use.name))
        if brackets is not None:
            yield use.offset, use.offset + len(use.name), brackets[0]


def _names(unit: Unit, sheet: Sheet, opening: int, closing: int, base: int) -> Iterator[str]:
    """The identifiers in a pair of brackets."""
    for match in _NAME.finditer(sheet.source, opening, closing):
        name = _name(unit, match.start() + base, match.end() + base)
        if name not in KEYWORDS:
            yield name


def _name(unit: Unit, start: int, end: int) -> str:
    """A word of the file."""
    return unit.text[start:end].decode("utf-8", "replace")

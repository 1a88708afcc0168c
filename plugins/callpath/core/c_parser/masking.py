"""Rewrites what only the preprocessor understands into plain C of the same length.

Every byte that stays, stays at its offset, and so does every line end; what goes becomes spaces.
Works on code without comments and directives, as `lexing` and `conditions` leave it.
"""

import re
from bisect import bisect_left

from callpath.core.c_parser.brackets import Brackets, pair_brackets
from callpath.core.c_parser.known_words import mask_known_words
from callpath.core.c_parser.lexing import blank
from callpath.core.c_parser.macro_calls import mask_file_level, mask_members, mask_statements
from callpath.core.c_parser.sheet import Sheet

_LINKAGE = re.compile(rb'\bextern\s*+"[^"\n]*+"\s*+\{')


def mask(code: bytes) -> Sheet:
    """Mask code.

    Returns:
        The sheet, whose `result` a C parser can read.
    """
    code, brackets = _without_linkage(code)
    sheet = Sheet(code, bytearray(code), brackets)
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

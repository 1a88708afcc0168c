"""Characters on their way out: which ones are dangerous or invisible, and how wide they are."""

import unicodedata

REPLACEMENT = "\ufffd"

_HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_JOINERS = "\u200c\u200d"  # a part of words in Persian and in Indic scripts, and of emoji
_CONTROL_PICTURES = 0x2400


def visible(text: str) -> str:
    """A text as one line that cannot act on a terminal, a log or a parser.

    A control character becomes its picture (`␛`, `␊`); what else cannot be seen, turns the
    direction of writing or is no character becomes U+FFFD.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(character) for character in text)


def is_hidden(character: str) -> bool:
    """Whether a character cannot be seen, or cannot be written as UTF-8 or XML."""
    if unicodedata.category(character) in _HIDDEN:
        return character not in _JOINERS
    return _is_noncharacter(ord(character))


def _shown(character: str) -> str:
    if not is_hidden(character):
        return character
    code = ord(character)
    if code < 0x20:
        return chr(_CONTROL_PICTURES + code)
    return "\u2421" if code == 0x7F else REPLACEMENT


def _is_noncharacter(code: int) -> bool:
    """Whether Unicode keeps a code point from ever being a character (section 23.7)."""
    return code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF


def cells(character: str) -> int:
    """How many cells of a terminal a character takes: a Chinese one 2, a combining one none."""
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1

"""Web addresses in plain words.

Where one ends is told as GitHub does it, and at the punctuation of Chinese and Japanese. Does not
know what an address leads to.
"""

import re
from collections.abc import Iterator
from html import unescape

_STOP = r"\s<>\"`|、。〈-】〔-〟・！（），．：；？［］｛-･“”‘’…—"
_LETTERS = "぀-ヿ㐀-鿿가-힣豈-﫿"
_ADDRESS = re.compile(rf"https?://[^/?#{_STOP}]+(?:[/?#][^{_STOP}{_LETTERS}]*)?", re.IGNORECASE)
_CLOSING = {")": "(", "]": "[", "}": "{"}
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_ENTITY = re.compile(r"&#?[A-Za-z0-9]{1,32};")


def bare_addresses(text: str) -> Iterator[tuple[int, int]]:
    """Where the addresses of a text are, in order, with the punctuation behind them."""
    position = text.find("://")
    while position >= 0:
        start = position - (5 if text[position - 1] in "sS" else 4)
        found = _ADDRESS.match(text, start) if start >= 0 else None
        if found and not (start and text[start - 1].isascii() and text[start - 1].isalnum()):
            yield found.span()
        position = text.find("://", found.end() if found else position + 3)


def unescaped(written: str) -> str:
    """A text without Markdown's escapes and the entities of HTML."""
    plain = _ESCAPE.sub(r"\1", written)
    return _ENTITY.sub(lambda found: unescape(found[0]), plain)


def trimmed(address: str) -> str:
    """An address without the punctuation of the sentence that it ends."""
    surplus = {
        closing: address.count(closing) - address.count(opening)
        for closing, opening in _CLOSING.items()
    }
    end = len(address)
    while end:
        last = address[end - 1]
        if last in surplus and surplus[last] > 0:
            surplus[last] -= 1
        elif last not in "?!.,:;*_~'\\":
            break
        end -= 1
    return address[:end]

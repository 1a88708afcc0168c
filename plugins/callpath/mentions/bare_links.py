"""Web addresses in plain words.

Where one ends is told as GitHub does it, and at the punctuation of Chinese and Japanese. Does not
know what an address leads to.
"""

import re
from collections.abc import Iterator
from html import unescape

_STOP = r"\s<>\"`|、。〈-】〔-〟・！（），．：；？［］｛-･“”‘’…—"
_LETTERS = "぀-ヿ㐀-鿿가-힣豈-﫿"
_ADDRESS = re.compile(
    rf"(?<![A-Za-z0-9])https?://[^/?#{_STOP}]+(?:[/?#][^{_STOP}{_LETTERS}]*)?", re.IGNORECASE
)
_CLOSING = {")": "(", "]": "[", "}": "{"}
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_ENTITY = re.compile(r"&#?[A-Za-z0-9]{1,32};")


def bare_addresses(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Where the addresses between two places of a text are, in order."""
    for found in _ADDRESS.finditer(text, start, end):
        yield found.start(), found.start() + len(_trimmed(found[0]))


def unescaped(written: str) -> str:
    """A text without Markdown's escapes and the entities of HTML."""
    plain = _ESCAPE.sub(r"\1", written)
    return _ENTITY.sub(lambda found: unescape(found[0]), plain)


def _trimmed(address: str) -> str:
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

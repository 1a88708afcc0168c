"""Web addresses in plain words.

Where one ends is told as GitHub does it, and at the punctuation of Chinese and Japanese. Does not
know what an address leads to.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from html import unescape

from callpath.mentions.model import DocumentLink, Passage, PassageKind
from callpath.mentions.spans import Span, touches, united

_STOP = r"\s<>\"`|、。〈-】〔-〟・！（），．：；？［］｛-･“”‘’…—"
_LETTERS = "぀-ヿ㐀-鿿가-힣豈-﫿"
# Without `IGNORECASE`, with which these ranges take five milliseconds to compile.
_ADDRESS = re.compile(rf"[Hh][Tt][Tt][Pp][Ss]?://[^/?#{_STOP}]+(?:[/?#][^{_STOP}{_LETTERS}]*)?")
_CLOSING = {")": "(", "]": "[", "}": "{"}
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_ENTITY_END = re.compile(r"&#?[A-Za-z0-9]{1,32};\Z")
_ENTITY = re.compile(r"&#?[A-Za-z0-9]{1,32};")


def bare_links(
    text: str, passages: Sequence[Passage], links: Iterable[DocumentLink]
) -> Iterator[DocumentLink]:
    """The addresses in the plain words of a text that are not the words of a link, in order."""
    words = tuple(united((link.text_start, link.text_end) for link in links))
    starts = [passage.start for passage in passages]
    for start, end in _addresses(text):
        number = bisect_right(starts, start) - 1
        passage = passages[number] if number >= 0 else None
        if passage is None or passage.kind is not PassageKind.PROSE or passage.end <= start:
            continue
        written = _trimmed(text[start : min(end, passage.end)])
        end = start + len(written)
        if not touches(words, start, end):
            yield DocumentLink(_unescaped(written), start, end, start, end, passage.block)


_UNREADABLE = re.compile("[\0\ud800-\udfff]")


def _addresses(text: str) -> Iterator[Span]:
    """Where the addresses of a text are, in order, with the punctuation behind them."""
    position = text.find("://")
    while position >= 0:
        start = position - (5 if text[position - 1] in "sS" else 4)
        found = _ADDRESS.match(text, start) if start >= 0 else None
        if found and not (start and text[start - 1].isascii() and text[start - 1].isalnum()):
            yield found.span()
        position = text.find("://", found.end() if found else position + 3)


def _unescaped(written: str) -> str:
    """An address without Markdown's escapes and the entities of HTML.

    What is no character becomes U+FFFD, as in other links (CommonMark 0.31.2, section 2.3).
    """
    plain = _ESCAPE.sub(r"\1", _UNREADABLE.sub("\ufffd", written))
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
        elif last == ";" and (entity := _ENTITY_END.search(address, max(end - 34, 0), end)):
            end = entity.start()
            continue
        elif last not in "?!.,:;*_~'\\":
            break
        end -= 1
    return address[:end]

"""Blanks what is no code (comments, texts, directives) without moving a byte; lists directives."""

import re
from dataclasses import dataclass

# Each alternative begins with a plain byte: that lets the search skip to it.
_TOKEN = re.compile(
    rb"""
    /(?: \*(?:[^*]|\*(?!/))*+(?:\*/)? | /(?:\\\r?\n|[^\n])*+ )
  | "(?:\\\r?\n|\\[^\r\n]|[^"\\\n])*+(")?
  | '(?:\\[^\n]|[^'\\\n])++'
  | \#(?: /\*(?:[^*]|\*(?!/))*+(?:\*/)? | //(?:\\\r?\n|[^\n])*+
        | "(?:\\[^\r\n]|[^"\\\n])*+" | '(?:\\[^\r\n]|[^'\\\n])*+' | \\\r?\n | [^\n] )*+
    """,
    re.VERBOSE,
)
_COMMENT = re.compile(
    rb"""("(?:\\.|[^"\\\n])*+"|'(?:\\.|[^'\\\n])*+')|/\*(?:[^*]|\*(?!/))*+(?:\*/)?|//.*+|\\\r?\n""",
    re.DOTALL,
)
_SLASH, _HASH, _QUOTE = b"/#'"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_NAME = re.compile(rb"\s*+\#\s*+([a-z_]*+)")
# Everything but line ends becomes a space.
_BLANK = bytes(byte if byte == 0x0A else 0x20 for byte in range(256))
# Plain ASCII for the parser: control bytes separate, other bytes belong to words.
_ASCII = bytes(
    byte if byte == 0x0A or 0x20 <= byte < 0x7F else 0x20 if byte < 0x80 else 0x5F
    for byte in range(256)
)


@dataclass(frozen=True, slots=True)
class Directive:
    """A preprocessor line with its continuation lines.

    Attributes:
        name: What follows `#` (`ifdef`), perhaps empty.
        rest: What follows the name: no comments, no continuations, one space between words.
        start: Offset of the line's first byte.
        end: Offset past its last byte (the line end is not part of it).
    """

    name: bytes
    rest: bytes
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Lexed:
    """A source text and the code in it, byte for byte at the same offsets.

    Attributes:
        text: The text as it is.
        code: Printable ASCII: comments, directives and the inside of texts are spaces.
        directives: In order.
    """

    text: bytes
    code: bytes
    directives: tuple[Directive, ...]


def blank(text: bytes) -> bytes:
    """Spaces of the same length, line ends kept."""
    return text.translate(_BLANK)


def lex(text: bytes) -> Lexed:
    """Separate code from comments, texts and directives."""
    if text.startswith(_BYTE_ORDER_MARK):
        text = text.replace(_BYTE_ORDER_MARK, b"   ", 1)
    pieces: list[bytes] = []
    directives: list[Directive] = []
    position = copied = ordinary = 0
    while match := _TOKEN.search(text, position):
        start, position = match.span()
        token = match.group()
        first = token[0]
        if first == _HASH and (start < ordinary or not _begins_line(text, start, copied)):
            ordinary = text.find(b"\n", start) + 1 or len(text)
            position = start + 1
            continue
        pieces.append(text[copied:start])
        copied = position
        if first == _SLASH:
            pieces.append(blank(token))
        elif first == _HASH:
            pieces.append(blank(token))
            directives.append(_directive(token, start, position))
        elif first == _QUOTE:
            pieces.append(b"'" + b"0" * (len(token) - 2) + b"'")
        else:
            pieces.append(_emptied(token, closed=match.group(1) is not None))
    pieces.append(text[copied:])
    return Lexed(text, b"".join(pieces).translate(_ASCII), tuple(directives))


def _begins_line(text: bytes, offset: int, copied: int) -> bool:
    """Whether only space, or a comment that ends at `copied`, stands before an offset."""
    line = max(text.rfind(b"\n", 0, offset) + 1, copied)
    return not text[line:offset].strip()


def _emptied(token: bytes, *, closed: bool) -> bytes:
    """A string literal with nothing but spaces in it; continuation lines stay valid."""
    inside = blank(token[1:-1] if closed else token[1:])
    if b"\n" in inside:
        inside = inside.replace(b"\r\n", b" \n").replace(b" \n", b"\\\n")
    return b'"' + inside + b'"' if closed else b" " + blank(token[1:])


def _directive(token: bytes, start: int, end: int) -> Directive:
    """Read one directive."""
    match = _NAME.match(token) or _NAME.match(without_comments(token))
    if match is None:
        return Directive(b"", b"", start, end)
    return Directive(match.group(1), without_comments(token[match.end() :]), start, end)


def without_comments(text: bytes) -> bytes:
    """A piece of source without comments and continuations, one space between words."""
    return b" ".join(_COMMENT.sub(_kept, text).split())


def _kept(match: re.Match[bytes]) -> bytes:
    """String literals stay; comments and continuations become a space."""
    return match.group(1) or b" "

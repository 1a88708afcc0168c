"""Blanks what is no code (comments, texts, directives) without moving a byte; lists directives."""

import hashlib
import re
from bisect import bisect_right

from msgspec import Struct

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
_BRACKET = re.compile(rb"[(){}]")
_SLASH, _HASH, _QUOTE, _OPEN, _CLOSE, _OPEN_BRACE, _LINE_END = b"/#'(){\n"
_SPACES = b" \n"
_SPACES_INSIDE = tuple((mark, mark.strip()) for mark in ("( ", "[ ", " )", " ]", " ,", " ;"))
_DIGEST_LENGTH = 16
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
WORD_BYTES = frozenset(byte for byte in range(128) if re.match(r"\w", chr(byte)))
_WORDS_ONLY = bytes(byte if byte in WORD_BYTES else 0x20 for byte in range(256))
_NAME = re.compile(rb"\s*+\#\s*+([a-z_]*+)")
# Everything but line ends becomes a space.
_BLANK = bytes(byte if byte == 0x0A else 0x20 for byte in range(256))
# Plain ASCII for the parser: control bytes separate, other bytes belong to words.
_ASCII = bytes(
    byte if byte == 0x0A or 0x20 <= byte < 0x7F else 0x20 if byte < 0x80 else 0x5F
    for byte in range(256)
)


class Directive(Struct, frozen=True):
    """A preprocessor line with its continuation lines."""

    name: bytes  # what follows `#` (`ifdef`), perhaps empty
    rest: bytes  # what follows the name: no comments, no continuations, one space between words
    start: int  # offset of the line's first byte
    end: int  # offset past its last byte, the line end not included


class Lexed(Struct, frozen=True):
    """The code of a source text, byte for byte at the same offsets."""

    code: bytes  # printable ASCII: comments, directives and the inside of texts are spaces
    directives: tuple[Directive, ...]  # in order


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
        if first in (_SLASH, _HASH):
            pieces.append(blank(token))
            if first == _HASH:
                directives.append(_directive(token, start, position))
        elif first == _QUOTE:
            pieces.append(b"'" + b"0" * (len(token) - 2) + b"'")
        else:
            pieces.append(_emptied(token, closed=match.group(1) is not None))
    pieces.append(text[copied:])
    return Lexed(b"".join(pieces).translate(_ASCII), tuple(directives))


def comment_spans(text: bytes) -> list[tuple[int, int]]:
    """The spans of the comments of a source text, those in directives too, in order."""
    found: list[tuple[int, int]] = []
    position = ordinary = copied = 0
    while match := _TOKEN.search(text, position):
        start, position = match.span()
        first = text[start]
        if first == _HASH and (start < ordinary or not _begins_line(text, start, copied)):
            ordinary = text.find(b"\n", start) + 1 or len(text)
            position = start + 1
            continue
        copied = position
        if first == _SLASH:
            found.append((start, position))
        elif first == _HASH:
            comments = _COMMENT.finditer(text, start, position)
            found += (each.span() for each in comments if text[each.start()] == _SLASH)
    return found


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
    match = _NAME.match(token) or _NAME.match(without_comments(token))
    if match is None:
        return Directive(b"", b"", start, end)
    return Directive(match.group(1), without_comments(token[match.end() :]), start, end)


def without_comments(text: bytes) -> bytes:
    """A piece of source without comments and continuations, one space between words."""
    if b"/" in text or b"\\" in text:
        text = _COMMENT.sub(lambda match: match.group(1) or b" ", text)
    return b" ".join(text.split())


class Brackets(Struct, frozen=True):
    """The brackets of a code text."""

    closing: dict[int, int]  # offset of the `)` for the offset of each `(` that has one
    opens: list[int]  # offsets of the `{` that leave file level, ascending
    # Offset of the `}` back to file level for each of them (the end of the code when there is
    # none).
    closes: list[int]
    # Offset of the `}` for the offset of each `{` of a function's body or of the value of a
    # variable, where it is at file level and in no brackets; ascending.
    bodies: dict[int, int]

    def at_file_level(self, offset: int) -> bool:
        """Whether no brace is open at an offset."""
        index = bisect_right(self.opens, offset - 1) - 1
        return index < 0 or offset > self.closes[index]

    def opening(self, offset: int) -> int:
        """The offset of the `{` that leaves file level before an offset; itself at file level."""
        index = bisect_right(self.opens, offset) - 1
        return offset if self.at_file_level(offset) else self.opens[index]

    def closes_within(self, start: int, end: int) -> list[int]:
        """The offsets of `}` back to file level in a half-open range, ascending."""
        first, past = (bisect_right(self.closes, offset - 1) for offset in (start, end))
        return self.closes[first:past]


def pair_brackets(code: bytes) -> Brackets:
    """Pair the brackets of code without comments and texts.

    When the braces do not add up, a `}` in column 0 is taken for the end of a top-level body, as
    it is in code that keeps to the kernel's style.
    """
    brackets, consistent = _paired(code, reset=False)
    return brackets if consistent else _paired(code, reset=True)[0]


def _paired(code: bytes, *, reset: bool) -> tuple[Brackets, bool]:
    """Pair brackets, and say whether the braces add up."""
    closing: dict[int, int] = {}
    opens: list[int] = []
    closes: list[int] = []
    arounds: list[int] = []  # for each of the opens
    pending: list[int] = []
    # How many brackets are open around a brace: those of a macro (`DEFINE_CLASS(x, ({ … }))`).
    around = 0
    depth = 0
    consistent = True
    for match in _BRACKET.finditer(code):
        offset = match.start()
        byte = code[offset]
        if byte == _OPEN:
            pending.append(offset)
        elif byte == _CLOSE:
            if pending:
                closing[pending.pop()] = offset
        elif byte == _OPEN_BRACE:
            if not depth:
                opens.append(offset)
                around = 0 if _is_in_column_zero(code, offset) else len(pending)
                arounds.append(around)
            depth += 1
        elif depth:
            depth = 0 if reset and _is_in_column_zero(code, offset) else depth - 1
            if not depth:
                closes.append(offset)
                del pending[around:]
        else:
            consistent = False
    if depth:
        closes.append(len(code))
    return Brackets(
        closing, opens, closes, _bodies(code, opens, closes, arounds)
    ), consistent and not depth


def _bodies(code: bytes, opens: list[int], closes: list[int], arounds: list[int]) -> dict[int, int]:
    """The pairs of braces of bodies and values, given how many brackets are open around each."""
    return {
        opening: close
        for opening, close, around in zip(opens, closes, arounds, strict=True)
        if not around and close < len(code) and _is_behind(code, opening, b")=")
    }


def _is_behind(code: bytes, offset: int, marks: bytes) -> bool:
    """Whether the last visible byte before an offset is one of some."""
    while offset and code[offset - 1] in _SPACES:
        offset -= 1
    return offset > 0 and code[offset - 1] in marks


def _is_in_column_zero(code: bytes, offset: int) -> bool:
    return offset == 0 or code[offset - 1] == _LINE_END


def one_line(text: bytes) -> str:
    """A piece of source on one line: no comments, no needless spaces, no final `;`."""
    line = readable(without_comments(text)).rstrip("; ")
    for spaced, close in _SPACES_INSIDE:
        line = line.replace(spaced, close)
    return line


def readable(text: bytes) -> str:
    """Source text as printable characters on one line, whatever its bytes are."""
    line = " ".join(text.decode("utf-8", "replace").split())
    if line.isprintable():
        return line
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in line)


def words_of(code: bytes) -> list[bytes]:
    """All words and numbers of code, in order."""
    return code.translate(_WORDS_ONLY).split()


def digest(text: bytes) -> str:
    """SHA-256 of whitespace-normalised text, the first 16 hex digits."""
    return hashlib.sha256(b" ".join(text.split())).hexdigest()[:_DIGEST_LENGTH]

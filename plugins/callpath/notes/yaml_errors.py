"""Syntax errors of YAML in Callpath's words: where the text breaks off, why, and what to do.

Depends on the words of the YAML library's errors (its C and its Python parser differ in them), not
on the library.
"""

import codecs
import re
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass

from callpath import rules
from callpath.findings import Finding, Location

LARGEST_FILE = 1024 * 1024
"""The largest file that is read, in bytes."""

_LINE_END = re.compile(r"\r\n|\n|\r")

# The characters that YAML 1.2 does not allow (section 5.1), and the three that YAML 1.1 takes for
# ends of lines though editors do not: places after them would be wrong.
_FORBIDDEN = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Characters:
    """The text of a file, without a byte order mark, with the place of each character."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        self._starts = [0, *(end.end() for end in _LINE_END.finditer(text))]

    def location(self, index: int) -> Location:
        """The place of the character at an index (0-based) of the text."""
        line = bisect_right(self._starts, index)
        return Location(self.file, line, index - self._starts[line - 1] + 1)

    def index(self, location: Location) -> int:
        """The offset (0-based) of a place in the text; the place must be in it."""
        return self._starts[location.line - 1] + location.column - 1

    def line_start(self, index: int) -> int:
        """The offset of the first character of the line that an offset is in."""
        return self._starts[bisect_right(self._starts, index) - 1]

    def line_end(self, index: int) -> int:
        """The offset past the end of the line that an offset is in, its line end included."""
        following = bisect_right(self._starts, index)
        return self._starts[following] if following < len(self._starts) else len(self.text)

    def line(self, number: int) -> str:
        """A line (1-based) without its end; empty when the text has no such line."""
        if not 1 <= number <= len(self._starts):
            return ""
        start = self._starts[number - 1]
        stop = self._starts[number] if number < len(self._starts) else len(self.text)
        return self.text[start:stop].rstrip("\r\n")


def decode(file: str, data: bytes) -> tuple[Characters | None, list[Finding]]:
    """The characters of a file, with what is wrong with its bytes.

    A character that YAML does not allow is replaced by U+FFFD, so that the rest can be read and
    every place stays as it is.

    Returns:
        The characters, or None if the file cannot be read at all; and the findings.
    """
    if len(data) > LARGEST_FILE:
        message = f"the file has {len(data):,} bytes, more than {LARGEST_FILE:,}"
        return None, [rules.TOO_LARGE.at(Location(file), message, "split the note")]
    if data.startswith(_UTF_16):
        message = "the file is UTF-16, not UTF-8"
        return None, [rules.INVALID_ENCODING.at(Location(file), message, "save it as UTF-8")]
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        text, faults = data.decode(), []
    except UnicodeDecodeError as error:
        text, faults = data.decode(errors="replace"), [_undecodable(file, data, error)]
    forbidden = list(_FORBIDDEN.finditer(text))
    if forbidden:
        faults.append(_control_characters(Characters(file, text), forbidden))
        text = _FORBIDDEN.sub("\ufffd", text)
    return Characters(file, text), faults


def leniently(data: bytes) -> str:
    """The text of a file in UTF-8 or UTF-16, for a first look at it."""
    if data.startswith(_UTF_16):
        return data.decode("utf-16", errors="replace")
    text = data.removeprefix(codecs.BOM_UTF8).decode(errors="replace")
    return _FORBIDDEN.sub("\ufffd", text)


def _undecodable(file: str, data: bytes, error: UnicodeDecodeError) -> Finding:
    before = Characters(file, data[: error.start].decode())
    message = f"the byte 0x{data[error.start]:02x} is not UTF-8"
    hint = "save the file as UTF-8"
    try:
        data.decode("gb18030")
        hint += "; it looks like GB18030 (GBK)"
    except UnicodeDecodeError:
        pass
    return rules.INVALID_ENCODING.at(before.location(len(before.text)), message, hint)


def _control_characters(characters: Characters, found: list[re.Match[str]]) -> Finding:
    message = f"the character U+{ord(found[0].group()):04X} is not allowed in a note"
    if len(found) > 1:
        message += f" (and {len(found) - 1} more)"
    hint = "remove it; most editors can show invisible characters"
    return rules.INVALID_ENCODING.at(characters.location(found[0].start()), message, hint)


_BLOCK_HINT = "put the text in quotes, or on the lines below a `|`"


@dataclass(frozen=True, slots=True)
class Breakdown:
    """What the YAML parser says of an error."""

    context: str
    """What it was doing."""
    problem: str
    """What it found."""
    index: int
    """Where it found that: an offset of the text."""
    context_index: int
    """Where it began what it was doing."""


@dataclass(frozen=True, slots=True)
class _Finding:
    message: str
    hint: str
    index: int


def explain(characters: Characters, breakdown: Breakdown) -> Finding:
    """The finding for a syntax error."""
    words = f"{breakdown.context}: {breakdown.problem}".lower()
    explanation = next((each for phrase, each in _EXPLANATIONS if phrase in words), _unexplained)
    finding = explanation(characters, breakdown)
    location = characters.location(min(finding.index, len(characters.text)))
    return rules.INVALID_YAML.at(location, finding.message, finding.hint)


def _unexplained(_: Characters, breakdown: Breakdown) -> _Finding:
    problem = (breakdown.problem or "unreadable text").lower()
    return _Finding(f"the YAML breaks off here: {problem}", "", breakdown.index)


def _bad_start(characters: Characters, breakdown: Breakdown) -> _Finding:
    character = characters.text[breakdown.index : breakdown.index + 1]
    if character == "\t":
        return _tab(characters, breakdown)
    return _start(character, breakdown.index)


def _start(character: str, index: int) -> _Finding:
    name = "a backtick" if character == "`" else f"`{character}`"
    return _Finding(f"a text cannot start with {name}", _BLOCK_HINT, index)


def _tab(characters: Characters, breakdown: Breakdown) -> _Finding:
    start = characters.text.rfind("\n", 0, breakdown.index) + 1
    tab = characters.text.find("\t", start)
    index = tab if tab >= 0 else breakdown.index
    return _Finding("there is a tab in the indentation", "indent with spaces", index)


def _colon(characters: Characters, breakdown: Breakdown) -> _Finding:
    location = characters.location(breakdown.index)
    before = characters.line(location.line)[: location.column - 1]
    if ": " in before or "- " in before.lstrip()[2:]:
        return _Finding("a text has a `:` followed by a space", _BLOCK_HINT, breakdown.index)
    start = breakdown.index - len(before.lstrip())
    hint = "align the key with its neighbours; the line above may lack its `:` or its quotes"
    return _Finding("a key is indented deeper than its neighbours", hint, start)


def _indentation(characters: Characters, breakdown: Breakdown) -> _Finding:
    location = characters.location(breakdown.index)
    before = characters.line(location.line)[: location.column - 1].strip()
    if before.endswith(('"', "'")):
        hint = "write quotes inside a quoted text twice, or put it on the lines below a `|`"
        return _Finding("text follows the closing quote", hint, breakdown.index)
    if before.endswith(("]", "}")):
        return _Finding("text follows the closing bracket", _BLOCK_HINT, breakdown.index)
    hint = "align the line with the keys or the `- ` that it belongs to"
    return _Finding("the indentation of this line fits nothing above it", hint, breakdown.index)


def _unclosed_bracket(characters: Characters, breakdown: Breakdown) -> _Finding:
    opening = characters.text[breakdown.context_index : breakdown.context_index + 1]
    hint = f"close it; a text that starts with `{opening}` needs quotes or a `|`"
    return _Finding(f"the `{opening}` is not closed", hint, breakdown.context_index)


def _unclosed_quote(characters: Characters, breakdown: Breakdown) -> _Finding:
    quote = characters.text[breakdown.context_index : breakdown.context_index + 1]
    return _Finding(f"the quote `{quote}` is not closed", "close it", breakdown.context_index)


def _emphasis(characters: Characters, breakdown: Breakdown) -> _Finding:
    index = breakdown.context_index
    return _start(characters.text[index : index + 1], index)


def _says(message: str, hint: str) -> Callable[[Characters, Breakdown], _Finding]:
    return lambda _, breakdown: _Finding(message, hint, breakdown.index)


def _began(message: str, hint: str) -> Callable[[Characters, Breakdown], _Finding]:
    return lambda _, breakdown: _Finding(message, hint, breakdown.context_index)


# The first phrase that the parser's words contain decides.
_EXPLANATIONS: tuple[tuple[str, Callable[[Characters, Breakdown], _Finding]], ...] = (
    ("cannot start any token", _bad_start),
    ("tab character", _tab),
    ("found character '\\t'", _tab),
    ("mapping values are not allowed", _colon),
    (
        "sequence entries are not allowed",
        _says("a list starts on the line of its key", "start the list on the next line"),
    ),
    ("scanning a quoted scalar: found unexpected end of stream", _unclosed_quote),
    ("scanning a quoted scalar: found unexpected document", _unclosed_quote),
    (
        "unknown escape",
        _says("the quoted text has an unknown `\\` escape", "use single quotes, or write `\\\\`"),
    ),
    ("parsing a flow", _unclosed_bracket),
    ("scanning an a", _emphasis),  # "an alias", "an anchor", "an anchor or alias"
    (
        "could not find expected ':'",
        _began(
            "the line is not a `key: value`", "add the `:`, or indent the line as a part of a text"
        ),
    ),
    (
        "scanning a block scalar",
        _says("text follows the `|` or `>`", "start the text on the next line, or quote it"),
    ),
    ("undefined tag handle", _began("the text starts with a tag (`!`)", _BLOCK_HINT)),
    ("scanning a tag", _began("the text starts with a tag (`!`)", _BLOCK_HINT)),
    ("node content", _bad_start),
    ("expected key", _indentation),
    ("expected <block end>", _indentation),
    ("'-' indicator", _indentation),
    ("document start", _indentation),
)

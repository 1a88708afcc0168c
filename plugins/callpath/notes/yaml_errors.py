"""The text of a YAML file with places, and its syntax errors in Callpath's words.

Depends on the words of the YAML library's errors (its C and its Python parser differ in them), not
on the library.
"""

import codecs
import re
from bisect import bisect_right
from collections.abc import Callable
from contextlib import suppress
from functools import cache

from msgspec import Struct

from callpath import rules
from callpath.findings import Finding, Location

LARGEST_FILE = 1024 * 1024  # bytes that are read

_LINE_END = re.compile(r"\r\n|\n|\r")

_PLAIN = re.compile(r"[\t\n\r\x20-\x7e]*+")


@cache
def _forbidden() -> re.Pattern[str]:
    """The characters that are not allowed; few files need it, and it takes milliseconds to make.

    They are those that YAML 1.2 does not allow (section 5.1), and the three that YAML 1.1 takes for
    ends of lines though editors do not: places after them would be wrong.
    """
    return re.compile(
        "[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
    )


_UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class Characters:
    """The text of a file, without a byte order mark, with the place of each character.

    Indexes and offsets are 0-based.
    """

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        self._starts = [0, *(end.end() for end in _LINE_END.finditer(text))]

    def location(self, index: int) -> Location:
        """The place of the character at an index of the text."""
        line = bisect_right(self._starts, index)
        return Location(self.file, line, index - self._starts[line - 1] + 1)

    def index(self, location: Location) -> int:
        """The offset of a place in the text; the place must be in it."""
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
        if number > len(self._starts):
            return ""
        start = self._starts[number - 1]
        return self.text[start : self.line_end(start)].rstrip("\r\n")


def decode(file: str, data: bytes) -> tuple[Characters | None, list[Finding]]:
    """The characters of a file, or None if it cannot be read at all; and what is wrong with it.

    A character that YAML does not allow is replaced by U+FFFD, so that the rest can be read and
    every place stays as it is.
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
    if not _PLAIN.fullmatch(text) and (forbidden := _forbidden().findall(text)):
        faults.append(_control_characters(Characters(file, text), forbidden))
        text = _forbidden().sub("\ufffd", text)
    return Characters(file, text), faults


def leniently(data: bytes) -> str:
    """The text of a file in UTF-8 or UTF-16, for a first look at it."""
    if data.startswith(_UTF_16):
        return data.decode("utf-16", errors="replace")
    text = data.removeprefix(codecs.BOM_UTF8).decode(errors="replace")
    return text if _PLAIN.fullmatch(text) else _forbidden().sub("\ufffd", text)


def _undecodable(file: str, data: bytes, error: UnicodeDecodeError) -> Finding:
    before = Characters(file, data[: error.start].decode())
    message = f"the byte 0x{data[error.start]:02x} is not UTF-8"
    hint = "save the file as UTF-8"
    with suppress(UnicodeDecodeError):
        data.decode("gb18030")
        hint += "; it looks like GB18030 (GBK)"
    return rules.INVALID_ENCODING.at(before.location(len(before.text)), message, hint)


def _control_characters(characters: Characters, found: list[str]) -> Finding:
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    message = f"the character U+{ord(found[0]):04X} is not allowed in a note{more}"
    hint = "remove it; most editors can show invisible characters"
    location = characters.location(characters.text.index(found[0]))
    return rules.INVALID_ENCODING.at(location, message, hint)


class Breakdown(Struct, frozen=True):
    """What the YAML parser says of an error."""

    characters: Characters
    context: str  # what it was doing
    problem: str  # what it found
    index: int  # where it found that, 0-based
    start: int  # where it began what it was doing

    @property
    def opening(self) -> str:
        """The character with which the parser began what it was doing."""
        return self.characters.text[self.start : self.start + 1]

    @property
    def before(self) -> str:
        """The line up to the problem."""
        return self.characters.text[self.characters.line_start(self.index) : self.index]


def explain(error: Breakdown) -> Finding:
    """The finding for a syntax error."""
    words = f"{error.context}: {error.problem}".lower()
    explanation = next((each for phrase, each in _EXPLANATIONS if phrase in words), _unexplained)
    message, hint, index = explanation(error)
    location = error.characters.location(min(index, len(error.characters.text)))
    return rules.INVALID_YAML.at(location, message, hint)


_Explanation = tuple[str, str, int]  # message, hint, and where that is
_BLOCK_HINT = "put the text in quotes, or on the lines below a `|`"


def _unexplained(error: Breakdown) -> _Explanation:
    problem = (error.problem or "unreadable text").lower()
    return f"the YAML breaks off here: {problem}", "", error.index


def _bad_start(character: str, index: int) -> _Explanation:
    name = "a backtick" if character == "`" else f"`{character}`"
    return f"a text cannot start with {name}", _BLOCK_HINT, index


def _no_token(error: Breakdown) -> _Explanation:
    found = error.characters.text[error.index : error.index + 1]
    return _tab(error) if found == "\t" else _bad_start(found, error.index)


def _tab(error: Breakdown) -> _Explanation:
    text = error.characters.text
    tab = text.find("\t", text.rfind("\n", 0, error.index) + 1)
    index = tab if tab >= 0 else error.index
    return "there is a tab in the indentation", "indent with spaces", index


def _colon(error: Breakdown) -> _Explanation:
    key = error.before.lstrip()
    if ": " in error.before or "- " in key[2:]:
        return "a text has a `:` followed by a space", _BLOCK_HINT, error.index
    hint = "align the key with its neighbours; the line above may lack its `:` or its quotes"
    return "a key is indented deeper than its neighbours", hint, error.index - len(key)


def _indentation(error: Breakdown) -> _Explanation:
    before = error.before.strip()
    if before.endswith(('"', "'")):
        hint = "write quotes inside a quoted text twice, or put it on the lines below a `|`"
        return "text follows the closing quote", hint, error.index
    if before.endswith(("]", "}")):
        return "text follows the closing bracket", _BLOCK_HINT, error.index
    hint = "align the line with the keys or the `- ` that it belongs to"
    return "the indentation of this line fits nothing above it", hint, error.index


def _bracket(error: Breakdown) -> _Explanation:
    hint = f"close it; a text that starts with `{error.opening}` needs quotes or a `|`"
    return f"the `{error.opening}` is not closed", hint, error.start


def _quote(error: Breakdown) -> _Explanation:
    return f"the quote `{error.opening}` is not closed", "close it", error.start


def _here(message: str, hint: str) -> Callable[[Breakdown], _Explanation]:
    return lambda error: (message, hint, error.index)


def _from_start(message: str, hint: str) -> Callable[[Breakdown], _Explanation]:
    return lambda error: (message, hint, error.start)


_LIST = _here("a list starts on the line of its key", "start the list on the next line")
_ESCAPE = _here("the quoted text has an unknown `\\` escape", "use single quotes, or write `\\\\`")
_BLOCK = _here("text follows the `|` or `>`", "start the text on the next line, or quote it")
_NO_KEY = _from_start(
    "the line is not a `key: value`", "add the `:`, or indent the line as a part of a text"
)
_TAG = _from_start("the text starts with a tag (`!`)", _BLOCK_HINT)

# The first phrase that the parser's words contain decides.
_EXPLANATIONS: tuple[tuple[str, Callable[[Breakdown], _Explanation]], ...] = (
    ("cannot start any token", _no_token),
    ("tab character", _tab),
    ("found character '\\t'", _tab),
    ("mapping values are not allowed", _colon),
    ("sequence entries are not allowed", _LIST),
    ("scanning a quoted scalar: found unexpected end of stream", _quote),
    ("scanning a quoted scalar: found unexpected document", _quote),
    ("unknown escape", _ESCAPE),
    ("parsing a flow", _bracket),
    # "an alias", "an anchor", "an anchor or alias": a text meant for emphasis
    ("scanning an a", lambda error: _bad_start(error.opening, error.start)),
    ("could not find expected ':'", _NO_KEY),
    ("scanning a block scalar", _BLOCK),
    ("undefined tag handle", _TAG),
    ("scanning a tag", _TAG),
    ("node content", _no_token),
    ("expected key", _indentation),
    ("expected <block end>", _indentation),
    ("'-' indicator", _indentation),
    ("document start", _indentation),
)

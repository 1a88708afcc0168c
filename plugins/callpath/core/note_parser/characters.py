r"""Bytes of a file as characters with places. Knows no YAML.

Lines end at `\n`, `\r\n` or `\r`, as in editors; columns count characters (code points).
"""

import codecs
import re
from bisect import bisect_right

from callpath.core import rules
from callpath.core.diagnostics import Diagnostic, Place

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
    """The text of a file that knows the place of each of its characters.

    Parameters:
        file: Path of the file, for places.
        text: Its text, without a byte order mark.
    """

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        self._starts = [0, *(end.end() for end in _LINE_END.finditer(text))]

    def place(self, index: int) -> Place:
        """The place of the character at an index (0-based) of the text."""
        line = bisect_right(self._starts, index)
        return Place(self.file, line, index - self._starts[line - 1] + 1)

    def index(self, place: Place) -> int:
        """The offset (0-based) of a place in the text; the place must be in it."""
        return self._starts[place.line - 1] + place.column - 1

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


def decode(file: str, data: bytes) -> tuple[Characters | None, list[Diagnostic]]:
    """The characters of a file, with what is wrong with its bytes.

    A character that cannot stand in YAML is replaced by U+FFFD, so that the rest can be read and
    every place stays as it is.

    Returns:
        The characters, or nothing when the file cannot be read at all; and the findings.
    """
    if len(data) > LARGEST_FILE:
        message = f"the file has {len(data):,} bytes, more than {LARGEST_FILE:,}"
        return None, [rules.TOO_LARGE.at(Place(file), message, "split the note")]
    if data.startswith(_UTF_16):
        message = "the file is UTF-16, not UTF-8"
        return None, [rules.INVALID_ENCODING.at(Place(file), message, "save it as UTF-8")]
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
    """The text of a file of any encoding that can be told, for a first look at it."""
    if data.startswith(_UTF_16):
        return data.decode("utf-16", errors="replace")
    text = data.removeprefix(codecs.BOM_UTF8).decode(errors="replace")
    return _FORBIDDEN.sub("\ufffd", text)


def _undecodable(file: str, data: bytes, error: UnicodeDecodeError) -> Diagnostic:
    before = Characters(file, data[: error.start].decode())
    message = f"the byte 0x{data[error.start]:02x} is not UTF-8"
    hint = "save the file as UTF-8"
    try:
        data.decode("gb18030")
        hint += "; it looks like GB18030 (GBK)"
    except UnicodeDecodeError:
        pass
    return rules.INVALID_ENCODING.at(before.place(len(before.text)), message, hint)


def _control_characters(characters: Characters, found: list[re.Match[str]]) -> Diagnostic:
    message = f"the character U+{ord(found[0].group()):04X} cannot stand in a note"
    if len(found) > 1:
        message += f", nor can {len(found) - 1} more"
    hint = "remove it; most editors can show invisible characters"
    return rules.INVALID_ENCODING.at(characters.place(found[0].start()), message, hint)

r"""The text of a definition out of the bytes of its file. Lines end at `\n` only, as in git."""

import re

from callpath.core.code_views import CodeText

# What cannot stand in HTML, and what would show the text in another order than it has: controls but
# tab, marks of direction, noncharacters. Each is shown as U+FFFD.
_UNSHOWN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufdd0-\ufdef"
    "\ufeff\ufffe\uffff"
    + "".join(f"{chr(0x10000 * n + 0xFFFE)}{chr(0x10000 * n + 0xFFFF)}" for n in range(1, 17))
    + "]"
)


def file_lines(data: bytes) -> tuple[str, ...]:
    """The lines of a file without their ends; what is no UTF-8 is shown as U+FFFD."""
    text = data.decode(errors="replace").replace("\r\n", "\n").removesuffix("\n")
    return tuple(_UNSHOWN.sub("\ufffd", text).split("\n"))


def definition_text(blob: str, lines: tuple[str, ...], start: int, end: int) -> CodeText | None:
    """The text of a definition; nothing when the file has no such lines.

    Parameters:
        blob: Git's id of the file.
        lines: The lines of the file.
        start: The first line of the definition.
        end: Its last line.
    """
    if not 1 <= start <= end <= len(lines):
        return None
    return CodeText(blob, start, lines[start - 1 : end])

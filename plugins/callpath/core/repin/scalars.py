"""Writes a new value of a YAML scalar in the way in which the old one is written."""

import re

from callpath.core.note_parser.nodes import Scalar
from callpath.core.repin.edits import Edit, not_in_place

_PLAIN = re.compile(r"[A-Za-z0-9_/][A-Za-z0-9_./+@~-]*")


def replace_scalar(text: str, scalar: Scalar, value: str, *, quoted: bool = False) -> Edit:
    """The edit that gives a scalar another value.

    Parameters:
        text: The file's text.
        scalar: The scalar.
        value: Its new value: a path, a version, a number.
        quoted: Whether the value needs quotes where it would stand without.

    Raises:
        UsageError: It is written as a block, or has an anchor or a tag.
    """
    start, end = scalar.span
    first = text[start : start + 1]
    if scalar.anchor or scalar.tag or first in ("|", ">", "&", "!") or start == end:
        raise not_in_place(scalar.place, f"`{scalar.text.value}`")
    if first == '"':
        return Edit(start, end, '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"')
    if first == "'" or quoted or not _PLAIN.fullmatch(value):
        return Edit(start, end, "'" + value.replace("'", "''") + "'")
    return Edit(start, end, value)

"""Marks in Markdown pages that stand for a generated part: `<!-- callpath: paths -->`.

A mark is on a line of its own. The Markdown library decides whether it is one and not a line of a
code block: a comment comes through it, code does not. About plain texts it is not asked. Does not
depend on pages and addresses.
"""

import re
from collections.abc import Callable, Iterator
from itertools import count

from msgspec import Struct

from callpath.findings import Finding, Location
from callpath.model import IGNORE, PARTS, Text, mark_fault
from callpath.notes.links import plain_links

PATHS, GRAPH, ERRATA, LEGEND = PARTS

_KEYWORD = "callpath:"
_MARK = rf"<!--[ \t]*{_KEYWORD}[ \t]*(?P<name>[^>\n]*?)[ \t]*-->[ \t]*\r?$"
# `mentions.exceptions` reads those that leave findings out.
_EXCEPTION = rf"<!--[ \t]*{_KEYWORD}[ \t]*{IGNORE}\b"
_WRITTEN = re.compile(rf"^(?P<indent> {{0,3}})(?!{_EXCEPTION}){_MARK}", re.MULTILINE)
# In HTML: a mark, or an element whose content is text and can hold none.
_RENDERED = re.compile(
    rf"<(?P<text>pre|script|style|textarea)\b(?:.|\n)*?</(?P=text)>|^[ \t]*{_MARK}", re.MULTILINE
)


class PartMark(Struct, frozen=True):
    """A mark in a Markdown text."""

    name: str  # may be unknown, or empty
    offset: int  # where the mark starts, 0-based
    end: int  # exclusive
    name_offset: int


def part_marks(text: str) -> tuple[PartMark, ...]:
    """The marks of a Markdown text in order; what looks like one in code is none."""
    written = list(_WRITTEN.finditer(text)) if _KEYWORD in text else []
    if not written:
        return ()
    if plain_links(text) is not None:
        return tuple(_mark(found) for found in written)
    numbers = count()
    numbered = _WRITTEN.sub(
        lambda found: f"{found['indent']}<!--{_KEYWORD}{next(numbers)}-->", text
    )
    from markdown import Markdown

    from callpath.notes.prose import EXTENSIONS

    html = Markdown(extensions=list(EXTENSIONS)).convert(numbered)
    rendered = {found["name"] for found in _RENDERED.finditer(html)}
    return tuple(_mark(found) for i, found in enumerate(written) if str(i) in rendered)


def _mark(found: re.Match[str]) -> PartMark:
    return PartMark(found["name"], found.start(), found.end(), found.start("name"))


def with_parts(html: str, part: Callable[[str], str]) -> str:
    """What Markdown made of a page, with the HTML of parts in place of their marks.

    Marks that name no part stay comments.
    """

    def filled(found: re.Match[str]) -> str:
        return part(found["name"]) if found["name"] in PARTS else found[0]

    return _RENDERED.sub(filled, html) if _KEYWORD in html else html


def part_faults(text: str, file: str) -> Iterator[Finding]:
    """The marks of a Markdown page that name no part; `file` is relative to the project's root."""
    whole = Text(text, Location(file), literal=True)
    for mark in part_marks(text):
        if mark.name not in PARTS:
            yield mark_fault(mark.name, whole.location_at(mark.name_offset))

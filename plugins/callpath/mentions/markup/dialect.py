"""MkDocs' dialect of Markdown, written as CommonMark that has each character at the same place.

Knows which lines open an admonition, a tab or a definition, and which words are no prose. Does not
read Markdown itself.
"""

import re
from collections.abc import Callable, Iterator

from msgspec import Struct

from callpath.mentions.spans import Span, united

_UNREADABLE = re.compile("[\x00\ud800-\udfff]")
_FIRST_LINE = re.compile(r"\ufeff?---[ \t]*\r?\n[ \t]*[\w\"'#-][^\n]*")
_LAST_LINE = re.compile(r"\n(?:---|\.\.\.)[ \t]*\r?(?=\n|\Z)")
_NOT_LINE_END = re.compile(r"[^\r\n]")
# Each starts with the line's end before it: that is found five times as fast as a line's start.
# An admonition, one that folds, a tab.
_OPENING = re.compile(r"\n([ \t]*)(!!!|\?\?\?\+?|===[!+]?)([ \t][^\r\n]+)")
_OPENS = re.compile(r"[\w -]*(\"[^\n]*\")?")
_DEFINITION = re.compile(r"(\n[ \t]*):(?= {1,3}\S)")
_ELEMENT = re.compile(r"\n[ \t]*<(?!a\b)[a-z][\w-]*\b([^<>\n]*)>[ \t]*\r?(?=\n|\Z)")
_READ_INSIDE = re.compile(r"\bmarkdown\b")
# Snippets, fences of blocks, the place of a table of contents.
_DIRECTION = re.compile(r"\n[ \t]*(?:;?-+8<-+|/{3,}|\[TOC\][ \t]*\r?(?=\n|\Z))[^\r\n]*")
_ROW = re.compile(r"\n[ \t>]*\|[^\n]*")
_CODE_SPAN = re.compile(r"(?<!`)(`{1,2})(?!`)[^`\n]+\1(?!`)")
_FENCE_END = re.compile(r"```[ \t]*\t")
_ATTRIBUTES = re.compile(r"\{(?::[^{}\n]*|[ \t]*(?:[#.][^{}\s=]|[\w-]+=)[^{}\n]*)\}")
_TEMPLATE = re.compile(r"\{[{%]")


class CommonMark(Struct, frozen=True):
    """A page of MkDocs as CommonMark of the same length."""

    text: str
    front_matter: Span | None
    unspoken: tuple[Span, ...]  # what is no prose: attribute lists, kinds of admonitions
    templates: tuple[Span, ...]  # Jinja, with what it is joined to


def as_common_mark(text: str) -> CommonMark:
    """A page in MkDocs' dialect; any other Markdown stays what it is."""
    readable = _readable(text)
    front_matter = _front_matter(text)
    if front_matter is not None:
        start, end = front_matter
        readable = readable[:start] + _blank(readable[start:end]) + readable[end:]
    unspoken: list[Span] = [found.span() for found in _ATTRIBUTES.finditer(readable)]
    lines = _OPENING.sub(_as_item(unspoken), f"\n{readable}")
    lines = _DEFINITION.sub(r"\1-", lines)
    lines = _DIRECTION.sub(lambda found: _blank(found[0]), lines)
    lines = _ELEMENT.sub(_without_tag, lines)
    lines = _ROW.sub(_without_bars, lines)
    lines = _FENCE_END.sub(lambda found: found[0].replace("\t", " "), lines)
    templates = united(_templates(text))
    return CommonMark(lines[1:], front_matter, tuple(united(unspoken)), tuple(templates))


def _readable(text: str) -> str:
    """A text without the characters that no document can have."""
    if "\0" in text or not text.isascii():
        text = _UNREADABLE.sub("\ufffd", text)
    return f" {text[1:]}" if text.startswith("\ufeff") else text


def _blank(text: str) -> str:
    return _NOT_LINE_END.sub(" ", text)


def _front_matter(text: str) -> Span | None:
    """Where a page has its metadata."""
    first = _FIRST_LINE.match(text)
    if first is None or not (":" in first[0] or "#" in first[0]):
        return None
    last = _LAST_LINE.search(text, first.end())
    return None if last is None else (0, last.end())


def _as_item(unspoken: list[Span]) -> Callable[[re.Match[str]], str]:
    """Makes the first line of an admonition or a tab that of a list's item.

    What it holds is indented by four columns, as the content of an item is that starts with `-` and
    three spaces.
    """

    def item(found: re.Match[str]) -> str:
        head = found[3].strip()
        said = _OPENS.fullmatch(head)
        if said is None or (found[2].startswith("===") and not said[1]):
            return found[0]
        start, title, end = found.start(2), found.end(), found.end()
        if said[1]:
            title = end - len(found[3].lstrip()) + said.start(1)
        # What is before the title's words is no prose. The text starts behind a line's end.
        unspoken.append((start - 1, title - 1 + bool(said[1])))
        return f"\n{found[1]}-   {'.' * (title - start - 4)}{found.string[title:end]}"

    return item


def _without_tag(found: re.Match[str]) -> str:
    return _blank(found[0]) if _READ_INSIDE.search(found[1]) else found[0]


def _without_bars(found: re.Match[str]) -> str:
    """A row of a table whose code spans hold no bar, which would end a cell."""
    row = found[0]
    return _CODE_SPAN.sub(lambda code: code[0].replace("|", "!"), row) if "`" in row else row


def _templates(text: str) -> Iterator[Span]:
    """Each expression of Jinja, with the characters around it up to white space."""
    position = 0
    closings = {"{{": "}}", "{%": "%}"}
    while found := _TEMPLATE.search(text, position):
        closing = closings.get(found[0])
        end = text.find(closing, found.end()) if closing else -1
        if end < 0:
            closings.pop(found[0], None)
            position = found.end()
            continue
        start, end = found.start(), end + 2
        while start > position and not text[start - 1].isspace():
            start -= 1
        while end < len(text) and not text[end].isspace() and text[end] != "{":
            end += 1
        yield start, end
        position = end

"""MkDocs' dialect of Markdown, written as CommonMark that has each character at the same place.

Knows which lines open an admonition, a tab or a definition, and which words are no prose. Does not
read Markdown itself.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

Span = tuple[int, int]
"""Start and end of a stretch of a text, the end exclusive."""

_UNREADABLE = re.compile("[\x00\ud800-\udfff]")
_FIRST_LINE = re.compile(r"\ufeff?---[ \t]*\r?\n[ \t]*[\w\"'#-][^\n]*")
_LAST_LINE = re.compile(r"^(?:---|\.\.\.)[ \t]*\r?$", re.MULTILINE)
_NOT_LINE_END = re.compile(r"[^\r\n]")
# An admonition, one that folds, a tab.
_OPENING = re.compile(r"^([ \t]*)(!!!|\?\?\?\+?|===[!+]?)([ \t][^\r\n]+)", re.MULTILINE)
_OPENS = re.compile(r"[\w -]*(\"[^\n]*\")?")
_DEFINITION = re.compile(r"^([ \t]*):(?= {1,3}\S)", re.MULTILINE)
_ELEMENT = re.compile(r"^[ \t]*<(?!a\b)[a-z][\w-]*\b([^<>\n]*)>[ \t]*\r?$", re.MULTILINE)
_READ_INSIDE = re.compile(r"\bmarkdown\b")
# Snippets, fences of blocks, the place of a table of contents.
_DIRECTION = re.compile(r"^[ \t]*(?:;?-+8<-+|/{3,})[^\r\n]*|^[ \t]*\[TOC\][ \t]*\r?$", re.MULTILINE)
_CODE_SPAN = re.compile(r"(?<!`)(`{1,2})(?!`)[^`\n]+\1(?!`)")
_ATTRIBUTES = re.compile(r"\{(?::[^{}\n]*|[ \t]*(?:[#.][^{}\s=]|[\w-]+=)[^{}\n]*)\}")
_TEMPLATE = re.compile(r"\{[{%]")


@dataclass(frozen=True, slots=True)
class CommonMark:
    """A page of MkDocs as CommonMark of the same length."""

    text: str
    front_matter: Span | None
    unspoken: tuple[Span, ...]  # what is no prose: attribute lists, kinds of admonitions
    templates: tuple[Span, ...]  # Jinja, with what it is joined to


def as_common_mark(text: str) -> CommonMark:
    """A page in MkDocs' dialect; any other Markdown stays what it is."""
    readable = _UNREADABLE.sub("\ufffd", text)
    if readable.startswith("\ufeff"):
        readable = " " + readable[1:]
    front_matter = _front_matter(text)
    if front_matter is not None:
        start, end = front_matter
        readable = readable[:start] + _blank(readable[start:end]) + readable[end:]
    unspoken: list[Span] = [found.span() for found in _ATTRIBUTES.finditer(readable)]
    readable = _OPENING.sub(_as_item(unspoken), readable)
    readable = _DEFINITION.sub(r"\1-", readable)
    readable = _DIRECTION.sub(lambda found: _blank(found[0]), readable)
    readable = _ELEMENT.sub(_without_tag, readable)
    readable = _CODE_SPAN.sub(lambda found: found[0].replace("|", "!"), readable)
    return CommonMark(
        readable, front_matter, tuple(united(unspoken)), tuple(united(_templates(text)))
    )


def united(spans: Iterable[Span]) -> Iterator[Span]:
    """The same stretches in order, those that touch as one."""
    last: Span | None = None
    for start, end in sorted(spans):
        if last is not None and start <= last[1]:
            last = (last[0], max(last[1], end))
            continue
        if last is not None:
            yield last
        last = (start, end)
    if last is not None:
        yield last


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
        start = found.end(1)
        # Where the title's words start; what is before them is no prose.
        title = found.end() - len(found[3].lstrip()) + said.start(1) if said[1] else found.end()
        unspoken.append((start, title + bool(said[1])))
        return f"{found[1]}-   {'.' * (title - start - 4)}{found.string[title : found.end()]}"

    return item


def _without_tag(found: re.Match[str]) -> str:
    return _blank(found[0]) if _READ_INSIDE.search(found[1]) else found[0]


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

"""Links in Markdown: what `src:` links name, and the links of a plain text.

A text is plain where every reader of Markdown finds the same links and comments. Most pages are;
reading them takes no Markdown library, which takes longer to import than a page to check.
"""

import re

from msgspec import Struct

from callpath.model import Symbol

SCHEME = "src:"
TEXT_DIRECTIVE = ":~:"
"""What begins the part of a fragment that is for the browser: the words to show.

The standard is URL Fragment Text Directives.
"""
_IDENTIFIER = r"[A-Za-z_]\w*"
_TARGET = re.compile(
    rf"{SCHEME}(?P<path>[^#]+)#(?:(?P<kind>struct|union|enum)\.)?"
    rf"(?P<name>{_IDENTIFIER}(?:\.{_IDENTIFIER})?)(?:@(?P<occurrence>[1-9]\d{{0,3}}))?"
)


def source_target(href: str) -> tuple[Symbol, int] | None:
    """The symbol and the occurrence that `src:PATH#SYMBOL` names, or None for other links.

    SYMBOL is a name, `struct.member`, or `struct.NAME` with a C keyword for a tag; `@2` chooses the
    second of several definitions, 0 is no choice.
    """
    found = _TARGET.fullmatch(href)
    if found is None:
        return None
    path, kind, name, occurrence = found.groups()
    return Symbol(path, name, kind or ""), int(occurrence or 0)


class Link(Struct, frozen=True):
    """A link in a text."""

    href: str  # without Markdown's escapes
    offset: int  # where the target is in the text, 0-based
    end: int  # exclusive


_COMMENT = re.compile(r"(?<![^\n]\n)^<!--[^<>\n]*-->$(?!\n[^\n])", re.MULTILINE)
_CODE = re.compile(r"`[^`\n]+`")
_LINK = re.compile(r"(?<!!)\[[^\[\]|\n]*\]\(([\w./:#@%+?=~,-]+)\)")
# What the readers of Markdown do not all read alike, or only with what is around it: control
# characters, escapes, HTML and quotes; three stars; code spans over several lines, images and
# definitions; lines that are indented far, or begin fences and admonitions.
_NOT_PLAIN = re.compile(
    r"[\x00-\x09\x0b-\x1f\\<`]|!\[|\]:|\[\^|\*{3}|_{3}"
    r"|^ {0,3}>|^ {4}|^ {0,3}(?:[-*+]|\d+[.)]) {4}|^ {0,3}(?:~~~|!!!|\?\?\?)",
    re.MULTILINE,
)


def plain_links(text: str) -> tuple[Link, ...] | None:
    """The links of a plain text, in order; None if the text is not plain.

    In a plain text a comment on a line of its own is a comment.
    """
    words = _CODE.sub(_blanked, _COMMENT.sub(_blanked, text))
    if _NOT_PLAIN.search(words):
        return None
    links = tuple(Link(found[1], *found.span(1)) for found in _LINK.finditer(words))
    return links if len(links) == words.count("](") else None


def _blanked(found: re.Match[str]) -> str:
    return "x" * len(found[0])

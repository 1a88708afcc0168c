"""Reads Markdown texts: their links, what they leave open, their first sentence.

They are read by the same Markdown library that renders them, so that a link inside a code block is
no link here either. Knows no page and no address.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape, unescape
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor
from markdown.util import HTML_PLACEHOLDER_RE

from callpath.core import rules
from callpath.core.diagnostics import Rule
from callpath.core.html_balance import imbalance

EXTENSIONS = ("tables", "fenced_code", "footnotes", "admonition", "md_in_html")
"""The extensions of Markdown that prose is read with."""
AFTER_HTML = -1
"""Priority of a tree processor that runs after MkDocs has rewritten the links between pages."""

_MARKUP = re.compile(r"\]\(|\]:|<|```|~~~")
_FENCE = re.compile(r"^(`{3,}|~{3,})([^`\n]*)$", re.MULTILINE)
_SENTENCE_END = re.compile(r"[。！？]|[.!?](?=\s|$)")
_BEFORE_TARGET = r"(?:\]\(\s*<?|\]:\s*<?|<)"
_SENTINEL = "callpathendoftext"
_PART = "callpathpart"
_PART_END = re.compile(rf"{_PART}\d+x")
_LINK = "callpathlink"
_MARKED = re.compile(rf"(.*){_LINK}(\d{{1,9}})x", re.DOTALL)
_STASHED = re.compile("\x02[^\x03]*\x03")  # what the library fills in later
_LITERAL = "or write `&lt;` for a literal `<`"


@dataclass(frozen=True, slots=True)
class Link:
    """A link in a text.

    Attributes:
        href: Its target, without Markdown's escapes.
        offset: Where the target stands in the text, 0-based.
        end: Where it ends there, exclusive.
    """

    href: str
    offset: int
    end: int


@dataclass(frozen=True, slots=True)
class ProseFault:
    """What keeps a text from standing between others: the rule, the fact and the remedy."""

    rule: Rule
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class Prose:
    """What a Markdown text holds.

    Attributes:
        links: Its links in reading order.
        fault: What it leaves open, or closes without having opened it; nothing when what stands
            around the text is safe from it.
    """

    links: tuple[Link, ...] = ()
    fault: ProseFault | None = None


@lru_cache(maxsize=4096)
def read_prose(text: str) -> Prose:
    """The links of a Markdown text, in order, and whether it closes what it opens."""
    if not _MARKUP.search(text):
        return Prose()
    sentinel = _SENTINEL
    while sentinel in text:
        sentinel += "x"
    hrefs, html = _read(f"{text}\n\n{sentinel}\n")
    before, found, _ = html.partition(f"<p>{sentinel}</p>")
    return Prose(_located(hrefs, text), _fault(text, before, separate=bool(found)))


def with_targets(text: str, target: Callable[[str], str | None]) -> str:
    """The text with its links leading elsewhere.

    Parameters:
        text: A Markdown text.
        target: What a link's target becomes; nothing to leave it.
    """
    parts: list[str] = []
    position = 0
    for link in read_prose(text).links:
        led = target(link.href)
        if led is not None and link.offset >= position:
            parts += [text[position : link.offset], led]
            position = link.end
    return "".join([*parts, text[position:]])


def sealed(text: str) -> str:
    """The text, with its HTML and its code blocks made harmless when it leaves one open."""
    unfenced = _FENCE.sub(lambda found: _as_entities(found[1]) + found[2], text)
    tries = (text, unfenced, escape(text, quote=False))
    whole = (each for each in tries if read_prose(each).fault is None)
    return next(whole, escape(text, quote=False).replace("`", "&#96;").replace("~", "&#126;"))


def joined(parts: Sequence[str]) -> str:
    """The parts as one Markdown text that `split` can take apart after it was rendered.

    It starts with an empty line, so that nobody takes its first line for metadata.
    """
    unmarked = (part.replace(_PART, "callpath-part") for part in parts)
    return "\n" + "".join(f"{part}\n\n{_PART}{i}x\n\n" for i, part in enumerate(unmarked))


def split(html: str, count: int) -> tuple[list[str], str]:
    """The rendered parts of a `joined` text, and what stands behind them (footnotes).

    Parameters:
        html: What Markdown made of the joined text.
        count: How many parts there were; each must be `sealed`. A part whose end is lost all the
            same stands with the one behind it.
    """
    parts = []
    for number in range(count):
        part, mark, rest = html.partition(f"<p>{_PART}{number}x</p>")
        if mark:
            html = rest
        parts.append(part.strip() if mark else "")
    return parts, html.strip()


def by_part(root: Element) -> Iterator[tuple[int, Element]]:
    """The blocks of a `joined` text that is being rendered, each with the number of its part."""
    part = 0
    for block in list(root):
        if block.tag == "p" and _PART_END.fullmatch((block.text or "").strip()):
            part += 1
        else:
            yield part, block


@lru_cache(maxsize=4096)
def first_sentence(text: str) -> str:
    """The first sentence of a Markdown text as plain text on one line; empty if there is none."""
    reader = _FirstParagraphExtension()
    Markdown(extensions=[*EXTENSIONS, reader]).convert(text)
    paragraph = reader.processor.text
    found = _SENTENCE_END.search(paragraph)
    return paragraph[: found.end()].rstrip() if found else paragraph


def _fault(text: str, html: str, *, separate: bool) -> ProseFault | None:
    """What is wrong with a text, its HTML, and whether what follows it is a new block."""
    if _open_fence(text):
        return ProseFault(
            rules.UNCLOSED_CODE,
            "a commentary does not close its code block",
            "end the block with the fence that it starts with",
        )
    tag = imbalance(html)
    if tag.startswith("</"):
        message = f"a commentary closes `{tag}`, which it did not open"
        return ProseFault(rules.UNCLOSED_HTML, message, f"remove the tag, {_LITERAL}")
    if tag:
        message = f"a commentary opens `{tag}` and does not close it"
        return ProseFault(rules.UNCLOSED_HTML, message, f"close the element, {_LITERAL}")
    if not separate:
        message = "a commentary leaves an HTML element open"
        return ProseFault(rules.UNCLOSED_HTML, message, f"close the element, {_LITERAL}")
    return None


def _open_fence(text: str) -> str:
    """The fence of a code block that is open at the end of the text, or nothing.

    Only fences at the very start of a line can reach into the text that follows.
    """
    fence = ""
    for found in _FENCE.finditer(text):
        if not fence:
            fence = found[1]
        elif found[1] == fence and not found[2].strip():
            fence = ""
    return fence


def _as_entities(fence: str) -> str:
    return "".join(f"&#{ord(character)};" for character in fence)


def _located(hrefs: Sequence[str], text: str) -> tuple[Link, ...]:
    """The links of a text with their places.

    What looks like a link may stand in code: each place that could be one gets a mark, and the
    marks that come back as links are links.
    """
    if not hrefs:
        return ()
    longest_first = sorted(set(hrefs), key=lambda href: (-len(href), href))
    targets = "|".join(_as_written(href) for href in longest_first)
    places = [
        found.span("target")
        for found in re.finditer(f"{_BEFORE_TARGET}(?P<target>{targets})", text)
    ]
    marked, position = [], 0
    for number, (_, end) in enumerate(places):
        marked += [text[position:end], f"{_LINK}{number}x"]
        position = end
    found_links = []
    for href in _read("".join([*marked, text[position:]]))[0]:
        found = _MARKED.fullmatch(href)
        if found and int(found[2]) < len(places):  # others were made by Markdown: of footnotes
            found_links.append(Link(found[1], *places[int(found[2])]))
    return tuple(found_links)


def _as_written(href: str) -> str:
    """A pattern for a target, whose punctuation may be escaped in Markdown."""
    return "".join(re.escape(c) if c.isalnum() else r"\\?" + re.escape(c) for c in href)


def _read(text: str) -> tuple[list[str], str]:
    """The targets of a text's links, and its HTML."""
    collector = _Collector()
    html = Markdown(extensions=[*EXTENSIONS, collector]).convert(text)
    return collector.hrefs, html


class _Collector(Extension):
    """Notes every link of the text that it is used on."""

    def __init__(self) -> None:
        super().__init__()
        self.hrefs: list[str] = []

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 (the library's name)
        processor = _CollectLinks(md)
        processor.hrefs = self.hrefs
        md.treeprocessors.register(processor, "callpath-collect", AFTER_HTML)


class _CollectLinks(Treeprocessor):
    hrefs: list[str]

    def run(self, root: Element) -> None:
        self.hrefs.extend(href for element in root.iter("a") if (href := element.get("href", "")))


class _FirstParagraph(Treeprocessor):
    text = ""

    def run(self, root: Element) -> None:
        for element in root.iter("p"):
            text = HTML_PLACEHOLDER_RE.sub(self._entity, "".join(element.itertext()))
            if text := unescape(_STASHED.sub("", text)).strip():
                self.text = " ".join(text.split())
                return

    def _entity(self, found: re.Match[str]) -> str:
        """What the library put aside: an entity stays, raw HTML goes."""
        raw = str(self.md.htmlStash.rawHtmlBlocks[int(found[1])])
        return raw if raw.startswith("&") else ""


class _FirstParagraphExtension(Extension):
    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 (the library's name)
        self.processor = _FirstParagraph(md)
        md.treeprocessors.register(self.processor, "callpath-first", AFTER_HTML)

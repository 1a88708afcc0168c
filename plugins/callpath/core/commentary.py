"""What a commentary holds beside prose: links to source and pages, names that link themselves.

The text is read by the same Markdown library that renders it, so that a link inside a code block is
no link here either. Knows no page and no address: callers give functions that answer for them.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor
from markdown.util import HTML_PLACEHOLDER_RE

SCHEME = "src:"
_CALL = re.compile(r"([A-Za-z_]\w*)\(\)")
_IDENTIFIER = r"[A-Za-z_]\w*"
_TARGET = re.compile(
    rf"(?P<path>[^#]+)#(?:(?P<kind>struct|union|enum)\.)?"
    rf"(?P<name>{_IDENTIFIER}(?:\.{_IDENTIFIER})?)(?:@(?P<occurrence>[1-9]\d{{0,3}}))?"
)
_STASHED = re.compile("\x02[^\x03]*\x03")  # what the library puts in place of raw HTML
_SENTENCE_END = re.compile(r"[。！？]|[.!?](?=\s|$)")
_AFTER_HTML = -1  # runs after MkDocs has rewritten the links between pages
_SENTINEL = "callpathendoftext"
_MARK = "callpathpart"
_READING_EXTENSIONS = ("tables", "fenced_code", "footnotes", "admonition", "md_in_html")


@dataclass(frozen=True, slots=True)
class SourceTarget:
    """What a `src:` link names.

    Attributes:
        path: File in the source.
        name: The symbol; a field is `struct.member`.
        kind: `struct`, `union` or `enum` when the link says so, else empty.
        occurrence: Which of several definitions, 1-based; 0: not chosen.
    """

    path: str
    name: str
    kind: str = ""
    occurrence: int = 0


@dataclass(frozen=True, slots=True)
class Link:
    """A link in a text.

    Attributes:
        href: Its target as written.
        offset: Where the target stands in the text, 0-based.
    """

    href: str
    offset: int


@dataclass(frozen=True, slots=True)
class Prose:
    """What a Markdown text holds.

    Attributes:
        links: Its links in reading order.
        closed: Whether what follows the text would still be read as a new block; false when raw
            HTML is left open.
    """

    links: tuple[Link, ...]
    closed: bool


def source_target(href: str) -> SourceTarget | None:
    """What `src:PATH#SYMBOL` names; nothing when the link is not of that form.

    SYMBOL is a name, `struct.member`, or `struct.NAME` with a C keyword for a tag; `@2` chooses the
    second of several definitions.
    """
    found = _TARGET.fullmatch(href.removeprefix(SCHEME))
    if not href.startswith(SCHEME) or found is None:
        return None
    return SourceTarget(
        found["path"], found["name"], found["kind"] or "", int(found["occurrence"] or 0)
    )


@lru_cache(maxsize=4096)
def read_prose(text: str) -> Prose:
    """The links of a Markdown text, in order, and whether it closes what it opens."""
    if "](" not in text and "<" not in text and "]:" not in text:
        return Prose((), closed=True)
    collector = _Collector()
    markdown = Markdown(extensions=[*_READING_EXTENSIONS, collector])
    html = markdown.convert(f"{text}\n\n{_SENTINEL}\n")
    closed = f"<p>{_SENTINEL}</p>" in html
    return Prose(tuple(_located(collector.hrefs, text)), closed)


def joined(parts: Sequence[str]) -> str:
    """The parts as one Markdown text that `split` can take apart after it was rendered.

    It starts with an empty line, so that nobody takes its first line for metadata.
    """
    return "\n" + "".join(f"{part}\n\n{_MARK}{number}x\n\n" for number, part in enumerate(parts))


def split(html: str, count: int) -> tuple[list[str], str]:
    """The rendered parts of a `joined` text, and what stands behind them (footnotes).

    Parameters:
        html: What Markdown made of the joined text.
        count: How many parts there were; each must be closed (see `Prose`).
    """
    parts = []
    for number in range(count):
        part, _, html = html.partition(f"<p>{_MARK}{number}x</p>")
        parts.append(part.strip())
    return parts, html.strip()


def _located(hrefs: list[str], text: str) -> Iterator[Link]:
    position = 0
    for href in hrefs:
        offset = text.find(href, position)
        if offset >= 0:
            position = offset + len(href)
        else:
            offset = text.find(href)
        if offset >= 0:  # the rest are links that Markdown made: those of footnotes
            yield Link(href, offset)


class _Collector(Extension):
    """Notes every link of the text that it is used on."""

    def __init__(self) -> None:
        super().__init__()
        self.hrefs: list[str] = []

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 (the library's name)
        processor = _CollectLinks(md)
        processor.hrefs = self.hrefs
        md.treeprocessors.register(processor, "callpath-collect", _AFTER_HTML)


class _CollectLinks(Treeprocessor):
    hrefs: list[str]

    def run(self, root: Element) -> None:
        self.hrefs.extend(href for element in root.iter("a") if (href := element.get("href", "")))


@dataclass(frozen=True, slots=True)
class LinkedName:
    """Where a link or a name leads on the site.

    Attributes:
        href: The address, relative to the page or absolute.
        title: What a reader sees when the pointer rests on it; may be empty.
    """

    href: str
    title: str = ""


LinkSource = Callable[[str], LinkedName | None]


class ProseExtension(Extension):
    """Turns `src:` links and code spans of the form `name()` into links of the site.

    Parameters:
        link_target: Given `src:…` as written, where it leads, or nothing to leave plain text.
        link_name: Given a name without its parentheses, where it leads, or nothing.
        link_page: Given any other link as written, where it leads, or nothing to leave it.
    """

    def __init__(
        self, link_target: LinkSource, link_name: LinkSource, link_page: LinkSource | None = None
    ) -> None:
        super().__init__()
        self.link_target = link_target
        self.link_name = link_name
        self.link_page = link_page or (lambda _: None)

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 (the library's name)
        """Register the tree processor with the Markdown instance."""
        md.treeprocessors.register(_LinkProse(md, self), "callpath-prose", _AFTER_HTML)


class _LinkProse(Treeprocessor):
    def __init__(self, md: Markdown, sources: ProseExtension) -> None:
        super().__init__(md)
        self._sources = sources

    def run(self, root: Element) -> None:
        linked: set[int] = set()
        for anchor in root.iter("a"):
            linked.update(id(inside) for inside in anchor.iter())
            self._source_link(anchor)
        for block in list(root.iter()):
            if block.tag == "pre":
                linked.update(id(inside) for inside in block.iter())
        for parent in list(root.iter()):
            self._names(parent, linked)

    def _source_link(self, anchor: Element) -> None:
        href = anchor.get("href", "")
        if not href.startswith(SCHEME):
            if page := self._sources.link_page(href):
                anchor.set("href", page.href)
            return
        leads = self._sources.link_target(href)
        anchor.set("class", "callpath-source-link" if leads else "callpath-broken-link")
        if leads is None:
            del anchor.attrib["href"]
            return
        anchor.set("href", leads.href)
        if leads.title:
            anchor.set("title", leads.title)

    def _plain(self, code: Element) -> str:
        """The text of a code span, also where an extension has put it aside as finished HTML."""
        text = (code.text or "").strip()
        stashed = HTML_PLACEHOLDER_RE.fullmatch(text)
        if stashed:
            text = str(self.md.htmlStash.rawHtmlBlocks[int(stashed[1])])
        return unescape(text).strip()

    def _names(self, parent: Element, linked: set[int]) -> None:
        for place, child in enumerate(list(parent)):
            if child.tag != "code" or id(child) in linked:
                continue
            found = _CALL.fullmatch(self._plain(child))
            leads = self._sources.link_name(found[1]) if found else None
            if leads is None:
                continue
            anchor = Element("a", {"href": leads.href, "class": "callpath-name"})
            if leads.title:
                anchor.set("title", leads.title)
            anchor.tail, child.tail = child.tail, None
            parent.remove(child)
            anchor.append(child)
            parent.insert(place, anchor)


class _FirstParagraph(Treeprocessor):
    text = ""

    def run(self, root: Element) -> None:
        for element in root.iter("p"):
            if text := _STASHED.sub("", "".join(element.itertext())).strip():
                self.text = " ".join(text.split())
                return


class _FirstParagraphExtension(Extension):
    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 (the library's name)
        self.processor = _FirstParagraph(md)
        md.treeprocessors.register(self.processor, "callpath-first", _AFTER_HTML)


@lru_cache(maxsize=4096)
def first_sentence(text: str) -> str:
    """The first sentence of a Markdown text as plain text on one line; empty if there is none."""
    reader = _FirstParagraphExtension()
    Markdown(extensions=[*_READING_EXTENSIONS, reader]).convert(text)
    paragraph = reader.processor.text
    found = _SENTENCE_END.search(paragraph)
    return paragraph[: found.end()].rstrip() if found else paragraph

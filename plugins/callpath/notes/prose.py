"""Reads Markdown texts: their links, what they leave open, their first sentence.

They are read by the same Markdown library that renders them, so that a link inside a code block is
no link here either. Does not depend on pages and addresses.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from html import escape, unescape
from html.parser import HTMLParser
from itertools import count
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import HTML_PLACEHOLDER_RE
from msgspec import Struct

from callpath import rules
from callpath.findings import Rule
from callpath.notes.links import SCHEME, Link, plain_links

_VOID = frozenset(
    "area base br col embed hr img input link meta param source track wbr".split()  # noqa: SIM905
)
# HTML lets these be closed by what follows them, or by the end of the element around them.
_CLOSED_BY_OTHERS = frozenset(
    "p li dt dd tr td th thead tbody tfoot caption colgroup option optgroup".split()  # noqa: SIM905
)
_FOREIGN = frozenset({"svg", "math"})


def imbalance(html: str) -> str:
    """The first tag that breaks the balance: `<div>` or `</div>`; or empty."""
    parser = _Balance()
    parser.feed(html)
    parser.close()
    left = [f"<{tag}>" for tag in parser.open if tag not in _CLOSED_BY_OTHERS]
    return next(iter(parser.faults + left), "")


class _Balance(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []  # outermost first
        self.faults: list[str] = []  # tags that close what is not open, or are closed over

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """`<path/>` is an element without content in SVG; in HTML the slash counts for nothing."""
        if not _FOREIGN.intersection(self.open):
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """An element ends, and with it those inside it."""
        if tag not in self.open:
            if tag not in _VOID:
                self.faults.append(f"</{tag}>")
            return
        while (inner := self.open.pop()) != tag:
            if inner not in _CLOSED_BY_OTHERS:
                self.faults.append(f"<{inner}>")

    def parse_marked_section(self, i: int, report: bool = True) -> int:  # noqa: FBT001, FBT002
        """`<![x` that starts no section is a comment to browsers; the library would raise."""
        try:
            return super().parse_marked_section(i, report)
        except AssertionError:
            return self.parse_bogus_comment(i)


# The extensions of Markdown that prose is read with.
EXTENSIONS = ("tables", "fenced_code", "footnotes", "admonition", "md_in_html")

# Priorities of tree processors: between Markdown's own and the one of MkDocs that rewrites the
# links between pages; after that one.
_BEFORE_LINKS, _AFTER_LINKS = 5, -1
# Priority of a preprocessor: after those that include files, before those that put code aside.
_AFTER_SNIPPETS = 29

_MARKUP = re.compile(r"\]\(|\]:|<|```|~~~")
_FENCE = re.compile(r"^(`{3,}|~{3,})([^`\n]*)$", re.MULTILINE)
_PLAIN_CODE = re.compile(
    r"(?<!`)`[^\s`<>&\x00-\x1f](?:[^\n`<>&\x00-\x1f]*[^\s`<>&\x00-\x1f])?`(?!`)"
)
_PLAIN = r"[^\W\d_][^\x00-\x1f`\\*_\[\]<>&|~#{}^]*"
_PLAIN_LINES = re.compile(rf"{_PLAIN}(?:\n{_PLAIN})*\n?")
_SENTENCE_END = re.compile(r"[。！？]|[.!?](?=\s|$)")
_BEFORE_TARGET = r"(?:\]\(\s*<?|\]:\s*<?|<)"
_SENTINEL = "callpathendoftext"
_PART = "callpathpart"
_PART_END = re.compile(rf"{_PART}\d+x")
_LINK = "callpathlink"
_MARKED = re.compile(rf"(.*){_LINK}(\d{{1,9}})x", re.DOTALL)
_STASHED = re.compile("\x02[^\x03]*\x03")  # what the library fills in later


ProseFault = tuple[Rule, str, str]
"""What keeps a text from standing between others: the rule, the fact and the remedy."""


class Prose(Struct, frozen=True):
    """What a Markdown text holds."""

    links: tuple[Link, ...] = ()  # in reading order
    fault: ProseFault | None = None  # what it leaves open, or closes without having opened it


@cache
def read_prose(text: str) -> Prose:
    """The links of a Markdown text, in order, and whether it closes what it opens."""
    if not _MARKUP.search(text):
        return Prose()
    if (plain := plain_links(text)) is not None:
        return Prose(plain)
    sentinel = _SENTINEL
    while sentinel in text:
        sentinel += "x"
    _, root, html = _read(f"{text}\n\n{sentinel}\n")
    before, found, _ = html.partition(f"<p>{sentinel}</p>")
    return Prose(_located(_hrefs(root), text), _fault(text, before, separate=bool(found)))


def with_targets(text: str, target: Callable[[str], str | None]) -> str:
    """A Markdown text with other targets of its links; those that `target` gives None for stay."""
    parts: list[str] = []
    position = 0
    for link in read_prose(text).links:
        led = target(link.href)
        if led is not None and link.offset >= position:
            parts += [text[position : link.offset], led]
            position = link.end
    return "".join([*parts, text[position:]])


def sealed(text: str) -> str:
    """The text, with its HTML and its code blocks made harmless if it leaves one open."""
    unfenced = _FENCE.sub(lambda found: _as_entities(found[1]) + found[2], text)
    for each in (text, unfenced, escape(text, quote=False)):
        if read_prose(each).fault is None:
            return each
    return escape(text, quote=False).replace("`", "&#96;").replace("~", "&#126;")


def joined(parts: Sequence[str]) -> str:
    """The parts as one Markdown text that `split` can take apart after it was rendered.

    It starts with an empty line, so that nobody takes its first line for metadata.
    """
    unmarked = (part.replace(_PART, "callpath-part") for part in parts)
    return "\n" + "".join(f"{part}\n\n{_PART}{i}x\n\n" for i, part in enumerate(unmarked))


def split(html: str, count: int) -> tuple[list[str], str]:
    """The rendered parts of a `joined` text, and what follows them (footnotes).

    Each of the `count` parts must be `sealed`. A part whose end is lost all the same is joined with
    the next one.
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


@cache
def first_sentence(text: str) -> str:
    """The first sentence of a Markdown text as plain text on one line; empty if there is none."""
    if line := _plain_start(text):
        return _sentence(line)
    markdown, root, _ = _read(text)

    def entity(found: re.Match[str]) -> str:
        """What the library put aside: an entity stays, raw HTML goes."""
        raw = str(markdown.htmlStash.rawHtmlBlocks[int(found[1])])
        return raw if raw.startswith("&") else ""

    for paragraph in root.iter("p"):
        plain = HTML_PLACEHOLDER_RE.sub(entity, "".join(paragraph.itertext()))
        if line := " ".join(unescape(_STASHED.sub("", plain)).split()):
            return _sentence(line)
    return ""


def _sentence(line: str) -> str:
    found = _SENTENCE_END.search(line)
    return line[: found.end()].rstrip() if found else line


def _plain_start(text: str) -> str:
    """The first paragraph of a text on one line; empty unless the library has nothing to do there.

    There every line starts with a letter or a code span, and no other markup follows.
    """
    paragraph = text.partition("\n\n")[0]
    words = _PLAIN_CODE.sub("x", paragraph)
    if not _PLAIN_LINES.fullmatch(words):
        return ""
    return " ".join(paragraph.replace("`", "").split())


def _fault(text: str, html: str, *, separate: bool) -> ProseFault | None:
    """What is wrong with a text, its HTML, and whether what follows it is a new block."""
    if _open_fence(text):
        message = "a commentary does not close its code block"
        return rules.UNCLOSED_CODE, message, "end the block with the fence that it starts with"
    tag, remedy = imbalance(html), "close the element"
    if tag.startswith("</"):
        message, remedy = f"a commentary closes `{tag}`, which it did not open", "remove the tag"
    elif tag:
        message = f"a commentary opens `{tag}` and does not close it"
    elif not separate:
        message = "a commentary leaves an HTML element open"
    else:
        return None
    return rules.UNCLOSED_HTML, message, f"{remedy}, or write `&lt;` for a literal `<`"


def _open_fence(text: str) -> str:
    """The fence of a code block that is open at the end of the text, or empty.

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

    What looks like a link may be code: each place that could be one gets a mark, and the
    marks that come back as links are links.
    """
    if not hrefs:
        return ()
    longest_first = sorted(set(hrefs), key=lambda href: (-len(href), href))
    targets = "|".join(_as_written(href) for href in longest_first)
    pattern = f"{_BEFORE_TARGET}(?P<target>{targets})"
    places = [found.span("target") for found in re.finditer(pattern, text)]
    numbers = count()
    marked = re.sub(pattern, lambda found: f"{found[0]}{_LINK}{next(numbers)}x", text)
    links = (_MARKED.fullmatch(href) for href in _hrefs(_read(marked)[1]))
    # Those without a mark, or with one of no place, were made by Markdown: of footnotes.
    return tuple(
        Link(link[1], *places[int(link[2])])
        for link in links
        if link and int(link[2]) < len(places)
    )


def _as_written(href: str) -> str:
    """A pattern for a target, whose punctuation may be escaped in Markdown."""
    return "".join(re.escape(c) if c.isalnum() else r"\\?" + re.escape(c) for c in href)


class _KeepTree(Treeprocessor):
    root = Element("div")

    def run(self, root: Element) -> None:
        self.root = root


@cache
def _reader() -> tuple[Markdown, _KeepTree]:
    """One for all texts: to make one takes longer than to read a text."""
    markdown = Markdown(extensions=list(EXTENSIONS))
    tree = _KeepTree(markdown)
    markdown.treeprocessors.register(tree, "callpath-tree", _AFTER_LINKS)
    return markdown, tree


def _read(text: str) -> tuple[Markdown, Element, str]:
    """The library's object as it is until the next text is read, the tree, and the HTML."""
    markdown, tree = _reader()
    tree.root = Element("div")  # an empty text makes none
    html = markdown.reset().convert(text)
    return markdown, tree.root, html


def _hrefs(root: Element) -> list[str]:
    return [href for element in root.iter("a") if (href := element.get("href", ""))]


_CALL = re.compile(r"([A-Za-z_]\w*)\(\)")


class LinkedName(Struct, frozen=True):
    """Where a link or a name leads on the site."""

    href: str  # relative to the page, or absolute
    title: str = ""  # the tooltip


LinkSource = Callable[[str], LinkedName | None]
Rebase = Callable[[int, str], str]


class ProseExtension(Extension, Treeprocessor):
    """Turns `src:` links and code spans of the form `name()` into links of the site.

    Parameters:
        link_target: Returns where a link leads, given `src:…` as written, or None for plain text.
        link_name: Returns where a name leads, given without its parentheses, or None.
        link_page: Returns where any other link leads, given as written, or None to leave it.
        broken: Called with each `src:` link that leads nowhere, as written.
        link_known: Returns the page of the symbol or file that a link to a source viewer leads to,
            given as written, which a script previews; or None.
        link_code: Returns where the text of a code span leads that is no name, or None.
        seen: Called with the whole text when all extensions that bring text in are done.
        rebase: Given the number of a part of a joined text and the target of a link or picture in
            it, the target as it must be written on this page.
    """

    def __init__(
        self,
        link_target: LinkSource,
        link_name: LinkSource,
        link_page: LinkSource | None = None,
        rebase: Rebase | None = None,
        broken: Callable[[str], None] = lambda _: None,
        link_known: LinkSource = lambda _: None,
        link_code: LinkSource = lambda _: None,
        seen: Callable[[str], None] | None = None,
    ) -> None:
        super().__init__()
        self.link_code = link_code
        self.seen = seen
        self.broken = broken
        self.link_known = link_known
        self.part = 0  # the number of the part that is being read, 0-based
        self.rebase = rebase
        self.link_target = link_target
        self.link_name = link_name
        self.link_page = link_page or (lambda _: None)

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 (the library's name)
        """Register the processors with the Markdown instance."""
        self.md = md
        if self.seen is not None:
            md.preprocessors.register(_Watch(md, self.seen), "callpath-seen", _AFTER_SNIPPETS)
        if self.rebase is not None:
            rebase = _RebaseLinks(md, self.rebase)
            md.treeprocessors.register(rebase, "callpath-rebase", _BEFORE_LINKS)
        md.treeprocessors.register(self, "callpath-prose", _AFTER_LINKS)

    def run(self, root: Element) -> None:
        for self.part, block in by_part(root):
            self._block(block)

    def _block(self, block: Element) -> None:
        linked: set[int] = set()
        for anchor in block.iter("a"):
            linked.update(id(inside) for inside in anchor.iter())
            self._source_link(anchor)
        for inside in block.iter("pre"):
            linked.update(id(code) for code in inside.iter())
        for parent in list(block.iter()):
            self._names(parent, linked)

    def _source_link(self, anchor: Element) -> None:
        href = anchor.get("href", "")
        if not href.startswith(SCHEME):
            if page := self.link_page(href):
                anchor.set("href", page.href)
            elif known := self.link_known(href):
                anchor.set("data-callpath", known.href)
            return
        leads = self.link_target(href)
        if leads is None:
            self.broken(href)
            anchor.set("class", "callpath-broken-link")
            del anchor.attrib["href"]
        else:
            _point(anchor, leads, "callpath-source-link")

    def _plain(self, code: Element) -> str:
        """The text of a code span, also where an extension has put it aside as finished HTML."""
        text = (code.text or "").strip()
        stashed = HTML_PLACEHOLDER_RE.fullmatch(text)
        if stashed:
            text = str(self.md.htmlStash.rawHtmlBlocks[int(stashed[1])])
        return unescape(text).strip()

    def _names(self, parent: Element, linked: set[int]) -> None:
        for location, child in enumerate(list(parent)):
            if child.tag != "code" or id(child) in linked:
                continue
            plain = self._plain(child)
            found = _CALL.fullmatch(plain)
            leads = self.link_name(found[1]) if found else self.link_code(plain)
            if leads is None:
                continue
            anchor = Element("a")
            _point(anchor, leads, "callpath-name")
            anchor.tail, child.tail = child.tail, None
            parent.remove(child)
            anchor.append(child)
            parent.insert(location, anchor)


def _point(anchor: Element, to: LinkedName, css_class: str) -> None:
    anchor.set("href", to.href)
    anchor.set("class", css_class)
    if to.title:
        anchor.set("title", to.title)


_TARGETS = {"a": "href", "img": "src"}
_STASH = "\x02"


class _Watch(Preprocessor):
    """Shows the lines of a text to somebody."""

    def __init__(self, md: Markdown, seen: Callable[[str], None]) -> None:
        super().__init__(md)
        self._seen = seen

    def run(self, lines: list[str]) -> list[str]:
        self._seen("\n".join(lines))
        return lines


class _RebaseLinks(Treeprocessor):
    def __init__(self, md: Markdown, rebase: Rebase) -> None:
        super().__init__(md)
        self._rebase = rebase

    def run(self, root: Element) -> None:
        for part, block in by_part(root):
            for tag, name in _TARGETS.items():
                for element in block.iter(tag):
                    target = element.get(name, "")
                    # Not those that Markdown made itself: of footnotes, and hidden addresses.
                    made = target.startswith(_STASH) or "footnote" in element.get("class", "")
                    if target and not made:
                        element.set(name, self._rebase(part, target))

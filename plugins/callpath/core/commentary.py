"""Links to source in prose, and names that link themselves.

Knows no page and no address: callers give functions that answer for them.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from xml.etree.ElementTree import Element

from markdown import Markdown
from markdown.extensions import Extension
from markdown.treeprocessors import Treeprocessor
from markdown.util import HTML_PLACEHOLDER_RE

from callpath.core.prose import AFTER_HTML, by_part

SCHEME = "src:"
_BEFORE_LINKS = 5
"""Priority of a tree processor between Markdown's own and the one that rewrites links."""
_CALL = re.compile(r"([A-Za-z_]\w*)\(\)")
_IDENTIFIER = r"[A-Za-z_]\w*"
_TARGET = re.compile(
    rf"(?P<path>[^#]+)#(?:(?P<kind>struct|union|enum)\.)?"
    rf"(?P<name>{_IDENTIFIER}(?:\.{_IDENTIFIER})?)(?:@(?P<occurrence>[1-9]\d{{0,3}}))?"
)


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
Rebase = Callable[[int, str], str]


class ProseExtension(Extension):
    """Turns `src:` links and code spans of the form `name()` into links of the site.

    Parameters:
        link_target: Given `src:…` as written, where it leads, or nothing to leave plain text.
        link_name: Given a name without its parentheses, where it leads, or nothing.
        link_page: Given any other link as written, where it leads, or nothing to leave it.
        rebase: Given the number of a part of a joined text and the target of a link or picture in
            it, the target as it must be written on this page.

    Attributes:
        part: The number of the part that is being read, 0-based.
    """

    def __init__(
        self,
        link_target: LinkSource,
        link_name: LinkSource,
        link_page: LinkSource | None = None,
        rebase: Rebase | None = None,
    ) -> None:
        super().__init__()
        self.part = 0
        self.rebase = rebase
        self.link_target = link_target
        self.link_name = link_name
        self.link_page = link_page or (lambda _: None)

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802 (the library's name)
        """Register the tree processors with the Markdown instance."""
        if self.rebase is not None:
            md.treeprocessors.register(
                _RebaseLinks(md, self.rebase), "callpath-rebase", _BEFORE_LINKS
            )
        md.treeprocessors.register(_LinkProse(md, self), "callpath-prose", AFTER_HTML)


class _RebaseLinks(Treeprocessor):
    def __init__(self, md: Markdown, rebase: Rebase) -> None:
        super().__init__(md)
        self._rebase = rebase

    def run(self, root: Element) -> None:
        for part, block in by_part(root):
            for element in block.iter():
                name = _TARGETS.get(element.tag) if isinstance(element.tag, str) else None
                target = element.get(name, "") if name else ""
                # Not those that Markdown made itself: of footnotes, and hidden addresses of mail.
                if name and target and target[0] != _STASH and "footnote" not in _class(element):
                    element.set(name, self._rebase(part, target))


_TARGETS = {"a": "href", "img": "src"}
_STASH = "\x02"


def _class(element: Element) -> str:
    return element.get("class", "")


class _LinkProse(Treeprocessor):
    def __init__(self, md: Markdown, sources: ProseExtension) -> None:
        super().__init__(md)
        self._sources = sources

    def run(self, root: Element) -> None:
        for self._sources.part, block in by_part(root):
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

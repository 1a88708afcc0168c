"""A built site as files: its pages, their links, and what is wrong with either.

Knows no generator: any folder of HTML pages will do.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from lxml import etree, html

ADDRESS = "https://notes.example/kvm/"
"""The address that a site is built for: a folder, so that a link that leaves it is seen."""
_LINKS = ("href", "src", "xlink:href", "poster", "data")
_ELIXIR = re.compile(
    r"https://elixir\.bootlin\.com/[\w-]+/(v[\w.-]+)/source"
    r"(?P<file>(/[\w.+,=-]+)+(?P<lines>#L[1-9]\d*(-L[1-9]\d*)?)?)?"
)


@dataclass(frozen=True)
class Link:
    """A link as written, and the element that has it."""

    href: str
    element: html.HtmlElement


def _has_class(context: Any, name: str) -> bool:
    return name in context.context_node.get("class", "").split()


# In the paths that look things up: `//section[has-class("callpath-step")]`.
etree.FunctionNamespace(None)["has-class"] = _has_class


class Page:
    """One page, or a part of it; `path` is that of its file below the site's folder."""

    def __init__(self, path: str, tree: html.HtmlElement) -> None:
        self.path = path
        self.tree = tree

    def part(self, element: html.HtmlElement) -> "Page":
        return Page(self.path, element)

    @cached_property
    def by_id(self) -> dict[str, html.HtmlElement]:
        return {element.get("id"): element for element in self.tree.iter() if element.get("id")}

    @cached_property
    def ids(self) -> Counter[str]:
        return Counter(element.get("id") for element in self.tree.iter() if element.get("id"))

    @cached_property
    def links(self) -> list[Link]:
        return [
            Link(element.get(name), element)
            for element in self.tree.iter(etree.Element)
            for name in _LINKS
            if element.get(name) is not None
        ]

    def find(self, path: str) -> list[html.HtmlElement]:
        return list(self.tree.xpath(path))

    def hrefs(self, path: str) -> list[str]:
        """The targets of the links that an XPath finds, SVG's too, in the page's order."""
        return [link.get("href") or link.get("xlink:href") for link in self.find(path)]

    def texts(self, path: str) -> list[str]:
        return [" ".join(element.text_content().split()) for element in self.find(path)]


def _parsed(file: Path) -> html.HtmlElement:
    return html.document_fromstring(file.read_text(encoding="utf-8"))


class BuiltSite:
    """The folder of a built site, and the address it was built for."""

    def __init__(self, root: Path, address: str = ADDRESS) -> None:
        self.root = root
        self.address = address

    @cached_property
    def files(self) -> frozenset[str]:
        return frozenset(
            path.relative_to(self.root).as_posix()
            for path in self.root.rglob("*")
            if path.is_file()
        )

    @cached_property
    def pages(self) -> dict[str, Page]:
        return {
            path: Page(path, _parsed(self.root / path))
            for path in sorted(self.files)
            if path.endswith(".html")
        }

    def target(self, page: Page, href: str) -> tuple[str, str] | None:
        """The file of the site that a link leads to, and the fragment; nothing if it leads away.

        A link that leaves the site's folder but not its host leads to a file that starts with `/`.
        """
        parts = urlsplit(urljoin(self.address + page.path, href))
        home = urlsplit(self.address)
        if (parts.scheme, parts.netloc) != (home.scheme, home.netloc):
            return None
        path = unquote(parts.path)
        if path.endswith("/"):
            path += "index.html"
        return path.removeprefix(home.path), unquote(parts.fragment)

    def page_at(self, page: Page, href: str) -> Page:
        found = self.target(page, href)
        assert found is not None, f"{page.path}: {href} leads away"
        return self.pages[found[0]]

    def faults(self) -> list[str]:
        """What is wrong with any page, each fault as `page: what`."""
        return [fault for page in self.pages.values() for fault in self._page_faults(page)]

    def _page_faults(self, page: Page) -> Iterator[str]:
        for name, count in page.ids.items():
            if count > 1:
                yield f"{page.path}: id {name!r} {count} times"
        headings = len(page.find("//h1"))
        if headings != 1:
            yield f"{page.path}: {headings} h1"
        for link in page.links:
            if fault := self._link_fault(page, link.href):
                yield f"{page.path}: {link.href!r}: {fault}"

    def _link_fault(self, page: Page, href: str) -> str:
        if href.startswith("src:"):
            return "a link to source that was not replaced"
        if "/latest/" in href:
            return "names no version"
        if "elixir.bootlin.com" in href:
            return "" if _ELIXIR.fullmatch(href) else "is not of elixir's form"
        found = self.target(page, href)
        if found is None:
            return ""
        path, fragment = found
        if path not in self.files:
            return "leads to no file of the site"
        if fragment and path in self.pages and fragment not in self.pages[path].ids:
            return "leads to no place in its page"
        return ""

    def foreign_requests(self) -> list[str]:
        """What a browser would load from elsewhere before anybody clicks."""
        return [
            f"{page.path}: {link.href}"
            for page in self.pages.values()
            for link in page.links
            if link.element.tag in {"link", "script", "img", "iframe", "image", "use", "source"}
            and link.element.get("rel") not in {"canonical", "edit"}
            and self.target(page, link.href) is None
            and not link.href.startswith("data:")
        ]

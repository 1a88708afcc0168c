"""Pages of symbols and files, written without MkDocs' passes over each of them.

They have no Markdown, and but for a few values all that the theme puts around them is the same. So
MkDocs, which takes them for pages while it makes the navigation, leaves them to `DirectPages`,
which has the theme's template rendered once for many pages. That is done only where no other plugin
looks at pages; the result is the same, byte for byte.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from jinja2 import Environment
from markupsafe import escape
from mkdocs.commands.build import get_context
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import BasePlugin, PluginCollection
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs.utils import write_file
from mkdocs.utils.templates import TemplateContext

from callpath.plugin.page_shell import PageShell, Values, page_shell, squeezed

_PAGE_EVENTS = (
    *("pre_page", "page_read_source", "page_markdown", "page_content", "page_context", "post_page"),
    *("env", "pre_template", "template_context", "post_template"),
)
"""What tells a plugin of pages one by one, or of all that there are."""
_SEARCH = ("mkdocs.contrib.search", "material.plugins.search.plugin")
"""The plugins that are told of pages in `page_context` alone, and look at nothing but the page.

The second, Material's, leaves out what is marked with `data-search-exclude`.
"""
_NOT_SEARCHED = "<div data-search-exclude>"
"""What the templates of these pages have before all that is not to be searched, up to the end."""


class DirectFile(File):
    """The file of a generated page; MkDocs passes over it while it is `direct`."""

    direct = False

    def is_documentation_page(self) -> bool:
        """It is a page, for whoever asks before or after the pages are built."""
        return not self.direct and super().is_documentation_page()

    def copy_file(self, dirty: bool = False) -> None:  # noqa: FBT001, FBT002 (MkDocs' signature)
        """Do nothing: the page is written later."""
        del dirty


Shells = dict[object, PageShell | None]
"""What is around pages, by what those have in common; None: the template does more than print."""


class DirectPages:
    """The pages of one build that are written directly: none, until `take` finds some.

    Parameters:
        shells: Those that are known of an earlier build with this configuration and navigation.
    """

    def __init__(
        self, config: MkDocsConfig, files: Files, nav: Navigation, shells: Shells | None = None
    ) -> None:
        self._config = config
        self._files = files
        self._nav = nav
        self._taken: list[DirectFile] = []
        self._all: Sequence[File] = ()
        self.shells: Shells = {} if shells is None else shells
        owners = _owners(config.plugins, ["page_context"])
        self._search_skips = not any(_module(each) == _SEARCH[0] for each in owners)
        self.env: Environment  # the theme's, once plugins have seen it

    def take(self, paths: Iterable[str], own: BasePlugin) -> None:  # type: ignore[type-arg]
        """Take pages from MkDocs, by their source paths, if nobody would miss them.

        `own` is the plugin that makes them.
        """
        if _has_others(self._config.plugins, own):
            return
        files = map(self._files.get_file_from_path, paths)
        taken = [file for file in files if isinstance(file, DirectFile)]
        folders = {_top(file.url) for file in taken}
        if any(_top(page.url) in folders for page in self._nav.pages):
            return  # the navigation's links to what is in the same folder differ by page
        self._all, self._taken = self._files.documentation_pages(), taken
        for file in taken:
            file.direct = True

    def has(self, page: Page) -> bool:
        """Whether a page is written directly."""
        return isinstance(page.file, DirectFile) and page.file.direct

    def listed(self, context: TemplateContext) -> TemplateContext:
        """The context of a template, with these pages among all pages."""
        if self._taken:
            context["pages"] = self._all
        return context

    def write(self) -> None:
        """Write the pages, and leave them to MkDocs again."""
        for file in self._taken:
            self._write(file)
        for file in self._taken:
            file.direct = False
        self._taken = []

    def _write(self, file: DirectFile) -> None:
        config, plugins, files, page = self._config, self._config.plugins, self._files, file.page
        assert page is not None  # noqa: S101 (MkDocs makes one for each file)
        plugins.on_pre_page(page, config=config, files=files)
        page.markdown = plugins.on_page_markdown("", page=page, config=config, files=files)
        page.content = plugins.on_page_content("", page=page, config=config, files=files)
        page.active = True
        html = plugins.on_post_page(self._html(page), page=page, config=config)
        page.active = False
        write_file(html.encode("utf-8", errors="xmlcharrefreplace"), file.abs_dest_path)
        page.markdown, page.content, page.meta = None, None, {}

    def _html(self, page: Page) -> str:
        config, nav = self._config, self._nav
        context, whole = get_context(nav, self._all, config, page), page.content
        if self._search_skips and whole:
            page.content = whole.partition(_NOT_SEARCHED)[0]
        context = config.plugins.on_page_context(context, page=page, config=config, nav=nav)
        page.content = whole
        form = _form(page)
        if form not in self.shells:
            self.shells[form] = self._shell(page, context)
        shell = self.shells[form]
        return shell.filled(_values(page)) if shell else self._rendered(page, context)

    def _rendered(self, page: Page, context: Mapping[str, Any]) -> str:
        template = self.env.get_template(page.meta.get("template", "main.html"))
        return squeezed(template.render({**context, "page": page}), page.content or "")

    def _shell(self, page: Page, context: TemplateContext) -> PageShell | None:
        if not _PLAIN.fullmatch(page.meta["title"]) or "<h1" not in (page.content or ""):
            return None
        made = [self._like(page, values) for values in (_MARKED, _OTHERS)]
        pages = {_values(each)["url"]: each for each in (*made, page)}
        marked, *others = map(_values, pages.values())
        return page_shell(
            marked, _MARK, lambda values: self._rendered(pages[values["url"]], context), others
        )

    def _like(self, page: Page, values: Values) -> Page:
        """A page of the same form with other values."""
        *folders, _ = page.file.src_uri.split("/")
        path = "/".join([values["url"], *folders[1:], "x.md"])
        file = DirectFile.generated(self._config, path, content="", inclusion=page.file.inclusion)
        made = Page(None, file, self._config)
        made.parent, made.markdown, made.content = page.parent, "", values["content"]
        head = {name: values[f"head.{name}"] for name in _OF_HEAD}
        head = page.meta["callpath"] | head | {"url": made.canonical_url or ""}
        own = {name: values[name] for name in ("title", "description")}
        made.meta = {**page.meta, **own, "search": {"boost": 0.123}, "callpath": head}
        made.active = page.active
        return made


def _has_others(plugins: PluginCollection, own: BasePlugin) -> bool:  # type: ignore[type-arg]
    """Whether another plugin but the search is told of pages."""
    owners = _owners(plugins, _PAGE_EVENTS)
    return any(each is not own and _module(each) not in _SEARCH for each in owners)


def is_alone(plugins: PluginCollection, own: BasePlugin) -> bool:  # type: ignore[type-arg]
    """Whether no other plugin but the search is told of anything in a build."""
    owners = _owners(plugins, plugins.events)
    return all(each is own or _module(each) in _SEARCH for each in owners)


class _NoIndex:
    """An index of the search that takes nothing."""

    def add_entry_from_context(self, page: Page) -> None:
        """Leave a page out."""


@contextmanager
def not_searched(plugins: PluginCollection) -> Iterator[None]:
    """Spare the search the pages of a build that writes no index."""
    owners = [each for each in _owners(plugins, ["page_context"]) if _module(each) in _SEARCH]
    indexes = [
        (each, vars(each)["search_index"]) for each in owners if hasattr(each, "search_index")
    ]
    for owner, _ in indexes:
        vars(owner)["search_index"] = _NoIndex()
    try:
        yield
    finally:
        for owner, index in indexes:
            vars(owner)["search_index"] = index


def _owners(plugins: PluginCollection, events: Iterable[str]) -> list[object]:
    methods = (method for event in events for method in plugins.events[event])
    return [getattr(method, "__self__", None) for method in methods]


def _module(plugin: object) -> str:
    return type(plugin).__module__


def _top(url: str) -> str:
    return url.partition("/")[0]


_PLAIN = re.compile(r"[A-Za-z0-9_.+-]+")  # a title that any filter of a template leaves as it is
_OF_HEAD = ("headline", "title", "description")  # those of the head's values that a page has
_MARK = "callpathslot"
_SLOTS = ("title", "description", *(f"head.{name}" for name in _OF_HEAD), "url")
_MARKED = {name: f"{_MARK}{number}x" for number, name in enumerate(_SLOTS)} | {
    "content": f"<h1>{_MARK}x</h1>"
}
_ODD = "A &amp; `b` &lt;c&gt; &#39;d&#39; 中文, {{ e }} % 1. "
_OTHERS = {
    "title": "A.b_c-1" * 40,
    "description": _ODD * 20,
    "head.headline": f"{_ODD}<'\">" * 20,
    "head.title": f"<'\">{_ODD}" * 20,
    "head.description": f"{_ODD}<'\">{_ODD}" * 20,
    "url": "other",
    "content": f"<p>{_ODD}</p><h1 id='a'>{_ODD}</h1><!-- -->\n\n<pre>\n</pre>",
}


def _form(page: Page) -> object:
    """What pages have in common whose shell is the same."""
    head = page.meta["callpath"]
    return (
        page.url.count("/"),
        page.parent and id(page.parent),
        page.is_index,
        page.meta.get("template"),
        bool(_PLAIN.fullmatch(page.meta["title"])),
        "<h1" in (page.content or ""),
        tuple(value for name, value in head.items() if name not in (*_OF_HEAD, "url")),
        tuple(map(bool, _values(page).values())),
    )


def _values(page: Page) -> Values:
    head = {f"head.{name}": str(escape(page.meta["callpath"][name])) for name in _OF_HEAD}
    own = {name: page.meta[name] for name in ("title", "description")}
    return {**own, **head, "url": page.url, "content": page.content or ""}

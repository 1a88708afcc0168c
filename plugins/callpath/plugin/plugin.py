"""The MkDocs plugin: each hook is one call. Nothing outside this package imports mkdocs.

It reads the notes, the lockfile, the file of eras and its own cache: never a kernel tree, never the
network.
"""

from html import escape, unescape
from pathlib import Path
from typing import Any, Literal

from markdown.extensions import Extension
from mkdocs.config.base import ConfigErrors, ConfigWarnings, ValidationError
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import BasePlugin, event_priority, get_plugin_logger
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import get_toc

from callpath import rules
from callpath.addresses import FILES_PAGE, HOME_PAGE, Layout, link_provider
from callpath.cache import CACHE, Cache
from callpath.facts.eras import path_beside
from callpath.facts.lock import Lock
from callpath.findings import Location, LockfileError
from callpath.graph.engine import GraphCache
from callpath.notebook import Notebook, load_notebook
from callpath.notes.prose import LinkedName, ProseExtension
from callpath.plugin.files import (
    about_site,
    add_page,
    config_name,
    is_material,
    is_part,
    language_of,
    missing_words,
    replace_by_page,
    root_of,
    shortened_index,
    toc_tokens,
)
from callpath.reports.text import one_line
from callpath.settings import Settings, licence_table, settings_from_mapping
from callpath.site.code import CodeSource, SourceTexts
from callpath.site.exports import site_files
from callpath.site.highlight import CodeCache
from callpath.site.pages import (
    PageHead,
    PartOwner,
    ProsePage,
    SiteParts,
    SiteVersions,
    page_head,
    page_meta,
)
from callpath.site.site import GeneratedPage, Site
from callpath.site.strings import strings_for
from callpath.site.templates import page_assets, templates_folder
from callpath.sources.cache import CacheFiles
from callpath.workspace import NOTEBOOK_ENDINGS, prefix_of, read_lock, readable_eras

_log = get_plugin_logger(__name__)
_TEMPLATES = "material"  # the folder of those that extend Material's
_NOTE_TEMPLATE, _PAGE_TEMPLATE = "callpath-note.html", "callpath-page.html"
# After the plugins that translate or generate pages, so that theirs are known.
_LATE = -200


class CallpathPlugin(BasePlugin):  # type: ignore[type-arg, no-untyped-call]
    """Renders the notes of a site."""

    def __init__(self) -> None:
        self._settings = Settings()
        self._graphs = GraphCache()
        self._code = CodeCache()
        self._engine = ""
        self._drafts = False  # whether notes that are drafts have a page
        self._site: Site | None = None
        self._parts: SiteParts | None = None
        self._pages: dict[str, GeneratedPage | ProsePage] = {}
        self._prose = self._prose_extension()
        self._page = ""  # the source path of the page whose Markdown is being rendered

    def load_config(
        self, options: dict[str, Any], config_file_path: str | None = None
    ) -> tuple[ConfigErrors, ConfigWarnings]:
        """Check the plugin's options."""
        del config_file_path
        self.config = options
        settings, messages = settings_from_mapping(options)
        if settings is None:
            return [("callpath", ValidationError(message)) for message in messages], []
        if settings.pin is None:
            message = "there is no `pin`; name the version that the notes speak of: `pin: v3.7`"
            return [("callpath", ValidationError(message))], []
        self._settings = settings
        return [], []

    def on_startup(self, *, command: Literal["build", "gh-deploy", "serve"], dirty: bool) -> None:
        """Keep this instance, and with it what was drawn, while `serve` runs."""
        del dirty
        self._drafts = command == "serve"

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Add the style sheets, the script and the links in prose."""
        if self._settings.graph.engine != self._engine:
            self._engine = self._settings.graph.engine
            self._graphs = GraphCache(self._engine, Cache(root_of(config) / CACHE))
        config.extra_css.extend(name for name in page_assets() if name.endswith(".css"))
        config.extra_javascript.extend(name for name in page_assets() if name.endswith(".js"))
        if is_material(config):
            config.theme.dirs.append(str(templates_folder() / _TEMPLATES))
        extension: Extension = self._prose
        config.markdown_extensions.append(extension)  # type: ignore[arg-type] # it takes both
        return config

    @event_priority(_LATE)
    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        """Read the notebook, and add its pages."""
        notebook = self._load(files, config)
        layout, strings = Layout(config.use_directory_urls), strings_for(language_of(config))
        links = link_provider(self._settings.links.provider, self._settings.links.base)
        about, code = about_site(notebook, config), self._code_source(notebook, config)
        lockfile = Path(config.docs_dir) / self._settings.lockfile
        eras = readable_eras(lockfile, notebook.lockfile, _log.warning)
        self._site = Site(notebook, layout, links, strings, self._graphs, about, code, eras)
        self._parts = SiteParts(self._site)
        for path in (*notebook.notes, *notebook.faulty):
            replace_by_page(files, path, config)
        self._pages = {}
        has_home = any(file.dest_uri == "index.html" for file in files)
        versions = SiteVersions(self._site).pages()
        for page in (*self._site.pages, *versions, *self._parts.pages(home=not has_home)):
            if files.get_file_from_path(page.path) is None:
                add_page(files, page, config)
                self._pages[page.path] = page
        for made in site_files(self._site):
            if files.get_file_from_path(made.path) is None:
                files.append(File.generated(config, made.path, content=made.content()))
        for found in (*notebook.diagnostics, *notebook.lock_diagnostics):
            _log.warning(one_line(found))
        return files

    def _load(self, files: Files, config: MkDocsConfig) -> Notebook:
        prefix = prefix_of(root_of(config), Path(config.docs_dir))
        lockfile = self._settings.lockfile
        for facts in (lockfile, path_beside(lockfile)):  # they are not published
            if (file := files.get_file_from_path(facts)) is not None:
                files.remove(file)
        texts = [file for file in files if file.src_uri.lower().endswith(NOTEBOOK_ENDINGS)]
        content = {
            file.src_uri: file.content_bytes for file in texts if is_part(file, drafts=self._drafts)
        }
        assert self._settings.pin is not None  # noqa: S101 (`load_config` refuses it)
        return load_notebook(
            content,
            prefix=prefix,
            pin=self._settings.pin,
            lock=_read_lock(Path(config.docs_dir) / lockfile, prefix + lockfile),
            lockfile=prefix + lockfile,
            other_files=list(files.src_uris),
            layout=Layout(config.use_directory_urls),
            weights=self._settings.rules,
            complete=len(content) == len(texts),
            versions=self._settings.tracked,
        )

    def _code_source(self, notebook: Notebook, config: MkDocsConfig) -> CodeSource | None:
        if not self._settings.source_text or notebook.lock is None:
            return None
        texts = SourceTexts(CacheFiles(root_of(config) / CACHE), notebook.lock)
        return CodeSource(texts, self._code, licence_table(self._settings.licences))

    def on_page_read_source(self, *, page: Page, config: MkDocsConfig) -> str | None:
        """Give MkDocs the prose of a note, and nothing for a page that is made whole."""
        del config
        path = page.file.src_uri
        if path in self._pages or path in self._loaded.notebook.faulty:
            made = self._pages.get(path)
            return made.markdown() if isinstance(made, ProsePage) else ""
        note = self._loaded.notes.get(path)
        return self._loaded.note_markdown(note) if note else None

    def on_page_markdown(
        self, markdown: str, *, page: Page, config: MkDocsConfig, files: Files
    ) -> str:
        """Set the title, the description and the template of our pages."""
        del files
        path = self._page = page.file.src_uri
        if is_material(config):
            template = _NOTE_TEMPLATE if path in self._loaded.notes else _PAGE_TEMPLATE
            page.meta.setdefault("template", template)
        generated, is_home = self._pages.get(path), page.is_homepage
        meta = page_meta(self._loaded, path, generated, markdown, page.meta, is_home=is_home)
        for name in ("title", "description"):  # themes print both as they are
            if name in meta:
                meta[name] = escape(meta[name])
        page.meta.update(meta)
        if path == HOME_PAGE and generated:  # in its metadata it would stand beside the site's name
            vars(page).setdefault("title", page.meta.pop("title"))  # the navigation's goes first
        return markdown

    def on_page_content(self, html: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
        """Put the rendered prose into its page, make the generated pages, and every page's head."""
        del config, files
        site, path = self._loaded, page.file.src_uri
        page.meta["callpath"] = self._head(page)
        if (made := self._pages.get(path)) is not None:
            return self._made_html(made, html, page)
        if path in site.notebook.faulty:
            return site.faulty_html(path)
        note = site.notes.get(path)
        if note is None:
            return self._loaded_parts.fill(path, html)
        page.toc = get_toc(toc_tokens(site.headings(note)))
        page.present_anchor_ids = {*(page.present_anchor_ids or ()), *site.anchors(note)}
        content = site.note_html(note, html)
        page.meta["callpath_rail"] = site.rail(note)
        return content

    def _made_html(self, made: GeneratedPage | ProsePage, html: str, page: Page) -> str:
        if isinstance(made, GeneratedPage):
            return made.html()
        headings = made.headings()
        page.toc = get_toc(toc_tokens(headings))
        ids = {heading.id for heading in headings}
        page.present_anchor_ids = {*(page.present_anchor_ids or ()), *ids}
        return made.html(html)

    def _head(self, page: Page) -> PageHead:
        path = page.file.src_uri
        return page_head(
            self._loaded,
            path,
            self._pages.get(path),
            unescape(str(page.title or "")),
            unescape(str(page.meta.get("description") or "")),
            url=page.canonical_url or "",
            is_home=page.is_homepage,
        )

    def on_pre_page(self, page: Page, *, config: MkDocsConfig, files: Files) -> Page:
        """Put a symbol's or a file's page under the section of the index of files."""
        del config
        path = page.file.src_uri
        if path in self._pages and path != HOME_PAGE and page.parent is None:
            index = files.get_file_from_path(FILES_PAGE)
            page.parent = index.page.parent if index and index.page else None
        return page

    def on_post_page(self, output: str, *, page: Page, config: MkDocsConfig) -> str:
        """Put graphs and source text in: after Markdown and search are done with the page."""
        del config
        path = page.file.src_uri
        return self._loaded.code.fill(path, self._loaded.graphs.fill(path, output))

    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """See to the search index, and tell once what pages had to do without."""
        if failure := self._loaded.graphs.failure:
            found = rules.NO_GRAPH_ENGINE.at(Location(config_name(config)), failure)
            _log.warning(one_line(found))
        if complaint := self._loaded.code.complaint:
            _log.info(complaint)
        index = shortened_index(config)
        for found in missing_words(index, config, self._settings.search_words):
            _log.warning(one_line(found))

    @property
    def _loaded(self) -> Site:
        assert self._site is not None  # noqa: S101 (MkDocs calls `on_files` first)
        return self._site

    @property
    def _loaded_parts(self) -> SiteParts:
        assert self._parts is not None  # noqa: S101 (MkDocs calls `on_files` first)
        return self._parts

    def _prose_extension(self) -> ProseExtension:
        return ProseExtension(self._link_target, self._link_name, rebase=self._rebased)

    def _owner(self) -> PartOwner:
        """The note that the prose is from, where that is not the page, and the version."""
        made, part = self._pages.get(self._page), self._prose.part
        if isinstance(made, ProsePage):
            return made.owner(part)
        return PartOwner(version=self._loaded.part_version(self._page, part))

    def _link_target(self, href: str) -> LinkedName | None:
        owner = self._owner()
        return self._loaded.link_target(self._page, href, owner.note, owner.version)

    def _link_name(self, name: str) -> LinkedName | None:
        return self._loaded.link_name(self._page, name, self._owner().note)

    def _rebased(self, part: int, target: str) -> str:
        made = self._pages.get(self._page)
        return made.rebased(part, target) if isinstance(made, ProsePage) else target


def _read_lock(lockfile: Path, shown: str) -> Lock | None:
    try:
        return read_lock(lockfile, shown)
    except LockfileError as error:
        _log.warning("%s (%s)", error.message, error.hint)
        return None

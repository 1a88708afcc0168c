"""The MkDocs plugin: each hook is one call. Nothing outside this package imports mkdocs.

It reads the notes, the lockfile, the file of eras and its own cache: never a kernel tree, never the
network.
"""

from collections.abc import Callable, Collection
from functools import partial
from html import escape, unescape
from typing import Any, Literal

from jinja2 import Environment
from markdown.extensions import Extension
from mkdocs.config.base import ConfigErrors, ConfigWarnings, ValidationError
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.livereload import LiveReloadServer
from mkdocs.plugins import BasePlugin, CombinedEvent, event_priority, get_plugin_logger
from mkdocs.structure.files import Files, get_files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs.utils.templates import TemplateContext
from msgspec.structs import replace

from callpath import rules
from callpath.addresses import FILES_PAGE, HOME_PAGE, Layout
from callpath.api import OpenNotebook
from callpath.cache import CACHE
from callpath.facts.lock import path_beside
from callpath.findings import Finding, Location
from callpath.notebook import PAGE_ENDINGS, Notebook
from callpath.options import loaded_config
from callpath.plugin.direct_pages import DirectPages
from callpath.plugin.files import (
    add_file,
    add_page,
    forget_directives,
    is_material,
    is_part,
    replace_by_page,
    set_headings,
    workspace_of,
)
from callpath.plugin.navigation import shortened
from callpath.plugin.page_shell import squeezed
from callpath.plugin.partial_builds import (
    PartialBuilds,
    Stamps,
    WholeBuild,
    adapt,
    make_pages,
    may_be_partial,
    stamps,
)
from callpath.plugin.search_index import missing_words, shortened_index
from callpath.reports.text import one_line
from callpath.settings import PluginConfig
from callpath.site.exports.files import site_files
from callpath.site.pages import page_head, page_meta
from callpath.site.site import PageProse, Site, SiteCaches, build_site, site_info
from callpath.site.templates import (
    NOTE_TEMPLATE,
    PAGE_TEMPLATE,
    PLAIN_STYLE,
    page_assets,
    templates_folder,
)
from callpath.store import Store
from callpath.workspace import NOTEBOOK_ENDINGS, Workspace, read_eras, read_lock, readable

_log = get_plugin_logger(__name__)
_TEMPLATES = "material"  # the folder of those that extend Material's
# After the plugins that translate or generate pages, so that theirs are known.
_EARLY, _LATE = 200, -200


def _is_mkdocs_own(found: Finding) -> bool:
    """Whether MkDocs itself reports it, as `validation` says: a Markdown page's broken link."""
    return found.rule == rules.BROKEN_LINK.name and found.location.file.endswith(PAGE_ENDINGS)


class CallpathPlugin(BasePlugin):  # type: ignore[type-arg, no-untyped-call]
    """Renders the notes of a site."""

    def __init__(self) -> None:
        self._settings = PluginConfig()
        self._workspace: Workspace  # that of the build at hand
        self._caches: SiteCaches | None = None
        self._drafts = False  # whether notes that are drafts have a page
        self._prose = PageProse()
        self._direct: DirectPages
        self._may_keep = False  # whether what a build leaves is of use for another
        self._left: WholeBuild | None = None
        self._stamps: Stamps = {}
        self._files: Files  # these two also of the build at hand
        self._nav: Navigation
        self._partial: PartialBuilds | None = None

    def load_config(
        self, options: dict[str, Any], config_file_path: str | None = None
    ) -> tuple[ConfigErrors, ConfigWarnings]:
        """Check the plugin's options."""
        del config_file_path
        self.config = options
        self._settings, findings = loaded_config(options)
        wrong = [f"{e.message} (hint: {e.hint})" if e.hint else e.message for e in findings]
        if not wrong and self._settings.pin is None:
            wrong = ["there is no `pin`; name the version that the notes speak of: `pin: v3.7`"]
        return [("callpath", ValidationError(message)) for message in wrong], []

    def on_startup(
        self, *, command: Literal["build", "gh-deploy", "serve"], dirty: bool, **_: Any
    ) -> None:
        """Keep this instance, and with it what was drawn, while `serve` runs."""
        self._drafts = command == "serve"
        self._may_keep = self._drafts and not dirty

    def on_serve(
        self, server: LiveReloadServer, *, builder: Callable[[], None], **_: Any
    ) -> LiveReloadServer:
        """Have edited pages made before the whole site."""
        if self._left is not None:
            self._partial = PartialBuilds(server, builder, self._remake)
            self._partial.last = self._left
        return server

    def on_shutdown(self) -> None:
        """End what `serve` began."""
        if self._partial is not None:
            self._partial.close()
        self._partial = self._left = None

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Add the style sheets, the script and the links in prose."""
        self._left = None
        if self._partial is not None and may_be_partial(config, self):
            config.site_dir = self._partial.folder
        config.extra_css.extend(name for name in page_assets() if name.endswith(".css"))
        config.extra_javascript.extend(name for name in page_assets() if name.endswith(".js"))
        if is_material(config):
            config.theme.dirs.append(str(templates_folder() / _TEMPLATES))
        else:
            config.extra_css.append(PLAIN_STYLE)
        extension: Extension = self._prose.extension
        config.markdown_extensions.append(extension)  # type: ignore[arg-type] # it takes both
        return config

    @event_priority(_LATE)
    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        """Read the notebook, and add its pages."""
        site = self._read(files, config)
        for page in site.generated.values():
            add_page(files, page, config)
        for made in site_files(site):
            self._go_on()
            make = partial(self._unless_stopped, made.content)
            add_file(files, replace(made, content=make), config)
        self._tell(site)
        self._files = files
        return files

    def _read(self, files: Files, config: MkDocsConfig) -> Site:
        """The site of the notebook among the files that MkDocs found."""
        self._stamps = stamps(files, config)
        self._workspace = workspace_of(config, self._settings)
        notebook = self._load(files)
        self._go_on()
        for path in (*notebook.notes, *notebook.faulty):
            replace_by_page(files, path, config)
        site = self._prose.site = self._build(notebook, files, config)
        self._go_on()
        return site

    def _unless_stopped(self, make: Callable[[], str]) -> str:
        self._go_on()
        return make()

    def _tell(self, site: Site) -> None:
        for found in site.context.faults:
            if not _is_mkdocs_own(found):
                _log.warning(one_line(found))

    def _go_on(self) -> None:
        if self._partial is not None:
            self._partial.go_on()

    def _remake(self, last: WholeBuild, edited: Collection[str]) -> bool:
        """Make the pages of edited files and what belongs to them; whether that is enough."""
        config = last.config
        files = get_files(config)
        for file in last.files:
            if file.src_dir not in (None, config.docs_dir):  # the theme's
                files.append(file)
        site = self._read(files, config)
        if (paths := adapt(last, site, edited)) is None:
            return False
        self._tell(site)
        site.graphs.order = dict.fromkeys(paths)
        direct = self._direct = DirectPages(config, last.files, last.nav, last.shells)
        direct.env = last.env
        direct.take((path for path in paths if path in site.generated), self)
        make_pages(last, direct, paths)
        site.graphs.flush()
        if self._partial is not None:
            self._partial.last = replace(last, site=site, stamps=self._stamps, shells=direct.shells)
        return True

    def _build(self, notebook: Notebook, files: Files, config: MkDocsConfig) -> Site:
        workspace, engine = self._workspace, self._settings.graph.engine
        if self._caches is None or self._caches.engine != engine:
            self._caches = SiteCaches(workspace.root, engine)
        address, author = config.site_url or "", config.site_author or ""
        about, obstacle = site_info(workspace, notebook, config.nav, address, author)
        if obstacle:
            _log.info(obstacle)
        has_home = any(file.dest_uri == "index.html" for file in files)
        own = [*files.src_uris, *([HOME_PAGE] if has_home else [])]
        eras = readable(read_eras, workspace, _log.warning)
        settings, layout = self._settings, notebook.layout
        return build_site(notebook, settings, layout, about, eras, self._caches, own)

    def _load(self, files: Files) -> Notebook:
        workspace = self._workspace
        lockfile = self._settings.lockfile
        for facts in (lockfile, path_beside(lockfile)):  # they are not published
            if (file := files.get_file_from_path(facts)) is not None:
                files.remove(file)
        texts = [file for file in files if file.src_uri.lower().endswith(NOTEBOOK_ENDINGS)]
        parts = [file for file in texts if is_part(file, drafts=self._drafts)]
        lock = readable(read_lock, workspace, _log.warning)
        notebook = Notebook.load(
            {file.src_uri: file.content_bytes for file in parts},
            self._settings,
            prefix=workspace.notes_prefix,
            lock=lock,
            other_files=list(files.src_uris),
            layout=Layout(workspace.site.use_directory_urls),
            complete=len(parts) == len(texts),
            store=Store(workspace.root / CACHE),
        )
        places = workspace.site.places
        damaged = lock is None and workspace.lockfile.exists()
        return OpenNotebook(
            workspace, replace(notebook, places=places, damaged_lock=damaged)
        ).checked

    @event_priority(_LATE)
    def on_nav(self, nav: Navigation, *, config: MkDocsConfig, files: Files) -> Navigation:
        """Take the pages of symbols and files from MkDocs where nobody would miss them there."""
        self._go_on()
        self._nav = nav
        self._direct = DirectPages(config, files, nav)
        paths = (page.path for page in self._site.generated.values() if page.is_source_page)
        self._direct.take(paths, self)
        return nav

    @event_priority(_LATE)
    def on_env(self, env: Environment, **_: Any) -> Environment:
        """Remember where the theme's templates are."""
        self._direct.env = env
        return env

    def on_template_context(self, context: TemplateContext, **_: Any) -> TemplateContext:
        """Let a list of all pages, such as the sitemap, have all of them."""
        return self._direct.listed(context)

    def on_page_read_source(self, *, page: Page, **_: Any) -> str | None:
        """Give MkDocs the prose of a page of ours."""
        return self._site.markdown(page.file.src_uri)

    def on_page_markdown(self, markdown: str, *, page: Page, config: MkDocsConfig, **_: Any) -> str:
        """Set the title, the description and the template of our pages."""
        site, path = self._site, page.file.src_uri
        self._prose.page = path
        if is_material(config):
            template = NOTE_TEMPLATE if path in site.notes else PAGE_TEMPLATE
            page.meta.setdefault("template", template)
        generated, is_home = site.generated.get(path), page.is_homepage
        meta = page_meta(site.context, path, generated, markdown, page.meta, is_home=is_home)
        for name in ("title", "description"):  # themes print both as they are
            if name in meta:
                meta[name] = escape(meta[name])
        page.meta.update(meta)
        if path == HOME_PAGE and generated:  # themes print a title of metadata with the site's name
            vars(page).setdefault("title", page.meta.pop("title"))  # the navigation's goes first
        return markdown

    def on_page_content(self, html: str, *, page: Page, config: MkDocsConfig, **_: Any) -> str:
        """Put the rendered prose into its page, make the generated pages, and every page's head."""
        site, path = self._site, page.file.src_uri
        forget_directives(page)
        for found in self._prose.lost():
            _log.warning(one_line(found))
        page.meta["callpath"] = page_head(
            site.context,
            path,
            site.generated.get(path),
            unescape(str(page.title or "")),
            unescape(str(page.meta.get("description") or "")),
            url=page.canonical_url or "",
            is_home=page.is_homepage,
        )
        if (headings := site.headings(path)) is not None:
            set_headings(page, headings)
        if (note := site.notes.get(path)) is not None:
            page.meta["callpath_rail"] = site.rail(note)
        return site.content(path, html, with_rail=not is_material(config))

    def on_pre_page(self, page: Page, *, files: Files, **_: Any) -> Page:
        """Put a symbol's or a file's page under the section of the index of files."""
        self._go_on()
        path = page.file.src_uri
        if path in self._site.generated and path != HOME_PAGE and page.parent is None:
            index = files.get_file_from_path(FILES_PAGE)
            page.parent = index.page.parent if index and index.page else None
        return page

    def on_page_context(
        self, context: TemplateContext, *, page: Page, nav: Navigation, **_: Any
    ) -> TemplateContext:
        """Shorten the navigation on pages that are many."""
        self._go_on()
        if self._site.is_one_of_many(page.file.src_uri):
            context["nav"] = shortened(nav, page, self._site.strings.all_notes)
        return self._direct.listed(context)

    def on_post_page(self, output: str, *, page: Page, **_: Any) -> str:
        """Put graphs and source text in: after Markdown and search are done with the page."""
        path = page.file.src_uri
        if self._site.is_one_of_many(path) and not self._direct.has(page):
            output = squeezed(output, page.content or "")
        return self._site.fill(path, output)

    @event_priority(_EARLY)
    def _write_pages(self, *, config: MkDocsConfig) -> None:
        """Write the pages that MkDocs did not, before the search writes its index."""
        del config
        self._direct.write()

    def _finish(self, *, config: MkDocsConfig) -> None:
        """Shorten the search index, and report once what pages had to do without."""
        site, here = self._site, Location(self._workspace.config.name)
        site.graphs.flush()
        if failure := site.graphs.failure:
            _log.warning(one_line(rules.NO_GRAPH_ENGINE.at(here, failure)))
        if complaint := site.code.complaint:
            _log.info(complaint)
        index = shortened_index(config)
        for found in missing_words(index, here, self._settings.search_words):
            _log.warning(one_line(found))
        if self._may_keep and may_be_partial(config, self):
            direct, kept = self._direct, self._stamps
            self._left = WholeBuild(
                config, self._files, self._nav, direct.env, site, kept, direct.shells
            )
            if self._partial is not None:
                self._partial.last = self._left

    on_post_build = CombinedEvent(_write_pages, _finish)

    @property
    def _site(self) -> Site:
        assert self._prose.site is not None  # noqa: S101 (MkDocs calls `on_files` first)
        return self._prose.site

"""Under `mkdocs serve`: the edited pages first, the whole site once nobody edits.

MkDocs builds the whole site after each edit. Here an edit of notes and Markdown pages has their own
pages made at once, and those of their symbols and files, by the same functions and with what the
whole build before left: navigation, templates, settings. The whole build follows in the background
after a pause, into another folder, which is then served; an edit stops it. So what is shown is
never half a site, and a page made at once has the bytes that the whole build gives it.

That is done only where no other plugin but the search has a say in a build, and for nothing but
edits of pages that were there before; all else is built as a whole, at once.
"""

import shutil
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from jinja2 import Environment
from mkdocs.commands.build import _build_page, _populate_page
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.livereload import LiveReloadServer
from mkdocs.plugins import BasePlugin, get_plugin_logger
from mkdocs.structure.files import File, Files, InclusionLevel, get_files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from msgspec import Struct

from callpath.plugin.direct_pages import DirectPages, Shells, is_alone, not_searched
from callpath.plugin.files import add_page
from callpath.site.site import Site

_log = get_plugin_logger(__name__)
_PAUSE = 3.0  # seconds without an edit before the whole site is built
_OWN_FILES = (".yml", ".yaml", ".md")  # endings of what is read as a page

Stamps = Mapping[str, tuple[int, int]]
"""When files were changed, in nanoseconds, and their sizes in bytes, by path."""


class Stopped(BaseException):
    """A build in the background is of no use any more; no error, so that nobody reports it."""


class WholeBuild(Struct, frozen=True):
    """What a build of the whole site has left, for builds of parts of it."""

    config: MkDocsConfig
    files: Files
    nav: Navigation
    env: Environment
    site: Site
    stamps: Stamps  # from before the build read anything
    shells: Shells


def stamps(files: Files, config: MkDocsConfig) -> Stamps:
    """The stamps of the site's files as MkDocs found them, and of its settings.

    Without those that are no part of it, such as what an editor leaves beside a file.
    """
    lowest = InclusionLevel.EXCLUDED.value
    found = (file for file in files if file.src_dir == config.docs_dir)
    paths = {file.src_uri: file.abs_src_path for file in found if file.inclusion.value > lowest}
    paths["/"] = config.config_file_path
    stamped = {}
    for name, path in paths.items():
        try:
            state = Path(path or "").stat()
        except OSError:
            continue
        stamped[name] = state.st_mtime_ns, state.st_size
    return stamped


class PartialBuilds:
    """The builds of a running server.

    Parameters:
        server: Its folder and its builder are replaced.
        builder: Has MkDocs build the whole site.
        remake: Has the plugin make a part, given what the last whole build left and the source
            paths of edited pages; whether it could.
    """

    def __init__(
        self,
        server: LiveReloadServer,
        builder: Callable[[], None],
        remake: Callable[[WholeBuild, Collection[str]], bool],
    ) -> None:
        self.last: WholeBuild | None = None  # that of the site that is served
        self._server, self._builder, self._remake = server, builder, remake
        self._folders = [server.root]
        self._later: threading.Timer | None = None
        self._stop = threading.Event()
        server.builder = self.build
        server.error_handler = self._error_page

    @property
    def folder(self) -> str:
        """Where the next whole build goes: not where the site is that is served."""
        if len(self._folders) == 1:
            self._folders.append(tempfile.mkdtemp(prefix="mkdocs_"))
        first, second = self._folders
        return second if self._server.root == first else first

    def build(self) -> None:
        """Build what an edit changed: called by the server."""
        self._settle()
        if self._edited():
            self._later = threading.Timer(_PAUSE, self._catch_up)
            self._later.daemon = True
            self._later.start()
        else:
            self.build_whole()

    def build_whole(self) -> None:
        """Build the whole site and serve it."""
        before, self.last = self.last, None
        try:
            self._builder()
        except Stopped:
            self.last = before
            raise
        self._server.root = self._built_in()

    def _built_in(self) -> str:
        """Where the build went that has ended; if it is none to go on from, to MkDocs' folder."""
        return self.last.config.site_dir if self.last else self._folders[0]

    def go_on(self) -> None:
        """Raise Stopped in the build at hand if an edit has overtaken it."""
        if self._stop.is_set():
            raise Stopped

    def close(self) -> None:
        """Stop what is going on, and remove the folder that was made here."""
        self._settle()
        for folder in self._folders[1:]:
            shutil.rmtree(folder, ignore_errors=True)

    def _edited(self) -> bool:
        """Make the edited pages, if there are any; whether that is enough for now."""
        last = self.last
        if last is None:
            return False
        now = stamps(get_files(last.config), last.config)
        edited = {path for path, stamp in now.items() if last.stamps.get(path) != stamp}
        if now.keys() != last.stamps.keys() or not all(map(_is_page, edited)):
            return False
        if not edited:  # an editor's own file, or what is watched elsewhere
            return True
        try:
            return self._remake(last, edited)
        except Exception:  # whatever it is: the whole build meets and tells it
            _log.debug(traceback.format_exc())
            return False

    def _settle(self) -> None:
        """Call off the build that was to come, and stop the one that is going on."""
        later, self._later = self._later, None
        if later is not None:
            self._stop.set()
            later.cancel()
            later.join()
            self._stop.clear()

    def _catch_up(self) -> None:
        """Build the whole site while the last one is served; then have browsers load it."""
        try:
            self.build_whole()
        except Stopped:
            return
        except (Exception, SystemExit):  # as the server does with its own builds
            _log.error(traceback.format_exc())
            return
        server = self._server
        with server._epoch_cond:
            server._wanted_epoch = server._visible_epoch = round(time.monotonic() * 1000)
            server._epoch_cond.notify_all()

    def _error_page(self, code: int) -> bytes | None:
        file = Path(self._server.root, f"{code}.html")
        return file.read_bytes() if code in (404, 500) and file.is_file() else None


def _is_page(path: str) -> bool:
    return path.lower().endswith(_OWN_FILES)


def may_be_partial(config: MkDocsConfig, own: BasePlugin) -> bool:  # type: ignore[type-arg]
    """Whether builds may be of parts: nobody else has a say, and no warning ends a build."""
    return not config.strict and is_alone(config.plugins, own)


def adapt(last: WholeBuild, site: Site, edited: Collection[str]) -> list[str] | None:
    """Fit the files of the whole build to the site as it is now.

    Returns the source paths of the pages to be made: of the edited files, and of the symbols and
    source files of their notes. None if more than those pages differ.
    """
    old, files = last.site, last.files
    if any(not _is_known(files, path) for path in edited) or _notes(site) != _notes(old):
        return None
    gone, new = (
        [made for path, made in one.generated.items() if path not in other.generated]
        for one, other in ((old, site), (site, old))
    )
    if not all(made.is_source_page for made in (*gone, *new)):
        return None
    for made in gone:
        if file := files.get_file_from_path(made.path):
            files.remove(file)
    for made in new:
        add_page(files, made, last.config)
        file = files.get_file_from_path(made.path)
        assert file is not None  # noqa: S101 (just added)
        Page(None, file, last.config)
    touched = {page for path in edited for each in (old, site) for page in each.source_pages(path)}
    touched.update(made.path for made in new)
    return [*sorted(edited), *(path for path in site.generated if path in touched)]


def make_pages(last: WholeBuild, direct: DirectPages, paths: Collection[str]) -> None:
    """Make pages as MkDocs does, by their source paths; `direct` has taken what it can of them."""
    config, files = last.config, last.files
    level = InclusionLevel.is_in_serve
    everything = files.documentation_pages(inclusion=level)
    found = [file for path in paths if (file := files.get_file_from_path(path))]
    passed = [file for file in found if file.is_documentation_page()]
    before = [_shown_elsewhere(_of(file)) for file in passed]
    for file in passed:
        _populate_page(_of(file), config, files)
    if before != [_shown_elsewhere(_of(file)) for file in passed]:
        direct.shells = {}  # they have the navigation
    with not_searched(config.plugins):
        for file in passed:
            excluded = bool(file.inclusion.is_excluded())  # type: ignore[no-untyped-call]
            _build_page(_of(file), config, everything, last.nav, last.env, excluded=excluded)
        direct.write()


def _shown_elsewhere(page: Page) -> tuple[object, dict[str, object]]:
    """What the navigation of other pages may show of a page."""
    own = ("callpath", "callpath_rail")
    return page.title, {name: value for name, value in page.meta.items() if name not in own}


def _notes(site: Site) -> set[str]:
    return {*site.notes, *site.notebook.faulty}


def _is_known(files: Files, path: str) -> bool:
    """Whether the whole build had a page of a file."""
    file = files.get_file_from_path(path)
    return file is not None and file.is_documentation_page() and file.page is not None


def _of(file: File) -> Page:
    assert file.page is not None  # noqa: S101 (each has one, as `adapt` sees to)
    return file.page

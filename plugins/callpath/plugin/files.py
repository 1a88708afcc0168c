"""Our pages as MkDocs' files, and their headings in its form."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files, InclusionLevel
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import get_toc

from callpath.addresses import HOME_PAGE, INDEX_PAGES
from callpath.findings import CallpathError, Location
from callpath.notes.links import TEXT_DIRECTIVE
from callpath.plugin.direct_pages import DirectFile
from callpath.settings import PluginConfig, SiteSettings
from callpath.site.views import GeneratedPage, Heading, SiteFile
from callpath.workspace import Workspace, open_workspace


class NoteFile(File):
    """A YAML file that is a page, at the address that a Markdown file of its name would have."""

    def is_documentation_page(self) -> bool:
        """It is one, whatever its ending."""
        return True


class MadeFile(File):
    """A file whose text is made when it is read or copied, so that it does not stay in memory."""

    _make: Callable[[], str]
    _own: str | bytes | None = None  # what another plugin has put in its place

    def take(self, make: Callable[[], str]) -> None:
        """Have the text made by a function."""
        self._make, self._own = make, None

    @property
    def _content(self) -> str | bytes | None:  # MkDocs' methods use it
        return self._make() if self._own is None else self._own

    @_content.setter
    def _content(self, value: str | bytes | None) -> None:
        self._own = value


def add_file(files: Files, made: SiteFile, config: MkDocsConfig) -> None:
    """Add a file that is no page, where the author has none."""
    if files.get_file_from_path(made.path) is None:
        file = MadeFile.generated(config, made.path, content="")
        assert isinstance(file, MadeFile)  # noqa: S101 (MkDocs makes one of that class)
        file.take(made.content)
        files.append(file)


def is_part(file: File, *, drafts: bool) -> bool:
    """Whether a file is part of the site; drafts are only while it is served."""
    lowest = InclusionLevel.DRAFT if drafts else InclusionLevel.NOT_IN_NAV
    return bool(file.inclusion.value >= lowest.value)


def forget_directives(page: Page) -> None:
    """Keep MkDocs, which checks anchors, from what follows `:~:`: it is for the browser."""
    for anchors in (page.links_to_anchors or {}).values():
        for anchor in [each for each in anchors if TEXT_DIRECTIVE in each]:
            link, plain = anchors.pop(anchor), anchor.partition(TEXT_DIRECTIVE)[0]
            if plain:
                anchors.setdefault(plain, link)


def replace_by_page(files: Files, path: str, config: MkDocsConfig) -> None:
    """Put a `NoteFile` in the place of the plain file that MkDocs found."""
    found = files.get_file_from_path(path)
    if found is None or isinstance(found, NoteFile):
        return
    files.remove(found)
    folders, inclusion = (config.docs_dir, config.site_dir), found.inclusion
    files.append(NoteFile(path, *folders, config.use_directory_urls, inclusion=inclusion))


def add_page(files: Files, page: GeneratedPage, config: MkDocsConfig) -> None:
    """Add a generated page; the home page comes first where the navigation makes itself."""
    home = page.path == HOME_PAGE
    listed = page.path in INDEX_PAGES or (home and config.nav is None)
    inclusion = InclusionLevel.UNDEFINED if listed else InclusionLevel.NOT_IN_NAV
    others = list(files) if home else []
    for file in others:
        files.remove(file)
    kind = DirectFile if page.is_source_page else File
    files.append(kind.generated(config, page.path, content="", inclusion=inclusion))
    for file in others:
        files.append(file)


def set_headings(page: Page, headings: Sequence[Heading]) -> None:
    """Give a page its table of contents, and let links lead to its headings."""
    page.toc = get_toc(_toc_tokens(headings))
    page.present_anchor_ids = {*(page.present_anchor_ids or ()), *_ids(headings)}


def _toc_tokens(headings: Sequence[Heading]) -> list[Any]:
    return [
        {"level": 2, "id": each.id, "name": each.title, "children": _toc_tokens(each.children)}
        for each in headings
    ]


def _ids(headings: Sequence[Heading]) -> Iterator[str]:
    for heading in headings:
        yield heading.id
        yield from _ids(heading.children)


def is_material(config: MkDocsConfig) -> bool:
    """Whether the theme is Material, which has page templates of its own that ours extend."""
    return bool(config.theme.name == "material")


def workspace_of(config: MkDocsConfig, settings: PluginConfig) -> Workspace:
    """The notebook on disk that a configuration describes."""
    file = Path(config.config_file_path or "mkdocs.yml")
    site = SiteSettings(
        docs_dir=config.docs_dir,
        site_name=config.site_name,
        site_description=config.site_description or "",
        site_url=config.site_url or "",
        use_directory_urls=config.use_directory_urls,
        language=str(config.theme.get("language") or config.theme.get("locale") or "en"),
        callpath=settings,
        places=_places(file),
    )
    return Workspace(file.absolute(), file.resolve().parent, site)


def _places(file: Path) -> Mapping[str, Location]:
    """Where the file says the options, which MkDocs does not keep; empty if it cannot be read."""
    try:
        return open_workspace(file).site.places
    except CallpathError:
        return {}

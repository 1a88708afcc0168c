"""Writes the pages of a notebook as files, for site generators that run no plugins.

Every page becomes a Markdown file whose content is HTML; Markdown pages stay Markdown, with their
`src:` links and their links to notes led to the written pages; all other files are copied.

Links between pages name the written files (`init.md#kvm_init`), in HTML too: such generators check
them and turn them into addresses, and take an address that is already finished for a link from the
file's folder. Only in pictures, where they touch nothing, links are finished addresses.
"""

import contextlib
import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from shutil import copyfile
from urllib.parse import quote, unquote, urljoin, urlsplit

from markdown import Markdown

from callpath.addresses import Layout, is_home
from callpath.files import write_atomically
from callpath.findings import SettingsError, UsageError, reason
from callpath.graph.engine import GraphCache
from callpath.notebook import NOTE_ENDINGS, Notebook
from callpath.notes.placeholders import GRAPH, PARTS, part_marks
from callpath.notes.prose import EXTENSIONS, SCHEME, LinkedName, ProseExtension, read_prose
from callpath.site.exports import site_files
from callpath.site.pages import PartOwner, ProsePage, SiteParts, SiteVersions
from callpath.site.site import GeneratedPage, Site, SiteInfo, in_reading_order
from callpath.site.strings import strings_for
from callpath.site.templates import front_matter
from callpath.sources.changelog import newest_changes
from callpath.workspace import Workspace, eras_file, links_of, read_eras

_PAGE_ENDINGS = (".md", ".markdown")
_HOME_ENDINGS = (*_PAGE_ENDINGS, ".html")
_HREF = re.compile(r'(<a\s(?:[^<>]*?\s)?href=")([^"#][^"]*)')  # not `xlink:href`, that of pictures


def write_pages(workspace: Workspace, notebook: Notebook, out: Path, layout: Layout) -> int:
    """Write every page and file of a notebook below a folder.

    Parameters:
        workspace: Where the notebook is.
        notebook: The notebook.
        out: The folder; what is there under other names stays.
        layout: The form of addresses that the other generator uses.

    Returns:
        How many files were written.

    Raises:
        UsageError: The folder is the notes' own, or holds it.
        SettingsError: A file cannot be written.
    """
    folder = workspace.notes_folder.resolve()
    if folder.is_relative_to(out.resolve()) or out.resolve().is_relative_to(folder):
        raise UsageError(f"`{out}` overlaps the notes' folder", "name another folder")
    strings = strings_for(workspace.site.language)
    graphs = GraphCache(workspace.site.callpath.graph.engine)
    about = _about(workspace, notebook)
    eras = read_eras(workspace)
    site = Site(notebook, layout, links_of(workspace), strings, graphs, about, eras=eras)
    parts = SiteParts(site)
    written = 0
    try:
        for path, text in chain(_texts(site, parts, folder), _beside(site, folder)):
            write_atomically(out / path, text)
            written += 1
        for path, original in _copies(workspace, notebook, folder):
            (out / path).parent.mkdir(parents=True, exist_ok=True)
            copyfile(original, out / path)
            written += 1
    except OSError as error:
        raise SettingsError(f"cannot write to `{out}`: {reason(error)}") from error
    return written


def _texts(site: Site, parts: SiteParts, folder: Path) -> Iterator[tuple[str, str]]:
    """The pages as Markdown files, and the files beside them: path → text."""
    files = _files(folder)
    own = {path: folder / path for path in files if path.lower().endswith(_PAGE_ENDINGS)}
    may_be_home = (*site.notes, *(path for path in files if path.lower().endswith(_HOME_ENDINGS)))
    home = not any(map(is_home, may_be_home))
    made = (*site.pages, *SiteVersions(site).pages(), *parts.pages(home=home))
    generated = [page for page in made if page.path not in own]
    pages = {
        site.layout.address(path).removeprefix("./"): _as_markdown(path)
        for path in (*site.notes, *own, *(page.path for page in generated))
    } | {quote(file.path): file.path for file in site_files(site)}
    for path, note in site.notes.items():
        html = site.note_html(note, _rendered(site, path, site.note_markdown(note)))
        html = _named(site.graphs.fill(path, html), path, site.layout, pages)
        yield _as_markdown(path), front_matter(note.title, site.description(note)) + html + "\n"
    for page in generated:
        html = site.graphs.fill(page.path, _made(site, page))
        html = _named(html, page.path, site.layout, pages)
        yield page.path, front_matter(page.title, page.description) + html + "\n"
    for path, file in own.items():
        text = file.read_text(encoding="utf-8", errors="replace")
        changes = [*_links(site, path, text), *_parts(site, parts, path, text, pages)]
        yield path, _changed(text, changes)


def _made(site: Site, page: GeneratedPage | ProsePage) -> str:
    if isinstance(page, ProsePage):
        return page.html(_rendered(site, page.path, page.markdown(), page))
    return page.html()


def _beside(site: Site, folder: Path) -> Iterator[tuple[str, str]]:
    """The files beside the pages, but those that the author has: path → text."""
    for made in site_files(site):
        if not (folder / made.path).is_file():
            yield made.path, made.content()


def _about(workspace: Workspace, notebook: Notebook) -> SiteInfo:
    """What the configuration and the notes' history say of the site."""
    said = workspace.site
    address = said.site_url.rstrip("/") + "/" if said.site_url else ""
    changes, _ = newest_changes(workspace.notes_folder, notebook.notes if address else ())
    return SiteInfo(
        name=said.site_name,
        description=said.site_description,
        address=address,
        language=said.language,
        order=in_reading_order(said.nav, notebook.notes),
        changes=changes,
    )


def _copies(workspace: Workspace, notebook: Notebook, folder: Path) -> Iterator[tuple[str, Path]]:
    """The files of the notes' folder that are no pages: path → original."""
    pages = {*notebook.notes, *notebook.faulty}
    facts = {workspace.lockfile.resolve(), eras_file(workspace).resolve()}
    for path in _files(folder):
        is_page = path in pages or path.lower().endswith(_PAGE_ENDINGS)
        is_hidden = any(part.startswith(".") for part in path.split("/"))
        if folder / path not in facts and not is_page and not is_hidden:
            yield path, folder / path


def _files(folder: Path) -> list[str]:
    """The paths of all files below a folder, sorted."""
    return sorted(
        file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()
    )


def _named(html: str, page: str, layout: Layout, pages: Mapping[str, str]) -> str:
    """The HTML of a page with its links to other pages by their files.

    Parameters:
        html: What stands on the page.
        page: The page's source path.
        layout: Where pages are.
        pages: Every page's file, by its address.
    """
    here, folder = layout.address(page), posixpath.dirname(page) or "."

    def by_file(found: re.Match[str]) -> str:
        address, hash_sign, fragment = found[2].partition("#")
        with contextlib.suppress(ValueError):  # a malformed address is no page
            address = urljoin(f"/{here}", address)
        file = pages.get(address.removeprefix("/"))
        if file is None:
            return found[0]
        return found[1] + quote(posixpath.relpath(file, folder)) + hash_sign + fragment

    return _HREF.sub(by_file, html)


def _as_markdown(path: str) -> str:
    return posixpath.splitext(path)[0] + ".md"


def _rendered(site: Site, page: str, text: str, made: ProsePage | None = None) -> str:
    """Prose as HTML.

    Parameters:
        site: The pages.
        page: Source path of the page that it stands on.
        text: The prose.
        made: The page, when it holds texts of several notes.
    """

    def link_page(href: str) -> LinkedName | None:
        try:
            parts = urlsplit(href)
        except ValueError:  # a malformed address is no page
            return None
        if (
            parts.scheme
            or parts.netloc
            or not parts.path.lower().endswith((*NOTE_ENDINGS, *_PAGE_ENDINGS))
        ):
            return None
        target = posixpath.normpath(posixpath.join(posixpath.dirname(page), unquote(parts.path)))
        return LinkedName(site.layout.link(page, target, parts.fragment))

    def owner() -> PartOwner:
        part = extension.part
        return made.owner(part) if made else PartOwner(version=site.part_version(page, part))

    def link_target(href: str) -> LinkedName | None:
        return site.link_target(page, href, owner().note, owner().version)

    extension = ProseExtension(
        link_target,
        lambda name: site.link_name(page, name, owner().note),
        link_page,
        made.rebased if made else None,
    )
    return Markdown(extensions=[*EXTENSIONS, extension]).convert(text)


_Change = tuple[int, int, str]
"""From where to where a text is changed, and what stands there then."""


def _links(site: Site, page: str, text: str) -> Iterator[_Change]:
    """The links of a Markdown page to source and to notes, led to the written pages."""
    for link in read_prose(text).links:
        target = _markdown_target(site, page, link.href)
        if target is not None:
            yield link.offset, link.end, target


def _parts(
    site: Site, parts: SiteParts, page: str, text: str, pages: Mapping[str, str]
) -> Iterator[_Change]:
    """The parts of a Markdown page, in the place of their marks."""
    done: set[str] = set()
    for mark in part_marks(text):
        if mark.name in PARTS and not (mark.name == GRAPH and GRAPH in done):
            done.add(mark.name)
            html = site.graphs.fill(page, parts.part(mark.name, page))
            yield mark.offset, mark.end, f"\n{_named(html, page, site.layout, pages)}\n"


def _changed(text: str, changes: Iterable[_Change]) -> str:
    pieces: list[str] = []
    position = 0
    for start, end, new in sorted(changes):
        if start >= position:
            pieces += [text[position:start], new]
            position = end
    return "".join([*pieces, text[position:]])


def _markdown_target(site: Site, page: str, href: str) -> str | None:
    if href.startswith(SCHEME):
        target = site.source_page(page, href)
        return target and posixpath.relpath(target, posixpath.dirname(page) or ".")
    path, hash_sign, fragment = href.partition("#")
    note = posixpath.normpath(posixpath.join(posixpath.dirname(page), unquote(path)))
    return _as_markdown(path) + hash_sign + fragment if note in site.notes else None

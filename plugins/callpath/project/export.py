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
from collections.abc import Iterator, Mapping
from pathlib import Path
from shutil import copyfile
from urllib.parse import quote, urljoin, urlsplit

from markdown import Markdown

from callpath.core.commentary import SCHEME, LinkedName, ProseExtension
from callpath.core.errors import SettingsError, UsageError
from callpath.core.layout import Layout
from callpath.core.prose import EXTENSIONS, read_prose
from callpath.project.checking import links_of
from callpath.project.notebook import NOTE_ENDINGS, Notebook
from callpath.project.site import Site
from callpath.project.workspace import Workspace, reason, write_atomically
from callpath.render.pages import front_matter, templates_folder
from callpath.render.strings import strings_for
from callpath.render.svg import GraphCache

_PAGE_ENDINGS = (".md", ".markdown")
_HREF = re.compile(r'(<a\s(?:[^<>]*?\s)?href=")([^"#][^"]*)')  # not `xlink:href`, that of pictures
ASSETS = "assets/callpath"


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
    site = Site(
        notebook,
        layout,
        links_of(workspace),
        strings_for(workspace.site.language),
        GraphCache(workspace.site.callpath.graph.engine),
    )
    written = 0
    try:
        for path, text in _texts(site, folder):
            write_atomically(out / path, text)
            written += 1
        for path, script in site.graphs.part_files().items():
            write_atomically(out / path, script)
            written += 1
        for path, original in _copies(workspace, notebook, folder):
            (out / path).parent.mkdir(parents=True, exist_ok=True)
            copyfile(original, out / path)
            written += 1
    except OSError as error:
        raise SettingsError(f"cannot write to `{out}`: {reason(error)}") from error
    return written


def _texts(site: Site, folder: Path) -> Iterator[tuple[str, str]]:
    """The pages as Markdown files: path → text."""
    own = {path: folder / path for path in _files(folder) if path.lower().endswith(_PAGE_ENDINGS)}
    generated = [page for page in site.pages if page.path not in own]
    pages = {
        site.layout.address(path).removeprefix("./"): _as_markdown(path)
        for path in (*site.notes, *own, *(page.path for page in generated))
    }
    for path, note in site.notes.items():
        html = site.note_html(note, _rendered(site, path, site.note_markdown(note)))
        html = _named(site.graphs.fill(path, html), path, site.layout, pages)
        yield _as_markdown(path), front_matter(note.title, site.description(note)) + html + "\n"
    for page in generated:
        html = _named(site.graphs.fill(page.path, page.html()), page.path, site.layout, pages)
        yield page.path, front_matter(page.title, page.description) + html + "\n"
    for path, file in own.items():
        yield path, _led(site, path, file.read_text(encoding="utf-8", errors="replace"))


def _copies(workspace: Workspace, notebook: Notebook, folder: Path) -> Iterator[tuple[str, Path]]:
    """The files that are no pages, and the assets: path → original."""
    pages = {*notebook.notes, *notebook.faulty}
    for path in _files(folder):
        is_page = path in pages or path.lower().endswith(_PAGE_ENDINGS)
        is_hidden = any(part.startswith(".") for part in path.split("/"))
        if folder / path != workspace.lockfile.resolve() and not is_page and not is_hidden:
            yield path, folder / path
    for file in sorted((templates_folder() / ASSETS).iterdir()):
        if file.is_file():
            yield f"{ASSETS}/{file.name}", file


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


def _rendered(site: Site, page: str, text: str) -> str:
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
        target = posixpath.normpath(posixpath.join(posixpath.dirname(page), parts.path))
        return LinkedName(site.layout.link(page, target, parts.fragment))

    extension = ProseExtension(
        lambda href: site.link_target(page, href),
        lambda name: site.link_name(page, name),
        link_page,
    )
    return Markdown(extensions=[*EXTENSIONS, extension]).convert(text)


def _led(site: Site, page: str, text: str) -> str:
    """A Markdown page whose links to source and to notes lead to the written pages."""
    parts: list[str] = []
    position = 0
    for link in read_prose(text).links:
        target = _markdown_target(site, page, link.href)
        if target is not None and link.offset >= position:
            parts += [text[position : link.offset], target]
            position = link.end
    return "".join([*parts, text[position:]])


def _markdown_target(site: Site, page: str, href: str) -> str | None:
    if href.startswith(SCHEME):
        target = site.source_page(page, href)
        return target and posixpath.relpath(target, posixpath.dirname(page) or ".")
    path, hash_sign, fragment = href.partition("#")
    note = posixpath.normpath(posixpath.join(posixpath.dirname(page), path))
    return _as_markdown(path) + hash_sign + fragment if note in site.notes else None

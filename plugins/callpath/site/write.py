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
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from shutil import copyfile
from urllib.parse import quote, unquote, urljoin, urlsplit

from markdown import Markdown

from callpath.addresses import HOME_PAGE, Layout, is_home
from callpath.files import write_atomically
from callpath.findings import SettingsError, UsageError, reason
from callpath.notebook import NOTE_ENDINGS, Notebook
from callpath.notes.placeholders import GRAPH, PARTS, part_marks
from callpath.notes.prose import EXTENSIONS, SCHEME, LinkedName, read_prose
from callpath.site.exports import site_files
from callpath.site.pages import note_description
from callpath.site.site import PageProse, Site, SiteCaches, build_site, site_info
from callpath.site.templates import front_matter
from callpath.workspace import Workspace, eras_file, read_eras

_PAGE_ENDINGS = (".md", ".markdown")
_HOME_ENDINGS = (*_PAGE_ENDINGS, ".html")
_HREF = re.compile(r'(<a\s(?:[^<>]*?\s)?href=")([^"#][^"]*)')  # not `xlink:href`, that of pictures


def write_pages(workspace: Workspace, notebook: Notebook, out: Path, layout: Layout) -> int:
    """Write every page and file of a notebook below a folder; returns how many files.

    What is in the folder under other names stays. `layout` is the form of addresses that the other
    generator uses. Raises UsageError if the folder is the notes' own or holds it, SettingsError if
    a file cannot be written, and ErasError if the eras cannot be read.
    """
    folder = workspace.notes_folder.resolve()
    if folder.is_relative_to(out.resolve()) or out.resolve().is_relative_to(folder):
        raise UsageError(f"`{out}` overlaps the notes' folder", "name another folder")
    files = _files(folder)
    site = _site(workspace, notebook, layout, files)
    written = 0
    try:
        for path, text in chain(_pages(site, folder, files), _other_files(site, folder)):
            write_atomically(out / path, text)
            written += 1
        for path, original in _copies(workspace, notebook, files):
            (out / path).parent.mkdir(parents=True, exist_ok=True)
            copyfile(original, out / path)
            written += 1
    except OSError as error:
        raise SettingsError(f"cannot write to `{out}`: {reason(error)}") from error
    return written


def _site(workspace: Workspace, notebook: Notebook, layout: Layout, files: Sequence[str]) -> Site:
    said, settings = workspace.site, workspace.site.callpath
    address = said.site_url.rstrip("/") + "/" if said.site_url else ""
    about, _ = site_info(workspace, notebook, said.nav, address)
    homes = (*notebook.notes, *(path for path in files if path.lower().endswith(_HOME_ENDINGS)))
    return build_site(
        notebook,
        settings.model_copy(update={"source_text": False}),  # its files suit no other generator
        layout,
        about,
        read_eras(workspace),
        SiteCaches(workspace.root, settings.graph.engine),
        own=[*files, *([HOME_PAGE] if any(map(is_home, homes)) else [])],
    )


def _pages(site: Site, folder: Path, files: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The pages as Markdown files: path → text."""
    own = [path for path in files if path.lower().endswith(_PAGE_ENDINGS)]
    written = {
        site.layout.address(path).removeprefix("./"): _as_markdown(path)
        for path in (*site.notes, *own, *site.generated)
    } | {quote(file.path): file.path for file in site_files(site)}
    titles = {
        path: (note.title, note_description(site.context, note))
        for path, note in site.notes.items()
    }
    titles |= {path: (page.title, page.description) for path, page in site.generated.items()}
    for path, title in titles.items():
        yield _as_markdown(path), front_matter(*title) + _html(site, path, written)
    for path in own:
        text = (folder / path).read_text(encoding="utf-8", errors="replace")
        yield path, _changed(text, [*_links(site, path, text), *_parts(site, path, text, written)])


def _html(site: Site, page: str, written: Mapping[str, str]) -> str:
    """What is on a page of ours, with its graph, its links naming written files."""
    content = site.content(page, _rendered(site, page, site.markdown(page) or ""))
    return _named(site.graphs.fill(page, content), page, site.layout, written) + "\n"


def _other_files(site: Site, folder: Path) -> Iterator[tuple[str, str]]:
    """The files that are no pages, but those that the author has: path → text."""
    for made in site_files(site):
        if not (folder / made.path).is_file():
            yield made.path, made.content()


def _copies(
    workspace: Workspace, notebook: Notebook, files: Iterable[str]
) -> Iterator[tuple[str, Path]]:
    """The files of the notes' folder that are no pages: path → original."""
    folder = workspace.notes_folder.resolve()
    pages = {*notebook.notes, *notebook.faulty}
    facts = {workspace.lockfile.resolve(), eras_file(workspace).resolve()}
    for path in files:
        is_page = path in pages or path.lower().endswith(_PAGE_ENDINGS)
        is_hidden = any(part.startswith(".") for part in path.split("/"))
        if folder / path not in facts and not is_page and not is_hidden:
            yield path, folder / path


def _files(folder: Path) -> list[str]:
    """The paths of all files below a folder, sorted."""
    return sorted(
        file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()
    )


def _named(html: str, page: str, layout: Layout, written: Mapping[str, str]) -> str:
    """The HTML of a page with its links to other pages by their files, as `written` by address."""
    here, folder = layout.address(page), posixpath.dirname(page) or "."

    def by_file(found: re.Match[str]) -> str:
        address, hash_sign, fragment = found[2].partition("#")
        with contextlib.suppress(ValueError):  # a malformed address is no page
            address = urljoin(f"/{here}", address)
        file = written.get(address.removeprefix("/"))
        if file is None:
            return found[0]
        return found[1] + quote(posixpath.relpath(file, folder)) + hash_sign + fragment

    return _HREF.sub(by_file, html)


def _as_markdown(path: str) -> str:
    return posixpath.splitext(path)[0] + ".md"


def _rendered(site: Site, page: str, text: str) -> str:
    """The prose of a page as HTML."""

    def link_page(href: str) -> LinkedName | None:
        try:
            parts = urlsplit(href)
        except ValueError:  # a malformed address is no page
            return None
        is_page = parts.path.lower().endswith((*NOTE_ENDINGS, *_PAGE_ENDINGS))
        if parts.scheme or parts.netloc or not is_page:
            return None
        target = posixpath.normpath(posixpath.join(posixpath.dirname(page), unquote(parts.path)))
        return LinkedName(site.layout.link(page, target, parts.fragment))

    if not text:  # of most generated pages; a renderer takes longer to make than they do
        return ""
    prose = PageProse(link_page)
    prose.site, prose.page = site, page
    return Markdown(extensions=[*EXTENSIONS, prose.extension]).convert(text)


_Change = tuple[int, int, str]
"""From where to where a text is changed, and the new text there."""


def _links(site: Site, page: str, text: str) -> Iterator[_Change]:
    """The links of a Markdown page to source and to notes, led to the written pages."""
    for link in read_prose(text).links:
        target = _markdown_target(site, page, link.href)
        if target is not None:
            yield link.offset, link.end, target


def _parts(site: Site, page: str, text: str, written: Mapping[str, str]) -> Iterator[_Change]:
    """The parts of a Markdown page, in the place of their marks."""
    done: set[str] = set()
    for mark in part_marks(text):
        if mark.name in PARTS and not (mark.name == GRAPH and GRAPH in done):
            done.add(mark.name)
            html = site.graphs.fill(page, str(site.parts.part(mark.name, page)))
            yield mark.offset, mark.end, f"\n{_named(html, page, site.layout, written)}\n"


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
        target = site.prose.source_page(page, href)
        return target and posixpath.relpath(target, posixpath.dirname(page) or ".")
    path, hash_sign, fragment = href.partition("#")
    note = posixpath.normpath(posixpath.join(posixpath.dirname(page), unquote(path)))
    return _as_markdown(path) + hash_sign + fragment if note in site.notes else None

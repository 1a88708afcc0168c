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
from functools import partial
from itertools import chain
from pathlib import Path
from urllib.parse import quote, unquote, urljoin, urlsplit

from markdown import Markdown
from msgspec import Struct

from callpath.addresses import HOME_PAGE, INDEX_PAGES, Layout, is_home
from callpath.files import write_atomically
from callpath.findings import SettingsError, UsageError, reason
from callpath.model import PARTS
from callpath.notebook import Notebook
from callpath.notes.links import SCHEME
from callpath.notes.placeholders import GRAPH, part_marks
from callpath.notes.prose import EXTENSIONS, LinkedName, with_targets
from callpath.site.exports.files import site_files
from callpath.site.pages import page_head, page_meta
from callpath.site.site import PageProse, Site, SiteCaches, build_site, site_info
from callpath.site.templates import NOTE_TEMPLATE, PAGE_TEMPLATE, front_matter
from callpath.site.zensical import (
    PAGES_FOLDER,
    SETTINGS_FILE,
    TEMPLATES_FOLDER,
    page_templates,
    zensical_settings,
)
from callpath.workspace import NOTEBOOK_ENDINGS, Workspace, eras_file, read_eras

_PAGE_ENDINGS = (".md", ".markdown")
_RECORD = ".callpath-pages"  # the files that the last run wrote, a line each
_HOME_ENDINGS = (*_PAGE_ENDINGS, ".html")
_HREF = re.compile(r'(<a\s(?:[^<>]*?\s)?href=")([^"#][^"]*)')  # not `xlink:href`, that of pictures


class Written(Struct, frozen=True):
    """What a run of `write_pages` did."""

    files: int  # all that the project has of it
    changed: int  # those of them that were made or had another content
    removed: int  # those that an earlier run had written


def write_pages(workspace: Workspace, notebook: Notebook, out: Path, layout: Layout) -> Written:
    """Write a notebook as a project of Zensical: settings, pages, and templates for them.

    The pages are below `docs`, for any other generator. What an earlier run wrote and this one does
    not is removed; what is in the folder under other names stays; a file that would stay the same
    is not touched, so that a server that watches the folder sees what changed.

    Parameters:
        layout: The form of addresses that the other generator uses.

    Raises UsageError if the folder is the notes' own or holds it, SettingsError if a file cannot be
    written or the site's settings cannot be read, and ErasError if the eras cannot be read.
    """
    folder = workspace.notes_folder.resolve()
    if folder.is_relative_to(out.resolve()) or out.resolve().is_relative_to(folder):
        raise UsageError(f"`{out}` overlaps the notes' folder", "name another folder")
    below = (file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())
    files = sorted(below)
    site = _site(workspace, notebook, layout, files)
    try:
        contents = dict(_contents(workspace, notebook, site, files))
        site.graphs.flush()
        return _write(out, contents)
    except OSError as error:
        raise SettingsError(f"cannot write to `{out}`: {reason(error)}") from error


def _contents(
    workspace: Workspace, notebook: Notebook, site: Site, files: Sequence[str]
) -> Iterator[tuple[str, bytes]]:
    """The files of the project by their paths below its folder."""
    folder = workspace.notes_folder.resolve()
    made = (each for each in site_files(site) if not (folder / each.path).is_file())
    pages = dict(chain(_pages(site, folder, files), ((each.path, each.content()) for each in made)))
    for path, text in pages.items():
        yield f"{PAGES_FOLDER}/{path}", text.encode()
    for path in _copies(workspace, notebook, files):
        yield f"{PAGES_FOLDER}/{path}", (folder / path).read_bytes()
    for name, data in page_templates(workspace):
        yield f"{TEMPLATES_FOLDER}/{name}", data
    own = sorted(path for path in files if path.lower().endswith(_PAGE_ENDINGS))
    listed = dict.fromkeys(chain([HOME_PAGE], site.context.about.order, own, INDEX_PAGES))
    there = [path for path in listed if _as_markdown(path) in pages]
    yield SETTINGS_FILE, zensical_settings(workspace, there, site.layout).encode()


def _write(out: Path, contents: Mapping[str, bytes]) -> Written:
    """Write the files that differ, and remove those that an earlier run left and nobody has now."""
    record = out / _RECORD
    before = set[str]()
    with contextlib.suppress(OSError, ValueError):
        before = {path for path in record.read_text(encoding="utf-8").splitlines() if path}
    changed = 0
    for path, data in contents.items():
        with contextlib.suppress(OSError):
            if (out / path).read_bytes() == data:
                continue
        write_atomically(out / path, data, durable=False)
        changed += 1
    removed = 0
    for path in before - contents.keys():
        file = out / path
        if file.is_file() and file.resolve().is_relative_to(out.resolve()):
            file.unlink()
            removed += 1
    if before != contents.keys():
        write_atomically(record, "".join(f"{path}\n" for path in contents), durable=False)
    return Written(len(contents), changed, removed)


def _site(workspace: Workspace, notebook: Notebook, layout: Layout, files: Sequence[str]) -> Site:
    said, settings = workspace.site, workspace.site.callpath
    address = said.site_url.rstrip("/") + "/" if said.site_url else ""
    about, _ = site_info(workspace, notebook, said.nav, address)
    homes = (*notebook.notes, *(path for path in files if path.lower().endswith(_HOME_ENDINGS)))
    return build_site(
        notebook,
        settings,
        layout,
        about,
        read_eras(workspace),
        SiteCaches(workspace.root, settings.graph.engine),
        own=[*files, *([HOME_PAGE] if any(map(is_home, homes)) else [])],
    )


def _pages(site: Site, folder: Path, files: Sequence[str]) -> Iterator[tuple[str, str]]:
    own = [path for path in files if path.lower().endswith(_PAGE_ENDINGS)]
    written = {
        site.layout.address(path).removeprefix("./"): _as_markdown(path)
        for path in (*site.notes, *site.notebook.faulty, *own, *site.generated)
    } | {quote(file.path): file.path for file in site_files(site)}
    for path in (*site.notes, *site.notebook.faulty, *site.generated):
        html = _filled(site, path, site.content(path, _rendered(site, path)), written)
        yield _as_markdown(path), front_matter(_metadata(site, path)) + html + "\n"
    for path in own:
        text = (folder / path).read_text(encoding="utf-8", errors="replace")
        text = with_targets(text, partial(_markdown_target, site, path))
        yield path, _with_parts(site, path, text, written)


def _metadata(site: Site, path: str) -> dict[str, object]:
    """What the templates of a page of ours ask for."""
    note, generated = site.notes.get(path), site.generated.get(path)
    home = is_home(path)
    said = page_meta(site.context, path, generated, "", {}, is_home=home)
    title, description = said["title"], said["description"]
    url = ""
    if site.context.about.address:
        url = urljoin(site.context.about.address, site.layout.address(path))
    head = page_head(site.context, path, generated, title, description, url=url, is_home=home)
    return {
        "title": title,
        "description": description,
        "template": NOTE_TEMPLATE if note else PAGE_TEMPLATE,
        "callpath": head,
        "callpath_rail": str(site.rail(note)) if note else "",
    }


def _copies(workspace: Workspace, notebook: Notebook, files: Iterable[str]) -> Iterator[str]:
    """The files of the notes' folder that are copied: no pages, no facts, none that is hidden."""
    folder = workspace.notes_folder.resolve()
    pages = {*notebook.notes, *notebook.faulty}
    facts = {workspace.lockfile.resolve(), eras_file(workspace).resolve()}
    for path in files:
        is_page = path in pages or path.lower().endswith(_PAGE_ENDINGS)
        if not is_page and folder / path not in facts and "/." not in f"/{path}":
            yield path


def _filled(site: Site, page: str, html: str, written: Mapping[str, str]) -> str:
    """HTML of a page with its graph; links to pages name their files, `written` by address."""
    here, folder = site.layout.address(page), posixpath.dirname(page) or "."

    def by_file(found: re.Match[str]) -> str:
        address, hash_sign, fragment = found[2].partition("#")
        with contextlib.suppress(ValueError):  # a malformed address is no page
            address = urljoin(f"/{here}", address)
        file = written.get(quote(unquote(address.removeprefix("/"))))
        if file is None:
            return found[0]
        return found[1] + quote(posixpath.relpath(file, folder)) + hash_sign + fragment

    return _HREF.sub(by_file, site.fill(page, html))


def _as_markdown(path: str) -> str:
    return posixpath.splitext(path)[0] + ".md"


def _rendered(site: Site, page: str) -> str:

    def link_page(href: str) -> LinkedName | None:
        try:
            parts = urlsplit(href)
        except ValueError:  # a malformed address is no page
            return None
        is_page = parts.path.lower().endswith(NOTEBOOK_ENDINGS)
        if parts.scheme or parts.netloc or not is_page:
            return None
        target = posixpath.normpath(posixpath.join(posixpath.dirname(page), unquote(parts.path)))
        return LinkedName(site.layout.link(page, target, parts.fragment))

    text = site.markdown(page)
    if not text:  # of most generated pages; a renderer takes longer to make than they do
        return ""
    prose = PageProse(link_page)
    prose.site, prose.page = site, page
    return Markdown(extensions=[*EXTENSIONS, prose.extension]).convert(text)


def _with_parts(site: Site, page: str, text: str, written: Mapping[str, str]) -> str:
    """A Markdown page with its parts in the place of their marks; the graph only once."""
    done: set[str] = set()
    pieces, position = [], 0
    for mark in part_marks(text):
        if mark.name in PARTS and not (mark.name == GRAPH and GRAPH in done):
            done.add(mark.name)
            part = _filled(site, page, str(site.parts.part(mark.name, page)), written)
            pieces += [text[position : mark.offset], f"\n{part}\n"]
            position = mark.end
    return "".join([*pieces, text[position:]])


def _markdown_target(site: Site, page: str, href: str) -> str | None:
    """Where a link of a Markdown page leads if that is to source or to a note."""
    if href.startswith(SCHEME):
        target = site.prose.source_page(page, href)
        return target and posixpath.relpath(target, posixpath.dirname(page) or ".")
    path, hash_sign, fragment = href.partition("#")
    note = posixpath.normpath(posixpath.join(posixpath.dirname(page), unquote(path)))
    return _as_markdown(path) + hash_sign + fragment if note in site.notes else None

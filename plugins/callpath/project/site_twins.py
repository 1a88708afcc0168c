"""What a site has for other programs: the notebook as JSON and as text, badges, the feed."""

import posixpath
from collections.abc import Iterable, Iterator
from itertools import chain
from urllib.parse import quote, unquote

from callpath.core.commentary import SCHEME
from callpath.core.index import StepPlace
from callpath.core.layout import (
    FEED_FILE,
    FULL_TEXT_FILE,
    INDEX_PAGES,
    NOTEBOOK_FILE,
    OVERVIEW_FILE,
    badge_file,
)
from callpath.core.model import Note
from callpath.core.note_texts import NoteText, note_text
from callpath.core.tally import tally
from callpath.core.version_values import StepThereView
from callpath.core.views import NameLink
from callpath.project.site import Site
from callpath.project.site_file import SiteFile
from callpath.project.site_versions import SiteVersions
from callpath.render.badge import badge_svg
from callpath.render.feed import feed_xml
from callpath.render.reports.notebook import notebook_json
from callpath.render.texts import full_text, overview_text

_PAGE_ENDINGS = (".md", ".markdown")


def notebook_files(site: Site) -> tuple[SiteFile, ...]:
    """The notebook as JSON."""

    def content() -> str:
        notes = [note for _, note in _ordered(site)]
        index, pin = site.notebook.index, site.notebook.pin
        layout, there = site.layout, _steps_there(site)
        return notebook_json(site.about, pin, notes, index, layout, site.links, site.eras, there)

    return (SiteFile(NOTEBOOK_FILE, content),)


def _steps_there(site: Site) -> dict[tuple[str, str], list[tuple[str, StepThereView]]]:
    """What became of each step in each tracked version."""
    found: dict[tuple[str, str], list[tuple[str, StepThereView]]] = {}
    for note in site.notes.values():
        for at in site.notebook.tracked(note.pin):
            for view in site.versions.steps_there(note, at, NOTEBOOK_FILE):
                found.setdefault((note.id, view.id), []).append((at.version, view))
    return found


def text_files(site: Site) -> tuple[SiteFile, ...]:
    """The notebook for language models."""

    def overview() -> str:
        return overview_text(
            site.strings,
            site.about,
            site.texts.notebook(),
            [_text(site, path, note) for path, note in _ordered(site)],
            list(_index_links(site)),
            list(_file_links(site)),
        )

    def everything() -> str:
        notes = [_text(site, path, note) for path, note in _ordered(site)]
        return full_text(site.strings, site.about, site.texts.notebook(), notes)

    return SiteFile(OVERVIEW_FILE, overview), SiteFile(FULL_TEXT_FILE, everything)


def badge_files(site: Site) -> tuple[SiteFile, ...]:
    """A badge of every note, and one of the notebook."""
    index, notes = site.notebook.index, site.notes.values()
    badges = [
        _badge(site, badge_file(note.id), [note], index.places[note.id], note.file)
        for note in notes
    ]
    places = list(chain.from_iterable(index.places.values()))
    return (*badges, _badge(site, badge_file(), notes, places))


def feed_files(site: Site) -> tuple[SiteFile, ...]:
    """The feed, where the site has an address and its notes a history."""
    if not site.about.has_feed:
        return ()
    return (
        SiteFile(FEED_FILE, lambda: feed_xml(site.about, site.notes, site.layout, site.strings)),
    )


def _ordered(site: Site) -> Iterator[tuple[str, Note]]:
    """The notes by their paths in reading order."""
    for path in dict.fromkeys([*site.about.order, *site.notes]):
        if path in site.notes:
            yield path, site.notes[path]


def _badge(
    site: Site, path: str, notes: Iterable[Note], places: Iterable[StepPlace], file: str = ""
) -> SiteFile:
    pin = site.notebook.pin
    versions = " / ".join(sorted({note.pin.version for note in notes})) or pin.version
    counts, faults = tally(places), len(site.faults_in(file))
    return SiteFile(
        path, lambda: badge_svg(site.strings, versions, counts.steps, counts.proved, faults)
    )


def _text(site: Site, path: str, note: Note) -> NoteText:
    def target(href: str, version: str) -> str | None:
        address = _address(site, path, href, version)
        return site.about.url(address) if address else None

    index = site.notebook.index
    summary = site.texts.note(note).description
    return note_text(note, summary, index, site.about, site.layout, site.links, target)


def _address(site: Site, page: str, href: str, version: str) -> str:
    """Where a link in a note's prose leads, relative to the site's root; empty to leave it."""
    if href.startswith(SCHEME):
        symbol = site.source_page(page, href, version)
        return site.layout.address(symbol) if symbol else ""
    path, hash_sign, fragment = href.partition("#")
    if ":" in path or path.startswith("/"):
        return ""
    if not path:
        return site.layout.address(page) + hash_sign + fragment
    target = posixpath.normpath(posixpath.join(posixpath.dirname(page), unquote(path)))
    is_page = target in site.notes or target.lower().endswith(_PAGE_ENDINGS)
    return (site.layout.address(target) if is_page else quote(target)) + hash_sign + fragment


def _index_links(site: Site) -> Iterator[NameLink]:
    for page in (*site.pages, *SiteVersions(site).pages()):
        if page.path in INDEX_PAGES:
            url = site.about.url(site.layout.address(page.path))
            yield NameLink(page.title, url, page.description)


def _file_links(site: Site) -> Iterator[NameLink]:
    files = {
        FULL_TEXT_FILE: site.strings.full_text_lead,
        NOTEBOOK_FILE: site.strings.notebook_file_lead,
    }
    if site.about.has_feed:
        files[FEED_FILE] = site.strings.feed_lead
    for path, lead in files.items():
        yield NameLink(path, site.about.url(path), lead)

"""What a site has for other programs: the notebook as JSON and as text, badges, the feed."""

import json
import posixpath
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from urllib.parse import quote, unquote, urljoin, urlsplit

from callpath.addresses import (
    FEED_FILE,
    FULL_TEXT_FILE,
    GRAPH_PAGE,
    INDEX_PAGES,
    NOTEBOOK_FILE,
    OVERVIEW_FILE,
    Layout,
    LinkProvider,
    badge_file,
    file_address,
    graph_file,
    note_page,
    symbol_page,
)
from callpath.graph.dot import to_json
from callpath.graph.model import Graph
from callpath.graph.svg import svg_file
from callpath.model import Note, one_line
from callpath.notebook import Index, StepPlace, SymbolEntry, Tally, tally
from callpath.notes.prose import SCHEME, first_sentence, sealed, with_targets
from callpath.site.notebook_json import notebook_json
from callpath.site.pages import SiteFile, SiteVersions
from callpath.site.site import Site, SiteInfo
from callpath.site.strings import Strings
from callpath.site.templates import ASSETS, asset_names, asset_text, print_file
from callpath.site.versions import StepThereView
from callpath.site.views import NameLink, ReachView, reach_view
from callpath.sources.changelog import FileCommit


@dataclass(frozen=True, slots=True)
class StepText:
    """A step. `source` leads to the line of its name, and is empty while it is not locked.

    `errata` are what was said and what is, `remarks` a version and what is said of it.
    """

    place: StepPlace
    url: str
    source: str
    reach: ReachView | None
    commentary: str
    errata: tuple[tuple[str, str], ...]
    remarks: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class NoteText:
    """A note. `summary` is a sentence on it as plain text, `description` its own words."""

    note: Note
    url: str
    counts: Tally
    summary: str
    description: str
    steps: tuple[StepText, ...]


def note_text(
    note: Note,
    summary: str,
    index: Index,
    about: SiteInfo,
    layout: Layout,
    links: LinkProvider,
    target: Callable[[str, str], str | None],
) -> NoteText:
    """A note as text.

    Parameters:
        note: The note.
        summary: A sentence on it, plain text.
        index: The notebook joined with its lockfile.
        about: The site.
        layout: Where pages are.
        links: Where links to the source lead.
        target: The address that a link of the note's prose leads to, read against a version, or
            against the note's where that is empty; nothing to leave it.
    """
    places = index.places[note.id]

    def prose(text: str, version: str = "") -> str:
        return with_targets(sealed(text), lambda href: target(href, version)).strip()

    def step(place: StepPlace) -> StepText:
        found, pin = place.locked, note.pin
        return StepText(
            place,
            about.url(layout.step(note.id, place.step.id)),
            links.line(pin, found.definition.path, found.definition.line) if found else "",
            reach_view(place, pin, links),
            prose(place.step.commentary.value),
            tuple((prose(e.said.value), prose(e.correction.value)) for e in place.step.errata),
            tuple(
                (each.version, prose(each.text.value, each.version)) for each in place.step.remarks
            ),
        )

    return NoteText(
        note=note,
        url=about.url(layout.address(note_page(note.id))),
        counts=tally(places),
        summary=summary,
        description=prose(note.description.value),
        steps=tuple(step(place) for place in places),
    )


def overview_text(
    strings: Strings,
    about: SiteInfo,
    summary: str,
    notes: Sequence[NoteText],
    indexes: Sequence[NameLink],
    files: Sequence[NameLink],
) -> str:
    """What the site has, in the form of llmstxt.org.

    Parameters:
        strings: The words of the site's language.
        about: The site.
        summary: A sentence on what the notebook holds.
        notes: The notes in reading order.
        indexes: The indexes; the title says what each holds.
        files: The files for other programs; the title says what each holds.
    """
    return print_file(
        "llms.txt",
        s=strings,
        about=about,
        summary=summary,
        notes=notes,
        indexes=indexes,
        files=files,
    )


def full_text(strings: Strings, about: SiteInfo, summary: str, notes: Sequence[NoteText]) -> str:
    """The whole notebook as Markdown; parameters as for `overview_text`."""
    return print_file("llms-full.txt", s=strings, about=about, summary=summary, notes=notes)


# White text on any of them has a contrast of at least 4.5:1.
_GREEN, _AMBER, _RED = "#1a7f37", "#8f5c00", "#c0212b"
_EM = 11.0  # size of the text, pixels
_PADDING = 6.0  # left and right of a text, pixels
_WIDE, _NARROW = 1.0, 0.64  # em; 0.64 is about the mean of the widest usual font, Verdana


@dataclass(frozen=True, slots=True)
class BadgePart:
    """One of the two boxes of a badge: its text, its colour, and where they are, in pixels."""

    text: str
    colour: str
    left: float
    width: float
    middle: float
    length: float


def badge_svg(strings: Strings, version: str, steps: int, proved: int, faults: int) -> str:
    """A badge as an SVG file that stands alone.

    Parameters:
        strings: The words of the site's language.
        version: What was verified against.
        steps: How many steps there are.
        proved: How many of them are proved.
        faults: How many findings there are.
    """
    told = [f"{proved}/{steps}"]
    if proved < steps:
        told.append(strings.badge_unproved.format(steps - proved))
    elif faults:
        told.append(strings.badge_faults.format(faults))
    whole = proved == steps and not faults
    colour = _GREEN if whole and steps else _AMBER if proved else _RED
    label = _part(strings.badge_proved.format(version), "#4b525d", 0.0)
    value = _part(" · ".join(told), colour, label.width)
    return print_file("badge.svg", label=label, value=value, width=label.width + value.width)


def _part(text: str, colour: str, left: float) -> BadgePart:
    line = one_line(text)
    length = round(sum(_advance(character) for character in line) * _EM, 1)
    width = round(length + 2 * _PADDING, 1)
    return BadgePart(line, colour, left, width, round(left + width / 2, 1), length)


def _advance(character: str) -> float:
    """The width of a character in em."""
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0.0
    return _WIDE if unicodedata.east_asian_width(character) in "WF" else _NARROW


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """A note that a commit added or changed; `updated` is a date of RFC 3339 in UTC."""

    id: str
    title: str
    updated: str
    url: str
    summary: str


def feed_xml(about: SiteInfo, notes: Mapping[str, Note], layout: Layout, strings: Strings) -> str:
    """The feed of a site that has an address and changes.

    Parameters:
        about: The site, with the changes of its notes, newest first.
        notes: The notes by the path of their file below the notes' folder.
        layout: Where pages are.
        strings: The words of the site's language.
    """
    url = about.url(FEED_FILE)
    entries = [
        _entry(change, notes[change.path], about.url(layout.address(change.path)), url, strings)
        for change in about.changes
        if change.path in notes
    ]
    return print_file("feed.xml", about=about, url=url, entries=entries)


def _entry(change: FileCommit, note: Note, page: str, feed: str, strings: Strings) -> FeedEntry:
    form = strings.feed_new if change.is_new else strings.feed_changed
    description = first_sentence(note.description.value) if change.is_new else ""
    when = datetime.fromtimestamp(change.seconds, UTC)
    return FeedEntry(
        # Neither a new title nor a new address of the page makes it another entry for readers.
        id=f"{feed}#{change.commit}/{note.id}",
        title=form.format(note.title),
        updated=when.strftime("%Y-%m-%dT%H:%M:%SZ"),
        url=page,
        summary=" — ".join(text for text in (change.subject, description) if text),
    )


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


def graph_files(site: Site) -> tuple[SiteFile, ...]:
    """The whole graphs, unfolded; no picture where no engine can draw."""
    found = [
        file
        for path, note in site.notes.items()
        for file in _files(site, note.id, path, site.graphs.note(note))
    ]
    if found:
        found += _files(site, "", GRAPH_PAGE, site.graphs.whole)
    return tuple(found)


def _files(site: Site, note_id: str, page: str, graph: Graph) -> list[SiteFile]:
    """The files of one graph, whose links are those that it has on a page."""
    picture_path, json_path = graph_file(note_id), graph_file(note_id, "json")
    lead = _leader(site, page, json_path)
    files = [SiteFile(json_path, lambda: to_json(_led(graph, lead)))]
    if drawing := site.graphs.drawing(graph):
        files.append(SiteFile(picture_path, lambda: svg_file(drawing, lead)))
    return files


def _leader(site: Site, page: str, file: str) -> Callable[[str], str]:
    """Turns a link on a page into one in a file: with the site's address where that is known."""
    here, folder = "/" + site.layout.address(page), posixpath.dirname(f"/{file_address(file)}")

    def lead(href: str) -> str:
        found = urlsplit(urljoin(here, href) if href else "")
        if found.scheme or not found.path:
            return href
        if site.about.address:
            return site.about.url(found.geturl().removeprefix("/"))
        path = posixpath.relpath(found.path, folder) + "/" * found.path.endswith("/")
        return found._replace(path=path).geturl()

    return lead


def _led(graph: Graph, lead: Callable[[str], str]) -> Graph:
    return replace(
        graph,
        nodes=tuple(replace(node, href=lead(node.href)) for node in graph.nodes),
        edges=tuple(replace(edge, href=lead(edge.href)) for edge in graph.edges),
    )


SymbolRow = Sequence[str]
"""Name, kind, `path:line`, signature, what the notes say first, and addresses: the symbol's page,
then its steps. Addresses are relative to the site's root."""


def symbol_rows(index: Index, layout: Layout) -> list[SymbolRow]:
    """A row for every symbol of a notebook, sorted as the index is."""
    return [_row(entry, layout) for entry in index.symbols.values()]


def _row(entry: SymbolEntry, layout: Layout) -> SymbolRow:
    key = entry.key
    found = entry.definitions[0].definition if entry.definitions else None
    page = layout.address(symbol_page(key.project, key.path, key.kind, key.name))
    steps = [f"{layout.address(note_page(place.note.id))}#{place.step.id}" for place in entry.steps]
    said = (first_sentence(place.step.commentary.value) for place in entry.steps)
    return (
        key.name,
        str(key.kind),
        f"{key.path}:{found.line}" if found else key.path,
        found.signature if found else "",
        next((sentence for sentence in said if sentence), ""),
        page,
        *steps,
    )


SYMBOLS_FILE = f"{ASSETS}/symbols.js"


def script_files(site: Site) -> tuple[SiteFile, ...]:
    """The style sheet, the scripts, and their data."""
    return (
        *(SiteFile(name, partial(asset_text, name)) for name in asset_names()),
        SiteFile(SYMBOLS_FILE, lambda: symbols_script(site)),
    )


def symbols_script(site: Site) -> str:
    """`window.callpathData`: the words of the script, the notes' pages, a row for every symbol."""
    data = {
        "strings": site.strings.for_script(),
        "pages": [
            [note.title, site.layout.address(note_page(note.id))] for note in site.notes.values()
        ],
        "symbols": symbol_rows(site.notebook.index, site.layout),
    }
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return f"window.callpathData={text};\n"


def site_files(site: Site) -> tuple[SiteFile, ...]:
    """The files of a site, sorted by path."""
    made = [file for make in _MAKERS for file in make(site)]
    return tuple(sorted(made, key=lambda file: file.path))


def _code(site: Site) -> tuple[SiteFile, ...]:
    """The source text of each step."""
    return tuple(SiteFile(path, make) for path, make in site.code.files())


def _graph_parts(site: Site) -> tuple[SiteFile, ...]:
    """The parts of the whole graph, of a notebook so large that its page does not hold them."""
    return tuple(
        SiteFile(path, partial(str, script)) for path, script in site.graphs.part_files().items()
    )


def _versions(site: Site) -> tuple[SiteFile, ...]:
    """What became of each note's steps in tracked versions."""
    return tuple(SiteVersions(site).files())


_MAKERS: tuple[Callable[[Site], tuple[SiteFile, ...]], ...] = (
    script_files,
    _code,
    _versions,
    badge_files,
    feed_files,
    _graph_parts,
    graph_files,
    notebook_files,
    text_files,
)

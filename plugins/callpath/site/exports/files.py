"""The files of a site that are no pages: the notebook for other programs, and what pages load.

`EXPORTS` and `_FAMILIES` at the end are the list of them: a new one is a row and a function.
"""

import json
import posixpath
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from typing import Any
from urllib.parse import quote, unquote, urljoin, urlsplit

from msgspec import Struct
from msgspec.structs import replace

from callpath.addresses import (
    ERRATA_PAGE,
    FEED_FILE,
    FULL_TEXT_FILE,
    GRAPH_PAGE,
    INDEX_PAGES,
    NOTEBOOK_FILE,
    OVERVIEW_FILE,
    badge_file,
    file_address,
    graph_file,
    note_page,
)
from callpath.facts.proof import ProofSite, SiteRole
from callpath.graph.dot import em_length, to_json
from callpath.graph.model import Graph
from callpath.graph.svg import svg_file
from callpath.model import Definition, Note, Text, one_line
from callpath.notebook import StepPlace, SymbolEntry, tally
from callpath.notes.links import SCHEME
from callpath.notes.prose import first_sentence, sealed, with_targets
from callpath.site.exports.notebook_json import notebook_json
from callpath.site.pages import note_description, notebook_summary
from callpath.site.site import Site
from callpath.site.strings import Strings
from callpath.site.templates import ASSETS, asset_names, asset_text, print_file
from callpath.site.views import NameLink, SiteFile, page_of
from callpath.sources.changelog import FileCommit

SYMBOLS_FILE = f"{ASSETS}/symbols.js"
_PAGE_ENDINGS = (".md", ".markdown")


def site_files(site: Site) -> tuple[SiteFile, ...]:
    """The files of a site, sorted by path."""
    single = (SiteFile(each.path, partial(each.write, site)) for each in _exports(site))
    families = chain.from_iterable(make(site) for make in _FAMILIES)
    return tuple(sorted((*single, *families), key=lambda file: file.path))


def _overview(site: Site) -> str:
    """What the site has, in the form of llmstxt.org."""
    about = site.about
    indexes = [
        NameLink(page.title, about.url(site.layout.address(page.path)), page.description)
        for page in site.pages
        if page.path in INDEX_PAGES and page.path != ERRATA_PAGE
    ]
    files = [
        NameLink(each.path, about.url(each.path), each.lead(site.strings))
        for each in _exports(site)
        if each.lead
    ]
    return _printed(site, "llms.txt", indexes=indexes, files=files)


def _full_text(site: Site) -> str:
    return _printed(site, "llms-full.txt")


def _printed(site: Site, template: str, **more: object) -> str:
    notes = [_note_text(site, path, site.notes[path]) for path in _in_order(site)]
    summary = notebook_summary(site.context)
    return print_file(
        template, s=site.strings, about=site.about, summary=summary, notes=notes, **more
    )


def _in_order(site: Site) -> Iterator[str]:
    return (path for path in dict.fromkeys([*site.about.order, *site.notes]) if path in site.notes)


def _note_text(site: Site, path: str, note: Note) -> dict[str, object]:
    """A note as the templates print it; links in its prose are absolute."""
    places = site.notebook.index.places[note.id]

    def prose(text: Text, version: str = "") -> str:
        def target(href: str) -> str | None:
            address = _address(site, path, href, version)
            return site.about.url(address) if address else None

        return with_targets(sealed(text.value), target).strip()

    def line(found: Definition | ProofSite) -> str:
        return site.links.line(note.pin, found.path, found.line)

    def step(place: StepPlace) -> dict[str, object]:
        sites = sorted(place.verdict.sites, key=lambda each: each.role is SiteRole.BINDING)
        return {
            "place": place,
            "url": site.about.url(site.layout.step(note.id, place.step.id)),
            "source": line(place.definition) if place.definition else "",
            "sites": [(each, line(each)) for each in sites],
            "commentary": prose(place.step.commentary),
            "errata": [(prose(e.said), prose(e.correction)) for e in place.step.errata],
            "remarks": [(e.version, prose(e.text, e.version)) for e in place.step.remarks],
        }

    return {
        "note": note,
        "url": site.about.url(site.layout.address(note_page(note.id))),
        "counts": tally(places),
        "summary": note_description(site.context, note),
        "description": prose(note.description),
        "steps": [step(place) for place in places],
    }


def _address(site: Site, page: str, href: str, version: str) -> str:
    """Where a link in a note's prose leads, relative to the site's root; empty to leave it."""
    if href.startswith(SCHEME):
        symbol = site.prose.source_page(page, href, version)
        return site.layout.address(symbol) if symbol else ""
    path, hash_sign, fragment = href.partition("#")
    if ":" in path or path.startswith("/"):
        return ""
    if not path:
        return site.layout.address(page) + hash_sign + fragment
    target = posixpath.normpath(posixpath.join(posixpath.dirname(page), unquote(path)))
    is_page = target in site.notes or target.lower().endswith(_PAGE_ENDINGS)
    return (site.layout.address(target) if is_page else quote(target)) + hash_sign + fragment


def _notebook(site: Site) -> str:
    return notebook_json(site, [site.notes[path] for path in _in_order(site)])


# White text on any of them has a contrast of at least 4.5:1.
_GREEN, _AMBER, _RED, _GREY = "#1a7f37", "#8f5c00", "#c0212b", "#4b525d"
_EM = 11.0  # size of the text, pixels
_NARROW = 0.64  # em; about the mean of the widest usual font, Verdana
_PADDING = 6.0  # left and right of a text, pixels


def _badges(site: Site) -> Iterator[SiteFile]:
    """A badge of every note, and one of the notebook."""
    notes = tuple(site.notes.values())
    for path, file, own in [
        *((badge_file(note.id), note.file, (note,)) for note in notes),
        (badge_file(), "", notes),
    ]:
        versions = {note.pin.version for note in own} or {site.notebook.pin.version}
        counts = tally(place for note in own for place in site.notebook.index.places[note.id])
        numbers = (counts.steps, counts.proved, len(site.context.faults_in(file)))
        version = " / ".join(sorted(versions))
        yield SiteFile(path, partial(badge_svg, site.strings, version, *numbers))


def badge_svg(strings: Strings, version: str, steps: int, proved: int, faults: int) -> str:
    """A badge as an SVG file: the version, how many steps are proved in it, how many findings."""
    said = [f"{proved}/{steps}"]
    if proved < steps:
        said.append(strings.badge_unproved.format(steps - proved))
    elif faults:
        said.append(strings.badge_faults.format(faults))
    whole = proved == steps and not faults
    colour = _GREEN if whole and steps else _AMBER if proved else _RED
    label = _badge_part(strings.badge_proved.format(version), _GREY, 0.0)
    value = _badge_part(" · ".join(said), colour, label["width"])
    width = label["width"] + value["width"]
    return print_file("badge.svg", label=label, value=value, width=width)


def _badge_part(text: str, colour: str, left: float) -> dict[str, Any]:
    """One of the two boxes of a badge: its text, its colour, and where they are, in pixels."""
    line = one_line(text)
    length = round(em_length(line, _NARROW) * _EM, 1)
    width = round(length + 2 * _PADDING, 1)
    place = {"left": left, "width": width, "middle": round(left + width / 2, 1), "length": length}
    return {"text": line, "colour": colour} | place


def _feed(site: Site) -> str:
    """The feed of a site that has an address and changes, newest first."""
    url = site.about.url(FEED_FILE)
    changes = (change for change in site.about.changes if change.path in site.notes)
    entries = [_feed_entry(site, change, url) for change in changes]
    return print_file("feed.xml", about=site.about, url=url, entries=entries)


def _feed_entry(site: Site, change: FileCommit, feed: str) -> dict[str, str]:
    """A note that a commit added or changed; `updated` is a date of RFC 3339 in UTC."""
    note, strings = site.notes[change.path], site.strings
    form = strings.feed_new if change.is_new else strings.feed_changed
    description = first_sentence(note.description.value) if change.is_new else ""
    when = datetime.fromtimestamp(change.seconds, UTC)
    return {
        # Neither a new title nor a new address of the page makes it another entry for readers.
        "id": f"{feed}#{change.commit}/{note.id}",
        "title": form.format(note.title),
        "updated": when.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "url": site.about.url(site.layout.address(change.path)),
        "summary": " — ".join(text for text in (change.subject, description) if text),
    }


def _graphs(site: Site) -> Iterator[SiteFile]:
    """The whole graphs, unfolded; no picture where no engine can draw."""
    for path, note in site.notes.items():
        yield from _graph_files(site, note.id, path, partial(site.graphs.note, note))
    if site.notes:
        for part in site.context.pins:
            version, name = site.graphs.version_of(part), part.name
            whole = partial(site.graphs.wholes.__getitem__, name)
            yield from _graph_files(site, "", GRAPH_PAGE, whole, version)


def _graph_files(
    site: Site, note_id: str, page: str, make: Callable[[], Graph], version: str = ""
) -> Iterator[SiteFile]:
    """The files of one graph, whose links are those that it has on a page.

    It is made again for each of them: those of all notes together are large.
    """
    svg, data = (graph_file(note_id, form, version) for form in ("svg", "json"))
    lead = _leader(site, page, data)

    def picture() -> str:
        drawing = site.graphs.drawing(make())
        return svg_file(drawing, lead) if drawing else ""

    yield SiteFile(data, lambda: to_json(_led(make(), lead)))
    if site.graphs.drawing(make()):
        yield SiteFile(svg, picture)


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


def _symbols_script(site: Site) -> str:
    """`window.callpathData`: the words of the script, the notes' pages, a row for every symbol."""
    notes, symbols = site.notes.values(), site.notebook.index.symbols.values()
    data = {
        "strings": site.strings.for_script(),
        "pages": [[note.title, site.layout.address(note_page(note.id))] for note in notes],
        "symbols": [_symbol_row(site, entry) for entry in symbols],
    }
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return f"window.callpathData={text};\n"


def _symbol_row(site: Site, entry: SymbolEntry) -> tuple[str, ...]:
    """Name, kind, `path:line`, signature, what the notes say first, and addresses.

    The addresses are that of the symbol's page, then those of its steps, relative to the root.
    """
    key, address = entry.key, site.layout.address
    found = entry.definitions[0].definition if entry.definitions else None
    steps = [f"{address(note_page(place.note.id))}#{place.step.id}" for place in entry.steps]
    said = (first_sentence(place.step.commentary.value) for place in entry.steps)
    return (
        key.name,
        str(key.kind),
        f"{key.path}:{found.line}" if found else key.path,
        found.signature if found else "",
        next(filter(None, said), ""),
        address(page_of(key)),
        *steps,
    )


class Export(Struct, frozen=True):
    """One file of every site, or of those that it is wanted for."""

    path: str
    write: Callable[[Site], str]
    lead: Callable[[Strings], str] | None = None  # its line in `llms.txt`, if it has one
    wanted: Callable[[Site], bool] = lambda _: True


EXPORTS = (
    Export(SYMBOLS_FILE, _symbols_script),
    Export(OVERVIEW_FILE, _overview),
    Export(FULL_TEXT_FILE, _full_text, lambda strings: strings.full_text_lead),
    Export(NOTEBOOK_FILE, _notebook, lambda strings: strings.notebook_file_lead),
    Export(FEED_FILE, _feed, lambda strings: strings.feed_lead, lambda site: site.about.has_feed),
)
_FAMILIES: tuple[Callable[[Site], Iterable[SiteFile]], ...] = (
    lambda _: (SiteFile(name, partial(asset_text, name)) for name in asset_names()),
    lambda site: site.code.files(),
    lambda site: site.versions.files(site.code),
    _badges,
    lambda site: site.graphs.part_files(),
    _graphs,
)


def _exports(site: Site) -> list[Export]:
    return [each for each in EXPORTS if each.wanted(site)]

"""The pages of a notebook: which there are, and what stands on each. Knows no MkDocs.

A note's page is made in two halves: `note_markdown` goes through the site's own Markdown (which
rewrites links between pages), and `note_html` puts the result into the page. Graphs stay out of the
page's content, so that no search index sees them: the content has a slot, `graphs` fills it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from posixpath import basename

from callpath.core.commentary import LinkedName, source_target
from callpath.core.diagnostics import Diagnostic, Place
from callpath.core.index import SymbolEntry, SymbolKey
from callpath.core.layout import (
    CALL_GRAPH_ANCHOR,
    FILES_PAGE,
    GRAPH_PAGE,
    SYMBOLS_PAGE,
    Layout,
    file_page,
    symbol_page,
)
from callpath.core.lock import LockedDefinition
from callpath.core.model import Note, Pin, Reference, Step, Symbol, visits
from callpath.core.note_views import note_parts
from callpath.core.prose import first_sentence, joined, split
from callpath.core.search_boosts import page_boosts
from callpath.core.urls import LinkProvider
from callpath.core.view_builder import Views
from callpath.project.notebook import Notebook
from callpath.project.site_graphs import GRAPH_SLOT, SiteGraphs
from callpath.render.pages import PageRenderer
from callpath.render.strings import Strings
from callpath.render.svg import GraphCache


@dataclass(frozen=True, slots=True)
class GeneratedPage:
    """A page that no file of the notebook stands for.

    Attributes:
        path: Its source path, as if it were a Markdown file.
        title: Its title, plain text.
        description: One line about it; may be empty.
        boost: How much it counts in search, 1.0 as usual.
        html: Makes what stands on it.
    """

    path: str
    title: str
    description: str
    boost: float
    html: Callable[[], str]


@dataclass(frozen=True, slots=True)
class Heading:
    """An entry of a page's table of contents, with those below it."""

    id: str
    title: str
    children: tuple["Heading", ...] = ()


class Site:
    """The pages of one notebook.

    Parameters:
        notebook: The notebook.
        layout: Where pages are.
        links: Where links to the source lead.
        strings: The words of the site's language.
        graphs: Draws the graphs, or remembers them.

    Attributes:
        notebook: The notebook.
        notes: The notes by the path of their file below the notes' folder.
        layout: Where pages are.
        graphs: The graphs of the pages, and what puts them in.
    """

    def __init__(
        self,
        notebook: Notebook,
        layout: Layout,
        links: LinkProvider,
        strings: Strings,
        graphs: GraphCache,
    ) -> None:
        self.notebook = notebook
        self.notes = notebook.notes
        self.layout = layout
        self._strings = strings
        self._index = notebook.index
        self._boosts = page_boosts(self._index)
        self._views = Views(self._index, layout, links, notebook.pin)
        self._renderer = PageRenderer(strings, links.label)
        self.graphs = SiteGraphs(notebook, layout, links, strings, graphs, self._renderer)

    # --- notes -------------------------------------------------------------------------------

    def note_markdown(self, note: Note) -> str:
        """The prose of a note, to be rendered in one pass by the site's own Markdown."""
        return joined(note_parts(note))

    def note_html(self, note: Note, rendered: str) -> str:
        """What stands on a note's page below its title.

        Parameters:
            note: The note.
            rendered: What the site's Markdown made of `note_markdown`.
        """
        parts, footer = split(rendered, len(note_parts(note)))
        faults = [found for found in self._faults if found.place.file == note.file]
        view = self._views.note(note, parts, footer, faults)
        return self._renderer.note(view, GRAPH_SLOT)

    def faulty_html(self, path: str) -> str:
        """What stands on the page of a note that could not be read: why.

        Parameters:
            path: The note's file below the notes' folder.
        """
        file = self.notebook.prefix + path
        faults = [found for found in self._faults if found.place.file == file]
        return self._renderer.faulty(path, self._views.faults(faults))

    def headings(self, note: Note) -> tuple[Heading, ...]:
        """A note's table of contents: its graph, then its steps as they nest."""
        steps = tuple(_heading(step) for step in note.steps)
        return (Heading(CALL_GRAPH_ANCHOR, self._strings.call_graph), *steps)

    def anchors(self, note: Note) -> frozenset[str]:
        """The ids on a note's page that links may lead to, besides those in its prose."""
        return frozenset({CALL_GRAPH_ANCHOR, *(visit.step.id for visit in visits(note))})

    def description(self, note: Note) -> str:
        """One line about a note, for search engines and previews."""
        return first_sentence(note.description.value)

    @cached_property
    def _faults(self) -> tuple[Diagnostic, ...]:
        return (*self.notebook.diagnostics, *self.notebook.lock_diagnostics)

    # --- generated pages -----------------------------------------------------------------------

    @cached_property
    def pages(self) -> tuple[GeneratedPage, ...]:
        """The pages of symbols (the plainest name first) and files, then the indexes."""
        symbols = sorted(self._index.symbols.values(), key=_plainest)
        return (
            *(self._symbol(entry) for entry in symbols),
            *(self._file(project, path) for project, path in self._index.files()),
            *self._indexes(),
        )

    def _symbol(self, entry: SymbolEntry) -> GeneratedPage:
        key = entry.key
        page = symbol_page(key.project, key.path, key.kind, key.name)
        return GeneratedPage(
            page,
            key.name,
            f"{self._strings.kinds[key.kind]} {key.name} · {key.path}",
            self._boosts[key.name],
            lambda: self._renderer.symbol(self._views.symbol(key), self.graphs.slot(page)),
        )

    def _file(self, project: str, path: str) -> GeneratedPage:
        page = file_page(project, path)
        return GeneratedPage(
            page,
            basename(path),
            f"{project} {path}",
            self._boosts[basename(path)],
            lambda: self._renderer.file(self._views.file(project, path), self.graphs.slot(page)),
        )

    def _indexes(self) -> tuple[GeneratedPage, ...]:
        files = len(self._index.files())
        total = len({place.key for places in self._index.places.values() for place in places})
        strings, renderer, views = self._strings, self._renderer, self._views
        return (
            GeneratedPage(
                SYMBOLS_PAGE, strings.symbols, "", 0.5, lambda: renderer.symbols(views.symbols())
            ),
            GeneratedPage(
                FILES_PAGE, strings.files, "", 0.5, lambda: renderer.files(views.files(), files)
            ),
            GeneratedPage(
                GRAPH_PAGE, strings.graph, "", 0.5, lambda: renderer.whole_graph(GRAPH_SLOT, total)
            ),
        )

    # --- links in prose --------------------------------------------------------------------------

    def link_target(self, page: str, href: str) -> LinkedName | None:
        """Where a `src:` link leads: the symbol's page when it is locked, else nowhere.

        Parameters:
            page: Source path of the page that the link is on.
            href: The link as written.
        """
        locked = self._locked(page, href)
        return (
            LinkedName(self.layout.link(page, _page_of(locked)), _title(locked)) if locked else None
        )

    def source_page(self, page: str, href: str) -> str | None:
        """The source path of the page that a `src:` link leads to, if it is locked."""
        locked = self._locked(page, href)
        return _page_of(locked) if locked else None

    def _locked(self, page: str, href: str) -> LockedDefinition | None:
        target = source_target(href)
        if target is None or self.notebook.lock is None:
            return None
        symbol = Symbol(target.path, target.name, target.kind)
        reference = Reference(self._pin_of(page), symbol, Place(page), target.occurrence)
        return self.notebook.lock.find(reference)

    def link_name(self, page: str, name: str) -> LinkedName | None:
        """Where a name in prose leads: to its step on the same page, else to its symbol's page."""
        note = self.notes.get(page)
        pin = self._pin_of(page)
        if note is not None:
            for visit in visits(note):
                if visit.step.symbol.name == name:
                    return LinkedName(f"#{visit.step.id}", visit.step.symbol.path)
        key = self._index.named(name, pin.project)
        return self._link_key(page, key) if key else None

    def _link_key(self, page: str, key: SymbolKey) -> LinkedName:
        entry = self._index.symbols[key]
        title = _title(entry.definitions[0]) if entry.definitions else key.path
        target = symbol_page(key.project, key.path, key.kind, key.name)
        return LinkedName(self.layout.link(page, target), title)

    def _pin_of(self, page: str) -> Pin:
        note = self.notes.get(page)
        return note.pin if note else self.notebook.pin


def _heading(step: Step) -> Heading:
    return Heading(step.id, step.symbol.name, tuple(_heading(child) for child in step.steps))


def _page_of(locked: LockedDefinition) -> str:
    found = locked.definition
    return symbol_page(locked.project, found.path, found.kind, found.name)


def _title(locked: LockedDefinition) -> str:
    found = locked.definition
    return f"{found.path}:{found.line} · {found.signature}"


def _plainest(entry: SymbolEntry) -> tuple[int, int, SymbolKey]:
    name = entry.key.name
    return len([part for part in name.split("_") if part]), len(name), entry.key

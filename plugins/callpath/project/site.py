"""The pages of a notebook: which there are, and what stands on each. Knows no MkDocs.

A note's page is made in two halves: `note_markdown` goes through the site's own Markdown (which
rewrites links between pages), and `note_html` puts the result into the page. Graphs stay out of the
page's content, so that no search index sees them: the content has a slot, `fill_graphs` fills it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from posixpath import basename

from callpath.core.commentary import LinkedName, source_target
from callpath.core.diagnostics import Diagnostic, Place
from callpath.core.errors import EngineError
from callpath.core.graph import Graph
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
from callpath.core.model import Note, Pin, Reference, Symbol, visits
from callpath.core.note_graph import note_graph, notebook_graph
from callpath.core.note_views import note_parts
from callpath.core.prose import first_sentence, joined, split
from callpath.core.search_boosts import page_boosts
from callpath.core.urls import LinkProvider
from callpath.core.view_builder import Views
from callpath.project.headings import Heading, note_headings
from callpath.project.notebook import Notebook
from callpath.project.site_code import CodeSource, SiteCode
from callpath.render.graph.dot import to_dot
from callpath.render.pages import PageRenderer
from callpath.render.strings import Strings
from callpath.render.svg import GraphCache

GRAPH_SLOT = "<!--callpath-graph-slot-->"


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


class Site:
    """The pages of one notebook.

    Parameters:
        notebook: The notebook.
        layout: Where pages are.
        links: Where links to the source lead.
        strings: The words of the site's language.
        graphs: Draws the graphs, or remembers them.
        code: Where source text comes from; nothing when pages show none.

    Attributes:
        notebook: The notebook.
        notes: The notes by the path of their file below the notes' folder.
        layout: Where pages are.
        strings: The words of the site's language.
        engine_failure: Why no graph engine could draw, once one was asked; else empty.
        code: The source text on the pages.
    """

    def __init__(
        self,
        notebook: Notebook,
        layout: Layout,
        links: LinkProvider,
        strings: Strings,
        graphs: GraphCache,
        code: CodeSource | None = None,
    ) -> None:
        self.notebook = notebook
        self.notes = notebook.notes
        self.layout = layout
        self.engine_failure = ""
        self._links = links
        self.strings = self._strings = strings
        self._graphs = graphs
        self._index = notebook.index
        self._boosts = page_boosts(self._index)
        self._views = Views(self._index, layout, links, notebook.pin)
        self._renderer = PageRenderer(strings, links.label)
        self._rails: dict[str, str] = {}
        self.code = SiteCode(code, self._index, layout, links, notebook.pin, self._renderer)

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
        self._rails[note.id] = self._renderer.rail(view)
        return self._renderer.note(self.code.on_note(note, view), GRAPH_SLOT)

    def rail(self, note: Note) -> str:
        """The path rail of a note whose page is made: HTML for a theme that has room for it."""
        return self._rails[note.id]

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
        return note_headings(note, self._strings.call_graph)

    def anchors(self, note: Note) -> frozenset[str]:
        """The ids on a note's page that links may lead to, besides those in its prose."""
        return frozenset({CALL_GRAPH_ANCHOR, *(visit.step.id for visit in visits(note))})

    def description(self, note: Note) -> str:
        """One line about a note, for search engines and previews."""
        return first_sentence(note.description.value)

    @cached_property
    def _faults(self) -> tuple[Diagnostic, ...]:
        return (*self.notebook.diagnostics, *self.notebook.lock_diagnostics)

    # --- graphs ------------------------------------------------------------------------------

    def fill_graphs(self, page: str, html: str) -> str:
        """Put the graph of a page into its slot.

        Parameters:
            page: The page's source path.
            html: The page, or a part of it, with or without a slot.
        """
        if GRAPH_SLOT not in html:
            return html
        note = self.notes.get(page)
        graph = self.note_graph(note) if note else self.whole_graph(page)
        return html.replace(GRAPH_SLOT, self._graph_html(graph))

    def note_graph(self, note: Note, base: str = "") -> Graph:
        """The graph of a note; `base` stands before `#step` in its links."""
        return note_graph(self._index, note, self._strings.graph_description, self._links, base)

    def whole_graph(self, origin: str = GRAPH_PAGE) -> Graph:
        """The graph of the whole notebook, as it stands on a page (by source path)."""
        total = len({place.key for places in self._index.places.values() for place in places})
        lead = self._strings.graph_lead.format(total)
        title = self._strings.graph
        return notebook_graph(self._index, self.layout, title, lead, self._links, origin)

    def _graph_html(self, graph: Graph) -> str:
        try:
            svg = self._graphs.draw(to_dot(graph))
        except EngineError as error:
            self.engine_failure = error.message + (f": {error.hint}" if error.hint else "")
            svg = ""
        return self._renderer.graph(graph, svg)

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
        return GeneratedPage(
            symbol_page(key.project, key.path, key.kind, key.name),
            key.name,
            f"{self._strings.kinds[key.kind]} {key.name} · {key.path}",
            self._boosts[key.name],
            lambda: self._renderer.symbol(self._views.symbol(key), self.code.slot(entry)),
        )

    def _file(self, project: str, path: str) -> GeneratedPage:
        return GeneratedPage(
            file_page(project, path),
            basename(path),
            f"{project} {path}",
            self._boosts[basename(path)],
            lambda: self._renderer.file(self._views.file(project, path)),
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

    def link_target(self, page: str, href: str, owner: str = "") -> LinkedName | None:
        """Where a `src:` link leads: the symbol's page when it is locked, else nowhere.

        Parameters:
            page: Source path of the page that the link is on.
            href: The link as written.
            owner: Source path of the note whose prose it is, when that is another page.
        """
        if locked := self._locked(owner or page, href):
            return LinkedName(self.layout.link(page, _page_of(locked)), _title(locked))
        return None

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

    def link_name(self, page: str, name: str, owner: str = "") -> LinkedName | None:
        """Where a name in prose leads: to its step of the same note, else to its symbol's page."""
        home = owner or page
        note = self.notes.get(home)
        if note is not None:
            for visit in visits(note):
                if visit.step.symbol.name == name:
                    href = self.layout.link(page, home, visit.step.id)
                    return LinkedName(href, visit.step.symbol.path)
        key = self._index.named(name, self._pin_of(home).project)
        return self._link_key(page, key) if key else None

    def _link_key(self, page: str, key: SymbolKey) -> LinkedName:
        entry = self._index.symbols[key]
        title = _title(entry.definitions[0]) if entry.definitions else key.path
        target = symbol_page(key.project, key.path, key.kind, key.name)
        return LinkedName(self.layout.link(page, target), title)

    def _pin_of(self, page: str) -> Pin:
        note = self.notes.get(page)
        return note.pin if note else self.notebook.pin


def _page_of(locked: LockedDefinition) -> str:
    found = locked.definition
    return symbol_page(locked.project, found.path, found.kind, found.name)


def _title(locked: LockedDefinition) -> str:
    found = locked.definition
    return f"{found.path}:{found.line} · {found.signature}"


def _plainest(entry: SymbolEntry) -> tuple[int, int, SymbolKey]:
    name = entry.key.name
    return len([part for part in name.split("_") if part]), len(name), entry.key

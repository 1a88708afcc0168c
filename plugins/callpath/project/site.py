"""The pages of a notebook: which there are, and what stands on each. Knows no MkDocs.

A note's page is made in two halves: `note_markdown` goes through the site's own Markdown (which
rewrites links between pages), and `note_html` puts the result into the page. Graphs stay out of the
page's content, so that no search index sees them: the content has a slot, `graphs` fills it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from posixpath import basename

from callpath.core.counterparts import counterparts
from callpath.core.diagnostics import Diagnostic
from callpath.core.era_views import EraViews
from callpath.core.eras import Eras
from callpath.core.index import SymbolEntry, SymbolKey
from callpath.core.layout import (
    CALL_GRAPH_ANCHOR,
    FILES_PAGE,
    GRAPH_PAGE,
    SYMBOLS_PAGE,
    Layout,
    file_page,
    note_page,
    symbol_page,
)
from callpath.core.lock import Lock
from callpath.core.matrix_views import MatrixViews
from callpath.core.model import Note, visits
from callpath.core.note_views import note_parts, part_versions
from callpath.core.prose import joined, split
from callpath.core.search_boosts import page_boosts
from callpath.core.site_about import About
from callpath.core.urls import LinkProvider
from callpath.core.view_builder import Views
from callpath.core.views import SymbolView
from callpath.project.headings import Heading, note_headings
from callpath.project.notebook import Notebook
from callpath.project.page_texts import PageText, PageTexts
from callpath.project.prose_links import ProseLinks
from callpath.project.site_code import CodeSource, SiteCode
from callpath.project.site_graphs import GRAPH_SLOT, SiteGraphs
from callpath.render.pages import PageRenderer
from callpath.render.strings import Strings
from callpath.render.svg import GraphCache

_OTHER_VERSION = 0.8  # in search, beside a page of the same title for the site's own version


@dataclass(frozen=True, slots=True)
class GeneratedPage:
    """A page that no file of the notebook stands for.

    Attributes:
        path: Its source path, as if it were a Markdown file.
        title: Its title, plain text.
        description: One line about it.
        boost: How much it counts in search, 1.0 as usual.
        html: Makes what stands on it.
        headline: A title that tells it from all other pages.
    """

    path: str
    title: str
    description: str
    boost: float
    html: Callable[[], str]
    headline: str


class Site(ProseLinks):
    """The pages of one notebook.

    Parameters:
        notebook: The notebook.
        layout: Where pages are.
        links: Where links to the source lead.
        strings: The words of the site's language.
        graphs: Draws the graphs, or remembers them.
        about: The site's name, address and history.
        code: Where source text comes from; nothing when pages show none.
        eras: In which releases the notes' statements hold; nothing when nobody looked.

    Attributes:
        notebook: The notebook.
        notes: The notes by the path of their file below the notes' folder.
        layout: Where pages are.
        links: Where links to the source lead.
        strings: The words of the site's language.
        about: The site's name, address and history.
        eras: In which releases the notes' statements hold; nothing when nobody looked.
        texts: Titles and descriptions of the pages.
        versions: The views of tracked versions.
        code: The source text on the pages.
        graphs: The graphs of the pages, and what puts them in.
    """

    def __init__(
        self,
        notebook: Notebook,
        layout: Layout,
        links: LinkProvider,
        strings: Strings,
        graphs: GraphCache,
        about: About = About(),  # noqa: B008 (it is frozen)
        code: CodeSource | None = None,
        eras: Eras | None = None,
    ) -> None:
        super().__init__(notebook, layout)
        self.links = links
        self.strings = strings
        self.about = about
        self.eras = eras
        self.texts = PageTexts(self._index, notebook.pin, strings)
        self._boosts = page_boosts(self._index)
        self._views = Views(self._index, layout, links, notebook.pin)
        self.versions = MatrixViews(
            self._index,
            layout,
            links,
            notebook.pin,
            notebook.lock or Lock(),
            notebook.tracked,
            counterparts(notebook.notes),
        )
        self._era_views = EraViews(eras, self._index) if eras else None
        self._renderer = PageRenderer(strings, links.label)
        self._rails: dict[str, str] = {}
        self.code = SiteCode(
            code,
            self._index,
            layout,
            links,
            notebook.pin,
            self._renderer,
            notebook.lock or Lock(),
            notebook.tracked,
        )
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
        faults = self.faults_in(note.file)
        view = self._views.note(note, parts, footer, faults)
        if self._era_views:
            view = self._era_views.on_note(note, view)
        self._rails[note.id] = self._renderer.rail(view)
        view = replace(view, versions=self.versions.note_versions(note, note_page(note.id)))
        return self._renderer.note(self.code.on_note(note, view), GRAPH_SLOT)

    def part_version(self, page: str, part: int) -> str:
        """The version that a text on a note's page speaks of, where it is not that of the note.

        Parameters:
            page: The page's source path.
            part: The text's number, 0-based.
        """
        versions = part_versions(self.notes[page]) if page in self.notes else ()
        return versions[part] if part < len(versions) else ""

    def rail(self, note: Note) -> str:
        """The path rail of a note whose page is made: HTML for a theme that has room for it."""
        return self._rails[note.id]

    def faulty_html(self, path: str) -> str:
        """What stands on the page of a note that could not be read: why.

        Parameters:
            path: The note's file below the notes' folder.
        """
        faults = self.faults_in(self.notebook.prefix + path)
        return self._renderer.faulty(path, self._views.faults(faults))

    def headings(self, note: Note) -> tuple[Heading, ...]:
        """A note's table of contents: its graph, then its steps as they nest."""
        return note_headings(note, self.strings.call_graph)

    def anchors(self, note: Note) -> frozenset[str]:
        """The ids on a note's page that links may lead to, besides those in its prose."""
        return frozenset({CALL_GRAPH_ANCHOR, *(visit.step.id for visit in visits(note))})

    def description(self, note: Note) -> str:
        """One line about a note, for search engines and previews."""
        return self.texts.note(note).description

    def faults_in(self, file: str = "") -> list[Diagnostic]:
        """The findings on a file, by its path from the project's root; without one, all."""
        found = (*self.notebook.diagnostics, *self.notebook.lock_diagnostics)
        return [each for each in found if not file or each.place.file == file]

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
        key, text = entry.key, self.texts.symbol(entry)
        page = symbol_page(key.project, key.path, key.kind, key.name)
        return GeneratedPage(
            page,
            key.name,
            text.description,
            self._boost(key.name, [entry]),
            lambda: self._renderer.symbol(
                self._symbol_view(entry, page),
                self.graphs.slot(page),
                self.code.slot(entry),
            ),
            text.title,
        )

    def _symbol_view(self, entry: SymbolEntry, page: str) -> SymbolView:
        there = self.versions.symbol_there(entry, page)
        view = replace(self._views.symbol(entry.key), elsewhere=there)
        return self._era_views.on_symbol(entry, view) if self._era_views else view

    def _boost(self, title: str, entries: Iterable[SymbolEntry]) -> float:
        """How much a page counts in search: less when the site's version has one of its title."""
        twin = title in self._pinned_titles and not any(map(self._is_pinned, entries))
        return round(self._boosts[title] * (_OTHER_VERSION if twin else 1), 2)

    def _is_pinned(self, entry: SymbolEntry) -> bool:
        return any(found.version == self.notebook.pin.version for found in entry.definitions)

    @cached_property
    def _pinned_titles(self) -> frozenset[str]:
        keys = [entry.key for entry in self._index.symbols.values() if self._is_pinned(entry)]
        return frozenset(title for key in keys for title in (key.name, basename(key.path)))

    def _file(self, project: str, path: str) -> GeneratedPage:
        text, page = self.texts.file(project, path), file_page(project, path)
        return GeneratedPage(
            page,
            basename(path),
            text.description,
            self._boost(basename(path), self._index.files()[project, path]),
            lambda: self._renderer.file(self._views.file(project, path), self.graphs.slot(page)),
            text.title,
        )

    def _indexes(self) -> tuple[GeneratedPage, ...]:
        files = len(self._index.files())
        total = len({place.key for places in self._index.places.values() for place in places})
        renderer, views, texts = self._renderer, self._views, self.texts

        def page(path: str, text: PageText, html: Callable[[], str]) -> GeneratedPage:
            return GeneratedPage(path, text.title, text.description, 0.5, html, text.title)

        return (
            page(SYMBOLS_PAGE, texts.symbols(), lambda: renderer.symbols(views.symbols())),
            page(FILES_PAGE, texts.files(), lambda: renderer.files(views.files(), files)),
            page(GRAPH_PAGE, texts.graph(), lambda: renderer.whole_graph(GRAPH_SLOT, total)),
        )


def _plainest(entry: SymbolEntry) -> tuple[int, int, SymbolKey]:
    name = entry.key.name
    return len([part for part in name.split("_") if part]), len(name), entry.key

"""The graphs of a site's pages: which page has which, how it is folded, where it goes in.

Graphs stay out of the pages' content, so that neither Markdown nor a search index sees them: the
content has a slot, and `SiteGraphs.fill` puts the figure there when the page is done.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, partial
from posixpath import basename

from markupsafe import Markup

from callpath.addresses import GRAPH_PAGE, file_page, graph_file
from callpath.findings import EngineError
from callpath.graph.build import SymbolGraphs, note_graph
from callpath.graph.dot import to_dot
from callpath.graph.engine import GraphCache
from callpath.graph.fold import FoldWords, Picture, files, fold, subtrees
from callpath.graph.model import Graph, legend_of, outline
from callpath.graph.svg import Drawing, compact_svg
from callpath.model import Note
from callpath.site.views import NameLink, PartView, SiteContext, SiteFile, page_of

GRAPH_SLOT = Markup("<!--callpath-graph-slot-->")
# Boxes in the parts of the whole graph, past which the parts become files: about 60 kB gzipped.
MOST_IN_PAGE = 800
_PART_FILES = "assets/callpath/graph"


class SiteGraphs:
    """The graphs of one site."""

    def __init__(self, site: SiteContext, cache: GraphCache) -> None:
        self.failure = ""  # why no graph engine could draw, once one was asked
        self._site = site
        self._cache = cache
        self._strings = words = site.strings
        self._said = words.proofs | words.statuses
        more = (words.merged_edges, words.more_neighbours)
        self._step_words = FoldWords(words.folded_steps, *more)
        self._symbol_words = folded = FoldWords(words.folded_symbols, *more)
        self._symbols = SymbolGraphs(site.index, site.layout, site.links, self._said, folded)

    def note(self, note: Note, base: str = "") -> Graph:
        """The graph of a note, not folded; `base` comes before `#step` in its links."""
        words = self._strings.graph_description
        return note_graph(self._site.index, note, words, self._site.links, base, self._said)

    @cached_property
    def whole(self) -> Graph:
        """The graph of the whole notebook, not folded."""
        return self._whole(GRAPH_PAGE)

    def _whole(self, origin: str) -> Graph:
        return self._symbols.whole(self._strings.graph, self._strings.graph_lead, origin)

    def _by_file(self, whole: Graph, origin: str) -> tuple[Picture, ...]:
        return fold(whole, files(*self._symbols.files(origin)), self._symbol_words)

    def slot(self, page: str) -> Markup:
        """The slot for the graph of a symbol's or a file's page; empty if it has none."""
        return GRAPH_SLOT if self._neighbours.get(page) else Markup()

    def fill(self, page: str, html: str) -> str:
        """Put the graph of a page into its slot, if the HTML has it."""
        return html.replace(GRAPH_SLOT, self._figure(page)) if GRAPH_SLOT in html else html

    def part_files(self) -> Iterator[SiteFile]:
        """The parts of the whole graph that are files.

        Only of a notebook so large that they would weigh down the page; and of no other page. A
        script, not data to fetch: pages that are opened as files may not fetch.
        """
        folded = self._folded_whole if self._parts_are_files else ()
        for picture, svg in zip(folded[1:], self._drawn(folded, titles=True)[1:], strict=False):
            key, value = json.dumps(f"graph#{picture.id}"), json.dumps(svg, ensure_ascii=False)
            script = f"(window.callpathParts ??= {{}})[{key}] = {value};\n"
            yield SiteFile(f"{_PART_FILES}/{picture.id}.js", partial(str, script))

    def drawing(self, graph: Graph) -> Drawing | None:
        """The drawing of a graph as it is, or None if no engine could draw it."""
        try:
            return self._cache.draw(to_dot(graph))
        except EngineError as error:
            self.failure = error.message + (f": {error.hint}" if error.hint else "")
            return None

    @cached_property
    def _folded_whole(self) -> tuple[Picture, ...]:
        return self._by_file(self.whole, GRAPH_PAGE)

    @cached_property
    def _parts_are_files(self) -> bool:
        return sum(len(part.graph.nodes) for part in self._folded_whole[1:]) > MOST_IN_PAGE

    @cached_property
    def _neighbours(self) -> Mapping[str, Graph]:
        """The graphs of symbols and files, by the source path of their page."""
        graphs, words = self._symbols, self._strings
        found: dict[str, Graph | None] = {}
        for key, entry in self._site.index.symbols.items():
            title = words.around_symbol.format(key.name)
            said = words.around_description.format(len(entry.callers), len(entry.callees))
            found[page_of(key)] = graphs.around(key, title, said)
        for file in self._site.index.files():
            title = words.file_graph.format(basename(file[1]))
            found[file_page(*file)] = graphs.of_file(*file, title, words.file_description)
        return {page: graph for page, graph in found.items() if graph}

    def _figure(self, page: str) -> Markup:
        note = self._site.notebook.notes.get(page)
        graph, folded = self._pictures(page, note)
        svgs = self._drawn(folded, titles=note is None)
        listed = page == GRAPH_PAGE or (note is None and graph.name == "graph-file")
        forms = () if page in self._neighbours else ("svg", "json") if svgs else ("json",)
        asset, note_id = self._site.layout.asset, note.id if note else ""
        return self._site.render(
            "graph.html",
            title=graph.title,
            svg=svgs[0] if svgs else Markup(),
            parts=self._parts(graph, folded, svgs[1:]),
            legend=legend_of(picture.graph for picture in folded) if svgs else None,
            outline=outline(graph) if listed or not svgs else (),
            downloads=[
                NameLink(form.upper(), asset(page, graph_file(note_id, form))) for form in forms
            ],
            waits=note is not None,
        )

    def _pictures(self, page: str, note: Note | None) -> tuple[Graph, tuple[Picture, ...]]:
        if page == GRAPH_PAGE:
            return self.whole, self._folded_whole
        if note is not None:
            graph = self.note(note)
            return graph, fold(graph, subtrees, self._step_words)
        if page in self._neighbours:
            graph = self._neighbours[page]
            return graph, fold(graph, subtrees, self._symbol_words)
        graph = self._whole(page)  # on a page of the author's
        return graph, self._by_file(graph, page)

    def _parts(
        self, graph: Graph, folded: tuple[Picture, ...], svgs: Sequence[Markup]
    ) -> tuple[PartView, ...]:
        """The parts of a figure.

        Where they are files, only their own page shows them: elsewhere a folded box leads on.
        """
        parts = [(part.id, part.graph.title) for part in folded[1 : len(svgs) + 1]]
        if graph.name != self.whole.name or not self._parts_are_files:
            return tuple(PartView(*part, svg) for part, svg in zip(parts, svgs, strict=True))
        if graph is not self.whole:
            return ()
        folder = self._site.layout.asset(GRAPH_PAGE, _PART_FILES)
        return tuple(PartView(*part, Markup(), f"{folder}/{part[0]}.js") for part in parts)

    def _drawn(self, folded: tuple[Picture, ...], *, titles: bool) -> list[Markup]:
        svgs = []
        for picture in folded:
            drawing = self.drawing(picture.graph)
            if drawing is None:
                return []
            svg = compact_svg(drawing, titles=titles, opens=picture.opens)
            svgs.append(Markup(svg))  # noqa: S704 (it was drawn here)
        return svgs

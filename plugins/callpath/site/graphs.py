"""The graphs of a site's pages: which page has which, how it is folded, where it goes in.

Graphs stay out of the pages' content, so that neither Markdown nor a search index sees them: the
content has a slot, and `SiteGraphs.fill` puts the figure there when the page is done.
"""

import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import chain, dropwhile, islice
from posixpath import basename

from markupsafe import Markup
from msgspec.structs import replace

from callpath.addresses import GRAPH_PAGE, file_page, graph_file
from callpath.findings import EngineError
from callpath.graph.build import FILE_GRAPH, SymbolGraphs, note_graph
from callpath.graph.dot import to_dot
from callpath.graph.engine import Asked, GraphCache
from callpath.graph.fold import FoldWords, Picture, files, fold, subtrees
from callpath.graph.model import Graph, legend_of, outline
from callpath.graph.svg import Drawing
from callpath.model import Note
from callpath.notebook import SymbolKey
from callpath.site.pins import PinPart, PinSection, pin_sections
from callpath.site.strings import Strings
from callpath.site.views import NameLink, PartView, SiteContext, SiteFile, page_of

_Subject = SymbolKey | tuple[str, str]  # a symbol, or a file by its project and path
GRAPH_SLOT = Markup("<!--callpath-graph-slot-->")
# Boxes in the parts of the whole graph, past which the parts become files: about 60 kB gzipped.
MOST_IN_PAGE = 800
_AT_ONCE = 100  # pages whose pictures are drawn together
_PART_FILES = "assets/callpath/graph"


class SiteGraphs:
    """The graphs of one site."""

    def __init__(self, site: SiteContext, cache: GraphCache) -> None:
        self.failure = ""  # why no graph engine could draw, once one was asked
        self._site = site
        self._cache = cache
        self._strings = words = site.strings
        self._said = words.proofs | words.statuses
        self.order: Mapping[str, object] = {}  # the pages in the order in which they are made
        # The folded graphs of the pages that are about to be made, by their source paths.
        self._prepared: dict[str, list[tuple[PinSection, Graph, tuple[Picture, ...]]]] = {}
        more = (words.merged_edges, words.more_neighbours)
        self._step_words = FoldWords(words.folded_steps, *more)
        self._symbol_words = folded = FoldWords(words.folded_symbols, *more)
        self._symbols = {
            part.name: SymbolGraphs(part.index, site.layout, site.links, self._said, folded)
            for part in site.pins
        }

    def note(self, note: Note, base: str = "") -> Graph:
        """The graph of a note, not folded; `base` comes before `#step` in its links."""
        words = self._strings.graph_description
        return note_graph(self._site.index, note, words, self._site.links, base, self._said)

    @cached_property
    def wholes(self) -> Mapping[str, Graph]:
        """The graphs of all notes of each pin, not folded, by the name of its part."""
        return {part.name: self._whole(part, GRAPH_PAGE) for part in self._site.pins}

    def _whole(self, part: PinPart, origin: str) -> Graph:
        return whole_graph(self._symbols[part.name], part, self._strings, origin)

    def _by_file(self, part: PinPart, whole: Graph, origin: str) -> tuple[Picture, ...]:
        pictures = fold(whole, files(*self._symbols[part.name].files(origin)), self._symbol_words)
        return pictures if part is self._site.pins[0] else _renamed(pictures, part.name)

    def slot(self, page: str) -> Markup:
        """The slot for the graph of a symbol's or a file's page; empty if it has none."""
        return GRAPH_SLOT if self._neighbours(page) else Markup()

    def fill(self, page: str, html: str) -> str:
        """Put the graph of a page into its slot, if the HTML has it."""
        return html.replace(GRAPH_SLOT, self._figures(page)) if GRAPH_SLOT in html else html

    def flush(self) -> None:
        """Write what is to be kept of pictures, once pages are made."""
        self._cache.flush()

    def part_files(self) -> Iterator[SiteFile]:
        """The parts of the whole graph that are files.

        Only of a notebook so large that they would weigh down the page; and of no other page. A
        script, not data to fetch: pages that are opened as files may not fetch.
        """
        for folded in self._folded_wholes.values() if self._parts_are_files else ():
            for picture, svg in zip(folded[1:], self._drawn(folded, titles=True)[1:], strict=False):
                key, value = json.dumps(f"graph#{picture.id}"), json.dumps(svg, ensure_ascii=False)
                script = f"(window.callpathParts ??= {{}})[{key}] = {value};\n"
                yield SiteFile(f"{_PART_FILES}/{picture.id}.js", partial(str, script))

    def drawing(self, graph: Graph) -> Drawing | None:
        """The drawing of a graph as it is, or None if no engine could draw it."""
        try:
            return self._cache.draw(to_dot(graph))
        except EngineError as error:
            self._fail(error)
            return None

    def _fail(self, error: EngineError) -> None:
        self.failure = error.message + (f": {error.hint}" if error.hint else "")

    @cached_property
    def _folded_wholes(self) -> Mapping[str, tuple[Picture, ...]]:
        return {
            part.name: self._by_file(part, self.wholes[part.name], GRAPH_PAGE)
            for part in self._site.pins
        }

    @cached_property
    def _parts_are_files(self) -> bool:
        parts = chain.from_iterable(folded[1:] for folded in self._folded_wholes.values())
        return sum(len(part.graph.nodes) for part in parts) > MOST_IN_PAGE

    @cached_property
    def _subjects(self) -> Mapping[str, _Subject]:
        """What the pages of symbols and files are about, by their source path."""
        symbols, files = self._site.index.symbols, self._site.index.files()
        found: dict[str, _Subject] = {page_of(key): key for key in symbols}
        return found | {file_page(*file): file for file in files}

    def _neighbours(self, page: str) -> list[PinSection]:
        """The pins for which a symbol's or a file's page has a graph.

        The graphs themselves are made when the page is: all at once they are large.
        """
        subject = self._subjects.get(page)
        if subject is None:
            return []
        if isinstance(subject, SymbolKey):
            sections = self._site.symbol_sections(subject)
            return [each for each in sections if self._graphs(each).has_around(subject)]
        sections = self._site.file_sections(*subject)
        return [each for each in sections if self._graphs(each).has_file(*subject)]

    def _graphs(self, section: PinSection) -> SymbolGraphs:
        return self._symbols[section.part.name]

    def _folded(self, page: str) -> Iterator[tuple[PinSection, Graph, tuple[Picture, ...]]]:
        subject = self._subjects[page]
        for section in self._neighbours(page):
            graph = (
                self._around(section, subject)
                if isinstance(subject, SymbolKey)
                else self._of_file(section, *subject)
            )
            if graph is not None:
                yield section, graph, fold(graph, subtrees, self._symbol_words)

    def _around(self, section: PinSection, key: SymbolKey) -> Graph | None:
        entry, words = section.part.index.symbols[key], self._strings
        title = _titled(words.around_symbol.format(key.name), section.label)
        said = words.around_description.format(len(entry.callers), len(entry.callees))
        return self._graphs(section).around(key, title, said, section.name)

    def _of_file(self, section: PinSection, project: str, path: str) -> Graph | None:
        words, graphs = self._strings, self._graphs(section)
        title = _titled(words.file_graph.format(basename(path)), section.label)
        return graphs.of_file(project, path, title, words.file_description, section.name)

    def _figures(self, page: str) -> Markup:
        """The figures of a page: one, or one for each pin, with a switch between them."""
        note = self._site.notebook.notes.get(page)
        if note is not None:
            graph = self.note(note)
            pictures = fold(graph, subtrees, self._step_words)
            return self._figure(page, graph, pictures, note.id, waits=True)
        if self._neighbours(page):
            if page not in self._prepared:
                self._prepare(page)
            found = [
                (section, self._figure(page, graph, pictures))
                for section, graph, pictures in self._prepared[page]
            ]
        else:
            found = [(section, self._whole_figure(page, section)) for section in self._sections]
        if not found[0][0].label:
            return found[0][1]
        level = 2 if page == GRAPH_PAGE else 3
        return self._site.render("graphs.html", sections=found, level=level)

    def _prepare(self, page: str) -> None:
        """Have the pictures drawn of some pages, from this one on."""
        order = self.order if page in self.order else self._subjects
        pages = islice(dropwhile(lambda each: each != page, order), _AT_ONCE)
        self._prepared = {
            each: list(self._folded(each)) for each in pages if self._neighbours(each)
        }
        found = chain.from_iterable(self._prepared.values())
        with contextlib.suppress(EngineError):  # told when a picture is asked for
            self._cache.prepare(
                Asked(picture.graph, True, picture.opens)  # noqa: FBT003 (a value's field)
                for _, _, pictures in found
                for picture in pictures
            )

    def _whole_figure(self, page: str, section: PinSection) -> Markup:
        part = section.part
        if page == GRAPH_PAGE:
            graph, pictures = self.wholes[part.name], self._folded_wholes[part.name]
        else:  # a page of the author's
            graph = self._whole(part, page)
            pictures = self._by_file(part, graph, page)
        return self._figure(page, graph, pictures, version=self.version_of(part))

    @cached_property
    def _sections(self) -> Sequence[PinSection]:
        return pin_sections(self._site.pins)

    def version_of(self, part: PinPart) -> str:
        """What names the files of a part's graph: nothing for the first, whose address stays."""
        return "" if part is self._site.pins[0] else part.name

    def _figure(
        self,
        page: str,
        graph: Graph,
        folded: tuple[Picture, ...],
        note_id: str = "",
        version: str = "",
        *,
        waits: bool = False,
    ) -> Markup:
        svgs, asset = self._drawn(folded, titles=not waits), self._site.layout.asset
        is_file = bool(self._neighbours(page)) and graph.name.startswith(FILE_GRAPH)
        forms = () if self._neighbours(page) else ("svg", "json") if svgs else ("json",)
        return self._site.render(
            "graph.html",
            title=graph.title,
            svg=svgs[0] if svgs else Markup(),
            parts=self._parts(graph, folded, svgs[1:]),
            legend=legend_of(picture.graph for picture in folded) if svgs else None,
            outline=outline(graph) if page == GRAPH_PAGE or is_file or not svgs else (),
            downloads=[
                NameLink(form.upper(), asset(page, graph_file(note_id, form, version)))
                for form in forms
            ],
            waits=waits,
        )

    def _parts(
        self, graph: Graph, folded: tuple[Picture, ...], svgs: Sequence[Markup]
    ) -> tuple[PartView, ...]:
        """The parts of a figure.

        Where they are files, only their own page shows them: elsewhere a folded box leads on.
        """
        parts = [(part.id, part.graph.title) for part in folded[1 : len(svgs) + 1]]
        is_whole = any(graph.name == whole.name for whole in self.wholes.values())
        if not is_whole or not self._parts_are_files:
            return tuple(PartView(*part, svg) for part, svg in zip(parts, svgs, strict=True))
        if not any(graph is whole for whole in self.wholes.values()):
            return ()
        folder = self._site.layout.asset(GRAPH_PAGE, _PART_FILES)
        return tuple(PartView(*part, Markup(), f"{folder}/{part[0]}.js") for part in parts)

    def _drawn(self, folded: tuple[Picture, ...], *, titles: bool) -> list[Markup]:
        def drawn(picture: Picture) -> Markup:
            svg = self._cache.picture(Asked(picture.graph, titles, picture.opens))
            return Markup(svg)  # noqa: S704 (it was drawn here)

        try:
            return list(map(drawn, folded))
        except EngineError as error:
            self._fail(error)
            return []


def whole_graph(
    graphs: SymbolGraphs, part: PinPart, words: Strings, origin: str = GRAPH_PAGE
) -> Graph:
    """The graph of all notes of a pin, on the page that `origin` is the source path of."""
    if not part.label:
        return graphs.whole(words.graph, words.graph_lead, origin)
    graph = graphs.whole(_titled(words.graph, part.label), "", origin, part.name)
    said = words.version_graph_lead.format(len(graph.nodes), part.label)
    return replace(graph, description=said)


def _titled(title: str, label: str) -> str:
    return f"{title} · {label}" if label else title


def _renamed(pictures: Sequence[Picture], version: str) -> tuple[Picture, ...]:
    """Pictures whose ids are unique on a page that has those of another version."""

    def renamed(name: str) -> str:
        return f"{version}/{name}" if name else name

    return tuple(
        replace(
            picture,
            id=renamed(picture.id),
            opens={box: renamed(name) for box, name in picture.opens.items()},
        )
        for picture in pictures
    )

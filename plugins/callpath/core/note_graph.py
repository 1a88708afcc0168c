"""The call graphs of a notebook: one of each note (a node a step), one of all (a node a symbol)."""

from collections.abc import Sequence

from callpath.core.edge_views import call_site_url, edge_label, edge_style
from callpath.core.graph import Graph, GraphEdge, GraphNode
from callpath.core.index import Index, StepPlace, SymbolEntry, SymbolKey
from callpath.core.layout import GRAPH_PAGE, Layout, symbol_page
from callpath.core.model import Note, Pin, Step
from callpath.core.prose import first_sentence
from callpath.core.urls import LinkProvider


def note_graph(
    index: Index, note: Note, description: str, links: LinkProvider, base: str = ""
) -> Graph:
    """The call graph of a note.

    Parameters:
        index: The notebook.
        note: The note.
        description: What readers who do not see the picture are told; `{}` is the number of steps.
        links: Where the edges lead: to their sites in the source.
        base: What stands before `#step` in the links of nodes; empty on the note's own page.
    """
    places = index.places[note.id]
    return Graph(
        name="graph-" + note.id.replace("/", "-"),
        title=note.title,
        description=description.format(len(places)),
        nodes=tuple(_step_node(place, base) for place in places),
        edges=tuple(
            _edge(place, place.parent.id, place.step.id, place.note.pin, links)
            for place in places
            if place.parent is not None
        ),
    )


def notebook_graph(
    index: Index,
    layout: Layout,
    title: str,
    description: str,
    links: LinkProvider,
    origin: str = GRAPH_PAGE,
) -> Graph:
    """The graph of every symbol that is a step, each once; nodes lead to symbol pages.

    Parameters:
        index: The notebook.
        layout: Where pages are.
        title: The graph's title.
        description: What readers are told; `{}` is the number of symbols.
        links: Where the edges lead: to their sites in the source.
        origin: The page that it stands on, by source path.
    """
    entries = _reading_order(index)
    names = {entry.key: f"n{number}" for number, entry in enumerate(entries, start=1)}
    edges: dict[tuple[str, str], GraphEdge] = {}
    for places in index.places.values():
        for place in places:
            if place.parent is None:
                continue
            caller = _key_of(places, place.parent)
            edge = (names[caller], names[place.key])
            edges.setdefault(edge, _edge(place, *edge, place.note.pin, links))
    return Graph(
        name="graph-all",
        title=title,
        description=description.format(len(entries)),
        nodes=tuple(_symbol_node(entry, names[entry.key], layout, origin) for entry in entries),
        edges=tuple(edges.values()),
    )


def _reading_order(index: Index) -> list[SymbolEntry]:
    found: dict[SymbolKey, SymbolEntry] = {}
    for places in index.places.values():
        for place in places:
            found.setdefault(place.key, index.symbols[place.key])
    return list(found.values())


def _key_of(places: Sequence[StepPlace], step: Step) -> SymbolKey:
    return places[step.ordinal - 1].key


def _step_node(place: StepPlace, base: str) -> GraphNode:
    step = place.step
    return GraphNode(
        id=step.id,
        label=step.symbol.name,
        kind=str(step.symbol.kind),
        ordinal=step.ordinal,
        place=_short_place(place.key.path, place.locked.definition.line if place.locked else 0),
        href=f"{base}#{step.id}",
        tooltip=first_sentence(step.commentary.value),
    )


def _symbol_node(entry: SymbolEntry, node: str, layout: Layout, origin: str) -> GraphNode:
    key = entry.key
    line = entry.definitions[0].definition.line if entry.definitions else 0
    page = symbol_page(key.project, key.path, key.kind, key.name)
    return GraphNode(
        id=node,
        label=key.name,
        kind=str(key.kind),
        ordinal=None,
        place=_short_place(key.path, line),
        href=layout.link(origin, page),
        tooltip=key.path,
    )


def _short_place(path: str, line: int) -> str:
    name = path.rpartition("/")[2]
    return f"{name}:{line}" if line else name


def _edge(place: StepPlace, source: str, target: str, pin: Pin, links: LinkProvider) -> GraphEdge:
    verdict = place.verdict
    places = ", ".join(f"{site.path}:{site.line}" for site in verdict.sites)
    return GraphEdge(
        source,
        target,
        edge_style(verdict),
        label=edge_label(verdict),
        tooltip=f"{verdict.proof or verdict.status} {places}".strip(),
        href=call_site_url(verdict, pin, links),
    )

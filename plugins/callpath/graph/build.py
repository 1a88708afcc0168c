"""The call graphs of notes, symbols and files, made from the notebook."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import chain

from msgspec import Struct, field
from msgspec.structs import replace

from callpath.addresses import GRAPH_PAGE, Layout, LinkProvider, file_page, symbol_page
from callpath.facts.proof import EdgeStatus, Proof, read_via
from callpath.graph.fold import ENGLISH, REST, FoldWords, part_of
from callpath.graph.model import EdgeStyle, Graph, GraphEdge, GraphNode
from callpath.model import Note
from callpath.notebook import Index, StepPlace, SymbolKey, step_key
from callpath.notes.prose import first_sentence


def note_graph(
    index: Index,
    note: Note,
    description: str,
    links: LinkProvider,
    base: str = "",
    said: Mapping[str, str] | None = None,
) -> Graph:
    """The call graph of a note: a node for each step.

    `{}` in the description is the number of them. `base` comes before `#step` in the links of
    nodes: empty on the note's own page. `said` are the words for proofs and statuses.
    """
    places = index.places[note.id]
    return Graph(
        name="graph-" + note.id.replace("/", "-"),
        title=note.title,
        description=description.format(len(places)),
        nodes=tuple(_step_node(place, base) for place in places),
        edges=tuple(
            _edge(place, (place.parent.id, place.step.id), links, said or {})
            for place in places
            if place.parent is not None
        ),
    )


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


def _short_place(path: str, line: int) -> str:
    """The last part of a path with a line (`svm.c:851`), or alone when the line is 0."""
    name = path.rpartition("/")[2]
    return f"{name}:{line}" if line else name


def _edge(
    place: StepPlace, ends: tuple[str, str], links: LinkProvider, said: Mapping[str, str]
) -> GraphEdge:
    """The arrow that leads to a step, between the boxes of the ids `ends`."""
    sites, style = place.verdict.sites, edge_style(place)
    return GraphEdge(
        *ends,
        style,
        label=_label(place),
        tooltip=_tooltip(place, style, said),
        href=links.line(place.note.pin, sites[0].path, sites[0].line) if sites else "",
    )


def edge_style(place: StepPlace) -> EdgeStyle:
    """How the arrow that leads to a step is drawn: by its proof, else by what it lacks."""
    if place.edge is None:
        return EdgeStyle.NOT_LOCKED
    verdict = place.verdict
    if verdict.status is not EdgeStatus.PROVED:
        return EdgeStyle[verdict.status.name]
    return EdgeStyle[verdict.proof.name] if verdict.proof else EdgeStyle.STATED


def _label(place: StepPlace) -> str:
    """The member of a call through a pointer; an author who vouches for one names it."""
    verdict = place.verdict
    if verdict.status is EdgeStatus.ASSERTED:
        via = read_via(place.step.via)
        return via.member if via else ""
    return verdict.member if verdict.proof is Proof.POINTER else ""


def _tooltip(place: StepPlace, style: EdgeStyle, said: Mapping[str, str]) -> str:
    """What is known of an edge, how it was found, through what, and where."""
    verdict = place.verdict
    proof = str(verdict.proof) if verdict.proof else ""
    status = "" if style == proof else str(style)
    found = ", ".join(said.get(name, name) for name in (status, proof) if name)
    via = place.step.via if verdict.status is EdgeStatus.ASSERTED else ""
    places = ", ".join(f"{site.path}:{site.line}" for site in verdict.sites)
    return " ".join(part for part in (found, via, places) if part)


# Boxes of a symbol's neighbourhood; two more count the callers and callees that have no room.
MOST_BOXES = 40
FILE_GRAPH = "graph-file"  # the name of the graph of a file, perhaps with a version behind it
CURRENT = "callpath-current"  # class of the box that the page is about


class SymbolGraphs(Struct, dict=True):
    """Makes the graphs of one notebook: a node for each symbol."""

    index: Index
    layout: Layout
    links: LinkProvider
    said: Mapping[str, str] = field(default_factory=dict)  # words for proofs and statuses
    words: FoldWords = ENGLISH

    @cached_property
    def _keys(self) -> tuple[SymbolKey, ...]:
        places = chain.from_iterable(self.index.places.values())
        return tuple(dict.fromkeys(place.key for place in places))

    @cached_property
    def _edges(self) -> dict[tuple[SymbolKey, SymbolKey], StepPlace]:
        found: dict[tuple[SymbolKey, SymbolKey], StepPlace] = {}
        for place in chain.from_iterable(self.index.places.values()):
            if place.parent is not None:
                caller = step_key(place.note, place.parent.symbol)
                found.setdefault((caller, place.key), place)
        return found

    def whole(
        self, title: str, description: str, origin: str = GRAPH_PAGE, version: str = ""
    ) -> Graph:
        """All symbols: `{}` in the description is the number of them.

        `origin` is the source path of the page that shows the graph; `version` distinguishes it
        from others of the page, here and below.
        """
        total = description.format(len(self._keys))
        head = Graph(_versioned("graph-all", version), title, total, (), ())
        return self._graph(head, origin, self._keys, self._edges)

    def files(self, origin: str = GRAPH_PAGE) -> tuple[dict[str, str], dict[str, str]]:
        """The file of each box of `whole` (with its project), and the page of each file."""
        paths = {name: f"{key.project}/{key.path}" for key, name in _names(self._keys).items()}
        hrefs = {
            f"{key.project}/{key.path}": self.layout.link(origin, file_page(key.project, key.path))
            for key in self._keys
        }
        return paths, hrefs

    def has_around(self, key: SymbolKey) -> bool:
        """Whether `around` gives a graph of that symbol."""
        entry = self.index.symbols[key]
        return any(each != key for each in (*entry.callers, *entry.callees))

    def has_file(self, project: str, path: str) -> bool:
        """Whether `of_file` gives a graph of that file."""
        return (project, path) in self._edges_by_file

    def around(
        self, key: SymbolKey, title: str, description: str, version: str = ""
    ) -> Graph | None:
        """A symbol with its direct callers and callees, or None if it has neither."""
        entry = self.index.symbols[key]
        callers = [caller for caller in entry.callers if caller != key]
        callees = [callee for callee in entry.callees if callee != key]
        if not callers and not callees:
            return None
        kept = _shared(len(callers), len(callees))
        near = list(dict.fromkeys([*callers[: kept[0]], key, *callees[: kept[1]]]))
        pairs = [(one, key) for one in near] + [(key, one) for one in near if one != key]
        graph = self._graph(
            Graph(_versioned("graph-around", version), title, description, (), ()),
            symbol_page(key.project, key.path, key.kind, key.name),
            near,
            [pair for pair in pairs if pair in self._edges],
        )
        rest = (len(callers) - kept[0], len(callees) - kept[1])
        return self._counted(graph, _names(near)[key], rest, version)

    def of_file(
        self, project: str, path: str, title: str, description: str, version: str = ""
    ) -> Graph | None:
        """A file's symbols that have neighbours, with those of other files as stubs, or None."""
        pairs = self._edges_by_file.get((project, path), ())
        if not pairs:
            return None
        keys = sorted({key for pair in pairs for key in pair}, key=self._positions.__getitem__)
        names = _names(keys)
        own = [names[key] for key in keys if (key.project, key.path) == (project, path)]
        head = Graph(_versioned(FILE_GRAPH, version), title, description, (), ())
        return part_of(self._graph(head, file_page(project, path), keys, pairs), own, self.words)

    @cached_property
    def _edges_by_file(self) -> Mapping[tuple[str, str], Sequence[tuple[SymbolKey, SymbolKey]]]:
        """The edges from and to the symbols of each file, in order, by project and path."""
        found: dict[tuple[str, str], list[tuple[SymbolKey, SymbolKey]]] = {}
        for pair in self._edges:
            for file in dict.fromkeys((key.project, key.path) for key in pair):
                found.setdefault(file, []).append(pair)
        return found

    @cached_property
    def _positions(self) -> Mapping[SymbolKey, int]:
        return {key: position for position, key in enumerate(self._keys)}

    def _graph(
        self,
        head: Graph,
        origin: str,
        keys: Sequence[SymbolKey],
        pairs: Iterable[tuple[SymbolKey, SymbolKey]],
    ) -> Graph:
        """A graph with the name and the texts of `head`, of the symbols and edges given."""
        names = _names(keys)
        edges = tuple(
            _edge(self._edges[one, two], (names[one], names[two]), self.links, self.said)
            for one, two in pairs
        )
        nodes = tuple(self._node(key, name, origin) for key, name in names.items())
        return replace(head, nodes=nodes, edges=edges)

    def _node(self, key: SymbolKey, name: str, origin: str) -> GraphNode:
        entry = self.index.symbols[key]
        line = entry.definitions[0].definition.line if entry.definitions else 0
        page = symbol_page(key.project, key.path, key.kind, key.name)
        return GraphNode(
            id=name,
            label=key.name,
            kind=str(key.kind),
            ordinal=None,
            place=_short_place(key.path, line),
            href="" if page == origin else self.layout.link(origin, page),
            tooltip=key.path,
            classes=(CURRENT,) if page == origin else (),
        )

    def _counted(self, graph: Graph, here: str, rest: tuple[int, int], version: str) -> Graph:
        """The graph with a box each for the callers and callees that have no room."""
        nodes, edges = [*graph.nodes], [*graph.edges]
        for name, number in zip(("callers", "callees"), rest, strict=True):
            if number:
                label = self.words.rest.format(number)
                href = f"#{_versioned(name, version)}"
                nodes.append(GraphNode(name, label, REST, None, "", href, ""))
                ends = (name, here) if name == "callers" else (here, name)
                edges.append(GraphEdge(*ends, EdgeStyle.STATED, tooltip=label))
        return replace(graph, nodes=tuple(nodes), edges=tuple(edges))


def _versioned(name: str, version: str) -> str:
    return f"{name}-{version}" if version else name


def _names(keys: Iterable[SymbolKey]) -> dict[SymbolKey, str]:
    """An id for each symbol, by its place in its graph: an edit elsewhere changes none of them."""
    return {key: f"n{number}" for number, key in enumerate(keys, start=1)}


def _shared(callers: int, callees: int) -> tuple[int, int]:
    """How many of each are shown: half of the room each, or what the other does not need."""
    room = MOST_BOXES - 1
    first = min(callers, max(room // 2, room - callees))
    return first, min(callees, room - first)

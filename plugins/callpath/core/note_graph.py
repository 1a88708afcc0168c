"""The call graph of a note: a node a step. Pure."""

from collections.abc import Mapping

from callpath.core.edge_views import call_site_url, edge_label, edge_style
from callpath.core.graph import Graph, GraphEdge, GraphNode
from callpath.core.index import Index, StepPlace
from callpath.core.model import Note
from callpath.core.prose import first_sentence
from callpath.core.urls import LinkProvider


def note_graph(
    index: Index,
    note: Note,
    description: str,
    links: LinkProvider,
    base: str = "",
    said: Mapping[str, str] | None = None,
) -> Graph:
    """The call graph of a note.

    Parameters:
        index: The notebook.
        note: The note.
        description: What readers who do not see the picture are told; `{}` is the number of steps.
        links: Where the edges lead: to their sites in the source.
        base: What stands before `#step` in the links of nodes; empty on the note's own page.
        said: How a proof and a status are called, by their values.
    """
    places = index.places[note.id]
    return Graph(
        name="graph-" + note.id.replace("/", "-"),
        title=note.title,
        description=description.format(len(places)),
        nodes=tuple(_step_node(place, base) for place in places),
        edges=tuple(
            edge_of(place, (place.parent.id, place.step.id), links, said or {})
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
        place=short_place(place.key.path, place.locked.definition.line if place.locked else 0),
        href=f"{base}#{step.id}",
        tooltip=first_sentence(step.commentary.value),
    )


def short_place(path: str, line: int) -> str:
    """The last part of a path with a line (`svm.c:851`), or alone when the line is 0."""
    name = path.rpartition("/")[2]
    return f"{name}:{line}" if line else name


def edge_of(
    place: StepPlace, ends: tuple[str, str], links: LinkProvider, said: Mapping[str, str]
) -> GraphEdge:
    """The arrow of a step's edge.

    Parameters:
        place: The step that it leads to.
        ends: The ids of the boxes of caller and callee.
        links: Where it leads: to the first of its sites.
        said: How proofs and statuses are called, by their values; else by their values.
    """
    verdict = place.verdict
    places = ", ".join(f"{site.path}:{site.line}" for site in verdict.sites)
    found = str(verdict.proof or verdict.status)
    return GraphEdge(
        *ends,
        edge_style(verdict),
        label=edge_label(verdict),
        tooltip=f"{said.get(found, found)} {places}".strip(),
        href=call_site_url(verdict, place.note.pin, links),
    )

"""What a figure with a call graph shows, complete: the template only prints it. Pure."""

from dataclasses import dataclass

from callpath.core.graph import OutlineItem
from callpath.core.graph_legend import Legend
from callpath.core.views import NameLink


@dataclass(frozen=True, slots=True)
class PartView:
    """A picture that a folded box opens.

    Attributes:
        id: What the box names in its `data-opens`.
        title: What it shows: plain text.
        svg: The picture as HTML; empty when it stands in a file.
        source: Address of the script that brings it, relative to the page; else empty.
    """

    id: str
    title: str
    svg: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class GraphView:
    """A figure: a picture, what it opens, what it means.

    Attributes:
        title: What the picture shows: plain text.
        svg: The picture as HTML; empty when no engine could draw.
        parts: The pictures that its boxes open, to any depth.
        legend: The kinds of lines and boxes that the pictures have; nothing without a picture.
        outline: The same graph as nested lists; empty where the page says the same.
        downloads: The graph as files: what they are called, and where they are.
        waits: Whether the picture is not drawn before the page's script asks for it; without
            a script it is drawn at once.
    """

    title: str
    svg: str
    parts: tuple[PartView, ...]
    legend: Legend | None
    outline: tuple[OutlineItem, ...]
    downloads: tuple[NameLink, ...] = ()
    waits: bool = False

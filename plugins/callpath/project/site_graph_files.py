"""The call graphs of a site as files: each note's and that of all notes, as SVG and as JSON."""

import posixpath
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urljoin, urlsplit

from callpath.core.graph import Graph
from callpath.core.layout import GRAPH_PAGE, file_address, graph_file
from callpath.project.site import Site
from callpath.project.site_file import SiteFile
from callpath.render.graph.json import to_json
from callpath.render.graph.standalone import standalone


def graph_files(site: Site) -> tuple[SiteFile, ...]:
    """The whole graphs, unfolded; no picture where no engine can draw."""
    found = [
        file
        for path, note in site.notes.items()
        for file in _files(site, note.id, path, site.graphs.note(note))
    ]
    if found:
        found += _files(site, "", GRAPH_PAGE, site.graphs.whole)
    return tuple(found)


def _files(site: Site, note_id: str, page: str, graph: Graph) -> list[SiteFile]:
    """The files of one graph, whose links are those that it has on a page."""
    picture_path, json_path = graph_file(note_id), graph_file(note_id, "json")
    lead = _leader(site, page, json_path)
    files = [SiteFile(json_path, lambda: to_json(_led(graph, lead)))]
    if picture := site.graphs.picture(graph):
        files.append(SiteFile(picture_path, lambda: standalone(picture, lead)))
    return files


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

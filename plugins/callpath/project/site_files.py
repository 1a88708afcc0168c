"""The files of a site that are no pages: data for the script, twins for other programs."""

from collections.abc import Callable

from callpath.project.site import Site
from callpath.project.site_file import SiteFile
from callpath.project.site_graph_files import graph_files
from callpath.project.site_twins import badge_files, feed_files, notebook_files, text_files

__all__ = ["SiteFile", "site_files"]


def site_files(site: Site) -> tuple[SiteFile, ...]:
    """The files of a site, sorted by path."""
    made = [file for make in _MAKERS for file in make(site)]
    return tuple(sorted(made, key=lambda file: file.path))


_MAKERS: tuple[Callable[[Site], tuple[SiteFile, ...]], ...] = (
    badge_files,
    feed_files,
    graph_files,
    notebook_files,
    text_files,
)

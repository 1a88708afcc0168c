"""The files of a site that are no pages: data for the script, twins for other programs."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from callpath.project.site import Site


@dataclass(frozen=True, slots=True)
class SiteFile:
    """A file that the build writes beside the pages.

    Attributes:
        path: Where it is, relative to the site's root.
        content: Makes its text; called at most once a build.
    """

    path: str
    content: Callable[[], str]


def site_files(site: Site) -> tuple[SiteFile, ...]:
    """The files of a site, sorted by path."""
    made = [file for make in _MAKERS for file in make(site)]
    return tuple(sorted(made, key=lambda file: file.path))


def _graph_parts(site: Site) -> tuple[SiteFile, ...]:
    """The parts of the whole graph, of a notebook so large that its page does not hold them."""
    return tuple(
        SiteFile(path, partial(str, script)) for path, script in site.graphs.part_files().items()
    )


_MAKERS: tuple[Callable[[Site], tuple[SiteFile, ...]], ...] = (_graph_parts,)

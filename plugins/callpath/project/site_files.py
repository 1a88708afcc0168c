"""The files of a site that are no pages: data for the script, twins for other programs."""

from collections.abc import Callable
from functools import partial

from callpath.project.script_data import script_files
from callpath.project.site import Site
from callpath.project.site_file import SiteFile
from callpath.project.site_graph_files import graph_files
from callpath.project.site_twins import badge_files, feed_files, notebook_files, text_files
from callpath.project.site_versions import SiteVersions


def site_files(site: Site) -> tuple[SiteFile, ...]:
    """The files of a site, sorted by path."""
    made = [file for make in _MAKERS for file in make(site)]
    return tuple(sorted(made, key=lambda file: file.path))


def _code(site: Site) -> tuple[SiteFile, ...]:
    """The source text of each step."""
    return tuple(SiteFile(path, make) for path, make in site.code.files())


def _graph_parts(site: Site) -> tuple[SiteFile, ...]:
    """The parts of the whole graph, of a notebook so large that its page does not hold them."""
    return tuple(
        SiteFile(path, partial(str, script)) for path, script in site.graphs.part_files().items()
    )


def _versions(site: Site) -> tuple[SiteFile, ...]:
    """What became of each note's steps in tracked versions."""
    return tuple(SiteVersions(site).files())


_MAKERS: tuple[Callable[[Site], tuple[SiteFile, ...]], ...] = (
    script_files,
    _code,
    _versions,
    badge_files,
    feed_files,
    _graph_parts,
    graph_files,
    notebook_files,
    text_files,
)

"""The parts that pages can have, the generated home page, and the page of errata. Knows no MkDocs.

The page of errata is made in two halves, as notes are: its Markdown goes through the site's own,
which rewrites links between pages; each text in it is a note's, and so are its links.
"""

from collections import Counter
from functools import cached_property

from callpath.core.home_views import ErrataView, HomeViews
from callpath.core.layout import ERRATA_PAGE, HOME_PAGE
from callpath.core.page_parts import ERRATA, GRAPH, LEGEND, PATHS, with_parts
from callpath.core.prose import joined, split
from callpath.project.headings import Heading
from callpath.project.prose_page import PartOwner, ProsePage
from callpath.project.site import GeneratedPage, Site
from callpath.project.site_graphs import GRAPH_SLOT
from callpath.render.home_pages import HomePage, HomePageRenderer

_BOOST = 0.3  # in search: below the pages that it speaks of


class SiteParts:
    """The parts of one notebook's pages.

    Parameters:
        site: The site.
    """

    def __init__(self, site: Site) -> None:
        self._notebook = site.notebook
        self._layout = site.layout
        self._links = site.links
        self._strings = site.strings
        self._about = site.about
        self._tags = site.eras.tags if site.eras else ()
        self._renderer = HomePageRenderer(site.strings)
        self._paths = {note.id: path for path, note in site.notes.items()}

    def pages(self, *, home: bool) -> tuple[GeneratedPage | ProsePage, ...]:
        """The pages that these parts make up.

        Parameters:
            home: Whether a home page is wanted.
        """
        name, description = self._about.name, self._about.description
        own = GeneratedPage(HOME_PAGE, name, description, _BOOST, self._home_html, name)
        errata = (self._errata_page(),) if self._errata_total else ()
        return (*((own,) if home else ()), *errata)

    def fill(self, page: str, html: str) -> str:
        """Put the parts into a rendered Markdown page, for their marks.

        Parameters:
            page: The page's source path.
            html: What Markdown made of it.
        """
        slots = iter((GRAPH_SLOT,))  # one graph a page: its ids stand once

        def part(name: str) -> str:
            return next(slots, "") if name == GRAPH else self.part(name, page)

        return with_parts(html, part)

    def part(self, name: str, page: str) -> str:
        """The HTML of a part; a graph's is a slot that is filled later.

        Parameters:
            name: One of `PARTS`.
            page: Source path of the page that it stands on.
        """
        made = {
            PATHS: lambda: self._renderer.paths(self._views.paths(page)),
            GRAPH: lambda: GRAPH_SLOT,
            ERRATA: lambda: self._renderer.errata_counts(self._views.errata_counts(page)),
            LEGEND: lambda: self._renderer.legend(self._notebook.pin.version, self._tags),
        }
        return made[name]()

    # --- errata ------------------------------------------------------------------------------

    def _errata_page(self) -> ProsePage:
        return ProsePage(
            ERRATA_PAGE,
            self._strings.errata,
            self._strings.home.errata_lead.format(self._errata_total),
            _BOOST,
            self._strings.errata,
            lambda: joined([text for _, text in self._views.errata_parts()]),
            self._errata_html,
            lambda: tuple(Heading(note.id, note.title) for note in self._errata("").notes),
            self._owners,
        )

    def _errata_html(self, rendered: str) -> str:
        return self._renderer.errata(self._errata(rendered))

    def _errata(self, rendered: str) -> ErrataView:
        return self._views.errata(*split(rendered, len(self._owners)))

    # --- the home page -----------------------------------------------------------------------

    def _home_html(self) -> str:
        paths, graph, legend = (self.part(name, HOME_PAGE) for name in (PATHS, GRAPH, LEGEND))
        errata = self.part(ERRATA, HOME_PAGE) if self._errata_total else ""
        page = HomePage(self._about.name, self._about.description, paths, graph, errata, legend)
        return self._renderer.home(page)

    # --- values ------------------------------------------------------------------------------

    @cached_property
    def _views(self) -> HomeViews:
        found = (*self._notebook.diagnostics, *self._notebook.lock_diagnostics)
        counts = Counter(fault.place.file for fault in found)
        faults = {note.id: counts[note.file] for note in self._notebook.notes.values()}
        return HomeViews(self._notebook.index, self._layout, self._links, faults, self._about.order)

    @cached_property
    def _owners(self) -> tuple[PartOwner, ...]:
        return tuple(PartOwner(self._paths[note.id]) for note, _ in self._views.errata_parts())

    @cached_property
    def _errata_total(self) -> int:
        places = self._notebook.index.places.values()
        return sum(len(place.step.errata) for found in places for place in found)

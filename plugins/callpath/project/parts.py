"""The parts that pages can have, the generated home page, and the page of errata. Knows no MkDocs.

The page of errata is made in two halves, as notes are: its Markdown goes through the site's own,
which rewrites links between pages; each text in it is a note's, and so are its links.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from posixpath import dirname, join, normpath, relpath
from urllib.parse import quote, urlsplit

from callpath.core.home_views import ErrataView, HomeViews
from callpath.core.layout import ERRATA_PAGE, HOME_PAGE
from callpath.core.page_parts import ERRATA, GRAPH, LEGEND, PATHS, with_parts
from callpath.core.prose import joined, split
from callpath.project.headings import Heading
from callpath.project.site import GeneratedPage, Site
from callpath.project.site_graphs import GRAPH_SLOT
from callpath.render.home_pages import HomePage, HomePageRenderer

_BOOST = 0.3  # in search: below the pages that it speaks of


@dataclass(frozen=True, slots=True)
class ProsePage:
    """A generated page with prose in it.

    Attributes:
        path: Its source path, as if it were a Markdown file.
        title: Its title, plain text.
        description: One line about it.
        boost: How much it counts in search, 1.0 as usual.
        markdown: Makes the prose, to be rendered in one pass by the site's own Markdown.
        html: Given what that made of it, makes what stands on the page.
        headings: Makes its table of contents.
    """

    path: str
    title: str
    description: str
    boost: float
    markdown: Callable[[], str]
    html: Callable[[str], str]
    headings: Callable[[], tuple[Heading, ...]]

    @property
    def headline(self) -> str:
        """A title that tells it from all other pages."""
        return self.title


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
            LEGEND: lambda: self._renderer.legend(self._notebook.pin.version),
        }
        return made[name]()

    # --- errata ------------------------------------------------------------------------------

    def owner(self, part: int) -> str:
        """The source path of the note that a text on the page of errata is from.

        Parameters:
            part: The text's number, 0-based; beyond the last there is no note.
        """
        return self._owners[part] if part < len(self._owners) else ""

    def rebased(self, part: int, target: str) -> str:
        """The target of a link in such a text, as it must be written on the page of errata.

        Parameters:
            part: The text's number, 0-based.
            target: As its note has it.
        """
        owner = self.owner(part)
        try:
            parts = urlsplit(target)
        except ValueError:  # a malformed address is no page
            return target
        if not owner or parts.scheme or parts.netloc or parts.path.startswith("/"):
            return target
        path = normpath(join(quote(dirname(owner)), parts.path)) if parts.path else quote(owner)
        slash = "/" if parts.path.endswith("/") else ""
        return parts._replace(path=relpath(path, dirname(ERRATA_PAGE) or ".") + slash).geturl()

    def _errata_page(self) -> ProsePage:
        return ProsePage(
            ERRATA_PAGE,
            self._strings.errata,
            self._strings.home.errata_lead.format(self._errata_total),
            _BOOST,
            lambda: joined([text for _, text in self._views.errata_parts()]),
            self._errata_html,
            lambda: tuple(Heading(note.id, note.title) for note in self._errata("").notes),
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
    def _owners(self) -> tuple[str, ...]:
        return tuple(self._paths[note.id] for note, _ in self._views.errata_parts())

    @cached_property
    def _errata_total(self) -> int:
        places = self._notebook.index.places.values()
        return sum(len(place.step.errata) for found in places for place in found)

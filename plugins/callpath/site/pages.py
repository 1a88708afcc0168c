"""The parts that pages can have, the generated home page, and the page of errata. Knows no MkDocs.

The page of errata is made in two halves, as notes are: its Markdown goes through the site's own,
which rewrites links between pages; each text in it is a note's, and so are its links.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from posixpath import dirname, join, normpath, relpath
from typing import Any
from urllib.parse import quote, urlsplit

from callpath.addresses import (
    ERRATA_PAGE,
    FEED_FILE,
    HOME_PAGE,
    NOTEBOOK_FILE,
    VERSIONS_PAGE,
    comparison_page,
    note_page,
    there_file,
)
from callpath.model import Note, Pin
from callpath.notes.placeholders import ERRATA, GRAPH, LEGEND, PATHS, with_parts
from callpath.notes.prose import first_sentence, joined, split
from callpath.site.graphs import GRAPH_SLOT
from callpath.site.home import ErrataView, HomePage, HomePageRenderer, HomeViews
from callpath.site.notes import Heading
from callpath.site.site import GeneratedPage, Site
from callpath.site.versions import VersionRenderer, remark_parts


@dataclass(frozen=True, slots=True)
class PartOwner:
    """Whose prose a text is.

    Attributes:
        note: The source path of its note; empty when it is the page's own.
        version: The version that its `src:` links are read against, where it is not the note's.
    """

    note: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class ProsePage:
    """A generated page with prose in it.

    Attributes:
        path: Its source path, as if it were a Markdown file.
        title: Its title, plain text.
        description: One line about it.
        boost: How much it counts in search, 1.0 as usual.
        headline: A title that tells it from all other pages.
        markdown: Makes the prose, to be rendered in one pass by the site's own Markdown.
        html: Given what that made of it, makes what stands on the page.
        headings: Makes its table of contents.
        owners: Whose each of the joined texts is, in order.
    """

    path: str
    title: str
    description: str
    boost: float
    headline: str
    markdown: Callable[[], str]
    html: Callable[[str], str]
    headings: Callable[[], tuple[Heading, ...]]
    owners: tuple[PartOwner, ...]

    def owner(self, part: int) -> PartOwner:
        """Whose a text is.

        Parameters:
            part: Its number, 0-based; what stands beyond the last is the page's own.
        """
        return self.owners[part] if part < len(self.owners) else PartOwner()

    def rebased(self, part: int, target: str) -> str:
        """The target of a link in a text, as it must be written on this page.

        Parameters:
            part: The text's number, 0-based.
            target: As its note has it.
        """
        owner = self.owner(part).note
        try:
            parts = urlsplit(target)
        except ValueError:  # a malformed address is no page
            return target
        if not owner or parts.scheme or parts.netloc or parts.path.startswith("/"):
            return target
        path = normpath(join(quote(dirname(owner)), parts.path)) if parts.path else quote(owner)
        slash = "/" if parts.path.endswith("/") else ""
        return parts._replace(path=relpath(path, dirname(self.path) or ".") + slash).geturl()


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


_TERRITORIES = {"en": "en_US", "zh": "zh_CN", "zh_hans": "zh_CN", "zh_hant": "zh_TW"}


@dataclass(frozen=True, slots=True)
class PageHead:
    """What the head says. What there is none of is empty.

    Attributes:
        headline: The document's title before the site's name, where it is not that of the theme.
        title: The page's title where it is shared.
        description: One line about it.
        kind: `website` for the home page, `article` for others: Open Graph's words.
        url: Its whole address.
        site_name: The site's name.
        locale: Language and territory as Open Graph writes them (`zh_CN`).
        feed: Address of the feed, relative to the page.
        notebook: Address of the notebook as JSON, relative to the page.
    """

    headline: str
    title: str
    description: str
    kind: str
    url: str
    site_name: str
    locale: str
    feed: str
    notebook: str


def page_meta(
    site: Site,
    page: str,
    generated: GeneratedPage | ProsePage | None,
    markdown: str,
    said: Mapping[str, Any],
    *,
    is_home: bool,
) -> dict[str, Any]:
    """The metadata of a page, in the words of MkDocs; of a page of the author's only what it lacks.

    Parameters:
        site: The site.
        page: The page's source path.
        generated: The page, when it is a generated one.
        markdown: Its Markdown.
        said: What the page says of itself.
        is_home: Whether it is the home page.
    """
    if page in site.notes:
        text = site.texts.note(site.notes[page])
        return {"title": text.title, "description": text.description}
    if page in site.notebook.faulty:
        faults = len(site.faults_in(site.notebook.prefix + page))
        return {"title": page, "description": site.strings.faults.format(faults)}
    if generated is not None:
        search = {"boost": generated.boost}
        return {"title": generated.title, "description": generated.description, "search": search}
    first = first_sentence(markdown)
    description = (site.about.description or first or site.texts.notebook()) if is_home else first
    return {"description": description} if description and not said.get("description") else {}


def page_head(
    site: Site,
    page: str,
    generated: GeneratedPage | ProsePage | None,
    title: str,
    description: str,
    *,
    url: str,
    is_home: bool,
) -> PageHead:
    """The head of a page.

    Parameters:
        site: The site.
        page: The page's source path.
        generated: The page, when it is a generated one.
        title: Its title.
        description: One line about it; may be empty.
        url: Its whole address, where the site's is known.
        is_home: Whether it is the home page.
    """
    about = site.about
    headline = generated.headline if generated and not is_home else ""
    return PageHead(
        headline=headline,
        title=(about.name if is_home else headline or title) or about.name,
        description=description or about.description or title or about.name,
        kind="website" if is_home else "article",
        url=url,
        site_name=about.name,
        locale=_locale(about.language),
        feed=site.layout.asset(page, FEED_FILE) if about.has_feed else "",
        notebook=site.layout.asset(page, NOTEBOOK_FILE),
    )


def _locale(language: str) -> str:
    """A language tag as Open Graph writes it; empty when it names no territory."""
    tag = language.replace("-", "_")
    if found := _TERRITORIES.get(tag.lower()):
        return found
    first, _, last = tag.partition("_")
    is_territory = len(last) == 2 and last.isalpha()
    return f"{first.lower()}_{last.upper()}" if is_territory else ""


@dataclass(frozen=True, slots=True)
class SiteFile:
    """A file of the site that is no page.

    Attributes:
        path: Where it is, relative to the site's root.
        content: Makes its text; called at most once a build.
    """

    path: str
    content: Callable[[], str]


_BOOST_site_versions = 0.3  # in search: below the pages that they speak of


class SiteVersions:
    """The pages and files of one notebook's tracked versions.

    Parameters:
        site: The site.
    """

    def __init__(self, site: Site) -> None:
        self._site = site
        self._words = site.strings.versions
        self._renderer = VersionRenderer(site.strings)

    def pages(self) -> tuple[GeneratedPage | ProsePage, ...]:
        """The page of versions, and one for each note in each version that is tracked."""
        compared = tuple(self._comparison(note, path, at) for note, path, at in self._pairs())
        return (self._versions(), *compared) if compared else ()

    def files(self) -> Iterator[SiteFile]:
        """What became of each note's steps, in a file for each version."""
        for note, _, at in self._pairs():
            yield SiteFile(there_file(note.id, at.version), self._script(note, at))

    def _pairs(self) -> Iterator[tuple[Note, str, Pin]]:
        for path, note in self._site.notes.items():
            for at in self._site.notebook.tracked(note.pin):
                yield note, path, at

    def _script(self, note: Note, at: Pin) -> Callable[[], str]:
        def make() -> str:
            steps = self._site.versions.steps_there(note, at, note_page(note.id))
            with_code = self._site.code.steps_there(note, at)
            return self._renderer.script(f"{note.id}@{at.version}", steps, with_code)

        return make

    def _versions(self) -> GeneratedPage:
        words, versions = self._words, self._site.notebook.versions
        named = self._site.strings.list_comma.join(pin.version for pin in versions)
        return GeneratedPage(
            VERSIONS_PAGE,
            words.versions,
            words.versions_lead.format(named),
            _BOOST_site_versions,
            lambda: self._renderer.versions(self._site.versions.versions()),
            words.versions,
        )

    def _comparison(self, note: Note, path: str, at: Pin) -> ProsePage:
        page, parts = comparison_page(note.id, at.version), remark_parts(note, at.version)
        title = self._words.comparison_title.format(note.title, at.version)
        lead = self._words.comparison_lead.format(note.title, note.pin.version, at.version)
        return ProsePage(
            path=page,
            title=title,
            description=lead,
            boost=_BOOST_site_versions,
            headline=title,
            markdown=partial(joined, parts),
            html=partial(self._html, note, at),
            headings=tuple[Heading, ...],
            owners=tuple(PartOwner(path, at.version) for _ in parts),
        )

    def _html(self, note: Note, at: Pin, rendered: str) -> str:
        parts, footer = split(rendered, len(remark_parts(note, at.version)))
        view = self._site.versions.comparison(note, at, parts, footer)
        return self._renderer.comparison(view)

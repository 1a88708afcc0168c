"""A site: everything that its front doors, the MkDocs plugin and `callpath pages`, ask for.

Which pages and files there are, what is on each, and where links in their prose lead. A note's page
is made in two halves: its Markdown goes through the site's own renderer, and `content` puts the
result into the page. Graphs and source text stay out of the content, so that no search index sees
them: it has slots, and `fill` puts them there when the page is done.
"""

from collections.abc import Collection, Iterator
from functools import cached_property
from itertools import chain
from pathlib import Path

from markupsafe import Markup

from callpath import rules
from callpath.addresses import HOME_PAGE, INDEX_PAGES, Layout, file_page, note_page
from callpath.cache import CACHE, Cache
from callpath.facts.eras import Eras
from callpath.facts.lock import LockedDefinition
from callpath.findings import Finding, Location
from callpath.graph.build import edge_style
from callpath.graph.engine import GraphCache
from callpath.graph.model import EdgeStyle
from callpath.model import Note, Pin, Reference, Symbol, shown, visits
from callpath.notebook import Notebook, StepPlace, key_of, tally
from callpath.notes.links import source_target
from callpath.notes.prose import LinkedName, LinkSource, ProseExtension, joined
from callpath.settings import PluginConfig, licence_table
from callpath.site.code import CodeSource, SiteCode, SourceTexts
from callpath.site.graphs import GRAPH_SLOT, SiteGraphs
from callpath.site.highlight import CodeCache
from callpath.site.home import SiteParts
from callpath.site.mentions import SourceMentions
from callpath.site.notes import Views, note_headings, note_parts, part_versions
from callpath.site.pages import SourcePages
from callpath.site.strings import strings_for
from callpath.site.templates import forget_edited_templates
from callpath.site.versions import VersionViews
from callpath.site.views import (
    GeneratedPage,
    Heading,
    ProseOwner,
    SiteContext,
    SiteInfo,
    page_of,
    rendered_parts,
)
from callpath.sources.cache import CacheFiles
from callpath.sources.changelog import newest_changes
from callpath.workspace import Workspace, links_by


class SiteCaches:
    """What was drawn and highlighted, for the next build; graphs are kept below the site's root."""

    def __init__(self, root: Path, engine: str) -> None:
        self.root = root
        self.engine = engine
        self.graphs = GraphCache(engine, Cache(root / CACHE))
        self.code = CodeCache()


def site_info(
    workspace: Workspace, notebook: Notebook, navigation: object, address: str, author: str = ""
) -> tuple[SiteInfo, str]:
    """What the configuration and the notes' history say of a site; why there is no history, if so.

    The navigation is as for `in_reading_order`. Without an address there is no feed.
    """
    said, notes = workspace.site, notebook.notes
    changes, obstacle = newest_changes(workspace.notes_folder, notes if address else ())
    about = SiteInfo(
        name=said.site_name,
        description=said.site_description,
        address=address,
        author=author,
        language=said.language,
        order=in_reading_order(navigation, notes),
        changes=changes,
    )
    return about, obstacle


def build_site(
    notebook: Notebook,
    settings: PluginConfig,
    layout: Layout,
    about: SiteInfo,
    eras: Eras | None,
    caches: SiteCaches,
    own: Collection[str],
) -> "Site":
    """The site of a notebook.

    `eras` says in which releases the notes' statements hold, or is None when nobody looked. No page
    is generated in the place of those source paths that the author has; `HOME_PAGE` is among them
    if the author has a home page under any name.
    """
    forget_edited_templates()
    links = links_by(settings)
    context = SiteContext(notebook, layout, links, strings_for(about.language), about, eras)
    code = None
    if settings.source_text and notebook.lock is not None:
        texts = SourceTexts(CacheFiles(caches.root / CACHE), notebook.lock)
        code = CodeSource(texts, caches.code, licence_table(settings.licences))
    return Site(context, caches.graphs, code, own)


class Site:
    """The pages and files of one site; `build_site` makes it."""

    def __init__(
        self,
        context: SiteContext,
        graphs: GraphCache,
        code: CodeSource | None = None,
        own: Collection[str] = (),
    ) -> None:
        self.context = context
        self._own = frozenset(own)
        self.notebook = context.notebook
        self.notes = context.notebook.notes
        self.layout = context.layout
        self.links = context.links
        self.strings = context.strings
        self.about = context.about
        self.eras = context.eras
        self.prose = ProseLinks(context)
        self.code = SiteCode(context, code)
        self.graphs = SiteGraphs(context, graphs)
        self.versions = VersionViews(context)
        self.parts = SiteParts(context)
        self._views = Views(context, self.code, self.versions)

    @cached_property
    def pages(self) -> tuple[GeneratedPage, ...]:
        """Every page that may be generated. A new kind of page is one more line here."""
        source = SourcePages(self.context, self._views, self.graphs, self.code)
        return (
            *source.indexes(),
            *self.versions.pages(),
            *self.parts.home_pages(),
            *self.parts.errata_pages(),
            *source.symbols(),  # these last: in this order they are in the search index
            *source.files(),
        )

    @cached_property
    def generated(self) -> dict[str, GeneratedPage]:
        """Those of them that the author does not have, by source path."""
        found = {page.path: page for page in self.pages if page.path not in self._own}
        self.graphs.order = found
        return found

    def source_pages(self, page: str) -> frozenset[str]:
        """The pages of the symbols and source files that a note's steps are on, by its own page."""
        note = self.notes.get(page)
        keys = {place.key for place in self.context.index.places[note.id]} if note else set()
        files = {file_page(key.project, key.path) for key in keys}
        return frozenset({*map(page_of, keys), *files} & self.generated.keys())

    def is_one_of_many(self, page: str) -> bool:
        """Whether a page is one of those that a large notebook has many of."""
        made = self.generated.get(page)
        is_index = page == HOME_PAGE or page in INDEX_PAGES
        return page in self.notes or (made is not None and not is_index)

    def markdown(self, page: str) -> str | None:
        """The prose of a page, for one pass of the site's Markdown; None for the author's own."""
        if page in self.generated:
            return self.generated[page].markdown()
        if page in self.notes:
            return joined(note_parts(self.notes[page]))
        return "" if page in self.notebook.faulty else None

    def content(self, page: str, rendered: str, *, with_rail: bool = False) -> str:
        """What is on a page, given what the site's Markdown made of its prose.

        Parameters:
            with_rail: Whether a note has its path rail on it, folded, for the theme has no room.
        """
        if page in self.generated:
            return str(self.generated[page].html(rendered))
        if page in self.notes:
            return self.note_html(self.notes[page], rendered, with_rail=with_rail)
        if page in self.notebook.faulty:
            faults = self.context.faults_in(self.notebook.prefix + page)
            return str(self.context.render("faulty.html", path=page, faults=faults))
        return self.parts.fill(page, rendered)

    def note_html(self, note: Note, rendered: str, *, with_rail: bool = False) -> str:
        """What is on a note's page below its title, given its rendered prose."""
        view = self._views.note(note, *rendered_parts(rendered, len(note_parts(note))))
        page = note_page(note.id)
        rail = Markup(self.rail(note) if with_rail else "")  # noqa: S704 (a template made it)
        return str(self.context.render("note.html", page, note=view, graph=GRAPH_SLOT, rail=rail))

    def fill(self, page: str, html: str) -> str:
        """A page, or a part of it, with graph and source text in their slots."""
        return self.code.fill(page, self.graphs.fill(page, html))

    def rail(self, note: Note) -> str:
        """The path rail of a note: HTML for a theme that has room for it."""
        places = self.context.index.places[note.id]
        rail = self.context.render(
            "rail.html",
            note=note,
            counts=tally(places),
            doubts={place.step.id: _doubt(place) for place in places if not place.proved},
            fault_count=len(self.context.faults_in(note.file)),
        )
        return str(rail)

    def headings(self, page: str) -> tuple[Heading, ...] | None:
        """The table of contents of a page of ours, or None where Markdown makes it."""
        if page in self.generated:
            return self.generated[page].headings()
        if page in self.notes:
            return note_headings(self.notes[page], self.strings.call_graph)
        return None

    def owner(self, page: str, part: int) -> ProseOwner:
        """Whose a text in the prose of a page is, by its number, 0-based."""
        if page in self.generated:
            return self.generated[page].owner(part)
        versions = part_versions(self.notes[page]) if page in self.notes else ()
        return ProseOwner(version=versions[part] if part < len(versions) else "")


def _doubt(place: StepPlace) -> EdgeStyle:
    """What keeps a step from being proved: that its symbol is not located, or its edge."""
    return edge_style(place) if place.locked else EdgeStyle.NOT_LOCKED


_OF_THE_PAGE = ProseOwner()


class ProseLinks:
    """Where the links in the prose of one site's pages lead."""

    def __init__(self, site: SiteContext) -> None:
        self._site = site
        self._notes = site.notebook.notes
        self._mentions = SourceMentions(site.notebook)

    def target(self, page: str, href: str, owner: ProseOwner = _OF_THE_PAGE) -> LinkedName | None:
        """Where a `src:` link on a page leads: to the symbol's page if it is locked."""
        if locked := self._locked(owner.note or page, href, owner.version):
            return LinkedName(self._site.link(page, key_of(locked)), self._title(page, locked))
        return None

    def source_page(self, page: str, href: str, version: str = "") -> str | None:
        """The source path of the page that a `src:` link leads to, or None if it is not locked.

        The prose is about `version`, if it is not that of its note.
        """
        locked = self._locked(page, href, version)
        return page_of(key_of(locked)) if locked else None

    def _locked(self, page: str, href: str, version: str) -> LockedDefinition | None:
        target = source_target(href)
        if target is None:
            return None
        (symbol, occurrence), pin = target, self._pin_of(page)
        pin = Pin(pin.project, version) if version else pin
        return self._site.lock.find(Reference(pin, symbol, Location(page), occurrence))

    def known(self, page: str, href: str, owner: ProseOwner = _OF_THE_PAGE) -> LinkedName | None:
        """The page of the symbol or the file that a link to a source viewer leads to, if any."""
        home = owner.note or page
        pin = self._pin_of(home)
        pin = Pin(pin.project, owner.version) if owner.version else pin
        if locked := self._mentions.linked(home, href, pin):
            return LinkedName(self._site.link(page, key_of(locked)))
        file = self._mentions.linked_file(home, href, pin)
        return LinkedName(self._site.file_link(page, *file)) if file else None

    def code(self, page: str, code: str, owner: ProseOwner = _OF_THE_PAGE) -> LinkedName | None:
        """The page of the symbol that a citation in a code span leads into, if it is locked."""
        locked = self._mentions.cited(owner.note or page, code)
        if locked is None:
            return None
        return LinkedName(self._site.link(page, key_of(locked)), self._title(page, locked))

    def include(self, page: str, text: str) -> tuple[Finding, ...]:
        """Read the text of a page that is being rendered; what is wrong in what others added."""
        notebook = self._site.notebook
        note = self._notes.get(page)
        own = joined(note_parts(note)) if note else notebook.pages.get(page)
        return self._mentions.include(page, text, own) if own is not None else ()

    def is_own(self, page: str, href: str, owner: ProseOwner = _OF_THE_PAGE) -> bool:
        """Whether a file of the notebook has that link itself, so that the check knows of it."""
        home, target = owner.note or page, source_target(href)
        if target is None:  # its form is wrong: the check reports it where it stands
            text = self._site.notebook.pages.get(home)
            return text is None or href in text
        return (home, *target) in self._linked

    @cached_property
    def _linked(self) -> frozenset[tuple[str, Symbol, int]]:
        """The symbols that each file links to, with their occurrence, by the file's path."""
        files = {note.id: path for path, note in self._notes.items()}
        return frozenset(
            (files.get(each.note, each.note), each.symbol, each.occurrence)
            for each in self._site.notebook.references
            if each.link
        )

    def name(self, page: str, name: str, owner: ProseOwner = _OF_THE_PAGE) -> LinkedName | None:
        """Where a name on a page leads: to its step of the same note, else to its symbol's page."""
        home = owner.note or page
        note = self._notes.get(home)
        for visit in visits(note) if note else ():
            if visit.step.symbol.name == name:
                href = self._site.link(page, home, visit.step.id)
                return LinkedName(href, "" if page == home else visit.step.symbol.path)
        key = self._site.index.named(name, self._pin_of(home).project)
        if key is None:
            return None
        definitions = self._site.index.symbols[key].definitions
        title = self._title(page, definitions[0]) if definitions else key.path
        return LinkedName(self._site.link(page, key), title)

    def _title(self, page: str, locked: LockedDefinition) -> str:
        """What a link says more; empty on a note's page, where a script says it of each link."""
        found = locked.definition
        return "" if page in self._notes else f"{found.path}:{found.line} · {found.signature}"

    def _pin_of(self, page: str) -> Pin:
        note = self._notes.get(page)
        return note.pin if note else self._site.notebook.pin


class PageProse:
    """The links in the prose of the page at hand, as an extension of Markdown.

    `link_page` says where a link to another page leads, for a renderer that does not know.
    """

    def __init__(self, link_page: LinkSource | None = None) -> None:
        self.extension = ProseExtension(
            self._target,
            self._name,
            link_page,
            self._rebased,
            self._broken,
            self._known,
            self._code,
            self._seen,
        )
        self.site: Site | None = None  # nothing is linked before it is set
        self.page = ""  # the page's source path
        self._lost: dict[str, None] = {}  # `src:` links that lead nowhere and no file of ours has
        self._included: tuple[Finding, ...] = ()  # on what else such text says of source code

    def lost(self) -> tuple[Finding, ...]:
        """What is wrong with text of the page at hand that other plugins or extensions bring in.

        What a file of the notebook says itself is reported with its line elsewhere.
        """
        links, self._lost = self._lost, {}
        others, self._included = self._included, ()
        place = Location(self.site.notebook.prefix + self.page) if self.site else Location("")
        hint = "correct it where it is written; if it is right, link it from a note too, and lock"
        lost = (
            rules.NOT_LOCKED.at(place, f"text that is included links to {shown(link)}, {why}", hint)
            for link, why in ((link, _why(link)) for link in links)
        )
        return (*lost, *others)

    def _seen(self, text: str) -> None:
        if site := self.site:
            self._included = site.prose.include(self.page, text)

    def _code(self, code: str) -> LinkedName | None:
        site = self.site
        return site.prose.code(self.page, code, self._owner(site)) if site else None

    def _known(self, href: str) -> LinkedName | None:
        site = self.site
        return site.prose.known(self.page, href, self._owner(site)) if site else None

    def _broken(self, href: str) -> None:
        site = self.site
        if site and not site.prose.is_own(self.page, href, self._owner(site)):
            self._lost[href] = None

    def _owner(self, site: Site) -> ProseOwner:
        return site.owner(self.page, self.extension.part)

    def _target(self, href: str) -> LinkedName | None:
        site = self.site
        return site.prose.target(self.page, href, self._owner(site)) if site else None

    def _name(self, name: str) -> LinkedName | None:
        site = self.site
        return site.prose.name(self.page, name, self._owner(site)) if site else None

    def _rebased(self, part: int, target: str) -> str:
        generated = self.site.generated.get(self.page) if self.site else None
        return generated.rebased(part, target) if generated else target


def _why(href: str) -> str:
    return "which is not locked" if source_target(href) else "which is not `src:PATH#SYMBOL`"


def in_reading_order(navigation: object, notes: Collection[str]) -> tuple[str, ...]:
    """The paths of notes as the navigation has them, then those that it has not, sorted.

    The navigation is `nav` of the site's configuration: paths, in lists and mappings.
    """
    known = set(notes)
    listed = dict.fromkeys(path for path in _paths(navigation) if path in known)
    return (*listed, *sorted(known - set(listed)))


def _paths(navigation: object) -> Iterator[str]:
    if isinstance(navigation, str):
        yield navigation
    elif isinstance(navigation, dict | list | tuple):
        entries = navigation.values() if isinstance(navigation, dict) else navigation
        yield from chain.from_iterable(map(_paths, entries))

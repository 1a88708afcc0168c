"""The pages of a notebook: which there are, and what stands on each. Knows no MkDocs.

A note's page is made in two halves: `note_markdown` goes through the site's own Markdown (which
rewrites links between pages), and `note_html` puts the result into the page. Graphs stay out of the
page's content, so that no search index sees them: the content has a slot, `graphs` fills it.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from posixpath import basename

from callpath.addresses import (
    CALL_GRAPH_ANCHOR,
    FILES_PAGE,
    GRAPH_PAGE,
    SYMBOLS_PAGE,
    Layout,
    LinkProvider,
    file_page,
    note_page,
    symbol_page,
)
from callpath.facts.eras import Eras
from callpath.facts.lock import Lock, LockedDefinition
from callpath.findings import Finding, Location
from callpath.graph.engine import GraphCache
from callpath.model import Note, Pin, Reference, Step, Symbol, visits
from callpath.notebook import Index, Notebook, SymbolEntry, SymbolKey, counterparts, tally
from callpath.notes.prose import LinkedName, first_sentence, joined, source_target, split
from callpath.site.code import CodeSource, SiteCode
from callpath.site.eras import EraViews
from callpath.site.graphs import GRAPH_SLOT, SiteGraphs
from callpath.site.notes import Heading, Views, note_headings, note_parts, part_versions
from callpath.site.strings import Strings
from callpath.site.templates import PageRenderer
from callpath.site.versions import MatrixViews
from callpath.site.views import SymbolView
from callpath.sources.changelog import FileCommit


class ProseLinks:
    """The links in the prose of one notebook's pages.

    Parameters:
        notebook: The notebook.
        layout: Where pages are.
    """

    def __init__(self, notebook: Notebook, layout: Layout) -> None:
        self.notebook = notebook
        self.notes = notebook.notes
        self.layout = layout
        self._index = notebook.index

    def link_target(
        self, page: str, href: str, owner: str = "", version: str = ""
    ) -> LinkedName | None:
        """Where a `src:` link leads: the symbol's page when it is locked, else nowhere.

        Parameters:
            page: Source path of the page that the link is on.
            href: The link as written.
            owner: Source path of the note whose prose it is, when that is another page.
            version: The version that the prose speaks of, when it is not that of its note.
        """
        if locked := self._locked(owner or page, href, version):
            title = self._title(page, locked)
            return LinkedName(self.layout.link(page, _page_of(locked)), title)
        return None

    def source_page(self, page: str, href: str, version: str = "") -> str | None:
        """The source path of the page that a `src:` link leads to, if it is locked.

        Parameters:
            page: Source path of the page that the link is on.
            href: The link as written.
            version: The version that the prose speaks of, when it is not that of its note.
        """
        locked = self._locked(page, href, version)
        return _page_of(locked) if locked else None

    def _locked(self, page: str, href: str, version: str = "") -> LockedDefinition | None:
        target = source_target(href)
        if target is None or self.notebook.lock is None:
            return None
        symbol = Symbol(target.path, target.name, target.kind)
        pin = self._pin_of(page)
        pin = Pin(pin.project, version) if version else pin
        reference = Reference(pin, symbol, Location(page), target.occurrence)
        return self.notebook.lock.find(reference)

    def link_name(self, page: str, name: str, owner: str = "") -> LinkedName | None:
        """Where a name in prose leads: to its step of the same note, else to its symbol's page."""
        home = owner or page
        note = self.notes.get(home)
        if note is not None:
            for visit in visits(note):
                if visit.step.symbol.name == name:
                    href = self.layout.link(page, home, visit.step.id)
                    return LinkedName(href, "" if page == home else visit.step.symbol.path)
        key = self._index.named(name, self._pin_of(home).project)
        return self._link_key(page, key) if key else None

    def _link_key(self, page: str, key: SymbolKey) -> LinkedName:
        entry = self._index.symbols[key]
        title = self._title(page, entry.definitions[0]) if entry.definitions else key.path
        target = symbol_page(key.project, key.path, key.kind, key.name)
        return LinkedName(self.layout.link(page, target), title)

    def _title(self, page: str, locked: LockedDefinition) -> str:
        """What a link says more.

        Nothing on a note's page, which has a thousand links: there the script shows it.
        """
        found = locked.definition
        return "" if page in self.notes else f"{found.path}:{found.line} · {found.signature}"

    def _pin_of(self, page: str) -> Pin:
        note = self.notes.get(page)
        return note.pin if note else self.notebook.pin


def _page_of(locked: LockedDefinition) -> str:
    found = locked.definition
    return symbol_page(locked.project, found.path, found.kind, found.name)


@dataclass(frozen=True, slots=True)
class SiteInfo:
    """What the site's configuration, and the notes' history, say of a site.

    Attributes:
        name: The site's name.
        description: What it is, plain text; may be empty.
        address: Where it is (`https://notes.example/kvm/`), with a final slash; may be empty.
        author: Who writes it; may be empty.
        language: The language tag of its pages (`zh`, `en-GB`).
        order: The notes' paths below the notes' folder in reading order; those that are missing
            here come last.
        changes: The newest changes of notes, newest first.
    """

    name: str = ""
    description: str = ""
    address: str = ""
    author: str = ""
    language: str = "en"
    order: tuple[str, ...] = ()
    changes: tuple[FileCommit, ...] = ()

    @property
    def has_feed(self) -> bool:
        """Whether there is a feed: it needs an address and a history."""
        return bool(self.address and self.changes)

    def url(self, path: str) -> str:
        """The address of a place by its address relative to the site's root."""
        return self.address + path.removeprefix("./")


_LONGEST = 200  # characters of a description; what shows links cuts earlier
_NAMES = 8  # symbols that the description of a file names


@dataclass(frozen=True, slots=True)
class PageText:
    """What is said of a page where it is not seen; neither is empty, and no two titles are alike.

    Attributes:
        title: Its title, plain text, without the site's name.
        description: One line about it, plain text.
    """

    title: str
    description: str


class PageTexts:
    """The titles and descriptions of one notebook's pages.

    Parameters:
        index: The notebook joined with its lockfile.
        pin: The site's pin.
        strings: The words of the site's language.
    """

    def __init__(self, index: Index, pin: Pin, strings: Strings) -> None:
        self._index = index
        self._pin = pin
        self._strings = strings

    def note(self, note: Note) -> PageText:
        """A note: what it says of itself, else how many steps lead from where to where."""
        places = self._index.places[note.id]
        names = [place.key.name for place in places] or [""]
        made = self._strings.note_summary.format(
            len(places), names[0], names[-1], _version(note.pin)
        )
        return PageText(note.title, _clipped(first_sentence(note.description.value) or made))

    def symbol(self, entry: SymbolEntry) -> PageText:
        """A symbol: its kind, its place, and the first sentence that the notes say of it."""
        key, kind = entry.key, self._strings.kinds[entry.key.kind]
        locked = entry.definitions[0] if entry.definitions else None
        place = f"{key.path}:{locked.definition.line}" if locked else key.path
        told = [first_sentence(step.step.commentary.value) for step in entry.steps]
        said = next(filter(None, told), locked.definition.signature if locked else "")
        description = self._strings.symbol_summary.format(
            kind, key.name, place, _version(_pin_of(entry, self._pin)), said
        )
        return PageText(f"{key.name} · {kind} · {key.path}", _clipped(description))

    def file(self, project: str, path: str) -> PageText:
        """A source file: how many of its symbols the notes speak of, and which."""
        entries = self._index.files()[project, path]
        names = [entry.key.name for entry in entries]
        shown = self._strings.list_comma.join(names[:_NAMES]) + ("…" if len(names) > _NAMES else "")
        version = _version(_pin_of(entries[0], self._pin))
        description = self._strings.file_summary.format(version, path, len(names), shown)
        return PageText(f"{path} · {version}", _clipped(description))

    def symbols(self) -> PageText:
        """The index of symbols."""
        lead = self._strings.symbols_lead.format(len(self._index.symbols))
        return PageText(self._strings.symbols, lead)

    def files(self) -> PageText:
        """The index of files."""
        lead = self._strings.files_lead.format(len(self._index.files()))
        return PageText(self._strings.files, lead)

    def graph(self) -> PageText:
        """The page of the whole graph."""
        total = len({place.key for places in self._index.places.values() for place in places})
        return PageText(self._strings.graph, self._strings.graph_lead.format(total))

    def notebook(self) -> str:
        """A sentence on what the whole notebook holds."""
        places = [place for places in self._index.places.values() for place in places]
        counts = tally(places)
        return self._strings.notebook_summary.format(
            len(self._index.notes), counts.steps, counts.proved, _version(self._pin)
        )


def _pin_of(entry: SymbolEntry, pin: Pin) -> Pin:
    if entry.definitions:
        return Pin(entry.key.project, entry.definitions[0].version)
    return entry.steps[0].note.pin if entry.steps else pin


def _version(pin: Pin) -> str:
    return f"{pin.project} {pin.version}"


def _clipped(text: str) -> str:
    """A text as one line that is no longer than what is shown anywhere."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1].rstrip() + "…"


_LINK_TARGET = re.compile(r"\]\([^()\s]*\)")  # not shown, so not indexed
_BETWEEN_WORDS = re.compile(r"[\W_]+|(?<=[a-z\d])(?=[A-Z])", re.ASCII)
# A page's title counts 2.5 times as much as a heading; so much more than the longest name weighs.
_FULL = 12.0
_WORD, _LENGTH = 0.06, 1.4


def page_boosts(index: Index) -> dict[str, float]:
    """How much the page of each symbol and file counts, by its title; a file's has no folder."""
    files = [path for _, path in index.files()]
    notes = [[place.step for place in places] for places in index.places.values()]
    steps = [step for note in notes for step in note]
    errata = [text for note in notes if (text := "\n".join(map(_errata, note)).strip())]
    titles = [*(key.name for key in index.symbols), *map(basename, files)]
    texts = [
        *(key.path for key in index.symbols),
        *files,
        *(step.symbol.name for step in steps),
        *(f"{step.commentary.value}\n{_errata(step)}\n{_remarks(step)}" for step in steps),
        *errata,  # once more, on their own page
    ]
    return title_boosts(titles, texts, len(titles) + len(steps) + len(errata))


def _errata(step: Step) -> str:
    texts = [text for each in step.errata for text in (each.said, each.correction)]
    return "\n".join(text.value for text in texts)


def _remarks(step: Step) -> str:
    return "\n".join(each.text.value for each in step.remarks)


def title_boosts(titles: Sequence[str], texts: Sequence[str], documents: int) -> dict[str, float]:
    """How much the page of each title counts, to two digits; a page counts 1 by itself.

    Parameters:
        titles: Of the pages, one for each.
        texts: What else is indexed: texts of pages, headings and Markdown of steps.
        documents: How many entries the index has.
    """
    words = {title: _words(title) for title in titles}
    counts = Counter(word for title in titles for word in words[title])
    counts.update(word for text in texts for word in _words(text))
    weights = {word: _weight(count, documents) for word, count in counts.items()}
    return {
        title: round(_fitted(title, own) / max(1.0, sum(weights[word] for word in own)), 2)
        for title, own in words.items()
    }


def _fitted(title: str, words: frozenset[str]) -> float:
    """What a title comes to that a query names whole.

    Of several, the one with the most words has all of the query (`hardware_setup` is in
    `kvm_arch_hardware_setup` too); of those, in the shortest no word goes on (`kvm_rebooting`).
    """
    return _FULL * (1 + _WORD * len(words) + _LENGTH / max(1, len(title)))


def _words(text: str) -> frozenset[str]:
    shown = _LINK_TARGET.sub("]", text)
    return frozenset(word.lower() for word in _BETWEEN_WORDS.split(shown) if word)


def _weight(count: int, documents: int) -> float:
    """The weight of a word that is `count` times in a title or a text, as lunr has it."""
    return math.log(1 + abs((documents - count + 0.5) / (count + 0.5)))


_OTHER_VERSION = 0.8  # in search, beside a page of the same title for the site's own version


@dataclass(frozen=True, slots=True)
class GeneratedPage:
    """A page that no file of the notebook stands for.

    Attributes:
        path: Its source path, as if it were a Markdown file.
        title: Its title, plain text.
        description: One line about it.
        boost: How much it counts in search, 1.0 as usual.
        html: Makes what stands on it.
        headline: A title that tells it from all other pages.
    """

    path: str
    title: str
    description: str
    boost: float
    html: Callable[[], str]
    headline: str


class Site(ProseLinks):
    """The pages of one notebook.

    Parameters:
        notebook: The notebook.
        layout: Where pages are.
        links: Where links to the source lead.
        strings: The words of the site's language.
        graphs: Draws the graphs, or remembers them.
        about: The site's name, address and history.
        code: Where source text comes from; nothing when pages show none.
        eras: In which releases the notes' statements hold; nothing when nobody looked.

    Attributes:
        notebook: The notebook.
        notes: The notes by the path of their file below the notes' folder.
        layout: Where pages are.
        links: Where links to the source lead.
        strings: The words of the site's language.
        about: The site's name, address and history.
        eras: In which releases the notes' statements hold; nothing when nobody looked.
        texts: Titles and descriptions of the pages.
        versions: The views of tracked versions.
        code: The source text on the pages.
        graphs: The graphs of the pages, and what puts them in.
    """

    def __init__(
        self,
        notebook: Notebook,
        layout: Layout,
        links: LinkProvider,
        strings: Strings,
        graphs: GraphCache,
        about: SiteInfo = SiteInfo(),
        code: CodeSource | None = None,
        eras: Eras | None = None,
    ) -> None:
        super().__init__(notebook, layout)
        self.links = links
        self.strings = strings
        self.about = about
        self.eras = eras
        self.texts = PageTexts(self._index, notebook.pin, strings)
        self._boosts = page_boosts(self._index)
        self._views = Views(self._index, layout, links, notebook.pin)
        self.versions = MatrixViews(
            self._index,
            layout,
            links,
            notebook.pin,
            notebook.lock or Lock(),
            notebook.tracked,
            counterparts(notebook.notes),
        )
        self._era_views = EraViews(eras, self._index) if eras else None
        self._renderer = PageRenderer(strings, links.label)
        self._rails: dict[str, str] = {}
        self.code = SiteCode(
            code,
            self._index,
            layout,
            links,
            notebook.pin,
            self._renderer,
            notebook.lock or Lock(),
            notebook.tracked,
        )
        self.graphs = SiteGraphs(notebook, layout, links, strings, graphs, self._renderer)

    # --- notes -------------------------------------------------------------------------------

    def note_markdown(self, note: Note) -> str:
        """The prose of a note, to be rendered in one pass by the site's own Markdown."""
        return joined(note_parts(note))

    def note_html(self, note: Note, rendered: str) -> str:
        """What stands on a note's page below its title.

        Parameters:
            note: The note.
            rendered: What the site's Markdown made of `note_markdown`.
        """
        parts, footer = split(rendered, len(note_parts(note)))
        faults = self.faults_in(note.file)
        view = self._views.note(note, parts, footer, faults)
        if self._era_views:
            view = self._era_views.on_note(note, view)
        self._rails[note.id] = self._renderer.rail(view)
        view = replace(view, versions=self.versions.note_versions(note, note_page(note.id)))
        return self._renderer.note(self.code.on_note(note, view), GRAPH_SLOT)

    def part_version(self, page: str, part: int) -> str:
        """The version that a text on a note's page speaks of, where it is not that of the note.

        Parameters:
            page: The page's source path.
            part: The text's number, 0-based.
        """
        versions = part_versions(self.notes[page]) if page in self.notes else ()
        return versions[part] if part < len(versions) else ""

    def rail(self, note: Note) -> str:
        """The path rail of a note whose page is made: HTML for a theme that has room for it."""
        return self._rails[note.id]

    def faulty_html(self, path: str) -> str:
        """What stands on the page of a note that could not be read: why.

        Parameters:
            path: The note's file below the notes' folder.
        """
        faults = self.faults_in(self.notebook.prefix + path)
        return self._renderer.faulty(path, self._views.faults(faults))

    def headings(self, note: Note) -> tuple[Heading, ...]:
        """A note's table of contents: its graph, then its steps as they nest."""
        return note_headings(note, self.strings.call_graph)

    def anchors(self, note: Note) -> frozenset[str]:
        """The ids on a note's page that links may lead to, besides those in its prose."""
        return frozenset({CALL_GRAPH_ANCHOR, *(visit.step.id for visit in visits(note))})

    def description(self, note: Note) -> str:
        """One line about a note, for search engines and previews."""
        return self.texts.note(note).description

    def faults_in(self, file: str = "") -> list[Finding]:
        """The findings on a file, by its path from the project's root; without one, all."""
        found = (*self.notebook.diagnostics, *self.notebook.lock_diagnostics)
        return [each for each in found if not file or each.place.file == file]

    # --- generated pages -----------------------------------------------------------------------

    @cached_property
    def pages(self) -> tuple[GeneratedPage, ...]:
        """The pages of symbols (the plainest name first) and files, then the indexes."""
        symbols = sorted(self._index.symbols.values(), key=_plainest)
        return (
            *(self._symbol(entry) for entry in symbols),
            *(self._file(project, path) for project, path in self._index.files()),
            *self._indexes(),
        )

    def _symbol(self, entry: SymbolEntry) -> GeneratedPage:
        key, text = entry.key, self.texts.symbol(entry)
        page = symbol_page(key.project, key.path, key.kind, key.name)
        return GeneratedPage(
            page,
            key.name,
            text.description,
            self._boost(key.name, [entry]),
            lambda: self._renderer.symbol(
                self._symbol_view(entry, page),
                self.graphs.slot(page),
                self.code.slot(entry),
            ),
            text.title,
        )

    def _symbol_view(self, entry: SymbolEntry, page: str) -> SymbolView:
        there = self.versions.symbol_there(entry, page)
        view = replace(self._views.symbol(entry.key), elsewhere=there)
        return self._era_views.on_symbol(entry, view) if self._era_views else view

    def _boost(self, title: str, entries: Iterable[SymbolEntry]) -> float:
        """How much a page counts in search: less when the site's version has one of its title."""
        twin = title in self._pinned_titles and not any(map(self._is_pinned, entries))
        return round(self._boosts[title] * (_OTHER_VERSION if twin else 1), 2)

    def _is_pinned(self, entry: SymbolEntry) -> bool:
        return any(found.version == self.notebook.pin.version for found in entry.definitions)

    @cached_property
    def _pinned_titles(self) -> frozenset[str]:
        keys = [entry.key for entry in self._index.symbols.values() if self._is_pinned(entry)]
        return frozenset(title for key in keys for title in (key.name, basename(key.path)))

    def _file(self, project: str, path: str) -> GeneratedPage:
        text, page = self.texts.file(project, path), file_page(project, path)
        return GeneratedPage(
            page,
            basename(path),
            text.description,
            self._boost(basename(path), self._index.files()[project, path]),
            lambda: self._renderer.file(self._views.file(project, path), self.graphs.slot(page)),
            text.title,
        )

    def _indexes(self) -> tuple[GeneratedPage, ...]:
        files = len(self._index.files())
        total = len({place.key for places in self._index.places.values() for place in places})
        renderer, views, texts = self._renderer, self._views, self.texts

        def page(path: str, text: PageText, html: Callable[[], str]) -> GeneratedPage:
            return GeneratedPage(path, text.title, text.description, 0.5, html, text.title)

        return (
            page(SYMBOLS_PAGE, texts.symbols(), lambda: renderer.symbols(views.symbols())),
            page(FILES_PAGE, texts.files(), lambda: renderer.files(views.files(), files)),
            page(GRAPH_PAGE, texts.graph(), lambda: renderer.whole_graph(GRAPH_SLOT, total)),
        )


def _plainest(entry: SymbolEntry) -> tuple[int, int, SymbolKey]:
    name = entry.key.name
    return len([part for part in name.split("_") if part]), len(name), entry.key


def in_reading_order(navigation: object, notes: Collection[str]) -> tuple[str, ...]:
    """The paths of notes as the navigation has them, then those that it has not, sorted.

    Parameters:
        navigation: `nav` as the site's configuration has it: paths, in lists and mappings.
        notes: The notes' paths below the notes' folder.
    """
    known = set(notes)
    listed = dict.fromkeys(path for path in _paths(navigation) if path in known)
    return (*listed, *sorted(known - set(listed)))


def _paths(navigation: object) -> Iterator[str]:
    if isinstance(navigation, str):
        yield navigation
    elif isinstance(navigation, dict):
        for entry in navigation.values():
            yield from _paths(entry)
    elif isinstance(navigation, list | tuple):
        for entry in navigation:
            yield from _paths(entry)

"""What the pages of a site are made from, and the values that several of them show.

A view is all that a page shows, complete when it is made: the templates only print it. Addresses
are relative to the page that the view is for. HTML has the type `Markup`; all other texts are
plain, to be escaped where they land.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from posixpath import dirname, join, normpath, relpath
from urllib.parse import quote, urlsplit

from markupsafe import Markup

from callpath.addresses import Layout, LinkProvider, file_page, note_page, symbol_page
from callpath.facts.eras import Eras
from callpath.facts.lock import Lock, LockedDefinition
from callpath.findings import Finding
from callpath.graph.model import Legend, OutlineItem
from callpath.model import Note, Pin
from callpath.notebook import Index, Notebook, SymbolKey
from callpath.notes.prose import split
from callpath.site.strings import Strings
from callpath.site.templates import render
from callpath.sources.changelog import FileCommit


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


@dataclass(frozen=True)
class SiteContext:
    """What every page of a site is made from.

    Attributes:
        notebook: The notebook.
        layout: Where pages are.
        links: Where links to the source lead.
        strings: The words of the site's language.
        about: The site's name, address and history.
        eras: In which releases the notes' statements hold, or None when nobody looked.
    """

    notebook: Notebook
    layout: Layout
    links: LinkProvider
    strings: Strings
    about: SiteInfo = SiteInfo()
    eras: Eras | None = None

    @property
    def index(self) -> Index:
        """The notebook joined with its lockfile."""
        return self.notebook.index

    @cached_property
    def lock(self) -> Lock:
        """The lockfile's facts; without a lockfile there are none."""
        return self.notebook.lock or Lock()

    @property
    def faults(self) -> tuple[Finding, ...]:
        """Every finding on the notebook."""
        return (*self.notebook.diagnostics, *self.notebook.lock_diagnostics)

    def faults_in(self, file: str = "") -> list[Finding]:
        """The findings on a file, by its path from the project's root; without one, all."""
        return [each for each in self.faults if not file or each.place.file == file]

    def pin_of(self, locked: LockedDefinition) -> Pin:
        """The tree that a definition is in: with its commit where it is the site's own."""
        own, pin = self.notebook.pin, Pin(locked.project, locked.version)
        return own if (own.project, own.version) == (pin.project, pin.version) else pin

    def source_url(self, locked: LockedDefinition, *, whole: bool = False) -> str:
        """The address of the line of a definition's name, or of all of its lines."""
        found, pin = locked.definition, self.pin_of(locked)
        if whole:
            return self.links.line(pin, found.path, found.start, found.end)
        return self.links.line(pin, found.path, found.line)

    def link(self, origin: str, target: SymbolKey | Note | str, anchor: str = "") -> str:
        """The relative address of a page, seen from another.

        Parameters:
            origin: Source path of the page that the link is on.
            target: A symbol, a note, or the source path of any page.
            anchor: The id of an element there.
        """
        if isinstance(target, Note):
            target = note_page(target.id)
        elif isinstance(target, SymbolKey):
            target = page_of(target)
        return self.layout.link(origin, target, anchor)

    def file_link(self, origin: str, key: SymbolKey) -> str:
        """The relative address of the page of a symbol's file, seen from another page."""
        return self.layout.link(origin, file_page(key.project, key.path))

    def symbol_link(self, origin: str, key: SymbolKey) -> "NameLink":
        """A link to a symbol's page, titled with its file."""
        return NameLink(key.name, self.link(origin, key), key.path)

    def render(self, template: str, page: str = "", **values: object) -> Markup:
        """The HTML that a template makes of values.

        Parameters:
            template: Its name; its first comment lists the values.
            page: Source path of the page that links are seen from.
            values: What is to be printed.
        """
        return render(template, self.strings, site=self, page=page, **values)


def rendered_parts(html: str, total: int) -> tuple[list[Markup], Markup]:
    """The texts of a page as the site's Markdown rendered them, and what it put behind them.

    Parameters:
        html: What it made of the joined texts.
        total: How many there were.
    """
    parts, footer = split(html, total)
    return [Markup(part) for part in parts], Markup(footer)  # noqa: S704 (Markdown's output)


def page_of(key: SymbolKey) -> str:
    """The source path of a symbol's page."""
    return symbol_page(key.project, key.path, key.kind, key.name)


@dataclass(frozen=True, slots=True)
class NameLink:
    """A name that leads somewhere; `title` says more when the pointer rests on it."""

    name: str
    href: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """An entry of a page's table of contents, with those below it."""

    id: str
    title: str
    children: tuple["Heading", ...] = ()


@dataclass(frozen=True, slots=True)
class ProseOwner:
    """Whose prose a text is.

    Attributes:
        note: The source path of its note; empty when it is the page's own.
        version: The version that its `src:` links are read against, where it is not the note's.
    """

    note: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class GeneratedPage:
    """A page that no file of the notebook is the source of.

    Attributes:
        path: Its source path, as if it were a Markdown file.
        title: Its title, plain text.
        description: One line about it.
        boost: How much it counts in search, 1.0 as usual.
        html: Makes what is on it, given what the site's Markdown made of `markdown`.
        headline: A title that distinguishes it from all other pages; by default its title.
        markdown: Makes its prose, to be rendered in one pass by the site's own Markdown.
        headings: Makes its table of contents.
        owners: Whose each of the texts is that its prose is joined of, in order.
    """

    path: str
    title: str
    description: str
    boost: float
    html: Callable[[str], Markup]
    headline: str = ""
    markdown: Callable[[], str] = str
    headings: Callable[[], tuple[Heading, ...]] = tuple[Heading, ...]
    owners: tuple[ProseOwner, ...] = ()

    def owner(self, part: int) -> ProseOwner:
        """Whose a text is, by its number, 0-based; what follows the last is the page's own."""
        return self.owners[part] if part < len(self.owners) else ProseOwner()

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


@dataclass(frozen=True, slots=True)
class SiteFile:
    """A file of the site that is no page.

    Attributes:
        path: Where it is, relative to the site's root.
        content: Makes its text; called at most once a build.
    """

    path: str
    content: Callable[[], str]


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
    svg: Markup
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
    svg: Markup
    parts: tuple[PartView, ...]
    legend: Legend | None
    outline: tuple[OutlineItem, ...]
    downloads: tuple[NameLink, ...] = ()
    waits: bool = False


@dataclass(frozen=True, slots=True)
class CodeTarget:
    """What a name in the text leads to.

    Attributes:
        line: The line that the name stands on; 0: every line where it is called.
        names: The names that may stand there; the first that does is the link.
        href: Where it leads, seen from the page; empty when only the line is marked.
        symbol: The symbol that it leads to.
        number: The number of the step that it leads to, or 0.
        path: The file of that symbol, where it leads to the symbol's page.
    """

    line: int
    names: tuple[str, ...]
    href: str
    symbol: str
    number: int = 0
    path: str = ""


@dataclass(frozen=True, slots=True)
class CodeText:
    """The text of a definition.

    Attributes:
        blob: Git's id of the file that it is of.
        start: The number of its first line.
        lines: Its lines without their ends; no control characters but tabs.
    """

    blob: str
    start: int
    lines: tuple[str, ...]

    @property
    def end(self) -> int:
        """The number of its last line."""
        return self.start + len(self.lines) - 1


@dataclass(frozen=True, slots=True)
class LicenceView:
    """Whose text it is: the project, and its licence where that is known (else empty)."""

    project: str
    name: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class CodeRequest:
    """All that makes the shown text of a definition, but the text itself.

    Attributes:
        name: The symbol.
        kind: What it is.
        path: The file.
        line: The line that holds the name.
        url: Where all of it is at the link provider.
        targets: Call sites first, then names that lead somewhere wherever they are called.
        licence: Whose text it is.
        version: The version that it is of.
    """

    name: str
    kind: str
    path: str
    line: int
    url: str
    targets: tuple[CodeTarget, ...]
    licence: LicenceView
    version: str = ""

    @property
    def sites(self) -> tuple[int, ...]:
        """The lines that the steps speak of, each once, in order."""
        return tuple(sorted({target.line for target in self.targets if target.line}))


@dataclass(frozen=True, slots=True)
class CodePiece:
    """A run of characters of one line; `style` is Pygments' short class, or empty."""

    text: str
    style: str = ""
    target: CodeTarget | None = None


@dataclass(frozen=True, slots=True)
class CodeLine:
    """A line; `site` says that a step speaks of it."""

    number: int
    pieces: tuple[CodePiece, ...]
    site: bool


class BlockKind(StrEnum):
    """How lines are shown."""

    OPEN = "open"
    FOLDED = "folded"
    """To be opened by the reader."""
    LEFT_OUT = "left-out"
    """Not on the page: they are too many."""


@dataclass(frozen=True, slots=True)
class CodeBlock:
    """Lines that are shown in one way; those that are left out have no `lines`."""

    kind: BlockKind
    first: int
    last: int
    lines: tuple[CodeLine, ...] = ()

    @property
    def count(self) -> int:
        """How many lines it has."""
        return self.last - self.first + 1

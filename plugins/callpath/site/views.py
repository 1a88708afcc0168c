"""What the pages of a site are made from, and the values that several of them show.

A view is all that a page shows, complete when it is made: the templates only print it. Addresses
are relative to the page that the view is for. HTML has the type `Markup`; all other texts are
plain, to be escaped where they land.
"""

from collections.abc import Callable
from enum import StrEnum
from functools import cached_property
from posixpath import dirname, join, normpath, relpath
from urllib.parse import quote, urlsplit

from markupsafe import Markup
from msgspec import Struct

from callpath.addresses import Layout, LinkProvider, file_page, note_page, symbol_page
from callpath.facts.eras import Eras
from callpath.facts.lock import Lock, LockedDefinition
from callpath.findings import Finding
from callpath.model import Note, Pin
from callpath.notebook import Index, Notebook, SymbolKey
from callpath.notes.prose import split
from callpath.site.pins import PinPart, PinSection, pin_parts, pin_sections
from callpath.site.strings import Strings
from callpath.site.templates import render
from callpath.sources.changelog import FileCommit


class SiteInfo(Struct, frozen=True):
    """What the site's configuration, and the notes' history, say of a site."""

    name: str = ""
    description: str = ""  # what it is, plain text; may be empty
    # where it is (`https://notes.example/kvm/`), with a final slash; may be empty
    address: str = ""
    author: str = ""  # who writes it; may be empty
    language: str = "en"  # the language tag of its pages (`zh`, `en-GB`)
    # the notes' paths below the notes' folder in reading order; those that are missing here
    # come last
    order: tuple[str, ...] = ()
    changes: tuple[FileCommit, ...] = ()  # the newest changes of notes, newest first

    @property
    def has_feed(self) -> bool:
        """Whether there is a feed: it needs an address and a history."""
        return bool(self.address and self.changes)

    def url(self, path: str) -> str:
        """The address of a place by its address relative to the site's root."""
        return self.address + path.removeprefix("./")


class SiteContext(Struct, frozen=True, dict=True):
    """What every page of a site is made from."""

    notebook: Notebook
    layout: Layout
    links: LinkProvider
    strings: Strings
    about: SiteInfo = SiteInfo()  # the site's name, address and history
    # in which releases the notes' statements hold, or None when nobody looked
    eras: Eras | None = None

    @property
    def index(self) -> Index:
        """The notebook joined with its lockfile."""
        return self.notebook.index

    @cached_property
    def pins(self) -> tuple[PinPart, ...]:
        """What the notes of each pin say, that of the site's own pin first; at least one."""
        return pin_parts(self.notebook)

    def symbol_sections(self, key: SymbolKey) -> list[PinSection]:
        """The pins whose notes a symbol stands in."""
        return pin_sections(part for part in self.pins if key in part.index.symbols)

    def file_sections(self, project: str, path: str) -> list[PinSection]:
        """The pins whose notes have symbols of a source file."""
        return pin_sections(part for part in self.pins if (project, path) in part.files)

    @cached_property
    def lock(self) -> Lock:
        """The lockfile's facts; without a lockfile there are none."""
        return self.notebook.lock or Lock()

    @property
    def faults(self) -> tuple[Finding, ...]:
        """Every finding on the notebook."""
        return (*self.notebook.findings, *self.notebook.lock_findings)

    def faults_in(self, file: str = "") -> list[Finding]:
        """The findings on a file, by its path from the project's root; without one, all."""
        return [each for each in self.faults if not file or each.location.file == file]

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
        """The relative address of a page, seen from another; pages go by their source paths."""
        if isinstance(target, Note):
            target = note_page(target.id)
        elif isinstance(target, SymbolKey):
            target = page_of(target)
        return self.layout.link(origin, target, anchor)

    def file_link(self, origin: str, project: str, path: str) -> str:
        """The relative address of the page of a source file, seen from another page."""
        return self.layout.link(origin, file_page(project, path))

    def render(self, template: str, page: str = "", **values: object) -> Markup:
        """The HTML that a template makes of values; `page` is where its links are seen from."""
        return render(template, self.strings, site=self, page=page, **values)


def rendered_parts(html: str, total: int) -> tuple[list[Markup], Markup]:
    """The texts of a page as the site's Markdown rendered them, and what it put behind them."""
    parts, footer = split(html, total)
    return [Markup(part) for part in parts], Markup(footer)  # noqa: S704 (Markdown's output)


def page_of(key: SymbolKey) -> str:
    """The source path of a symbol's page."""
    return symbol_page(key.project, key.path, key.kind, key.name)


class NameLink(Struct, frozen=True):
    """A name that leads somewhere; `title` says more when the pointer rests on it."""

    name: str
    href: str
    title: str = ""


class Heading(Struct, frozen=True):
    """An entry of a page's table of contents, with those below it."""

    id: str
    title: str
    children: tuple["Heading", ...] = ()


class ProseOwner(Struct, frozen=True):
    """Whose prose a text is."""

    note: str = ""  # the source path of its note; empty when it is the page's own
    # the version that its `src:` links are read against, where it is not the note's
    version: str = ""


class GeneratedPage(Struct, frozen=True):
    """A page that no file of the notebook is the source of."""

    path: str
    title: str
    description: str
    # makes what is on it, given what the site's Markdown made of `markdown`
    html: Callable[[str], Markup]
    boost: float = 0.3  # in search, where 1.0 is usual: below the pages that it is about
    headline: str = ""  # a title that distinguishes it from all other pages; by default its title
    # makes its prose, to be rendered in one pass by the site's own Markdown
    markdown: Callable[[], str] = str
    headings: Callable[[], tuple[Heading, ...]] = tuple[Heading, ...]  # makes its table of contents
    # whose each of the texts is that its prose is joined of, in order
    owners: tuple[ProseOwner, ...] = ()
    is_source_page: bool = False  # whether it is of a symbol or a source file, and has no prose

    def owner(self, part: int) -> ProseOwner:
        """Whose a text is, by its number, 0-based; what follows the last is the page's own."""
        return self.owners[part] if part < len(self.owners) else ProseOwner()

    def rebased(self, part: int, target: str) -> str:
        """The target of a link in a text (by its number, 0-based) as it must be on this page."""
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


class SiteFile(Struct, frozen=True):
    """A file of the site that is no page."""

    path: str  # where it is, relative to the site's root
    content: Callable[[], str]  # makes its text, anew each time: it may be large


class PartView(Struct, frozen=True):
    """A picture that a folded box opens."""

    id: str  # what the box names in its `data-opens`
    title: str
    svg: Markup  # the picture as HTML; empty when it is in a file
    source: str = ""  # address of the script that brings it, relative to the page; else empty


class CodeTarget(Struct, frozen=True):
    """What a name in the text leads to."""

    line: int  # the line that the name is on; 0: every line where it is called
    names: tuple[str, ...]  # the names that may be there; the first that is becomes the link
    href: str  # where it leads, seen from the page; empty when only the line is marked
    symbol: str  # the symbol that it leads to
    number: int = 0  # the number of the step that it leads to, or 0
    path: str = ""  # the file of that symbol, where it leads to the symbol's page


class CodeText(Struct, frozen=True):
    """The text of a definition."""

    blob: str
    start: int  # the number of its first line
    lines: tuple[str, ...]  # its lines without their ends; no control characters but tabs

    @property
    def end(self) -> int:
        """The number of its last line."""
        return self.start + len(self.lines) - 1


class LicenceView(Struct, frozen=True):
    """Whose text it is: the project, and its licence where that is known (else empty)."""

    project: str
    name: str = ""
    url: str = ""


class CodeRequest(Struct, frozen=True):
    """All that makes the shown text of a definition, but the text itself."""

    name: str
    kind: str
    path: str
    line: int  # the line that holds the name
    url: str  # where all of it is at the link provider
    # call sites first, then names that lead somewhere wherever they are called
    targets: tuple[CodeTarget, ...]
    licence: LicenceView  # whose text it is
    version: str = ""  # the version that it is of

    @property
    def sites(self) -> tuple[int, ...]:
        """The lines that steps are about, each once, in order."""
        return tuple(sorted({target.line for target in self.targets if target.line}))


class CodePiece(Struct, frozen=True):
    """Characters of one line of a text."""

    text: str
    style: str = ""  # Pygments' short class (`k`, `c1`), or empty
    name: bool = False
    called: bool = False  # whether `(` follows
    member: bool = False  # whether it is behind `.` or `->`
    target: CodeTarget | None = None


class CodeLine(Struct, frozen=True):
    """A line; `site` says that a step is about it."""

    number: int
    pieces: tuple[CodePiece, ...]
    site: bool


class BlockKind(StrEnum):
    """How lines are shown."""

    OPEN = "open"
    FOLDED = "folded"  # to be opened by the reader
    LEFT_OUT = "left-out"  # not on the page: they are too many


class CodeBlock(Struct, frozen=True):
    """Lines that are shown in one way; those that are left out have no `lines`."""

    kind: BlockKind
    first: int
    last: int
    lines: tuple[CodeLine, ...] = ()

    @property
    def count(self) -> int:
        """How many lines it has."""
        return self.last - self.first + 1

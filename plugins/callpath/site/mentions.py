"""What pages say of source code, as the lockfile judges it: which symbol a link leads into.

Also what is wrong with text that other plugins bring into a page, which no file of the notebook
has. Works on values; how a page is rendered it must not know.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from html import unescape

from msgspec.structs import replace

from callpath.facts.lock import Lock, LockedDefinition
from callpath.findings import Finding, Location, weighed
from callpath.mentions.exceptions import joined as joined_exceptions, remaining
from callpath.mentions.judging.judge import findings_of, is_floating, judge, reference_of, tree_of
from callpath.mentions.model import (
    Address,
    AddressKind,
    Citation,
    Name,
    PlacedMention,
    SourceLink,
    Verdict,
)
from callpath.mentions.viewers import read_address
from callpath.model import Pin, shown
from callpath.notebook import Notebook

_LONGEST = 200  # characters of a mention that a message says whole
_Written = Mapping[str, Sequence[PlacedMention]]


class SourceMentions:
    """The links and citations of a notebook's pages, by what the lockfile says of each."""

    def __init__(self, notebook: Notebook) -> None:
        self._notebook = notebook
        self._lock = notebook.lock or Lock()
        self._included: dict[str, _Written] = {}  # by page: what only its rendered text has

    @cached_property
    def _own(self) -> Mapping[str, _Written]:
        """What the files of the notebook have, by the file's path and as it is written."""
        found: dict[str, dict[str, list[PlacedMention]]] = {}
        for one in self._notebook.mentions:
            if not isinstance(one.mention, Name):
                in_file = found.setdefault(one.location.file, defaultdict(list))
                in_file[_as_rendered(one)].append(one)
        return found

    def _written(self, page: str, text: str) -> Sequence[PlacedMention]:
        own = self._own.get(self._notebook.prefix + page, {})
        return own.get(text) or self._included.get(page, {}).get(text, ())

    def linked(self, page: str, href: str, pin: Pin) -> LockedDefinition | None:
        """The definition that a right link to a source viewer leads into, if it is locked.

        Where a page has the same link with several words, it has to be right with each of them.

        Parameters:
            page: The source path of the page or the note whose text has it.
            href: Its target as it is rendered.
            pin: What the text is read against, if no file has the link.
        """
        return self._one(self._links(page, href, pin))

    def linked_file(self, page: str, href: str, pin: Pin) -> tuple[str, str] | None:
        """The project and path of a file that notes speak of, if a right link leads to all of it.

        The parameters are those of `linked`.
        """
        first, *others = [self._file(one) for one in self._links(page, href, pin)] or [None]
        return first if all(one == first for one in others) else None

    def _file(self, placed: PlacedMention) -> tuple[str, str] | None:
        mention, pin = placed.mention, tree_of(placed)
        if not isinstance(mention, SourceLink) or not isinstance(mention.address, Address):
            return None
        address = mention.address
        is_whole = address.kind is AddressKind.PATH and not address.first
        if pin is None or not is_whole or is_floating(placed):
            return None
        file = (pin.project, address.path)
        is_there = pin.version in self._files.get(file, ())
        is_right = is_there and judge(placed, self._lock.mention_facts).verdict is Verdict.RIGHT
        return file if is_right else None

    @cached_property
    def _files(self) -> Mapping[tuple[str, str], frozenset[str]]:
        """The files (project, path) that have a page, with the versions that they are read at."""
        return {
            file: frozenset(locked.version for entry in entries for locked in entry.definitions)
            for file, entries in self._notebook.index.files().items()
        }

    def _links(self, page: str, href: str, pin: Pin) -> Sequence[PlacedMention]:
        """Where a page has a link to a source viewer; none if nothing is locked of such."""
        if not (href.startswith(("https://", "http://")) and self._lock.mentions):
            return ()
        return self._written(page, href) or self._bare(page, href, pin)

    def _bare(self, page: str, href: str, pin: Pin) -> Sequence[PlacedMention]:
        """A link that nobody has read in a text, without its words."""
        address = read_address(href, self._notebook.settings.viewer_table)
        if not isinstance(address, Address):
            return ()
        return (PlacedMention(SourceLink(0, len(href), address), Location(page), href, pin),)

    def cited(self, page: str, code: str) -> LockedDefinition | None:
        """The definition that a code span leads into, if it is a right citation of its line.

        Parameters:
            page: The source path of the page or the note whose text has it.
            code: The text of the code span.
        """
        if (":" not in code and "#" not in code) or not self._lock.mentions:
            return None
        cited = self._written(page, code)
        return self._one([one for one in cited if _is_in_code(one)])

    def _one(self, placed: Sequence[PlacedMention]) -> LockedDefinition | None:
        """The definition that all of these lead into."""
        first, *others = [self._leads(one) for one in placed] or [None]
        return first if all(one == first for one in others) else None

    def _leads(self, placed: PlacedMention) -> LockedDefinition | None:
        reference = reference_of(placed, self._lock.mention_facts)
        return self._lock.find(reference) if reference else self._named(placed)

    def _named(self, placed: PlacedMention) -> LockedDefinition | None:
        """The definition of the name that a link to a viewer's page about it says."""
        mention, pin = placed.mention, tree_of(placed)
        if not isinstance(mention, SourceLink) or not isinstance(mention.address, Address):
            return None
        address = mention.address
        if address.kind is not AddressKind.NAME or pin is None or is_floating(placed):
            return None
        index = self._notebook.index
        key = index.named(address.name, pin.project, version=pin.version)
        if key is None or judge(placed, self._lock.mention_facts).verdict is not Verdict.RIGHT:
            return None
        return index.located(key, pin.version)

    def include(self, page: str, text: str, own: str) -> tuple[Finding, ...]:
        """Read what other plugins and extensions brought into a page; what is wrong with it.

        What a mention needs is only judged where the lockfile has it, as no file asks for it.

        Parameters:
            page: The source path of the page or the note.
            text: Its Markdown when all of them are done.
            own: What its file has.
        """
        if not _has_more(text, own):
            return ()
        read = self._notebook.rendered_text(page, text)
        placed = [one for one in read.mentions if one.written not in own]
        found: dict[str, list[PlacedMention]] = defaultdict(list)
        for one in placed:
            found[_as_rendered(one)].append(one)
        self._included[page] = found
        left_out = joined_exceptions([read.exceptions, self._notebook.stated_exceptions])
        kept = remaining(self._findings(placed), left_out)
        once = dict.fromkeys(replace(each, location=Location(read.file)) for each in kept)
        return weighed(once, self._notebook.weights)

    def _findings(self, placed: Sequence[PlacedMention]) -> Iterator[tuple[Finding, str]]:
        viewers = self._notebook.settings.viewer_table
        for one in placed:
            judgement = judge(one, self._lock.mention_facts, viewers)
            for found in findings_of([judgement], viewers):
                message = f"text that is included has {_told(one.written)}: {found.message}"
                yield replace(found, message=message), one.written


def _is_in_code(placed: PlacedMention) -> bool:
    return isinstance(placed.mention, Citation) and placed.mention.is_code


def _as_rendered(placed: PlacedMention) -> str:
    """A link's target as the page has it; a citation as it is written."""
    is_link = isinstance(placed.mention, SourceLink)
    return unescape(placed.written) if is_link else placed.written


def _told(written: str) -> str:
    """A mention for a message that does not say its line: whole, unless it is very long."""
    is_plain = written.isprintable() and len(written) <= _LONGEST
    return f"`{written}`" if is_plain else shown(written)


def _has_more(text: str, own: str) -> bool:
    """Whether a text has lines that another one has not."""
    lines = {line.strip() for line in own.splitlines()}
    return any(line.strip() not in lines for line in text.splitlines())

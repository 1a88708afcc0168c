"""What a source is, and what reading a path in it can give. Does not depend on its kinds."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from functools import cached_property
from pathlib import PurePosixPath
from typing import Self, TypeAlias

from msgspec import Struct

from callpath.languages import LISTED, SEARCHED
from callpath.model import Pin
from callpath.projects import project_named
from callpath.sources.finder import is_binary
from callpath.sources.search import WordScan
from callpath.store import Store

LARGEST = 8 * 1024 * 1024  # largest file that is read, in bytes

_MOST_LINKS = 40
"""Links followed for one path before it is called a loop, as in Linux (`MAXSYMLINKS`)."""

# Reasons of `Unreadable`, besides those of `EntryKind`.
LARGE = f"is larger than {LARGEST // (1024 * 1024)} MiB"
BINARY = "is a binary file"
NOT_CLONED = "is not in this partial clone"
LEAVES = "leaves the tree"
NOT_PLAIN = "is not written plainly"
LINK_OUT = "is a link out of the tree"
LINK_LOOP = "is a link that leads back to itself"
BROKEN_LINK = "is a link to nothing"


class SourceSpec(Struct, frozen=True):
    """A SPEC: where C source is read from."""

    kind: str  # `tree`, `git` …
    place: str  # a path or an address; empty for the kind's default
    revision: str = ""  # what was named behind `@`

    def __str__(self) -> str:
        """The SPEC as it is written."""
        place = f":{self.place}" if self.place else ""
        return self.kind + place + (f"@{self.revision}" if self.revision else "")


class FileText(Struct, frozen=True):
    """A text file of the tree."""

    path: str  # as it was asked for, even if a link led elsewhere
    data: bytes  # unchanged
    blob: str  # git's id of these bytes, 40 hex digits


class Missing(Struct, frozen=True):
    """The tree has nothing at this path."""

    path: str


class Unreadable(Struct, frozen=True):
    """There is, or may be, something at this path, but its text is not available."""

    path: str
    reason: str  # goes on after the path: `is a directory`


class Cause(StrEnum):
    """Why a site on the network did not say what it has at a path."""

    CHALLENGE = "challenge"  # a page of its bot wall
    REFUSED = "refused"  # status 401 or 403
    BUSY = "busy"  # status 429
    SERVER_ERROR = "server error"  # status 500 to 599
    TIME_OUT = "time-out"
    UNREACHABLE = "unreachable"  # no such host, or no connection
    INSECURE = "insecure"  # TLS
    BROKEN = "broken"  # cut off, or no valid HTTP
    TOO_LARGE = "too large"
    REDIRECTED = "redirected"  # to something else than what was asked for
    UNEXPECTED = "unexpected"  # a status or a kind of answer that means nothing here
    NOT_ASKED = "not asked"  # given up after other files


class Unknown(Struct, frozen=True):
    """No answer came; it proves neither that the file is there nor that it is not."""

    path: str
    cause: Cause
    reason: str  # the cause as a clause: "`example.org` answered with status 503"


ReadResult: TypeAlias = FileText | Missing | Unreadable | Unknown

ScanProgress: TypeAlias = Callable[[int, int], None]
"""Called now and then with how much is done and how much there is, in units of the source."""


def silent(_done: int, _total: int) -> None:
    """Report no progress."""


class Source(ABC):
    """One tree that C source is read from.

    A kind of source defines `read_one`. One that can be searched sets `searchable` and defines
    `paths`; it may have a faster `search`.

    Attributes:
        spec: The SPEC that it was opened by.
        pin: The version that it is read at.
        searchable: Whether the whole tree can be listed and scanned.
        reads_at_once: Whether any of the listed files is read without reading others.
        store: What is known from earlier runs; nothing, unless whoever opened it says more.
        workers: How many threads search at the same time; 0: one for each core.
        jobs: How many processes may work on it, this one included; 0: one for each core.
        is_shared: Whether it stays open at the end of a `with` block.
    """

    searchable = False
    reads_at_once = False
    store = Store()
    workers = 0
    jobs = 1
    is_shared = False

    def __init__(self, spec: SourceSpec, pin: Pin) -> None:
        self.spec = spec
        self.pin = pin

    @abstractmethod
    def read_one(self, path: str) -> ReadResult:
        """Read a path that is written plainly and, links aside, stays in the tree."""

    def read(self, paths: Iterable[str]) -> Iterator[ReadResult]:
        """Read each of the paths once; the results are sorted by path."""
        for path in sorted(set(paths)):
            refused = refusal(path)
            yield Unreadable(path, refused) if refused else self.read_one(path)

    def paths(self) -> Sequence[str]:
        """Every regular `.c`, `.h` and `.S` file, sorted; empty if not searchable."""
        return ()

    def listing(self) -> "Listing | None":
        """Everything in the tree, whatever its name ends in; None if it cannot be listed."""
        return None

    def find_words(
        self, words: Collection[str], progress: ScanProgress = silent
    ) -> Mapping[str, Sequence[str]]:
        """For each identifier the files that are searched and hold it as a whole word, sorted.

        It takes one scan for all words that are not known, with those that are expected. No files
        if the source is not searchable, or a word is no C identifier.
        """
        if new := set(words).difference(self._held):
            self._held |= self._find_new(new | self.expected, progress)
        return {word: self._held[word] for word in sorted(set(words))}

    @cached_property
    def _held(self) -> dict[str, Sequence[str]]:
        """The files that hold a word, for each that was looked for."""
        return {}

    @cached_property
    def _expected(self) -> set[str]:
        return set()

    def expect(self, words: Iterable[str]) -> None:
        """Say what may be asked later: the next scan looks for it too, which costs nothing."""
        self._expected.update(words)

    @property
    def expected(self) -> frozenset[str]:
        """The words that may be asked later and are not known."""
        return frozenset(self._expected.difference(self._held))

    def known_words(self, words: Iterable[str]) -> Mapping[str, Sequence[str]]:
        """Those of some words that were looked for since it was opened, each with its files."""
        return {word: self._held[word] for word in words if word in self._held}

    def learn(self, found: Mapping[str, Sequence[str]]) -> None:
        """Take over what somebody who saw all files found, as `find_words` would."""
        self._held |= found

    def _find_new(
        self, words: Collection[str], progress: ScanProgress
    ) -> Mapping[str, Sequence[str]]:
        """As `find_words`, of words that are not known."""
        scan = WordScan(words)
        if self.searchable and scan.words:
            self.search(scan, progress)
        return scan.result()

    def search(self, scan: WordScan, progress: ScanProgress) -> None:
        """Show the scan every `.c` and `.h` file."""
        files = list(filter(is_searched, self.paths()))
        for count, result in enumerate(self.read(files), 1):
            if isinstance(result, FileText):
                scan.look(result.path, result.data)
            progress(count, len(files))

    def stream(
        self, wanted: Callable[[str], bool], progress: ScanProgress = silent
    ) -> Iterator[tuple[str, bytes]]:
        """The path and the bytes of every regular file that is wanted and not too large.

        Any file of the tree may be wanted, not only those of a language, and binary ones too. They
        come in the order that costs the source least; links are left out.
        """
        files = list(filter(wanted, self.paths()))
        for count, path in enumerate(files, 1):
            for result in self.read([path]):
                if isinstance(result, FileText):
                    yield path, result.data
            progress(count, len(files))

    def version(self) -> str | None:
        """The version that the tree says it is (`v3.7`), or None if it does not say."""
        project = project_named(self.pin.project)
        found = self.read_one(project.version_file) if project.version_file else None
        return project.read_version(found.data) if isinstance(found, FileText) else None

    def tags(self) -> Sequence[str]:
        """The tags that the tree is known to be of; empty if nothing says it."""
        return (self.pin.tag_name,)

    def commit(self) -> str:
        """The commit that is read, 40 hex digits; empty if it is not known."""
        return ""

    def tree(self) -> str:
        """What all that is read depends on, as an id; empty if nothing says it without reading.

        It is empty from then on that something was read that is not of it.
        """
        return ""

    def close(self) -> None:  # noqa: B027 - most sources hold nothing open
        """Release files and processes. A closed source must not be used again."""

    def __enter__(self) -> Self:
        """The source itself; it is closed at the end of the `with` block, unless it is shared."""
        return self

    def __exit__(self, *failure: object) -> None:
        """Close the source, unless others use it too."""
        if not self.is_shared:
            self.close()


def is_searched(path: str) -> bool:
    """Whether words are searched for in a file: `.c` and `.h` files."""
    return path.endswith(SEARCHED)


def blob_id(data: bytes) -> str:
    """Git's id of a file with these bytes, 40 hex digits."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def text_of(path: str, data: bytes | None) -> FileText | Unreadable:
    """The result for a file with these bytes, which may be left out if there are over `LARGEST`."""
    if data is None or len(data) > LARGEST:
        return Unreadable(path, LARGE)
    if is_binary(data):
        return Unreadable(path, BINARY)
    return FileText(path, data, blob_id(data))


def refusal(path: str) -> str:
    """Why a path is not looked up at all; empty if it may be."""
    parts = path.split("/")
    if path.startswith("/") or "\0" in path or ".." in parts:
        return LEAVES
    if "" in parts or "." in parts:
        return NOT_PLAIN
    try:
        path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return NOT_PLAIN
    return ""


def follow(
    path: str, target_of: Callable[[str], str | Unreadable | None]
) -> tuple[str, bool] | Unreadable:
    """Follow every link in a path, which is not refused, without leaving the tree.

    `target_of` gives the text of the link at a path whose directories are no links, or None.

    Returns:
        The path without links, empty for the tree itself, whether or not something is there; and
        whether the path itself, not only a directory on its way, is a link. Or why not.
    """
    pending = path.split("/")[::-1]
    done: list[str] = []
    links, linked = 0, False
    while pending:
        part = pending.pop()
        if part in ("", "."):
            continue
        if part == "..":
            if not done:
                return Unreadable(path, LINK_OUT)
            done.pop()
        elif (target := target_of("/".join([*done, part]))) is None:
            done.append(part)
        elif isinstance(target, Unreadable):
            return target
        else:
            links += 1
            linked = linked or not pending
            if links > _MOST_LINKS:
                return Unreadable(path, LINK_LOOP)
            if target.startswith("/"):
                return Unreadable(path, LINK_OUT)
            pending.extend(reversed(target.split("/")))
    return "/".join(done), linked


class EntryKind(StrEnum):
    """What is at a path; the value is why it cannot be read, a reason of `Unreadable`."""

    FILE = ""
    LINK = "is a link"
    DIRECTORY = "is a directory"
    SUBMODULE = "is in a submodule"
    SPECIAL = "is not a regular file"


class Entry(Struct, frozen=True):
    """What is at one path."""

    kind: EntryKind
    size: int = -1  # bytes of a file; -1 if unknown
    content: str = ""  # what the source finds it by: a link's target, an object's id


class Listing:
    """Everything in a tree by path; directories that are not empty may be left out."""

    def __init__(self, entries: Mapping[str, Entry]) -> None:
        self.entries = entries

    @cached_property
    def folders(self) -> frozenset[str]:
        """Every folder with something in it."""
        found: set[str] = set()
        for path in self.entries:
            while (path := path.rpartition("/")[0]) and path not in found:
                found.add(path)
        return frozenset(found)

    def files(self, endings: tuple[str, ...] = LISTED) -> list[str]:
        """The regular files with one of these endings, sorted."""
        files = (path for path in self.entries if path.endswith(endings))
        return sorted(path for path in files if self.entries[path].kind is EntryKind.FILE)

    def wanted(self, wanted: Callable[[str], bool]) -> list[str]:
        """The regular files that are wanted, in the order of the entries."""
        return [
            path
            for path, entry in self.entries.items()
            if entry.kind is EntryKind.FILE and wanted(path)
        ]

    def locate(
        self, path: str, read_link: Callable[[Entry], str | None] = lambda link: link.content
    ) -> str | Missing | Unreadable:
        """The path of the regular file that any path leads to, or why there is none.

        `read_link` gives the text of a link, or None if it is not available.
        """

        def target_of(link: str) -> str | Unreadable | None:
            entry = self.entries.get(link)
            if entry is None or entry.kind is not EntryKind.LINK:
                return None
            target = read_link(entry)
            return Unreadable(path, NOT_CLONED) if target is None else target

        if reason := refusal(path):
            return Unreadable(path, reason)
        followed = follow(path, target_of)
        if isinstance(followed, Unreadable):
            return followed
        leads_to, linked = followed
        entry = self.entries.get(leads_to)
        if entry is not None:
            is_file = entry.kind is EntryKind.FILE
            return leads_to if is_file else Unreadable(path, entry.kind.value)
        if not leads_to or leads_to in self.folders:
            return Unreadable(path, EntryKind.DIRECTORY.value)
        above = map(self.entries.get, map(str, PurePosixPath(leads_to).parents))
        if any(entry is not None and entry.kind is EntryKind.SUBMODULE for entry in above):
            return Unreadable(path, EntryKind.SUBMODULE.value)
        return Unreadable(path, BROKEN_LINK) if linked else Missing(path)

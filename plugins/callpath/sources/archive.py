"""A tar archive as a source: `archive:FILE`. Nothing is unpacked to disk."""

import posixpath
import tarfile
from collections import OrderedDict
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from callpath.core.errors import SourceError
from callpath.core.model import Pin
from callpath.sources.content import LARGE, text_of
from callpath.sources.links import LISTED, SCANNED, refusal
from callpath.sources.listing import Entry, EntryKind, Listing
from callpath.sources.source import Missing, Progress, ReadResult, Source, Unreadable
from callpath.sources.tar_stream import members
from callpath.sources.words import WordScan

_KEPT = 64 * 1024 * 1024
"""Bytes of files kept after a pass, because the next question is often about the same ones."""


class _Kept:
    """The files read last, up to a number of bytes."""

    def __init__(self) -> None:
        self._files: OrderedDict[str, bytes] = OrderedDict()
        self._size = 0

    def get(self, path: str) -> bytes | None:
        """A file's bytes when they are kept."""
        if path in self._files:
            self._files.move_to_end(path)
        return self._files.get(path)

    def add(self, path: str, data: bytes) -> None:
        """Keep a file, and let the oldest go."""
        self._size += len(data) - len(self._files.pop(path, b""))
        self._files[path] = data
        while self._size > _KEPT:
            _, oldest = self._files.popitem(last=False)
            self._size -= len(oldest)


class ArchiveSource(Source):
    """An archive with the tree in its one top-level directory.

    Parameters:
        place: The archive's file.
        spec: The source as the user wrote it.
        pin: The version that it should be.
    """

    def __init__(self, place: str, spec: str, pin: Pin) -> None:
        self.spec = spec
        self.pin = pin
        self._place = place
        self._listing: Listing | None = None
        self._kept = _Kept()

    @property
    def searchable(self) -> bool:
        """Always: an archive can be read from end to end."""
        return True

    def read(self, paths: Iterable[str], progress: Progress | None = None) -> Iterator[ReadResult]:
        """Read each of the paths once; the results are sorted by path.

        All are read in one pass, which ends as soon as they are found; links may take a second.
        The results are held in memory together.
        """
        wanted = sorted(set(paths))
        texts = self._collect({path for path in wanted if not refusal(path)}, progress)
        located = {path: path if path in texts else self._locate(path) for path in wanted}
        targets = {place for place in located.values() if isinstance(place, str)}
        texts |= self._collect(targets - texts.keys(), progress)
        for path in wanted:
            place = located[path]
            if isinstance(place, str):
                data = texts[place]
                yield Unreadable(path, LARGE) if data is None else text_of(path, data)
            else:
                yield place

    def paths(self) -> Sequence[str]:
        """Every regular `.c`, `.h` and `.S` file, sorted."""
        return tuple(self._list().files(LISTED))

    def find_words(
        self, words: Collection[str], progress: Progress | None = None
    ) -> Mapping[str, Sequence[str]]:
        """Find the `.c` and `.h` files that hold each identifier as a whole word."""
        scan = WordScan(words)
        if scan.words:
            for path, _, data in self._pass(lambda path: path.endswith(SCANNED), progress):
                if data is not None and scan.look(path, data):
                    self._kept.add(path, data)
        return scan.result()

    def close(self) -> None:
        """Let go of the files that are kept."""
        self._kept = _Kept()

    def _collect(
        self, paths: Collection[str], progress: Progress | None
    ) -> dict[str, bytes | None]:
        """The bytes of those of the paths that are regular files; nothing for the too large."""
        texts: dict[str, bytes | None] = {}
        for path in paths:
            if (kept := self._kept.get(path)) is not None:
                texts[path] = kept
        rest = set(paths) - texts.keys()
        if self._listing is not None:
            known = self._listing.entries
            rest = {path for path in rest if path in known and known[path].kind is EntryKind.FILE}
        if not rest:
            return texts
        with closing(self._pass(rest.__contains__, progress)) as found:
            for path, entry, data in found:
                if path in rest and entry.kind is EntryKind.FILE:
                    rest.discard(path)
                    texts[path] = data
                    if data is not None:
                        self._kept.add(path, data)
                    if not rest:
                        break
        return texts

    def _locate(self, path: str) -> str | Missing | Unreadable:
        return self._list().locate(path, self._target_of)

    def _target_of(self, path: str) -> str | None:
        entry = self._list().entries.get(path)
        return entry.content if entry is not None and entry.kind is EntryKind.LINK else None

    def _list(self) -> Listing:
        if self._listing is not None:
            return self._listing
        return Listing({path: entry for path, entry, _ in self._pass(lambda _: False, None)})

    def _pass(
        self, wanted: Callable[[str], bool], progress: Progress | None
    ) -> Generator[tuple[str, Entry, bytes | None], None, None]:
        """Go through the archive; a pass that is not left early makes the listing."""
        entries: dict[str, Entry] = {}
        names = _Names(self._place)
        with closing(
            members(self._place, lambda header: wanted(names.inside(header.name)), progress)
        ) as found:
            for member in found:
                path = names.inside(member.header.name)
                if not path or path in entries:
                    continue
                entries[path] = _entry(path, member.header, names)
                yield path, entries[path], member.data
        self._listing = Listing(entries)


class _Names:
    """The names of an archive's members, without the one directory that all of them are in.

    Parameters:
        place: The archive's file.
    """

    def __init__(self, place: str) -> None:
        self._place = place
        self._top = ""

    def inside(self, name: str) -> str:
        """A member's path in the tree; empty for the tree itself and for what is outside.

        Raises:
            SourceError: The members are in more than one directory.
        """
        name = name.removeprefix("./")
        if name == "." or refusal(name):
            return ""
        top, _, path = name.partition("/")
        self._top = self._top or top
        if top != self._top:
            raise SourceError(
                f"`{self._place}` has no single top-level directory: it holds `{self._top}`"
                f" and `{top}`",
                "pack the tree as one directory, as `git archive --prefix=linux/` does",
            )
        return path


def _entry(path: str, header: tarfile.TarInfo, names: _Names) -> Entry:
    if header.issym():
        return Entry(EntryKind.LINK, content=header.linkname)
    if header.islnk():
        target = names.inside(header.linkname)
        return Entry(
            EntryKind.LINK,
            content=posixpath.relpath(target, posixpath.dirname(path) or ".") if target else "/",
        )
    if header.isdir():
        return Entry(EntryKind.DIRECTORY)
    regular = header.isreg() and not header.issparse()
    return Entry(EntryKind.FILE if regular else EntryKind.SPECIAL, header.size)


def open_archive(place: str, spec: str, pin: Pin) -> ArchiveSource:
    """Open an archive; its beginning is looked at, the rest when it is needed.

    Raises:
        SourceError: There is no such file, or it is no tar archive.
    """
    file = Path(place).expanduser()
    if file.is_dir():
        raise SourceError(f"`{place}` is a directory", f"write `tree:{place}` or `git:{place}`")
    if not file.exists():
        raise SourceError(f"there is no file `{place}`")
    if not file.is_file():
        raise SourceError(f"`{place}` is not a regular file")
    with closing(members(str(file), lambda _: False)) as beginning:
        next(beginning, None)
    return ArchiveSource(str(file), spec, pin)

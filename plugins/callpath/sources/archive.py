"""A tar archive as a source: `archive:FILE`. Nothing is unpacked to disk."""

import bz2
import gzip
import io
import lzma
import posixpath
import sys
import tarfile
import zlib
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing
from pathlib import Path
from typing import IO, BinaryIO, cast

from callpath.findings import SourceError
from callpath.model import Pin
from callpath.sources.base import (
    LARGEST,
    Entry,
    EntryKind,
    Listing,
    ReadResult,
    ScanProgress,
    Source,
    SourceSpec,
    is_searched,
    refusal,
    silent,
    text_of,
)
from callpath.sources.search import WordScan

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_PIECE = 1 << 20  # bytes unpacked at once
_STEP = 500  # members between two reports of progress

_PACKINGS: tuple[tuple[bytes, Callable[[BinaryIO], AbstractContextManager[object]]], ...] = (
    (b"\xfd7zXZ\0", lzma.open),
    (b"\x1f\x8b", gzip.open),
    (b"BZh", bz2.open),
    (b"\x28\xb5\x2f\xfd", zstd.open),
)
"""The first bytes of each way to pack (their file formats' magic numbers), and what unpacks it."""

_DAMAGE = (
    EOFError,
    OSError,
    ValueError,
    lzma.LZMAError,
    zlib.error,
    zstd.ZstdError,
    tarfile.TarError,
)
"""What unpacking a broken archive can raise."""


class _ForwardStream:
    """An unpacked archive that is only read onwards, with the methods that `tarfile` asks for."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.last = b""  # what was read last
        self._stream = stream
        self._position = 0

    def read(self, count: int) -> bytes:
        """The next bytes; fewer at the end."""
        if count > LARGEST:
            raise tarfile.ReadError("a header is too large")
        self.last = self._stream.read(count)
        self._position += len(self.last)
        return self.last

    def seek(self, position: int) -> None:
        """Go on to a position that has not been passed, or to the end if that comes first."""
        left = position - self._position
        if left < 0:
            raise tarfile.ReadError("a member begins before the one in front of it ends")
        while left and (piece := self._stream.read(min(left, _PIECE))):
            self._position += len(piece)
            left -= len(piece)

    def tell(self) -> int:
        """How many bytes have been passed."""
        return self._position


def _members(
    place: str, file: BinaryIO, stack: ExitStack, wanted: Callable[[str], bool]
) -> Iterator[tuple[tarfile.TarInfo, bytes | None]]:
    """The headers of an archive's members, in one pass, with the bytes of files that are wanted.

    What is too large is never read. Raises SourceError if it is no tar archive, or is damaged.
    """
    last = ""
    try:
        stream = _ForwardStream(_unpacked(file, stack))
        archive = stack.enter_context(_open_tar(place, stream))
        while (header := archive.next()) is not None:
            # Without this the headers of a whole kernel pile up; typeshed does not know the list.
            archive.members.clear()  # type: ignore[attr-defined]
            data = None
            if _is_file(header) and header.size <= LARGEST and wanted(header.name):
                stream.seek(header.offset_data)
                data = stream.read(header.size)
                if len(data) != header.size:
                    raise EOFError("the archive ends in a file")
            yield header, data
            last = header.name
        # `tarfile` takes a broken header for the end; the real end is a block of zeros.
        if stream.last.strip(b"\0") or not stream.last:
            raise EOFError("the archive has no end")
    except _DAMAGE as error:
        where = f"after `{last}`" if last else "at its beginning"
        raise SourceError(
            f"`{place}` is damaged {where}: {_reason(error)}", "fetch or copy the archive again"
        ) from error


def _is_file(header: tarfile.TarInfo) -> bool:
    return header.isreg() and not header.issparse()


def _unpacked(file: BinaryIO, stack: ExitStack) -> IO[bytes]:
    start = file.read(max(len(magic) for magic, _ in _PACKINGS))
    file.seek(0)
    for magic, unpack in _PACKINGS:
        if start.startswith(magic):
            unpacked = cast(io.RawIOBase, stack.enter_context(unpack(file)))
            return stack.enter_context(io.BufferedReader(unpacked, _PIECE))
    return file


def _open_tar(place: str, stream: _ForwardStream) -> tarfile.TarFile:
    try:
        return tarfile.open(fileobj=cast(IO[bytes], stream), mode="r:")
    except tarfile.TarError as error:
        raise SourceError(
            f"`{place}` is not a tar archive",
            "write `archive:FILE` with a `.tar`, `.tar.xz`, `.tar.gz`, `.tar.bz2` or `.tar.zst`",
        ) from error


def _reason(error: BaseException) -> str:
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return (text[:1].lower() + text[1:]).rstrip(".") or "the data ends too early"


_KEPT = 64 * 1024 * 1024
"""Bytes of files kept after a pass, because the next question is often about the same ones."""


class _Kept:
    """The files read last, up to a number of bytes."""

    def __init__(self) -> None:
        self._files: dict[str, bytes] = {}
        self._size = 0

    def get(self, path: str) -> bytes | None:
        """A file's bytes if they are kept; now it is the newest."""
        if path in self._files:
            self._files[path] = self._files.pop(path)
        return self._files.get(path)

    def add(self, path: str, data: bytes) -> None:
        """Keep a file, and let the oldest go."""
        self._size += len(data) - len(self._files.pop(path, b""))
        self._files[path] = data
        while self._size > _KEPT:
            self._size -= len(self._files.pop(next(iter(self._files))))


def _no_file(_: str) -> bool:
    return False


class ArchiveSource(Source):
    """An archive with the tree in its one top-level directory.

    Its beginning is looked at when it is opened, the rest when it is needed. Raises SourceError if
    there is no such file, or it is no tar archive.
    """

    searchable = True

    def tags(self) -> Sequence[str]:
        """None: an archive does not say what it was made from."""
        return ()

    def __init__(self, spec: SourceSpec, pin: Pin) -> None:
        super().__init__(spec, pin)
        place = spec.place
        file = Path(place).expanduser()
        if file.is_dir():
            raise SourceError(f"`{place}` is a directory", f"write `tree:{place}` or `git:{place}`")
        if not file.exists():
            raise SourceError(f"there is no file `{place}`")
        if not file.is_file():
            raise SourceError(f"`{place}` is not a regular file")
        self._place = str(file)
        self._listing: Listing | None = None
        self._kept = _Kept()
        with closing(self._pass(_no_file)) as beginning:
            next(beginning, None)

    def read_one(self, path: str) -> ReadResult:
        return next(self.read([path]))

    def read(self, paths: Iterable[str]) -> Iterator[ReadResult]:
        """As in any source, and all in one pass, which ends as soon as they are found.

        Links may take a second pass. The results are held in memory together.
        """
        wanted = sorted(set(paths))
        texts = self._collect({path for path in wanted if not refusal(path)})
        located = {path: path if path in texts else self._list().locate(path) for path in wanted}
        targets = {place for place in located.values() if isinstance(place, str)}
        texts |= self._collect(targets - texts.keys())
        for path, place in located.items():
            yield text_of(path, texts[place]) if isinstance(place, str) else place

    def listing(self) -> Listing:
        return self._list()

    def paths(self) -> Sequence[str]:
        return tuple(self._list().files())

    def search(self, scan: WordScan, progress: ScanProgress) -> None:
        for path, _, data in self._pass(is_searched, progress):
            if data is not None and scan.look(path, data):
                self._kept.add(path, data)

    def stream(
        self, wanted: Callable[[str], bool], progress: ScanProgress = silent
    ) -> Iterator[tuple[str, bytes]]:
        for path, entry, data in self._pass(wanted, progress):
            if entry.kind is EntryKind.FILE and data is not None and wanted(path):
                yield path, data

    def close(self) -> None:
        self._kept = _Kept()

    def _collect(self, paths: Collection[str]) -> dict[str, bytes | None]:
        """The bytes of those of the paths that are regular files; None for the too large."""
        texts: dict[str, bytes | None] = {
            path: kept for path in paths if (kept := self._kept.get(path)) is not None
        }
        rest = set(paths) - texts.keys()
        if self._listing is not None:
            known = self._listing.entries
            rest = {path for path in rest if path in known and known[path].kind is EntryKind.FILE}
        if not rest:
            return texts
        with closing(self._pass(rest.__contains__)) as found:
            for path, entry, data in found:
                if path in rest and entry.kind is EntryKind.FILE:
                    rest.discard(path)
                    texts[path] = data
                    if data is not None:
                        self._kept.add(path, data)
                    if not rest:
                        break
        return texts

    def _list(self) -> Listing:
        return self._listing or Listing({path: entry for path, entry, _ in self._pass(_no_file)})

    def _pass(
        self, wanted: Callable[[str], bool], progress: ScanProgress = silent
    ) -> Generator[tuple[str, Entry, bytes | None], None, None]:
        """Go through the archive; a pass that is not left early makes the listing."""
        entries: dict[str, Entry] = {}
        place, inside = self._place, _Names(self._place).inside
        with ExitStack() as stack:
            try:
                file = stack.enter_context(Path(place).open("rb", _PIECE))
                size = Path(place).stat().st_size
            except OSError as error:
                raise SourceError(f"`{place}` cannot be opened: {_reason(error)}") from error
            members = _members(place, file, stack, lambda name: wanted(inside(name)))
            for count, (header, data) in enumerate(members):
                path = inside(header.name)
                if path and path not in entries:
                    entries[path] = _entry(path, header, inside)
                    yield path, entries[path], data
                if count % _STEP == 0:
                    progress(file.tell(), size)
            progress(size, size)
        self._listing = Listing(entries)


class _Names:
    """The names of an archive's members, without the one directory that all of them are in."""

    def __init__(self, place: str) -> None:
        self._place = place
        self._top = ""

    def inside(self, name: str) -> str:
        """A member's path in the tree; empty for the tree itself and for what is outside.

        Raises SourceError if the members are in more than one directory.
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


def _entry(path: str, header: tarfile.TarInfo, inside: Callable[[str], str]) -> Entry:
    if header.issym():
        return Entry(EntryKind.LINK, content=header.linkname)
    if header.islnk():
        target, folder = inside(header.linkname), posixpath.dirname(path) or "."
        return Entry(EntryKind.LINK, content=posixpath.relpath(target, folder) if target else "/")
    if header.isdir():
        return Entry(EntryKind.DIRECTORY)
    return Entry(EntryKind.FILE if _is_file(header) else EntryKind.SPECIAL, header.size)

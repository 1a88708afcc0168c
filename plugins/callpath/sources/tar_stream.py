"""One pass over a tar archive, however it is packed. Holds no more than one file in memory."""

import bz2
import gzip
import lzma
import sys
import tarfile
import zlib
from collections.abc import Callable, Generator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, cast

from callpath.core.errors import SourceError
from callpath.sources.content import LARGEST
from callpath.sources.source import Progress

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

_PIECE = 1 << 20
"""Bytes unpacked at once."""

_STEP = 500
"""Members between two reports of progress."""

_PACKINGS: tuple[tuple[bytes, Callable[[BinaryIO], object]], ...] = (
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


@dataclass(frozen=True, slots=True)
class Member:
    """One member of an archive.

    Attributes:
        header: Its header; the name in it is as the archive has it.
        data: Its bytes, or nothing when they were not asked for.
    """

    header: tarfile.TarInfo
    data: bytes | None


class _ForwardStream:
    """A stream that is only read onwards, with the methods that `tarfile` asks for.

    Parameters:
        stream: The unpacked archive.

    Attributes:
        last: What was read last.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self.last = b""
        self._stream = stream
        self._piece = b""
        self._at = 0
        self._position = 0

    def read(self, count: int) -> bytes:
        """The next bytes; fewer at the end."""
        if count > LARGEST:
            raise tarfile.ReadError("a header is too large")
        parts: list[bytes] = []
        while count and (self._at < len(self._piece) or self._more()):
            part = self._piece[self._at : self._at + count]
            self._pass(len(part))
            count -= len(part)
            parts.append(part)
        self.last = parts[0] if len(parts) == 1 else b"".join(parts)
        return self.last

    def seek(self, position: int) -> None:
        """Go on to a position that has not been passed, or to the end if that comes first."""
        left = position - self._position
        if left < 0:
            raise tarfile.ReadError("a member begins before the one in front of it ends")
        while left and (self._at < len(self._piece) or self._more()):
            step = min(left, len(self._piece) - self._at)
            self._pass(step)
            left -= step

    def tell(self) -> int:
        """How many bytes have been passed."""
        return self._position

    def _pass(self, count: int) -> None:
        self._at += count
        self._position += count

    def _more(self) -> bool:
        self._piece = self._stream.read(_PIECE)
        self._at = 0
        return bool(self._piece)


def members(
    place: str,
    wanted: Callable[[tarfile.TarInfo], bool],
    progress: Progress | None = None,
) -> Generator[Member, None, None]:
    """Every member of an archive, in its order, in one pass.

    Parameters:
        place: The archive's file.
        wanted: Whether the bytes of a member are to be read; never asked for larger ones than
            `LARGEST`, nor for what is no regular file.
        progress: Told how many of the file's bytes are done, and how many there are.

    Raises:
        SourceError: It is no tar archive, or it is damaged.
    """
    with ExitStack() as stack:
        try:
            file = stack.enter_context(Path(place).open("rb"))
            size = Path(place).stat().st_size
        except OSError as error:
            raise SourceError(f"`{place}` cannot be opened: {_reason(error)}") from error
        for count, member in enumerate(_unpack(place, file, stack, wanted)):
            yield member
            if progress is not None and count % _STEP == 0:
                progress(file.tell(), size)
        if progress is not None:
            progress(size, size)


def _unpack(
    place: str, file: BinaryIO, stack: ExitStack, wanted: Callable[[tarfile.TarInfo], bool]
) -> Generator[Member, None, None]:
    last = ""
    try:
        stream = _ForwardStream(_unpacked(file, stack))
        archive = stack.enter_context(_open_tar(place, stream))
        while (header := archive.next()) is not None:
            # Without this the headers of a whole kernel pile up; typeshed does not know the list.
            archive.members.clear()  # type: ignore[attr-defined]
            data = None
            if (
                header.isreg()
                and not header.issparse()
                and header.size <= LARGEST
                and wanted(header)
            ):
                stream.seek(header.offset_data)
                data = stream.read(header.size)
                if len(data) != header.size:
                    raise EOFError("the archive ends in a file")
            yield Member(header, data)
            last = header.name
        # `tarfile` takes a broken header for the end; the real end is a block of zeros.
        if stream.last.strip(b"\0") or not stream.last:
            raise EOFError("the archive has no end")
    except _DAMAGE as error:
        where = f"after `{last}`" if last else "at its beginning"
        raise SourceError(
            f"`{place}` is damaged {where}: {_reason(error)}", "fetch or copy the archive again"
        ) from error


def _unpacked(file: BinaryIO, stack: ExitStack) -> IO[bytes]:
    start = file.read(max(len(magic) for magic, _ in _PACKINGS))
    file.seek(0)
    for magic, unpack in _PACKINGS:
        if start.startswith(magic):
            return stack.enter_context(cast(IO[bytes], unpack(file)))
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

"""A directory as a source: `tree:DIR`. Never blocks, never leaves the directory."""

import errno
import hashlib
import os
import posixpath
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import cached_property, partial
from pathlib import Path

from callpath.findings import SourceError, reason
from callpath.model import Pin
from callpath.sources.base import (
    BROKEN_LINK,
    LARGE,
    LARGEST,
    Entry,
    EntryKind,
    Listing,
    Missing,
    ReadResult,
    ScanProgress,
    Source,
    SourceSpec,
    Unreadable,
    follow,
    is_searched,
    silent,
    text_of,
)
from callpath.sources.git import tags_of_checkout
from callpath.sources.search import UnreadFile, WordScan, search_parts

DENIED = "may not be read (permission denied)"

_STEP = 1000  # files between two reports of progress


class TreeSource(Source):
    """A directory; raises SourceError if it does not exist."""

    searchable = True
    reads_at_once = True

    def __init__(self, spec: SourceSpec, pin: Pin) -> None:
        super().__init__(spec, pin)
        place = spec.place
        directory = Path(place).expanduser()
        if directory.is_file():
            raise SourceError(
                f"`{place}` is a file, not a directory", f"for an archive, write `archive:{place}`"
            )
        if not directory.is_dir():
            raise SourceError(f"there is no directory `{place}`")
        self._root = str(directory.resolve())

    def read_one(self, path: str) -> ReadResult:
        followed = follow(path, self._target_of)
        if isinstance(followed, Unreadable):
            return followed
        leads_to, linked = followed
        data = _read_file(f"{self._root}/{leads_to}")
        if data is None:
            return Unreadable(path, BROKEN_LINK) if linked else Missing(path)
        return text_of(path, data) if isinstance(data, bytes) else Unreadable(path, data)

    def tags(self) -> Sequence[str]:
        """Those of the commit, if the directory is the top of a git checkout."""
        return tags_of_checkout(Path(self._root))

    def tree(self) -> str:
        """A digest of what is there, by sizes and times; empty if any has only just changed.

        It is looked at each time, so that whoever asks again learns of a change meanwhile.
        """
        digest, newest = hashlib.sha256(), 0
        for path, found in sorted(_states(self._root)):
            times = (found.st_mtime_ns, found.st_ctime_ns)
            state = (path, found.st_mode, found.st_ino, found.st_size, *times)
            digest.update(repr(state).encode("utf-8", "surrogatepass"))
            newest = max(newest, *times)
        return digest.hexdigest()[:40] if time.time_ns() - newest > _SETTLED else ""

    def listing(self) -> Listing:
        """As in any source; what may not be listed is left out, as is `.git`."""
        return self._listing

    @cached_property
    def _listing(self) -> Listing:
        return Listing(dict(sorted(_walk(self._root))))

    def paths(self) -> Sequence[str]:
        """As in any source; what may not be listed is left out."""
        return self._paths

    @cached_property
    def _paths(self) -> tuple[str, ...]:
        return tuple(self._listing.files())

    def search(self, scan: WordScan, progress: ScanProgress) -> None:
        files = list(filter(is_searched, self.paths()))
        parts = [files[start : start + _STEP] for start in range(0, len(files), _STEP)]

        def done(count: int) -> None:
            progress(min(count * _STEP, len(files)), len(files))

        search_parts(scan, parts, partial(_unread, self._root), done, self.workers)

    def stream(
        self, wanted: Callable[[str], bool], progress: ScanProgress = silent
    ) -> Iterator[tuple[str, bytes]]:
        files = sorted(self._listing.wanted(wanted))
        for count, path in enumerate(files, 1):
            data = _read_file(f"{self._root}/{path}")
            if isinstance(data, bytes) and len(data) <= LARGEST:
                yield path, data
            if count % _STEP == 0 or count == len(files):
                progress(count, len(files))

    def _target_of(self, path: str) -> str | None:
        place = f"{self._root}/{path}"
        try:
            target = str(Path(place).readlink())
        except (OSError, ValueError):
            return None
        if target.startswith(f"{self._root}/"):
            return posixpath.relpath(target, posixpath.dirname(place))
        return target


def _walk(root: str) -> Iterator[tuple[str, Entry]]:
    """What is below a directory, in no order; links are not followed."""
    pending = [""]
    while pending:
        above = pending.pop()
        try:
            with os.scandir(f"{root}/{above}") as entries:
                for entry in entries:
                    if entry.name == ".git":
                        continue
                    path = above + entry.name
                    yield path, _ENTRIES[kind := _kind(entry)]
                    if kind is EntryKind.DIRECTORY:
                        pending.append(f"{path}/")
        except OSError:
            continue


_SETTLED = 2 * 10**9  # nanoseconds after which another change is sure to change a file's times


def _states(root: str) -> Iterator[tuple[str, os.stat_result]]:
    """The state of everything below a directory, in no order; links are not followed."""
    pending = [""]
    while pending:
        above = pending.pop()
        try:
            with os.scandir(f"{root}/{above}") as entries:
                for entry in entries:
                    if entry.name != ".git":
                        yield above + entry.name, entry.stat(follow_symlinks=False)
                        if entry.is_dir(follow_symlinks=False):
                            pending.append(f"{above}{entry.name}/")
        except OSError:
            continue


_ENTRIES = {kind: Entry(kind) for kind in EntryKind}


def _kind(entry: "os.DirEntry[str]") -> EntryKind:
    if entry.is_file(follow_symlinks=False):
        return EntryKind.FILE
    if entry.is_dir(follow_symlinks=False):
        return EntryKind.DIRECTORY
    return EntryKind.LINK if entry.is_symlink() else EntryKind.SPECIAL


def _read_file(place: str) -> bytes | str | None:
    """A file's bytes, cut off behind `LARGEST`; why there are none; None if it is missing."""
    try:
        # A FIFO or a device must not be opened: that could block, or start something.
        mode = os.lstat(place).st_mode
        if not stat.S_ISREG(mode):
            return (EntryKind.DIRECTORY if stat.S_ISDIR(mode) else EntryKind.SPECIAL).value
        with open(place, "rb", buffering=0) as file:  # noqa: PTH123 - Path costs on 60,000 files
            if os.fstat(file.fileno()).st_size > LARGEST:
                return LARGE
            return file.readall()
    except PermissionError:
        return DENIED
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        is_missing = error.errno == errno.ENAMETOOLONG
        return None if is_missing else f"cannot be read ({reason(error)})"


_OPENING = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
"""How a file is opened that was listed as a regular one, and may be something else by now."""


def _unread(root: str, files: Sequence[str]) -> Iterator[UnreadFile]:
    """The regular files that can be opened and are not too large, each open until the next one."""
    for path in files:
        try:
            file = os.open(f"{root}/{path}", _OPENING)
        except OSError:
            continue
        try:
            state = os.fstat(file)
            if stat.S_ISREG(state.st_mode) and state.st_size <= LARGEST:
                yield path, state.st_size, partial(_fill, file)
        finally:
            os.close(file)


def _fill(file: int, room: memoryview) -> int:
    had = 0
    with suppress(OSError):  # of a file that breaks off there is what could be read
        while had < len(room) and (count := os.readv(file, [room[had:]])):
            had += count
    return had

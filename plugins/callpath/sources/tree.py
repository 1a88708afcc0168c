"""A directory as a source: `tree:DIR`. Never blocks, never leaves the directory."""

import errno
import os
import posixpath
import stat
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import msgspec

from callpath.findings import SourceError, reason
from callpath.languages import SEARCHED
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
    SourceSpec,
    Unreadable,
    follow,
    silent,
    text_of,
)
from callpath.sources.git import tags_of_checkout
from callpath.sources.known_words import KnowingSource, KnownWords
from callpath.sources.looking import Look, folder_of
from callpath.sources.search import WordScan
from callpath.sources.shares import State, read_regular, state_at, state_of

DENIED = "may not be read (permission denied)"

_STEP = 1000  # files between two reports of progress
_FOLDERS = "searched folders"


class TreeSource(KnowingSource):
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
        self._read: dict[str, State | None] = {}  # what was read before there was a look
        self._is_changed = False  # whether anything that was read is not what the look saw

    def close(self) -> None:
        if "_look" in self.__dict__:
            self._look.close()

    @cached_property
    def _look(self) -> Look:
        """The one look at the whole directory: what is listed and searched, and what `tree` is of.

        What is read is compared with it.
        """
        look = Look(self._root, self.jobs)
        self._is_changed = any(look.state(path) != state for path, state in self._read.items())
        return look

    def _note(self, path: str, state: State | None) -> None:
        """Note the state of what was read at a path without links."""
        if "_look" not in self.__dict__:
            self._read[path] = state
        elif self._look.state(path) != state:
            self._is_changed = True

    def read_one(self, path: str) -> ReadResult:
        followed = follow(path, self._target_of)
        if isinstance(followed, Unreadable):
            return followed
        leads_to, linked = followed
        data, state = _read_file(f"{self._root}/{leads_to}")
        if leads_to:
            self._note(leads_to, state)
        if data is None:
            return Unreadable(path, BROKEN_LINK) if linked else Missing(path)
        return text_of(path, data) if isinstance(data, bytes) else Unreadable(path, data)

    def tags(self) -> Sequence[str]:
        """Those of the commit, if the directory is the top of a git checkout."""
        return tags_of_checkout(Path(self._root))

    def tree(self) -> str:
        """A digest of what is there, by sizes and times, as of the one look at it.

        It is empty if any of it had only just changed then, or if anything that was read since is
        not what was seen.
        """
        return self._look.id if self._look.is_settled and not self._is_changed else ""

    def listing(self) -> Listing:
        """As in any source; what may not be listed is left out, as is `.git`."""
        return self._listing

    @cached_property
    def _listing(self) -> Listing:
        return Listing({path: _ENTRIES[_kind(mode)] for path, mode in sorted(self._look)})

    def paths(self) -> Sequence[str]:
        """As in any source; what may not be listed is left out."""
        return self._paths

    @cached_property
    def _paths(self) -> tuple[str, ...]:
        return tuple(self._listing.files())

    def search(self, scan: WordScan, progress: ScanProgress) -> None:
        self._look_through(None, scan, progress)

    def _look_through(
        self, folders: Collection[bytes] | None, scan: WordScan, progress: ScanProgress
    ) -> None:
        """Show a scan the files in some folders, or all."""
        hits, is_same = self._look.search(scan.words, SEARCHED, LARGEST, progress, folders)
        self._is_changed |= not is_same
        for path, words in sorted(hits.items()):
            data = self._data(path) if scan.sees_texts else b""
            if data is not None:
                scan.see(path, data, words)

    def search_changed(
        self, tree: str, scan: WordScan, progress: ScanProgress
    ) -> Callable[[str], bool] | None:
        data = self.store.get(_FOLDERS, KnownWords(self.store, tree).maker, tree)
        if data is None:
            return None
        before = msgspec.msgpack.decode(data, type=dict[bytes, bytes])
        now = self._look.folders
        changed = {path for path, _ in now.items() ^ before.items()}
        self._look_through(changed & now.keys(), scan, progress)
        return lambda path: folder_of(path) in changed

    def _keep(self, known: KnownWords, found: Mapping[str, Sequence[str]]) -> None:
        super()._keep(known, found)
        if known.tree:
            data = msgspec.msgpack.encode(self._look.folders)
            self.store.put(_FOLDERS, known.maker, known.tree, data)

    def stream(
        self, wanted: Callable[[str], bool], progress: ScanProgress = silent
    ) -> Iterator[tuple[str, bytes]]:
        files = sorted(self._listing.wanted(wanted))
        for count, path in enumerate(files, 1):
            data = self._data(path)
            if data is not None:
                yield path, data
            if count % _STEP == 0 or count == len(files):
                progress(count, len(files))

    def _data(self, path: str) -> bytes | None:
        """The bytes of a file that was listed; None if they cannot be read, or are too many."""
        place = f"{self._root}/{path}"
        try:
            data, state = read_regular(place, LARGEST)
        except OSError:
            self._note(path, state_at(place))
            return None
        self._note(path, state)
        return data

    def _target_of(self, path: str) -> str | None:
        place = f"{self._root}/{path}"
        try:
            target = str(Path(place).readlink())
        except (OSError, ValueError):
            return None
        self._note(path, state_at(place))
        if target.startswith(f"{self._root}/"):
            return posixpath.relpath(target, posixpath.dirname(place))
        return target


_ENTRIES = {kind: Entry(kind) for kind in EntryKind}


def _kind(mode: int) -> EntryKind:
    if stat.S_ISREG(mode):
        return EntryKind.FILE
    if stat.S_ISDIR(mode):
        return EntryKind.DIRECTORY
    return EntryKind.LINK if stat.S_ISLNK(mode) else EntryKind.SPECIAL


def _read_file(place: str) -> tuple[bytes | str | None, State | None]:
    """A file's bytes, or why there are none, or None if it is missing; and its state."""
    try:
        # A FIFO or a device must not be opened: that could block, or start something.
        state = state_of(os.lstat(place))
        if not stat.S_ISREG(state[0]):
            return _kind(state[0]).value, state
        data, state = read_regular(place, LARGEST)
    except PermissionError:
        return DENIED, state_at(place)
    except (FileNotFoundError, NotADirectoryError):
        return None, None
    except OSError as error:
        is_missing = error.errno == errno.ENAMETOOLONG
        return None if is_missing else f"cannot be read ({reason(error)})", None
    return LARGE if data is None else data, state

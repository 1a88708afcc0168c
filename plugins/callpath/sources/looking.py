"""A look at all that is below a directory, and a search in the files that it saw.

A look has the kind, size, times and inode of everything, folder by folder; no link is followed, and
`.git` is left out. A file counts as what the look saw only if its state is still the same once it
was read: so an answer is surely one of the look, whatever changes meanwhile.

Several processes look at a large tree, each at a share of its folders, and search there. Little is
imported, so that they start at once.
"""

import hashlib
import os
import stat
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property, partial
from pathlib import Path
from typing import IO, TypeAlias, TypeVar

import msgspec

from callpath.sources.finder import PACK, UnreadFile, WordFinder, is_binary, packed

SETTLED = 2 * 10**9
"""Nanoseconds after which another change is sure to change a file's times."""

_MANY = 400
"""Folders that are to be looked into; fewer are done before another process has started."""
_MOST_PROCESSES = 8
_STEP = 500  # folders between two reports of progress

_OPENING = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
"""How a file is opened that was listed as a regular one, and may be something else by now."""

State: TypeAlias = tuple[int, int, int, int, int]
"""What changes when a file does: mode, size in bytes, time of the last change of its bytes and of
anything, in nanoseconds, inode. A folder has its mode alone: what is in it says the rest."""

Hit: TypeAlias = tuple[bytes, list[int]]
"""The path of a text, and the numbers of the words that it holds, ascending."""

T = TypeVar("T")


def state_of(found: os.stat_result) -> State:
    """The state of what was found."""
    mode = found.st_mode
    if stat.S_ISDIR(mode):
        return (mode, 0, 0, 0, 0)
    return (mode, found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)


def state_at(place: str | bytes) -> State | None:
    """The state of what is at a place; None if there is nothing, or it cannot be seen."""
    try:
        return state_of(os.lstat(place))
    except (OSError, ValueError):
        return None


def read_regular(place: str | bytes, largest: int) -> tuple[bytes | None, State]:
    """The bytes of a regular file, and its state once they were read; it is never waited for.

    None if it has more bytes than `largest`, or is no regular file. Raises OSError if it cannot be
    opened.
    """
    file = os.open(place, _OPENING)
    try:
        found = os.fstat(file)
        if not stat.S_ISREG(found.st_mode) or found.st_size > largest:
            return None, state_of(found)
        size = found.st_size
        data = os.read(file, size + 1)
        while len(data) != size and (more := os.read(file, largest)):
            data += more
        return data, state_of(os.fstat(file))
    finally:
        os.close(file)


def _fill(file: int, room: memoryview) -> int:
    """Read an open file into a room; of one that breaks off there is what could be read."""
    had = 0
    with suppress(OSError):
        while had < len(room) and (count := os.readv(file, [room[had:]])):
            had += count
    return had


class Look:
    """What was below a directory when it was looked at. To be closed at the end.

    Parameters:
        jobs: How many processes look and search at the same time where that is worth it; this one
            is the first of them.

    Attributes:
        is_settled: Whether the last change is so old that another one would be seen.
    """

    def __init__(self, root: str, jobs: int = 1) -> None:
        began = time.time_ns()
        self._root = os.fsencode(root)
        own = _Share(self._root)
        pending = own.look([b""], _MANY)
        jobs = min(jobs, _MOST_PROCESSES) if pending else 1
        shares = [pending[number::jobs] for number in range(jobs)]
        self._helpers = [_Helper(self._root, share) for share in shares[1:]]
        own.look(shares[0])
        for helper in self._helpers:
            seen = helper.seen()
            own.states |= seen.states
            own.newest = max(own.newest, seen.newest)
        self._states = own.states
        self._last: tuple[bytes, Mapping[bytes, State]] | None = None  # a folder, and what is in it
        self.is_settled = began - own.newest > SETTLED

    @cached_property
    def id(self) -> str:
        """A digest of all that was seen, 40 hex digits."""
        digest = hashlib.sha256()
        for folder, data in sorted(self._states.items()):
            digest.update(b"%d %d " % (len(folder), len(data)))
            digest.update(folder)
            digest.update(data)
        return digest.hexdigest()[:40]

    @cached_property
    def folders(self) -> Mapping[bytes, bytes]:
        """A digest of what is in each folder, by its path: empty, or with a `/` at the end."""
        return {
            folder: hashlib.blake2b(data, digest_size=8).digest()
            for folder, data in self._states.items()
        }

    def __iter__(self) -> Iterator[tuple[str, int]]:
        """The path and the mode of everything, folder by folder."""
        for folder, data in self._states.items():
            above = os.fsdecode(folder)
            for name, state in _opened(data):
                yield above + os.fsdecode(name), state[0]

    def state(self, path: str) -> State | None:
        """The state of what was at a path; None if there was nothing."""
        folder = folder_of(path)
        name = os.fsencode(path).removeprefix(folder)
        if self._last is None or self._last[0] != folder:
            data = self._states.get(folder)
            self._last = (folder, dict(_opened(data)) if data else {})
        return self._last[1].get(name)

    def search(
        self,
        words: Sequence[str],
        endings: tuple[str, ...],
        largest: int,
        progress: Callable[[int, int], None],
        among: Collection[bytes] | None = None,
    ) -> tuple[dict[str, list[str]], bool]:
        """The words of each text that holds any; and whether all files still are as the look saw.

        Parameters:
            endings: Those of the files that are searched.
            largest: Bytes of the largest file that is.
            progress: As of a source; folders are counted.
            among: The folders that are searched, by this process alone; by default all.
        """
        encoded = ([word.encode() for word in words], [ending.encode() for ending in endings])
        question = _Question(*encoded, largest)
        helpers = self._helpers if among is None else []
        shares = self._dealt(self._states if among is None else among, len(helpers) + 1)
        for helper, share in zip(helpers, shares[1:], strict=True):
            helper.ask(question, share)
        found = [_Share(self._root, shares[0]).search(question, progress)]
        found += (helper.found() for helper in helpers)
        hits = {
            os.fsdecode(path): [words[number] for number in numbers]
            for each in found
            for path, numbers in each.hits
        }
        return hits, all(each.is_same for each in found)

    def _dealt(self, folders: Iterable[bytes], count: int) -> list[dict[bytes, bytes]]:
        """Folders in so many shares that take equally long, with what is in each."""
        by_size = sorted(folders, key=lambda folder: (len(self._states[folder]), folder))
        shares = (by_size[number::count] for number in range(count))
        return [{folder: self._states[folder] for folder in share} for share in shares]

    def close(self) -> None:
        """End the other processes."""
        for helper in self._helpers:
            helper.close()


def folder_of(path: str) -> bytes:
    """The folder that a path is in, as a look calls it."""
    return b"".join(os.fsencode(path).rpartition(b"/")[:2])


def _opened(data: bytes) -> list[tuple[bytes, State]]:
    """What is in a folder, by name."""
    return _FOLDER.decode(data)


_FOLDER = msgspec.msgpack.Decoder(list[tuple[bytes, State]])


class _Question(msgspec.Struct, array_like=True, frozen=True):
    words: list[bytes]
    endings: list[bytes]
    largest: int


class _Found(msgspec.Struct, array_like=True, frozen=True):
    hits: list[Hit]
    is_same: bool  # whether all that was read is what was seen


class _Share:
    """Some folders below a directory.

    Attributes:
        states: What is in each, packed, by its path: empty, or with a `/` at the end.
        newest: When anything of it changed last, in nanoseconds.
    """

    def __init__(self, root: bytes, states: dict[bytes, bytes] | None = None) -> None:
        self.states = states or {}
        self.newest = 0
        self._root = root + b"/"

    def look(self, folders: Iterable[bytes], enough: int = 0) -> list[bytes]:
        """Look into folders and those in them, until so many are left, which are returned."""
        pending = deque(folders)
        while pending and not 0 < enough <= len(pending):
            pending += self._look_into(pending.popleft())
        return list(pending)

    def _look_into(self, folder: bytes) -> list[bytes]:
        """Look into a folder, unless that is forbidden; returns the folders in it."""
        found: list[tuple[bytes, State]] = []
        inner: list[bytes] = []
        newest = self.newest
        with suppress(OSError), os.scandir(self._root + folder) as entries:
            for entry in entries:
                if (name := entry.name) == b".git":
                    continue
                state = state_of(entry.stat(follow_symlinks=False))
                found.append((name, state))
                if stat.S_ISDIR(state[0]):
                    inner.append(folder + name + b"/")
                else:
                    newest = max(newest, state[2], state[3])
        found.sort()
        self.newest = newest
        self.states[folder] = msgspec.msgpack.encode(found)
        return inner

    def search(
        self, question: _Question, progress: Callable[[int, int], None] = lambda _done, _total: None
    ) -> _Found:
        """The texts that hold words."""
        finder, buffer = WordFinder(question.words), bytearray(PACK)
        hits: list[Hit] = []
        changed: list[bytes] = []
        for pack in packed(self._unread(question, changed, progress), buffer):
            for number, words in finder.in_files(pack).items():
                if not is_binary(pack.text(number)):
                    hits.append((pack.names[number], sorted(words)))
        return _Found(hits, not changed)

    def _unread(
        self, question: _Question, changed: list[bytes], progress: Callable[[int, int], None]
    ) -> Iterator[UnreadFile[bytes]]:
        """The files that are searched, each open until the next; notes those that have changed."""
        endings, largest = tuple(question.endings), question.largest
        for count, (folder, data) in enumerate(self.states.items(), 1):
            for name, state in _opened(data):
                mode, size = state[:2]
                if size > largest or not name.endswith(endings) or not stat.S_ISREG(mode):
                    continue
                path = folder + name
                try:
                    file = os.open(self._root + path, _OPENING)
                except OSError:
                    if state_at(self._root + path) != state:
                        changed.append(path)
                    continue
                try:
                    yield path, size, partial(_fill, file)
                    now = state_of(os.fstat(file))
                    if now != state:
                        changed.append(path)
                        if stat.S_ISREG(now[0]) and now[1] <= largest:
                            os.lseek(file, 0, os.SEEK_SET)
                            yield path, now[1], partial(_fill, file)
                finally:
                    os.close(file)
            if not count % _STEP or count == len(self.states):
                progress(count, len(self.states))


class _Seen(msgspec.Struct, array_like=True, frozen=True):
    newest: int
    states: dict[bytes, bytes]


class _Helper:
    """Another process, which looks at a share of the folders, and searches in one.

    Whatever happens to it, the answers are right: what it does not answer is done here.
    """

    def __init__(self, root: bytes, folders: list[bytes]) -> None:
        self._root, self._folders = root, folders
        self._question, self._states = _Question([], [], 0), dict[bytes, bytes]()
        self._process: subprocess.Popen[bytes] | None = None
        # Without what a site adds to Python, which takes longer than to look at a small tree.
        package = str(Path(__file__).parents[2])
        paths = [os.path.abspath(path) for path in (package, *sys.path)]  # noqa: PTH100
        command = [sys.executable or "python3", "-ISB", "-c", _PROGRAM, *paths]
        with suppress(OSError):
            self._process = subprocess.Popen(  # noqa: S603 - this interpreter, and this module
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        self._send((root, folders))

    def seen(self) -> _Seen:
        """What is in the folders, and in those in them."""
        return self._receive(_Seen) or _seen(self._root, self._folders)

    def ask(self, question: _Question, states: dict[bytes, bytes]) -> None:
        """Have it search."""
        self._question, self._states = question, states
        self._send((question, states))

    def found(self) -> _Found:
        """What it found."""
        own = _Share(self._root, self._states)
        return self._receive(_Found) or own.search(self._question)

    def _send(self, message: object) -> None:
        if self._process and self._process.stdin:
            try:
                _write(self._process.stdin, message)
            except OSError:
                self.close()

    def _receive(self, kind: type[T]) -> T | None:
        if self._process and self._process.stdout:
            with suppress(EOFError, msgspec.DecodeError):
                return _read(self._process.stdout, kind)
            self.close()
        return None

    def close(self) -> None:
        """End it."""
        process, self._process = self._process, None
        if process:
            process.kill()
            process.communicate()


_PROGRAM = """\
import sys
sys.path[:0] = sys.argv[1:]
from callpath.sources import looking
looking.help_another()
"""


def help_another() -> None:
    """Look and search for the process at the other end of standard input and output."""
    given, taken = sys.stdin.buffer, sys.stdout.buffer
    with suppress(EOFError, BrokenPipeError):
        root, folders = _read(given, tuple[bytes, list[bytes]])
        _write(taken, _seen(root, folders))
        while True:
            question, states = _read(given, tuple[_Question, dict[bytes, bytes]])
            _write(taken, _Share(root, states).search(question))


def _seen(root: bytes, folders: list[bytes]) -> _Seen:
    share = _Share(root)
    share.look(folders)
    return _Seen(share.newest, share.states)


def _write(pipe: IO[bytes], message: object) -> None:
    data = msgspec.msgpack.encode(message)
    pipe.write(len(data).to_bytes(8, "big") + data)
    pipe.flush()


def _read(pipe: IO[bytes], kind: type[T]) -> T:
    """The next message. Raises EOFError if there is none any more."""
    size = pipe.read(8)
    data = pipe.read(int.from_bytes(size, "big"))
    if len(size) < 8 or len(data) < int.from_bytes(size, "big"):
        raise EOFError
    return msgspec.msgpack.decode(data, type=kind)

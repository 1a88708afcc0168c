"""What is in some folders below a directory: a look at it, and a search in the files seen there.

Imports hardly anything, so that a process of its own for it starts at once.
"""

import gc
import marshal
import os
import select
import stat
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

from callpath.sources.finder import BETWEEN, PACK, Pack, WordFinder, is_binary

State: TypeAlias = tuple[int, int, int, int, int]
"""What changes when a file does: mode, size in bytes, time of the last change of its bytes and of
anything, in nanoseconds, inode. A folder has its mode alone: what is in it says the rest."""

Hit: TypeAlias = tuple[bytes, list[int]]
"""The path of a text, and the numbers of the words that it holds, ascending."""

Question: TypeAlias = tuple[list[bytes], list[bytes], int]
"""Words, the endings of the files that are searched, and the bytes of the largest that is."""

_OPENING = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
"""How a file is opened that was listed as a regular one, and may be something else by now."""

_STEP = 500  # folders between two reports of progress
_MANY_ENOUGH = 50  # folders between two looks at whether somebody asks for a share of the rest


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


def opened(data: bytes) -> list[tuple[bytes, State]]:
    """What is in a folder by name, sorted, from what is kept of it."""
    found: list[tuple[bytes, State]] = marshal.loads(data)  # noqa: S302 - of this program
    return found


class Share:
    """Some folders below a directory.

    Attributes:
        states: What is in each, packed, by its path: empty, or with a `/` at the end.
        newest: When anything of it changed last, in nanoseconds.
        root: The directory, with a `/` at the end.
    """

    def __init__(self, root: bytes, states: dict[bytes, bytes] | None = None) -> None:
        self.states = states or {}
        self.newest = 0
        self.root = root + b"/"

    def look(self, folders: Iterable[bytes], enough: int = 0) -> list[bytes]:
        """Look into folders and those in them, until so many are left, which are returned."""
        pending = deque(folders)
        while pending and not 0 < enough <= len(pending):
            pending += self.look_into(pending.popleft())
        return list(pending)

    def look_into(self, folder: bytes) -> list[bytes]:
        """Look into a folder, unless that is forbidden; returns the folders in it."""
        found: list[tuple[bytes, State]] = []
        inner: list[bytes] = []
        newest = self.newest
        try:
            with os.scandir(self.root + folder) as entries:
                for entry in entries:
                    name, it = entry.name, entry.stat(follow_symlinks=False)
                    mode, changed = it.st_mode, it.st_ctime_ns
                    if stat.S_ISDIR(mode):
                        if name != b".git":
                            found.append((name, (mode, 0, 0, 0, 0)))
                            inner.append(folder + name + b"/")
                    elif name != b".git":
                        found.append((name, (mode, it.st_size, it.st_mtime_ns, changed, it.st_ino)))
                        newest = max(newest, changed)
        except OSError:
            pass
        found.sort()
        self.newest = newest
        # The version of the format in which equal values are equal bytes.
        self.states[folder] = marshal.dumps(found, 2)
        return inner

    def search(
        self, question: Question, progress: Callable[[int, int], None] = lambda _done, _total: None
    ) -> tuple[list[Hit], bool]:
        """The texts that hold words; and whether all that was read is still what was seen."""
        words, endings, largest = question[0], tuple(question[1]), question[2]
        finder, is_same = WordFinder(words), True
        hits: list[Hit] = []
        room = memoryview(bytearray(PACK))
        size_of_room = len(room)
        places: list[bytes] = []
        spans: list[tuple[int, int]] = []
        at = 1  # where the next file begins
        for count, (folder, data) in enumerate(self.states.items(), 1):
            above = self.root + folder
            for name, state in opened(data):
                size = state[1]
                if size > largest or not name.endswith(endings) or not stat.S_ISREG(state[0]):
                    continue
                place, end = above + name, at + size
                if end >= size_of_room:
                    hits += self._hits(finder, Pack(room[:at], places, spans))
                    places, spans, at, end = [], [], 1, 1 + size
                    if end >= size_of_room:
                        room = memoryview(bytearray(end + 1))
                        size_of_room = len(room)
                try:
                    file = os.open(place, _OPENING)
                    try:
                        is_read = os.readv(file, (room[at:end],)) == size
                        is_read = is_read and state_of(os.fstat(file)) == state
                    finally:
                        os.close(file)
                except OSError:
                    is_read = False
                if is_read:
                    room[at - 1] = room[end] = BETWEEN
                    places.append(place)
                    spans.append((at, end))
                    at = end + 1
                else:
                    text, now = _read_again(place, largest)
                    is_same = is_same and now == state
                    pack = Pack(memoryview(text), [place], [(0, len(text))])
                    hits += self._hits(finder, pack)
            if not count % _STEP or count == len(self.states):
                progress(count, len(self.states))
        hits += self._hits(finder, Pack(room[:at], places, spans))
        return hits, is_same

    def _hits(self, finder: WordFinder, pack: Pack[bytes]) -> Iterator[Hit]:
        """The texts of a pack that hold words, by their paths."""
        for number, words in finder.in_files(pack).items():
            if not is_binary(pack.text(number)):
                yield pack.names[number].removeprefix(self.root), sorted(words)


def _read_again(place: bytes, largest: int) -> tuple[bytes, State | None]:
    """What can be read of a file, and its state then; None if there is none."""
    try:
        data, state = read_regular(place, largest)
    except OSError:
        return b"", state_at(place)
    return data or b"", state


def help_another() -> None:
    """Look and search for the process at the other end of standard input and output.

    It says first at what to look, and may then ask for a share of what is left. Then it asks
    questions.
    """
    gc.disable()  # what is made here has no cycles
    try:
        root, folders = receive(0)
        share, pending = Share(root), deque(folders)
        while pending:
            pending += share.look_into(pending.popleft())
            if len(share.states) % _MANY_ENOUGH == 0 and select.select([0], [], [], 0)[0]:
                pending = deque(_without_share(list(pending)))
        send(1, (share.newest, share.states))
        while True:
            asked = receive(0)
            if isinstance(asked, int):
                send(1, [])
            else:
                question, states = asked
                send(1, Share(root, states).search(question))
    except (EOFError, BrokenPipeError):
        pass


def _without_share(pending: list[bytes]) -> list[bytes]:
    """What is left after another process has got its share, one of so many as it says."""
    count = receive(0)
    send(1, pending[::count])
    del pending[::count]
    return pending


def send(pipe: int, message: Any) -> None:
    """Send a message: what `marshal` can pack. Raises BrokenPipeError if nobody receives it."""
    data = memoryview(marshal.dumps(message))
    data = memoryview(len(data).to_bytes(8, "big") + data)
    while data:
        data = data[os.write(pipe, data) :]


def receive(pipe: int) -> Any:
    """The next message. Raises EOFError if there is none any more."""
    data = _received(pipe, int.from_bytes(_received(pipe, 8), "big"))
    return marshal.loads(data)  # noqa: S302 - from a process of this program


def _received(pipe: int, size: int) -> bytearray:
    data = bytearray()
    while len(data) < size:
        if not (more := os.read(pipe, size - len(data))):
            raise EOFError
        data += more
    return data

"""A look at all that is below a directory, and a search in the files that it saw.

A look has the kind, size, times and inode of everything, folder by folder; no link is followed, and
`.git` is left out. A file counts as what the look saw only if its state is still the same once it
was read: so an answer is surely one of the look, whatever changes meanwhile.

Several processes look at a large tree, each at a share of its folders, and search there.
"""

import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any

from callpath.sources.shares import Hit, Question, Share, State, opened, receive, send
from callpath.work import cores

SETTLED = 2 * 10**9
"""Nanoseconds after which another change is sure to change a file's times."""

_MANY = 400
"""Folders that are to be looked into; fewer are done before another process has started."""
_MOST_PROCESSES = 8


class Look:
    """What was below a directory when it was looked at. To be closed at the end.

    Parameters:
        root: The directory, absolute.
        jobs: How many processes look and search at the same time where that is worth it, this one
            included; 0: one for each core.

    Attributes:
        is_settled: Whether the last change is so old that another one would be seen.
    """

    def __init__(self, root: str, jobs: int = 1) -> None:
        begun = _BEGUN.pop(root, None) or _Beginning(root, jobs)
        self._root, self._helpers = begun.root, begun.helpers
        own = begun.finish()
        self._states = own.states
        self._last: tuple[bytes, Mapping[bytes, State]] | None = None  # a folder, and what is in it
        self.is_settled = begun.time - own.newest > SETTLED

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
            for name, state in opened(data):
                yield above + os.fsdecode(name), state[0]

    def state(self, path: str) -> State | None:
        """The state of what was at a path; None if there was nothing."""
        folder = folder_of(path)
        name = os.fsencode(path).removeprefix(folder)
        if self._last is None or self._last[0] != folder:
            data = self._states.get(folder)
            self._last = (folder, dict(opened(data)) if data else {})
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
        question: Question = (*encoded, largest)
        helpers = self._helpers if among is None else []
        shares = self._dealt(self._states if among is None else among, len(helpers) + 1)
        for helper, share in zip(helpers, shares[1:], strict=True):
            helper.ask(question, share)
        found = [Share(self._root, shares[0]).search(question, progress)]
        found += (helper.found() for helper in helpers)
        texts = {
            os.fsdecode(path): [words[number] for number in numbers]
            for hits, _ in found
            for path, numbers in hits
        }
        return texts, all(is_same for _, is_same in found)

    def _dealt(self, folders: Iterable[bytes], count: int) -> list[dict[bytes, bytes]]:
        """Folders in so many runs that take equally long, with what is in each."""
        ordered = sorted(folders)
        total = sum(len(self._states[folder]) for folder in ordered) or 1
        shares: list[dict[bytes, bytes]] = [{} for _ in range(count)]
        before = 0
        for folder in ordered:
            shares[before * count // total][folder] = self._states[folder]
            before += len(self._states[folder])
        return shares

    def close(self) -> None:
        """End the other processes."""
        for helper in self._helpers:
            helper.close()


def folder_of(path: str) -> bytes:
    """The folder that a path is in, as a look calls it."""
    return b"".join(os.fsencode(path).rpartition(b"/")[:2])


@contextmanager
def looking_ahead(roots: Iterable[str], jobs: int = 0) -> Iterator[None]:
    """Have other processes begin to look at directories, for who looks at them in this block."""
    if (jobs or cores()) > 1:
        for root in roots:
            _BEGUN[root] = _Beginning(root, jobs, ahead=True)
    try:
        yield
    finally:
        while _BEGUN:
            _BEGUN.popitem()[1].close()


class _Beginning:
    """A look that has begun.

    Attributes:
        time: When, in nanoseconds.
        helpers: The other processes; empty if there is no need for any.
    """

    def __init__(self, root: str, jobs: int, *, ahead: bool = False) -> None:
        self.time = time.time_ns()
        self.root = os.fsencode(root)
        self._jobs = min(jobs or cores(), _MOST_PROCESSES)
        self._own = Share(self.root)
        pending = self._own.look([b""], _MANY)
        # What this process does not do at once the others begin with.
        count = self._jobs - 1 if ahead else self._jobs
        shares = [pending[number::count] for number in range(count)] if pending else []
        self._pending = [] if ahead or not shares else shares.pop()
        self.helpers = [_Helper(self.root, share) for share in shares]
        self._is_ahead = ahead

    def finish(self) -> Share:
        """All that is below the directory."""
        if self._is_ahead:
            for helper in self.helpers:
                self._pending += helper.share(self._jobs)
        self._own.look(self._pending)
        for helper in self.helpers:
            newest, states = helper.seen()
            self._own.states |= states
            self._own.newest = max(self._own.newest, newest)
        return self._own

    def close(self) -> None:
        """End the other processes."""
        for helper in self.helpers:
            helper.close()


_BEGUN: dict[str, _Beginning] = {}
"""The looks that have begun and nobody has asked for, by the directory."""


class _Helper:
    """Another process, which looks at a share of the folders, and searches in one.

    Whatever happens to it, the answers are right: what it does not answer is done here.
    """

    def __init__(self, root: bytes, folders: list[bytes]) -> None:
        self._root, self._folders = root, folders
        self._question: Question = ([], [], 0)
        self._states: dict[bytes, bytes] = {}
        self._said: tuple[int, dict[bytes, bytes]] | None = None  # what it saw, if it was early
        self._process: subprocess.Popen[bytes] | None = None
        # Without what a site adds to Python, which takes longer than to look at a small tree.
        package = str(Path(__file__).parents[2])
        paths = [os.path.abspath(path) for path in (package, *sys.path)]  # noqa: PTH100
        command = [sys.executable or "python3", "-ISB", "-c", _PROGRAM, *paths]
        with suppress(OSError):
            self._process = subprocess.Popen(  # noqa: S603 - this interpreter, and this package
                command,
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        self._send((root, folders))

    def share(self, count: int) -> list[bytes]:
        """One of so many shares of the folders that it has not looked into."""
        self._send(count)
        said = self._receive()
        if isinstance(said, tuple):  # it had seen all before it was asked
            self._said, said = said, self._receive()
        return said or []

    def seen(self) -> tuple[int, dict[bytes, bytes]]:
        """When anything in the folders changed last, and what is in each and in those in them."""
        said: tuple[int, dict[bytes, bytes]] | None = self._said or self._receive()
        if said is None:
            own = Share(self._root)
            own.look(self._folders)
            said = (own.newest, own.states)
        return said

    def ask(self, question: Question, states: dict[bytes, bytes]) -> None:
        """Have it search."""
        self._question, self._states = question, states
        self._send((question, states))

    def found(self) -> tuple[list[Hit], bool]:
        """What it found."""
        said: tuple[list[Hit], bool] | None = self._receive()
        return said or Share(self._root, self._states).search(self._question)

    def _send(self, message: object) -> None:
        if self._process and self._process.stdin:
            try:
                send(self._process.stdin.fileno(), message)
            except OSError:
                self.close()

    def _receive(self) -> Any:
        """Its next message; None if there is none any more."""
        if self._process and self._process.stdout:
            try:
                return receive(self._process.stdout.fileno())
            except (EOFError, OSError, ValueError, TypeError):
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
from callpath.sources.shares import help_another
help_another()
"""

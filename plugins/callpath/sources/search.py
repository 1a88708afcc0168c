"""A search for whole words in many files at once, in threads.

Takes bytes; does not depend on where they come from.
"""

import os
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cache, cached_property
from threading import Lock, local
from typing import TypeVar

from callpath.languages import SEARCHED
from callpath.sources.finder import (
    PACK,
    WORD_BYTES,
    Pack,
    UnreadFile,
    WordFinder,
    is_binary,
    packed,
)

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_BLANK_OUT = bytes(byte if byte in WORD_BYTES else 0x20 for byte in range(256))
"""Every byte that is in no identifier, also those of characters beyond ASCII, as a blank."""


class WordScan:
    """A search for words in files; packs may be looked through in several threads at a time.

    Attributes:
        endings: Those of the files that are searched.
        sees_texts: Whether it looks at the texts in which words were found, or only at their paths.
    """

    endings = SEARCHED
    sees_texts = False

    def __init__(self, words: Collection[str]) -> None:
        self._found: dict[str, list[str]] = {word: [] for word in sorted(set(words))}
        self._names = [word for word in self._found if _IDENTIFIER.fullmatch(word)]
        self._words = [name.encode() for name in self._names]
        self._finder = WordFinder(self._words)
        self._lock = Lock()

    @property
    def words(self) -> list[str]:
        """The words that can be found at all, sorted."""
        return list(self._names)

    def look(self, path: str, data: bytes) -> bool:
        """Look at one file; returns whether it is a text that holds any of the words."""
        return self._see(
            path, data, self._finder.in_files(Pack(memoryview(data), [path], [(0, len(data))]))[0]
        )

    def look_through(self, pack: Pack[str]) -> None:
        """Look at the files of a pack."""
        for number, hits in self._finder.in_files(pack).items():
            self._see(pack.names[number], pack.text(number), hits)

    def see(self, path: str, data: bytes, words: Sequence[str]) -> None:
        """Note a text that holds words, sorted; never called twice at the same time."""
        for word in words:
            self._found[word].append(path)

    def result(self) -> dict[str, tuple[str, ...]]:
        """For every word the files that hold it, sorted."""
        return {word: tuple(sorted(paths)) for word, paths in self._found.items()}

    def show(self, path: str, data: bytes, words: Collection[bytes]) -> None:
        """Note a text in which somebody else found words, at least all that it has of these."""
        if path.endswith(self.endings) and (held := self._known.intersection(words)):
            self.see(path, data, sorted(word.decode() for word in held))

    @cached_property
    def _known(self) -> frozenset[bytes]:
        return frozenset(self._words)

    def _see(self, path: str, data: bytes, hits: Collection[int]) -> bool:
        if not hits or is_binary(data):
            return False
        with self._lock:
            self.see(path, data, [self._names[hit] for hit in sorted(hits)])
        return True


def split_words(data: bytes) -> frozenset[bytes]:
    """The words of a text; those that begin with a digit are no identifiers."""
    return frozenset(data.translate(_BLANK_OUT).split())


@cache
def whole_word(word: bytes) -> re.Pattern[bytes]:
    """A pattern for a whole word; it begins with the word, which `re` then finds fastest."""
    name = re.escape(word)
    return re.compile(name + rb"(?<![A-Za-z0-9_]" + name + rb")(?![A-Za-z0-9_])")


_Part = TypeVar("_Part")


def search_parts(
    scan: WordScan,
    parts: Sequence[_Part],
    unread: Callable[[_Part], Iterable[UnreadFile[str]]],
    done: Callable[[int], None],
    workers: int = 0,
) -> None:
    """Show a scan the files of each part, in threads.

    Parameters:
        unread: The files of a part, each to be read before the next is asked for.
        done: Is called in this thread when so many of the first parts are done.
        workers: How many threads there are at most; 0: one for each core.

    Raises:
        Exception: What the first part raised that failed; what has not begun then is left.
    """
    buffers = local()

    def look(part: _Part) -> None:
        if not hasattr(buffers, "buffer"):
            buffers.buffer = bytearray(PACK)
        for pack in packed(unread(part), buffers.buffer):
            scan.look_through(pack)

    workers = min(workers or _cores(), len(parts))
    if workers <= 1:
        for count, part in enumerate(parts, 1):
            look(part)
            done(count)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(workers, "search") as pool:
        tasks = [pool.submit(look, part) for part in parts]
        try:
            for count, task in enumerate(tasks, 1):
                task.result()
                done(count)
        finally:
            for task in tasks:
                task.cancel()


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1

"""A search for whole words in many files at once, packed into buffers, in threads.

Takes bytes; does not depend on where they come from.
"""

import os
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache, cached_property
from threading import Lock, local
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, TypeVar

from callpath.languages import SEARCHED

if TYPE_CHECKING:  # imported where a search begins: most commands make none
    from ahocorasick_rs import BytesAhoCorasick

_PACK = 4 * 1024 * 1024
"""Bytes of a buffer, if no file in it is larger."""

_PROBE = 8 * 1024
"""Bytes at the start of a file in which a NUL makes it binary, about what git looks at."""

_LARGEST_TABLE = 60_000  # bytes of words that are looked for by a table; more take less memory

_UNDERSCORE = ord("_")
_BETWEEN = ord("\n")  # what is between the files of a pack

_NO_WORDS = [bytes([byte]) * 5 for byte in range(0xFC, 0x100)]
"""Patterns that no text has: with bytes so unlike, the library does not look for few rare bytes of
all patterns first, which takes up to 60 times as long where these are not rare in C."""

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_WORD_BYTES = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"
_IS_WORD = [byte in _WORD_BYTES for byte in range(256)]
_BLANK_OUT = bytes(byte if byte in _WORD_BYTES else 0x20 for byte in range(256))
"""Every byte that is in no identifier, also those of characters beyond ASCII, as a blank."""


class Pack(NamedTuple):
    """Files in one buffer, none next to a byte that is in a word and not in the file."""

    data: bytearray | memoryview
    names: Sequence[str]
    spans: Sequence[tuple[int, int]]  # where each begins, and where it has ended; ascending

    def text(self, number: int) -> bytes:
        """The bytes of a file, which is counted from 0."""
        start, end = self.spans[number]
        return bytes(self.data[start:end])


UnreadFile: TypeAlias = tuple[str, int, Callable[[memoryview], int]]
"""A file's name, its bytes, and what reads them into a room and returns how many there were."""


def packed(files: Iterable[UnreadFile], buffer: bytearray) -> Iterator[Pack]:
    """Read files into packs; each counts until the next one.

    They are in the buffer, unless a file is larger than that.
    """
    names: list[str] = []
    spans: list[tuple[int, int]] = []
    room, at = memoryview(buffer), 1  # where the next file begins
    for name, size, read in files:
        if names and at + size >= len(room):
            yield Pack(room[:at], names, spans)
            names, spans, at = [], [], 1
        if at + size >= len(room):
            room = memoryview(bytearray(size + 2))
        end = at + read(room[at : at + size])
        room[at - 1] = room[end] = _BETWEEN
        names.append(name)
        spans.append((at, end))
        at = end + 1
    if names:
        yield Pack(room[:at], names, spans)


class WordScan:
    """A search for words in files; packs may be looked through in several threads at a time.

    Attributes:
        endings: Those of the files that are searched.
    """

    endings = SEARCHED

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
            path, data, self._hits(Pack(memoryview(data), [path], [(0, len(data))]))[0]
        )

    def look_through(self, pack: Pack) -> None:
        """Look at the files of a pack."""
        for number, hits in self._hits(pack).items():
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

    def _hits(self, pack: Pack) -> Mapping[int, set[int]]:
        """For each file that holds words the numbers of these."""
        found: defaultdict[int, set[int]] = defaultdict(set)
        files = iter(enumerate(pack.spans))
        number, start, end = -1, 0, 0
        for word, first in self._finder.whole(pack.data):
            while first >= end:
                number, (start, end) = next(files, (number, (first + 1, first + 1)))
            if first >= start:
                found[number].add(word)
        return found


class WordFinder:
    """Finds whole words in bytes, and words that begin as others do.

    Parameters:
        words: Identifiers.
        heads: Beginnings of words, each as an identifier that ends in an underscore.
    """

    def __init__(self, words: Sequence[bytes], heads: Sequence[bytes] = ()) -> None:
        self._words = words
        self._heads = heads

    def whole(self, data: bytes | bytearray | memoryview) -> Iterator[tuple[int, int]]:
        """The number of each word that is found, and where it begins."""
        if not self._words:
            return
        size, count = len(data), len(self._words)
        for word, first, last in self._automaton.find_matches_as_indexes(data):
            # A longest match that begins where a word begins is that word, and none can reach into
            # a word from in front of it: so no whole word is hidden by another match.
            if (first and _IS_WORD[data[first - 1]]) or (last < size and _IS_WORD[data[last]]):
                continue
            if word < count:
                yield word, first

    def look(self, data: bytes) -> tuple[set[bytes], bool]:
        """The words that a text has, and whether another one begins with a head.

        There may be underscores in front of a head.
        """
        found: set[bytes] = set()
        settled: set[int] = set()  # words that say nothing more at another place
        has_head = False
        size, words, count, begins = len(data), self._words, len(self._words), self._begins
        for number, first, last in self._automaton.find_matches_as_indexes(data):
            if number in settled:
                continue
            if first and _IS_WORD[data[first - 1]]:
                if has_head or data[first - 1] != _UNDERSCORE:
                    continue
                start = first
                while start and data[start - 1] == _UNDERSCORE:
                    start -= 1
                if start and _IS_WORD[data[start - 1]]:
                    continue
                has_head = self._has_head(number, data, start)
                continue
            if number < count and not (last < size and _IS_WORD[data[last]]):
                found.add(words[number])
                if begins.get(number) is False:
                    settled.add(number)
                    continue
            has_head = has_head or self._has_head(number, data, first)
        return found, has_head

    def _has_head(self, number: int, data: bytes, start: int) -> bool:
        """Whether the word in which a pattern was found, the first in it, begins with a head."""
        is_said = self._begins.get(number)
        return bool(self._head.match(data, start)) if is_said is None else is_said

    @cached_property
    def _head(self) -> re.Pattern[bytes]:
        return re.compile(rb"_*+(?:%b)" % b"|".join(map(re.escape, self._heads or [rb"(?!)"])))

    @cached_property
    def _begins(self) -> Mapping[int, bool]:
        """Whether what begins with a pattern begins with a head, where the pattern says it.

        Of patterns at one place the longest is found; only one with underscores in front can hide a
        head that begins behind them.
        """
        count = len(self._words)
        said = {
            number: bool(self._heads and self._head.match(word))
            for number, word in enumerate(self._words)
            if not self._heads or not word.startswith(b"_")
        }
        return {**said, **dict.fromkeys(range(count, count + len(self._heads)), True)}

    @cached_property
    def _automaton(self) -> "BytesAhoCorasick":
        from ahocorasick_rs import BytesAhoCorasick, Implementation, MatchKind

        patterns = [*self._words, *self._heads]
        is_small = sum(map(len, patterns)) <= _LARGEST_TABLE
        kind = Implementation.DFA if is_small else Implementation.ContiguousNFA
        return BytesAhoCorasick([*patterns, *_NO_WORDS], MatchKind.LeftmostLongest, kind)


def is_binary(data: bytes) -> bool:
    """Whether these are not the bytes of a text file."""
    return data.find(b"\0", 0, _PROBE) >= 0


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
    unread: Callable[[_Part], Iterable[UnreadFile]],
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
            buffers.buffer = bytearray(_PACK)
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

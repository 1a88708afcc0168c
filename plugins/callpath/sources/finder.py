"""Finds whole words in bytes, and in many files that are packed into one buffer.

Imports nothing else of this package, so that a process that only searches starts at once.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeAlias, TypeVar

if TYPE_CHECKING:  # imported where a search begins: most commands make none
    from ahocorasick_rs import BytesAhoCorasick

PACK = 512 * 1024
"""Bytes of a buffer, if no file in it is larger: what a core's cache holds is read fastest."""

_PROBE = 8 * 1024
"""Bytes at the start of a file in which a NUL makes it binary, about what git looks at."""

_LARGEST_TABLE = 60_000  # bytes of words that are looked for by a table; more take less memory

_UNDERSCORE = ord("_")
BETWEEN = ord("\n")
"""What is between the files of a pack."""

_NO_WORDS = [bytes([byte]) * 5 for byte in range(0xFC, 0x100)]
"""Patterns that no text has: with bytes so unlike, the library does not look for few rare bytes of
all patterns first, which takes up to 60 times as long where these are not rare in C."""

WORD_BYTES = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"
"""All that an identifier may have."""
_IS_WORD = [byte in WORD_BYTES for byte in range(256)]


Name = TypeVar("Name")


class Pack(NamedTuple, Generic[Name]):
    """Files in one buffer, none next to a byte that is in a word and not in the file."""

    data: bytearray | memoryview
    names: Sequence[Name]
    spans: Sequence[tuple[int, int]]  # where each begins, and where it has ended; ascending

    def text(self, number: int) -> bytes:
        """The bytes of a file, which is counted from 0."""
        start, end = self.spans[number]
        return bytes(self.data[start:end])


UnreadFile: TypeAlias = tuple[Name, int, Callable[[memoryview], int]]
"""A file's name, its bytes, and what reads them into a room and returns how many there were."""


def packed(files: Iterable[UnreadFile[Name]], buffer: bytearray) -> Iterator[Pack[Name]]:
    """Read files into packs; each counts until the next one.

    They are in the buffer, unless a file is larger than that.
    """
    names: list[Name] = []
    spans: list[tuple[int, int]] = []
    room, at = memoryview(buffer), 1  # where the next file begins
    for name, size, read in files:
        if names and at + size >= len(room):
            yield Pack(room[:at], names, spans)
            names, spans, at = [], [], 1
        if at + size >= len(room):
            room = memoryview(bytearray(size + 2))
        end = at + read(room[at : at + size])
        room[at - 1] = room[end] = BETWEEN
        names.append(name)
        spans.append((at, end))
        at = end + 1
    if names:
        yield Pack(room[:at], names, spans)


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

    def in_files(self, pack: Pack[Name]) -> Mapping[int, set[int]]:
        """For each file of a pack that holds words, by its number, the numbers of these."""
        found: defaultdict[int, set[int]] = defaultdict(set)
        files = iter(enumerate(pack.spans))
        number, start, end = -1, 0, 0
        for word, first in self.whole(pack.data):
            while first >= end:
                number, (start, end) = next(files, (number, (first + 1, first + 1)))
            if first >= start:
                found[number].add(word)
        return found

    def look(self, data: bytes) -> tuple[set[bytes], bool]:
        """The words that a text has, and whether another one begins with a head.

        There may be underscores in front of a head.
        """
        found: set[bytes] = set()
        has_head = False
        settled: set[int] = set()  # words that say nothing more at another place
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

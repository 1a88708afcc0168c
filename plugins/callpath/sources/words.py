"""Which of many words stand in which files: one look at each file. Reads no file."""

import re
from collections.abc import Collection, Iterable

from callpath.sources.content import is_binary

_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)

_FEW = 30
"""Up to so many words a file is searched for each of them; beyond, it is cut into words."""

_WORD_BYTES = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"
_BLANK_OUT = bytes(byte if byte in _WORD_BYTES else 0x20 for byte in range(256))
"""Every byte that is in no identifier, also those of characters beyond ASCII, as a blank."""


class WordScan:
    """A search for words in files that are shown one after the other.

    Parameters:
        words: The identifiers; what is no C identifier is found nowhere.
    """

    def __init__(self, words: Collection[str]) -> None:
        self._found: dict[str, list[str]] = {word: [] for word in sorted(set(words))}
        names = [word for word in self._found if _IDENTIFIER.fullmatch(word)]
        self._words = {name.encode(): name for name in names}
        self._all = frozenset(self._words)
        few = self._words if len(self._words) <= _FEW else []
        self._patterns = [(word, _whole(word)) for word in few]

    @property
    def words(self) -> list[str]:
        """The words that can be found at all, sorted."""
        return list(self._words.values())

    def look(self, path: str, data: bytes) -> bool:
        """Look at one file, and say whether it holds any of the words."""
        hits = list(self._hits(data))
        if not hits or is_binary(data):
            return False
        for word in hits:
            self._found[self._words[word]].append(path)
        return True

    def _hits(self, data: bytes) -> Iterable[bytes]:
        if self._patterns:
            return [
                word for word, pattern in self._patterns if word in data and pattern.search(data)
            ]
        if not self._words:
            return []
        return self._all.intersection(data.translate(_BLANK_OUT).split())

    def result(self) -> dict[str, tuple[str, ...]]:
        """For every word the files that hold it, sorted."""
        return {word: tuple(sorted(paths)) for word, paths in self._found.items()}


def _whole(word: bytes) -> re.Pattern[bytes]:
    """A pattern for a whole word; it begins with the word, which `re` then finds fastest."""
    return re.compile(word + rb"(?<![A-Za-z0-9_]" + word + rb")(?![A-Za-z0-9_])")

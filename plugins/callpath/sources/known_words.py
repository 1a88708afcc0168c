"""Which files of a tree hold words, from earlier runs. Does not look for them itself.

An answer is kept by the id of the tree and the word, so that a new word costs no search for the
old ones, and a tree that differs from another one in few files is searched only in these.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from importlib.metadata import version

from callpath.store import Store

_KIND = "holding"
_TREES = "searched trees"
_MOST_TREES = 8  # trees that another one is compared with
_DECIDING = ("callpath.sources.git", "callpath.sources.known_words")
"""The modules that answers are made by; what they import decides too."""


class KnownWords:
    """What is known of the words of one tree, and of others.

    Parameters:
        tree: Its id; empty: nothing is known, and nothing is kept.
    """

    def __init__(self, store: Store, tree: str) -> None:
        self._store = store if tree else Store()
        self._tree = tree

    def get(self, words: Iterable[str], tree: str = "") -> dict[str, tuple[str, ...]]:
        """For each word that was looked for in the tree, or in another, the files, sorted."""
        keys = {f"{tree or self._tree} {word}": word for word in words}
        found = self._store.get_many(_KIND, self._maker, keys) if self._tree else {}
        return {keys[key]: _paths(data) for key, data in found.items()}

    def keep(self, found: Mapping[str, Sequence[str]]) -> None:
        """Keep for each word the files of the tree that hold it, if possible."""
        if not self._tree:
            return
        values = {f"{self._tree} {word}": _data(paths) for word, paths in found.items()}
        self._store.put_many(_KIND, self._maker, values)
        trees = [self._tree, *self.others()][:_MOST_TREES]
        self._store.put(_TREES, self._maker, "", _data(trees))
        self._store.flush()

    def others(self) -> list[str]:
        """The ids of other trees that words were looked for in, the last one first."""
        data = self._store.get(_TREES, self._maker, "") if self._tree else None
        return [tree for tree in _paths(data or b"") if tree != self._tree]

    @cached_property
    def _maker(self) -> str:
        return self._store.maker(_DECIDING, version("ahocorasick-rs").encode())


def _data(paths: Iterable[str]) -> bytes:
    return "\0".join(paths).encode("utf-8", "surrogateescape")


def _paths(data: bytes) -> tuple[str, ...]:
    return tuple(data.decode("utf-8", "surrogateescape").split("\0")) if data else ()

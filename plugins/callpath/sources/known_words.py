"""Which files of a tree hold words, from earlier runs.

An answer is kept by the id of the tree and the word, so that a new word costs no search for the
old ones, and a tree that differs from another one in few files is searched only in these.
"""

from abc import abstractmethod
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property

from callpath.installed import version_of
from callpath.sources.base import ScanProgress, Source
from callpath.sources.search import WordScan
from callpath.store import Store

_KIND = "holding"
_TREES = "searched trees"
_MOST_TREES = 8  # trees that another one is compared with
_DECIDING = ("callpath.sources.git", "callpath.sources.known_words", "callpath.sources.tree")
"""The modules that answers are made by; what they import decides too."""


class KnowingSource(Source):
    """A source whose tree has an id, so that nobody searches it for what earlier runs found."""

    def learn(self, found: Mapping[str, Sequence[str]]) -> None:
        super().learn(found)
        self._keep(KnownWords(self.store, self.tree()), found)

    def _find_new(
        self, words: Collection[str], progress: ScanProgress
    ) -> Mapping[str, Sequence[str]]:
        tree = self.tree()
        known = KnownWords(self.store, tree)
        found = known.get(words)
        if left := set(words).difference(found):
            new = self._find_by_another(known, left, progress)
            new = super()._find_new(left, progress) if new is None else new
            if tree == self.tree():  # else it changed meanwhile
                self._keep(known, new)
            found |= {word: tuple(paths) for word, paths in new.items()}
        return dict(sorted(found.items()))

    def _find_by_another(
        self, known: "KnownWords", words: Collection[str], progress: ScanProgress
    ) -> Mapping[str, Sequence[str]] | None:
        """The same from what is known of another tree, and the files that are not the same there.

        None if of no tree all of the words are known.
        """
        for tree in known.others():
            before = known.get(words, tree)
            scan = WordScan(words)
            if len(before) == len(words) and (
                is_changed := self.search_changed(tree, scan, progress)
            ):
                return {
                    word: sorted([*paths, *(path for path in before[word] if not is_changed(path))])
                    for word, paths in scan.result().items()
                }
        return None

    @abstractmethod
    def search_changed(
        self, tree: str, scan: WordScan, progress: ScanProgress
    ) -> Callable[[str], bool] | None:
        """Show a scan the files that may not be the same in another tree.

        Returns whether a path may be one of these; None if nothing says how the trees differ.
        """

    def _keep(self, known: "KnownWords", found: Mapping[str, Sequence[str]]) -> None:
        """Keep what was found, for later runs."""
        known.keep(found)


class KnownWords:
    """What is known of the words of one tree, and of others.

    Parameters:
        tree: Its id; empty: nothing is known, and nothing is kept.
    """

    def __init__(self, store: Store, tree: str) -> None:
        self.tree = tree
        self._store = store if tree else Store()

    def get(self, words: Iterable[str], tree: str = "") -> dict[str, tuple[str, ...]]:
        """For each word that was looked for in the tree, or in another, the files, sorted."""
        keys = {f"{tree or self.tree} {word}": word for word in words}
        found = self._store.get_many(_KIND, self.maker, keys) if self.tree else {}
        return {keys[key]: _paths(data) for key, data in found.items()}

    def keep(self, found: Mapping[str, Sequence[str]]) -> None:
        """Keep for each word the files of the tree that hold it, if possible."""
        if not self.tree:
            return
        values = {f"{self.tree} {word}": _data(paths) for word, paths in found.items()}
        self._store.put_many(_KIND, self.maker, values)
        trees = [self.tree, *self.others()][:_MOST_TREES]
        self._store.put(_TREES, self.maker, "", _data(trees))
        self._store.flush()

    def others(self) -> list[str]:
        """The ids of other trees that words were looked for in, the last one first."""
        data = self._store.get(_TREES, self.maker, "") if self.tree else None
        return [tree for tree in _paths(data or b"") if tree != self.tree]

    @cached_property
    def maker(self) -> str:
        """Who finds words."""
        return self._store.maker(_DECIDING, version_of("ahocorasick-rs").encode())


def _data(paths: Iterable[str]) -> bytes:
    return "\0".join(paths).encode("utf-8", "surrogateescape")


def _paths(data: bytes) -> tuple[str, ...]:
    return tuple(data.decode("utf-8", "surrogateescape").split("\0")) if data else ()

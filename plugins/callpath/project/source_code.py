"""A source's files, read and parsed once each, and searched in one scan for many words."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

from callpath.core.c_parser import DISPATCH, CodeFile, DispatchMacro, read_code
from callpath.sources import FileText, ReadResult, Source

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""

_HOLDING_AT_MOST = 300  # files that are looked through for one word, nearest first


def no_progress(task: str, done: int, total: int) -> None:
    """A `Progress` that tells nobody."""


class SourceCode:
    """The code of one source.

    A word that was not searched for yet is found nowhere, and noted: `search` then looks for all
    such words in one scan, and whoever asked asks again.

    Parameters:
        source: The source; it stays the caller's to close.
        progress: Told of what takes long.
        dispatch: The macros that dispatch, by name.

    Attributes:
        source: The source.
        wanted: Words that were asked for since the last search, and are not known.
    """

    def __init__(
        self,
        source: Source,
        progress: Progress = no_progress,
        dispatch: Mapping[str, DispatchMacro] = DISPATCH,
    ) -> None:
        self.source = source
        self.wanted: set[str] = set()
        self._progress = progress
        self._dispatch = dispatch
        self._results: dict[str, ReadResult] = {}
        self._parsed: dict[str, CodeFile] = {}
        self._holding: dict[str, Sequence[str]] = {}

    @property
    def searchable(self) -> bool:
        """Whether the whole tree can be looked through."""
        return self.source.searchable

    def load(self, paths: Iterable[str]) -> Iterator[ReadResult]:
        """Read files, each from the source only once; the results are sorted by path.

        Raises:
            SourceError: The source broke.
        """
        asked = sorted(set(paths))
        unknown = [path for path in asked if path not in self._results]
        for number, result in enumerate(self.source.read(unknown) if unknown else ()):
            self._progress("reading the source", number, len(unknown))
            self._results[result.path] = result
        yield from (self._results[path] for path in asked)

    def file(self, path: str) -> CodeFile | None:
        """A file, parsed; nothing when the source has no such text."""
        if path not in self._parsed:
            result = next(self.load([path]))
            if not isinstance(result, FileText):
                return None
            self._parsed[path] = read_code(path, result.data, self._dispatch)
        return self._parsed[path]

    def holding(self, word: str) -> Sequence[str]:
        """The files that contain a word, if it was searched for; else it is wanted."""
        if word not in self._holding and self.searchable:
            self.wanted.add(word)
        return self._holding.get(word, ())

    def search(self, near: str = "") -> None:
        """Scan the source once for every wanted word.

        Parameters:
            near: A file; those nearest to it are looked through first.

        Raises:
            SourceError: The source broke.
        """
        words = sorted(self.wanted)
        self.wanted.clear()
        if not words:
            return
        tell = partial(self._progress, "searching the source")
        hits = self.source.find_words(words, tell)
        for word in words:
            paths = sorted(hits.get(word, ()), key=partial(distance, origin=near))
            self._holding[word] = paths[:_HOLDING_AT_MOST]
        list(self.load({path for word in words for path in self._holding[word]}))


def distance(path: str, origin: str) -> tuple[int, str]:
    """How many folders lie between two files, to sort by."""
    there, here = path.split("/")[:-1], origin.split("/")[:-1]
    shared = 0
    for one, other in zip(there, here, strict=False):
        if one != other:
            break
        shared += 1
    return (len(there) + len(here) - 2 * shared, path)

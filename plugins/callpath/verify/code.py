"""A source's files, read and parsed once each, and searched in one scan for many words."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import takewhile

from callpath.c.announce import announces, defines_type, included_names
from callpath.c.file import CodeFile
from callpath.c.vocabulary import DISPATCH, DispatchMacro
from callpath.languages import language_of
from callpath.model import Progress, no_progress
from callpath.sources.base import FileText, ReadResult, Source, whole_word

_HOLDING_AT_MOST = 300  # files that are looked through for one word, nearest first
_DEFINING_AT_MOST = 64  # headers that seem to define one type


class SourceCode:
    """The code of one source.

    A word that was not searched for yet is found nowhere, and noted: `search` then looks for all
    such words in one scan, and whoever asked asks again. The source stays the caller's to close.
    """

    def __init__(
        self,
        source: Source,
        progress: Progress = no_progress,
        dispatch: Mapping[str, DispatchMacro] = DISPATCH,
    ) -> None:
        self.source = source
        self.wanted: set[str] = set()  # the words that were asked for and are not known
        self._progress = progress
        self._dispatch = dispatch
        self._results: dict[str, ReadResult] = {}
        self._parsed: dict[str, CodeFile] = {}
        self._holding: dict[str, Sequence[str]] = {}
        self._headers: dict[str, Sequence[str]] = {}
        self._defining: dict[str, Sequence[str]] = {}
        self._has: dict[tuple[str, str], bool] = {}
        self._glanced: dict[str, ReadResult] = {}  # what was looked at for what it includes

    @property
    def searchable(self) -> bool:
        """Whether the whole tree can be looked through."""
        return self.source.searchable

    def load(self, paths: Iterable[str]) -> Iterator[ReadResult]:
        """Read files, each from the source only once; the results are sorted by path.

        Raises SourceError if the source broke, as do all that read or search.
        """
        asked = sorted(set(paths))
        unknown = [path for path in asked if path not in self._results]
        for number, result in enumerate(self.source.read(unknown) if unknown else ()):
            self._progress("reading the source", number, len(unknown))
            self._results[result.path] = result
        yield from (self._results[path] for path in asked)

    def texts(self) -> Sequence[str]:
        """The text files that were read so far, sorted."""
        results = self._results.items()
        return sorted(path for path, result in results if isinstance(result, FileText))

    def file(self, path: str) -> CodeFile | None:
        """A file, parsed, or None if the source has no such text."""
        if path not in self._parsed:
            result = next(self.load([path]))
            if not isinstance(result, FileText):
                return None
            self._parsed[path] = language_of(path).read(path, result.data, self._dispatch)
        return self._parsed[path]

    def holding(self, word: str) -> Sequence[str]:
        """The files that contain a word, if it was searched for; else it is wanted."""
        if word not in self._holding and self.searchable:
            self.wanted.add(word)
        return self._holding.get(word, ())

    def has(self, path: str, word: str) -> bool:
        """Whether an identifier is in a file's text; the file is not parsed for it."""
        if (path, word) not in self._has:
            result = self._results.get(path) or next(self.load([path]))
            data = result.data if isinstance(result, FileText) else b""
            name = word.encode()
            self._has[path, word] = name in data and bool(whole_word(name).search(data))
        return self._has[path, word]

    def defining(self, word: str, near: str) -> Sequence[str]:
        """The headers that may define a type or announce a variable of a name, nearest first."""
        if not self.holding(word):
            return ()
        if word not in self._defining:
            results = (one for one in self.load(self._headers[word]) if isinstance(one, FileText))
            self._defining[word] = [one.path for one in results if announces(one.data, word)]
        found = sorted(self._defining[word], key=partial(distance, origin=near))
        return found[:_DEFINING_AT_MOST]

    def defines_type(self, path: str, word: str) -> bool:
        """Whether a file's text seems to define a type of a name; the file is not parsed for it."""
        return defines_type(self._text(path), word)

    def announces(self, path: str, word: str) -> bool:
        """The same of a type, a variable or a function."""
        return announces(self._text(path), word)

    def included(self, path: str) -> Sequence[str]:
        """What a file includes, as written (`linux/fs.h`); empty for what cannot be read."""
        return included_names(self._text(path))

    def located(self, spelled: str) -> Sequence[str]:
        """The files whose path is or ends in what an include says; empty if none is listed."""
        named = self._by_ending.get(spelled.rpartition("/")[2], ())
        return [each for each in named if each == spelled or each.endswith(f"/{spelled}")]

    @cached_property
    def _by_ending(self) -> Mapping[str, Sequence[str]]:
        found: dict[str, list[str]] = {}
        for path in self.source.paths():
            found.setdefault(path.rpartition("/")[2], []).append(path)
        return found

    def _text(self, path: str) -> bytes:
        """The text of a file, which is not one of those at hand by this alone."""
        result = self._results.get(path) or self._glanced.get(path)
        if result is None:
            result = self._glanced[path] = next(iter(self.source.read([path])))
        return result.data if isinstance(result, FileText) else b""

    def search(self, near: str = "") -> None:
        """Scan the source once for every wanted word, first in the files nearest to one."""
        words = sorted(self.wanted)
        self.wanted.clear()
        if not words:
            return
        hits = self.source.find_words(words, partial(self._progress, "searching the source"))
        for word in words:
            paths = sorted(hits.get(word, ()), key=partial(distance, origin=near))
            self._holding[word] = paths[:_HOLDING_AT_MOST]
            self._headers[word] = [path for path in paths if language_of(path).is_header(path)]
        list(self.load({path for word in words for path in self._holding[word]}))


def distance(path: str, origin: str) -> tuple[int, str]:
    """How many folders lie between two files, to sort by."""
    there, here = path.split("/")[:-1], origin.split("/")[:-1]
    pairs = zip(there, here, strict=False)
    shared = len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))
    return (len(there) + len(here) - 2 * shared, path)

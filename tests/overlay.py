"""A source with a few lines more than another one has."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from callpath.sources.base import (
    FileText,
    ReadResult,
    ScanProgress,
    Source,
    silent,
)


class OverlaySource(Source):
    """Another source in which texts are planted.

    Parameters:
        below: The other source.
        planted: Path → the line behind which a text is planted (0: at the end), and the text.
    """

    def __init__(self, below: Source, planted: Iterable[Mapping[str, tuple[int, str]]]) -> None:
        self.spec, self.pin = below.spec, below.pin
        self._below = below
        self._planted: dict[str, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
        for each in planted:
            for path, (line, text) in each.items():
                if text not in self._planted[path][line]:
                    self._planted[path][line].append(text)

    @property
    def searchable(self) -> bool:
        return self._below.searchable

    def read(self, paths: Iterable[str]) -> Iterator[ReadResult]:
        for result in self._below.read(paths):
            if isinstance(result, FileText) and result.path in self._planted:
                yield FileText(result.path, self._with(result), result.blob)
            else:
                yield result

    def _with(self, result: FileText) -> bytes:
        lines = result.data.decode("utf-8", "surrogateescape").split("\n")
        for number, texts in sorted(self._planted[result.path].items(), reverse=True):
            place = number or len(lines)
            lines[place:place] = "".join(texts).rstrip("\n").split("\n")
        return "\n".join(lines).encode("utf-8", "surrogateescape")

    def read_one(self, path: str) -> ReadResult:
        return next(self.read([path]))

    def paths(self) -> Sequence[str]:
        return self._below.paths()

    def find_words(
        self, words: Collection[str], progress: ScanProgress = silent
    ) -> Mapping[str, Sequence[str]]:
        found = self._below.find_words(words, progress)
        return {
            word: sorted({*paths, *(path for path in self._planted if self._holds(path, word))})
            for word, paths in found.items()
        }

    def _holds(self, path: str, word: str) -> bool:
        planted = self._planted[path].values()
        return any(word in text for texts in planted for text in texts)

    def close(self) -> None:
        self._below.close()

"""A tree of which a worker has only what it was given; it notes what else it would need."""

from collections.abc import Collection, Mapping, Sequence
from typing import Self

from msgspec import Struct, field

from callpath.model import Pin
from callpath.sources.base import (
    FileText,
    Missing,
    ReadResult,
    ScanProgress,
    Source,
    SourceSpec,
    Unreadable,
    silent,
)


class GivenFile(Struct, frozen=True, array_like=True):
    """What there is at a path: a text, or why there is none; neither if there is nothing."""

    data: bytes | None = None
    blob: str = ""
    reason: str = ""

    @classmethod
    def of(cls, result: ReadResult) -> Self | None:
        """What a source read; None if it got no answer."""
        if isinstance(result, FileText):
            return cls(result.data, result.blob)
        if isinstance(result, Unreadable):
            return cls(reason=result.reason)
        return cls() if isinstance(result, Missing) else None

    def result(self, path: str) -> ReadResult:
        """The same as what reading a path gives."""
        if self.data is not None:
            return FileText(path, self.data, self.blob)
        return Unreadable(path, self.reason) if self.reason else Missing(path)


class Given(Struct):
    """What is given of a tree: all paths of code, some files, and the files that hold words."""

    paths: tuple[str, ...]
    tags: tuple[str, ...]
    files: dict[str, GivenFile] = field(default_factory=dict)
    held: dict[str, tuple[str, ...]] = field(default_factory=dict)


class Lacked(Struct, frozen=True):
    """What of a tree somebody would need, sorted."""

    paths: tuple[str, ...] = ()
    words: tuple[str, ...] = ()


class GivenSource(Source):
    """A tree by what was given of it.

    As long as `lacked` has nothing, all that it says is true. Otherwise only what is said of
    single texts is.
    """

    searchable = True
    reads_at_once = True

    def __init__(self, spec: SourceSpec, pin: Pin, tree: str, given: Given) -> None:
        super().__init__(spec, pin)
        self._tree = tree
        self._given = given
        self._paths: set[str] = set()  # that are lacked
        self._words: set[str] = set()
        super().learn(given.held)

    @property
    def lacked(self) -> Lacked:
        """What was asked for so far and was not given."""
        return Lacked(tuple(sorted(self._paths)), tuple(sorted(self._words)))

    def read_one(self, path: str) -> ReadResult:
        found = self._given.files.get(path)
        if found is None:
            self._paths.add(path)
            return Missing(path)
        return found.result(path)

    def paths(self) -> Sequence[str]:
        return self._given.paths

    def tags(self) -> Sequence[str]:
        return self._given.tags

    def tree(self) -> str:
        return self._tree

    def find_words(
        self, words: Collection[str], progress: ScanProgress = silent
    ) -> Mapping[str, Sequence[str]]:
        self._words |= set(words).difference(self._held)
        return {word: self._held.get(word, ()) for word in sorted(set(words))}

    def learn(self, found: Mapping[str, Sequence[str]]) -> None:
        """Nothing: whoever works on what was given sees no whole tree."""

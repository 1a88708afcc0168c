"""A git repository as a source: `git:REPO[@REVISION]`. No checkout, no network."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from callpath.core.errors import SourceError
from callpath.core.model import Pin
from callpath.sources.content import LARGE, LARGEST, NOT_CLONED, text_of
from callpath.sources.git_objects import BlobReader, is_partial, missing_objects, tree_entries
from callpath.sources.git_process import Repository, find_repository
from callpath.sources.git_revision import commit_of, split_place, tree_of
from callpath.sources.links import LISTED, SCANNED
from callpath.sources.listing import EntryKind, Listing
from callpath.sources.source import Missing, Progress, ReadResult, Source, Unreadable
from callpath.sources.words import WordScan

_GREP_WORDS = 30
"""Up to so many words git searches faster than it hands out every file."""


class GitSource(Source):
    """One tree of a repository.

    Parameters:
        repository: Where the tree is.
        tree: Its id.
        spec: The source as the user wrote it.
        pin: The version that it should be.
        commit: The commit that the tree is of, or empty.
    """

    def __init__(
        self, repository: Repository, tree: str, spec: str, pin: Pin, commit: str = ""
    ) -> None:
        self.spec = spec
        self.pin = pin
        self._commit = commit
        self._repository = repository
        self._tree = tree
        partial = is_partial(repository)
        self._missing = missing_objects(repository, tree) if partial else frozenset()
        self._listing = Listing(tree_entries(repository, tree, sizes=not partial))
        self._reader = BlobReader(repository)

    @property
    def searchable(self) -> bool:
        """Whether every file of the tree is here; a partial clone may lack some."""
        return not self._missing

    def read(self, paths: Iterable[str], progress: Progress | None = None) -> Iterator[ReadResult]:
        """Read each of the paths once; the results are sorted by path."""
        wanted = sorted(set(paths))
        places = {path: self._listing.locate(path, self._target_of) for path in wanted}
        results = {path: self._without_reading(path, place) for path, place in places.items()}
        blobs = [self._blob(str(places[path])) for path in wanted if results[path] is None]
        contents = self._reader.contents(blobs)
        for count, path in enumerate(wanted, 1):
            yield results[path] or _result(path, next(contents))
            if progress is not None:
                progress(count, len(wanted))

    def paths(self) -> Sequence[str]:
        """Every regular `.c`, `.h` and `.S` file, sorted; empty when not searchable."""
        return tuple(self._listing.files(LISTED)) if self.searchable else ()

    def find_words(
        self, words: Collection[str], progress: Progress | None = None
    ) -> Mapping[str, Sequence[str]]:
        """Find the `.c` and `.h` files that hold each identifier as a whole word."""
        scan = WordScan(words)
        if not self.searchable or not scan.words:
            return scan.result()
        files = [
            path
            for path in self._candidates(scan.words)
            if self._listing.entries[path].size <= LARGEST
        ]
        contents = self._reader.contents(self._blob(path) for path in files)
        for count, (path, data) in enumerate(zip(files, contents, strict=True), 1):
            if data is not None:
                scan.look(path, data)
            if progress is not None:
                progress(count, len(files))
        return scan.result()

    def commit(self) -> str:
        """The commit that is read; empty when a tree was named that is of none."""
        return self._commit

    def close(self) -> None:
        """End git's process."""
        self._reader.close()

    def _blob(self, path: str) -> str:
        return self._listing.entries[path].content

    def _without_reading(
        self, path: str, place: str | Missing | Unreadable
    ) -> Missing | Unreadable | None:
        """The result for a path that there is nothing to read for."""
        if not isinstance(place, str):
            return place
        entry = self._listing.entries[place]
        if entry.content in self._missing:
            return Unreadable(path, NOT_CLONED)
        return Unreadable(path, LARGE) if entry.size > LARGEST else None

    def _target_of(self, path: str) -> str | Unreadable | None:
        entry = self._listing.entries.get(path)
        if entry is None or entry.kind is not EntryKind.LINK:
            return None
        if entry.content in self._missing:
            return Unreadable(path, NOT_CLONED)
        target = next(self._reader.contents([entry.content]))
        return "/" if target is None else target.decode("utf-8", "surrogateescape")

    def _candidates(self, words: list[str]) -> list[str]:
        """The files that can hold one of the words: those that git found, or all."""
        files = list(self._listing.files(SCANNED))
        if len(words) > _GREP_WORDS:
            return files
        options = ["--no-recurse-submodules", "--color=never", "-a", "-l", "-z", "-F"]
        asked = [part for word in words for part in ("-e", word)]
        pathspecs = [f"*{ending}" for ending in SCANNED]
        found = self._repository.run("grep", *options, *asked, self._tree, "--", *pathspecs)
        if not found.ok and found.complaint:
            raise SourceError(f"`{self._repository.place}` cannot be searched: {found.complaint}")
        names = found.data.decode("utf-8", "surrogateescape").split("\0")
        hits = {name.removeprefix(f"{self._tree}:") for name in names}
        return [path for path in files if path in hits]


def _result(path: str, data: bytes | None) -> ReadResult:
    return Unreadable(path, LARGE) if data is None else text_of(path, data)


def open_git(place: str, spec: str, pin: Pin) -> GitSource:
    """Open a repository at the pin's tag, or at the revision that the user named.

    Raises:
        UsageError: The revision cannot be one.
        SourceError: There is no such repository, or it does not have that version.
    """
    asked = split_place(place)
    repository = find_repository(asked.repository)
    tree = tree_of(repository, asked.revision, pin)
    return GitSource(repository, tree, spec, pin, commit_of(repository, asked.revision, pin))

"""What `callpath fetch` brought as a source: `cache[:DIR]`. Reads files; no git, no network."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from callpath.core.errors import SourceError
from callpath.core.model import Pin
from callpath.sources.cache_files import CacheFiles, Manifest
from callpath.sources.content import text_of
from callpath.sources.links import refusal
from callpath.sources.source import Missing, Progress, ReadResult, Source, Unreadable
from callpath.sources.words import WordScan

NOT_CACHED = "is not in the cache; run `callpath fetch`"
NOT_AS_FETCHED = "is not in the cache as it was fetched; run `callpath fetch` again"


class CacheSource(Source):
    """One version in the cache.

    Parameters:
        files: The cache.
        manifest: What it has of that version.
        spec: The source as the user wrote it.
        pin: The version.
    """

    def __init__(self, files: CacheFiles, manifest: Manifest, spec: str, pin: Pin) -> None:
        self.spec = spec
        self.pin = pin
        self._files = files
        self._manifest = manifest

    @property
    def searchable(self) -> bool:
        """Never: it has only the files that the notebook refers to."""
        return False

    def read(self, paths: Iterable[str], progress: Progress | None = None) -> Iterator[ReadResult]:
        """Read each of the paths once; the results are sorted by path."""
        wanted = sorted(set(paths))
        for count, path in enumerate(wanted, 1):
            yield self._read_one(path)
            if progress is not None:
                progress(count, len(wanted))

    def paths(self) -> Sequence[str]:
        """Nothing: what it has is not the tree."""
        return ()

    def find_words(
        self, words: Collection[str], progress: Progress | None = None
    ) -> Mapping[str, Sequence[str]]:
        """Nothing for any word: it cannot be searched."""
        del progress
        return WordScan(words).result()

    def version(self) -> None:
        """Nothing: the version is part of where the files are."""

    def close(self) -> None:
        """Nothing is held open."""

    def _read_one(self, path: str) -> ReadResult:
        known = self._manifest
        if reason := refusal(path):
            return Unreadable(path, reason)
        if path in known.missing:
            return Missing(path)
        if path not in known.files:
            return Unreadable(path, known.unreadable.get(path, NOT_CACHED))
        data = self._files.content(self.pin, path, known.files[path])
        return Unreadable(path, NOT_AS_FETCHED) if data is None else text_of(path, data)


def open_cache(place: str, spec: str, pin: Pin) -> CacheSource:
    """Open a version in the cache.

    Parameters:
        place: The cache's folder: `.cache/callpath` of the site.
        spec: The source as the user wrote it.
        pin: The version, and perhaps the commit that its tag must have named.

    Raises:
        SourceError: It has nothing of that version.
    """
    files = CacheFiles(Path(place).expanduser())
    manifest = files.manifest(pin)
    if manifest is None:
        commit = f" at commit `{pin.commit}`" if pin.commit else ""
        raise SourceError(
            f"the cache has nothing of `{pin.project}` {pin.version}{commit}",
            "bring the files with `callpath fetch`",
        )
    return CacheSource(files, manifest, spec, pin)

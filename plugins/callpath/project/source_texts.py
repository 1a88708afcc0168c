"""The source text of definitions, out of the cache that `callpath fetch` fills: never a tree.

A text counts only when nothing disagrees: the file is the blob that the manifest names, the
lockfile names the same blob, and the file has the lines that the lockfile gives.
"""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from callpath.core.code_text import definition_text, file_lines
from callpath.core.code_views import CodeText
from callpath.core.lock import Lock, LockedDefinition
from callpath.core.model import Pin
from callpath.sources import CACHE, CacheFiles, Manifest, is_binary

_SHOWN_PATHS = 3


class SourceTexts:
    """The texts of one build: each file is read at most once.

    Parameters:
        files: The cache; its folder need not exist.
        lock: The lockfile's facts.
    """

    def __init__(self, files: CacheFiles, lock: Lock) -> None:
        self._files = files
        self._lock = lock
        self._manifests: dict[Pin, Manifest | None] = {}
        self._lines: dict[tuple[Pin, str], tuple[str, ...] | None] = {}
        self._lacking: set[tuple[Pin, str]] = set()

    def text(self, locked: LockedDefinition) -> CodeText | None:
        """The text of a definition; nothing when the cache lacks it or anything disagrees."""
        found = locked.definition
        pin = Pin(locked.project, locked.version)
        blob = self._blobs.get((pin, found.path), "")
        lines = self._file(pin, found.path, blob)
        text = definition_text(blob, lines, found.start, found.end) if lines else None
        if text is None:
            self._lacking.add((pin, found.path))
        return text

    @property
    def complaint(self) -> str:
        """One line on the files that were asked for in vain; empty when nothing was fetched."""
        if not self._lacking or not any(self._manifests.values()):
            return ""
        paths = [path for _, path in sorted(self._lacking)]
        named = ", ".join(f"`{path}`" for path in paths[:_SHOWN_PATHS])
        more = len(paths) - _SHOWN_PATHS
        named += f" and {more} more" if more > 0 else ""
        return (
            f"the cache lacks {named} as the lockfile names {'it' if len(paths) == 1 else 'them'}; "
            "pages show no source text of theirs (hint: run `callpath fetch`)"
        )

    @cached_property
    def _blobs(self) -> Mapping[tuple[Pin, str], str]:
        return {
            (Pin(file.project, file.version), file.path): file.blob for file in self._lock.files
        }

    def _file(self, pin: Pin, path: str, blob: str) -> tuple[str, ...] | None:
        if (pin, path) not in self._lines:
            data = self._data(pin, path, blob)
            self._lines[pin, path] = None if data is None else file_lines(data)
        return self._lines[pin, path]

    def _data(self, pin: Pin, path: str, blob: str) -> bytes | None:
        if pin not in self._manifests:
            self._manifests[pin] = self._files.manifest(pin)
        manifest = self._manifests[pin]
        if manifest is None or not blob or manifest.files.get(path) != blob:
            return None
        data = self._files.content(pin, path, blob)
        return None if data is None or is_binary(data) else data


def cached_texts(root: Path, lock: Lock) -> SourceTexts:
    """The texts that the cache of a site has.

    Parameters:
        root: The folder of the site's configuration.
        lock: The lockfile's facts.
    """
    return SourceTexts(CacheFiles(root / CACHE), lock)

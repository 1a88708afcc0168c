"""The cache of source files on disk: plain files, and for each version a manifest of what they are.

    .cache/callpath/source/PROJECT/VERSION/PATH       the files
    .cache/callpath/manifests/PROJECT/VERSION.json    what is known of each path
    .cache/callpath/git/PROJECT.git                   what was fetched, for the next time

A file counts only if its content is the blob that the manifest names, so that neither an
interruption nor an accident can make the cache give something false.
"""

import errno
import json
import shutil
from collections.abc import Collection, Mapping
from pathlib import Path
from urllib.parse import quote

import msgspec
from msgspec import Struct, field

from callpath.cache import MANIFESTS, REPOSITORIES, SOURCE, Cache
from callpath.findings import SourceError
from callpath.model import Pin
from callpath.sources.base import (
    Missing,
    ReadResult,
    Source,
    SourceSpec,
    Unreadable,
    blob_id,
    refusal,
    text_of,
)

_FORMAT_KEY = "callpath-source"
_FORMAT = 1


class Manifest(Struct, frozen=True):
    """What is known of paths at one version."""

    commit: str  # the one that the tag named
    files: dict[str, str] = field(default_factory=dict)  # path → git's id of the file's bytes
    missing: frozenset[str] = frozenset()  # paths at which the tree has nothing
    unreadable: dict[str, str] = field(default_factory=dict)  # path → why: `is a directory`

    def joined(self, newer: "Manifest") -> "Manifest":
        """This and what became known later; the later word counts."""
        known = {*newer.files, *newer.missing, *newer.unreadable}
        files = {path: blob for path, blob in self.files.items() if path not in known}
        reasons = {path: why for path, why in self.unreadable.items() if path not in known}
        missing = (self.missing - known) | newer.missing
        return Manifest(newer.commit, files | newer.files, missing, reasons | newer.unreadable)


class CacheFiles:
    """Source files in a cache, whose folder need not exist."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._cache = Cache(folder)

    def repository(self, project: str) -> Path:
        """The git repository that a project is fetched into."""
        return self.folder / REPOSITORIES / f"{project}.git"

    def manifest(self, pin: Pin) -> Manifest | None:
        """What is known of a version; None if it was not fetched, or not as the pin says."""
        manifest = self._cache.read(_manifest_name(pin), _read_manifest)
        return manifest if manifest and pin.commit in ("", manifest.commit) else None

    def content(self, pin: Pin, path: str, blob: str) -> bytes | None:
        """The bytes of a file; None if it is not there, or is not that blob."""
        if refusal(path):
            return None
        name = f"{_files_name(pin)}/{path}"
        return self._cache.read(name, lambda data: data if blob_id(data) == blob else None)

    def holds(self, pin: Pin, paths: Collection[str]) -> bool:
        """Whether everything is known of these paths, and the files are what they were."""
        manifest = self.manifest(pin)
        if manifest is None:
            return False
        known = manifest.missing | manifest.unreadable.keys()
        return all(
            path in known or self.content(pin, path, manifest.files.get(path, "")) is not None
            for path in paths
        )

    def keep(self, pin: Pin, manifest: Manifest, contents: Mapping[str, bytes]) -> None:
        """Write files, and then the manifest that makes them count, or raise OSError.

        Parameters:
            manifest: What is known now; joined with what was, unless the tag names another commit.
            contents: The bytes of every file of the manifest, by path.
        """
        known = self.manifest(Pin(pin.project, pin.version))
        if known is None or known.commit != manifest.commit:
            (self.folder / _manifest_name(pin)).unlink(missing_ok=True)
            if (self.folder / _files_name(pin)).exists():
                shutil.rmtree(self.folder / _files_name(pin))
            known = manifest
        for path, data in sorted(contents.items()):
            if self.content(pin, path, manifest.files[path]) is None:
                self._write(f"{_files_name(pin)}/{path}", data)
        known = known.joined(manifest)
        facts = {
            _FORMAT_KEY: _FORMAT,
            "project": pin.project,
            "version": pin.version,
            "commit": known.commit,
            "files": dict(sorted(known.files.items())),
            "missing": sorted(known.missing),
            "unreadable": dict(sorted(known.unreadable.items())),
        }
        text = json.dumps(facts, ensure_ascii=False, indent=1) + "\n"
        self._write(_manifest_name(pin), text.encode())

    def _write(self, name: str, data: bytes) -> None:
        if not (self.folder / name).parent.resolve().is_relative_to(self.folder.resolve()):
            raise OSError(errno.ELOOP, "a link leads out of the cache")
        self._cache.write(name, data)


def _files_name(pin: Pin) -> str:
    return f"{SOURCE}/{pin.project}/{_as_name(pin.version)}"


def _manifest_name(pin: Pin) -> str:
    return f"{MANIFESTS}/{pin.project}/{_as_name(pin.version)}.json"


def _as_name(version: str) -> str:
    """A version as the name of a folder: a tag may have `/` in it."""
    return quote(version, safe="+,=")


def _read_manifest(data: bytes) -> Manifest | None:
    facts = json.loads(data)
    return msgspec.convert(facts, Manifest) if facts[_FORMAT_KEY] == _FORMAT else None


NOT_CACHED = "is not in the cache; run `callpath fetch`"
NOT_AS_FETCHED = "is not in the cache as it was fetched; run `callpath fetch` again"


class CacheSource(Source):
    """One version in the cache, whose folder is the place of the SPEC.

    It is not searchable, as it has only the files that the notes refer to. Raises SourceError if
    the cache has nothing of that version, or what it has is not of the commit of the pin.
    """

    def __init__(self, spec: SourceSpec, pin: Pin) -> None:
        super().__init__(spec, pin)
        self._files = CacheFiles(Path(spec.place).expanduser())
        manifest = self._files.manifest(pin)
        if manifest is None:
            commit = f" at commit `{pin.commit}`" if pin.commit else ""
            raise SourceError(
                f"the cache has nothing of `{pin.project}` {pin.version}{commit}",
                "bring the files with `callpath fetch`",
            )
        self._manifest = manifest

    def version(self) -> None:
        """None: the version is part of where the files are."""

    def read_one(self, path: str) -> ReadResult:
        known = self._manifest
        if path in known.missing:
            return Missing(path)
        if path not in known.files:
            return Unreadable(path, known.unreadable.get(path, NOT_CACHED))
        data = self._files.content(self.pin, path, known.files[path])
        return Unreadable(path, NOT_AS_FETCHED) if data is None else text_of(path, data)

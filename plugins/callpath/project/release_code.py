"""The code of one release after the other: each blob is parsed once, and what it tells is kept."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from callpath.core.c_parser import CodeFile, DispatchMacro, read_code
from callpath.core.c_parser.kept_facts import KeptFacts
from callpath.core.c_parser.kept_file import KeptFile
from callpath.project.fact_store import FactStore
from callpath.sources import GitHistory, Release, ReleaseFiles

NOWHERE = ""
"""The blob of a path at which a release has no regular file."""


class BlobShelf:
    """The files of all releases, by path and blob; each is read and parsed at most once.

    Parameters:
        history: Where their text is.
        store: What is known of them from earlier.
        dispatch: The macros that dispatch, by name.

    Attributes:
        parsed: How many were parsed.
    """

    def __init__(
        self, history: GitHistory, store: FactStore, dispatch: Mapping[str, DispatchMacro]
    ) -> None:
        self.parsed = 0
        self._history = history
        self._store = store
        self._dispatch = dispatch
        self._files: dict[tuple[str, str], KeptFile] = {}

    def file(self, release: Release, path: str, blob: str) -> KeptFile:
        """A file of a release."""
        key = (path, blob)
        if key not in self._files:
            kept = self._store.facts(path, blob) or KeptFacts()
            read = partial(self._read, release, path, blob)
            self._files[key] = KeptFile(kept, read, partial(self._parse, path))
        return self._files[key]

    def put_away(self, needed: Callable[[str, str], bool]) -> None:
        """Keep what is known of the files, and let go of those that are not needed any more.

        Parameters:
            needed: Whether a path and blob is.
        """
        for key in [key for key in self._files if not needed(*key)]:
            file = self._files.pop(key)
            if file.is_changed:
                self._store.keep_facts(key[1], file.kept)

    def _read(self, release: Release, path: str, blob: str) -> bytes:
        return self._history.read(release, path, blob) or b""

    def _parse(self, path: str, text: bytes) -> CodeFile:
        self.parsed += 1
        return read_code(path, text, self._dispatch)


class ReleaseCode:
    """The code of one release, as the prover asks for it: the files at hand, and no search.

    Parameters:
        release: The release.
        files: What it has at the paths at hand.
        shelf: All files.

    Attributes:
        consulted: The blobs that answers came from since this was last emptied, by path.
    """

    searchable = False

    def __init__(self, release: Release, files: ReleaseFiles, shelf: BlobShelf) -> None:
        self.consulted: dict[str, str] = {}
        self._release = release
        self._files = files
        self._shelf = shelf
        self._open: dict[str, KeptFile] = {}

    def blob(self, path: str) -> str:
        """The blob at a path; `NOWHERE` when there is no regular file."""
        return self._files.blobs.get(path, NOWHERE)

    def is_unclear(self, path: str) -> bool:
        """Whether there is something at a path that is no regular file."""
        return path in self._files.unclear

    def file(self, path: str) -> KeptFile | None:
        """A file; nothing when the release has none there."""
        blob = self.consulted[path] = self.blob(path)
        if blob and path not in self._open:
            self._open[path] = self._shelf.file(self._release, path, blob)
        return self._open.get(path)

    def has(self, path: str, word: str) -> bool:
        """Whether a file's text has an identifier in it, told without parsing the file."""
        file = self.file(path)
        return file is not None and file.has(word)

    def holding(self, word: str) -> Sequence[str]:
        """Nothing: releases are not searched."""
        del word
        return ()

    def defining(self, word: str, near: str) -> Sequence[str]:
        """Nothing: releases are not searched."""
        del word, near
        return ()

"""The cache of a site: one folder whose entries can be deleted at any time.

An entry that is damaged counts as absent, and a cache that cannot be written to is not used; what
an entry holds is its owner's business.
"""

import contextlib
import gzip
import shutil
import stat
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from callpath.files import write_atomically

Value = TypeVar("Value")

CACHE = ".cache/callpath"
"""Where a site's cache is, below the folder of its configuration."""

SOURCE = "source"  # source/PROJECT/VERSION/PATH: files of a source tree
MANIFESTS = "manifests"  # manifests/PROJECT/VERSION.json: what is known of their paths
REPOSITORIES = "git"  # git/PROJECT.git: what was fetched, for the next time
LOCK = "fetch.lock"  # held while files are fetched
ELIXIR = "elixir"  # elixir/DIGEST: what an elixir site served
FACTS = "facts"  # facts/MAKER/BLOB.json.gz: what parsing a file gave
ANSWERS = "answers.json.gz"  # what releases say of the notes' statements
GRAPHS = "graphs"  # graphs/DIGEST: drawn graphs

_DRAFTS = "drafts"
_IGNORE = b"# Made by `callpath`; it can be deleted at any time.\n*\n"
_DAMAGE = (OSError, EOFError, zlib.error, ValueError, TypeError, LookupError, RecursionError)
"""What reading a damaged entry can raise."""


class Cache:
    """A cache in a folder. Names of entries are relative to it, with `/`.

    Parameters:
        folder: The folder, made when something is written; None for a cache that keeps nothing.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    def read(self, name: str, parse: Callable[[bytes], Value | None]) -> Value | None:
        """Return what the parser makes of an entry, or None if it is absent or damaged.

        Parameters:
            name: The entry.
            parse: Returns None, or raises what a wrong value usually raises, for a damaged one.
        """
        if self._folder is None:
            return None
        try:
            file = self._folder / name
            # Opening a FIFO or a device could block.
            return parse(file.read_bytes()) if stat.S_ISREG(file.lstat().st_mode) else None
        except _DAMAGE:
            return None

    def read_packed(self, name: str, parse: Callable[[bytes], Value | None]) -> Value | None:
        """As `read`, for an entry that `keep_packed` has written."""
        return self.read(name, lambda data: parse(gzip.decompress(data)))

    def write(self, name: str, data: bytes) -> None:
        """Write an entry; nobody ever reads a part of it.

        Raises:
            OSError: It cannot be written.
        """
        if self._folder is None:
            return
        _make(self._folder)
        file = self._folder / name
        write_atomically(file, data, durable=False, drafts=self._folder / _DRAFTS)

    def keep(self, name: str, data: bytes) -> None:
        """Write an entry if possible."""
        with contextlib.suppress(OSError):
            self.write(name, data)

    def keep_packed(self, name: str, data: bytes) -> None:
        """Write an entry compressed if possible."""
        # The data is small, and time is what it is kept for.
        self.keep(name, gzip.compress(data, compresslevel=1, mtime=0))

    def drop_others(self, name: str) -> None:
        """Remove what else is in the folder of an entry, as far as possible."""
        if self._folder is None:
            return
        kept = self._folder / name
        with contextlib.suppress(OSError):
            for other in kept.parent.iterdir():
                if other != kept:
                    shutil.rmtree(other, ignore_errors=True)

    def prepare(self) -> None:
        """Make the folder, and remove what a killed process left unfinished.

        Raises:
            OSError: The folder cannot be written to.
        """
        if self._folder is not None:
            shutil.rmtree(self._folder / _DRAFTS, ignore_errors=True)
            _make(self._folder)


def _make(folder: Path) -> None:
    """Make the folder, and keep it out of version control."""
    (folder / _DRAFTS).mkdir(parents=True, exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        write_atomically(ignore, _IGNORE, durable=False, drafts=folder / _DRAFTS)

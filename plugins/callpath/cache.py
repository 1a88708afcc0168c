"""The cache of a site: one folder whose entries can be deleted at any time.

An entry that is damaged counts as absent, and a cache that cannot be written to is not used; what
an entry holds is its owner's business.
"""

import contextlib
import shutil
import stat
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from msgspec import Struct

from callpath.files import write_atomically

Value = TypeVar("Value")

CACHE = ".cache/callpath"
"""Where a site's cache is, below the folder of its configuration."""

SOURCE = "source"  # source/PROJECT/VERSION/PATH: files of a source tree
MANIFESTS = "manifests"  # manifests/PROJECT/VERSION.json: what is known of their paths
REPOSITORIES = "git"  # git/PROJECT.git: what was fetched, for the next time
LOCK = "fetch.lock"  # held while files are fetched
ELIXIR = "elixir"  # elixir/DIGEST: what an elixir site served
GRAPHS = "graphs"  # graphs/DIGEST: drawn graphs

_DRAFTS = "drafts"
_IGNORE = b"# Made by `callpath`; it can be deleted at any time.\n*\n"
_DAMAGE = (OSError, EOFError, zlib.error, ValueError, TypeError, LookupError, RecursionError)
"""What reading a damaged entry can raise."""


class Cache(Struct, frozen=True):
    """A cache in a folder. Names of entries are relative to it, with `/`."""

    folder: Path | None = None  # made when something is written; None: nothing is kept

    def read(self, name: str, parse: Callable[[bytes], Value | None]) -> Value | None:
        """What the parser makes of an entry, or None if it is absent or damaged.

        Of a damaged one the parser returns None, or raises what a wrong value usually raises.
        """
        if self.folder is None:
            return None
        try:
            file = self.folder / name
            # Opening a FIFO or a device could block.
            return parse(file.read_bytes()) if stat.S_ISREG(file.lstat().st_mode) else None
        except _DAMAGE:
            return None

    def write(self, name: str, data: bytes) -> None:
        """Write an entry; nobody ever reads a part of it. Raises OSError if it cannot."""
        if self.folder is not None:
            _make(self.folder)
            drafts = self.folder / _DRAFTS
            write_atomically(self.folder / name, data, durable=False, drafts=drafts)

    def keep(self, name: str, data: bytes) -> None:
        """Write an entry if possible."""
        with contextlib.suppress(OSError):
            self.write(name, data)

    def make(self) -> None:
        """Make the folder, kept out of version control. Raises OSError if it cannot be made."""
        if self.folder is not None:
            _make(self.folder)

    def prepare(self) -> None:
        """Make the folder, and remove what a killed process left unfinished.

        Raises OSError if the folder cannot be written to.
        """
        if self.folder is not None:
            shutil.rmtree(self.folder / _DRAFTS, ignore_errors=True)
            _make(self.folder)


def _make(folder: Path) -> None:
    (folder / _DRAFTS).mkdir(parents=True, exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        write_atomically(ignore, _IGNORE, durable=False, drafts=folder / _DRAFTS)

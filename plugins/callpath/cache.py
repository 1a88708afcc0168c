"""The cache of a site: one folder whose entries can be deleted at any time.

An entry that is damaged counts as absent, and a cache that cannot be written to is not used; what
an entry holds is its owner's business.
"""

import contextlib
import gzip
import hashlib
import re
import shutil
import stat
import zlib
from collections.abc import Callable, Iterable
from importlib.util import find_spec
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
FACTS = "facts"  # facts/MAKER/BLOB.json.gz: what parsing a file gave
ANSWERS = "answers.json.gz"  # what releases say of the notes' statements
TREES = "trees"  # trees/MAKER/DIGEST.json.gz: what trees say of what documents mention
READINGS = "readings"  # readings/MAKER/texts.json.gz: what texts mention
GRAPHS = "graphs"  # graphs/DIGEST: drawn graphs

_IMPORT = re.compile(r"^ *from (callpath\.[\w.]+) import", re.MULTILINE)
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

    def read_packed(self, name: str, parse: Callable[[bytes], Value | None]) -> Value | None:
        """As `read`, for an entry that `keep_packed` has written."""
        return self.read(name, lambda data: parse(gzip.decompress(data)))

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

    def keep_packed(self, name: str, data: bytes) -> None:
        """Write an entry compressed if possible."""
        # The data is small, and time is what it is kept for.
        self.keep(name, gzip.compress(data, compresslevel=1, mtime=0))

    def drop_others(self, name: str) -> None:
        """Remove what else is in the folder of an entry, as far as possible."""
        if self.folder is None:
            return
        kept = self.folder / name
        with contextlib.suppress(OSError):
            for other in kept.parent.iterdir():
                if other != kept:
                    shutil.rmtree(other, ignore_errors=True)

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


def maker_of(modules: Iterable[str], *others: bytes) -> str:
    """What facts depend on besides what they are of: 16 hex digits.

    What was made by another maker counts as absent.

    Parameters:
        modules: The modules of this package that make them; what they import decides too.
        others: Settings, versions of libraries, and whatever else decides.
    """
    digest = hashlib.sha256(b"\0".join(others))
    for name, text in sorted(_with_imports(modules).items()):
        digest.update(f"{name}\0{text}".encode())
    return digest.hexdigest()[:16]


def _with_imports(modules: Iterable[str]) -> dict[str, str]:
    """The text of each of the modules, and of all that these import, by name."""
    found: dict[str, str] = {}
    pending = list(modules)
    while pending:
        name = pending.pop()
        if name not in found:
            module = find_spec(name)
            origin = module.origin if module else None
            found[name] = Path(origin).read_text(encoding="utf-8") if origin else ""
            pending += _IMPORT.findall(found[name])
    return found

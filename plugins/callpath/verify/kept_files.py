"""Files that are parsed only for what no earlier run asked of the same bytes.

What parsing gave is kept by git's id of the bytes, whichever tree, release or source they are from.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import partial
from posixpath import splitext

from callpath.c.file import CodeFile
from callpath.c.kept import KeptFacts, KeptFile, kept_data, merged, read_kept
from callpath.c.vocabulary import KERNEL_MACROS, DispatchMacro
from callpath.installed import version_of
from callpath.languages import language_of
from callpath.store import Store

FACTS = "facts"
"""The kind of what is kept."""
_DECIDING = ("callpath.c.kept", "callpath.languages")
"""The modules that facts are made by; what they import decides too."""
_LIBRARIES = ("tree-sitter", "tree-sitter-c", "msgspec")


_MOST_PARSED = 2 * 1024 * 1024
"""What was parsed takes 30 times as much memory as its text."""
MOST_OF_RELEASES = 64 * 1024 * 1024
"""The same where releases are looked through, in which most files are the same."""


class KeptFiles:
    """Files by path and id of their bytes, of which those that were used last are parsed.

    Attributes:
        maker: Who makes what is kept.
        parsed: Those that were parsed, by path and blob.

    Parameters:
        most: Bytes of the texts of files that are parsed at the same time.
    """

    def __init__(
        self, store: Store, dispatch: Mapping[str, DispatchMacro], most: int = _MOST_PARSED
    ) -> None:
        self.parsed: set[tuple[str, str]] = set()
        self._most = most
        self._store = store
        self._dispatch = dispatch
        settings = repr(sorted(dispatch.items())).encode()
        libraries = (version_of(name).encode() for name in _LIBRARIES)
        self.maker = store.maker(_DECIDING, settings, KERNEL_MACROS, *libraries)
        macros = (macro.defining for macro in dispatch.values())
        # What the site's macros put before the names of functions.
        self._prefixes = sorted({macro.prefix for macro in macros if macro and macro.prefix})
        self._files: dict[tuple[str, str], KeptFile] = {}
        self._known: dict[str, bytes] = {}  # what was read ahead of files
        self._trees: dict[tuple[str, str], tuple[CodeFile, int]] = {}  # with bytes, last used last
        self._size = 0  # their bytes together

    def file(self, path: str, blob: str, text: Callable[[], bytes]) -> KeptFile:
        """The file with these bytes, as one at a path; `text` reads it if it must be."""
        key = (path, blob)
        if key not in self._files:
            kept = None
            name = _key(path, blob)
            data = self._known.pop(name, None) or self._store.get(FACTS, self.maker, name)
            if data is not None:
                with suppress(ValueError):
                    kept = read_kept(data, path)
            parse = partial(self._parse, path, blob)
            self._files[key] = KeptFile(kept or KeptFacts(), text, parse, self._prefixes)
        return self._files[key]

    def look_up(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Read at once what is known of files, by path and blob, where each reading takes long."""
        if self._store.shared:
            keys = (_key(path, blob) for path, blob in pairs if (path, blob) not in self._files)
            self._known |= self._store.get_many(FACTS, self.maker, keys)

    def put_away(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Keep what is known of files that are not needed any more, by path and blob."""
        for path, blob in pairs:
            file = self._files.pop((path, blob), None)
            self._size -= self._trees.pop((path, blob), (None, 0))[1]
            if file and file.is_changed:
                with suppress(UnicodeEncodeError):  # of a text that is none
                    data = kept_data(file.kept)
                    self._store.put(FACTS, self.maker, _key(path, blob), data)

    def add(self, known: Mapping[str, bytes]) -> None:
        """Keep what another process found of files, as it would keep it, beside what is known."""
        before = self._store.get_many(FACTS, self.maker, known)
        new = {key: merged(before.get(key), data) for key, data in known.items()}
        self._store.put_many(FACTS, self.maker, new)

    def close(self) -> None:
        """Keep what is known of all files."""
        self.put_away(list(self._files))
        self._store.flush()

    def _parse(self, path: str, blob: str, text: bytes) -> CodeFile:
        """The parsed file; those that were not used for the longest are given up for it."""
        key = (path, blob)
        known = self._trees.pop(key, None)
        if known is None:
            self.parsed.add(key)
            self._size += len(text)
            known = (language_of(path).read(path, text, self._dispatch), len(text))
        self._trees[key] = known
        while self._size > self._most and len(self._trees) > 1:
            self._size -= self._trees.pop(next(iter(self._trees)))[1]
        return known[0]


def _key(path: str, blob: str) -> str:
    """Whose bytes they are; a header is read otherwise than a unit."""
    return f"{blob}{splitext(path)[1]}"

"""Files that are parsed only for what no earlier run asked of the same bytes.

What parsing gave is kept by git's id of the bytes, whichever tree, release or source they are from.
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import partial
from importlib.metadata import version
from posixpath import splitext

from callpath.c.file import CodeFile
from callpath.c.kept import KeptFacts, KeptFile, kept_data, merged, read_kept
from callpath.c.vocabulary import KERNEL_MACROS, DispatchMacro
from callpath.languages import language_of
from callpath.store import Store

FACTS = "facts"
"""The kind of what is kept."""
_DECIDING = ("callpath.c.kept", "callpath.languages")
"""The modules that facts are made by; what they import decides too."""
_LIBRARIES = ("tree-sitter", "tree-sitter-c", "msgspec")


class KeptFiles:
    """Parsed files by path and id of their bytes; each is parsed at most once.

    Attributes:
        maker: Who makes what is kept.
        parsed: Those that were parsed, by path and blob.
    """

    def __init__(self, store: Store, dispatch: Mapping[str, DispatchMacro]) -> None:
        self.parsed: set[tuple[str, str]] = set()
        self._store = store
        self._dispatch = dispatch
        settings = repr(sorted(dispatch.items())).encode()
        libraries = (version(name).encode() for name in _LIBRARIES)
        self.maker = store.maker(_DECIDING, settings, KERNEL_MACROS, *libraries)
        macros = (macro.defining for macro in dispatch.values())
        # What the site's macros put before the names of functions.
        self._prefixes = sorted({macro.prefix for macro in macros if macro and macro.prefix})
        self._files: dict[tuple[str, str], KeptFile] = {}

    def file(self, path: str, blob: str, text: Callable[[], bytes]) -> KeptFile:
        """The file with these bytes, as one at a path; `text` reads it if it must be."""
        key = (path, blob)
        if key not in self._files:
            kept = None
            data = self._store.get(FACTS, self.maker, _key(path, blob))
            if data is not None:
                with suppress(ValueError):
                    kept = read_kept(data, path)
            parse = partial(self._parse, path, blob)
            self._files[key] = KeptFile(kept or KeptFacts(), text, parse, self._prefixes)
        return self._files[key]

    def put_away(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Keep what is known of files that are not needed any more, by path and blob."""
        for path, blob in pairs:
            file = self._files.pop((path, blob), None)
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
        self.parsed.add((path, blob))
        return language_of(path).read(path, text, self._dispatch)


def _key(path: str, blob: str) -> str:
    """Whose bytes they are; a header is read otherwise than a unit."""
    return f"{blob}{splitext(path)[1]}"

"""The languages that sources are written in: their files, how one is read, what others see of it.

One `Language` holds all that file endings decide; no other module compares endings of source files.
A new language is an entry of `LANGUAGES` and a package like `callpath.c`, imported when it reads.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

from callpath.model import Definition, SymbolKind

if TYPE_CHECKING:
    from callpath.c.file import CodeFile
    from callpath.c.vocabulary import DispatchMacro


class Language(Struct, frozen=True):
    """A programming language."""

    name: str
    units: tuple[str, ...]  # endings of the files that are compiled
    headers: tuple[str, ...]  # endings of the files that others include
    # Endings of further files that are listed with them, but not searched.
    assembly: tuple[str, ...]
    kinds: frozenset[SymbolKind]
    linked: frozenset[SymbolKind]  # those that other files can name unless they are `static`
    tags: frozenset[SymbolKind]  # those that other files can name without seeing the definition
    # Reads one file: its path, its bytes (any), the macros that dispatch, by name.
    read: Callable[[str, bytes, Mapping[str, "DispatchMacro"]], "CodeFile"]

    def is_unit(self, path: str) -> bool:
        """Whether a file is compiled, not included."""
        return path.endswith(self.units)

    def is_header(self, path: str) -> bool:
        """Whether a file is there to be included."""
        return path.endswith(self.headers)

    def is_assembly(self, path: str) -> bool:
        """Whether a file is assembly code, which is not read."""
        return path.endswith(self.assembly)

    def is_static(self, definition: Definition) -> bool:
        """Whether a function or variable belongs to its file: `static`, and not in a header."""
        return self.is_unit(definition.path) and "static" in definition.signature.split()

    def is_hidden(self, definition: Definition) -> bool:
        """Whether no other file can name a symbol."""
        if definition.kind in self.linked:
            return self.is_static(definition)
        return definition.kind not in self.tags and self.is_unit(definition.path)


def _read_c(path: str, text: bytes, dispatch: Mapping[str, "DispatchMacro"]) -> "CodeFile":
    from callpath.c.file import read_code

    return read_code(path, text, dispatch)


C = Language(
    name="C",
    units=(".c",),
    headers=(".h",),
    assembly=(".S",),
    kinds=frozenset(SymbolKind),
    linked=frozenset({SymbolKind.FUNCTION, SymbolKind.VARIABLE}),
    tags=frozenset({SymbolKind.STRUCT, SymbolKind.UNION, SymbolKind.ENUM}),
    read=_read_c,
)

LANGUAGES = (C,)

SEARCHED = tuple(ending for each in LANGUAGES for ending in (*each.units, *each.headers))
"""Endings of the files that a source searches for words."""
LISTED = (*SEARCHED, *(ending for each in LANGUAGES for ending in each.assembly))
"""Endings of the files that a source lists."""
_STANDARD_NAMES = """
    assert complex ctype errno fcntl fenv float inttypes iso646 limits locale math memory pthread
    setjmp signal stdarg stdatomic stdbool stddef stdint stdio stdlib string strings time unistd
    wchar wctype
"""
STANDARD_HEADERS = frozenset(f"{name}.h" for name in _STANDARD_NAMES.split())
"""Headers of the system, which a tree may have substitutes for."""


def language_of(path: str) -> Language:
    """The language of a file; that of `C` for an ending that no language claims (`.inc`)."""
    for language in LANGUAGES:
        if path.endswith((*language.units, *language.headers, *language.assembly)):
            return language
    return C


def is_header(path: str) -> bool:
    """Whether a file is there to be included, in any language."""
    return path.endswith(_HEADERS)


_HEADERS = tuple(ending for each in LANGUAGES for ending in each.headers)


class Writing(StrEnum):
    """How a text file of a tree is written, as far as the words in it are concerned."""

    CODE = "code"  # comments are `/* */` and `//`
    SCRIPT = "script"  # comments go from `#` to the end of the line
    OPTIONS = "options"  # Kconfig: only the options that it defines are more than text
    PROSE = "prose"  # documentation


_CODE_ENDINGS = (".c", ".h", ".S", ".rs", ".dts", ".dtsi", ".dtso", ".y", ".l", ".lds", ".inc")
_SCRIPT_ENDINGS = (".py", ".pl", ".sh", ".json", ".tbl", ".awk", ".mk")
_PROSE_ENDINGS = (".rst", ".txt", ".yaml", ".md")
_MAKEFILES = ("Makefile", "Kbuild")
_OPTIONS = "Kconfig"
_DOCUMENTATION = ("Documentation/", "docs/", "doc/")


def writing_of(path: str) -> Writing | None:
    """How a file is written, by its path; None if its words do not count."""
    name = path.rpartition("/")[2]
    if path.startswith(_DOCUMENTATION):
        counts = path.endswith((*_CODE_ENDINGS, *_SCRIPT_ENDINGS, *_PROSE_ENDINGS))
        return Writing.PROSE if counts else None
    if name.startswith(_OPTIONS):
        return Writing.OPTIONS
    if path.endswith(_CODE_ENDINGS):
        return Writing.CODE
    if path.endswith(_SCRIPT_ENDINGS) or name.startswith(_MAKEFILES):
        return Writing.SCRIPT
    return Writing.PROSE if path.endswith(_PROSE_ENDINGS) else None


LATER_ENDINGS: Mapping[str, tuple[str, ...]] = {
    ".c": (".rs", ".S", ".cc"),
    ".S": (".c",),
    ".h": (".rs",),
    ".txt": (".rst", ".md", ".yaml", ".adoc"),
    ".rst": (".txt", ".md"),
    ".md": (".rst",),
    ".tmpl": (".rst",),
    "": (".rst", ".txt", ".md"),
}
"""What a file may end in after a change, by what it ended in."""

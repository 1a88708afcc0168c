"""Every word that the pages say by themselves: one file a language, in `templates/locale`.

A text is reached by its name (`strings.call_graph`), a table of texts is a dictionary
(`strings.kinds["macro"]`). `{}` in a text is the place of a value that the page puts in.
"""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from callpath.site.templates import templates_folder

# The language whose names all others must have; it also replaces languages that are missing.
_REFERENCE = "en"
_GROUPS = ("home", "versions", "eras")  # tables whose texts are reached by name, as at the top
_SCRIPT_WORDS = ("symbol_page", "file_page", "switch_title", "keys", "single_keys", "note", "kinds")


class Words:
    """Texts by their names in a language's file."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        for name, value in table.items():
            is_group = name in _GROUPS and isinstance(value, dict)
            setattr(self, name, Words(value) if is_group else value)

    if TYPE_CHECKING:  # else a name that the file does not have is an `AttributeError`

        def __getattr__(self, name: str) -> str:
            """A text."""


class Strings(Words):
    """The words of one language: besides these groups and tables, all are texts."""

    home: Words
    versions: Words
    eras: Words
    proofs: dict[str, str]
    statuses: dict[str, str]
    kinds: dict[str, str]
    projects: dict[str, str]
    legend_lines: dict[str, str]
    legend_boxes: dict[str, str]
    zoom_words: list[str]

    def for_script(self) -> dict[str, object]:
        """The words that the page's script says, by their names."""
        words: dict[str, object] = {name: getattr(self, name) for name in _SCRIPT_WORDS}
        return words | {"key_meanings": self.home.key_meanings}


def languages() -> tuple[str, ...]:
    """The languages that there is a file of, as the first part of their tags, sorted."""
    return tuple(sorted(file.stem for file in _folder().glob("*.toml")))


def strings_for(language: str) -> Strings:
    """The words of a language tag such as `zh`, `zh-TW` or `en`; English when there are none.

    Raises ValueError if the language's file lacks a name that the English one has, or has another.
    """
    first = language.lower().partition("-")[0].partition("_")[0]
    return _strings(first if first in languages() else _REFERENCE)


@cache
def _strings(language: str) -> Strings:
    table = read_language(language)
    names, expected = set(names_in(table)), set(names_in(read_language(_REFERENCE)))
    if names != expected:
        differing = ", ".join(f"`{name}`" for name in sorted(names ^ expected))
        raise ValueError(f"`{language}.toml` and `{_REFERENCE}.toml` differ in {differing}")
    return Strings(table)


def read_language(language: str) -> dict[str, Any]:
    """A language's file as it is written."""
    return tomllib.loads((_folder() / f"{language}.toml").read_text(encoding="utf-8"))


def names_in(table: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """The names of all texts and lists in a table, those of a table in it behind its own."""
    for name, value in table.items():
        if isinstance(value, dict):
            yield from names_in(value, f"{prefix}{name}.")
        else:
            yield prefix + name


def _folder() -> Path:
    return templates_folder() / "locale"

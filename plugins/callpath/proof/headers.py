"""Which files a file sees by its `#include` lines, as far as they lead to files of the tree.

Where folders are searched for headers is not known. A name in quotes is looked for beside the
file that writes it; any other name is that of the nearest files of the tree that end with it.
Nearness is that to the file that is compiled, so `<asm/page.h>` is that of the own architecture;
seen from generic code several are equally near, and each of them may be meant.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Protocol

_MOST_FILES = 3000  # how many files are looked at for one that is compiled


class IncludingFiles(Protocol):
    """A source's files, as includes are followed in them."""

    def included(self, path: str) -> Sequence[str]:
        """What a file includes, as written (`linux/fs.h`); empty for what cannot be read."""

    def located(self, spelled: str) -> Sequence[str]:
        """The files whose path is or ends in what an include says; empty if none is listed."""


@dataclass
class Headers:
    """What files include, found out as far as it is asked for."""

    files: IncludingFiles
    _levels: dict[str, list[tuple[str, ...]]] = field(default_factory=dict, repr=False)

    def nearest(self, path: str, is_meant: Callable[[str], bool]) -> tuple[str, ...]:
        """The files that hold to a condition among those that a file sees, the nearest ones.

        These are all that are as few includes away as the first; none if there is none.
        """
        for level in self._below(path):
            if found := tuple(filter(is_meant, level)):
                return found
        return ()

    def direct(self, path: str) -> tuple[str, ...]:
        """The files that a file includes itself."""
        return next(self._below(path), ())

    def sees(self, path: str, other: str) -> bool:
        """Whether a file includes another one, perhaps through others."""
        return bool(self.nearest(path, other.__eq__))

    def _below(self, path: str) -> Iterator[tuple[str, ...]]:
        """The files that a file sees: those one include away, then two, and so on."""
        levels = self._levels.setdefault(path, [])
        yield from tuple(levels)
        seen = {path}.union(*levels)
        while (not levels or levels[-1]) and len(seen) < _MOST_FILES:
            includers = levels[-1] if levels else (path,)
            found = (
                each
                for includer in includers
                for name in self.files.included(includer)
                for each in included_paths(name, includer, path, self.files.located)
            )
            level = tuple(each for each in dict.fromkeys(found) if each not in seen)
            seen.update(level)
            levels.append(level)
            yield level


def included_paths(
    name: str, includer: str, path: str, located: Callable[[str], Sequence[str]]
) -> Sequence[str]:
    """The files that the name in an `#include` of one file may mean when another is compiled."""
    parts = name.split("/")
    beside = _beside(parts, includer)
    if beside and beside in located(beside):
        return (beside,)
    plain = "/".join(part for part in parts if part not in (".", ".."))
    fitting = located(plain)
    if len(fitting) < 2:
        return fitting
    away = {each: _away(each, path) for each in fitting}
    least = min(away.values())
    return [each for each in fitting if away[each] == least]


def _beside(parts: Sequence[str], includer: str) -> str:
    """The path that a name has as seen from the folder of a file; empty if it leaves the tree."""
    folder = includer.split("/")[:-1]
    for part in parts:
        if part == "..":
            if not folder:
                return ""
            folder.pop()
        elif part != ".":
            folder.append(part)
    return "/".join(folder)


def _away(path: str, origin: str) -> int:
    """How many folders lie between two files."""
    there, here = path.split("/")[:-1], origin.split("/")[:-1]
    pairs = zip(there, here, strict=False)
    shared = len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))
    return len(there) + len(here) - 2 * shared

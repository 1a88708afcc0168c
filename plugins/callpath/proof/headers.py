"""Which headers may say what a name is in a file: those that it sees by its `#include` lines.

Where folders are searched for headers is not known. A name in quotes is looked for beside the
file that writes it; any other name is that of the nearest files of the tree that end with it.
Nearness is that to the file that is compiled, so `<asm/page.h>` is that of the own architecture;
seen from generic code several are equally near, and each of them may be meant.
"""

import posixpath
from collections.abc import Callable, Iterator, Sequence

from msgspec import Struct, field

from callpath.c.facts import Include
from callpath.proof.includes import IncludedFiles
from callpath.proof.links import LinkTable, distance

_MOST_FILES = 3000  # how many files are looked at for one that is compiled


class Headers(Struct, dict=True):
    """What files see, found out as far as it is asked for."""

    files: IncludedFiles
    links: LinkTable
    _levels: dict[str, list[tuple[str, ...]]] = field(default_factory=dict)

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
            found = (
                each
                for includer in (levels[-1] if levels else (path,))
                for include in self.files.includes(includer)
                for each in self._meant(include, includer, path)
            )
            level = tuple(each for each in dict.fromkeys(found) if each not in seen)
            seen.update(level)
            levels.append(level)
            yield level

    def _meant(self, include: Include, includer: str, path: str) -> Sequence[str]:
        """The files that an `#include` of one file may mean when another is compiled."""
        beside = posixpath.normpath(posixpath.join(posixpath.dirname(includer), include.spelled))
        if beside in self.files.located(beside):
            return (beside,)
        parts = include.spelled.split("/")
        plain = "/".join(part for part in parts if part not in (".", ".."))
        located = self.files.located(plain)
        fitting = [each for each in located if self.links.links(path, each)] or located
        if len(fitting) < 2:
            return fitting
        away = {each: distance(each, path)[0] for each in fitting}
        least = min(away.values())
        return [each for each in fitting if away[each] == least]

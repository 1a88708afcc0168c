"""Link units: which files of a tree are linked with which, by a table of folders."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile

from msgspec import Struct, field

from callpath.languages import language_of
from callpath.model import Compared, Definition
from callpath.projects import LinkUnit

_REST = "."  # how a table writes what is in no unit


class _Place(Compared, frozen=True):
    """The unit that a file is in: its row of the table, its folder, and the names in it."""

    unit: LinkUnit
    folder: tuple[str, ...]
    names: Mapping[str, str] = field(default_factory=dict)


class LinkTable(Struct):
    """The link units of a project; of two rows that fit a folder the later, more exact one counts.

    Without rows everything is linked with everything.
    """

    units: Sequence[LinkUnit] = ()
    _places: dict[str, _Place | None] = field(default_factory=dict)

    def unit_of(self, path: str) -> str:
        """The folder of the unit that a file is in; empty for what is in no unit."""
        place = self._place(path)
        return "/".join(place.folder) if place else ""

    def links(self, path: str, other: str) -> bool:
        """Whether code of one file can be linked with what another defines, or include it."""
        here, there = self._place(path), self._place(other)
        if here == there:
            return True
        if here is None:
            return there is not None and not there.unit.apart
        if self._is_named(here, other, there):
            return True
        if language_of(other).is_header(other):
            # What is apart is made with the headers of what it belongs to.
            return there is None or (here.unit.apart and not there.unit.apart)
        return False

    def nearness(self, path: str, origin: str) -> tuple[int, int, str]:
        """How far a file is from another one, to sort by: its own unit first, then the rest."""
        here, there = self.unit_of(origin), self.unit_of(path)
        unit = 0 if here == there else 1 if not there else 2
        return (unit if self.links(origin, path) else unit + 2, *distance(path, origin))

    def candidate_order(self, found: Definition, origin: str) -> tuple[bool, int, int, str, int]:
        """How likely a definition is the one that a file means, to sort by; stubs come last."""
        return (is_stub(found), *self.nearness(found.path, origin), found.line)

    def _is_named(self, here: _Place, other: str, there: _Place | None) -> bool:
        """Whether the row of a unit names a file."""
        deepest = len(there.folder) if there else 0
        for pattern in here.unit.reaches:
            if pattern == _REST:
                if there is None:
                    return True
                continue
            parts = pattern.split("/")
            if deepest <= len(parts) and _match(parts, other.split("/"), here.names) is not None:
                return True
        return False

    def _place(self, path: str) -> _Place | None:
        folder = path.rpartition("/")[0]
        if folder not in self._places:
            self._places[folder] = self._found(folder.split("/"))
        return self._places[folder]

    def _found(self, folder: list[str]) -> _Place | None:
        found: list[tuple[int, int, int, _Place]] = []
        for number, unit in enumerate(self.units):
            parts = unit.paths.split("/")
            names = _match(parts, folder, {})
            if names is not None:
                place = _Place(unit, tuple(folder[: len(parts)]), names)
                found.append((len(parts), sum(map(_is_plain, parts)), number, place))
        return max(found, key=lambda each: each[:3])[3] if found else None


def is_stub(found: Definition) -> bool:
    """Whether a definition of a header stands in for one that is not configured."""
    is_static = "static" in found.signature.split()
    return is_static and bool(found.condition) and language_of(found.path).is_header(found.path)


def _is_plain(part: str) -> bool:
    return part != "*" and not part.startswith("{")


def _match(
    pattern: Sequence[str], parts: Sequence[str], given: Mapping[str, str]
) -> Mapping[str, str] | None:
    """The names in a pattern that fits the beginning of a path; None if it does not fit."""
    if len(pattern) > len(parts):
        return None
    names = dict(given)
    for wanted, part in zip(pattern, parts, strict=False):
        if wanted.startswith("{"):
            if names.setdefault(wanted, part) != part:
                return None
        elif wanted not in ("*", part):
            return None
    return names


def distance(path: str, origin: str) -> tuple[int, str]:
    """How many folders lie between two files, to sort by."""
    there, here = path.split("/")[:-1], origin.split("/")[:-1]
    pairs = zip(there, here, strict=False)
    shared = len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))
    return (len(there) + len(here) - 2 * shared, path)


def link_table(known: Iterable[LinkUnit], added: Iterable[LinkUnit] = ()) -> LinkTable:
    """The table of what is known of a project and what a site adds or describes anew."""
    return LinkTable((*known, *added))

"""Which files a file includes, as far as they are in the tree, and which include it.

A tree does not say its include paths. So a header is looked for beside the file that includes it,
then among all paths that end as it is written, the nearest first.
"""

import posixpath
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from msgspec import Struct, field

from callpath.c.facts import Include
from callpath.languages import STANDARD_HEADERS
from callpath.proof.links import LinkTable, distance

_MOST_FILES = 8000  # how many files are followed from one
_MOST_ABOVE = 40  # how many files are looked at that include one, themselves or through others


class IncludedFiles(Protocol):
    """A source's files, as the graph asks for them."""

    def includes(self, path: str) -> Sequence[Include]:
        """The includes of a file, in order, without parsing it."""

    def located(self, spelled: str) -> Sequence[str]:
        """The files whose path is or ends in what an include says."""

    def including(self, path: str) -> Sequence[str]:
        """The files that may include a file, as far as can be searched."""


class Inclusion(Struct, frozen=True):
    """How a file gets into another one: by which file, at which line, under which condition."""

    by: str
    line: int
    condition: str = ""  # also those of the includes on the way


class IncludeGraph(Struct, dict=True):
    """The includes of a tree, followed on demand."""

    files: IncludedFiles
    links: LinkTable
    _visible: dict[str, Mapping[str, Inclusion]] = field(default_factory=dict)
    _found: dict[tuple[str, str], str] = field(default_factory=dict)
    # Includes whose file depends on where in its part of the tree the root is.
    _own: set[str] = field(default_factory=set)
    _lines: dict[tuple[str, str], Sequence[tuple[str, Include]]] = field(default_factory=dict)

    def visible(self, path: str) -> Mapping[str, Inclusion]:
        """All files that a file includes, also through others, each by its first inclusion.

        What is included without a condition comes first, then the rest; else in textual order.
        """
        if path not in self._visible:
            self._visible[path] = self._follow(path)
        return self._visible[path]

    def forget(self) -> None:
        """Ask the files again for their includes, but for what was followed from one already."""
        self._lines.clear()
        self._found.clear()

    def position(self, path: str, place: str, line: int) -> tuple[int, ...]:
        """Where a line of an included file is seen in a file, to sort by."""
        visible, lines = self.visible(path), [line]
        while place != path:
            inclusion = visible[place]
            lines.append(inclusion.line)
            place = inclusion.by
        return tuple(reversed(lines))

    def are_joined(self, path: str, other: str) -> bool:
        """Whether two files are compiled as one: one includes the other, or a third both."""
        if other in self.visible(path):
            return True
        above = (path, *self._above(path))
        return any(other == each or other in self.visible(each) for each in above)

    def _above(self, path: str) -> Iterator[str]:
        """The files that include one, themselves or through others."""
        seen = {path: None}
        pending = [path]
        while pending and len(seen) < _MOST_ABOVE:
            below = pending.pop(0)
            for each in self.files.including(below):
                if each not in seen and any(at == below for at, _ in self._targets(each, each)):
                    seen[each] = None
                    pending.append(each)
                    yield each

    def _follow(self, root: str) -> Mapping[str, Inclusion]:
        found: dict[str, Inclusion] = {root: Inclusion("", 0)}
        conditional: list[tuple[str, str, Include]] = []
        self._descend(root, found, lambda *each: conditional.append(each))
        for by, place, include in conditional:
            if place not in found:
                found[place] = Inclusion(by, include.line, include.condition)
                self._descend(root, found, None, place)
        del found[root]
        return found

    def _descend(
        self,
        root: str,
        found: dict[str, Inclusion],
        aside: Callable[[str, str, Include], None] | None,
        start: str = "",
    ) -> None:
        """Follow includes from a file in textual order.

        What is included under a condition goes to `aside`; without one, it is followed too.
        """
        first = start or root
        pending = [(first, iter(self._targets(root, first)))]
        while pending and len(found) < _MOST_FILES:
            by, rest = pending[-1]
            place, include = next(rest, ("", None))
            if include is None:
                pending.pop()
            elif include.condition and aside is not None:
                aside(by, place, include)
            elif place not in found:
                condition = found[by].condition or include.condition
                found[place] = Inclusion(by, include.line, condition)
                pending.append((place, iter(self._targets(root, place))))

    def _targets(self, root: str, path: str) -> Sequence[tuple[str, Include]]:
        """The files that a file includes directly when the root is compiled."""
        # Most includes lead to the same files for all roots of one part of the tree.
        folder = posixpath.dirname(root)
        for key in ((self._part(folder), path), (folder, path)):
            if key in self._lines:
                return self._lines[key]
        found = [(self._resolved(root, path, each), each) for each in self.files.includes(path)]
        is_common = not any(each.spelled in self._own for _, each in found)
        key = (self._part(folder) if is_common else folder, path)
        self._lines[key] = [(place, each) for place, each in found if place]
        return self._lines[key]

    def _part(self, folder: str) -> str:
        """The part of a tree that a folder is in, written so that it is no folder."""
        return f"{self.links.unit_of(folder + '/_') or folder.partition('/')[0]}/*"

    def _resolved(self, root: str, path: str, include: Include) -> str:
        """The path of an included file; empty if the tree does not have it or leaves it open."""
        if include.quoted:
            beside = posixpath.normpath(posixpath.join(posixpath.dirname(path), include.spelled))
            if beside in self.files.located(beside):
                return beside
        elif include.spelled in STANDARD_HEADERS:
            return ""
        folder = posixpath.dirname(root)
        for key in ((self._part(folder), include.spelled), (folder, include.spelled)):
            if key in self._found:
                return self._found[key]
        found = self._nearest(root, include.spelled)
        key = (folder if include.spelled in self._own else self._part(folder), include.spelled)
        self._found[key] = found
        return found

    def _nearest(self, root: str, spelled: str) -> str:
        parts = posixpath.normpath(spelled).split("/")
        plain = "/".join(part for part in parts if part != "..")
        linked = [each for each in self.files.located(plain) if self.links.links(root, each)]
        own = [each for each in linked if self.links.unit_of(each) in self._units(root)]
        if not own and len({self.links.unit_of(each) for each in linked}) > 1:
            return ""  # of several architectures, say, and nothing tells which
        found = {each.removesuffix(plain): each for each in own or linked}
        if not self._is_common(root, sorted(found)):
            self._own.add(spelled)
        ranks = ((distance(folder + "_", root)[0], each) for folder, each in found.items())
        return min(ranks, default=(0, ""))[1]

    def _is_common(self, root: str, folders: Sequence[str]) -> bool:
        """Whether the nearest of some folders is the same for all of the root's part of the tree.

        It is if the others are in it, and none of them is in that part.
        """
        part = self._part(posixpath.dirname(root)).removesuffix("*")
        outer = folders[0] if folders else ""
        return all(each.startswith(outer) and not each.startswith(part) for each in folders[1:])

    def _units(self, root: str) -> Iterable[str]:
        return (self.links.unit_of(root), "")

"""Finds paths of a tree by their ends, and where a path that is not there may be now.

Takes the list of a tree's paths; reads nothing.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property, partial
from itertools import groupby, pairwise

from callpath.findings import nearest_name
from callpath.languages import LATER_ENDINGS

_MOST_FOUND = 3
MOST_SEVERAL = 8
"""Whole paths that are listed for an end that several have; with more, none is meant."""

_INCLUDED_FROM = ("include/", "include/uapi/")
"""Folders below which headers are named without them, the first that has one counts (Linux)."""
_MADE_BY_BUILD = "generated"  # a folder of what no tree has (Linux)
_COPIES = "tools/"  # the folder whose files repeat others under the same path (Linux)
_ASIDE = ("tools/", "samples/", "scripts/", "rust/")
"""Top folders of what is not the project's own code (Linux)."""
_TRANSLATED = "/translations/"

_MARKUPS = frozenset({".txt", ".rst", ".md", ".tmpl"})
_SHORT = 4  # letters of a name in which a slip may make any other name
_SAYS_MUCH = re.compile(r".+[_-].+|.*[0-9].*[a-z].*")
"""Stems of several parts: who else is called so is most likely the same."""
_ARCHITECTURE = re.compile(r"arch/([^/]+)/")
_FIRST_IN_FOLDER = ("core", "main", "index")
"""Stems of what holds the most after a file became a folder, besides the folder's own name."""


class TreePaths:
    """The paths of a tree."""

    def __init__(self, files: Iterable[str], folders: Collection[str], project: str = "") -> None:
        self._files = frozenset(files)
        self._folders = frozenset(folders)
        # A path as it is told may begin with the checkout's folder.
        self._checkout = re.compile(rf"{re.escape(project)}(?:-[\w.-]*)?/") if project else None

    def ends_in(self, path: str) -> tuple[str, ...]:
        """The whole paths that a path is the end of, sorted; or the one that is meant.

        Files count before folders, and of a single word only files. A path that begins with a top
        folder of the tree may also be a whole one that is gone, so where that may be is named too.
        """
        found = _ending(path, self._files_by_name) or (
            _ending(path, self._folders_by_name) if "/" in path else []
        )
        if not found:
            return self._below_checkout(path)
        for above in _INCLUDED_FROM:
            if "/" in path and above + path in found:
                return (above + path,)
        whole = set(found)
        copies = [each for each in found if each.startswith(_COPIES)]
        whole -= {each for each in copies if each.removeprefix(_COPIES) in whole}
        if "/" in path and path.partition("/")[0] in self._folders:
            whole.update(self.near(path))
        return tuple(sorted(whole))

    def _below_checkout(self, path: str) -> tuple[str, ...]:
        start = self._checkout.match(path) if self._checkout else None
        rest = path[start.end() :] if start else ""
        return (rest,) if rest in self._files or rest in self._folders else ()

    def near(self, path: str) -> tuple[str, ...]:
        """Where what is not at a path may be, the likeliest first; at most three.

        What is in a folder that the tree does not have is of another tree, unless that is a slip.
        """
        top, slash, _ = path.partition("/")
        if _MADE_BY_BUILD in path.split("/"):
            return ()
        if slash and top not in self._folders:
            return tuple(self._in_other_case(path) or self._under_top(path))
        ways: Sequence[Callable[[str], Sequence[str]]] = (
            self._in_other_case,
            self._with_other_ending,
            self._in_misspelt_folder,
            self._of_its_name,
            self._became_folder,
            self._alone_of_its_name,
            self._with_near_name,
            self._with_longer_name,
        )
        return next((tuple(found[:_MOST_FOUND]) for way in ways if (found := way(path))), ())

    def _under_top(self, path: str) -> tuple[str, ...]:
        """The whole path of one that begins with a folder that is none, or is misspelt."""
        top, _, rest = path.partition("/")
        tops = {each.partition("/")[0] for each in self._folders}
        slips = nearest_name(top, sorted(tops), 1) if len(top) > _SHORT else ()
        meant = [f"{each}/{rest}" for each in slips if _slips(top, each) == 1]
        return tuple(each for each in (rest, *meant) if each in self._files)[:1]

    def _in_other_case(self, path: str) -> Sequence[str]:
        return self._by_lower_case.get(path.lower(), ())

    def _in_misspelt_folder(self, path: str) -> Sequence[str]:
        above, _, name = path.rpartition("/")
        if not above or above in self._folders or name not in self._files_by_name:
            return ()
        near = nearest_name(above, sorted(self._folders))
        slips = (f"{each}/{name}" for each in near if _has_slip(above, each))
        return [whole for whole in slips if whole in self._files][:1]

    def _of_its_name(self, path: str) -> Sequence[str]:
        """What has its name in the folders that the path names, and further ones."""
        name = path.rpartition("/")[2]
        folders = self._folders_by_name.get(name, ()) if len(name) >= _SHORT else ()
        found = self._nearest(path, folders) if "." not in name else ()
        return found or self._nearest(path, self._so_called(path) or folders)

    def _alone_of_its_name(self, path: str) -> Sequence[str]:
        """The only file of its name, if the name says enough or the folder says little."""
        called = [each for each in self._so_called(path) if _may_be(each, path)]
        is_clear = path.count("/") == 1 or _says_much(_stem(path))
        return called if len(called) == 1 and is_clear else ()

    def _so_called(self, path: str) -> Sequence[str]:
        """The files of a path's name; a document may have got another ending."""
        name = path.rpartition("/")[2]
        stem, ending = _split(name)
        others = LATER_ENDINGS.get(ending, ()) if ending in _MARKUPS else ()
        names = [name, *(stem + other for other in others)]
        return [each for one in names for each in self._files_by_name.get(one, ())]

    def _with_other_ending(self, path: str) -> Sequence[str]:
        stem, ending = _split(path)
        others = (stem + other for other in LATER_ENDINGS.get(ending, ()))
        return [each for each in others if each in self._files]

    def _became_folder(self, path: str) -> Sequence[str]:
        """The file of most weight in a folder that has the name of a file that is gone."""
        folder, ending = _split(path)
        own = folder.rpartition("/")[2]
        if not ending or folder not in self._folders:
            return ()
        inside = [f"{folder}/{stem}{ending}" for stem in (own, *_FIRST_IN_FOLDER)]
        return [each for each in inside if each in self._files][:1] or [folder]

    def _with_near_name(self, path: str) -> Sequence[str]:
        """What has its name but for a slip, in its folder or in the one that this may be now."""
        above, _, name = path.rpartition("/")
        if name in self._files_by_name:
            return ()  # it is no slip
        folders = [above] if not above or above in self._folders else self._moved(above)
        stem, ending = _split(name)
        for folder in folders:
            inside = [each for each in self._inside.get(folder, ()) if _split(each)[1] == ending]
            near = nearest_name(name, inside, _MOST_FOUND)
            meant = [each for each in near if _is_slip(stem, _split(each)[0])]
            least = min((_slips(stem, _split(each)[0]) for each in meant), default=0)
            meant = [each for each in meant if _slips(stem, _split(each)[0]) == least]
            if meant:
                return [f"{folder}/{each}" if folder else each for each in meant]
        return ()

    def _with_longer_name(self, path: str) -> Sequence[str]:
        """The only file of its folder whose name ends in its own: `mm/block.c`, `mm/memblock.c`."""
        above, _, name = path.rpartition("/")
        if len(_stem(path)) <= _SHORT or "." not in name:
            return ()
        inside = [each for each in self._inside.get(above, ()) if each.endswith(name)]
        longer = [each for each in inside if f"{above}/{each}" in self._files]
        return [f"{above}/{each}" for each in longer] if len(longer) == 1 else ()

    def _moved(self, folder: str) -> Sequence[str]:
        """Where a folder may be that is not there: under its own name, or one nearly it."""
        named = self._folders_by_name.get(folder.rpartition("/")[2], ())
        near = nearest_name(folder, sorted(self._folders), 1)
        return self._nearest(folder, named) or [each for each in near if _is_slip(folder, each)]

    def _nearest(self, path: str, candidates: Sequence[str]) -> Sequence[str]:
        """The candidates with most of a path's folders; none if too many have as many."""
        folders = path.split("/")[:-1]
        candidates = [each for each in candidates if _may_be(each, path)]
        is_rare = len(candidates) <= _MOST_FOUND
        near = [each for each in candidates if _is_near(folders, each.split("/")[:-1], is_rare)]
        own = [each for each in near if each.split("/")[:1] == folders[:1]]
        if own and len(near) - len(own) <= _MOST_FOUND:
            near = own
        rank = partial(_rank, path)
        found: list[str] = []
        for _, group in groupby(sorted(near, key=rank), lambda one: rank(one)[:2]):
            tied = list(group)
            if len(found) + len(tied) > _MOST_FOUND:
                break
            found += tied
        return found

    @cached_property
    def _files_by_name(self) -> Mapping[str, Sequence[str]]:
        return _by_name(self._files)

    @cached_property
    def _folders_by_name(self) -> Mapping[str, Sequence[str]]:
        return _by_name(self._folders)

    @cached_property
    def _by_lower_case(self) -> Mapping[str, Sequence[str]]:
        found: dict[str, list[str]] = {}
        for path in sorted(self._files | self._folders):
            found.setdefault(path.lower(), []).append(path)
        return found

    @cached_property
    def _inside(self) -> Mapping[str, Sequence[str]]:
        """The names in each folder, sorted."""
        found: dict[str, list[str]] = {}
        for path in sorted(self._files | self._folders):
            above, _, name = path.rpartition("/")
            found.setdefault(above, []).append(name)
        return found


def _ending(path: str, by_name: Mapping[str, Sequence[str]]) -> Sequence[str]:
    named = by_name.get(path.rpartition("/")[2], ())
    return [each for each in named if each.endswith(f"/{path}")]


def _by_name(paths: Iterable[str]) -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = {}
    for path in sorted(paths):
        found.setdefault(path.rpartition("/")[2], []).append(path)
    return found


def _split(name: str) -> tuple[str, str]:
    """A name without its ending, and the ending with its dot."""
    stem, dot, ending = name.rpartition(".")
    return (stem, dot + ending) if dot and "/" not in ending else (name, "")


def _stem(path: str) -> str:
    return _split(path.rpartition("/")[2])[0]


def _says_much(stem: str) -> bool:
    return len(stem) > _SHORT and bool(_SAYS_MUCH.fullmatch(stem))


def _may_be(candidate: str, path: str) -> bool:
    """Whether a file can be another one that moved.

    None moves to another architecture, to the tools or to the translations of documents (Linux).
    """
    here, there = _ARCHITECTURE.match(path), _ARCHITECTURE.match(candidate)
    is_aside = candidate.startswith(_ASIDE) and not path.startswith(candidate.partition("/")[0])
    is_translated = _TRANSLATED in candidate and _TRANSLATED not in path
    is_other = here is not None and there is not None and here[1] != there[1]
    return not (is_aside or is_translated or is_other)


def _is_near(folders: Sequence[str], others: Sequence[str], is_rare: bool) -> bool:  # noqa: FBT001
    """Whether something of the same name in another folder is likely the same.

    Its path has further folders, or lacks some if the name is rare, or has one under another name.
    """
    shared = _in_common(folders, others)
    if shared == len(folders) or (is_rare and shared == len(others) and folders[:1] == others[:1]):
        return True
    is_renamed = len(folders) == len(others) == shared + 1 and folders[-1] == others[-1]
    return is_renamed and folders[:1] == others[:1]


def _is_slip(written: str, meant: str) -> bool:
    """Whether one name is the other, written wrongly."""
    return len(written) > _SHORT and _slips(written, meant) <= min(3, max(1, len(written) // 5))


def _has_slip(folder: str, meant: str) -> bool:
    """Whether one folder of a path is misspelt, and all others are as they should be."""
    parts, others = folder.split("/"), meant.split("/")
    wrong = [pair for pair in zip(parts, others, strict=False) if pair[0] != pair[1]]
    if len(parts) != len(others) or len(wrong) != 1:
        return False
    lengths = sorted(map(len, wrong[0]))
    is_long = lengths[0] > _SHORT or (lengths[0] == _SHORT and lengths[1] > _SHORT)
    return is_long and _slips(*wrong[0]) == 1


def _slips(written: str, meant: str) -> int:
    """How many letters are wrong, missing, too many or swapped."""
    from rapidfuzz.distance import OSA  # most runs have no slip

    return OSA.distance(written, meant)


def _rank(path: str, candidate: str) -> tuple[int, bool, bool, int, str]:
    """How far a candidate is from a path, to sort by: first by the folders that both have.

    A file that became a folder of its name is in it, most likely.
    """
    (*folders, name), (*theirs, its_name) = path.split("/"), candidate.split("/")
    is_other = theirs[-1:] != [_split(name)[0]]
    return (-_in_common(folders, theirs), name != its_name, is_other, len(theirs), candidate)


def _in_common(first: Sequence[str], second: Sequence[str]) -> int:
    """How many parts two paths have in the same order."""
    lengths = [0] * (len(second) + 1)
    for part in first:
        row = [0]
        for other, (above_left, above) in zip(second, pairwise(lengths), strict=True):
            row.append(above_left + 1 if part == other else max(above, row[-1]))
        lengths = row
    return lengths[-1]

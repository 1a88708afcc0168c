"""Whose struct a tag is: the file that defines it, as another file sees it, and what it holds.

A tag that a `.c` file defines is that file's own type; one of a header is shared by those who
include it. An object of a type that several files declare carries the type across.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from enum import Enum, auto

from msgspec import Struct

from callpath.c.facts import FileTypes
from callpath.c.file import CodeFile
from callpath.languages import language_of
from callpath.model import SymbolKind
from callpath.proof.code import Code

_WORD = re.compile(r"\w+")
_MOST_ALIASES = 8
_MOST_ASKED = 8  # headers that are parsed for one name


class StructType(Struct, frozen=True):
    """A struct as one file sees it."""

    # Behind typedefs; the tag or name as it is written if nothing is seen to define it.
    tag: str = ""
    # The files that define it, each of which may be meant; empty if none is seen.
    homes: tuple[str, ...] = ()
    # Whether one of the homes is the one that is meant for sure.
    is_sure: bool = True
    # The files that a name in it is looked up from: where it is defined, then who is compiled.
    seen_from: tuple[str, ...] = ()


NO_STRUCT = StructType()


class Fit(Enum):
    """How the struct that is called through and the struct that is filled compare."""

    SAME = auto()
    UNKNOWN = auto()
    DIFFERENT = auto()


class _Sayings(Struct, frozen=True):
    """The files that say what a name is, and what they say of types."""

    paths: tuple[str, ...] = ()
    is_sure: bool = True

    def types(self, code: Code) -> Iterator[tuple[str, FileTypes]]:
        for path in self.paths[:_MOST_ASKED]:
            if file := code.file(path):
                yield path, file.types


def struct_of(code: Code, seen_from: Sequence[str], tag: str) -> StructType:
    """The struct that a tag or a typedef stands for in a file.

    Parameters:
        seen_from: The files that the name is looked up from, the one that is compiled last.
    """
    seen, is_sure = tuple(dict.fromkeys(seen_from)), True
    for _ in range(_MOST_ALIASES if tag else 0):
        found = _sayings(code, seen, tag, _says_type)
        is_sure = is_sure and (found.is_sure or not found.paths)
        following = ""
        homes: list[str] = []
        for path, types in found.types(code):
            if tag in types.members:
                homes.append(path)
            elif alias := types.typedefs.get(tag):
                following, seen = alias, tuple(dict.fromkeys((path, *seen)))
                break
        if homes:
            others = found.paths[_MOST_ASKED:]
            return StructType(tag, (*homes, *others), is_sure, (homes[0], *seen))
        if not following:
            break
        tag = following
    is_searched = not code.files.searchable or bool(code.files.holding(tag.partition(".")[0]))
    return StructType(tag, (), is_searched, seen)


def member_of(code: Code, struct: StructType, members: Sequence[str]) -> StructType:
    """The struct that a path of members leads to."""
    for member in members:
        homes = _homes(code, struct)
        tags = ((path, types.members.get(struct.tag, {}).get(member)) for path, types in homes)
        path, tag = next(((path, tag) for path, tag in tags if tag), ("", ""))
        if not tag:
            return NO_STRUCT
        struct = struct_of(code, (path, *struct.seen_from), tag)
    return struct


def member_order(code: Code, struct: StructType) -> Sequence[str]:
    """The members of a struct as an initialiser without names fills them."""
    orders = (types.order.get(struct.tag, ()) for _, types in _homes(code, struct))
    return next(filter(None, orders), ())


class Inside(Struct, frozen=True):
    """Where a path of members and positions leads to in a struct."""

    struct: StructType = NO_STRUCT  # of an array the one that it is a member of
    names: tuple[str, ...] = ()  # the members, also those that are filled by their position
    is_array: bool = False  # whether it leads to an array


def inside_of(code: Code, struct: StructType, path: Sequence[str]) -> Inside:
    """Follow members, and numbers: positions of members in a struct, or of elements in an array."""
    names: list[str] = []
    dimensions, holder = 0, struct
    for step in path:
        if dimensions and step.isdigit():
            dimensions -= 1
            continue
        name = step
        if step.isdigit():
            name = "".join(member_order(code, struct)[int(step) : int(step) + 1])
        arrays = (
            types.arrays.get(struct.tag, {}).get(name, 0) for _, types in _homes(code, struct)
        )
        dimensions = max(arrays, default=0)
        names.append(name)
        holder = struct
        struct = member_of(code, struct, (name,)) if name else NO_STRUCT
    return Inside(holder if dimensions else struct, tuple(names), dimensions > 0)


def _homes(code: Code, struct: StructType) -> Iterator[tuple[str, FileTypes]]:
    return _Sayings(struct.homes).types(code)


def variable_struct(code: Code, path: str, name: str) -> StructType:
    """The struct that a file-level variable is of or points to, or that a function returns."""
    for where, types in _sayings(code, (path,), name, _says_name).types(code):
        if tag := types.variables.get(name) or types.functions.get(name):
            return struct_of(code, (where, path), tag)
    return NO_STRUCT


def _says_type(types: FileTypes, name: str) -> bool:
    return name in types.members or name in types.typedefs


def _says_name(types: FileTypes, name: str) -> bool:
    return bool(types.variables.get(name) or types.functions.get(name))


def _sayings(
    code: Code, seen_from: Sequence[str], name: str, says: Callable[[FileTypes, str], bool]
) -> _Sayings:
    """The files that say what a name is: one of those that are looked from, else headers."""
    if not name:
        return _Sayings()
    word = name.partition(".")[0]  # the file of the outer struct has that of an unnamed one
    for path in seen_from:
        file = code.file(path) if code.files.has(path, word) else None
        if file and says(file.types, name):
            return _Sayings((path,))
    found = _headers(code, seen_from[-1], word, is_type=says is _says_type)
    asked = (path for path in found.paths[:_MOST_ASKED] if code.files.has(path, word))
    files = ((path, code.file(path)) for path in asked)
    paths = [path for path, file in files if file and says(file.types, name)]
    if not paths:
        return _Sayings((), found.is_sure)
    every = (*paths, *found.paths[_MOST_ASKED:])
    return _Sayings(every, found.is_sure or len(every) == 1)


def _headers(code: Code, path: str, word: str, *, is_type: bool) -> _Sayings:
    """The headers that a file has a name from, or those that may say it if that is unclear.

    What is joined to a file by `#include "other.c"` is found by that line as well. Until the tree
    is searched, nothing is sure.
    """
    files = code.files
    if files.has(path, word):
        meant = files.defines_type if is_type else files.announces
        if near := code.headers.nearest(path, lambda each: meant(each, word)):
            return _Sayings(near)
    if files.searchable:
        return _Sayings(tuple(files.defining(word, path)), is_sure=False)
    hand = (each for each in code.at_hand() if language_of(each).is_header(each))
    return _Sayings(tuple(each for each in hand if files.has(each, word)), is_sure=False)


def compare_structs(code: Code, receiver: StructType, owner: StructType) -> Fit:
    """Whether the struct that is called through is the one that is filled.

    Structs of other names differ only if something defines the receiver's: a name that nothing
    defines may be a typedef of anything. Those of one name are two if they have two homes, and no
    object of theirs is known to both.
    """
    if not receiver.tag or not owner.tag:
        return Fit.UNKNOWN
    if receiver.tag != owner.tag:
        return Fit.DIFFERENT if receiver.homes else Fit.UNKNOWN
    if set(receiver.homes).intersection(owner.homes):
        return Fit.SAME if receiver.is_sure and owner.is_sure else Fit.UNKNOWN
    if _have_own_homes(code, receiver, owner):
        return Fit.SAME if _crosses(code, receiver, owner) else Fit.DIFFERENT
    return Fit.SAME if receiver.is_sure and owner.is_sure else Fit.UNKNOWN


def _have_own_homes(code: Code, one: StructType, other: StructType) -> bool:
    """Whether two structs of one tag, without a common home, are two types."""
    if one.homes and other.homes:
        return True
    return any(
        not language_of(home).is_header(home)
        and not any(code.headers.sees(home, seen) for seen in without.seen_from)
        for struct, without in ((one, other), (other, one))
        for home in struct.homes
    )


def _crosses(code: Code, one: StructType, other: StructType) -> bool:
    """Whether both files declare a variable or a function that is of the struct, or leads to it."""
    here, there = (code.file(each.seen_from[-1]) for each in (one, other))
    if here is None or there is None:
        return False
    ours, theirs = _carried(here, one.tag), _carried(there, other.tag)
    shared = (ours & theirs) | (ours & _declared(there)) | (theirs & _declared(here))
    paths = (here.facts.path, there.facts.path)
    return any(not any(_is_static(code, path, name) for path in paths) for name in shared)


def _carried(file: CodeFile, tag: str) -> set[str]:
    """The variables and functions of a file whose type is a struct, or leads to it by members.

    Of functions that the file defines, those that take it are among them.
    """
    types = file.types
    leading, grows = {tag}, True
    while grows:
        held = types.members.items()
        found = {outer for outer, members in held if leading.intersection(members.values())}
        grows = not found <= leading
        leading |= found
    names = {name for name, held in types.variables.items() if held in leading}
    names.update(name for name, held in types.functions.items() if held in leading)
    words = leading.union(alias for alias, held in types.typedefs.items() if held in leading)
    for definition in file.facts.definitions:
        is_function = definition.kind is SymbolKind.FUNCTION
        if is_function and words.intersection(_WORD.findall(definition.signature)):
            names.add(definition.name)
    return names


def _declared(file: CodeFile) -> set[str]:
    """The functions that a file announces."""
    announced = file.facts.declarations
    return {each.name for each in announced if each.kind is SymbolKind.FUNCTION}


def _is_static(code: Code, path: str, name: str) -> bool:
    kinds = (SymbolKind.VARIABLE, SymbolKind.FUNCTION)
    return any(code.symbol(path, name, kind).is_static for kind in kinds)

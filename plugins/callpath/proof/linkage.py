"""What a name means in a file: the symbol that is asked for, or what stands there in its place.

The file's own macros, variables, functions and enumerators count, and those of what it includes;
then whether the two files are linked at all. What stands under an `#if` leaves both possible.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from enum import Enum, auto
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct, field

from callpath.c.facts import Glance, Role
from callpath.c.file import CodeFile
from callpath.c.preprocessor.branches import are_exhaustive
from callpath.languages import language_of
from callpath.model import Definition, SymbolKind
from callpath.proof.includes import IncludedFiles, IncludeGraph
from callpath.proof.links import LinkTable

if TYPE_CHECKING:
    from callpath.proof.code import Target

_HIDING = frozenset(
    {SymbolKind.VARIABLE, SymbolKind.ENUMERATOR, SymbolKind.TYPEDEF, SymbolKind.FUNCTION}
)
"""What hides a symbol of its name that another file defines; macros are a matter of their own."""
_TAGS = frozenset({SymbolKind.STRUCT, SymbolKind.UNION, SymbolKind.ENUM})
_WEAK = re.compile(r"(?<!\w)(?:__weak|weak|__weak__)(?!\w)")
_MOST_RENAMES = 16  # how many macros that lead to one symbol are followed
_INLINE = re.compile(r"(?<!\w)(?:__)?inline(?:__)?(?!\w)")


class LinkedFiles(IncludedFiles, Protocol):
    """A source's files, as it takes to say what a name means in one."""

    def file(self, path: str) -> CodeFile | None:
        """A file, read and parsed once; None if the source has no such text."""

    def holders(self, word: str, among: Collection[str]) -> Sequence[str]:
        """Those of some files that hold an identifier, in their order, without parsing them."""

    def glance(self, path: str, word: str) -> Glance:
        """What a file's text may make of a word, without parsing it."""


class Cause(Enum):
    """Why a name does not mean a symbol."""

    OTHER = auto()  # the file has another meaning for it
    STATIC = auto()  # the symbol's file keeps it to itself
    APART = auto()  # the two files are in link units that do not meet


class Hidden(Struct, frozen=True):
    """What a name means in place of a symbol: its place and kind if they are known."""

    cause: Cause
    path: str = ""
    line: int = 0
    kind: SymbolKind | str = ""


class _Event(Struct, frozen=True):
    """A `#define` or `#undef` of the name, at its place in the text of the whole unit."""

    position: tuple[int, ...]
    condition: str
    macro: Definition | None = None  # None for an `#undef`
    is_self: bool = False  # whether it is the symbol itself, or leads back to its name

    def applies(self, *, called: bool) -> bool:
        """Whether the macro is expanded at a use of its name."""
        with_brackets = self.macro is not None and self.macro.signature.endswith(")")
        return self.macro is not None and (called or not with_brackets)


_ANYWHERE = (1 << 62,)  # behind everything


class Meaning(Struct, frozen=True):
    """What a symbol's name means in a file."""

    other: Hidden | None = None  # what stands in its place everywhere in the file
    events: tuple[_Event, ...] = ()  # in textual order
    condition: str = ""  # under which something else of the file itself takes its place, or empty
    conditions: tuple[str, ...] = ()  # under each of which something else takes its place

    def hidden(self, line: int = 0, *, called: bool = True) -> Hidden | None:
        """What the name means at a line instead of the symbol; the line is 0 if any counts."""
        event = self._last(line)
        macro = event.macro if event is not None and event.applies(called=called) else None
        if event is None or macro is None or event.is_self:
            return self.other or self._in_every_branch(line, called=called)
        return Hidden(Cause.OTHER, macro.path, macro.line, macro.kind)

    def _in_every_branch(self, line: int, *, called: bool) -> Hidden | None:
        """The first of the macros that take the symbol's place, one under each condition."""
        standing: list[_Event] = []
        for event in self._before(line):
            if not event.condition or event.macro is None:
                standing.clear()
            elif event.applies(called=called) and not event.is_self:
                standing.append(event)
        conditions = (*(event.condition for event in standing), *self.conditions)
        macro = standing[0].macro if standing and are_exhaustive(conditions) else None
        return Hidden(Cause.OTHER, macro.path, macro.line, macro.kind) if macro else None

    def may_be(self, macro: Definition, line: int = 0) -> bool:
        """Whether the name may be one of the macros of that name at a line."""
        found = False
        for event in self._before(line):
            if event.macro == macro:
                found = True
            elif not event.condition:
                found = False
        return found

    def _last(self, line: int) -> _Event | None:
        """What surely was last said of the name as a macro's; None if nothing was."""
        last: _Event | None = None
        for event in self._before(line):
            if not event.condition:
                last = event
            elif event.macro is None:
                last = None
        return last

    def _before(self, line: int) -> Iterator[_Event]:
        at = (line,) if line else _ANYWHERE
        return (event for event in self.events if event.position <= at)


_PLAIN = Meaning()


class Linkage(Struct):
    """The includes and the link units of one source."""

    files: LinkedFiles
    links: LinkTable
    includes: IncludeGraph
    _meanings: dict[tuple[str, "Target"], Meaning] = field(default_factory=dict)

    def meaning(self, path: str, callee: "Target") -> Meaning:
        """What a symbol's name means in a file."""
        if callee.kind is SymbolKind.FIELD:
            return _PLAIN
        if path != callee.path:
            self.includes.visible(path)  # an answer that is kept still rests on it
        if (path, callee) not in self._meanings:
            self._meanings[path, callee] = self._meaning(path, callee)
        return self._meanings[path, callee]

    def renames(self, path: str, callee: "Target") -> Iterator[Definition]:
        """The macros that a file sees and that stand for a symbol, perhaps with arguments.

        For a symbol of the file itself, or of one that keeps it to itself, those of the file.
        """
        sees_more = path != callee.path and not _is_kept(callee)
        visible = self.includes.visible(path) if sees_more else ()
        pending, seen = [callee.name], {callee.name}
        while pending and len(seen) < _MOST_RENAMES:
            name = pending.pop()
            for place in (path, *self.files.holders(name, visible)):
                for macro in self._standing_for(place, name):
                    if macro.name not in seen:
                        seen.add(macro.name)
                        pending.append(macro.name)
                        yield macro

    def _standing_for(self, path: str, name: str) -> Iterator[Definition]:
        """The macros of a file that are no more than a name, or a call of it."""
        found = self.files.glance(path, name).renamed
        file = self.files.file(path) if found else None
        for macro in (each for one in found if file for each in file.named(one)):
            if file and macro.kind is SymbolKind.MACRO and _stands_for(file, macro, name):
                yield macro

    def is_renamed(self, callee: "Target", macro: Hidden) -> bool:
        """Whether a macro that a file sees renames the symbol where it is defined, too."""
        if macro.kind is not SymbolKind.MACRO or not callee.definitions:
            return False
        places = self._defining(callee.path, callee.name)
        events = self._events(callee.path, callee, places)
        ordered = Meaning(None, tuple(sorted(events, key=lambda each: each.position)))
        there = ordered.hidden(callee.definitions[0].line)
        return there is not None and (there.path, there.line) == (macro.path, macro.line)

    def are_joined(self, path: str, callee: "Target") -> bool:
        """Whether a file is compiled as one with a symbol's, through a third that includes both."""
        return self.includes.are_joined(path, callee.path)

    def is_reached(self, path: str, callee: "Target") -> bool:
        """Whether a file can mean a symbol by its name, at a glance.

        It looks into no header, so it is quick; a macro does not count.
        """
        if callee.path == path:
            return True
        if _is_kept(callee):
            return False
        if not self.links.links(path, callee.path):
            return False
        return self._own(path, callee, [path]) is None

    def _meaning(self, path: str, callee: "Target") -> Meaning:
        if callee.kind in _TAGS:
            return Meaning(self._own(path, callee, [path]) or self._unlinked(path, callee))
        is_here = callee.path == path
        places = [path] if is_here else self._defining(path, callee.name)
        events = tuple(sorted(self._events(path, callee, places), key=lambda each: each.position))
        if is_here:
            return Meaning(events=events)
        other = self._own(path, callee, places)
        if other is not None and callee.path in self.includes.visible(path):
            other = None
        if other is not None:
            return Meaning(other, events)
        condition = self._condition(path, callee)
        is_seen = callee.path in self.includes.visible(path)
        conditions = () if is_seen else tuple(self._conditions(path, callee, places))
        return Meaning(self._unlinked(path, callee), events, condition, conditions)

    def _defining(self, path: str, name: str) -> list[str]:
        """A file, and what it includes that may define a name."""
        visible = self.includes.visible(path)
        held = self.files.holders(name, visible)
        return [path, *(each for each in held if self.files.glance(each, name).defines)]

    def _unlinked(self, path: str, callee: "Target") -> Hidden | None:
        """Why the symbol cannot be meant even if nothing stands in its place."""
        if path == callee.path or callee.path in self.includes.visible(path):
            return None
        if _is_kept(callee) or self._announces_another(path, callee):
            first = callee.definitions[0]
            return Hidden(Cause.STATIC, first.path, first.line, first.kind)
        return None if self.links.links(path, callee.path) else Hidden(Cause.APART)

    def _own(self, path: str, callee: "Target", places: Sequence[str]) -> Hidden | None:
        """What a file or an included one defines in the symbol's place, whatever is configured."""
        first: Hidden | None = None
        conditions: list[str] = []
        for place, found in self._twins(path, callee, places):
            here = Hidden(Cause.OTHER, place, found.line, found.kind)
            condition = self._whole(path, place, found.condition)
            if not condition:
                return here
            first = first or here
            conditions.append(condition)
        return first if are_exhaustive(tuple(conditions)) else None

    def _conditions(self, path: str, callee: "Target", places: Sequence[str]) -> Iterator[str]:
        """The conditions under which a file or an included one has another symbol of the name."""
        for place, found in self._twins(path, callee, places):
            yield self._whole(path, place, found.condition)

    def _whole(self, path: str, place: str, condition: str) -> str:
        """A condition in a file with that under which the file is included."""
        around = self.includes.visible(path)[place].condition if place != path else ""
        parts = [f"({each})" for each in (around, condition) if each]
        return " && ".join(parts) if len(parts) > 1 else around or condition

    def _condition(self, path: str, callee: "Target") -> str:
        """The condition under which the file itself has something else of that name, or empty."""
        found = (twin.condition for _, twin in self._twins(path, callee, [path]))
        return next(filter(None, found), "")

    def _twins(
        self, path: str, callee: "Target", places: Sequence[str]
    ) -> Iterator[tuple[str, "_Named"]]:
        for place in places:
            file = self.files.file(place) if place != callee.path else None
            if file is None:
                continue
            for found in file.named(callee.name):
                if not _is_twin(found, callee, is_own=place == path):
                    continue
                if not _is_weak(found, file) and not self._is_said_weak(place, found):
                    yield place, _Named(found.line, found.kind, found.condition)
            if callee.kind is SymbolKind.FUNCTION:
                yield from ((place, each) for each in _pointers(file, callee.name))

    def _announces_another(self, path: str, callee: "Target") -> bool:
        """Whether a file has a prototype of its own for a name that a header keeps `static`.

        The header is not among those that it is seen to include, so the name is another's.
        """
        kept = [each for each in callee.definitions if "static" in each.signature.split()]
        file = self.files.file(path) if kept and len(kept) == len(callee.definitions) else None
        return file is not None and any(
            each.name == callee.name and each.kind is callee.kind and not each.condition
            for each in file.facts.declarations
        )

    def _is_said_weak(self, path: str, found: Definition) -> bool:
        """Whether a header that a file includes has a weak prototype of one of its functions."""
        if found.kind is not SymbolKind.FUNCTION or "static" in found.signature.split():
            return False
        held = self.files.holders(found.name, self.includes.visible(path))
        files = map(self.files.file, held)
        return any(found.name in file.facts.weak for file in files if file)

    def _events(self, path: str, callee: "Target", places: Sequence[str]) -> Iterator[_Event]:
        for place in places:
            file = self.files.file(place)
            if file is None:
                continue
            named = [each for each in file.named(callee.name) if each.kind is SymbolKind.MACRO]
            for macro in named:
                position = self.includes.position(path, place, macro.line)
                is_self = macro in callee.definitions or _names_itself(file, macro)
                condition = self._whole(path, place, macro.condition)
                yield _Event(position, condition, macro, is_self)
            for removal in file.facts.removals:
                if removal.name == callee.name:
                    position = self.includes.position(path, place, removal.line)
                    yield _Event(position, self._whole(path, place, removal.condition))


class _Named(Struct, frozen=True):
    line: int
    kind: SymbolKind
    condition: str


def _is_kept(callee: "Target") -> bool:
    """Whether a symbol's file keeps it to itself."""
    hides = language_of(callee.path).is_hidden
    if callee.declared_static and callee.is_static:
        return True
    return bool(callee.definitions) and all(map(hides, callee.definitions))


def _pointers(file: CodeFile, name: str) -> Iterator[_Named]:
    """The variables of a name that a file announces: a function of that name is none."""
    for each in file.announced(name):
        if each.kind is SymbolKind.VARIABLE:
            yield _Named(each.line, each.kind, each.condition)


def _is_twin(found: Definition, callee: "Target", *, is_own: bool) -> bool:
    """Whether a definition in another file than the symbol's is what the name means there."""
    if callee.kind in _TAGS:
        return found.kind is callee.kind
    if found.kind not in _HIDING or is_own:
        return found.kind in _HIDING
    is_static = "static" in found.signature.split()
    if found.kind is SymbolKind.FUNCTION:
        return is_static or not _INLINE.search(found.signature)
    return is_static or found.kind is not SymbolKind.VARIABLE or callee.kind is not found.kind


def _is_weak(found: Definition, file: CodeFile) -> bool:
    return bool(_WEAK.search(found.signature)) or found.name in file.facts.weak


def _stands_for(file: CodeFile, macro: Definition, name: str) -> bool:
    """Whether a macro is a name and no more, or a call of it and no more."""
    mentions = [each for each in file.body(macro).mentions if each.role is not Role.LOCAL]
    has_arguments = macro.signature.endswith(")")
    wanted = Role.CALLED if has_arguments else Role.OTHER
    return [(each.name, each.role) for each in mentions] == [(name, wanted)]


def _names_itself(file: CodeFile, macro: Definition) -> bool:
    """Whether a macro's replacement has its own name in it, which is not expanded again."""
    return any(mention.name == macro.name for mention in file.body(macro).mentions)

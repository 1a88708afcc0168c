"""The inside of one definition: what it binds, names and calls, joined from the file's variants."""

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace
from tree_sitter import Node

from callpath.c.bodies.bindings import BindingReader, Place
from callpath.c.bodies.copies import read_copies
from callpath.c.bodies.expansion import (
    Macros,
    parse_expanded,
    tokens_of,
)
from callpath.c.bodies.handlers import members_called, walk_through
from callpath.c.bodies.scope_ends import ScopeEnds
from callpath.c.bodies.second_look import look_again
from callpath.c.bodies.walk import Walk, find_tags
from callpath.c.definitions import Found, FoundGroup
from callpath.c.facts import Binding, Body, Call, Copy, Mention, Role
from callpath.c.types import (
    Scopes,
    TypeTable,
    capture,
)
from callpath.c.variants import Construct, anew
from callpath.c.vocabulary import DispatchMacro
from callpath.model import SymbolKind

_TYPES = (SymbolKind.STRUCT, SymbolKind.UNION, SymbolKind.ENUM)
_TAGGED = frozenset({"struct_specifier", "union_specifier", "enum_specifier"})


class BodyReader(Struct, frozen=True):
    """Reads the inside of definitions of one file."""

    _table: TypeTable
    _dispatch: Mapping[str, DispatchMacro]
    _leaving: ScopeEnds
    _macros: Macros

    def read(self, name: str, group: FoundGroup) -> Body:
        """The inside of one definition, over all variants that it is found in."""
        calls: dict[int, Call] = {}
        mentions: dict[int, Mention] = {}
        bindings: dict[Place, Binding] = {}
        types: dict[str, str] = {}
        parameters: tuple[str, ...] = ()
        for found in group:
            bound = self.bindings(name, found)
            walk = self._walk(found, bound.scopes, bound.designated)
            _initialised(walk, bound)
            calls = walk.finished_calls() | calls
            mentions = walk.mentions | mentions
            bindings = bound.found | bindings
            types = bound.scopes.types | types
            parameters = parameters or bound.scopes.parameters
        return Body(
            tuple(map(calls.__getitem__, sorted(calls))) if group[0].kind not in _TYPES else (),
            tuple(map(mentions.__getitem__, sorted(mentions))),
            tuple(map(bindings.__getitem__, sorted(bindings))),
            parameters,
            types,
        )

    def copies(self, name: str, group: FoundGroup) -> tuple[Copy, ...]:
        """Where pointers go in a function, over all variants that it is found in."""
        copies: dict[int, tuple[Copy, ...]] = {}
        for found in group:
            if found.kind is SymbolKind.FUNCTION:
                construct = found.construct.whole
                scopes = Scopes(construct, self._table, construct.node)
                read = read_copies(construct, scopes, name, found.offset)
                copies = {**read, **copies}
        return tuple(copy for offset in sorted(copies) for copy in copies[offset])

    def bindings(self, name: str, found: Found) -> BindingReader:
        """The bindings in one definition as one variant shows it."""
        construct = found.construct.whole
        function = construct.node if found.kind is SymbolKind.FUNCTION else None
        captured = capture(function) if function is not None else {}
        scopes = Scopes(construct, self._table, function, captured)
        inside = name if function is not None else ""
        reader = BindingReader(construct, scopes, inside, self._macros)
        if function is not None:
            reader.read(captured)
            start, end = (offset - construct.masked.base for offset in found.whole)
            reader.expand_calls(start, end)
        elif found.kind is SymbolKind.VARIABLE:
            declarator = _declarator(found)
            if declarator is not None and declarator.child_by_field_name("value") is not None:
                reader.initialiser(declarator)
            else:
                start, end = (offset - construct.masked.base for offset in found.whole)
                reader.expand(start, end, name)
        return reader

    def member_calls(
        self, group: FoundGroup, macro: bytes, place: tuple[int, int], macros: Macros
    ) -> Iterator[Call]:
        """The calls through members that one macro call in a function makes.

        Parameters:
            place: The line and the column of the macro's name, which those calls get too.
            macros: The macros that are known there.
        """
        pattern = re.compile(rb"(?<!\w)%b(?=\s*+\()" % re.escape(macro))
        for found in group:
            construct = found.construct.whole
            masked, unit = construct.masked, construct.unit
            start, end = (offset - masked.base for offset in found.whole)
            for match in pattern.finditer(masked.source, start, end):
                brackets = masked.call(match.end())
                if brackets and unit.position(match.start() + masked.base) == place:
                    tokens = list(
                        tokens_of(masked.source, match.start(), brackets[1] + 1, masked.base)
                    )
                    scopes = Scopes(construct, self._table, construct.node)
                    for alternative in range(macros.alternatives([macro])):
                        expanded = macros.expand(tokens, alternative)
                        within = parse_expanded(unit, b"", expanded)
                        walk = Walk(within, scopes, self._dispatch, found.offset, {}, {})
                        yield from (
                            replace(each, line=place[0], column=place[1])
                            for each in members_called(walk)
                        )

    def made(self, construct: Construct, start: int, end: int) -> BindingReader:
        """The bindings of what a macro call at file level makes, given its span in the variant."""
        reader = BindingReader(construct, Scopes(construct, self._table, None), "", self._macros)
        reader.expand(start, end)
        return reader

    def _walk(self, found: Found, scopes: Scopes, designated: Mapping[int, str]) -> Walk:
        construct = found.construct.whole
        tagged = find_tags(construct, *found.whole)
        walk = Walk(construct, scopes, self._dispatch, found.offset, designated, tagged)
        walk.seen.add(found.offset)
        body = construct.node.child_by_field_name("body")
        if found.kind is SymbolKind.FUNCTION and body is not None:
            self._leaving.note(walk, construct.offset(body), found.whole[1])
        parts = _parts(found)
        for node in parts:
            walk_through(walk, node)
        if found.kind is not SymbolKind.FUNCTION:
            for node in parts:
                start, end = construct.span(node)
                look_again(walk, start, min(end, found.whole[1]), start)
        elif body is not None:
            look_again(walk, *found.whole, construct.offset(body))
        return walk


def _parts(found: Found) -> list[Node]:
    node = anew(found.construct.whole.node)
    if found.kind is SymbolKind.FUNCTION:
        return [node]
    if found.kind in _TYPES:
        specifier = _specifier(found)
        return [specifier] if specifier is not None else []
    declarator = _declarator(found)
    others = [each for each in node.children_by_field_name("declarator") if each != declarator]
    return [child for child in node.named_children if child not in others]


def _declarator(found: Found) -> Node | None:
    for declarator in found.construct.whole.node.children_by_field_name("declarator"):
        start, end = found.construct.whole.span(declarator)
        if start <= found.offset < end:
            return declarator
    return None


def _specifier(found: Found) -> Node | None:
    """The node of a struct, union or enum, which may stand inside of another."""
    start, end = (offset - found.construct.whole.outer for offset in found.whole)
    node = found.construct.whole.node.descendant_for_byte_range(start, max(end - 1, start))
    while node is not None and node.type not in _TAGGED:
        node = node.parent
    return node


def _initialised(walk: Walk, bound: BindingReader) -> None:
    """Names that a macro puts into an object are handed over."""
    for offset, target, _ in bound.found if bound.made else ():
        known = walk.mentions.get(offset) if offset in bound.made else None
        if known is not None and known.name == target and known.role is Role.OTHER:
            walk.mentions[offset] = replace(known, role=Role.INITIALISER)

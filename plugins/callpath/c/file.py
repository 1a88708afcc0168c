"""Everything of one C file: parsed once, what is costly computed on demand and remembered."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Protocol

from callpath.c.bodies import BodyReader
from callpath.c.definitions import Assembled, Placed, assemble
from callpath.c.facts import Binding, Body, FileUse, SourceFile
from callpath.c.lexer import Directive
from callpath.c.macros import file_uses, read_macro
from callpath.c.types import TypeTable, tags
from callpath.c.vocabulary import DISPATCH, DispatchMacro
from callpath.model import Definition, SymbolKind

_WITH_INSIDE = frozenset(
    {
        SymbolKind.FUNCTION,
        SymbolKind.VARIABLE,
        SymbolKind.STRUCT,
        SymbolKind.UNION,
        SymbolKind.ENUM,
        SymbolKind.TYPEDEF,
    }
)


class CodeFile(Protocol):
    """One C file, as whoever reads code asks for it: parsed now, or kept from an earlier parse."""

    @property
    def facts(self) -> SourceFile:
        """What it defines, declares and leaves to macros."""

    def named(self, name: str) -> Sequence[Definition]:
        """The definitions of a name, in line order."""

    def body(self, definition: Definition) -> Body:
        """The inside of one of the definitions; empty for fields and enumerators."""

    @property
    def bindings(self) -> tuple[Binding, ...]:
        """The bindings of the whole file, in source order."""

    def bindings_beside(self, word: str) -> tuple[Binding, ...]:
        """The bindings of those definitions whose text has a word in it, in source order."""

    @property
    def uses(self) -> tuple[FileUse, ...]:
        """The macro calls at file level, in source order."""

    @property
    def variable_tags(self) -> Mapping[str, str]:
        """For each file-level variable, also an extern one, the tag of its struct or typedef."""

    @property
    def member_tags(self) -> Mapping[str, Mapping[str, str]]:
        """For each struct the tag of each member's struct; empty for what is none."""

    @property
    def member_order(self) -> Mapping[str, tuple[str, ...]]:
        """For each struct its members in the order of an initialiser without names."""

    @property
    def typedef_tags(self) -> Mapping[str, str]:
        """For each typedef of a struct or of another typedef what it stands for."""


class ParsedFile:
    """One file that was parsed.

    Parameters:
        assembled: The file after all passes.
        dispatch: The macros that dispatch, by name.

    Attributes:
        facts: What it defines, declares and leaves to macros.
    """

    def __init__(self, assembled: Assembled, dispatch: Mapping[str, DispatchMacro]) -> None:
        self.facts: SourceFile = assembled.facts
        self._assembled = assembled
        self._dispatch = dispatch
        self._bodies: dict[Definition, Body] = {}
        self._bound: dict[int, Mapping[int, Binding]] = {}

    def named(self, name: str) -> Sequence[Definition]:
        """The definitions of a name, in line order."""
        return self._by_name.get(name, ())

    @cached_property
    def _by_name(self) -> Mapping[str, Sequence[Definition]]:
        found: dict[str, list[Definition]] = {}
        for definition in self.facts.definitions:
            found.setdefault(definition.name, []).append(definition)
        return found

    def body(self, definition: Definition) -> Body:
        """The inside of one of the definitions; empty for fields and enumerators."""
        body = self._bodies.get(definition)
        if body is None:
            body = self._bodies[definition] = self._body(definition)
        return body

    @cached_property
    def bindings(self) -> tuple[Binding, ...]:
        """The bindings of the whole file, in source order."""
        return self._bindings(self._binding)

    def bindings_beside(self, word: str) -> tuple[Binding, ...]:
        """The bindings of those definitions whose text has a word in it, in source order."""
        text = self._assembled.unit.text
        asked = word.encode()
        return self._bindings(
            group
            for group in self._binding
            if any(
                text.find(asked, each.found.start + base, each.found.end + base) >= 0
                for each in group
                for base in (each.variant.base,)
            )
        )

    @cached_property
    def _binding(self) -> tuple[tuple[Placed, ...], ...]:
        """What can bind: functions and variables with an initialiser."""
        return tuple(
            group
            for group in self._assembled.placed
            if group[0].found.kind is SymbolKind.FUNCTION or group[0].found.initialised
        )

    @cached_property
    def _names(self) -> Mapping[int, str]:
        """The name of each group of what was found."""
        return {id(group): each.name for each, group in self._assembled.groups.items()}

    def _bindings(self, groups: Iterable[tuple[Placed, ...]]) -> tuple[Binding, ...]:
        """The bindings in some groups, each once, in source order."""
        found: dict[int, Binding] = {}
        for group in groups:
            for offset, binding in self._bound_by(group).items():
                found.setdefault(offset, binding)
        return tuple(found[offset] for offset in sorted(found))

    def _bound_by(self, group: tuple[Placed, ...]) -> Mapping[int, Binding]:
        """The bindings in one group, by their offset."""
        known = self._bound.get(id(group))
        if known is None:
            found: dict[int, Binding] = {}
            for placed in group:
                kind, name = group[0].found.kind, self._names.get(id(group), "")
                found = {**self._reader.bindings(kind, name, placed)[0].found, **found}
            known = self._bound[id(group)] = found
        return known

    @cached_property
    def uses(self) -> tuple[FileUse, ...]:
        """The macro calls at file level, in source order."""
        functions = {
            group[0].offset
            for group in self._assembled.placed
            if group[0].found.kind is SymbolKind.FUNCTION
        }
        return tuple(file_uses(self._assembled.unit, self._assembled.variants, functions))

    @cached_property
    def variable_tags(self) -> Mapping[str, str]:
        """For each file-level variable, also an extern one, the tag of its struct or typedef."""
        return tags(self._table.variables, self._table)

    @cached_property
    def member_tags(self) -> Mapping[str, Mapping[str, str]]:
        """For each struct the tag of each member's struct; empty for what is none."""
        return {tag: tags(members, self._table) for tag, members in self._table.members.items()}

    @cached_property
    def member_order(self) -> Mapping[str, tuple[str, ...]]:
        """For each struct its members in the order of an initialiser without names."""
        return {tag: tuple(order) for tag, order in self._table.order.items()}

    @cached_property
    def typedef_tags(self) -> Mapping[str, str]:
        """For each typedef of a struct or of another typedef what it stands for."""
        return {name: self._table.resolve(name) for name in self._table.aliases}

    @cached_property
    def _table(self) -> TypeTable:
        """What the file tells of types."""
        table = TypeTable()
        known: set[tuple[int, int, int]] = set()
        for group in self._assembled.placed:
            for placed in group:
                item, base = placed.item, placed.variant.base
                key = (id(placed.variant), item.base + base, item.node.start_byte)
                if key not in known:
                    known.add(key)
                    table.read(item.node)
        return table

    @cached_property
    def _reader(self) -> BodyReader:
        """What reads the inside of definitions."""
        return BodyReader(self._assembled.unit, self._table, self._dispatch)

    @cached_property
    def _macros(self) -> Mapping[tuple[str, int], Directive]:
        """The directive of each macro, by name and first line."""
        unit = self._assembled.unit
        return {
            (
                directive.rest.split(b"(")[0].split(b" ")[0].decode("ascii", "replace"),
                line,
            ): directive
            for directive in unit.directives
            if directive.name == b"define" and (line := unit.line(directive.start))
        }

    def _body(self, definition: Definition) -> Body:
        """Read the inside of a definition."""
        if definition.kind is SymbolKind.MACRO:
            directive = self._macros.get((definition.name, definition.start))
            if directive is None:
                return Body()
            return read_macro(self._assembled.unit, directive, self._dispatch)
        group: tuple[Placed, ...] = self._assembled.groups.get(definition, ())
        if definition.kind not in _WITH_INSIDE or not group:
            return Body()
        return self._reader.read(definition.kind, definition.name, group)


def read_code(path: str, text: bytes, dispatch: Mapping[str, DispatchMacro] = DISPATCH) -> CodeFile:
    """Read one C file.

    Parameters:
        path: Its path below the source's root; it is only copied into the facts.
        text: Its bytes: any bytes, there is no text that cannot be read.
        dispatch: The macros that dispatch, by name.
    """
    return ParsedFile(assemble(path, text), dispatch)

"""Everything of one C file: parsed once, what is costly computed on demand and remembered."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Protocol

from callpath.c.bodies import BodyReader
from callpath.c.definitions import ParsedSource, parse
from callpath.c.facts import Binding, Body, Copy, FileTypes, FileUse, SourceFile
from callpath.c.macros import file_uses, read_macro
from callpath.c.types import TypeTable
from callpath.c.vocabulary import DISPATCH, DispatchMacro
from callpath.model import Definition, SymbolKind

_WITHOUT_INSIDE = frozenset({SymbolKind.FIELD, SymbolKind.ENUMERATOR})


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

    def copies(self, definition: Definition) -> tuple[Copy, ...]:
        """Where pointers go in the body of a function, in source order."""

    def copies_beside(self, word: str) -> tuple[Copy, ...]:
        """The same in all functions whose text has a word in it."""

    @property
    def uses(self) -> tuple[FileUse, ...]:
        """The macro calls at file level, in source order."""

    @property
    def types(self) -> FileTypes:
        """The tags of variables and members."""


class ParsedFile:
    """One file that was parsed, as a `CodeFile`."""

    def __init__(self, parsed: ParsedSource, dispatch: Mapping[str, DispatchMacro]) -> None:
        self.facts: SourceFile = parsed.facts
        self._parsed = parsed
        self._dispatch = dispatch
        self._bodies: dict[Definition, Body] = {}
        self._copies: dict[Definition, tuple[Copy, ...]] = {}
        self._copied: dict[str, tuple[Copy, ...]] = {}
        self._bound: dict[int, Mapping[int, Binding]] = {}

    def named(self, name: str) -> Sequence[Definition]:
        return self._by_name.get(name, ())

    @cached_property
    def _by_name(self) -> Mapping[str, Sequence[Definition]]:
        found: dict[str, list[Definition]] = {}
        for definition in self.facts.definitions:
            found.setdefault(definition.name, []).append(definition)
        return found

    def body(self, definition: Definition) -> Body:
        body = self._bodies.get(definition)
        if body is None:
            body = self._bodies[definition] = self._body(definition)
        return body

    def _body(self, definition: Definition) -> Body:
        directive = self._parsed.macros.get(definition)
        if directive is not None:
            return read_macro(self._parsed.unit, directive, self._dispatch)
        group = self._parsed.groups.get(definition)
        if group is None or definition.kind in _WITHOUT_INSIDE:
            return Body()
        return self._reader.read(definition.name, group)

    @cached_property
    def bindings(self) -> tuple[Binding, ...]:
        return self._bindings(self._binding)

    def bindings_beside(self, word: str) -> tuple[Binding, ...]:
        text, asked = self._parsed.unit.text, word.encode()
        return self._bindings(
            index
            for index in self._binding
            if any(text.find(asked, *each.whole) >= 0 for each in self._parsed.found[index][1])
        )

    @cached_property
    def _binding(self) -> Sequence[int]:
        """The groups that can bind: functions and variables with an initialiser."""
        return [
            index
            for index, (_, group) in enumerate(self._parsed.found)
            if group[0].kind is SymbolKind.FUNCTION or group[0].initialised
        ]

    def _bindings(self, indexes: Iterable[int]) -> tuple[Binding, ...]:
        """The bindings in some groups, each once, in source order."""
        found: dict[int, Binding] = {}
        for index in indexes:
            if index not in self._bound:
                name, group = self._parsed.found[index]
                bound = [self._reader.bindings(name, each).found for each in group]
                self._bound[index] = dict(pair for each in reversed(bound) for pair in each.items())
            for offset, binding in self._bound[index].items():
                found.setdefault(offset, binding)
        return tuple(found[offset] for offset in sorted(found))

    def copies(self, definition: Definition) -> tuple[Copy, ...]:
        copies = self._copies.get(definition)
        if copies is None:
            group = self._parsed.groups.get(definition)
            copies = self._reader.copies(definition.name, group) if group else ()
            self._copies[definition] = copies
        return copies

    def copies_beside(self, word: str) -> tuple[Copy, ...]:
        if word not in self._copied:
            text, asked = self._parsed.unit.text, word.encode()
            found: list[Copy] = []
            for definition, group in self._parsed.groups.items():
                is_function = definition.kind is SymbolKind.FUNCTION
                if is_function and any(text.find(asked, *each.whole) >= 0 for each in group):
                    found += self.copies(definition)
            self._copied[word] = tuple(dict.fromkeys(found))
        return self._copied[word]

    @cached_property
    def uses(self) -> tuple[FileUse, ...]:
        groups = (group for _, group in self._parsed.found)
        functions = {first.offset for first, *_ in groups if first.kind is SymbolKind.FUNCTION}
        return tuple(file_uses(self._parsed.unit, self._parsed.variants, functions))

    @cached_property
    def types(self) -> FileTypes:
        table = self._table
        return FileTypes(
            table.tags(table.variables),
            {tag: table.tags(members) for tag, members in table.members.items()},
            {tag: tuple(order) for tag, order in table.order.items()},
            {name: table.resolve(name) for name in table.aliases},
            {name: table.resolve(tag) for name, tag in table.functions.items() if tag},
            table.arrays(),
        )

    @cached_property
    def _table(self) -> TypeTable:
        table = TypeTable()
        constructs = (found.construct for _, group in self._parsed.found for found in group)
        for construct in dict.fromkeys(constructs):
            table.read(construct.node)
        return table

    @cached_property
    def _reader(self) -> BodyReader:
        return BodyReader(self._table, self._dispatch)


def read_code(path: str, text: bytes, dispatch: Mapping[str, DispatchMacro] = DISPATCH) -> CodeFile:
    """Read one C file: any bytes can be read. Its path is only copied into the facts."""
    return ParsedFile(parse(path, text), dispatch)

"""Everything of one C file: parsed once, what is costly computed on demand and remembered."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import Protocol

from msgspec.structs import replace

from callpath.c.bodies.bindings import Place, macro_bindings
from callpath.c.bodies.body import BodyReader
from callpath.c.bodies.expansion import Macros, parse_expanded, read_macros
from callpath.c.bodies.macros import cleanups, file_uses, read_macro
from callpath.c.bodies.scope_ends import ScopeEnds
from callpath.c.definitions import Found, ParsedSource, parse
from callpath.c.facts import (
    Binding,
    Body,
    Call,
    Copy,
    Declaration,
    FileTypes,
    FileUse,
    SourceFile,
)
from callpath.c.lexer import lex
from callpath.c.masking.masked import MacroCall, MaskedSource
from callpath.c.types import TypeTable, announced_inside
from callpath.c.variants import Construct
from callpath.c.vocabulary import (
    DISPATCH,
    DROPPING,
    KEYWORDS,
    SECTIONS,
    VARIABLE_MACROS,
    DefiningMacro,
    DispatchMacro,
)
from callpath.model import Definition, SymbolKind

_CALLED = re.compile(rb"(?<!\w)([A-Za-z_]\w*+)\s*+\((?=[^()]*[a-z])")
_SILENT = ("EXPORT_", "MODULE_", "module_", "__initcall", "TRACE_", "DEFINE_PER_CPU")
_MOST_OPEN = 16  # how many macros of other files are asked for
_WITHOUT_INSIDE = frozenset({SymbolKind.FIELD, SymbolKind.ENUMERATOR})


class CodeFile(Protocol):
    """One C file, as whoever reads code asks for it: parsed now, or kept from an earlier parse."""

    @property
    def facts(self) -> SourceFile:
        """What it defines, declares and leaves to macros."""

    def named(self, name: str) -> Sequence[Definition]:
        """The definitions of a name, in line order."""

    def announced(self, name: str) -> Sequence[Declaration]:
        """The declarations of variables of a name, in line order, perhaps with others."""

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
    def made(self) -> tuple[Binding, ...]:
        """The bindings of objects that only macro calls at file level make, in source order."""

    @property
    def open_macros(self) -> tuple[str, ...]:
        """The macros of other files that tables and file-level calls may be made with, sorted."""

    def macro_texts(self, name: str) -> tuple[str, ...]:
        """The definitions of a macro, as they stand behind `#define`."""

    def bindings_made(self, texts: tuple[str, ...]) -> tuple[Binding, ...]:
        """The bindings that need macros of other files, given their definitions."""

    def calls_made(
        self, definition: Definition, call: Call, texts: tuple[str, ...]
    ) -> tuple[Call, ...]:
        """The calls through members that a macro call in a function makes.

        Parameters:
            call: The macro call, whose place the others get.
            texts: The definitions of macros of other files that it needs.
        """

    @property
    def uses(self) -> tuple[FileUse, ...]:
        """The macro calls at file level, in source order."""

    @property
    def types(self) -> FileTypes:
        """The tags of variables and members."""


class ParsedFile:
    """One file that was parsed, as a `CodeFile`."""

    def __init__(
        self,
        parsed: ParsedSource,
        dispatch: Mapping[str, DispatchMacro],
        macros: Macros | None = None,
    ) -> None:
        """Take what was parsed, and the macros that are known in it, if not its own alone."""
        self.facts: SourceFile = parsed.facts
        self._parsed = parsed
        self._said = dispatch
        self._given = macros
        self._bodies: dict[Definition, Body] = {}
        self._bound: dict[int, Mapping[Place, Binding]] = {}
        self._copies: dict[Definition, tuple[Copy, ...]] = {}
        self._copied: dict[str, tuple[Copy, ...]] = {}

    @cached_property
    def _dispatch(self) -> Mapping[str, DispatchMacro]:
        """What a site says of macros, and what the file itself says."""
        own = self._parsed.makers.pasting().items()
        return {**{name: _made_by(macro) for name, macro in own}, **self._said}

    def named(self, name: str) -> Sequence[Definition]:
        return self._by_name.get(name, ())

    @cached_property
    def _by_name(self) -> Mapping[str, Sequence[Definition]]:
        found: dict[str, list[Definition]] = {}
        for definition in self.facts.definitions:
            found.setdefault(definition.name, []).append(definition)
        return found

    def announced(self, name: str) -> Sequence[Declaration]:
        return [each for each in self.facts.declarations if each.name == name]

    def body(self, definition: Definition) -> Body:
        body = self._bodies.get(definition)
        if body is None:
            body = self._bodies[definition] = self._body(definition)
        return body

    def _body(self, definition: Definition) -> Body:
        if definition.kind is SymbolKind.MACRO:
            directive = self._parsed.macros[definition]
            body = read_macro(self._parsed.unit, directive, self._dispatch)
            return replace(body, bindings=macro_bindings(self._parsed.unit, directive))
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
            if index in self._pasting
            or any(text.find(asked, *span) >= 0 for span in self._spans(index))
        )

    def _spans(self, index: int) -> Iterable[tuple[int, int]]:
        """The spans in the file of what can bind, by its index."""
        count = len(self._parsed.found)
        if index >= count:
            masked, call = self._made[index - count]
            return ((call.offset + masked.base, call.closing + 1 + masked.base),)
        return (each.whole for each in self._parsed.found[index][1])

    @cached_property
    def _pasting(self) -> frozenset[int]:
        """Those of what can bind in which macros make names that do not stand there."""
        code, makes_names = self._parsed.unit.code, self._macros.makes_names
        return frozenset(
            index
            for index in self._binding
            if any(makes_names(code, *span) for span in self._spans(index))
        )

    @cached_property
    def _binding(self) -> Sequence[int]:
        """The groups that can bind: functions and variables with an initialiser."""
        count = len(self._parsed.found)
        return [
            *(
                index
                for index, (_, group) in enumerate(self._parsed.found)
                if group[0].kind is SymbolKind.FUNCTION or self._is_filled(group[0])
            ),
            *range(count, count + len(self._made)),
        ]

    def _is_filled(self, found: Found) -> bool:
        """Whether a variable has an initialiser, or a macro that makes it may give it one."""
        if found.kind is not SymbolKind.VARIABLE or found.initialised:
            return found.initialised
        code = self._parsed.unit.code
        return any(self._macros.binding(code, *found.whole))

    @cached_property
    def _made(self) -> Sequence[tuple[MaskedSource, MacroCall]]:
        """The macro calls at file level that may make objects, each once."""
        found: dict[int, tuple[MaskedSource, MacroCall]] = {}
        for masked in self._parsed.variants:
            for call in masked.calls:
                if any(self._macros.binding(masked.source, call.offset, call.opening + 1)):
                    found.setdefault(call.offset + masked.base, (masked, call))
        return [found[offset] for offset in sorted(found)]

    @cached_property
    def _macros(self) -> Macros:
        if self._given is not None:
            return self._given
        functions = {
            definition.name.encode()
            for definition in self.facts.definitions
            if definition.kind is SymbolKind.FUNCTION
        }
        unit = self._parsed.unit
        return read_macros(self._parsed.macros.values(), unit.code, functions)

    def _bindings(self, indexes: Iterable[int]) -> tuple[Binding, ...]:
        """The bindings in some groups, each once, in source order."""
        found: dict[Place, Binding] = {}
        for index in indexes:
            if index not in self._bound:
                bound = self._found_in(index)
                self._bound[index] = dict(pair for each in reversed(bound) for pair in each.items())
            for place, binding in self._bound[index].items():
                found.setdefault(place, binding)
        return tuple(found[place] for place in sorted(found))

    def _found_in(self, index: int) -> Sequence[Mapping[Place, Binding]]:
        """The bindings in one group, or in one macro call at file level, by variant."""
        count = len(self._parsed.found)
        if index < count:
            name, group = self._parsed.found[index]
            return [self._reader.bindings(name, each).found for each in group]
        masked, call = self._made[index - count]
        node = parse_expanded(self._parsed.unit, b"", ()).node
        code = masked.source
        construct = Construct(self._parsed.unit, masked, node, 0, len(code), code)
        return [self._reader.made(construct, call.offset, call.closing + 1).found]

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
    def made(self) -> tuple[Binding, ...]:
        count = len(self._parsed.found)
        return self._bindings(range(count, count + len(self._made)))

    @cached_property
    def open_macros(self) -> tuple[str, ...]:
        code, found = self._parsed.unit.code, set[str]()
        for _, group in self._parsed.found:
            if group[0].kind is SymbolKind.VARIABLE and group[0].initialised:
                found.update(match.decode() for match in _CALLED.findall(code, *group[0].whole))
        found.update(use.macro for use in self.uses if any(map(str.islower, use.names)))
        open_ones = (name for name in sorted(found) if not self._is_known(name))
        return tuple(islice(open_ones, _MOST_OPEN))

    def _is_known(self, name: str) -> bool:
        """Whether the file itself, or what is built in, says what a name in a table is."""
        word = name.encode()
        is_silent = name.startswith(_SILENT) or name in DROPPING or word in VARIABLE_MACROS
        is_section = any(name in section.macros for section in SECTIONS)
        is_own = name in self._by_name or bool(self._macros.of(word))
        return is_own or is_silent or is_section or name in KEYWORDS

    def macro_texts(self, name: str) -> tuple[str, ...]:
        directives = map(self._parsed.macros.get, self.named(name))
        return tuple(each.rest.decode("utf-8", "replace") for each in directives if each)

    def bindings_made(self, texts: tuple[str, ...]) -> tuple[Binding, ...]:
        lines = b"".join(b"#define %b\n" % text.encode() for text in texts)
        others = lex(lines).directives
        macros = read_macros((*self._parsed.macros.values(), *others), self._parsed.unit.code)
        names = [directive.rest for directive in others]
        known = ParsedFile(self._parsed, self._said, macros)
        found = set(self.bindings)
        code = self._parsed.unit.code
        spans = [(index, span) for index in known._binding for span in known._spans(index)]
        made = known._bindings(
            dict.fromkeys(index for index, span in spans if macros.has_any(names, code, *span))
        )
        return tuple(binding for binding in made if binding not in found)

    def calls_made(
        self, definition: Definition, call: Call, texts: tuple[str, ...]
    ) -> tuple[Call, ...]:
        group = self._parsed.groups.get(definition)
        if group is None or definition.kind is not SymbolKind.FUNCTION:
            return ()
        macros = self._with(texts)
        place = (call.line, call.column)
        made = self._reader.member_calls(group, call.name.encode(), place, macros)
        return tuple(replace(each, condition=call.condition) for each in dict.fromkeys(made))

    def _with(self, texts: tuple[str, ...]) -> Macros:
        """The file's macros, and some others."""
        lines = b"".join(b"#define %b\n" % text.encode() for text in texts)
        others = lex(lines).directives
        return read_macros((*self._parsed.macros.values(), *others), self._parsed.unit.code)

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
            start = construct.node.start_byte + construct.inner
            end = construct.node.end_byte + construct.inner
            if construct.source.find(b"extern ", start + 1, end) >= 0:
                for declaration in announced_inside(construct.whole.node):
                    table.read(declaration)
        return table

    @cached_property
    def _reader(self) -> BodyReader:
        unit = self._parsed.unit
        known = {"__cleanup": "", **cleanups(unit, self._parsed.macros.values())}
        leaving = ScopeEnds(unit.code, known)
        return BodyReader(self._table, self._dispatch, leaving, self._macros)


def _made_by(macro: DefiningMacro) -> DispatchMacro:
    return DispatchMacro(macro.position, defining=macro, calls=False)


def read_code(path: str, text: bytes, dispatch: Mapping[str, DispatchMacro] = DISPATCH) -> CodeFile:
    """Read one C file: any bytes can be read. Its path is only copied into the facts."""
    defining = {name.encode(): macro.defining for name, macro in dispatch.items() if macro.defining}
    return ParsedFile(parse(path, text, defining), dispatch)

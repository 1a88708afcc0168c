"""The inside of one definition, joined from the variants of the file that it is found in."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from tree_sitter import Node, Query, QueryCursor

from callpath.c.definitions import Placed
from callpath.c.facts import Binding, Body, Call, CallForm, Handed, Mention, Role
from callpath.c.handlers import CALLS, DECLARATIONS, EXPRESSIONS
from callpath.c.types import Scopes, Shape, TypeTable, read_declarator
from callpath.c.variants import LANGUAGE, SourceMap, Unit
from callpath.c.vocabulary import KEYWORDS, MEMBERS, UNEVALUATED, DispatchMacro
from callpath.c.walk import (
    PLAIN,
    BodyFacts,
    Handler,
    UsageContext,
    Walk,
    find_tags,
    read_access,
    result_tag,
)
from callpath.model import SymbolKind

_BINDING = Query(
    LANGUAGE,
    """
    (assignment_expression operator: "=") @assignment
    (init_declarator) @initialiser
    (compound_literal_expression) @literal
    """,
)
_VALUE_KINDS = """
    identifier pointer_expression cast_expression conditional_expression parenthesized_expression
    compound_literal_expression initializer_list assignment_expression comma_expression
"""
_VALUES = frozenset(_VALUE_KINDS.split())
"""What a value can be that binds a name."""
_AMPERSAND = 0x26
_MOST_STEPS = 64
_NO_SHAPE = Shape()


@dataclass(frozen=True, slots=True)
class _Slot:
    """Where a value is put.

    Attributes:
        owner: The variable.
        tag: The tag of the struct that directly holds the member.
        path: The members between the owner and the member.
        member: The member, or empty.
        position: The place among values without names, or -1.
        index: The text of the array designator, or empty.
        shape: What is put there.
        address: Whether the address of the value is put there.
    """

    owner: str = ""
    tag: str = ""
    path: tuple[str, ...] = ()
    member: str = ""
    position: int = -1
    index: str = ""
    shape: Shape = _NO_SHAPE
    address: bool = False

    def below(self) -> tuple[str, ...]:
        """The members down to what is put there."""
        return (*self.path, self.member) if self.member else self.path


@dataclass(slots=True)
class BindingReader:
    """Reads the bindings of one construct.

    Attributes:
        stretch: The construct.
        scopes: Its parameters and locals.
        function: The function whose body it is, or empty.
        found: The bindings so far, by the offset of the bound name.
        designated: For the offset of each designator the tag of the struct, as far as it is known.
    """

    stretch: SourceMap
    scopes: Scopes
    function: str = ""
    found: dict[int, Binding] = field(default_factory=dict)
    designated: dict[int, str] = field(default_factory=dict)

    def read(self, node: Node) -> None:
        """Read everything in a node."""
        captures = QueryCursor(_BINDING).captures(node)
        for declarator in captures.get("initialiser", ()):
            self.initialiser(declarator)
        for assignment in captures.get("assignment", ()):
            self._assignment(assignment)
        for literal in captures.get("literal", ()):
            self._value(literal, _Slot())

    def initialiser(self, declarator: Node) -> None:
        """Read one variable's initialiser."""
        value = declarator.child_by_field_name("value")
        declared = read_declarator(declarator)
        if value is None or declared is None or value.type not in _VALUES:
            return
        owner = self.stretch.name(declared.name)
        shape = self.scopes.shape(owner, self.stretch.offset(declared.name))
        self._value(value, _Slot(owner, shape=shape))

    def _assignment(self, node: Node) -> None:
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is not None and right is not None and right.type in _VALUES:
            self._value(right, self._assigned(left))

    def _assigned(self, left: Node) -> _Slot:
        """Where an assignment puts its value."""
        node, index = left, ""
        for _ in range(_MOST_STEPS):
            following: Node | None = None
            if node.type == "parenthesized_expression":
                following = next(iter(node.named_children), None)
            elif node.type == "subscript_expression":
                subscript = node.child_by_field_name("index")
                index = self.stretch.quoted(subscript) if subscript is not None else ""
                following = node.child_by_field_name("argument")
            if following is None:
                break
            node = following
        member = node.child_by_field_name("field") if node.type == "field_expression" else None
        if member is None:
            access = read_access(self.stretch, self.scopes, node)
            return _Slot(access.root, index=index)
        access = read_access(self.stretch, self.scopes, node.child_by_field_name("argument"))
        name = self.stretch.name(member)
        return _Slot(access.root, access.tag, access.path, name, index=index)

    def _value(self, node: Node, slot: _Slot) -> None:
        """Follow a value down to the names in it."""
        pending = [(node, slot)]
        while pending:
            node, slot = pending.pop()
            kind = node.type
            if kind == "identifier":
                self._bind(node, slot)
            elif kind == "initializer_list":
                pending.extend(self._elements(node, slot))
            elif kind == "compound_literal_expression":
                tag = result_tag(self.stretch, self.scopes, node)
                dimensions = 1 if _is_array_type(node) else 0
                value = node.child_by_field_name("value")
                if value is not None:
                    pending.append((value, replace(slot, shape=Shape(tag, dimensions))))
            else:
                pending.extend((part, each) for part, each in self._parts(node, slot))

    def _parts(self, node: Node, slot: _Slot) -> Iterator[tuple[Node, _Slot]]:
        """The parts of an expression that can be its value."""
        kind = node.type
        names: tuple[str, ...] = ()
        if kind == "parenthesized_expression":
            yield from ((child, slot) for child in node.named_children[:1])
        elif kind == "cast_expression":
            names = ("value",)
        elif kind == "conditional_expression":
            names = ("consequence", "alternative")
        elif kind in ("assignment_expression", "comma_expression"):
            names = ("right",)
        elif kind == "pointer_expression":
            if self.stretch.source[node.start_byte + self.stretch.inner] == _AMPERSAND:
                names, slot = ("argument",), replace(slot, address=True)
        elif kind in ("field_expression", "subscript_expression") and slot.address:
            names = ("argument",)
        for name in names:
            part = node.child_by_field_name(name)
            if part is not None:
                yield part, slot

    def _elements(self, node: Node, slot: _Slot) -> Iterator[tuple[Node, _Slot]]:
        """The values in braces, each with where it is put."""
        position = 0
        order = self.scopes.table.order.get(slot.shape.tag, [])
        for child in node.named_children:
            if child.type == "initializer_pair":
                value = child.child_by_field_name("value")
                inner = self._designated(child, slot)
                if inner.member in order:
                    position = order.index(inner.member)
                if value is not None:
                    yield value, inner
            elif child.type in _VALUES:
                yield child, self._positional(slot, position, order)
            position += child.type not in ("comment", "ERROR")

    def _positional(self, slot: _Slot, position: int, order: list[str]) -> _Slot:
        """Where a value without a designator is put."""
        shape = slot.shape
        if shape.dimensions:
            inner = _Slot(slot.owner, path=slot.below(), index=slot.index, shape=shape.element())
        else:
            member = order[position] if position < len(order) else ""
            held = self.scopes.table.member(shape.tag, member)
            inner = _Slot(slot.owner, shape.tag, slot.below(), index=slot.index, shape=held)
        return replace(inner, position=position)

    def _designated(self, pair: Node, slot: _Slot) -> _Slot:
        """Where a value with designators is put."""
        shape = slot.shape
        inner = _Slot(slot.owner, path=slot.below(), index=slot.index)
        for designator in pair.children_by_field_name("designator")[:_MOST_STEPS]:
            if designator.type in ("subscript_designator", "subscript_range_designator"):
                index = self.stretch.quoted(designator).strip("[]")
                inner = replace(inner, index=index)
                shape = shape.element()
                continue
            member = designator if designator.type == "field_identifier" else None
            member = member or next(iter(designator.named_children), None)
            if member is None:
                continue
            name = self.stretch.name(member)
            self.designated[self.stretch.offset(member)] = shape.tag
            inner = replace(inner, tag=shape.tag, path=inner.below(), member=name)
            shape = self.scopes.table.member(shape.tag, name)
        return replace(inner, shape=shape)

    def _bind(self, node: Node, slot: _Slot) -> None:
        """Note one name that is put somewhere."""
        target, offset = self.stretch.name(node), self.stretch.offset(node)
        if (
            offset in self.found
            or target in KEYWORDS
            or not (slot.owner or slot.member or slot.tag)
        ):
            return
        whole = not slot.member and slot.position < 0 and not slot.index
        if whole and self._is_local(slot.owner, offset) and self._is_local(target, offset):
            return
        self.found[offset] = Binding(
            target,
            self.stretch.position(offset)[0],
            slot.owner,
            slot.tag,
            slot.member,
            slot.position,
            slot.index,
            self.function,
            slot.address,
            self.stretch.unit.condition(offset),
            slot.path,
        )

    def _is_local(self, name: str, offset: int) -> bool:
        return self.scopes.local(name, offset) is not None


def _is_array_type(literal: Node) -> bool:
    """Whether a compound literal is one of an array: `(struct foo[]){ … }`."""
    written = literal.child_by_field_name("type")
    declarator = written.child_by_field_name("declarator") if written is not None else None
    return declarator is not None and declarator.type == "abstract_array_declarator"


_WORD = re.compile(rb"(?<!\w)(?<!\d\.)([A-Za-z_]\w*+)(?![\"'])")
_SPACE = b" \n"
_ARGUMENT = re.compile(rb"\s*+(&?)\s*+([A-Za-z_]\w*+)\s*+")
_CALL = re.compile(rb"\s*+\(")
_CALL_NO_POINTER = re.compile(rb"\s*+\((?!\s*+[*^])")
_ARROW = b"->"


def look_again(ledger: BodyFacts, start: int, end: int, body: int) -> None:
    """Note what has not been seen between two offsets of the file.

    Parameters:
        ledger: Where to write.
        start: Offset of the first byte.
        end: Offset past the last byte.
        body: Offset from which on calls are calls.
    """
    stretch = ledger.stretch
    shift = stretch.outer - stretch.inner
    silent = 0
    for match in _WORD.finditer(stretch.source, start - shift, end - shift):
        offset = match.start(1) + shift
        word = match.group(1).decode()
        if word in UNEVALUATED:
            brackets = stretch.sheet.call(match.end())
            silent = max(silent, brackets[1] + shift if brackets else 0)
        if offset in ledger.seen and not (offset >= body and _is_missed(ledger, offset, match)):
            continue
        name = stretch.text(offset, match.end() + shift)
        if _is_member(stretch.source, match.start(1)):
            ledger.name(offset, name, UsageContext(Role.FIELD))
        elif offset < silent or word in KEYWORDS or not _CALL.match(stretch.source, match.end()):
            ledger.name(offset, name, UsageContext())
        else:
            ledger.name(offset, name, UsageContext(Role.CALLED))
            if offset >= body:
                _note_call(ledger, offset, name, match.end())


def _is_missed(ledger: BodyFacts, offset: int, match: re.Match[bytes]) -> bool:
    """Whether the tree takes a call for something else: a type, a prototype, a mere value."""
    known = ledger.mentions.get(offset)
    if known is None or offset in ledger.settled or known.role not in (Role.OTHER, Role.TYPE):
        return False
    pattern = _CALL if known.role is Role.OTHER else _CALL_NO_POINTER
    return pattern.match(match.string, match.end()) is not None


def _is_member(code: bytes, start: int) -> bool:
    """Whether a word stands behind `.` or `->`."""
    while start and code[start - 1] in _SPACE:
        start -= 1
    before = code[max(0, start - 3) : start]
    return before.endswith(_ARROW) or (before.endswith(b".") and before != b"...")


def _note_call(ledger: BodyFacts, offset: int, name: str, end: int) -> None:
    """Note a call that the tree does not show, with the names that it hands over."""
    stretch = ledger.stretch
    ledger.call(offset, Call(CallForm.DIRECT, name, 0))
    brackets = stretch.sheet.call(end)
    if brackets is None or not stretch.source[brackets[0] + 1 : brackets[1]].strip():
        return
    shift = stretch.outer - stretch.inner
    for place, span in enumerate(stretch.sheet.arguments(*brackets)):
        sink = ledger.sink(offset)
        match = _ARGUMENT.fullmatch(stretch.source, *span)
        if match is None:
            continue
        _hand_over(
            ledger,
            match.start(2) + shift,
            match.end(2) + shift,
            _use(name, place, sink, address=bool(match.group(1))),
        )


def _use(name: str, place: int, sink: list[Handed], *, address: bool) -> UsageContext:
    """How a macro uses the name that is its argument at a place."""
    if MEMBERS.get(name) == place:
        return UsageContext(Role.FIELD)
    return UsageContext(Role.ARGUMENT, name, sink, address=address)


def _hand_over(ledger: BodyFacts, start: int, end: int, use: UsageContext) -> None:
    """Note the name that is a whole argument, unless the tree knows better."""
    known = ledger.mentions.get(start)
    name = ledger.stretch.text(start, end)
    if known is None or known.role in (Role.OTHER, Role.TYPE):
        ledger.name(start, name, use)
    elif use.sink is not None and known.role is Role.LOCAL:
        use.sink.append(Handed(name, use.address))


_HANDLERS: Mapping[str, Handler] = {**EXPRESSIONS, **DECLARATIONS, **CALLS}
_TYPES = (SymbolKind.STRUCT, SymbolKind.UNION, SymbolKind.ENUM)
_TAGGED = frozenset({"struct_specifier", "union_specifier", "enum_specifier"})


class BodyReader:
    """Reads the inside of definitions of one file.

    Parameters:
        unit: The file.
        table: What it tells of types.
        dispatch: The macros that dispatch, by name.
    """

    def __init__(self, unit: Unit, table: TypeTable, dispatch: Mapping[str, DispatchMacro]) -> None:
        self._unit = unit
        self._table = table
        self._dispatch = dispatch

    def read(self, kind: SymbolKind, name: str, group: tuple[Placed, ...]) -> Body:
        """The inside of one definition, over all variants that it is found in."""
        calls: dict[int, Call] = {}
        mentions: dict[int, Mention] = {}
        bindings: dict[int, Binding] = {}
        types: dict[str, str] = {}
        parameters: tuple[str, ...] = ()
        for placed in group:
            bound, scopes = self.bindings(kind, name, placed)
            ledger = self._ledger(kind, placed, scopes, bound.designated)
            calls = {**ledger.finished_calls(), **calls}
            mentions = {**ledger.mentions, **mentions}
            bindings = {**bound.found, **bindings}
            types = {**scopes.types, **types}
            parameters = parameters or scopes.parameters
        return Body(
            tuple(calls[offset] for offset in sorted(calls)) if kind not in _TYPES else (),
            tuple(mentions[offset] for offset in sorted(mentions)),
            tuple(bindings[offset] for offset in sorted(bindings)),
            parameters,
            types,
        )

    def bindings(self, kind: SymbolKind, name: str, placed: Placed) -> tuple[BindingReader, Scopes]:
        """The bindings in one definition as one variant shows it."""
        stretch = SourceMap(self._unit, placed.variant, placed.item)
        node = placed.item.node
        if kind is SymbolKind.FUNCTION:
            scopes = Scopes(stretch, self._table, node)
            reader = BindingReader(stretch, scopes, name)
            reader.read(node)
        else:
            scopes = Scopes(stretch, self._table, None)
            reader = BindingReader(stretch, scopes)
            declarator = _declarator(placed) if kind is SymbolKind.VARIABLE else None
            if declarator is not None:
                reader.initialiser(declarator)
        return reader, scopes

    def _ledger(
        self, kind: SymbolKind, placed: Placed, scopes: Scopes, designated: Mapping[int, str]
    ) -> BodyFacts:
        """Walk through one definition as one variant shows it."""
        stretch = SourceMap(self._unit, placed.variant, placed.item)
        base = placed.variant.base
        start, end = placed.found.start + base, placed.found.end + base
        tagged = find_tags(stretch, start, end)
        ledger = BodyFacts(stretch, scopes, placed.offset, tagged=tagged)
        ledger.seen.add(placed.offset)
        walk = Walk(ledger, _HANDLERS, self._dispatch, designated)
        for node, use in _parts(kind, placed):
            walk.read([(node, use)])
        body = placed.item.node.child_by_field_name("body")
        first_call = start
        if kind is SymbolKind.FUNCTION and body is not None:
            first_call = stretch.offset(body)
            look_again(ledger, start, end, first_call)
        elif kind is not SymbolKind.FUNCTION:
            for node, _ in _parts(kind, placed):
                left, right = stretch.offset(node), node.end_byte + stretch.outer
                look_again(ledger, left, min(right, end), left)
        return ledger


def _parts(kind: SymbolKind, placed: Placed) -> list[tuple[Node, UsageContext]]:
    """The nodes that belong to one definition, each with the use of what is in it."""
    node = placed.item.node
    if kind is SymbolKind.FUNCTION:
        return [(node, PLAIN)]
    if kind in _TYPES:
        specifier = _specifier(placed)
        return [(specifier, PLAIN)] if specifier is not None else []
    declarator = _declarator(placed)
    declarators = node.children_by_field_name("declarator")
    return [
        (child, PLAIN)
        for child in node.named_children
        if child not in declarators or child == declarator
    ]


def _declarator(placed: Placed) -> Node | None:
    """The declarator of a variable or typedef."""
    name = placed.found.name_start - placed.item.base
    for declarator in placed.item.node.children_by_field_name("declarator"):
        if declarator.start_byte <= name < declarator.end_byte:
            return declarator
    return None


def _specifier(placed: Placed) -> Node | None:
    """The node of a struct, union or enum, which may stand inside of another."""
    start = placed.found.start - placed.item.base
    end = placed.found.end - placed.item.base
    node = placed.item.node.descendant_for_byte_range(start, max(end - 1, start))
    while node is not None and node.type not in _TAGGED:
        node = node.parent
    return node

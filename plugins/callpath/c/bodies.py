"""The inside of one definition: what it binds, names and calls, joined from the file's variants."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from tree_sitter import Node, Query, QueryCursor

from callpath.c.copies import read_copies
from callpath.c.definitions import Found, FoundGroup
from callpath.c.facts import Binding, Body, Call, Copy, Handed, Mention, Role
from callpath.c.handlers import walk_through
from callpath.c.types import (
    Scopes,
    Shape,
    TypeTable,
    descend,
    into,
    read_access,
    read_declarator,
    result_tag,
)
from callpath.c.variants import LANGUAGE, Construct
from callpath.c.vocabulary import KEYWORDS, MEMBERS, UNEVALUATED, DispatchMacro
from callpath.c.walk import CALLED, PLAIN, UsageContext, Walk, find_tags
from callpath.model import SymbolKind

_TYPES = (SymbolKind.STRUCT, SymbolKind.UNION, SymbolKind.ENUM)
_TAGGED = frozenset({"struct_specifier", "union_specifier", "enum_specifier"})


@dataclass(frozen=True, slots=True)
class BodyReader:
    """Reads the inside of definitions of one file."""

    _table: TypeTable
    _dispatch: Mapping[str, DispatchMacro]

    def read(self, name: str, group: FoundGroup) -> Body:
        """The inside of one definition, over all variants that it is found in."""
        calls: dict[int, Call] = {}
        mentions: dict[int, Mention] = {}
        bindings: dict[int, Binding] = {}
        types: dict[str, str] = {}
        parameters: tuple[str, ...] = ()
        for found in group:
            bound = self.bindings(name, found)
            walk = self._walk(found, bound.scopes, bound.designated)
            calls = {**walk.finished_calls(), **calls}
            mentions = {**walk.mentions, **mentions}
            bindings = {**bound.found, **bindings}
            types = {**bound.scopes.types, **types}
            parameters = parameters or bound.scopes.parameters
        return Body(
            tuple(calls[offset] for offset in sorted(calls)) if group[0].kind not in _TYPES else (),
            tuple(mentions[offset] for offset in sorted(mentions)),
            tuple(bindings[offset] for offset in sorted(bindings)),
            parameters,
            types,
        )

    def copies(self, name: str, group: FoundGroup) -> tuple[Copy, ...]:
        """Where pointers go in a function, over all variants that it is found in."""
        copies: dict[int, tuple[Copy, ...]] = {}
        for found in group:
            if found.kind is SymbolKind.FUNCTION:
                construct = found.construct
                scopes = Scopes(construct, self._table, construct.node)
                read = read_copies(construct, scopes, name, found.offset)
                copies = {**read, **copies}
        return tuple(copy for offset in sorted(copies) for copy in copies[offset])

    def bindings(self, name: str, found: Found) -> "BindingReader":
        """The bindings in one definition as one variant shows it."""
        construct = found.construct
        function = construct.node if found.kind is SymbolKind.FUNCTION else None
        scopes = Scopes(construct, self._table, function)
        reader = BindingReader(construct, scopes, name if function is not None else "")
        if function is not None:
            reader.read(function)
        elif found.kind is SymbolKind.VARIABLE:
            declarator = _declarator(found)
            if declarator is not None:
                reader.initialiser(declarator)
        return reader

    def _walk(self, found: Found, scopes: Scopes, designated: Mapping[int, str]) -> Walk:
        construct = found.construct
        tagged = find_tags(construct, *found.whole)
        walk = Walk(construct, scopes, self._dispatch, found.offset, designated, tagged)
        walk.seen.add(found.offset)
        parts = _parts(found)
        for node in parts:
            walk_through(walk, node)
        if found.kind is not SymbolKind.FUNCTION:
            for node in parts:
                start, end = construct.span(node)
                _look_again(walk, start, min(end, found.whole[1]), start)
        elif (body := construct.node.child_by_field_name("body")) is not None:
            _look_again(walk, *found.whole, construct.offset(body))
        return walk


def _parts(found: Found) -> list[Node]:
    node = found.construct.node
    if found.kind is SymbolKind.FUNCTION:
        return [node]
    if found.kind in _TYPES:
        specifier = _specifier(found)
        return [specifier] if specifier is not None else []
    declarator = _declarator(found)
    others = [each for each in node.children_by_field_name("declarator") if each != declarator]
    return [child for child in node.named_children if child not in others]


def _declarator(found: Found) -> Node | None:
    for declarator in found.construct.node.children_by_field_name("declarator"):
        start, end = found.construct.span(declarator)
        if start <= found.offset < end:
            return declarator
    return None


def _specifier(found: Found) -> Node | None:
    """The node of a struct, union or enum, which may stand inside of another."""
    start, end = (offset - found.construct.outer for offset in found.whole)
    node = found.construct.node.descendant_for_byte_range(start, max(end - 1, start))
    while node is not None and node.type not in _TAGGED:
        node = node.parent
    return node


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
_VALUES = frozenset(_VALUE_KINDS.split())  # what a value can be that binds a name
_PARTS: Mapping[str, tuple[str, ...]] = {
    "cast_expression": ("value",),
    "conditional_expression": ("consequence", "alternative"),
    "assignment_expression": ("right",),
    "comma_expression": ("right",),
}
"""The parts of an expression that can be its value."""
_MOST_DESIGNATORS = 64
_NO_SHAPE = Shape()
_INTO_ASSIGNED = into({"parenthesized_expression": "", "subscript_expression": "argument"})


@dataclass(frozen=True, slots=True)
class _Slot:
    """Where a value is put: as in the `Binding` that is made of it, and what is put there."""

    owner: str = ""
    tag: str = ""
    path: tuple[str, ...] = ()
    member: str = ""
    position: int = -1
    index: str = ""
    shape: Shape = _NO_SHAPE
    address: bool = False
    is_unnamed: bool = False  # whether its position is that of a member this file does not name

    def below(self) -> tuple[str, ...]:
        """The members down to what is put there."""
        member = str(self.position) if self.is_unnamed else self.member
        is_deep = self.is_unnamed and len(self.path) >= _MOST_DESIGNATORS
        return (*self.path, member) if member and not is_deep else self.path


@dataclass(slots=True)
class BindingReader:
    """Reads the bindings of one construct."""

    construct: Construct
    scopes: Scopes
    function: str = ""  # the function whose body it is, or empty
    # The bindings so far, by the offset of the bound name.
    found: dict[int, Binding] = field(default_factory=dict)
    # For the offset of each designator the tag of the struct, as far as it is known.
    designated: dict[int, str] = field(default_factory=dict)

    def read(self, node: Node) -> None:
        """Read everything in a node."""
        captures = QueryCursor(_BINDING).captures(node)
        for declarator in _in_order(captures.get("initialiser", [])):
            self.initialiser(declarator)
        for assignment in _in_order(captures.get("assignment", [])):
            left = assignment.child_by_field_name("left")
            right = assignment.child_by_field_name("right")
            if left is not None and right is not None and right.type in _VALUES:
                self._value(right, self._assigned(left))
        for literal in _in_order(captures.get("literal", [])):
            self._value(literal, _Slot())

    def initialiser(self, declarator: Node) -> None:
        """Read one variable's initialiser."""
        value = declarator.child_by_field_name("value")
        declared = read_declarator(declarator)
        if value is None or declared is None or value.type not in _VALUES:
            return
        owner = self.construct.name(declared.name)
        shape = self.scopes.shape(owner, self.construct.offset(declared.name))
        self._value(value, _Slot(owner, shape=shape))

    def _assigned(self, left: Node) -> _Slot:
        *wrappers, node = descend(left, _INTO_ASSIGNED)
        subscripts = [each for each in wrappers if each.type == "subscript_expression"]
        subscript = subscripts[-1].child_by_field_name("index") if subscripts else None
        index = self.construct.quoted(subscript) if subscript is not None else ""
        member = node.child_by_field_name("field") if node.type == "field_expression" else None
        if member is None:
            access = read_access(self.construct, self.scopes, node)
            return _Slot(access.root, index=index)
        access = read_access(self.construct, self.scopes, node.child_by_field_name("argument"))
        name = self.construct.name(member)
        return _Slot(access.root, access.tag, access.path, name, index=index)

    def _value(self, node: Node, slot: _Slot) -> None:
        pending: list[tuple[Node | None, _Slot]] = [(node, slot)]
        while pending:
            part, slot = pending.pop()
            if part is None:
                continue
            if part.type == "identifier":
                self._bind(part, slot)
            elif part.type == "initializer_list":
                pending.extend(self._elements(part, slot))
            else:
                pending.extend(self._parts(part, slot))

    def _parts(self, node: Node, slot: _Slot) -> Iterator[tuple[Node | None, _Slot]]:
        kind = node.type
        if kind == "compound_literal_expression":
            tag = result_tag(self.construct, self.scopes, node)
            shape = Shape(tag, 1 if _is_array_type(node) else 0)
            yield node.child_by_field_name("value"), replace(slot, shape=shape)
        elif kind == "parenthesized_expression":
            yield from ((child, slot) for child in node.named_children[:1])
        elif kind == "pointer_expression":
            if self.construct.takes_address(node):
                yield node.child_by_field_name("argument"), replace(slot, address=True)
        elif kind in ("field_expression", "subscript_expression"):
            if slot.address:
                yield node.child_by_field_name("argument"), slot
        else:
            for name in _PARTS.get(kind, ()):
                yield node.child_by_field_name(name), slot

    def _elements(self, node: Node, slot: _Slot) -> Iterator[tuple[Node | None, _Slot]]:
        position = 0
        order = self.scopes.table.order.get(slot.shape.tag, [])
        for child in node.named_children:
            if child.type == "initializer_pair":
                inner = self._designated(child, slot)
                if inner.member in order:
                    position = order.index(inner.member)
                yield child.child_by_field_name("value"), inner
            elif child.type in _VALUES:
                yield child, self._positional(slot, position, order)
            position += child.type not in ("comment", "ERROR")

    def _positional(self, slot: _Slot, position: int, order: list[str]) -> _Slot:
        shape = slot.shape
        if shape.dimensions:
            inner = _Slot(slot.owner, path=slot.below(), index=slot.index, shape=shape.element())
        else:
            member = order[position] if position < len(order) else ""
            held = self.scopes.table.member(shape.tag, member)
            inner = _Slot(slot.owner, shape.tag, slot.below(), index=slot.index, shape=held)
            inner = replace(inner, is_unnamed=not member)
        return replace(inner, position=position)

    def _designated(self, pair: Node, slot: _Slot) -> _Slot:
        shape = slot.shape
        inner = _Slot(slot.owner, path=slot.below(), index=slot.index)
        for designator in pair.children_by_field_name("designator")[:_MOST_DESIGNATORS]:
            if designator.type in ("subscript_designator", "subscript_range_designator"):
                inner = replace(inner, index=self.construct.quoted(designator).strip("[]"))
                shape = shape.element()
                continue
            member = designator if designator.type == "field_identifier" else None
            member = member or next(iter(designator.named_children), None)
            if member is None:
                continue
            name = self.construct.name(member)
            self.designated[self.construct.offset(member)] = shape.tag
            inner = replace(inner, tag=shape.tag, path=inner.below(), member=name)
            shape = self.scopes.table.member(shape.tag, name)
        return replace(inner, shape=shape)

    def _bind(self, node: Node, slot: _Slot) -> None:
        target, offset = self.construct.name(node), self.construct.offset(node)
        is_placed = slot.owner or slot.member or slot.tag
        if offset in self.found or target in KEYWORDS or not is_placed:
            return
        whole = not slot.member and slot.position < 0 and not slot.index
        if whole and all(self.scopes.local(name, offset) for name in (slot.owner, target)):
            return
        self.found[offset] = Binding(
            target,
            self.construct.unit.line(offset),
            slot.owner,
            slot.tag,
            slot.member,
            slot.position,
            slot.index,
            self.function,
            slot.address,
            self.construct.unit.conditions.at(offset),
            slot.path,
        )


def _in_order(captured: list[Node]) -> list[Node]:
    """Nodes from outside to inside, left to right; tree-sitter gives captures in any order."""
    return sorted(captured, key=lambda node: (node.start_byte, -node.end_byte))


def _is_array_type(literal: Node) -> bool:
    """Whether a compound literal is one of an array: `(struct foo[]){ … }`."""
    written = literal.child_by_field_name("type")
    declarator = written.child_by_field_name("declarator") if written is not None else None
    return declarator is not None and declarator.type == "abstract_array_declarator"


_WORD = re.compile(rb"(?<!\w)(?<!\d\.)([A-Za-z_]\w*+)(?![\"'])")
_ARGUMENT = re.compile(rb"\s*+(&?)\s*+([A-Za-z_]\w*+)\s*+")
_CALL = re.compile(rb"\s*+\(")
_CALL_NO_POINTER = re.compile(rb"\s*+\((?!\s*+[*^])")


def _look_again(walk: Walk, start: int, end: int, body: int) -> None:
    """Note what has not been seen between two offsets; calls are calls from `body` on."""
    construct = walk.construct
    base = construct.masked.base
    silent = 0
    for match in _WORD.finditer(construct.source, start - base, end - base):
        offset = match.start(1) + base
        word = match.group(1).decode()
        if word in UNEVALUATED:
            brackets = construct.masked.call(match.end())
            silent = max(silent, brackets[1] + base if brackets else 0)
        if offset in walk.seen and not (offset >= body and _is_missed(walk, offset, match)):
            continue
        name = construct.unit.name(offset, match.end() + base)
        if _is_member(construct.source, match.start(1)):
            walk.note(offset, name, PLAIN.as_member(""))
        elif offset < silent or word in KEYWORDS or not _CALL.match(match.string, match.end()):
            walk.note(offset, name, PLAIN)
        else:
            walk.note(offset, name, CALLED)
            if offset >= body:
                _note_call(walk, offset, name, match.end())


def _is_missed(walk: Walk, offset: int, match: re.Match[bytes]) -> bool:
    """Whether the tree takes a call for something else: a type, a prototype, a mere value."""
    known = walk.mentions.get(offset)
    if known is None or offset in walk.settled or known.role not in (Role.OTHER, Role.TYPE):
        return False
    pattern = _CALL if known.role is Role.OTHER else _CALL_NO_POINTER
    return pattern.match(match.string, match.end()) is not None


def _is_member(code: bytes, start: int) -> bool:
    while start and code[start - 1] in b" \n":
        start -= 1
    before = code[max(0, start - 3) : start]
    return before.endswith(b"->") or (before.endswith(b".") and before != b"...")


def _note_call(walk: Walk, offset: int, name: str, end: int) -> None:
    masked = walk.construct.masked
    walk.direct_call(offset, name)
    brackets = masked.call(end)
    if brackets is None or not masked.source[brackets[0] + 1 : brackets[1]].strip():
        return
    for position, span in enumerate(masked.arguments(*brackets)):
        sink = walk.sink(offset)
        match = _ARGUMENT.fullmatch(masked.source, *span)
        if match is None:
            continue
        use = UsageContext(Role.ARGUMENT, name, sink, address=bool(match.group(1)))
        if MEMBERS.get(name) == position:
            use = PLAIN.as_member("")
        _hand_over(walk, match.start(2) + masked.base, match.end(2) + masked.base, use)


def _hand_over(walk: Walk, start: int, end: int, use: UsageContext) -> None:
    """Note the name that is a whole argument, unless the tree knows better."""
    known = walk.mentions.get(start)
    name = walk.construct.unit.name(start, end)
    if known is None or known.role in (Role.OTHER, Role.TYPE):
        walk.note(start, name, use)
    elif use.sink is not None and known.role is Role.LOCAL:
        use.sink.append(Handed(name, use.address))

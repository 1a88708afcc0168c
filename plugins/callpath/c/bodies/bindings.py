"""What is put into members, elements and variables: by initialisers, assignments and macros."""

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct, field
from msgspec.structs import replace
from tree_sitter import Node

from callpath.c.bodies.expansion import (
    ExpandedConstruct,
    Macros,
    parse_expanded,
    replacement_of,
    tokens_of,
)
from callpath.c.facts import Binding
from callpath.c.lexer import Directive
from callpath.c.types import (
    Captures,
    Scopes,
    Shape,
    TypeTable,
    capture,
    descend,
    in_order,
    into,
    read_access,
    read_declarator,
    result_tag,
    specified,
)
from callpath.c.variants import Construct, Unit
from callpath.c.vocabulary import KEYWORDS


def macro_bindings(unit: Unit, directive: Directive) -> tuple[Binding, ...]:
    """What a macro's text assigns or makes, given its `#define`, on whose line that is."""
    macro = replacement_of(directive)
    if macro is None or not any(token.text == b"=" for token in macro.tokens):
        return ()
    tokens = [replace(token, offset=directive.start + n) for n, token in enumerate(macro.tokens)]
    construct = parse_expanded(unit, b"", tokens)
    reader = BindingReader(construct, Scopes(construct, TypeTable(), None), "")
    reader.read(capture(construct.node))
    return tuple(reader.found[place] for place in sorted(reader.found))


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


class _Slot(Struct, frozen=True, gc=False):
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


Place = tuple[int, str, str]
"""What tells bindings apart: the offset of the bound name, that name, and the member."""


class BindingReader(Struct):
    """Reads the bindings of one construct."""

    construct: Construct
    scopes: Scopes
    function: str = ""  # the function whose body it is, or empty
    macros: Macros | None = None  # the macros that are replaced first; None in what they stand for
    found: dict[Place, Binding] = field(default_factory=dict)  # the bindings so far
    # For the offset of each designator the tag of the struct, as far as it is known.
    designated: dict[int, str] = field(default_factory=dict)

    # The places of those that a macro makes.
    made: set[int] = field(default_factory=set)

    def expand_calls(self, start: int, end: int) -> None:
        """Read what macro calls between two offsets of the variant's code make or assign."""
        masked = self.construct.masked
        past = start
        for match in self.macros.binding(masked.source, start, end) if self.macros else ():
            brackets = masked.call(match.end())
            if brackets is not None and match.start() >= past:
                past = brackets[1] + 1
                self.expand(match.start(), past)

    def expand(self, start: int, end: int, owner: str = "") -> None:
        """Read what a span of the variant's code makes, or only what it makes of one variable."""
        for inner in self._expanded(start, end, b""):
            known = set(inner.found)
            inner.read(capture(inner.construct.node))
            for place in set(inner.found) - known:
                if owner and inner.found[place].owner != owner:
                    del inner.found[place]
                else:
                    self.made.add(place[0])

    def _expanded(self, start: int, end: int, before: bytes) -> Iterator["BindingReader"]:
        """Readers of a span after its macros are replaced, one for each way to do that."""
        masked, macros = self.construct.masked, self.macros
        names = macros.are_in(masked.source, start, end) if macros is not None else []
        if macros is None or not names:
            return
        tokens = list(tokens_of(masked.source, start, end, masked.base))
        for alternative in range(macros.alternatives(names)):
            expanded = macros.expand(tokens, alternative)
            construct = parse_expanded(self.construct.unit, before, expanded)
            inner = BindingReader(construct, self.scopes, self.function)
            inner.found, inner.designated = self.found, self.designated
            yield inner

    def _placed(self, value: Node, slot: _Slot) -> None:
        """Read a value that is put somewhere, after its macros are replaced."""
        start, end = self._span(value)
        is_expanded = False
        for inner in self._expanded(start, end, b"int x ="):
            declarators = capture(inner.construct.node)
            for declarator in in_order(declarators.get("initialiser", []))[:1]:
                known = set(inner.found)
                within = declarator.child_by_field_name("value")
                if within is not None and within.type in _VALUES:
                    is_expanded = True
                    inner._value(within, slot)
                self.made.update(place[0] for place in set(inner.found) - known)
        if not is_expanded and value.type in _VALUES:
            self._value(value, slot)

    def read(self, captured: Captures) -> None:
        """Read everything that was captured in a node."""
        for declarator in in_order(captured.get("initialiser", [])):
            self.initialiser(declarator)
        for assignment in in_order(captured.get("assignment", [])):
            right = assignment.child_by_field_name("right")
            if right is not None and self._may_bind(right):
                left = assignment.child_by_field_name("left")
                if left is not None:
                    self._placed(right, self._assigned(left))
        for literal in in_order(captured.get("literal", [])):
            self._value(literal, _Slot())

    def initialiser(self, declarator: Node) -> None:
        """Read one variable's initialiser."""
        value = declarator.child_by_field_name("value")
        if value is None or not self._may_bind(value):
            return
        declared = read_declarator(declarator)
        if declared is None:
            return
        owner = self.construct.name(declared.name)
        shape = self.scopes.shape(owner, self.construct.offset(declared.name))
        if isinstance(self.construct, ExpandedConstruct) and declarator.parent is not None:
            tag = specified(declarator.parent.child_by_field_name("type"))
            shape = self.scopes.table.resolved(declared.shape(tag)) if tag else shape
        self._placed(value, _Slot(owner, shape=shape))

    def _may_bind(self, value: Node) -> bool:
        """Whether a value may bind a name; a call does only where a macro is replaced."""
        kind = value.type
        if kind in _VALUES:
            return True
        source = self.construct.source
        macros = self.macros if kind == "call_expression" else None
        return macros is not None and macros.are_any_in(source, *self._span(value))

    def _span(self, value: Node) -> tuple[int, int]:
        """The offsets of a value in the variant's code, also where the parser was lost in it."""
        start = value.start_byte + self.construct.inner
        end = value.end_byte + self.construct.inner
        if value.has_error:
            end = _balanced(self.construct.source, start, max(end, self.construct.limit))
        return start, end

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
            if self.construct.takes_address(node) and not self.construct.label(node):
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
        # What a macro is given once may be put into several members.
        is_expanded = isinstance(self.construct, ExpandedConstruct)
        place = (offset, target, slot.member if is_expanded else "")
        if place in self.found or target in KEYWORDS or not is_placed:
            return
        if not is_expanded and offset in self.made:
            return
        whole = not slot.member and slot.position < 0 and not slot.index
        if whole and all(self.scopes.local(name, offset) for name in (slot.owner, target)):
            return
        self.found[place] = Binding(
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
            local=self.scopes.local(target, offset) is not None,
        )


def _balanced(code: bytes, start: int, end: int) -> int:
    """The offset past a value that begins at an offset: up to `,` or `;` outside of brackets."""
    depth = 0
    for match in _ENDING.finditer(code, start, end):
        mark = match.group()
        if mark in b"([{":
            depth += 1
        elif mark in b")]}":
            depth -= 1
        if depth < 0 or (not depth and mark in b",;"):
            return match.start()
    return end


_ENDING = re.compile(rb"[][(){},;]")


def _is_array_type(literal: Node) -> bool:
    """Whether a compound literal is one of an array: `(struct foo[]){ … }`."""
    written = literal.child_by_field_name("type")
    declarator = written.child_by_field_name("declarator") if written is not None else None
    return declarator is not None and declarator.type == "abstract_array_declarator"

"""Which names are put into which members: by initialisers and by assignments."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from tree_sitter import Node, Query, QueryCursor

from callpath.core.c_parser.access import read_access, result_tag
from callpath.core.c_parser.body_facts import Binding
from callpath.core.c_parser.body_vocabulary import KEYWORDS
from callpath.core.c_parser.scopes import Scopes
from callpath.core.c_parser.stretch import Stretch
from callpath.core.c_parser.trees import LANGUAGE
from callpath.core.c_parser.type_tags import Shape, read_declarator

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

    stretch: Stretch
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

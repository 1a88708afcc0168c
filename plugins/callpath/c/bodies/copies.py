"""How pointers to functions go from place to place in a body, and which of them are called.

Values are followed through brackets, casts, `?:`, `*` and `&`, and macros whose value is that of
an argument. What is not evaluated, or stands in a branch that is never taken, is left out.
"""

from collections.abc import Iterator

from msgspec import Struct, field
from tree_sitter import Node

from callpath.c.facts import Copy, Place, PlaceForm
from callpath.c.types import (
    Scopes,
    Shape,
    argument,
    descend,
    into,
    read_access,
    read_declarator,
    result_tag,
    text_of,
)
from callpath.c.variants import Construct
from callpath.c.vocabulary import KEYWORDS, TRANSPARENT, UNEVALUATED

_CALLED = Place(PlaceForm.CALLED)
_MOST_DEPTH = 8  # how deep a constant condition is looked into
_MOST_LOOKED_AT = 200_000  # parts of all values of one function that are looked at
_MOST_PARTS = 256  # parts of one value that are looked at
_SILENT = frozenset(
    {"sizeof_expression", "alignof_expression", "offsetof_expression", "type_descriptor"}
)
_INTO_CALLED = into(
    {"parenthesized_expression": "", "pointer_expression": "argument", "cast_expression": "value"}
)
_INTO_ARRAY = into({"subscript_expression": "argument", "parenthesized_expression": ""})
_INTO_BRACKETS = into({"parenthesized_expression": ""})


def read_copies(
    construct: Construct, scopes: Scopes, function: str, outside: int
) -> dict[int, tuple[Copy, ...]]:
    """The copies in a function as one variant shows it, by the offset of the source's name.

    Parameters:
        outside: Offset at which the definition stands: its conditions go without saying.
    """
    reader = _CopyReader(construct, scopes, function, outside)
    body = construct.node.child_by_field_name("body")
    if body is not None:
        reader.read(body)
    return {offset: tuple(dict.fromkeys(found)) for offset, found in reader.found.items()}


class _CopyReader(Struct):
    construct: Construct
    scopes: Scopes
    function: str
    outside: int
    found: dict[int, list[Copy]] = field(default_factory=dict)
    left: int = _MOST_LOOKED_AT

    def read(self, body: Node) -> None:
        pending = [body]
        while pending:
            node = pending.pop()
            kind = node.type
            if kind in _SILENT or (kind == "call_expression" and self._is_silent(node)):
                continue
            if kind == "assignment_expression":
                self._assignment(node)
            elif kind == "init_declarator":
                self._initialiser(node)
            elif kind == "compound_literal_expression":
                tag = result_tag(self.construct, self.scopes, node)
                self._fill(node.child_by_field_name("value"), "", tag)
            elif kind == "return_statement":
                target = Place(PlaceForm.RESULT, self.function)
                for value in node.named_children[:1]:
                    self._copy(value, target)
            elif kind == "call_expression":
                self._call(node)
            pending.extend(reversed(self._parts(node)))

    def _parts(self, node: Node) -> list[Node]:
        """The parts of a node that can be reached."""
        dead: Node | None = None
        if node.type in ("if_statement", "conditional_expression", "while_statement"):
            truth = constant(node.child_by_field_name("condition"))
            if truth is not None:
                other = "body" if node.type == "while_statement" else "consequence"
                dead = node.child_by_field_name("alternative" if truth else other)
        elif node.type == "binary_expression":
            operator = node.child_by_field_name("operator")
            truth = constant(node.child_by_field_name("left"))
            if operator is not None and (operator.type, truth) in (("&&", False), ("||", True)):
                dead = node.child_by_field_name("right")
        return [child for child in node.named_children if dead is None or child.id != dead.id]

    def _is_silent(self, call: Node) -> bool:
        name = call.child_by_field_name("function")
        is_named = name is not None and name.type == "identifier"
        return name is not None and is_named and self.construct.name(name) in UNEVALUATED

    def _assignment(self, node: Node) -> None:
        operator = node.child_by_field_name("operator")
        left = node.child_by_field_name("left")
        if operator is None or operator.type != "=" or left is None:
            return
        target = self._place(descend(left, _INTO_BRACKETS)[-1])
        if target is not None and target.form is not PlaceForm.RESULT:
            self._copy(node.child_by_field_name("right"), target)

    def _initialiser(self, node: Node) -> None:
        declared, value = read_declarator(node), node.child_by_field_name("value")
        if declared is None or value is None:
            return
        owner, offset = self.construct.name(declared.name), self.construct.offset(declared.name)
        if value.type != "initializer_list":
            self._copy(value, self._named(owner, offset))
        elif declared.dimensions:
            target = self._named(owner, offset, PlaceForm.ELEMENT)
            for child in value.named_children:
                is_pair = child.type == "initializer_pair"
                self._copy(child.child_by_field_name("value") if is_pair else child, target)
            self._fill(value, owner, self.scopes.shape(owner, offset).tag, is_array=True)
        else:
            self._fill(value, owner, self.scopes.shape(owner, offset).tag)

    def _fill(self, values: Node | None, owner: str, tag: str, *, is_array: bool = False) -> None:
        """The members that an initialiser fills."""
        pending = [(values, tag, is_array)]
        while pending:
            node, tag, is_array = pending.pop()
            if node is None or node.type != "initializer_list":
                continue
            order = [] if is_array else self.scopes.table.order.get(tag, [])
            for position, child in enumerate(node.named_children):
                value, member = child, "".join(order[position : position + 1])
                if child.type == "initializer_pair":
                    designators = child.children_by_field_name("designator")
                    names = [each for each in designators if each.type == "field_designator"]
                    value = child.child_by_field_name("value") or child
                    member = text_of(names[-1].named_children[0]) if len(names) == 1 else ""
                if value.type == "initializer_list":
                    inner = self.scopes.table.member(tag, member) if member else Shape(tag)
                    pending.append((value, inner.tag, inner.dimensions > 0))
                elif member:
                    place = Place(
                        PlaceForm.MEMBER,
                        member,
                        receiver=owner or tag,
                        receiver_tag=tag,
                        receiver_root=owner,
                    )
                    self._copy(value, place)

    def _call(self, node: Node) -> None:
        function = node.child_by_field_name("function")
        arguments = node.child_by_field_name("arguments")
        if function is None or arguments is None:
            return
        bare = descend(function, _INTO_CALLED)[-1]
        if bare.type == "identifier":
            place = self._place(bare)
            if place is not None and place.form is PlaceForm.NAME:
                self._arguments(arguments, place.name)
                return
        if bare.type != "field_expression":
            self._copy(bare, _CALLED)

    def _arguments(self, arguments: Node, name: str) -> None:
        position = 0
        for child in arguments.children:
            if child.type == ",":
                position += 1
            elif child.is_named:
                self._copy(child, Place(PlaceForm.ARGUMENT, name, position=position))

    def _copy(self, value: Node | None, target: Place) -> None:
        unit = self.construct.unit
        for leaf in self._values(value):
            source = self._place(leaf)
            if source is None or source == target:
                continue
            offset = self.construct.offset(_name_of(leaf))
            condition = unit.conditions.inside(offset, self.outside)
            copy = Copy(source, target, unit.line(offset), self.function, condition)
            self.found.setdefault(offset, []).append(copy)

    def _values(self, node: Node | None) -> Iterator[Node]:
        """What an expression can be the value of: names, members, elements and calls."""
        pending = [] if node is None else [node]
        for _ in range(_MOST_PARTS):
            if not pending or self.left < 0:
                return
            self.left -= 1
            part = pending.pop()
            inner = _value_parts(self.construct, part)
            if inner is None:
                yield part
            else:
                pending.extend(each for each in inner if each is not None)

    def _named(self, name: str, offset: int, form: PlaceForm = PlaceForm.NAME) -> Place:
        """The place of a variable or function."""
        scope = self.scopes.scope(name, offset)
        if scope is None:
            return Place(form, name)
        start, _ = self.construct.span(self.construct.node)
        is_parameter = scope == start and name in self.scopes.parameters
        position = self.scopes.parameters.index(name) if is_parameter else -1
        local = form if form is PlaceForm.ELEMENT else PlaceForm.LOCAL
        return Place(local, name, scope + 1, position)

    def _place(self, node: Node) -> Place | None:
        """The place that an expression is; None if it is none."""
        if node.type == "identifier":
            name = self.construct.name(node)
            if name in KEYWORDS or not self.construct.is_original(node):
                return None
            return self._named(name, self.construct.offset(node))
        if node.type == "call_expression":
            function = node.child_by_field_name("function")
            bare = descend(function, _INTO_CALLED)[-1] if function is not None else node
            if bare.type != "identifier" or self._is_local(bare):
                return None
            return Place(PlaceForm.RESULT, self.construct.name(bare))
        is_element = node.type == "subscript_expression"
        if is_element:
            node = descend(node, _INTO_ARRAY)[-1]
            if node.type == "identifier":
                name, offset = self.construct.name(node), self.construct.offset(node)
                return self._named(name, offset, PlaceForm.ELEMENT)
        member = node.child_by_field_name("field") if node.type == "field_expression" else None
        if member is None:
            return None
        receiver = node.child_by_field_name("argument")
        access = read_access(self.construct, self.scopes, receiver)
        return Place(
            PlaceForm.ELEMENT if is_element else PlaceForm.MEMBER,
            self.construct.name(member),
            receiver=self.construct.quoted(receiver) if receiver is not None else "",
            receiver_tag=access.tag,
            receiver_root=access.root or access.called,
            receiver_path=access.path,
            root_tag=access.root_tag,
        )

    def _is_local(self, name: Node) -> bool:
        offset = self.construct.offset(name)
        return self.scopes.local(self.construct.name(name), offset) is not None


def _name_of(leaf: Node) -> Node:
    """The node of the name that a place is known by."""
    if leaf.type == "call_expression":
        function = leaf.child_by_field_name("function")
        return descend(function, _INTO_CALLED)[-1] if function is not None else leaf
    leaf = descend(leaf, _INTO_ARRAY)[-1] if leaf.type == "subscript_expression" else leaf
    return leaf.child_by_field_name("field") or leaf


_LEAVES = frozenset({"identifier", "field_expression", "subscript_expression"})
_FIELDS = {
    "cast_expression": "value",
    "comma_expression": "right",
    "assignment_expression": "right",
    "pointer_expression": "argument",
}


def _value_parts(construct: Construct, node: Node) -> list[Node | None] | None:
    """The parts of an expression that can be its value, the last one first; None for a place."""
    kind = node.type
    if kind in _LEAVES:
        return None
    if kind == "call_expression":
        function = node.child_by_field_name("function")
        name = construct.name(function) if function and function.type == "identifier" else ""
        return [argument(node, TRANSPARENT[name])] if name in TRANSPARENT else None
    if kind == "conditional_expression":
        condition = node.child_by_field_name("condition")
        truth = constant(condition)
        chosen = node.child_by_field_name("consequence") or condition
        other = node.child_by_field_name("alternative")
        return [other if truth is not True else None, chosen if truth is not False else None]
    if kind in ("parenthesized_expression", "expression_statement"):
        return list(node.named_children[:1])
    if kind == "compound_statement":
        return list(node.named_children[-1:])  # `({ …; x; })`
    return [node.child_by_field_name(_FIELDS[kind])] if kind in _FIELDS else []


def constant(node: Node | None, depth: int = 0) -> bool | None:
    """Whether an expression of numbers, `!`, `&&` and `||` is true; None for any other."""
    node = descend(node, _INTO_BRACKETS)[-1] if node is not None else None
    if node is None or depth > _MOST_DEPTH:
        return None
    if node.type == "number_literal":
        digits = text_of(node).lower().rstrip("ul")
        return any(digit in "123456789abcdef" for digit in digits.removeprefix("0x"))
    if node.type in ("true", "false"):
        return node.type == "true"
    operator = node.child_by_field_name("operator")
    if node.type == "unary_expression" and operator is not None and operator.type == "!":
        inner = constant(node.child_by_field_name("argument"), depth + 1)
        return None if inner is None else not inner
    if node.type != "binary_expression" or operator is None:
        return None
    sides = [constant(node.child_by_field_name(side), depth + 1) for side in ("left", "right")]
    if operator.type == "&&":
        return False if False in sides else (True if sides == [True, True] else None)
    if operator.type == "||":
        return True if True in sides else (False if sides == [False, False] else None)
    return None

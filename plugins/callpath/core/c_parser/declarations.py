"""How declarations use the names in them: one handler for each kind of node."""

from collections.abc import Mapping
from dataclasses import replace

from tree_sitter import Node

from callpath.core.c_parser.body_facts import Call, CallForm, Role
from callpath.core.c_parser.prototypes import bare_arguments, is_call, is_prototype
from callpath.core.c_parser.roles import Use
from callpath.core.c_parser.walk import Handler, Walk


def _initialised(walk: Walk, node: Node, use: Use) -> None:
    value = node.child_by_field_name("value")
    walk.push(value, replace(use.inside(), role=Role.INITIALISER))
    walk.rest(node, use, value)


def _declarator(walk: Walk, node: Node, use: Use) -> None:
    """The name gets the use; sizes and parameters are values of their own."""
    inner = node.child_by_field_name("declarator")
    if inner is not None and is_prototype(node, inner):
        walk.ledger.settled.add(walk.stretch.offset(inner))
    walk.rest(node, use.inside(), inner)
    walk.push(inner, use)


def _bare_declarator(walk: Walk, node: Node, use: Use) -> None:
    walk.rest(node, use)


def _parameter(walk: Walk, node: Node, use: Use) -> None:
    declarator = node.child_by_field_name("declarator")
    walk.push(declarator, replace(use.inside(), role=Role.LOCAL))
    walk.rest(node, use.inside(), declarator)


def _struct(walk: Walk, node: Node, use: Use) -> None:
    tag, body = node.child_by_field_name("name"), node.child_by_field_name("body")
    owner = walk.stretch.name(tag) if tag is not None else use.tag
    walk.push(body, replace(use.inside(), tag=owner))
    walk.push(tag, use.inside())


def _struct_body(walk: Walk, node: Node, use: Use) -> None:
    walk.rest(node, use)


def _field(walk: Walk, node: Node, use: Use) -> None:
    declarators = node.children_by_field_name("declarator")
    for child in reversed(node.named_children):
        named = child in declarators
        walk.push(child, use.as_member(use.tag) if named else replace(use.inside(), tag=use.tag))


def _declaration(walk: Walk, node: Node, use: Use) -> None:
    for child in reversed(node.named_children):
        if is_call(node, child):
            _prototype_call(walk, child, use)
        else:
            walk.push(child, use.inside())


def _prototype_call(walk: Walk, node: Node, use: Use) -> None:
    """A call that the parser took for a prototype."""
    target = node.child_by_field_name("declarator")
    if target is None:
        return
    name, offset = walk.stretch.name(target), walk.stretch.offset(target)
    walk.name(target, replace(use.inside(), role=Role.CALLED))
    walk.ledger.call(offset, Call(CallForm.DIRECT, name, 0))
    for parameter in bare_arguments(node):
        sink = walk.ledger.sink(offset)
        if parameter is not None:
            walk.name(parameter, Use(Role.ARGUMENT, name, sink))


def _macro_type(walk: Walk, node: Node, use: Use) -> None:
    """`f(a) x`: a macro that makes a type, or a call whose `;` is missing."""
    name = node.child_by_field_name("name")
    if name is not None:
        walk.name(name, replace(use.inside(), role=Role.CALLED))
        if use.evaluated:
            call = Call(CallForm.DIRECT, walk.stretch.name(name), 0)
            walk.ledger.call(walk.stretch.offset(name), call)
    walk.rest(node, use.inside(), name)


DECLARATIONS: Mapping[str, Handler] = {
    "declaration": _declaration,
    "init_declarator": _initialised,
    "pointer_declarator": _declarator,
    "array_declarator": _declarator,
    "function_declarator": _declarator,
    "parenthesized_declarator": _bare_declarator,
    "attributed_declarator": _bare_declarator,
    "parameter_declaration": _parameter,
    "struct_specifier": _struct,
    "union_specifier": _struct,
    "enum_specifier": _struct,
    "field_declaration_list": _struct_body,
    "field_declaration": _field,
    "macro_type_specifier": _macro_type,
}

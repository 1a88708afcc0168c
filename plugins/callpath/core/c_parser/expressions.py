"""How expressions and statements use the names in them: one handler for each kind of node."""

from collections.abc import Mapping
from dataclasses import replace

from tree_sitter import Node

from callpath.core.c_parser.access import member_owner, read_access
from callpath.core.c_parser.body_facts import Role
from callpath.core.c_parser.roles import HANDING, UNEVALUATED, Use
from callpath.core.c_parser.walk import Handler, Walk

_AMPERSAND = 0x26


def _name(walk: Walk, node: Node, use: Use) -> None:
    walk.name(node, use)


def _type_name(walk: Walk, node: Node, use: Use) -> None:
    walk.name(node, use if use.role in (Role.FIELD, Role.LOCAL) else Use(Role.TYPE))


def _member_name(walk: Walk, node: Node, use: Use) -> None:
    tag = use.tag or walk.designated.get(walk.stretch.offset(node), "")
    walk.name(node, use.as_member(tag))


def _label(walk: Walk, node: Node, use: Use) -> None:
    del use
    walk.ledger.seen.add(walk.stretch.offset(node))


def _brackets(walk: Walk, node: Node, use: Use) -> None:
    walk.rest(node, use)


def _statements(walk: Walk, node: Node, use: Use) -> None:
    walk.rest(node, use.inside())


def _unevaluated(walk: Walk, node: Node, use: Use) -> None:
    del use
    walk.rest(node, UNEVALUATED)


def _lost(walk: Walk, node: Node, use: Use) -> None:
    """Names directly in an error, or among texts, are left to the second look at tokens."""
    for child in reversed(node.named_children):
        if not child.type.endswith("identifier"):
            walk.push(child, use.inside())
        elif use.role is Role.FIELD:
            walk.push(child, use)


def _cast(walk: Walk, node: Node, use: Use) -> None:
    written, value = node.child_by_field_name("type"), node.child_by_field_name("value")
    bare = written.child_by_field_name("type") if written is not None else None
    is_value = bare is not None and bare.type == "type_identifier" and _is_local(walk, bare)
    walk.push(value, use.inside() if is_value else use)
    walk.push(written, use.inside())


def _is_local(walk: Walk, node: Node) -> bool:
    offset = walk.stretch.offset(node)
    return walk.ledger.scopes.local(walk.stretch.name(node), offset) is not None


def _pointer(walk: Walk, node: Node, use: Use) -> None:
    inner = node.child_by_field_name("argument")
    first = walk.stretch.source[node.start_byte + walk.stretch.inner]
    if first != _AMPERSAND:
        walk.push(inner, use.inside())
    else:
        kept = use if use.role in HANDING else use.inside()
        walk.push(inner, replace(kept, address=True))


def _member(walk: Walk, node: Node, use: Use) -> None:
    inner, member = node.child_by_field_name("argument"), node.child_by_field_name("field")
    if member is None or walk.stretch.is_range_end(member):
        walk.push(inner, use.inside())
    elif use.role is Role.FIELD:
        walk.push(member, use)
        walk.push(inner, use)
    else:
        tag = read_access(walk.stretch, walk.ledger.scopes, inner).tag
        walk.push(member, use.as_member(tag))
        if use.address and use.role in HANDING:
            name = walk.stretch.name(member)
            path = f"{name}.{use.member}" if use.member else name
            walk.push(inner, replace(use, member=path))
        else:
            walk.push(inner, use.inside())


def _element(walk: Walk, node: Node, use: Use) -> None:
    inner = node.child_by_field_name("argument")
    walk.rest(node, use.inside(), inner)
    walk.push(inner, use if use.address else use.inside())


def _choice(walk: Walk, node: Node, use: Use) -> None:
    condition = node.child_by_field_name("condition")
    walk.rest(node, use, condition)
    walk.push(condition, use.inside())


def _sequence(walk: Walk, node: Node, use: Use) -> None:
    walk.push(node.child_by_field_name("right"), use)
    walk.push(node.child_by_field_name("left"), use.inside())


def _assignment(walk: Walk, node: Node, use: Use) -> None:
    operator = node.child_by_field_name("operator")
    plain = use.inside()
    assigned = replace(plain, role=Role.ASSIGNED)
    is_plain = operator is not None and operator.type == "="
    walk.push(node.child_by_field_name("right"), assigned if is_plain else plain)
    walk.push(node.child_by_field_name("left"), plain)


def _return(walk: Walk, node: Node, use: Use) -> None:
    walk.rest(node, replace(use.inside(), role=Role.RETURNED))


def _literal(walk: Walk, node: Node, use: Use) -> None:
    value = node.child_by_field_name("value")
    walk.push(value, use)
    walk.rest(node, use.inside(), value)


def _list(walk: Walk, node: Node, use: Use) -> None:
    walk.rest(node, replace(use.inside(), role=Role.INITIALISER, sink=use.sink))


def _pair(walk: Walk, node: Node, use: Use) -> None:
    value = node.child_by_field_name("value")
    walk.push(value, use)
    walk.rest(node, use.inside(), value)


def _offset_of(walk: Walk, node: Node, use: Use) -> None:
    written = node.child_by_field_name("type")
    tag = member_owner(walk.ledger.scopes, written)
    walk.rest(node, use.as_member(tag), written)
    walk.push(written, use.inside())


def _operand(walk: Walk, node: Node, use: Use) -> None:
    symbol = node.child_by_field_name("symbol")
    if symbol is not None:
        _label(walk, symbol, use)
    walk.push(node.child_by_field_name("value"), use.inside())


def _goto_labels(walk: Walk, node: Node, use: Use) -> None:
    for child in node.named_children:
        _label(walk, child, use)


EXPRESSIONS: Mapping[str, Handler] = {
    "identifier": _name,
    "type_identifier": _type_name,
    "primitive_type": _type_name,
    "field_identifier": _member_name,
    "statement_identifier": _label,
    "parenthesized_expression": _brackets,
    "compound_statement": _statements,
    "sizeof_expression": _unevaluated,
    "alignof_expression": _unevaluated,
    "offsetof_expression": _offset_of,
    "ERROR": _lost,
    "concatenated_string": _lost,
    "cast_expression": _cast,
    "pointer_expression": _pointer,
    "field_expression": _member,
    "subscript_expression": _element,
    "conditional_expression": _choice,
    "comma_expression": _sequence,
    "assignment_expression": _assignment,
    "return_statement": _return,
    "compound_literal_expression": _literal,
    "initializer_list": _list,
    "initializer_pair": _pair,
    "gnu_asm_output_operand": _operand,
    "gnu_asm_input_operand": _operand,
    "gnu_asm_goto_list": _goto_labels,
}

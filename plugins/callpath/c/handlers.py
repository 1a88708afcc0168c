"""How expressions, declarations and calls use the names in them: one handler per kind of node."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from tree_sitter import Node

from callpath.c.facts import Call, CallForm, Role
from callpath.c.types import (
    argument,
    argument_tag,
    bare_arguments,
    descend,
    into,
    is_call,
    is_prototype,
    read_access,
    type_tag,
)
from callpath.c.vocabulary import CONTAINING, KEYWORDS, MEMBERS
from callpath.c.walk import CALLED, PLAIN, UNEVALUATED, UsageContext, Walk

Handler = Callable[[Walk, Node, UsageContext], None]
"""Notes a node's own names, and pushes its parts, each with its use."""

HANDING = frozenset({Role.ARGUMENT, Role.ASSIGNED, Role.INITIALISER, Role.RETURNED})
"""Roles of a value that is handed over whole."""


def walk_through(walk: Walk, node: Node) -> None:
    """Walk through a node; parts of nodes without a handler are used plainly."""
    walk.push(node, PLAIN)
    while walk.pending:
        node, use = walk.pending.pop()
        handler = _HANDLERS.get(node.type)
        if handler is not None:
            handler(walk, node, use)
        elif node.named_child_count:
            walk.parts(node, use.inside())


def _type_name(walk: Walk, node: Node, use: UsageContext) -> None:
    walk.name(node, use if use.role in (Role.FIELD, Role.LOCAL) else UsageContext(Role.TYPE))


def _member_name(walk: Walk, node: Node, use: UsageContext) -> None:
    tag = use.tag or walk.designated.get(walk.construct.offset(node), "")
    walk.name(node, use.as_member(tag))


def _label(walk: Walk, node: Node, use: UsageContext) -> None:
    del use
    walk.seen.add(walk.construct.offset(node))


def _goto_labels(walk: Walk, node: Node, use: UsageContext) -> None:
    for child in node.named_children:
        _label(walk, child, use)


def _lost(walk: Walk, node: Node, use: UsageContext) -> None:
    """Names directly in an error, or among texts, are left to the second look at tokens."""
    for child in reversed(node.named_children):
        if not child.type.endswith("identifier"):
            walk.push(child, use.inside())
        elif use.role is Role.FIELD:
            walk.push(child, use)


def _cast(walk: Walk, node: Node, use: UsageContext) -> None:
    written = node.child_by_field_name("type")
    bare = written.child_by_field_name("type") if written is not None else None
    is_value = bare is not None and bare.type == "type_identifier" and walk.is_local(bare)
    walk.parts(node, use.inside(), value=use.inside() if is_value else use)


def _pointer(walk: Walk, node: Node, use: UsageContext) -> None:
    inner = node.child_by_field_name("argument")
    if not walk.construct.takes_address(node):
        walk.push(inner, use.inside())
    else:
        kept = use if use.role in HANDING else use.inside()
        walk.push(inner, replace(kept, address=True))


def _member(walk: Walk, node: Node, use: UsageContext) -> None:
    inner, member = node.child_by_field_name("argument"), node.child_by_field_name("field")
    if member is None or walk.construct.is_range_end(member):
        walk.push(inner, use.inside())
    elif use.role is Role.FIELD:
        walk.push(member, use)
        walk.push(inner, use)
    else:
        tag = read_access(walk.construct, walk.scopes, inner).tag
        walk.push(member, use.as_member(tag))
        if use.address and use.role in HANDING:
            name = walk.construct.name(member)
            path = f"{name}.{use.member}" if use.member else name
            walk.push(inner, replace(use, member=path))
        else:
            walk.push(inner, use.inside())


def _assignment(walk: Walk, node: Node, use: UsageContext) -> None:
    operator = node.child_by_field_name("operator")
    is_plain = operator is not None and operator.type == "="
    right = use.inside_as(Role.ASSIGNED) if is_plain else use.inside()
    walk.parts(node, use.inside(), right=right)


def _offset_of(walk: Walk, node: Node, use: UsageContext) -> None:
    tag = type_tag(walk.scopes, node.child_by_field_name("type"))
    walk.parts(node, use.as_member(tag), type=use.inside())


def _operand(walk: Walk, node: Node, use: UsageContext) -> None:
    symbol = node.child_by_field_name("symbol")
    if symbol is not None:
        _label(walk, symbol, use)
    walk.push(node.child_by_field_name("value"), use.inside())


def _declarator(walk: Walk, node: Node, use: UsageContext) -> None:
    """The name gets the use; sizes and parameters are values of their own."""
    inner = node.child_by_field_name("declarator")
    if inner is not None and is_prototype(node, inner):
        walk.settled.add(walk.construct.offset(inner))
    walk.parts(node, use.inside(), declarator=use)


def _struct(walk: Walk, node: Node, use: UsageContext) -> None:
    tag, body = node.child_by_field_name("name"), node.child_by_field_name("body")
    owner = walk.construct.name(tag) if tag is not None else use.tag
    walk.push(body, replace(use.inside(), tag=owner))
    walk.push(tag, use.inside())


def _field(walk: Walk, node: Node, use: UsageContext) -> None:
    declarators = node.children_by_field_name("declarator")
    for child in reversed(node.named_children):
        named = child in declarators
        walk.push(child, use.as_member(use.tag) if named else replace(use.inside(), tag=use.tag))


def _declaration(walk: Walk, node: Node, use: UsageContext) -> None:
    for child in reversed(node.named_children):
        if is_call(node, child):
            _prototype_call(walk, child, use)
        else:
            walk.push(child, use.inside())


def _prototype_call(walk: Walk, node: Node, use: UsageContext) -> None:
    """A call that the parser took for a prototype."""
    target = node.child_by_field_name("declarator")
    if target is None:
        return
    name, offset = walk.construct.name(target), walk.construct.offset(target)
    walk.name(target, use.inside_as(Role.CALLED))
    walk.direct_call(offset, name)
    for parameter in bare_arguments(node):
        sink = walk.sink(offset)
        if parameter is not None:
            walk.name(parameter, UsageContext(Role.ARGUMENT, name, sink))


def _macro_type(walk: Walk, node: Node, use: UsageContext) -> None:
    """`f(a) x`: a macro that makes a type, or a call whose `;` is missing."""
    name = node.child_by_field_name("name")
    if name is not None:
        walk.name(name, use.inside_as(Role.CALLED))
        if use.evaluated:
            walk.direct_call(walk.construct.offset(name), walk.construct.name(name))
    walk.parts(node, use.inside())


_INTO_CALLED = into(
    {"parenthesized_expression": "", "pointer_expression": "argument", "cast_expression": "value"}
)
_INTO_ARRAY = into({"subscript_expression": "argument"})


def _call(walk: Walk, node: Node, use: UsageContext) -> None:
    function = node.child_by_field_name("function")
    arguments = node.child_by_field_name("arguments")
    if function is None or arguments is None or not use.evaluated:
        walk.parts(node, use.inside())
        return
    if _is_cast(walk, function, arguments):
        walk.parts(arguments, use)
        walk.push(function, UsageContext(Role.TYPE))
        return
    *wrappers, bare = descend(function, _INTO_CALLED)
    for wrapper in wrappers:
        if wrapper.type == "cast_expression":
            walk.push(wrapper.child_by_field_name("type"), PLAIN)
    target = _target(walk, bare)
    if target is None:
        _arguments(walk, arguments, _called_name(walk, bare), 0)
        walk.push(bare, use.inside())
        return
    name_node, call = target
    offset, name = walk.construct.offset(name_node), walk.construct.name(name_node)
    if name in KEYWORDS:
        walk.parts(node, use.inside())
        return
    walk.call(offset, replace(call, wrapped=bool(wrappers)))
    _arguments(walk, arguments, name, offset)
    if call.form in (CallForm.DIRECT, CallForm.DISPATCH):
        walk.name(name_node, CALLED)
    if call.form is CallForm.DISPATCH:
        walk.push(bare.child_by_field_name("arguments"), PLAIN)
        walk.push(bare.child_by_field_name("function"), CALLED)
    elif bare != name_node or call.form is not CallForm.DIRECT:
        walk.push(bare, PLAIN)


def _is_cast(walk: Walk, function: Node, arguments: Node) -> bool:
    """Whether `(name)(x)` is a cast: nothing says that the name is a function or a pointer."""
    if function.type != "parenthesized_expression" or arguments.named_child_count != 1:
        return False
    name = function.named_children[0] if function.named_child_count == 1 else None
    if name is None or name.type != "identifier":
        return False
    word, table = walk.construct.name(name), walk.scopes.table
    return not (word in table.functions or word in table.variables or walk.is_local(name))


def _target(walk: Walk, node: Node) -> tuple[Node, Call] | None:
    """The name of what is called, if it has one, and the call, whose place is not filled in."""
    if node.type == "call_expression":
        macro = _called_name(walk, node)
        known = walk.dispatch.get(macro)
        name = argument(node, known.position) if known is not None else None
        if known is None or name is None or name.type != "identifier":
            return None
        word = walk.construct.name(name)
        word = word.removeprefix(known.prefix) or word
        return name, Call(CallForm.DISPATCH, word, 0, macro=macro)
    is_array = node.type == "subscript_expression"
    if is_array:
        node = descend(node, _INTO_ARRAY)[-1]
    name = node.child_by_field_name("field") if node.type == "field_expression" else None
    if node.type == "identifier" or (name and not is_array and walk.construct.is_range_end(name)):
        name = name or node
        form = CallForm.ARRAY if is_array else CallForm.DIRECT
        return name, Call(form, walk.construct.name(name), 0)
    receiver = node.child_by_field_name("argument")
    if name is None:
        return None
    access = read_access(walk.construct, walk.scopes, receiver)
    call = Call(
        CallForm.ARRAY if is_array else CallForm.MEMBER,
        walk.construct.name(name),
        0,
        receiver=walk.construct.quoted(receiver) if receiver is not None else "",
        receiver_tag=access.tag,
        receiver_root=access.root,
        receiver_path=access.path,
        root_tag=access.root_tag,
    )
    return name, call


def _called_name(walk: Walk, node: Node) -> str:
    function = node.child_by_field_name("function") if node.type == "call_expression" else None
    is_named = function is not None and function.type == "identifier"
    return walk.construct.name(function) if function is not None and is_named else ""


def _arguments(walk: Walk, arguments: Node, callee: str, call: int) -> None:
    """Walk through the arguments of a call, counted by its commas.

    Parameters:
        callee: What they are handed to.
        call: Offset of the call that takes note of what is handed over, or 0 for none.
    """
    noted = call in walk.arguments
    member = MEMBERS.get(callee, -1)
    sink = walk.sink(call) if noted and arguments.named_child_count else None
    pushed: list[tuple[Node, UsageContext]] = []
    index = 0
    for child in arguments.children:
        if child.type == ",":
            index += 1
            sink = walk.sink(call) if noted else None
        elif child.is_named and child.type == "ERROR":
            pushed.append((child, PLAIN))
        elif child.is_named and index == member:
            position = CONTAINING.get(callee, member - 1)
            tag = argument_tag(walk.construct, walk.scopes, arguments, position, tagged=True)
            pushed.append((child, PLAIN.as_member(tag)))
        elif child.is_named:
            pushed.append((child, UsageContext(Role.ARGUMENT, callee, sink)))
    walk.pending.extend(reversed(pushed))


_HANDLERS: Mapping[str, Handler] = {
    "identifier": Walk.name,
    "type_identifier": _type_name,
    "primitive_type": _type_name,
    "field_identifier": _member_name,
    "statement_identifier": _label,
    "gnu_asm_goto_list": _goto_labels,
    "ERROR": _lost,
    "concatenated_string": _lost,
    # expressions
    "parenthesized_expression": Walk.parts,
    "sizeof_expression": lambda walk, node, _: walk.parts(node, UNEVALUATED),
    "alignof_expression": lambda walk, node, _: walk.parts(node, UNEVALUATED),
    "offsetof_expression": _offset_of,
    "cast_expression": _cast,
    "pointer_expression": _pointer,
    "field_expression": _member,
    "subscript_expression": lambda walk, node, use: walk.parts(
        node, use.inside(), argument=use if use.address else use.inside()
    ),
    "conditional_expression": lambda walk, node, use: walk.parts(node, use, condition=use.inside()),
    "comma_expression": lambda walk, node, use: walk.parts(node, use.inside(), right=use),
    "assignment_expression": _assignment,
    "return_statement": lambda walk, node, use: walk.parts(node, use.inside_as(Role.RETURNED)),
    "compound_literal_expression": lambda walk, node, use: walk.parts(
        node, use.inside(), value=use
    ),
    "initializer_list": lambda walk, node, use: walk.parts(
        node, replace(use.inside_as(Role.INITIALISER), sink=use.sink)
    ),
    "initializer_pair": lambda walk, node, use: walk.parts(node, use.inside(), value=use),
    "gnu_asm_output_operand": _operand,
    "gnu_asm_input_operand": _operand,
    "call_expression": _call,
    # declarations
    "declaration": _declaration,
    "init_declarator": lambda walk, node, use: walk.parts(
        node, use, value=use.inside_as(Role.INITIALISER)
    ),
    "pointer_declarator": _declarator,
    "array_declarator": _declarator,
    "function_declarator": _declarator,
    "parenthesized_declarator": Walk.parts,
    "attributed_declarator": Walk.parts,
    "parameter_declaration": lambda walk, node, use: walk.parts(
        node, use.inside(), declarator=use.inside_as(Role.LOCAL)
    ),
    "struct_specifier": _struct,
    "union_specifier": _struct,
    "enum_specifier": _struct,
    "field_declaration_list": Walk.parts,
    "field_declaration": _field,
    "macro_type_specifier": _macro_type,
}

"""How expressions and statements use the names in them: one handler for each kind of node."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from tree_sitter import Node

from callpath.c.facts import Call, CallForm, Role
from callpath.c.types import bare_arguments, is_call, is_prototype
from callpath.c.vocabulary import CONTAINING, KEYWORDS, MEMBERS
from callpath.c.walk import (
    HANDING,
    UNEVALUATED,
    Handler,
    UsageContext,
    Walk,
    argument,
    argument_words,
    member_owner,
    read_access,
    written_tag,
)

_AMPERSAND = 0x26


def _name(walk: Walk, node: Node, use: UsageContext) -> None:
    walk.name(node, use)


def _type_name(walk: Walk, node: Node, use: UsageContext) -> None:
    walk.name(node, use if use.role in (Role.FIELD, Role.LOCAL) else UsageContext(Role.TYPE))


def _member_name(walk: Walk, node: Node, use: UsageContext) -> None:
    tag = use.tag or walk.designated.get(walk.stretch.offset(node), "")
    walk.name(node, use.as_member(tag))


def _label(walk: Walk, node: Node, use: UsageContext) -> None:
    del use
    walk.ledger.seen.add(walk.stretch.offset(node))


def _brackets(walk: Walk, node: Node, use: UsageContext) -> None:
    walk.rest(node, use)


def _statements(walk: Walk, node: Node, use: UsageContext) -> None:
    walk.rest(node, use.inside())


def _unevaluated(walk: Walk, node: Node, use: UsageContext) -> None:
    del use
    walk.rest(node, UNEVALUATED)


def _lost(walk: Walk, node: Node, use: UsageContext) -> None:
    """Names directly in an error, or among texts, are left to the second look at tokens."""
    for child in reversed(node.named_children):
        if not child.type.endswith("identifier"):
            walk.push(child, use.inside())
        elif use.role is Role.FIELD:
            walk.push(child, use)


def _cast(walk: Walk, node: Node, use: UsageContext) -> None:
    written, value = node.child_by_field_name("type"), node.child_by_field_name("value")
    bare = written.child_by_field_name("type") if written is not None else None
    is_value = bare is not None and bare.type == "type_identifier" and _is_local(walk, bare)
    walk.push(value, use.inside() if is_value else use)
    walk.push(written, use.inside())


def _is_local(walk: Walk, node: Node) -> bool:
    offset = walk.stretch.offset(node)
    return walk.ledger.scopes.local(walk.stretch.name(node), offset) is not None


def _pointer(walk: Walk, node: Node, use: UsageContext) -> None:
    inner = node.child_by_field_name("argument")
    first = walk.stretch.source[node.start_byte + walk.stretch.inner]
    if first != _AMPERSAND:
        walk.push(inner, use.inside())
    else:
        kept = use if use.role in HANDING else use.inside()
        walk.push(inner, replace(kept, address=True))


def _member(walk: Walk, node: Node, use: UsageContext) -> None:
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


def _element(walk: Walk, node: Node, use: UsageContext) -> None:
    inner = node.child_by_field_name("argument")
    walk.rest(node, use.inside(), inner)
    walk.push(inner, use if use.address else use.inside())


def _choice(walk: Walk, node: Node, use: UsageContext) -> None:
    condition = node.child_by_field_name("condition")
    walk.rest(node, use, condition)
    walk.push(condition, use.inside())


def _sequence(walk: Walk, node: Node, use: UsageContext) -> None:
    walk.push(node.child_by_field_name("right"), use)
    walk.push(node.child_by_field_name("left"), use.inside())


def _assignment(walk: Walk, node: Node, use: UsageContext) -> None:
    operator = node.child_by_field_name("operator")
    plain = use.inside()
    assigned = replace(plain, role=Role.ASSIGNED)
    is_plain = operator is not None and operator.type == "="
    walk.push(node.child_by_field_name("right"), assigned if is_plain else plain)
    walk.push(node.child_by_field_name("left"), plain)


def _return(walk: Walk, node: Node, use: UsageContext) -> None:
    walk.rest(node, replace(use.inside(), role=Role.RETURNED))


def _literal(walk: Walk, node: Node, use: UsageContext) -> None:
    value = node.child_by_field_name("value")
    walk.push(value, use)
    walk.rest(node, use.inside(), value)


def _list(walk: Walk, node: Node, use: UsageContext) -> None:
    walk.rest(node, replace(use.inside(), role=Role.INITIALISER, sink=use.sink))


def _pair(walk: Walk, node: Node, use: UsageContext) -> None:
    value = node.child_by_field_name("value")
    walk.push(value, use)
    walk.rest(node, use.inside(), value)


def _offset_of(walk: Walk, node: Node, use: UsageContext) -> None:
    written = node.child_by_field_name("type")
    tag = member_owner(walk.ledger.scopes, written)
    walk.rest(node, use.as_member(tag), written)
    walk.push(written, use.inside())


def _operand(walk: Walk, node: Node, use: UsageContext) -> None:
    symbol = node.child_by_field_name("symbol")
    if symbol is not None:
        _label(walk, symbol, use)
    walk.push(node.child_by_field_name("value"), use.inside())


def _goto_labels(walk: Walk, node: Node, use: UsageContext) -> None:
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


def _initialised(walk: Walk, node: Node, use: UsageContext) -> None:
    value = node.child_by_field_name("value")
    walk.push(value, replace(use.inside(), role=Role.INITIALISER))
    walk.rest(node, use, value)


def _declarator(walk: Walk, node: Node, use: UsageContext) -> None:
    """The name gets the use; sizes and parameters are values of their own."""
    inner = node.child_by_field_name("declarator")
    if inner is not None and is_prototype(node, inner):
        walk.ledger.settled.add(walk.stretch.offset(inner))
    walk.rest(node, use.inside(), inner)
    walk.push(inner, use)


def _bare_declarator(walk: Walk, node: Node, use: UsageContext) -> None:
    walk.rest(node, use)


def _parameter(walk: Walk, node: Node, use: UsageContext) -> None:
    declarator = node.child_by_field_name("declarator")
    walk.push(declarator, replace(use.inside(), role=Role.LOCAL))
    walk.rest(node, use.inside(), declarator)


def _struct(walk: Walk, node: Node, use: UsageContext) -> None:
    tag, body = node.child_by_field_name("name"), node.child_by_field_name("body")
    owner = walk.stretch.name(tag) if tag is not None else use.tag
    walk.push(body, replace(use.inside(), tag=owner))
    walk.push(tag, use.inside())


def _struct_body(walk: Walk, node: Node, use: UsageContext) -> None:
    walk.rest(node, use)


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
    name, offset = walk.stretch.name(target), walk.stretch.offset(target)
    walk.name(target, replace(use.inside(), role=Role.CALLED))
    walk.ledger.call(offset, Call(CallForm.DIRECT, name, 0))
    for parameter in bare_arguments(node):
        sink = walk.ledger.sink(offset)
        if parameter is not None:
            walk.name(parameter, UsageContext(Role.ARGUMENT, name, sink))


def _macro_type(walk: Walk, node: Node, use: UsageContext) -> None:
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


_MOST_STEPS = 64


@dataclass(frozen=True, slots=True)
class _Target:
    """What a call names.

    Attributes:
        form: How.
        name: The node of the name.
        receiver: The expression before the member, if there is one.
        macro: The dispatch macro's name, or empty.
    """

    form: CallForm
    name: Node
    receiver: Node | None = None
    macro: str = ""


def _call(walk: Walk, node: Node, use: UsageContext) -> None:
    function = node.child_by_field_name("function")
    arguments = node.child_by_field_name("arguments")
    if function is None or arguments is None or not use.evaluated:
        walk.rest(node, use.inside())
        return
    if _is_cast(walk, function, arguments):
        walk.rest(arguments, use)
        walk.push(function, UsageContext(Role.TYPE))
        return
    bare = _bare(walk, function)
    target = _target(walk, bare)
    if target is None:
        callee = _inner_name(walk, bare)
        _arguments(walk, arguments, callee, 0)
        walk.push(bare, use.inside())
        return
    offset = walk.stretch.offset(target.name)
    name = walk.stretch.name(target.name)
    if name in KEYWORDS:
        walk.rest(node, use.inside())
        return
    walk.ledger.call(offset, _described(walk, target, name))
    _arguments(walk, arguments, name, offset)
    _push_target(walk, bare, target)


def _is_cast(walk: Walk, function: Node, arguments: Node) -> bool:
    """Whether `(name)(x)` is a cast: nothing tells that the name is a function or a pointer."""
    if function.type != "parenthesized_expression" or arguments.named_child_count != 1:
        return False
    name = function.named_children[0] if function.named_child_count == 1 else None
    if name is None or name.type != "identifier":
        return False
    word, table = walk.stretch.name(name), walk.ledger.scopes.table
    known = word in table.functions or word in table.variables
    return not known and walk.ledger.scopes.local(word, walk.stretch.offset(name)) is None


def _bare(walk: Walk, function: Node) -> Node:
    """What is called, without brackets, `*`, `&` and casts."""
    node = function
    for _ in range(_MOST_STEPS):
        following: Node | None = None
        if node.type == "parenthesized_expression":
            following = next(iter(node.named_children), None)
        elif node.type == "pointer_expression":
            following = node.child_by_field_name("argument")
        elif node.type == "cast_expression":
            following = node.child_by_field_name("value")
            walk.push(node.child_by_field_name("type"), UsageContext())
        if following is None:
            break
        node = following
    return node


def _target(walk: Walk, node: Node) -> _Target | None:
    """What is called, when it has a name."""
    if node.type == "identifier":
        return _Target(CallForm.DIRECT, node)
    if node.type == "field_expression":
        member = node.child_by_field_name("field")
        receiver = node.child_by_field_name("argument")
        if member is not None and walk.stretch.is_range_end(member):
            return _Target(CallForm.DIRECT, member)
        return None if member is None else _Target(CallForm.MEMBER, member, receiver)
    if node.type == "subscript_expression":
        held = _array(node)
        if held.type == "identifier":
            return _Target(CallForm.ARRAY, held)
        member = held.child_by_field_name("field") if held.type == "field_expression" else None
        if member is not None:
            return _Target(CallForm.ARRAY, member, held.child_by_field_name("argument"))
    if node.type == "call_expression":
        return _dispatched(walk, node)
    return None


def _array(node: Node) -> Node:
    """The array that an element is of, however many dimensions it has."""
    for _ in range(_MOST_STEPS):
        inner = node.child_by_field_name("argument")
        if node.type != "subscript_expression" or inner is None:
            break
        node = inner
    return node


def _dispatched(walk: Walk, node: Node) -> _Target | None:
    """The name in a call of a dispatch macro."""
    macro = _inner_name(walk, node)
    known = walk.dispatch.get(macro)
    name = argument(node, known.position) if known is not None else None
    if name is None or name.type != "identifier":
        return None
    return _Target(CallForm.DISPATCH, name, macro=macro)


def _inner_name(walk: Walk, node: Node) -> str:
    """The function or macro of a call that is itself called."""
    function = node.child_by_field_name("function") if node.type == "call_expression" else None
    named = function is not None and function.type == "identifier"
    return walk.stretch.name(function) if named and function is not None else ""


def _described(walk: Walk, target: _Target, name: str) -> Call:
    """A call without its arguments."""
    if target.macro:
        prefix = walk.dispatch[target.macro].prefix
        return Call(target.form, name.removeprefix(prefix) or name, 0, macro=target.macro)
    if target.receiver is None:
        return Call(target.form, name, 0)
    access = read_access(walk.stretch, walk.ledger.scopes, target.receiver)
    return Call(
        target.form,
        name,
        0,
        receiver=walk.stretch.quoted(target.receiver),
        receiver_tag=access.tag,
        receiver_root=access.root,
        receiver_path=access.path,
        root_tag=access.root_tag,
    )


def _push_target(walk: Walk, bare: Node, target: _Target) -> None:
    """Walk through what is called."""
    if target.form is CallForm.DIRECT:
        walk.name(target.name, UsageContext(Role.CALLED))
        if bare != target.name:
            walk.push(bare, UsageContext())
    elif target.form is CallForm.DISPATCH:
        walk.push(bare.child_by_field_name("arguments"), UsageContext())
        walk.name(target.name, UsageContext(Role.CALLED))
        macro = bare.child_by_field_name("function")
        if macro is not None:
            walk.name(macro, UsageContext(Role.CALLED))
    else:
        walk.push(bare, UsageContext())


def _arguments(walk: Walk, arguments: Node, callee: str, call: int) -> None:
    """Walk through the arguments of a call, counted by its commas.

    Parameters:
        walk: The walk.
        arguments: The node of the arguments.
        callee: What they are handed to.
        call: Offset of the call that takes note of what is handed over, or 0 for none.
    """
    noted = call in walk.ledger.arguments
    member = MEMBERS.get(callee, -1)
    sink = walk.ledger.sink(call) if noted and arguments.named_child_count else None
    pushed: list[tuple[Node, UsageContext]] = []
    index = 0
    for child in arguments.children:
        if child.type == ",":
            index += 1
            sink = walk.ledger.sink(call) if noted else None
        elif child.is_named and child.type == "ERROR":
            pushed.append((child, UsageContext()))
        elif child.is_named and index == member:
            pushed.append(
                (child, UsageContext().as_member(_member_tag(walk, arguments, callee, member)))
            )
        elif child.is_named:
            pushed.append((child, UsageContext(Role.ARGUMENT, callee, sink)))
    for child, use in reversed(pushed):
        walk.push(child, use)


def _member_tag(walk: Walk, arguments: Node, callee: str, member: int) -> str:
    """The tag of the struct whose member a macro takes, when a type is among its arguments."""
    place = CONTAINING.get(callee, member - 1)
    words = argument_words(walk.stretch, arguments)
    if not 0 <= place < len(words) or not words[place]:
        return ""
    if words[place][0] in (b"struct", b"union"):
        return written_tag(walk.stretch, walk.ledger.scopes, arguments, place)
    return ""


CALLS: Mapping[str, Handler] = {"call_expression": _call}

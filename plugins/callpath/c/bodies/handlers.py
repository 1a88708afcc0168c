"""How expressions, declarations and calls use the names in them: one handler per kind of node."""

from collections.abc import Callable, Collection, Iterator, Mapping

from msgspec.structs import replace
from tree_sitter import Node

from callpath.c.bodies.walk import CALLED, NAMELESS, PLAIN, UNEVALUATED, UsageContext, Walk
from callpath.c.facts import Call, CallForm, Role
from callpath.c.types import (
    argument,
    argument_tag,
    bare_arguments,
    descend,
    into,
    is_call,
    is_prototype,
    reached_tag,
    read_access,
    type_tag,
)
from callpath.c.vocabulary import CONTAINING, KEYWORDS, MEMBERS, DispatchMacro

Handler = Callable[[Walk, Node, UsageContext], None]
"""Notes a node's own names, and pushes its parts, each with its use."""

# Members of an enumeration are looked up anew each time they are named.
_ARGUMENT, _FIELD, _LOCAL, _DIRECT = Role.ARGUMENT, Role.FIELD, Role.LOCAL, CallForm.DIRECT

HANDING = frozenset({Role.ARGUMENT, Role.ASSIGNED, Role.INITIALISER, Role.RETURNED})
"""Roles of a value that is handed over whole."""


def walk_through(walk: Walk, node: Node) -> None:
    """Walk through a node; parts of nodes without a handler are used plainly."""
    walk.push(node, PLAIN)
    pending, handlers = walk.pending, _HANDLERS
    while pending:
        kind, node, use = pending.pop()
        handler = handlers.get(kind)
        if handler is not None:
            handler(walk, node, use)
        elif node.named_child_count:
            walk.plainly(node, PLAIN if use.evaluated else UNEVALUATED)


def members_called(walk: Walk) -> Iterator[Call]:
    """The calls through members and arrays in a walk's code; their places are not filled in."""
    pending = [walk.construct.node]
    while pending:
        node = pending.pop()
        if node.type in ("sizeof_expression", "alignof_expression"):
            continue
        function = node.child_by_field_name("function") if node.type == "call_expression" else None
        for bare in _called(walk, function) if function is not None else ():
            target = _target(walk, bare)
            if target is not None and target[1].form in (CallForm.MEMBER, CallForm.ARRAY):
                yield target[1]
        pending.extend(reversed(node.named_children))


_AS_TYPE = UsageContext(Role.TYPE)


def _type_name(walk: Walk, node: Node, use: UsageContext) -> None:
    role = use.role
    walk.name(node, use if role is _FIELD or role is _LOCAL else _AS_TYPE)


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
        elif use.role is _FIELD:
            walk.push(child, use)


def _cast(walk: Walk, node: Node, use: UsageContext) -> None:
    written = node.child_by_field_name("type")
    bare = written.child_by_field_name("type") if written is not None else None
    is_value = bare is not None and bare.type == "type_identifier" and walk.is_local(bare)
    walk.parts(node, use.inside(), "value", use.inside() if is_value else use)


def _pointer(walk: Walk, node: Node, use: UsageContext) -> None:
    inner = node.child_by_field_name("argument")
    if label := walk.construct.label(node):
        _label(walk, label, use)
    elif not walk.construct.takes_address(node):
        walk.push(inner, use.inside())
    else:
        kept = use if use.role in HANDING else use.inside()
        walk.push(inner, replace(kept, address=True))


def _member(walk: Walk, node: Node, use: UsageContext) -> None:
    inner, member = node.child_by_field_name("argument"), node.child_by_field_name("field")
    if member is None or walk.construct.is_range_end(member):
        walk.push(inner, use.inside())
    elif use.role is _FIELD:
        walk.push(member, use)
        walk.push(inner, use)
    else:
        tag = reached_tag(walk.construct, walk.scopes, inner)
        if not tag:
            tag = walk.designated.get(walk.construct.offset(member), "")
        walk.name(member, use.as_member(tag))
        if use.address and use.role in HANDING:
            name = walk.construct.name(member)
            path = f"{name}.{use.member}" if use.member else name
            walk.push(inner, replace(use, member=path))
        elif inner is not None and inner.type == "identifier":
            walk.name(inner, use.inside())
        else:
            walk.push(inner, use.inside())


def _assignment(walk: Walk, node: Node, use: UsageContext) -> None:
    operator = node.child_by_field_name("operator")
    is_plain = operator is not None and operator.type == "="
    right = use.inside_as(Role.ASSIGNED) if is_plain else use.inside()
    walk.parts(node, use.inside(), "right", right)


def _offset_of(walk: Walk, node: Node, use: UsageContext) -> None:
    tag = type_tag(walk.scopes, node.child_by_field_name("type"))
    walk.parts(node, use.as_member(tag), "type", use.inside())


def _operand(walk: Walk, node: Node, use: UsageContext) -> None:
    symbol = node.child_by_field_name("symbol")
    if symbol is not None:
        _label(walk, symbol, use)
    walk.push(node.child_by_field_name("value"), use.inside())


def _function_declarator(walk: Walk, node: Node, use: UsageContext) -> None:
    """The name gets the use; sizes and parameters are values of their own."""
    inner = node.child_by_field_name("declarator")
    if inner is not None and is_prototype(node, inner):
        walk.settled.add(walk.construct.offset(inner))
    walk.parts(node, use.inside(), "declarator", use)


def _struct(walk: Walk, node: Node, use: UsageContext) -> None:
    tag, body = node.child_by_field_name("name"), node.child_by_field_name("body")
    if body is None:
        walk.push(tag, use.inside())
        return
    owner = walk.construct.name(tag) if tag is not None else use.tag
    walk.push(body, replace(use.inside(), tag=owner))
    walk.push(tag, use.inside())


def _field(walk: Walk, node: Node, use: UsageContext) -> None:
    declarators = node.children_by_field_name("declarator")
    for child in reversed(node.named_children):
        named = child in declarators
        walk.push(child, use.as_member(use.tag) if named else replace(use.inside(), tag=use.tag))


def _declaration(walk: Walk, node: Node, use: UsageContext) -> None:
    inside, pending = use.inside(), walk.pending
    for child in reversed(node.named_children):
        kind = child.type
        if kind == "function_declarator" and is_call(node, child):
            _prototype_call(walk, child, use)
        else:
            pending.append((kind, child, inside))


def _prototype_call(walk: Walk, node: Node, use: UsageContext) -> None:
    """A call that the parser took for a prototype."""
    target = node.child_by_field_name("declarator")
    if target is None:
        return
    name, offset = walk.construct.name(target), walk.construct.offset(target)
    walk.name(target, use.inside_as(Role.CALLED))
    walk.direct_call(offset, name)
    walk.place(offset, _marks(walk, node.child_by_field_name("parameters")))
    for parameter in bare_arguments(node):
        sink = walk.sink(offset)
        if parameter is not None:
            walk.name(parameter, UsageContext(_ARGUMENT, name, sink))


def _macro_type(walk: Walk, node: Node, use: UsageContext) -> None:
    """`f(a) x`: a macro that makes a type, or a call whose `;` is missing."""
    name = node.child_by_field_name("name")
    if name is not None:
        offset = walk.construct.offset(name)
        walk.name(name, use.inside_as(Role.CALLED))
        if use.evaluated:
            walk.direct_call(offset, walk.construct.name(name))
            walk.place(offset, _marks(walk, node))
    walk.plainly(node, use.inside())


_MARKS = frozenset("(,)")


def _marks(walk: Walk, arguments: Node | None) -> list[int]:
    """The offsets of the brackets of some arguments, and of the commas between."""
    children = arguments.children if arguments is not None else []
    return [walk.construct.offset(child) for child in children if child.type in _MARKS]


_CALLED_PARTS: Mapping[str, tuple[str, ...]] = {
    "pointer_expression": ("argument",),
    "cast_expression": ("value",),
    "conditional_expression": ("consequence", "alternative"),
    "comma_expression": ("right",),
    "assignment_expression": ("right",),
}
"""The parts of an expression that can be the function that a call of it calls."""
_MOST_PARTS = 256  # how many parts of one called expression are looked at
_INTO_ARRAY = into({"subscript_expression": "argument"})


def _call(walk: Walk, node: Node, use: UsageContext) -> None:
    function = node.child_by_field_name("function")
    arguments = node.child_by_field_name("arguments")
    if function is None or arguments is None or not use.evaluated:
        walk.plainly(node, use.inside())
        return
    is_named = function.type == "identifier"
    macro = walk.construct.name(function) if is_named else ""
    if macro in KEYWORDS:
        walk.plainly(node, use.inside())
        return
    if macro in walk.dispatch and _dispatched(walk, node, walk.dispatch[macro]):
        return
    if is_named:
        offset = walk.construct.offset(function)
        walk.direct_call(offset, macro)
        walk.name(function, CALLED)
        _arguments(walk, arguments, macro, offset)
        return
    is_cast = _is_cast(walk, function, arguments)
    first = 0
    outer = ""
    for bare in _called(walk, function):
        target = None if bare.type == "identifier" and is_cast else _target(walk, bare)
        if target is not None:
            name_node, call = target
            call = replace(call, wrapped=bare.id != function.id)
            first = _note_target(walk, bare, name_node, call, first)
        elif is_cast:
            _maybe_cast(walk, bare)
        else:
            outer = outer or _called_name(walk, bare)
            walk.push(bare, use.inside())
    if is_cast:
        walk.every(arguments, use)
    else:
        _arguments(walk, arguments, walk.calls[first].name if first else outer, first)


def _note_target(walk: Walk, bare: Node, name_node: Node, call: Call, first: int) -> int:
    """Note a call of one of the functions that an expression can be; they share their arguments.

    Parameters:
        first: The offset of the first of these calls, or 0 if it is this one.

    Returns:
        The offset of the first.
    """
    offset = walk.construct.offset(name_node)
    walk.call(offset, call)
    if first:
        walk.arguments[offset] = walk.arguments[first]
    if call.form in (_DIRECT, CallForm.DISPATCH):
        walk.name(name_node, CALLED)
    if call.form is CallForm.DISPATCH:
        walk.push(bare.child_by_field_name("arguments"), PLAIN)
        walk.push(bare.child_by_field_name("function"), CALLED)
    elif bare != name_node or call.form is not _DIRECT:
        walk.push(bare, PLAIN)
    return first or offset


def _called(walk: Walk, function: Node) -> list[Node]:
    """What a called expression can stand for; what else is in it is walked through later."""
    found: list[Node] = []
    pending = [function]
    for _ in range(_MOST_PARTS):
        if not pending:
            break
        node = pending.pop()
        parts = _called_parts(node)
        if not parts:
            found.append(node)
            continue
        pending.extend(reversed(parts))
        others = PLAIN if node.type != "generic_expression" else UNEVALUATED
        for child in node.named_children:
            if child not in parts:
                walk.push(child, others)
    for node in pending:
        walk.push(node, PLAIN)
    return found


def _called_parts(node: Node) -> list[Node]:
    """The parts of an expression that can be its value, or none if it is none of several."""
    kind = node.type
    if kind in ("parenthesized_expression", "expression_statement", "compound_statement"):
        return [child for child in node.named_children if child.type != "comment"][-1:]
    if kind == "generic_expression":
        return [each for each in node.named_children[1:] if each.type != "type_descriptor"]
    parts = (node.child_by_field_name(name) for name in _CALLED_PARTS.get(kind, ()))
    return [part for part in parts if part is not None]


def _maybe_cast(walk: Walk, name_node: Node) -> None:
    """`(name)(x)` of a name that nothing in the file explains: a type, or else a function."""
    offset, name = walk.construct.offset(name_node), walk.construct.name(name_node)
    if name not in walk.scopes.table.aliases:
        walk.call(offset, Call(_DIRECT, name, 0, maybe_cast=True, wrapped=True))
    walk.name(name_node, _AS_TYPE)


def _generic(walk: Walk, node: Node, use: UsageContext) -> None:
    """The values are those of the whole expression; what chooses among them is not evaluated."""
    chooser, *others = node.named_children
    for child in reversed(others):
        walk.push(child, use.inside() if child.type == "type_descriptor" else use)
    walk.push(chooser, UNEVALUATED)


def _dispatched(walk: Walk, node: Node, macro: DispatchMacro) -> bool:
    """Note the calls that a dispatch macro makes itself, if it does: `INDIRECT_CALL_1(p->f, g)`."""
    subject = argument(node, macro.position) if macro.calls else None
    arguments = node.child_by_field_name("arguments")
    name_node = node.child_by_field_name("function")
    if subject is None or arguments is None or name_node is None:
        return False
    word = walk.construct.name(name_node)
    offset = 0
    for bare in _called(walk, subject):
        target = _subject(walk, node, bare, word, macro)
        if target is not None:
            offset = _note_target(walk, bare, *target, offset)
        else:
            walk.push(bare, PLAIN)
    direct = range(macro.position + 1, macro.position + 1 + macro.compared)
    for position in direct:
        compared = argument(node, position)
        target = _target(walk, compared) if compared is not None else None
        if compared is not None and target is not None:
            offset = _note_target(walk, compared, *target, offset)
    if not offset:
        return False
    walk.direct_call(walk.construct.offset(name_node), word)
    walk.place(walk.construct.offset(name_node), _marks(walk, arguments))
    walk.name(name_node, CALLED)
    named = {macro.position, macro.operations, *direct}
    _arguments(walk, arguments, word, offset, named)
    return True


def _subject(
    walk: Walk, node: Node, subject: Node, word: str, macro: DispatchMacro
) -> tuple[Node, Call] | None:
    """What a dispatch macro calls: a member, a pointer, or what it makes of a name."""
    if subject.type != "identifier" or macro.compared or walk.is_local(subject):
        return _target(walk, subject)
    name = walk.construct.name(subject)
    name = name.removeprefix(macro.prefix) or name
    if macro.tag:
        call = Call(CallForm.MEMBER, name, 0, receiver=word, receiver_tag=macro.tag, macro=word)
        return subject, call
    operations = argument(node, macro.operations)
    path = (walk.construct.name(operations),) if operations is not None else ()
    return subject, Call(CallForm.DISPATCH, name, 0, receiver_path=path, macro=word)


def _is_cast(walk: Walk, function: Node, arguments: Node) -> bool:
    """Whether `(name)(x)` may be a cast: nothing says that the name is a function or a pointer."""
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
        if known.defining is not None and known.defining.position == known.position:
            return name, Call(_DIRECT, known.defining.prefix + word, 0, macro=macro)
        word = word.removeprefix(known.prefix) or word
        return name, Call(CallForm.DISPATCH, word, 0, macro=macro)
    is_array = node.type == "subscript_expression"
    if is_array:
        node = descend(node, _INTO_ARRAY)[-1]
    name = node.child_by_field_name("field") if node.type == "field_expression" else None
    if node.type == "identifier" or (name and not is_array and walk.construct.is_range_end(name)):
        name = name or node
        form = CallForm.ARRAY if is_array else _DIRECT
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
        receiver_root=access.root or access.called,
        receiver_path=access.path,
        root_tag=access.root_tag,
    )
    return name, call


def _called_name(walk: Walk, node: Node) -> str:
    function = node.child_by_field_name("function") if node.type == "call_expression" else None
    is_named = function is not None and function.type == "identifier"
    return walk.construct.name(function) if function is not None and is_named else ""


def _arguments(
    walk: Walk, arguments: Node, callee: str, call: int, named: Collection[int] = ()
) -> None:
    """Walk through the arguments of a call, counted by its commas.

    Parameters:
        callee: What they are handed to.
        call: Offset of the call that takes note of what is handed over, or 0 for none.
        named: The arguments that say what is called, and are not handed over.
    """
    noted = call in walk.arguments
    member = MEMBERS.get(callee, -1)
    is_any = arguments.named_child_count and 0 not in named
    sink = walk.sink(call) if noted and is_any else None
    pushed: list[tuple[str, Node, UsageContext]] = []
    marks: list[int] = []
    index = 0
    for child in arguments.children:
        kind = child.type
        if kind in _MARKS:
            marks.append(child.start_byte + walk.construct.outer)
            if kind == ",":
                index += 1
                sink = walk.sink(call) if noted and index not in named else None
        elif index in named or kind in NAMELESS or not child.is_named:
            pass
        elif kind == "ERROR":
            pushed.append((kind, child, PLAIN))
        elif index == member:
            position = CONTAINING.get(callee, member - 1)
            tag = argument_tag(walk.construct, walk.scopes, arguments, position, tagged=True)
            pushed.append((kind, child, PLAIN.as_member(tag)))
        elif kind == "identifier":
            walk.name(child, UsageContext(_ARGUMENT, callee, sink))
        else:
            pushed.append((kind, child, UsageContext(_ARGUMENT, callee, sink)))
    pushed.reverse()
    walk.pending.extend(pushed)
    walk.place(call, marks)


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
    "parenthesized_expression": Walk.every,
    "sizeof_expression": lambda walk, node, _: walk.plainly(node, UNEVALUATED),
    "alignof_expression": lambda walk, node, _: walk.plainly(node, UNEVALUATED),
    "offsetof_expression": _offset_of,
    "cast_expression": _cast,
    "pointer_expression": _pointer,
    "field_expression": _member,
    "subscript_expression": lambda walk, node, use: walk.parts(
        node, use.inside(), "argument", use if use.address else use.inside()
    ),
    "conditional_expression": lambda walk, node, use: walk.parts(
        node, use, "condition", use.inside()
    ),
    "generic_expression": _generic,
    "comma_expression": lambda walk, node, use: walk.parts(node, use.inside(), "right", use),
    "assignment_expression": _assignment,
    "return_statement": lambda walk, node, use: walk.every(node, use.inside_as(Role.RETURNED)),
    "compound_literal_expression": lambda walk, node, use: walk.parts(
        node, use.inside(), "value", use
    ),
    "initializer_list": lambda walk, node, use: walk.every(
        node, replace(use.inside_as(Role.INITIALISER), sink=use.sink)
    ),
    "initializer_pair": lambda walk, node, use: walk.parts(node, use.inside(), "value", use),
    "gnu_asm_output_operand": _operand,
    "gnu_asm_input_operand": _operand,
    "call_expression": _call,
    # declarations
    "declaration": _declaration,
    "init_declarator": lambda walk, node, use: walk.parts(
        node, use, "value", use.inside_as(Role.INITIALISER)
    ),
    "pointer_declarator": lambda walk, node, use: walk.parts(node, use.inside(), "declarator", use),
    "array_declarator": lambda walk, node, use: walk.parts(node, use.inside(), "declarator", use),
    "function_declarator": _function_declarator,
    "parenthesized_declarator": Walk.every,
    "attributed_declarator": Walk.every,
    "parameter_declaration": lambda walk, node, use: walk.parts(
        node, use.inside(), "declarator", use.inside_as(_LOCAL)
    ),
    "struct_specifier": _struct,
    "union_specifier": _struct,
    "enum_specifier": _struct,
    "field_declaration_list": Walk.every,
    "field_declaration": _field,
    "macro_type_specifier": _macro_type,
}

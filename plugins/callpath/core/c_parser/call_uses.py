"""Calls: what they name, through what, and what they hand over."""

from collections.abc import Mapping
from dataclasses import dataclass

from tree_sitter import Node

from callpath.core.c_parser.access import (
    argument,
    argument_words,
    read_access,
    written_tag,
)
from callpath.core.c_parser.body_facts import Call, CallForm, Role
from callpath.core.c_parser.body_vocabulary import CONTAINING, KEYWORDS, MEMBERS
from callpath.core.c_parser.roles import Use
from callpath.core.c_parser.walk import Handler, Walk

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


def _call(walk: Walk, node: Node, use: Use) -> None:
    function = node.child_by_field_name("function")
    arguments = node.child_by_field_name("arguments")
    if function is None or arguments is None or not use.evaluated:
        walk.rest(node, use.inside())
        return
    if _is_cast(walk, function, arguments):
        walk.rest(arguments, use)
        walk.push(function, Use(Role.TYPE))
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
            walk.push(node.child_by_field_name("type"), Use())
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
        walk.name(target.name, Use(Role.CALLED))
        if bare != target.name:
            walk.push(bare, Use())
    elif target.form is CallForm.DISPATCH:
        walk.push(bare.child_by_field_name("arguments"), Use())
        walk.name(target.name, Use(Role.CALLED))
        macro = bare.child_by_field_name("function")
        if macro is not None:
            walk.name(macro, Use(Role.CALLED))
    else:
        walk.push(bare, Use())


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
    pushed: list[tuple[Node, Use]] = []
    index = 0
    for child in arguments.children:
        if child.type == ",":
            index += 1
            sink = walk.ledger.sink(call) if noted else None
        elif child.is_named and child.type == "ERROR":
            pushed.append((child, Use()))
        elif child.is_named and index == member:
            pushed.append((child, Use().as_member(_member_tag(walk, arguments, callee, member))))
        elif child.is_named:
            pushed.append((child, Use(Role.ARGUMENT, callee, sink)))
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

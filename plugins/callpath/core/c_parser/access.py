"""Which object an expression reaches: its root, the members on the way, the struct at the end."""

from dataclasses import dataclass

from tree_sitter import Node

from callpath.core.c_parser.body_vocabulary import CONTAINING, TRANSPARENT
from callpath.core.c_parser.scopes import Scopes
from callpath.core.c_parser.stretch import Stretch
from callpath.core.c_parser.type_tags import specified

_MOST_STEPS = 24
_THROUGH = {
    "field_expression": "argument",
    "subscript_expression": "argument",
    "pointer_expression": "argument",
}


@dataclass(frozen=True, slots=True)
class Access:
    """An expression that reaches an object.

    Attributes:
        root: The identifier that it starts with; empty when it starts with anything else.
        root_tag: The tag of what it starts with: a variable, a cast, a function's result.
        path: The members from there on.
        tag: The tag of the struct that it is or points to.
    """

    root: str = ""
    root_tag: str = ""
    path: tuple[str, ...] = ()
    tag: str = ""


def read_access(stretch: Stretch, scopes: Scopes, expression: Node | None) -> Access:
    """Follow an expression down to where it starts, and its types back up."""
    path: list[str] = []
    node = expression
    root = root_tag = ""
    for _ in range(_MOST_STEPS):
        if node is None or node.type == "identifier":
            break
        if node.type == "field_expression":
            member = node.child_by_field_name("field")
            path.append(stretch.name(member) if member is not None else "")
        following = _through(stretch, node)
        if following is None:
            root_tag = result_tag(stretch, scopes, node)
            if node.type == "cast_expression":
                node = _bare(stretch, node.child_by_field_name("value"))
            break
        node = following
    if node is not None and node.type == "identifier":
        root = stretch.name(node)
        root_tag = root_tag or scopes.shape(root, stretch.offset(node)).tag
    path.reverse()
    return Access(root, root_tag, tuple(path), scopes.table.follow(root_tag, path))


def _through(stretch: Stretch, node: Node) -> Node | None:
    """The expression inside of one that reaches the same object, or one that holds it."""
    if node.type in _THROUGH:
        return node.child_by_field_name(_THROUGH[node.type])
    if node.type == "parenthesized_expression":
        return next(iter(node.named_children), None)
    if node.type == "call_expression":
        function = node.child_by_field_name("function")
        if function is not None and function.type == "identifier":
            place = TRANSPARENT.get(stretch.name(function))
            return None if place is None else argument(node, place)
    return None


def _bare(stretch: Stretch, node: Node | None) -> Node | None:
    """What a cast is applied to, without brackets, addresses and accessors; no member's object."""
    for _ in range(_MOST_STEPS):
        if node is None or node.type == "field_expression":
            return None
        following = _through(stretch, node)
        if following is None:
            return node
        node = following
    return None


def result_tag(stretch: Stretch, scopes: Scopes, node: Node) -> str:
    """The tag of a cast, a compound literal or a call, as far as the file tells."""
    if node.type in ("cast_expression", "compound_literal_expression"):
        return member_owner(scopes, node.child_by_field_name("type"))
    function = node.child_by_field_name("function")
    if node.type != "call_expression" or function is None or function.type != "identifier":
        return ""
    name = stretch.name(function)
    if name in CONTAINING:
        arguments = node.child_by_field_name("arguments")
        return written_tag(stretch, scopes, arguments, CONTAINING[name])
    return scopes.table.resolve(scopes.table.functions.get(name, ""))


def written_tag(stretch: Stretch, scopes: Scopes, arguments: Node | None, place: int) -> str:
    """The tag of a type among the arguments of a macro: `struct t`, or a typedef."""
    for index, words in enumerate(argument_words(stretch, arguments)):
        if index == place and words:
            tagged = words[0] in (b"struct", b"union") and len(words) > 1
            return scopes.table.resolve(words[1 if tagged else 0].decode("ascii", "replace"))
    return ""


def argument_words(stretch: Stretch, arguments: Node | None) -> list[list[bytes]]:
    """The words of each argument; brackets inside of an argument are not looked into."""
    if arguments is None:
        return []
    start = arguments.start_byte + stretch.inner
    closing = stretch.sheet.brackets.closing.get(start)
    if closing is None:
        return []
    return [
        stretch.source[left:right].replace(b"*", b" ").split()
        for left, right in stretch.sheet.arguments(start, closing)
    ]


def argument(call: Node, place: int) -> Node | None:
    """One argument of a call, counted from 0 by its commas."""
    arguments = call.child_by_field_name("arguments")
    index = 0
    for child in arguments.children if arguments is not None else ():
        if child.type == ",":
            index += 1
        elif child.is_named and index == place:
            return child
    return None


def member_owner(scopes: Scopes, written: Node | None) -> str:
    """The tag of a written type whose member is named next to it."""
    specifier = written.child_by_field_name("type") if written is not None else None
    return scopes.table.resolve(specified(specifier))

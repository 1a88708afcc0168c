"""Prototypes inside of bodies: most of them are calls of macros that the parser cannot know."""

from tree_sitter import Node

from callpath.core.c_parser.body_vocabulary import DECLARING, KEYWORDS
from callpath.core.c_parser.type_tags import text_of

_BARE_PARTS = 2
"""Of what a declaration without a storage class and with one declarator consists."""


def is_call(declaration: Node, declarator: Node) -> bool:
    """Whether a prototype inside of a body is rather a call.

    `else f(x);`, `MACRO f(x);` and `struct s MACRO(x);` look like prototypes; in a real one there
    is a storage class, or a parameter that can be nothing else.
    """
    specifier = declaration.child_by_field_name("type")
    name = declarator.child_by_field_name("declarator")
    if declarator.type != "function_declarator" or specifier is None or name is None:
        return False
    if name.type != "identifier" or declaration.named_child_count != _BARE_PARTS:
        return False
    is_word = specifier.type == "type_identifier"
    if is_word and text_of(specifier) in KEYWORDS:
        return True
    arguments = bare_arguments(declarator)
    return None not in arguments and (is_word or bool(arguments))


def is_prototype(declarator: Node, name: Node) -> bool:
    """Whether a declarator surely is a prototype: a parameter of it cannot be an argument."""
    if declarator.type != "function_declarator" or name.type != "identifier":
        return False
    return None in (bare_arguments(declarator) or [None])


def wrapped_name(name: Node) -> Node | None:
    """The variable in a declarator like `*uninitialized_var(x)`, given the name before `(`."""
    declarator = name.parent if text_of(name) in DECLARING else None
    arguments = bare_arguments(declarator) if declarator is not None else []
    return arguments[0] if len(arguments) == 1 else None


def bare_arguments(declarator: Node) -> list[Node | None]:
    """The parameters that are a mere name, which may as well be arguments; nothing for others."""
    parameters = declarator.child_by_field_name("parameters")
    if parameters is None:
        return []
    return [_bare_name(parameter) for parameter in parameters.named_children]


def _bare_name(parameter: Node) -> Node | None:
    """The name that is all of a parameter."""
    if parameter.type == "identifier":
        return parameter
    if parameter.type != "parameter_declaration" or parameter.named_child_count != 1:
        return None
    specifier = parameter.child_by_field_name("type")
    return specifier if specifier is not None and specifier.type == "type_identifier" else None

"""Finds what a syntax tree defines and declares. Knows offsets, not lines, and no preprocessor."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from tree_sitter import Node

from callpath.core.c_parser.signatures import readable
from callpath.core.c_parser.trees import Item
from callpath.core.model import SymbolKind

_TAGGED = {
    "struct_specifier": SymbolKind.STRUCT,
    "union_specifier": SymbolKind.UNION,
    "enum_specifier": SymbolKind.ENUM,
}
_MOST_NESTED = 32
"""How deep structs inside of structs are looked into; real code has fewer than ten levels."""
_NAMES = frozenset({"identifier", "field_identifier", "type_identifier", "primitive_type"})
_WRAPPERS = frozenset({"parenthesized_declarator", "attributed_declarator", "ERROR"})


@dataclass(frozen=True, slots=True)
class Found:
    """A name with the place of its definition or declaration; offsets are those of the code.

    Attributes:
        kind: What it is.
        owner: The tag that a member belongs to, or empty.
        name_start: Offset of the name.
        name_end: Offset past the name.
        start: Offset of the whole construct.
        end: Offset past it.
        head: Spans that together are its one-line signature; an empty span stands for a body.
        declared: Whether it is only declared.
        initialised: Whether it is a variable with an initialiser.
        generated: Whether the name is the call of a macro that makes it (`FNAME(walk)`).
    """

    kind: SymbolKind
    owner: str
    name_start: int
    name_end: int
    start: int
    end: int
    head: tuple[tuple[int, int], ...]
    declared: bool = False
    initialised: bool = False
    generated: bool = False


@dataclass(frozen=True, slots=True)
class _Declared:
    """What a declarator declares: the node of the name, and what stands around it."""

    name: Node
    is_function: bool
    generated: bool


def find(item: Item) -> Iterator[Found]:
    """What one top-level construct defines and declares."""
    node, base = item.node, item.base
    if node.type == "function_definition":
        yield from _function(node, base, item.limit)
    elif node.type == "declaration":
        yield from _variables(node, base)
    elif node.type == "type_definition":
        yield from _typedefs(node, base)
    elif node.type in _TAGGED:
        declared = node.child_by_field_name("body") is None
        if not (declared and item.in_error):
            yield from _tagged(node, base, "", declared=declared)


def _function(node: Node, base: int, limit: int) -> Iterator[Found]:
    """A function definition."""
    yield from _type(node, base, "")
    body = node.child_by_field_name("body")
    declared = _declared(node.child_by_field_name("declarator"))
    if body is None or declared is None or not declared.is_function:
        return
    name = declared.name
    yield Found(
        SymbolKind.FUNCTION,
        "",
        name.start_byte + base,
        name.end_byte + base,
        node.start_byte + base,
        min(node.end_byte + base, limit),
        ((node.start_byte + base, body.start_byte + base),),
        generated=declared.generated,
    )


def _variables(node: Node, base: int) -> Iterator[Found]:
    """The variables and prototypes of a file-level declaration."""
    declarators = node.children_by_field_name("declarator")
    yield from _type(node, base, _first_name(declarators))
    external = _has_storage(node, b"extern")
    for declarator in declarators:
        declared = _declared(declarator)
        if declared is None:
            continue
        initialised = declarator.type == "init_declarator"
        kind = SymbolKind.FUNCTION if declared.is_function else SymbolKind.VARIABLE
        yield Found(
            kind,
            "",
            declared.name.start_byte + base,
            declared.name.end_byte + base,
            node.start_byte + base,
            node.end_byte + base,
            _head(node, declarators, declarator, base),
            declared=declared.is_function or (external and not initialised),
            initialised=initialised,
            generated=declared.generated,
        )


def _typedefs(node: Node, base: int) -> Iterator[Found]:
    """The names of a `typedef`."""
    declarators = node.children_by_field_name("declarator")
    yield from _type(node, base, _first_name(declarators))
    for declarator in declarators:
        declared = _declared(declarator)
        if declared is not None:
            yield Found(
                SymbolKind.TYPEDEF,
                "",
                declared.name.start_byte + base,
                declared.name.end_byte + base,
                node.start_byte + base,
                node.end_byte + base,
                _head(node, declarators, declarator, base),
            )


def _type(node: Node, base: int, owner: str) -> Iterator[Found]:
    """The tags that a declaration's type defines."""
    specifier = node.child_by_field_name("type")
    if specifier is not None and specifier.child_by_field_name("body") is not None:
        yield from _tagged(specifier, base, owner, declared=False)


def _tagged(node: Node, base: int, owner: str, *, declared: bool) -> Iterator[Found]:
    """A struct, union or enum with everything inside of it."""
    stack = [(node, owner, 0)]
    while stack:
        specifier, owner, depth = stack.pop()
        kind = _TAGGED.get(specifier.type)
        if kind is None or depth > _MOST_NESTED:
            continue
        tag = specifier.child_by_field_name("name")
        body = specifier.child_by_field_name("body")
        if tag is not None:
            owner = _text(tag)
            yield Found(
                kind,
                "",
                tag.start_byte + base,
                tag.end_byte + base,
                specifier.start_byte + base,
                specifier.end_byte + base,
                ((specifier.start_byte + base, tag.end_byte + base),),
                declared=declared,
            )
        for member in body.named_children if body is not None else ():
            if member.type == "field_declaration":
                yield from _fields(member, base, owner)
                inner = member.child_by_field_name("type")
                if inner is not None and inner.child_by_field_name("body") is not None:
                    stack.append((inner, owner or _first_name(_declarators(member)), depth + 1))
            elif member.type == "enumerator":
                yield from _enumerator(member, base)


def _enumerator(node: Node, base: int) -> Iterator[Found]:
    """One value of an enumeration."""
    name = node.child_by_field_name("name")
    if name is not None:
        span = (name.start_byte + base, name.end_byte + base)
        yield Found(
            SymbolKind.ENUMERATOR,
            "",
            *span,
            node.start_byte + base,
            node.end_byte + base,
            (span,),
        )


def _fields(node: Node, base: int, owner: str) -> Iterator[Found]:
    """The members that one line of a struct declares."""
    declarators = _declarators(node)
    widths = {
        left.end_byte: right.end_byte
        for left, right in pairwise(node.named_children)
        if right.type == "bitfield_clause"
    }
    for declarator in declarators:
        declared = _declared(declarator)
        if declared is not None and owner:
            *prefix, (start, end) = _head(node, declarators, declarator, base)
            yield Found(
                SymbolKind.FIELD,
                owner,
                declared.name.start_byte + base,
                declared.name.end_byte + base,
                node.start_byte + base,
                node.end_byte + base,
                (*prefix, (start, max(end, widths.get(declarator.end_byte, 0) + base))),
            )


def _declarators(node: Node) -> list[Node]:
    """The declarators of a declaration."""
    return node.children_by_field_name("declarator")


def _declared(declarator: Node | None) -> _Declared | None:
    """Unwrap a declarator down to its name."""
    nearest = outer = ""
    node = declarator
    while node is not None and node.type not in _NAMES:
        if node.type not in _WRAPPERS:
            outer, nearest = nearest, node.type
        inner = node.child_by_field_name("declarator")
        if inner is None:
            inner = next((child for child in node.named_children if _can_declare(child)), None)
        node = inner
    if node is None or node.is_missing or node.start_byte == node.end_byte:
        return None
    is_function = nearest == "function_declarator"
    return _Declared(node, is_function, is_function and outer == nearest)


def _can_declare(node: Node) -> bool:
    """Whether a node can be or hold a declarator."""
    return node.type in _NAMES or node.type in _WRAPPERS or node.type.endswith("declarator")


def _first_name(declarators: list[Node]) -> str:
    """The name of the first declarator, for members of a type without a tag."""
    declared = _declared(declarators[0]) if declarators else None
    return _text(declared.name) if declared is not None else ""


def _has_storage(node: Node, word: bytes) -> bool:
    """Whether a declaration has a storage class."""
    return any(
        child.type == "storage_class_specifier" and child.text == word
        for child in node.named_children[:8]
    )


def _head(
    node: Node, declarators: list[Node], declarator: Node, base: int
) -> tuple[tuple[int, int], ...]:
    """The spans of a declaration's signature: the type without a body, then one declarator."""
    body = None
    specifier = node.child_by_field_name("type")
    if specifier is not None:
        body = specifier.child_by_field_name("body")
    value = declarator.child_by_field_name("value")
    first = declarators[0].start_byte
    end = value.start_byte if value is not None else declarator.end_byte
    if len(declarators) == 1 and value is None:
        end = node.end_byte
    spans = [(node.start_byte, first)]
    if body is not None:
        inside = (body.start_byte, body.start_byte)
        spans = [(node.start_byte, body.start_byte), inside, (body.end_byte, first)]
    spans.append((declarator.start_byte, end))
    return tuple((left + base, right + base) for left, right in spans)


def _text(node: Node) -> str:
    """The text of a name."""
    return readable(node.text or b"")

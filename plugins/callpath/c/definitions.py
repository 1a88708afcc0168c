"""Finds what a syntax tree defines and declares. Knows offsets, not lines, and no preprocessor."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from tree_sitter import Node

from callpath.c.facts import Declaration, MacroUse, SourceFile
from callpath.c.lexer import Directive, digest, one_line, readable
from callpath.c.variants import Item, Unit, Variant, read_unit, top_level, variants
from callpath.model import Definition, SymbolKind

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


_HEAD = re.compile(rb"([A-Za-z_]\w*)(\([^)]*\))?")


def macro_definitions(unit: Unit) -> list[Definition]:
    """The macros that a file defines, in order; those that are never compiled are left out."""
    return [
        definition
        for directive in unit.directives
        if directive.name == b"define"
        and not unit.conditions.is_dead(directive.start)
        and (definition := _definition(unit, directive)) is not None
    ]


def _definition(unit: Unit, directive: Directive) -> Definition | None:
    """One macro, with its continuation lines."""
    head = _HEAD.match(directive.rest)
    if head is None:
        return None
    after = unit.text.find(b"define", directive.start) + len(b"define")
    offset = max(unit.text.find(head.group(1), after), directive.start)
    return Definition(
        unit.path,
        head.group(1).decode(),
        SymbolKind.MACRO,
        unit.line(offset),
        unit.line(directive.start),
        unit.line(max(directive.end - 1, directive.start)),
        one_line(b"#define " + head.group()),
        digest(unit.text[directive.start : directive.end]),
        unit.condition(directive.start),
    )


_ARGUMENTS = re.compile(rb"\s*\(\s*(\w+)\s*\)")
_TEXT = re.compile(rb'"[^"]*"')


@dataclass(frozen=True, slots=True)
class Placed:
    """What was found, with the variant and the construct that it was found in."""

    found: Found
    variant: Variant
    item: Item

    @property
    def offset(self) -> int:
        """Offset of the name in the file."""
        return self.found.name_start + self.variant.base


@dataclass(frozen=True, slots=True)
class Assembled:
    """One file after all passes, with the trees that its insides are read from.

    Attributes:
        facts: What it defines, declares and leaves to macros.
        unit: The file.
        variants: What was parsed of it.
        placed: All that was found: a group for each kind and place of a name; in a group once for
            each variant that it was found in.
        groups: For each definition that is no macro its group.
    """

    facts: SourceFile
    unit: Unit
    variants: tuple[Variant, ...]
    placed: tuple[tuple[Placed, ...], ...]
    groups: Mapping[Definition, tuple[Placed, ...]]


def assemble(path: str, text: bytes) -> Assembled:
    """Read one C file.

    Parameters:
        path: Its path below the source's root; it is only copied into the facts.
        text: Its bytes: any bytes, there is no text that cannot be read.
    """
    unit = read_unit(path, text)
    every: dict[tuple[SymbolKind, int], list[Placed]] = {}
    uses: set[MacroUse] = set()
    parsed = tuple(variants(unit))
    for variant in parsed:
        for placed in _placed(variant):
            every.setdefault((placed.found.kind, placed.offset), []).append(placed)
        uses.update(_uses(unit, variant))
    placed_groups = tuple(map(tuple, every.values()))
    uses.update(_generated(unit, group[0]) for group in placed_groups if group[0].found.generated)
    groups, declarations = _separated(unit, placed_groups)
    facts = SourceFile(
        path,
        tuple(sorted((*macro_definitions(unit), *groups), key=_definition_order)),
        tuple(sorted(declarations, key=lambda each: (each.line, each.name, each.kind))),
        tuple(sorted(uses)),
    )
    return Assembled(facts, unit, parsed, placed_groups, groups)


def _separated(
    unit: Unit, placed_groups: tuple[tuple[Placed, ...], ...]
) -> tuple[dict[Definition, tuple[Placed, ...]], set[Declaration]]:
    """The definitions, each with its group, and the mere declarations."""
    named = [(name, group) for group in placed_groups if (name := _name(unit, group[0]))]
    completed = {
        (name, unit.condition(first.offset))
        for name, (first, *_) in named
        if first.found.initialised
    }
    groups: dict[Definition, tuple[Placed, ...]] = {}
    declarations: set[Declaration] = set()
    for name, group in named:
        first = group[0]
        if _only_declares(unit, name, first.found, first.offset, completed):
            line = unit.line(first.offset)
            declarations.add(Declaration(unit.path, name, first.found.kind, line))
        else:
            groups.setdefault(_definition_assembly(unit, name, first), group)
    return groups, declarations


def _definition_order(definition: Definition) -> tuple[int, str, int, str]:
    """Start line, then name; line and kind settle what is left."""
    return definition.start, definition.name, definition.line, definition.kind


def _placed(variant: Variant) -> Iterator[Placed]:
    """What one variant's tree holds at file level."""
    brackets = variant.sheet.brackets
    for item in top_level(variant.code, brackets):
        if brackets.at_file_level(item.node.start_byte + item.base):
            for found in find(item):
                yield Placed(found, variant, item)


def _only_declares(
    unit: Unit, name: str, found: Found, offset: int, completed: set[tuple[str, str]]
) -> bool:
    """Whether a name is only announced: a prototype, `extern`, or completed elsewhere."""
    if found.declared:
        return True
    if found.kind is not SymbolKind.VARIABLE or found.initialised:
        return False
    return (name, unit.condition(offset)) in completed


def _name(unit: Unit, placed: Placed) -> str:
    """The symbol's name; empty when no one can tell."""
    found = placed.found
    if found.generated:
        return ""
    known = placed.variant.sheet.names.get(found.name_start)
    if known is not None:
        return known
    base = placed.variant.base
    name = readable(unit.text[found.name_start + base : found.name_end + base])
    return f"{found.owner}.{name}" if found.owner else name


def _definition_assembly(unit: Unit, name: str, placed: Placed) -> Definition:
    """A definition with lines, signature and digest."""
    found, base = placed.found, placed.variant.base
    start = placed.variant.sheet.head(found.start) + base
    end = max(found.end + base, start + 1)
    return Definition(
        unit.path,
        name,
        found.kind,
        unit.line(placed.offset),
        unit.line(start),
        unit.line(end - 1),
        _signature(unit, placed),
        unit.digest(start, end),
        unit.condition(placed.offset),
    )


def _signature(unit: Unit, placed: Placed) -> str:
    """The head of a definition on one line."""
    sheet, head = placed.variant.sheet, placed.found.head
    pieces: list[bytes] = []
    for index, (start, end) in enumerate(head):
        if start == end and 0 < index < len(head) - 1:
            pieces.append(b"{ ... }")
        else:
            left = start if index else sheet.head(start)
            pieces.append(_with_texts(unit, sheet.source[left:end], left + placed.variant.base))
    return one_line(b" ".join(pieces).rstrip(b" =\n\t"))


def _with_texts(unit: Unit, piece: bytes, offset: int) -> bytes:
    """A piece of code with the inside of its string literals."""

    def original(match: re.Match[bytes]) -> bytes:
        return unit.text[match.start() + offset : match.end() + offset]

    return _TEXT.sub(original, piece)


def _uses(unit: Unit, variant: Variant) -> Iterable[MacroUse]:
    """The macro calls at file level of one variant."""
    for use in variant.sheet.uses:
        arguments = tuple(argument.decode() for argument in use.arguments)
        yield MacroUse(unit.line(use.offset + variant.base), use.name.decode(), arguments)


def _generated(unit: Unit, placed: Placed) -> MacroUse:
    """A definition whose name is a macro call."""
    found, code = placed.found, placed.variant.code
    match = _ARGUMENTS.match(code, found.name_end)
    name = code[found.name_start : found.name_end].decode()
    arguments = (match.group(1).decode(),) if match else ()
    return MacroUse(unit.line(placed.offset), name, arguments)

"""What one file defines and declares: names found in the trees of all its variants, as facts.

Offsets are those of the file, spans half-open.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from operator import attrgetter

from msgspec import Struct
from tree_sitter import Node

from callpath.c.facts import Declaration, MacroUse, Removal, SourceFile
from callpath.c.lexer import Directive, digest, one_line
from callpath.c.masking.makers import Makers
from callpath.c.masking.masked import MaskedSource
from callpath.c.types import read_declarator, text_of
from callpath.c.variants import Construct, Unit, read_unit, top_level, variants
from callpath.c.vocabulary import KEYWORDS, DefiningMacro
from callpath.model import Definition, SymbolKind

_TAGGED = {
    "struct_specifier": SymbolKind.STRUCT,
    "union_specifier": SymbolKind.UNION,
    "enum_specifier": SymbolKind.ENUM,
}
_MOST_NESTED = 32
"""How deep structs inside of structs are looked into; real code has fewer than ten levels."""


class Found(Struct, frozen=True, gc=False):
    """A name with the place of its definition or declaration."""

    construct: Construct
    kind: SymbolKind
    name: tuple[int, int]  # span of the name
    whole: tuple[int, int]  # span of the definition
    # Spans that together are its one-line signature; an empty span stands for a body.
    head: tuple[tuple[int, int], ...]
    owner: str = ""  # the tag that a member belongs to, or empty
    declared: bool = False  # whether it is only declared
    initialised: bool = False  # whether it is a variable with an initialiser
    generated: bool = False  # whether the name is the call of a macro that makes it (`FNAME(walk)`)

    @property
    def offset(self) -> int:
        """Offset of the name."""
        return self.name[0]


FoundGroup = tuple[Found, ...]
"""One name at one place, once for each variant of the file that shows it."""


class ParsedSource(Struct, frozen=True):
    """One file after all passes, with the trees that its insides are read from."""

    facts: SourceFile
    unit: Unit
    variants: tuple[MaskedSource, ...]
    # All that was found: a group for each kind and place of a name, with the symbol's name, which
    # is empty if it cannot be known.
    found: tuple[tuple[str, FoundGroup], ...]
    macros: Mapping[Definition, Directive]
    groups: Mapping[Definition, FoundGroup]  # for each other definition its group
    makers: Makers


def parse(
    path: str, text: bytes, defining: Mapping[bytes, DefiningMacro] | None = None
) -> ParsedSource:
    """Parse one C file; any bytes can be parsed.

    Parameters:
        path: Path of the file.
        text: Its bytes.
        defining: The macros that a site says to make functions, by name.
    """
    unit = read_unit(path, text)
    makers = Makers(unit.directives, defining)
    every: dict[tuple[SymbolKind, int], list[Found]] = {}
    uses: set[MacroUse] = set()
    parsed = tuple(variants(unit, makers))
    for masked in parsed:
        for construct in top_level(unit, masked):
            if masked.brackets.at_file_level(construct.node.start_byte + construct.inner):
                for found in _find(construct):
                    every.setdefault((found.kind, found.offset), []).append(found)
        uses.update(_uses(unit, masked))
    all_found = tuple((_name(found[0]), tuple(found)) for found in every.values())
    uses.update(_generated_use(group[0]) for _, group in all_found if group[0].generated)
    macros = dict(_macros(unit))
    groups, declarations = _separated(unit, all_found)
    facts = SourceFile(
        path,
        tuple(sorted((*macros, *groups), key=attrgetter("start", "name", "line", "kind"))),
        tuple(sorted(declarations, key=attrgetter("line", "name", "kind"))),
        tuple(sorted(uses)),
        tuple(_removals(unit)),
        tuple(sorted({*_weak(unit), *_said(unit, all_found, _WEAK, b"weak")})),
        tuple(sorted({*_said(unit, all_found, _STATIC, b"static"), *_made_static(unit, groups)})),
    )
    return ParsedSource(facts, unit, parsed, all_found, macros, groups, makers)


def _find(construct: Construct) -> Iterator[Found]:
    node = construct.node
    if node.type == "function_definition":
        yield from _function(construct)
    elif node.type in ("declaration", "type_definition"):
        yield from _names(construct)
    elif node.type in _TAGGED:
        declared = node.child_by_field_name("body") is None
        if not (declared and construct.in_error):
            yield from _tagged(construct, node, "", declared=declared)


def _function(construct: Construct) -> Iterator[Found]:
    node = construct.node
    yield from _type(construct, "")
    body = node.child_by_field_name("body")
    declared = read_declarator(node.child_by_field_name("declarator"))
    if body is None or declared is None or not declared.is_function:
        return
    start = construct.offset(node)
    end = min(node.end_byte + construct.inner, construct.limit) + construct.masked.base
    name, head = construct.span(declared.name), ((start, construct.offset(body)),)
    kind, generated = SymbolKind.FUNCTION, declared.generated
    yield Found(construct, kind, name, (start, end), head, generated=generated)


def _names(construct: Construct) -> Iterator[Found]:
    """The variables and prototypes of a declaration, or the names of a `typedef`."""
    node = construct.node
    declarators = node.children_by_field_name("declarator")
    yield from _type(construct, _first_name(node))
    is_typedef = node.type == "type_definition"
    external = not is_typedef and _is_extern(node)
    for declarator in declarators:
        declared = read_declarator(declarator)
        if declared is None:
            continue
        initialised = declarator.type == "init_declarator"
        kind = SymbolKind.FUNCTION if declared.is_function else SymbolKind.VARIABLE
        yield Found(
            construct,
            SymbolKind.TYPEDEF if is_typedef else kind,
            construct.span(declared.name),
            construct.span(node),
            _head(construct, node, declarators, declarator),
            declared=(not is_typedef and declared.is_function) or (external and not initialised),
            initialised=initialised,
            generated=declared.generated and not is_typedef,
        )


def _type(construct: Construct, owner: str) -> Iterator[Found]:
    specifier = construct.node.child_by_field_name("type")
    if specifier is not None and specifier.child_by_field_name("body") is not None:
        yield from _tagged(construct, specifier, owner, declared=False)


def _tagged(construct: Construct, node: Node, owner: str, *, declared: bool) -> Iterator[Found]:
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
            owner = text_of(tag)
            whole, name = construct.span(specifier), construct.span(tag)
            yield Found(construct, kind, name, whole, ((whole[0], name[1]),), declared=declared)
        for member in body.named_children if body is not None else ():
            if member.type == "field_declaration":
                yield from _fields(construct, member, owner)
                inner = member.child_by_field_name("type")
                if inner is not None and inner.child_by_field_name("body") is not None:
                    stack.append((inner, owner or _first_name(member), depth + 1))
            elif member.type == "enumerator":
                value = member.child_by_field_name("name")
                if value is not None:
                    name, whole = construct.span(value), construct.span(member)
                    yield Found(construct, SymbolKind.ENUMERATOR, name, whole, (name,))


def _fields(construct: Construct, node: Node, owner: str) -> Iterator[Found]:
    """The members that one line of a struct declares."""
    declarators = node.children_by_field_name("declarator")
    widths = {
        left.end_byte: construct.span(right)[1]
        for left, right in pairwise(node.named_children)
        if right.type == "bitfield_clause"
    }
    for declarator in declarators:
        declared = read_declarator(declarator)
        if declared is not None and owner:
            *prefix, (start, end) = _head(construct, node, declarators, declarator)
            head = (*prefix, (start, max(end, widths.get(declarator.end_byte, 0))))
            name, whole = construct.span(declared.name), construct.span(node)
            yield Found(construct, SymbolKind.FIELD, name, whole, head, owner)


def _first_name(node: Node) -> str:
    """The first name that a node declares, for members of a type without a tag."""
    declared = read_declarator(node.child_by_field_name("declarator"))
    return text_of(declared.name) if declared is not None else ""


def _is_extern(node: Node) -> bool:
    return any(
        child.type == "storage_class_specifier" and child.text == b"extern"
        for child in node.named_children[:8]
    )


def _head(
    construct: Construct, node: Node, declarators: list[Node], declarator: Node
) -> tuple[tuple[int, int], ...]:
    """The spans of a declaration's signature: the type without a body, then one declarator."""
    specifier = node.child_by_field_name("type")
    body = specifier.child_by_field_name("body") if specifier is not None else None
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
    return tuple((left + construct.outer, right + construct.outer) for left, right in spans)


_ARGUMENT = re.compile(rb"\s*\(\s*(\w+)\s*\)")
_IDENTIFIER = re.compile(rb"\s*+[&*]?\s*+([A-Za-z_]\w*+)\s*+")
_MACRO = re.compile(rb"([A-Za-z_]\w*)(\([^)]*\))?")
_TEXT = re.compile(rb'"[^"]*"')


def _separated(
    unit: Unit, groups: tuple[tuple[str, FoundGroup], ...]
) -> tuple[dict[Definition, FoundGroup], set[Declaration]]:
    completed = {
        (name, unit.conditions.at(first.offset))
        for name, (first, *_) in groups
        if first.initialised
    }
    definitions: dict[Definition, FoundGroup] = {}
    declarations: set[Declaration] = set()
    for name, group in groups:
        first = group[0]
        if not name:
            continue
        tentative = first.kind is SymbolKind.VARIABLE and not first.initialised
        if first.declared or (tentative and (name, unit.conditions.at(first.offset)) in completed):
            line = unit.line(first.offset)
            condition = unit.conditions.at(first.offset)
            declarations.add(Declaration(unit.path, name, first.kind, line, condition))
        else:
            definitions.setdefault(_definition(name, first), group)
    return definitions, declarations


def _name(found: Found) -> str:
    """The symbol's name; empty if it cannot be known."""
    construct = found.construct
    if found.generated:
        return ""
    known = construct.masked.names.get(found.offset - construct.masked.base)
    if known is not None:
        return known
    name = construct.unit.name(*found.name)
    if name in KEYWORDS:
        return ""
    return f"{found.owner}.{name}" if found.owner else name


def _definition(name: str, found: Found) -> Definition:
    unit = found.construct.unit
    start = found.construct.masked.head(found.whole[0])
    end = max(found.whole[1], start + 1)
    return Definition(
        unit.path,
        name,
        found.kind,
        unit.line(found.offset),
        unit.line(start),
        unit.line(end - 1),
        _signature(found),
        unit.digest(start, end),
        unit.conditions.at(found.offset),
    )


def _signature(found: Found) -> str:
    masked = found.construct.masked
    pieces: list[bytes] = []
    for index, (start, end) in enumerate(found.head):
        if start == end and 0 < index < len(found.head) - 1:
            pieces.append(b"{ ... }")
        else:
            left = start if index else masked.head(start)
            piece = masked.source[left - masked.base : end - masked.base]
            pieces.append(_with_texts(found.construct.unit, piece, left))
    return one_line(b" ".join(pieces).rstrip(b" =\n\t"))


def _with_texts(unit: Unit, piece: bytes, offset: int) -> bytes:
    """A piece of code with the inside of its string literals."""

    def original(match: re.Match[bytes]) -> bytes:
        return unit.text[match.start() + offset : match.end() + offset]

    return _TEXT.sub(original, piece) if b'"' in piece else piece


def _macros(unit: Unit) -> Iterator[tuple[Definition, Directive]]:
    """The macros that a file defines, but for those that are never compiled."""
    for directive in unit.directives:
        head = _MACRO.match(directive.rest) if directive.name == b"define" else None
        if head is None or unit.conditions.is_dead(directive.start):
            continue
        after = unit.text.find(b"define", directive.start) + len(b"define")
        offset = max(unit.text.find(head.group(1), after), directive.start)
        definition = Definition(
            unit.path,
            head.group(1).decode(),
            SymbolKind.MACRO,
            unit.line(offset),
            unit.line(directive.start),
            unit.line(max(directive.end - 1, directive.start)),
            one_line(b"#define " + head.group()),
            digest(unit.text[directive.start : directive.end]),
            unit.conditions.at(directive.start),
        )
        yield definition, directive


_WORD = re.compile(rb"[A-Za-z_]\w*+")


def _removals(unit: Unit) -> Iterator[Removal]:
    """The `#undef` lines that are compiled, in order."""
    for directive in unit.directives:
        name = _WORD.match(directive.rest) if directive.name == b"undef" else None
        if name is not None and not unit.conditions.is_dead(directive.start):
            at = directive.start
            yield Removal(name.group().decode(), unit.line(at), unit.conditions.at(at))


_WEAK = re.compile(rb"(?<!\w)(?:__weak|weak|__weak__)(?!\w)")
_STATIC = re.compile(rb"(?<!\w)static(?!\w)")
_HEAD_CALL = re.compile(r"([A-Za-z_]\w*) ?\(")


def _said(
    unit: Unit, groups: Iterable[tuple[str, FoundGroup]], word: re.Pattern[bytes], part: bytes
) -> Iterator[str]:
    """The functions whose prototypes have a word in them, of which a part is given."""
    if part not in unit.code:
        return
    for name, (first, *_) in groups:
        if name and first.declared and first.kind is SymbolKind.FUNCTION:
            start = first.construct.masked.head(first.whole[0])
            if word.search(unit.code, start, first.whole[1]):
                yield name


def _made_static(unit: Unit, definitions: Iterable[Definition]) -> Iterator[str]:
    """The functions whose heads are the call of a macro of the file that begins with `static`."""
    static = {
        head.group(1).decode()
        for each in unit.directives
        if each.name == b"define" and b"static" in each.rest
        if (head := _MACRO.match(each.rest)) and each.rest[head.end() :].split()[:1] == [b"static"]
    }
    for definition in definitions if static else ():
        call = _HEAD_CALL.match(definition.signature)
        if definition.kind is SymbolKind.FUNCTION and call and call[1] in static:
            yield definition.name


def _weak(unit: Unit) -> tuple[str, ...]:
    """The names that `#pragma weak` names, sorted."""
    pragmas = (each.rest.split() for each in unit.directives if each.name == b"pragma")
    names = {words[1] for words in pragmas if len(words) > 1 and words[0] == b"weak"}
    return tuple(sorted(match.group().decode() for match in map(_WORD.match, names) if match))


def _uses(unit: Unit, masked: MaskedSource) -> Iterator[MacroUse]:
    for call in (*masked.calls, *masked.made):
        arguments = (
            match.group(1).decode()
            for span in masked.arguments(call.opening, call.closing)
            if (match := _IDENTIFIER.fullmatch(masked.source, *span))
        )
        yield MacroUse(unit.line(call.offset + masked.base), call.name.decode(), tuple(arguments))


def _generated_use(found: Found) -> MacroUse:
    """A definition whose name is a macro call."""
    unit, masked = found.construct.unit, found.construct.masked
    start, end = (offset - masked.base for offset in found.name)
    match = _ARGUMENT.match(masked.result, end)
    name = masked.result[start:end].decode()
    arguments = (match.group(1).decode(),) if match else ()
    return MacroUse(unit.line(found.offset), name, arguments)

"""Joins the passes: text in, the facts of the file out."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from callpath.core.c_parser.definitions import Found, find
from callpath.core.c_parser.facts import Declaration, MacroUse, SourceFile
from callpath.core.c_parser.macros import macro_definitions
from callpath.core.c_parser.signatures import one_line, readable
from callpath.core.c_parser.trees import Item, top_level
from callpath.core.c_parser.units import Unit, Variant, read_unit, variants
from callpath.core.model import Definition, SymbolKind

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
            groups.setdefault(_definition(unit, name, first), group)
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


def _definition(unit: Unit, name: str, placed: Placed) -> Definition:
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

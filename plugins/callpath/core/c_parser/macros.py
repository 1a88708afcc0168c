"""Macro definitions, read from the directives themselves."""

import re

from callpath.core.c_parser.lexing import Directive
from callpath.core.c_parser.signatures import digest, one_line
from callpath.core.c_parser.units import Unit
from callpath.core.model import Definition, SymbolKind

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

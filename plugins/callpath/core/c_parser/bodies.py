"""The inside of one definition, joined from the variants of the file that it is found in."""

from collections.abc import Mapping

from tree_sitter import Node

from callpath.core.c_parser.assembly import Placed
from callpath.core.c_parser.bindings import BindingReader
from callpath.core.c_parser.body_facts import Binding, Body, Call, Mention
from callpath.core.c_parser.body_vocabulary import DispatchMacro
from callpath.core.c_parser.call_uses import CALLS
from callpath.core.c_parser.declarations import DECLARATIONS
from callpath.core.c_parser.expressions import EXPRESSIONS
from callpath.core.c_parser.loose_names import look_again
from callpath.core.c_parser.roles import PLAIN, Ledger, Use, find_tags
from callpath.core.c_parser.scopes import Scopes
from callpath.core.c_parser.stretch import Stretch
from callpath.core.c_parser.type_tags import TypeTable
from callpath.core.c_parser.units import Unit
from callpath.core.c_parser.walk import Handler, Walk
from callpath.core.model import SymbolKind

_HANDLERS: Mapping[str, Handler] = {**EXPRESSIONS, **DECLARATIONS, **CALLS}
_TYPES = (SymbolKind.STRUCT, SymbolKind.UNION, SymbolKind.ENUM)
_TAGGED = frozenset({"struct_specifier", "union_specifier", "enum_specifier"})


class BodyReader:
    """Reads the inside of definitions of one file.

    Parameters:
        unit: The file.
        table: What it tells of types.
        dispatch: The macros that dispatch, by name.
    """

    def __init__(self, unit: Unit, table: TypeTable, dispatch: Mapping[str, DispatchMacro]) -> None:
        self._unit = unit
        self._table = table
        self._dispatch = dispatch

    def read(self, kind: SymbolKind, name: str, group: tuple[Placed, ...]) -> Body:
        """The inside of one definition, over all variants that it is found in."""
        calls: dict[int, Call] = {}
        mentions: dict[int, Mention] = {}
        bindings: dict[int, Binding] = {}
        types: dict[str, str] = {}
        parameters: tuple[str, ...] = ()
        for placed in group:
            bound, scopes = self.bindings(kind, name, placed)
            ledger = self._ledger(kind, placed, scopes, bound.designated)
            calls = {**ledger.finished_calls(), **calls}
            mentions = {**ledger.mentions, **mentions}
            bindings = {**bound.found, **bindings}
            types = {**scopes.types, **types}
            parameters = parameters or scopes.parameters
        return Body(
            tuple(calls[offset] for offset in sorted(calls)) if kind not in _TYPES else (),
            tuple(mentions[offset] for offset in sorted(mentions)),
            tuple(bindings[offset] for offset in sorted(bindings)),
            parameters,
            types,
        )

    def bindings(self, kind: SymbolKind, name: str, placed: Placed) -> tuple[BindingReader, Scopes]:
        """The bindings in one definition as one variant shows it."""
        stretch = Stretch(self._unit, placed.variant, placed.item)
        node = placed.item.node
        if kind is SymbolKind.FUNCTION:
            scopes = Scopes(stretch, self._table, node)
            reader = BindingReader(stretch, scopes, name)
            reader.read(node)
        else:
            scopes = Scopes(stretch, self._table, None)
            reader = BindingReader(stretch, scopes)
            declarator = _declarator(placed) if kind is SymbolKind.VARIABLE else None
            if declarator is not None:
                reader.initialiser(declarator)
        return reader, scopes

    def _ledger(
        self, kind: SymbolKind, placed: Placed, scopes: Scopes, designated: Mapping[int, str]
    ) -> Ledger:
        """Walk through one definition as one variant shows it."""
        stretch = Stretch(self._unit, placed.variant, placed.item)
        base = placed.variant.base
        start, end = placed.found.start + base, placed.found.end + base
        tagged = find_tags(stretch, start, end)
        ledger = Ledger(stretch, scopes, placed.offset, tagged=tagged)
        ledger.seen.add(placed.offset)
        walk = Walk(ledger, _HANDLERS, self._dispatch, designated)
        for node, use in _parts(kind, placed):
            walk.read([(node, use)])
        body = placed.item.node.child_by_field_name("body")
        first_call = start
        if kind is SymbolKind.FUNCTION and body is not None:
            first_call = stretch.offset(body)
            look_again(ledger, start, end, first_call)
        elif kind is not SymbolKind.FUNCTION:
            for node, _ in _parts(kind, placed):
                left, right = stretch.offset(node), node.end_byte + stretch.outer
                look_again(ledger, left, min(right, end), left)
        return ledger


def _parts(kind: SymbolKind, placed: Placed) -> list[tuple[Node, Use]]:
    """The nodes that belong to one definition, each with the use of what is in it."""
    node = placed.item.node
    if kind is SymbolKind.FUNCTION:
        return [(node, PLAIN)]
    if kind in _TYPES:
        specifier = _specifier(placed)
        return [(specifier, PLAIN)] if specifier is not None else []
    declarator = _declarator(placed)
    declarators = node.children_by_field_name("declarator")
    return [
        (child, PLAIN)
        for child in node.named_children
        if child not in declarators or child == declarator
    ]


def _declarator(placed: Placed) -> Node | None:
    """The declarator of a variable or typedef."""
    name = placed.found.name_start - placed.item.base
    for declarator in placed.item.node.children_by_field_name("declarator"):
        if declarator.start_byte <= name < declarator.end_byte:
            return declarator
    return None


def _specifier(placed: Placed) -> Node | None:
    """The node of a struct, union or enum, which may stand inside of another."""
    start = placed.found.start - placed.item.base
    end = placed.found.end - placed.item.base
    node = placed.item.node.descendant_for_byte_range(start, max(end - 1, start))
    while node is not None and node.type not in _TAGGED:
        node = node.parent
    return node

"""Parameters and local variables of one function: where each is visible, and its type."""

from bisect import bisect_right
from collections.abc import Iterator
from operator import itemgetter

from tree_sitter import Node, Query, QueryCursor

from callpath.core.c_parser.prototypes import wrapped_name
from callpath.core.c_parser.stretch import Stretch
from callpath.core.c_parser.trees import LANGUAGE
from callpath.core.c_parser.type_tags import (
    Declared,
    Shape,
    TypeTable,
    read_declarator,
    specified,
    text_of,
)

_DECLARATIONS = Query(
    LANGUAGE,
    "(compound_statement) @block (for_statement) @block (declaration) @declaration",
)
_MOST_STEPS = 64


class Scopes:
    """The names that belong to one function.

    Attributes:
        parameters: Its parameters, in order.
        types: The tags of parameters and locals; of several locals with one name the first's.
    """

    def __init__(self, stretch: Stretch, table: TypeTable, function: Node | None) -> None:
        self.table = table
        self.parameters: tuple[str, ...] = ()
        self._spans: dict[str, list[tuple[int, int, Shape]]] = {}
        if function is not None:
            self._read(stretch, function)

    @property
    def types(self) -> dict[str, str]:
        """The tag of each parameter and local variable."""
        return {name: spans[0][2].tag for name, spans in self._spans.items()}

    def local(self, name: str, offset: int) -> Shape | None:
        """What a name is at an offset of the file, when it is a parameter or a local."""
        spans = self._spans.get(name, ())
        started = bisect_right(spans, offset, key=itemgetter(0))
        inside = (spans[index] for index in range(started - 1, -1, -1))
        return next((shape for _, end, shape in inside if offset < end), None)

    def shape(self, name: str, offset: int) -> Shape:
        """What a name is at an offset of the file, as far as the file tells."""
        local = self.local(name, offset)
        if local is not None:
            return local
        return self.table.resolved(self.table.variables.get(name, Shape()))

    def _read(self, stretch: Stretch, function: Node) -> None:
        span = (stretch.offset(function), function.end_byte + stretch.outer)
        names: list[str] = []
        for name, shape in _parameters(function):
            names.append(name)
            self._add(name, *span, shape)
        body = function.child_by_field_name("body")
        for child in function.named_children:
            if child.type == "declaration" and child != body:
                for declared, tag in _declared(child):
                    self._replace(text_of(declared.name), *span, declared.shape(tag))
        self.parameters = tuple(names)
        if body is not None:
            self._read_locals(stretch, body)

    def _read_locals(self, stretch: Stretch, body: Node) -> None:
        captures = QueryCursor(_DECLARATIONS).captures(body)
        blocks = sorted((node.start_byte, node.end_byte) for node in captures.get("block", ()))
        around: list[tuple[int, int]] = []
        position = 0
        for node in sorted(captures.get("declaration", ()), key=lambda each: each.start_byte):
            while position < len(blocks) and blocks[position][0] <= node.start_byte:
                around.append(blocks[position])
                position += 1
            while around and around[-1][1] <= node.start_byte:
                around.pop()
            end = (around[-1][1] if around else body.end_byte) + stretch.outer
            for declared, tag in _declared(node):
                self._add(text_of(declared.name), stretch.offset(node), end, declared.shape(tag))

    def _add(self, name: str, start: int, end: int, shape: Shape) -> None:
        self._spans.setdefault(name, []).append((start, end, self.table.resolved(shape)))

    def _replace(self, name: str, start: int, end: int, shape: Shape) -> None:
        self._spans[name] = [(start, end, self.table.resolved(shape))]


def _declared(declaration: Node) -> Iterator[tuple[Declared, str]]:
    """The variables of a declaration, each with the tag of the declaration's type."""
    specifier = declaration.child_by_field_name("type")
    for declarator in declaration.children_by_field_name("declarator"):
        declared = read_declarator(declarator)
        if declared is None:
            continue
        wrapped = wrapped_name(declared.name) if declared.is_function else None
        if wrapped is not None:
            yield Declared(wrapped), specified(specifier)
        elif not declared.is_function:
            yield declared, specified(specifier)


def _parameters(function: Node) -> Iterator[tuple[str, Shape]]:
    """The parameters of a function definition: those of the list next to its name.

    When a macro makes the name (`FNAME(walk)(int x)`), they are those of the next list.
    """
    node = function.child_by_field_name("declarator")
    found: Node | None = None
    above = ""
    for _ in range(_MOST_STEPS):
        if node is None:
            break
        if node.type == "function_declarator" and above != node.type:
            found = node.child_by_field_name("parameters")
        above = node.type
        inner = node.child_by_field_name("declarator")
        if inner is None and node.type == "parenthesized_declarator":
            inner = next(iter(node.named_children), None)
        node = inner
    for parameter in found.named_children if found is not None else ():
        if parameter.type == "identifier":
            yield text_of(parameter), Shape()
        elif parameter.type == "parameter_declaration":
            declared = read_declarator(parameter.child_by_field_name("declarator"))
            if declared is not None:
                tag = specified(parameter.child_by_field_name("type"))
                points = declared.is_function or declared.points_to_function
                yield text_of(declared.name), Shape("" if points else tag, declared.dimensions)

"""What names stand for as far as one file says: declarators, struct tags, scopes, accesses.

Types are tags of structs or names of typedefs; anything else is the empty tag. Other files are not
known here: the prover asks them.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import chain, cycle, pairwise, takewhile

from msgspec import Struct, field
from tree_sitter import Node, Query, QueryCursor

from callpath.c.variants import LANGUAGE, Construct
from callpath.c.vocabulary import CONTAINING, DECLARING, KEYWORDS, TRANSPARENT

_TAGGED = frozenset({"struct_specifier", "union_specifier"})
_NAMES = frozenset({"identifier", "field_identifier", "type_identifier", "primitive_type"})
_WRAPPERS = frozenset(
    {"parenthesized_declarator", "attributed_declarator", "ERROR", "init_declarator"}
)
_FUNCTION = "function_declarator"
_MOST_STEPS = 64  # how long a chain of nodes, aliases or members is followed


def descend(node: Node | None, step: Callable[[Node], Node | None]) -> list[Node]:
    """A node, what a step leads to from there, and so on."""
    nodes: list[Node] = []
    while node is not None and len(nodes) < _MOST_STEPS:
        nodes.append(node)
        node = step(node)
    return nodes


def into(fields: Mapping[str, str]) -> Callable[[Node], Node | None]:
    """A step into nodes of some kinds: to a field, or to the first child for an empty field."""

    def step(node: Node) -> Node | None:
        name = fields.get(node.type)
        if name is None:
            return None
        return node.child_by_field_name(name) if name else next(iter(node.named_children), None)

    return step


def text_of(node: Node) -> str:
    """The text of a name."""
    return (node.text or b"").decode("ascii", "replace")


class Shape(Struct, frozen=True, gc=False):
    """What a name stands for."""

    # Tag of the struct, behind pointers and arrays, or the typedef's name; may be empty.
    tag: str = ""
    dimensions: int = 0  # how many array brackets stand directly behind the name

    def element(self) -> "Shape":
        """What one element of an array is."""
        return Shape(self.tag, max(0, self.dimensions - 1))


_NO_SHAPE = Shape()


class Declared(Struct, frozen=True, gc=False):
    """A declarator, read."""

    name: Node
    dimensions: int = 0  # how many array brackets stand directly behind the name
    is_function: bool = False
    points_to_function: bool = False  # whether a function is behind a pointer or an array
    generated: bool = False  # whether a macro makes the function's name (`FNAME(walk)(int x)`)

    def shape(self, tag: str) -> Shape:
        """The shape of what it declares, given the tag of its type."""
        is_function = self.is_function or self.points_to_function
        return Shape("" if is_function else tag, self.dimensions)


def read_declarator(declarator: Node | None) -> Declared | None:
    """Unwrap a declarator down to its name; None if it has no name."""
    node, kinds = declarator, list[str]()
    for _ in range(_MOST_STEPS):
        kind = node.type if node is not None else ""
        if node is None or kind in _NAMES:
            break
        if kind not in _WRAPPERS:
            kinds.append(kind)
        node = _within(node)
    if node is None or kind not in _NAMES or node.start_byte == node.end_byte:
        return None
    if not kinds:
        return Declared(node)
    kinds.reverse()
    dimensions = len(list(takewhile("array_declarator".__eq__, kinds)))
    is_function = kinds[0] == _FUNCTION
    behind = not is_function and _FUNCTION in kinds
    return Declared(node, dimensions, is_function, behind, kinds[:2] == [_FUNCTION, _FUNCTION])


def _inner_declarator(node: Node) -> Node | None:
    return None if node.type in _NAMES else _within(node)


def _within(node: Node) -> Node | None:
    inner = node.child_by_field_name("declarator")
    return inner or next(filter(_can_declare, node.named_children), None)


def _can_declare(node: Node) -> bool:
    kind = node.type
    return kind in _NAMES or kind in _WRAPPERS or kind.endswith("declarator")


def _declared_by(node: Node) -> list[Declared]:
    found = map(read_declarator, node.children_by_field_name("declarator"))
    return [declared for declared in found if declared is not None]


def specified(node: Node | None) -> str:
    """The tag or typedef name of a type specifier; empty for anything else."""
    if node is None:
        return ""
    if node.type == "type_identifier":
        return text_of(node)
    name = node.child_by_field_name("name") if node.type in _TAGGED else None
    return text_of(name) if name is not None else ""


def is_call(declaration: Node, declarator: Node) -> bool:
    """Whether a prototype inside of a body is rather a call.

    `else f(x);`, `MACRO f(x);` and `struct s MACRO(x);` look like prototypes; in a real one there
    is a storage class, or a parameter that can be nothing else.
    """
    if declarator.type != _FUNCTION:
        return False
    specifier = declaration.child_by_field_name("type")
    name = declarator.child_by_field_name("declarator")
    if specifier is None or name is None:
        return False
    has_only_both = declaration.named_child_count == len((specifier, declarator))
    if name.type != "identifier" or not has_only_both:
        return False
    is_word = specifier.type == "type_identifier"
    if is_word and text_of(specifier) in KEYWORDS:
        return True
    arguments = bare_arguments(declarator)
    return None not in arguments and (is_word or bool(arguments))


def is_prototype(declarator: Node, name: Node) -> bool:
    """Whether a declarator surely is a prototype: a parameter of it cannot be an argument."""
    if declarator.type != _FUNCTION or name.type != "identifier":
        return False
    return None in (bare_arguments(declarator) or [None])


def bare_arguments(declarator: Node) -> list[Node | None]:
    """The parameters that are a mere name, which may as well be arguments; None for others."""
    parameters = declarator.child_by_field_name("parameters")
    return [_bare_name(each) for each in parameters.named_children] if parameters else []


def _bare_name(parameter: Node) -> Node | None:
    if parameter.type == "identifier":
        return parameter
    if parameter.type != "parameter_declaration" or parameter.named_child_count != 1:
        return None
    specifier = parameter.child_by_field_name("type")
    return specifier if specifier is not None and specifier.type == "type_identifier" else None


class TypeTable(Struct):
    """What one file says of types.

    A struct without a tag is known by the typedef, the variable or (`outer.member`) the member
    that it is the type of; the members of an anonymous one belong to the struct around it.
    """

    # File-level variables, also extern ones.
    variables: dict[str, Shape] = field(default_factory=dict)
    functions: dict[str, str] = field(default_factory=dict)  # the tags of what functions return
    members: dict[str, dict[str, Shape]] = field(default_factory=dict)
    # For each tag the members in order, as an initialiser without names fills them.
    order: dict[str, list[str]] = field(default_factory=dict)
    # For each typedef the tag or typedef that it stands for.
    aliases: dict[str, str] = field(default_factory=dict)

    def resolve(self, tag: str) -> str:
        """The tag that a typedef of this file stands for; any other tag as it is."""
        for _ in range(_MOST_STEPS):
            if tag not in self.aliases:
                break
            tag = self.aliases[tag]
        return tag

    def resolved(self, shape: Shape) -> Shape:
        """A shape with its typedef resolved."""
        is_alias = shape.tag in self.aliases
        return Shape(self.resolve(shape.tag), shape.dimensions) if is_alias else shape

    def tags(self, shapes: Mapping[str, Shape]) -> dict[str, str]:
        """The tags alone, resolved."""
        return {name: self.resolve(shape.tag) for name, shape in shapes.items()}

    def arrays(self) -> dict[str, dict[str, int]]:
        """For each struct that has arrays these members, with their dimensions."""
        found = {
            tag: {name: shape.dimensions for name, shape in members.items() if shape.dimensions}
            for tag, members in self.members.items()
        }
        return {tag: members for tag, members in found.items() if members}

    def member(self, tag: str, name: str) -> Shape:
        """What a member is; an empty shape if this file does not say."""
        members = self.members.get(tag)
        known = members.get(name) if members is not None else None
        return self.resolved(known) if known is not None else _NO_SHAPE

    def follow(self, tag: str, path: Iterable[str]) -> str:
        """The tag at the end of a path of members."""
        for name in path:
            if not tag:
                break
            tag = self.member(tag, name).tag
        return tag

    def read(self, node: Node) -> None:
        """Take one top-level construct."""
        specifier = node if node.type in _TAGGED else node.child_by_field_name("type")
        named = _declared_by(node)
        tag = specified(specifier) or (text_of(named[0].name) if named else "")
        if specifier is not None and specifier.child_by_field_name("body") is not None:
            if specifier.type in _TAGGED:
                self._define(specifier, tag, cycle((True,)))
        elif not specified(specifier):
            tag = ""
        for declared in named:
            self._name(node, declared, tag)

    def _name(self, node: Node, declared: Declared, tag: str) -> None:
        name = text_of(declared.name)
        if node.type == "type_definition":
            if tag != name and declared.shape(tag).tag:
                self.aliases.setdefault(name, tag)
        elif declared.is_function:
            self.functions.setdefault(name, tag)
        elif name not in self.variables or not self.variables[name].tag:
            self.variables[name] = declared.shape(tag)

    def _define(self, node: Node, tag: str, places: Iterator[bool], depth: int = 0) -> None:
        """Take a struct with everything inside of it.

        `places` says of each member whether it fills a place of its own in an initialiser.
        """
        body = node.child_by_field_name("body")
        order = self.order.setdefault(tag, [])
        for line in body.named_children if body is not None else ():
            if line.type != "field_declaration":
                continue
            specifier = line.child_by_field_name("type")
            named = _declared_by(line)
            inner = specifier if specifier is not None and _is_defined(specifier) else None
            inner_tag = specified(specifier)
            if inner is not None and not inner_tag and named:
                inner_tag = f"{tag}.{text_of(named[0].name)}"
            members = self.members.setdefault(tag, {})
            for declared in named:
                name = text_of(declared.name)
                members.setdefault(name, declared.shape(inner_tag))
                if next(places) and name not in order:
                    order.append(name)
            if inner is None or depth == _MOST_STEPS:
                continue
            if inner_tag:
                self._define(inner, inner_tag, cycle((True,)), depth + 1)
            else:
                counts = next(places)
                only_first = chain((counts,), cycle((False,)))
                is_union = inner.type == "union_specifier"
                each = only_first if is_union else cycle((counts,))
                self._define(inner, tag, each, depth + 1)


def _is_defined(specifier: Node) -> bool:
    return specifier.type in _TAGGED and specifier.child_by_field_name("body") is not None


Captures = Mapping[str, list[Node]]
"""Nodes of some kinds, by kind, in no order."""

_CAPTURED = Query(
    LANGUAGE,
    """
    (compound_statement) @block (for_statement) @block (declaration) @declaration
    (enum_specifier body: (_)) @declaration
    (assignment_expression operator: "=") @assignment
    (init_declarator) @initialiser
    (compound_literal_expression) @literal
    """,
)


def capture(node: Node) -> Captures:
    """All that is declared and bound in a node, in one search."""
    return QueryCursor(_CAPTURED).captures(node)


def in_order(captured: Iterable[Node]) -> list[Node]:
    """Nodes from outside to inside, left to right; tree-sitter gives captures in any order."""
    return sorted(captured, key=lambda node: (node.start_byte, -node.end_byte))


def announced_inside(function: Node) -> Iterator[Node]:
    """The `extern` declarations of objects in a function's body, which are of the file's level."""
    body = function.child_by_field_name("body") if function.type == "function_definition" else None
    found = capture(body) if body is not None else {}
    for declaration in in_order(found.get("declaration", ())):
        first = next(iter(declaration.named_children), None)
        if first is not None and first.text == b"extern":
            yield declaration


_TYPEOF = re.compile(
    rb"(?:typeof|__typeof__|__typeof|typeof_unqual)\s*\(\s*"
    rb"(?:(?:const\s+)?(?:struct|union)\s+(\w++)|[*&(\s]*+([A-Za-z_]\w*+)\s*"
    rb"((?:(?:->|\.)\s*\w++\s*)*+))[\s*]*+\)"
)
_MEMBER = re.compile(r"\w+")


class Scopes:
    """The names that belong to one function; without a function there are none."""

    def __init__(
        self,
        construct: Construct,
        table: TypeTable,
        function: Node | None,
        captured: Captures | None = None,
    ) -> None:
        """Take what was captured in the function, if that is known already."""
        self.table = table
        self.parameters: tuple[str, ...] = ()
        # For each parameter and local the offsets between which it is known, and what it is.
        self.spans: dict[str, list[tuple[int, int, Shape]]] = {}
        if function is not None:
            self._read(construct, function, captured)

    @property
    def types(self) -> dict[str, str]:
        """The tags of parameters and locals; of several locals with one name the first's."""
        return {name: spans[0][2].tag for name, spans in self.spans.items()}

    def local(self, name: str, offset: int) -> Shape | None:
        """What a name is at an offset of the file; None unless it is a parameter or a local."""
        span = self._span(name, offset)
        return span[2] if span is not None else None

    def scope(self, name: str, offset: int) -> int | None:
        """Where the span of a parameter or local begins that a name means; None for any other."""
        span = self._span(name, offset)
        return span[0] if span is not None else None

    def _span(self, name: str, offset: int) -> tuple[int, int, Shape] | None:
        """The innermost span of a parameter or local at an offset, where it begins and ends."""
        for span in reversed(self.spans.get(name, ())):  # by where they begin
            if span[0] <= offset < span[1]:
                return span
        return None

    def shape(self, name: str, offset: int) -> Shape:
        """What a name is at an offset of the file, as far as the file says."""
        local = self.local(name, offset)
        if local is not None:
            return local
        known = self.table.variables.get(name)
        return self.table.resolved(known) if known is not None else _NO_SHAPE

    def _read(self, construct: Construct, function: Node, captured: Captures | None) -> None:
        span = construct.span(function)
        parameters = list(_parameters(function))
        self.parameters = tuple(name for name, _ in parameters)
        for name, shape in parameters:
            self._add(name, *span, shape)
        body = function.child_by_field_name("body")
        for child in function.named_children:
            if child.type == "declaration" and child != body:
                for name, shape in _variables(child):
                    self.spans[name] = []
                    self._add(name, *span, shape)
        if body is not None:
            self._read_locals(construct, body, captured or capture(body))

    def _read_locals(self, construct: Construct, body: Node, captured: Captures) -> None:
        first, past = body.start_byte, body.end_byte
        blocks = sorted((node.start_byte, node.end_byte) for node in captured.get("block", ()))
        around: list[tuple[int, int]] = []
        position = 0
        for node in in_order(captured.get("declaration", ())):
            start = node.start_byte
            if not first <= start < past:
                continue
            while position < len(blocks) and blocks[position][0] <= start:
                around.append(blocks[position])
                position += 1
            while around and around[-1][1] <= start:
                around.pop()
            end = (around[-1][1] if around else past) + construct.outer
            tag = self._inferred(construct, node)
            for name, shape in _variables(node):
                known = shape if tag is None else Shape(tag, shape.dimensions)
                self._add(name, start + construct.outer, end, known)

    def _inferred(self, construct: Construct, declaration: Node) -> str | None:
        """The tag of a type that an expression gives: `typeof(x)`, `__auto_type`, C23's `auto`."""
        written = declaration.child_by_field_name("type")
        if written is None or written.type not in ("primitive_type", "type_identifier"):
            return None
        place = written.start_byte + construct.inner
        is_masked = not construct.is_original(written)
        is_auto = is_masked and construct.source.startswith(b"auto", place)
        if is_auto or written.text == b"__auto_type":
            declarator = declaration.child_by_field_name("declarator")
            value = declarator.child_by_field_name("value") if declarator is not None else None
            return read_access(construct, self, value).tag
        asked = _TYPEOF.match(construct.source, place) if is_masked else None
        if asked is None:
            return None
        tag, root, members = (each.decode("ascii", "replace") for each in asked.groups(b""))
        known = self.shape(root, construct.offset(written)).tag if root else ""
        return tag or self.table.follow(known, _MEMBER.findall(members))

    def _add(self, name: str, start: int, end: int, shape: Shape) -> None:
        self.spans.setdefault(name, []).append((start, end, self.table.resolved(shape)))


def _variables(declaration: Node) -> Iterator[tuple[str, Shape]]:
    """The variables of a declaration, also one inside of `*uninitialized_var(x)`; enumerators."""
    if declaration.type == "enum_specifier":
        body = declaration.child_by_field_name("body")
        for each in body.named_children if body is not None else ():
            name = each.child_by_field_name("name") if each.type == "enumerator" else None
            if name is not None:
                yield text_of(name), Shape()
        return
    tag = specified(declaration.child_by_field_name("type"))
    for declared in _declared_by(declaration):
        if not declared.is_function:
            yield text_of(declared.name), declared.shape(tag)
        elif text_of(declared.name) in DECLARING and declared.name.parent is not None:
            arguments = bare_arguments(declared.name.parent)
            if len(arguments) == 1 and arguments[0] is not None:
                yield text_of(arguments[0]), Shape(tag)


def _parameters(function: Node) -> Iterator[tuple[str, Shape]]:
    """The parameters of a function definition: those of the list next to its name.

    When a macro makes the name (`FNAME(walk)(int x)`), they are those of the next list.
    """
    declarators = descend(function.child_by_field_name("declarator"), _inner_declarator)
    lists = [
        node.child_by_field_name("parameters")
        for above, node in pairwise((None, *declarators))
        if node is not None and node.type == _FUNCTION and (not above or above.type != _FUNCTION)
    ]
    for parameter in lists[-1].named_children if lists and lists[-1] else ():
        if parameter.type == "identifier":
            yield text_of(parameter), Shape()
        elif parameter.type == "parameter_declaration":
            declared = read_declarator(parameter.child_by_field_name("declarator"))
            if declared is not None:
                tag = specified(parameter.child_by_field_name("type"))
                yield text_of(declared.name), declared.shape(tag)


_REACHING = into(
    {
        "field_expression": "argument",
        "subscript_expression": "argument",
        "pointer_expression": "argument",
        "parenthesized_expression": "",
    }
)


class Access(Struct, frozen=True, gc=False):
    """An expression that reaches an object."""

    root: str  # the identifier that it starts with; empty if it starts with anything else
    root_tag: str  # the tag of what it starts with: a variable, a cast, a function's result
    path: tuple[str, ...]  # the members from there on
    tag: str  # the tag of the struct that it is or points to
    called: str = ""  # the function whose result it starts with, else empty


def read_access(construct: Construct, scopes: Scopes, expression: Node | None) -> Access:
    """Follow an expression down to where it starts, and its types back up."""
    step = partial(_reached, construct)
    nodes = descend(expression, step)
    members = (
        node.child_by_field_name("field") for node in nodes if node.type == "field_expression"
    )
    path = tuple(construct.name(member) if member is not None else "" for member in members)[::-1]
    start = nodes[-1] if nodes else None
    root = root_tag = called = ""
    if start is not None and start.type != "identifier":
        root_tag = result_tag(construct, scopes, start)
        if start.type == "cast_expression":
            inside = descend(start.child_by_field_name("value"), step)
            is_member = any(node.type == "field_expression" for node in inside)
            start = inside[-1] if inside and not is_member else None
        elif start.type == "call_expression":
            called = _called(construct, start)
    if start is not None and start.type == "identifier":
        root = construct.name(start)
        root_tag = root_tag or scopes.shape(root, construct.offset(start)).tag
    return Access(root, root_tag, path, scopes.table.follow(root_tag, path), called)


def reached_tag(construct: Construct, scopes: Scopes, node: Node | None) -> str:
    """The tag of what an expression is or points to, as `read_access` gives it."""
    kind = node.type if node is not None else ""
    if node is not None and kind == "identifier":
        return scopes.shape(construct.name(node), construct.offset(node)).tag
    if node is not None and kind == "field_expression":
        inner, member = node.child_by_field_name("argument"), node.child_by_field_name("field")
        if inner is not None and inner.type == "identifier" and member is not None:
            tag = scopes.shape(construct.name(inner), construct.offset(inner)).tag
            return scopes.table.member(tag, construct.name(member)).tag if tag else ""
    return read_access(construct, scopes, node).tag


def _reached(construct: Construct, node: Node) -> Node | None:
    """The expression inside of one that reaches the same object, or one that holds it."""
    if node.type != "call_expression":
        return _REACHING(node)
    function = node.child_by_field_name("function")
    if function is None or function.type != "identifier":
        return None
    position = TRANSPARENT.get(construct.name(function))
    return None if position is None else argument(node, position)


def _called(construct: Construct, call: Node) -> str:
    """The function that a call names, but for macros that give a pointer to a type; or empty."""
    function = call.child_by_field_name("function")
    if function is None or function.type != "identifier":
        return ""
    name = construct.name(function)
    return "" if name in CONTAINING else name


def result_tag(construct: Construct, scopes: Scopes, node: Node) -> str:
    """The tag of a cast, a compound literal or a call, as far as the file says."""
    if node.type in ("cast_expression", "compound_literal_expression"):
        return type_tag(scopes, node.child_by_field_name("type"))
    function = node.child_by_field_name("function")
    if node.type != "call_expression" or function is None or function.type != "identifier":
        return ""
    name = construct.name(function)
    if name in CONTAINING:
        arguments = node.child_by_field_name("arguments")
        return argument_tag(construct, scopes, arguments, CONTAINING[name])
    return scopes.table.resolve(scopes.table.functions.get(name, ""))


def type_tag(scopes: Scopes, written: Node | None) -> str:
    """The tag of a written type."""
    specifier = written.child_by_field_name("type") if written is not None else None
    return scopes.table.resolve(specified(specifier))


def argument_tag(
    construct: Construct,
    scopes: Scopes,
    arguments: Node | None,
    position: int,
    *,
    tagged: bool = False,
) -> str:
    """The tag of a type among the arguments of a macro: `struct t`, or a typedef if not `tagged`.

    Brackets inside of an argument are not looked into.
    """
    if arguments is None:
        return ""
    start = arguments.start_byte + construct.inner
    closing = construct.masked.brackets.closing.get(start)
    spans = construct.masked.arguments(start, closing) if closing is not None else []
    if not 0 <= position < len(spans):
        return ""
    words = construct.source[slice(*spans[position])].replace(b"*", b" ").split()
    is_tagged = words[:1] in ([b"struct"], [b"union"])
    if not words or (tagged and not is_tagged):
        return ""
    tag = words[1] if is_tagged and len(words) > 1 else words[0]
    return scopes.table.resolve(tag.decode("ascii", "replace"))


def argument(call: Node, position: int) -> Node | None:
    """One argument of a call, counted from 0 by its commas."""
    arguments = call.child_by_field_name("arguments")
    index = 0
    for child in arguments.children if arguments is not None else ():
        if child.type == ",":
            index += 1
        elif child.is_named and index == position:
            return child
    return None

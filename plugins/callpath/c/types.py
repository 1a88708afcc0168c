"""The tags of structs: of variables and members, as far as one file tells them."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from operator import itemgetter

from tree_sitter import Node, Query, QueryCursor

from callpath.c.variants import LANGUAGE, SourceMap
from callpath.c.vocabulary import DECLARING, KEYWORDS

_TAGGED = frozenset({"struct_specifier", "union_specifier"})
_NAMES = frozenset({"identifier", "field_identifier", "type_identifier"})
_BARE = frozenset({"parenthesized_declarator", "attributed_declarator", "ERROR"})
_MOST_STEPS = 64
"""How long a chain of declarators, aliases or members is followed."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What a name stands for.

    Attributes:
        tag: Tag of the struct, behind pointers and arrays, or the typedef's name; may be empty.
        dimensions: How many array brackets stand directly behind the name.
    """

    tag: str = ""
    dimensions: int = 0

    def element(self) -> "Shape":
        """What one element of an array is."""
        return Shape(self.tag, max(0, self.dimensions - 1))


@dataclass(frozen=True, slots=True)
class Declared:
    """A declarator, read.

    Attributes:
        name: The node of the name.
        dimensions: How many array brackets stand directly behind the name.
        is_function: Whether it declares a function.
        points_to_function: Whether a function is behind a pointer or an array.
    """

    name: Node
    dimensions: int = 0
    is_function: bool = False
    points_to_function: bool = False

    def shape(self, tag: str) -> Shape:
        """The shape of what it declares, given the tag of its type."""
        return Shape("" if self.points_to_function else tag, self.dimensions)


def read_declarator(declarator: Node | None) -> Declared | None:
    """Unwrap a declarator down to its name; nothing for one without a name."""
    kinds: list[str] = []
    node = declarator
    for _ in range(_MOST_STEPS):
        if node is None or node.type in _NAMES:
            break
        if node.type not in _BARE and node.type != "init_declarator":
            kinds.append(node.type)
        inner = node.child_by_field_name("declarator")
        if inner is None:
            inner = next((child for child in node.named_children if _can_declare(child)), None)
        node = inner
    if node is None or node.type not in _NAMES or node.is_missing:
        return None
    kinds.reverse()
    dimensions = next(
        (index for index, kind in enumerate(kinds) if kind != "array_declarator"), len(kinds)
    )
    is_function = kinds[:1] == ["function_declarator"]
    behind = not is_function and "function_declarator" in kinds
    return Declared(node, dimensions, is_function, behind)


def _can_declare(node: Node) -> bool:
    return node.type in _NAMES or node.type in _BARE or node.type.endswith("declarator")


def specified(node: Node | None) -> str:
    """The tag or typedef name of a type specifier; empty for anything else."""
    if node is None:
        return ""
    if node.type == "type_identifier":
        return text_of(node)
    if node.type in _TAGGED:
        name = node.child_by_field_name("name")
        return text_of(name) if name is not None else ""
    return ""


def text_of(node: Node) -> str:
    """The text of a name."""
    return (node.text or b"").decode("ascii", "replace")


@dataclass(slots=True)
class TypeTable:
    """What one file tells of types.

    A struct without a tag is known by the typedef, the variable or (`outer.member`) the member
    that it is the type of; the members of an anonymous one belong to the struct around it.

    Attributes:
        variables: File-level variables, also extern ones.
        functions: The tags of what functions return.
        members: For each tag its members.
        order: For each tag the members in order, as an initialiser without names fills them.
        aliases: For each typedef the tag or typedef that it stands for.
    """

    variables: dict[str, Shape] = field(default_factory=dict)
    functions: dict[str, str] = field(default_factory=dict)
    members: dict[str, dict[str, Shape]] = field(default_factory=dict)
    order: dict[str, list[str]] = field(default_factory=dict)
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
        return Shape(self.resolve(shape.tag), shape.dimensions)

    def member(self, tag: str, name: str) -> Shape:
        """What a member is; an empty shape when this file does not tell."""
        return self.resolved(self.members.get(tag, {}).get(name, Shape()))

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
        named = [
            declared
            for declarator in node.children_by_field_name("declarator")
            if (declared := read_declarator(declarator)) is not None
        ]
        first = text_of(named[0].name) if named else ""
        tag = specified(specifier) or first
        if specifier is not None and specifier.child_by_field_name("body") is not None:
            if specifier.type in _TAGGED:
                self._define(specifier, tag)
        elif not specified(specifier):
            tag = ""
        for declared in named:
            self._name(node, declared, tag)

    def _name(self, node: Node, declared: Declared, tag: str) -> None:
        """Take one name that a construct declares."""
        name = text_of(declared.name)
        if node.type == "type_definition":
            if tag and tag != name and not (declared.is_function or declared.points_to_function):
                self.aliases.setdefault(name, tag)
        elif declared.is_function:
            self.functions.setdefault(name, tag)
        elif name not in self.variables or not self.variables[name].tag:
            self.variables[name] = declared.shape(tag)

    def _define(self, specifier: Node, tag: str) -> None:
        """Take a struct with everything inside of it."""
        frames = [_Frame(_members(specifier), tag, counts=True)]
        self.order.setdefault(tag, [])
        while frames:
            frame = frames[-1]
            member = next(frame.members, None)
            if member is None:
                frames.pop()
                continue
            inner = self._member(frame, member)
            if inner is not None and len(frames) < _MOST_STEPS:
                frames.append(inner)

    def _member(self, frame: "_Frame", member: Node) -> "_Frame | None":
        """Take one line of a struct; what to read next when it holds a struct."""
        specifier = member.child_by_field_name("type")
        named = [
            declared
            for declarator in member.children_by_field_name("declarator")
            if (declared := read_declarator(declarator)) is not None
        ]
        tag = specified(specifier)
        body = specifier.child_by_field_name("body") if specifier is not None else None
        has_body = specifier is not None and body is not None and specifier.type in _TAGGED
        if has_body and not tag and named:
            tag = f"{frame.tag}.{text_of(named[0].name)}"
        members = self.members.setdefault(frame.tag, {})
        order = self.order.setdefault(frame.tag, [])
        for declared in named:
            name = text_of(declared.name)
            members.setdefault(name, declared.shape(tag))
            if frame.takes_place() and name not in order:
                order.append(name)
        if not has_body or specifier is None:
            return None
        anonymous = not tag
        counts = not anonymous or frame.takes_place()
        single = anonymous and specifier.type == "union_specifier"
        return _Frame(_members(specifier), tag or frame.tag, counts=counts, single=single)


@dataclass(slots=True)
class _Frame:
    """A struct that is being read.

    Attributes:
        members: Its lines that are left.
        tag: The tag that they belong to.
        counts: Whether its members fill a place of their own in an initialiser.
        single: Whether only the first of them does (an anonymous union).
    """

    members: Iterator[Node]
    tag: str
    counts: bool
    single: bool = False

    def takes_place(self) -> bool:
        """Whether the next member fills a place."""
        counts = self.counts
        self.counts = counts and not self.single
        return counts


def _members(specifier: Node) -> Iterator[Node]:
    body = specifier.child_by_field_name("body")
    children = body.named_children if body is not None else []
    return iter([child for child in children if child.type == "field_declaration"])


def tags(shapes: Mapping[str, Shape], table: TypeTable) -> dict[str, str]:
    """The tags alone, typedefs of this file resolved."""
    return {name: table.resolve(shape.tag) for name, shape in shapes.items()}


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


_DECLARATIONS = Query(
    LANGUAGE,
    "(compound_statement) @block (for_statement) @block (declaration) @declaration",
)
_MOST_STEPS_scopes = 64


class Scopes:
    """The names that belong to one function.

    Attributes:
        parameters: Its parameters, in order.
        types: The tags of parameters and locals; of several locals with one name the first's.
    """

    def __init__(self, stretch: SourceMap, table: TypeTable, function: Node | None) -> None:
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

    def _read(self, stretch: SourceMap, function: Node) -> None:
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

    def _read_locals(self, stretch: SourceMap, body: Node) -> None:
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
    for _ in range(_MOST_STEPS_scopes):
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

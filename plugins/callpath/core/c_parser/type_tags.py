"""The tags of structs: of variables and members, as far as one file tells them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from tree_sitter import Node

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

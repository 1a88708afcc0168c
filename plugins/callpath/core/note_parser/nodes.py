"""YAML as a tree of nodes that know their places. Knows neither the library nor the format."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from callpath.core.diagnostics import Place
from callpath.core.model import Text

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(slots=True, kw_only=True)
class Marks:
    """What YAML can hang on a node, empty on nearly every node, and the stretch of text it is.

    Attributes:
        anchor: The name after `&`.
        tag: The tag after `!`.
        span: Offsets of its first character, with anchor and quotes, and past its last, in the
            text without a byte order mark; a block scalar ends past its last line's end.
    """

    anchor: str = ""
    tag: str = ""
    span: tuple[int, int] = (0, 0)


@dataclass(slots=True)
class Scalar(Marks):
    """A text or a number, as it is written.

    Attributes:
        place: Where it starts; for a block scalar that is the `|` or `>`.
        text: Its text, which knows the places inside it.
        plain: Whether it is written without quotes and not as a block.
    """

    place: Place
    text: Text
    plain: bool

    @property
    def is_null(self) -> bool:
        """Whether it stands for no value."""
        return self.plain and not self.tag and self.text.value in _NULLS


@dataclass(slots=True)
class Sequence(Marks):
    """A list.

    Attributes:
        place: Where it starts.
        items: Its items.
        complete: Whether its end was reached; not so when the file breaks off at or in it.
    """

    place: Place
    items: list["Node"] = field(default_factory=list)
    complete: bool = True


@dataclass(slots=True)
class Pair:
    """One key of a mapping with its value."""

    key: "Node"
    value: "Node"

    @property
    def name(self) -> str:
        """The key's text; empty when the key is no scalar."""
        return self.key.text.value if isinstance(self.key, Scalar) else ""


@dataclass(slots=True)
class Mapping(Marks):
    """Keys with values, in the order of the file; a key may stand there twice.

    Attributes:
        place: Where the first key starts (or the `{`).
        pairs: The keys with their values.
        complete: Whether its end was reached; not so when the file breaks off at or in it.
    """

    place: Place
    pairs: list[Pair] = field(default_factory=list)
    complete: bool = True

    def pair(self, name: str) -> Pair | None:
        """The first pair with that key."""
        return next((pair for pair in self.pairs if pair.name == name), None)

    def get(self, name: str) -> "Node | None":
        """The value of the first pair with that key."""
        pair = self.pair(name)
        return pair.value if pair else None

    def names(self) -> list[str]:
        """The keys, in the order of the file."""
        return [pair.name for pair in self.pairs]


@dataclass(slots=True)
class Alias:
    """A use of an anchor (`*name`). The target is missing when no such anchor stands before it."""

    place: Place
    name: str
    target: "Node | None" = None


@dataclass(slots=True)
class Unreadable:
    """A value that is there, or should be, but cannot be read. It is complained of elsewhere."""

    place: Place


Node = Scalar | Sequence | Mapping | Alias | Unreadable

Data = dict[str, "Data"] | list["Data"] | str | None
"""A tree as plain data: every scalar is its text as written, or nothing."""


def data_of(node: Node) -> Data:
    """A tree as plain data, without values that cannot be read (in a list: nothing)."""
    match node:
        case Scalar():
            return None if node.is_null else node.text.value
        case Sequence():
            return [data_of(item) for item in node.items]
        case Mapping():
            return {pair.name: data_of(pair.value) for pair in _readable(node)}
        case _:
            return None


def _readable(mapping: Mapping) -> Iterator[Pair]:
    return (pair for pair in mapping.pairs if not isinstance(pair.value, (Alias, Unreadable)))


def node_at(node: Node, location: tuple[int | str, ...]) -> Node:
    """The node at a location (keys and 0-based indexes), or the nearest one above it."""
    for part in location:
        below: Node | None = None
        if isinstance(node, Mapping) and isinstance(part, str):
            below = node.get(part)
        elif isinstance(node, Sequence) and isinstance(part, int) and part < len(node.items):
            below = node.items[part]
        if below is None:
            return node
        node = below
    return node


def kind_of(node: Node) -> str:
    """What a node is, for a message."""
    match node:
        case Scalar():
            return "no value" if node.is_null else "a text"
        case Sequence():
            return "a list"
        case Mapping():
            return "a mapping"
        case _:
            return "an alias"

"""YAML text to a tree of nodes with locations. The only module that imports yaml.

It reads the parser's events, so nothing is constructed and no alias is followed. If the text breaks
off or is too large, the tree ends there, and what was read stays usable. Does not depend on notes.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import yaml
from msgspec import Struct, field
from msgspec.structs import replace

from callpath import rules
from callpath.findings import Finding, Location
from callpath.model import Text
from callpath.notes.yaml_errors import Breakdown, Characters, decode, explain

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})


class Marks(Struct, kw_only=True):
    """What YAML can hang on a node, empty on nearly every node, and its range of the text."""

    anchor: str = ""  # after `&`
    tag: str = ""  # after `!`
    # Offsets of its first character, with anchor and quotes, and past its last, in the text
    # without a byte order mark; a block scalar ends past the end of its last line.
    span: tuple[int, int] = (0, 0)
    complete: bool = True  # whether its end was reached; not if the file breaks off at or in it


class ScalarNode(Marks):
    """A text or a number, as it is written."""

    location: Location  # of a block scalar that of the `|` or `>`
    text: Text
    plain: bool  # whether it is written without quotes and not as a block

    @property
    def is_null(self) -> bool:
        """Whether it stands for no value."""
        return self.plain and not self.tag and self.text.value in _NULLS


class SequenceNode(Marks):
    """A list."""

    location: Location
    items: list["Node"] = field(default_factory=list)


class Pair(Struct):
    """One key of a mapping with its value."""

    key: "Node"
    value: "Node"

    @property
    def name(self) -> str:
        """The key's text; empty if the key is no scalar."""
        return self.key.text.value if isinstance(self.key, ScalarNode) else ""


class MappingNode(Marks):
    """Keys with values, in the order of the file; it may have a key twice."""

    location: Location  # of the first key, or of the `{`
    pairs: list[Pair] = field(default_factory=list)

    def pair(self, name: str) -> Pair | None:
        """The first pair with that key."""
        for pair in self.pairs:
            if pair.name == name:
                return pair
        return None

    def get(self, name: str) -> "Node | None":
        """The value of the first pair with that key."""
        pair = self.pair(name)
        return pair.value if pair else None

    def scalar(self, name: str) -> ScalarNode | None:
        """The value of a key, if it is a scalar."""
        value = self.get(name)
        return value if isinstance(value, ScalarNode) else None

    def text(self, name: str) -> str:
        """The text of a key's value; empty if that is no scalar."""
        scalar = self.scalar(name)
        return scalar.text.value if scalar else ""

    def mappings(self, name: str) -> list["MappingNode"]:
        """The mappings in the list that is a key's value."""
        value = self.get(name)
        items = value.items if isinstance(value, SequenceNode) else []
        return [item for item in items if isinstance(item, MappingNode)]


class Alias(Struct):
    """A use of an anchor (`*name`)."""

    location: Location
    name: str
    target: "Node | None" = None  # None if there is no such anchor before it


class UnreadableNode(Struct):
    """A value that cannot be read; there is a finding about it."""

    location: Location


Node = ScalarNode | SequenceNode | MappingNode | Alias | UnreadableNode

Data = dict[str, "Data"] | list["Data"] | str | None
"""A tree as plain data: every scalar is its text as written, or nothing."""


def data_of(node: Node) -> Data:
    """A tree as plain data, without values that cannot be read (None in a list)."""
    match node:
        case ScalarNode():
            return None if node.is_null else node.text.value
        case SequenceNode():
            return [data_of(item) for item in node.items]
        case MappingNode():
            return {
                pair.name: data_of(pair.value)
                for pair in node.pairs
                if not isinstance(pair.value, Alias | UnreadableNode)
            }
        case _:
            return None


def node_at(node: Node, location: tuple[int | str, ...]) -> Node:
    """The node at a location (keys and 0-based indexes), or the nearest one above it."""
    for part in location:
        below: Node | None = None
        if isinstance(node, MappingNode) and isinstance(part, str):
            below = node.get(part)
        elif isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.items):
            below = node.items[part]
        if below is None:
            return node
        node = below
    return node


_KINDS = {ScalarNode: "a text", SequenceNode: "a list", MappingNode: "a mapping"}


def kind_of(node: Node) -> str:
    """What a node is, for a message."""
    is_null = isinstance(node, ScalarNode) and node.is_null
    return "no value" if is_null else _KINDS.get(type(node), "an alias")


DEEPEST = 131  # nested lists and mappings: 64 steps below one another, and their errata
MOST_NODES = 100_000  # values of a file

_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_RESOLVER = yaml.resolver.Resolver()


class Document(Struct):
    """What was read of a file."""

    root: Node | None  # of its first document; None if there is none
    faults: list[Finding]


def read_yaml(file: str, data: bytes) -> Document:
    """The tree of a YAML file. Anchors, tags and duplicate keys are kept in it, not judged."""
    characters, faults = decode(file, data)
    if characters is None:
        return Document(None, faults)
    tree = _Tree(characters, faults)
    try:
        tree.read()
    except (yaml.YAMLError, _TooMuchError) as error:
        if isinstance(error, yaml.YAMLError):
            faults.append(explain(_breakdown(characters, error)))
        for collection in tree.closed:
            collection.complete = False
    return Document(tree.root, faults)


def top_level_names(text: str) -> list[str] | None:
    """The keys of a text's top-level mapping; None if the text is broken or too deep."""
    names: list[str] = []
    depth, is_key = 0, True
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            if depth == 1 and isinstance(event, yaml.NodeEvent):
                if is_key and isinstance(event, yaml.ScalarEvent):
                    names.append(event.value)
                is_key = not is_key
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth == 1 and isinstance(event, yaml.SequenceStartEvent):
                break
            if depth > DEEPEST:
                return None
    except yaml.YAMLError:
        return None
    return names


def is_text(plain: str) -> bool:
    """Whether YAML 1.1 takes a plain scalar for a text, not for a number or the like."""
    tag = _RESOLVER.resolve(yaml.ScalarNode, plain, (True, False))  # type: ignore[no-untyped-call]
    return bool(tag == _RESOLVER.DEFAULT_SCALAR_TAG)


def _index(mark: Any) -> int:
    """The offset of a mark of the parser, which may be None; C and Python have other classes."""
    return mark.index if mark else 0


def _breakdown(characters: Characters, error: yaml.YAMLError) -> Breakdown:
    if not isinstance(error, yaml.MarkedYAMLError):
        return Breakdown(characters, "", str(error), 0, 0)
    index = _index(error.problem_mark)
    start = _index(error.context_mark) if error.context_mark else index
    return Breakdown(characters, error.context or "", error.problem or "", index, start)


class _TooMuchError(Exception):
    """Reading stops, as there is more than a note can be; there is a finding about it."""


class _Tree(Struct):
    characters: Characters
    faults: list[Finding]
    root: Node | None = None
    # The collections that ended after the last node: if the text breaks off there, they may have
    # been meant to go on.
    closed: list[SequenceNode | MappingNode] = field(default_factory=list)
    anchors: dict[str, Node] = field(default_factory=dict)
    count: int = 0

    def read(self) -> None:
        """Read the first document up to its end or to the first thing that is too much."""
        events = yaml.parse(self.characters.text, Loader=_LOADER)
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent) and self.root is not None:
                location = self.characters.location(_index(event.start_mark))
                message = "a second YAML document starts here"
                hint = "write one note a file, without `---`"
                self.faults.append(rules.INVALID_YAML.at(location, message, hint))
                return
            if isinstance(event, yaml.NodeEvent):
                self.root = self._node(event, 0)
                self._fill(self.root, events, 1)

    def _fill(self, parent: Node, events: Iterator[yaml.Event], depth: int) -> None:
        """Read what a list or a mapping holds, up to its end."""
        if not isinstance(parent, SequenceNode | MappingNode):
            return
        parent.complete = False
        waits_for_value = False
        for event in events:
            if isinstance(event, yaml.CollectionEndEvent):
                break
            node = self._node(event, depth)
            if isinstance(parent, SequenceNode):
                parent.items.append(node)
            elif waits_for_value:
                parent.pairs[-1].value = node
            else:
                parent.pairs.append(Pair(node, UnreadableNode(node.location)))
            waits_for_value = not waits_for_value
            self._fill(node, events, depth + 1)
        parent.span = (parent.span[0], _index(event.end_mark))
        parent.complete = True
        self.closed.append(parent)

    def _node(self, event: yaml.Event, depth: int) -> Node:
        location = self.characters.location(_index(event.start_mark))
        self._count(event, location, depth)
        self.closed.clear()
        if isinstance(event, yaml.AliasEvent):
            return Alias(location, name := event.anchor or "", self.anchors.get(name))
        node: ScalarNode | SequenceNode | MappingNode
        if isinstance(event, yaml.ScalarEvent):
            node = ScalarNode(location, self._text(event, location), plain=not event.style)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = SequenceNode(location)
        else:
            node = MappingNode(location)
        node.anchor, node.tag = getattr(event, "anchor", "") or "", getattr(event, "tag", "") or ""
        node.span = (_index(event.start_mark), _index(event.end_mark))
        if node.anchor:
            self.anchors[node.anchor] = node
        return node

    def _count(self, event: yaml.Event, location: Location, depth: int) -> None:
        self.count += 1
        if depth >= DEEPEST and isinstance(event, yaml.CollectionStartEvent):
            message = f"lists and mappings are nested more than {DEEPEST} levels deep"
            hint = "a note can have 64 steps below one another"
        elif self.count > MOST_NODES:
            message, hint = f"the file has more than {MOST_NODES:,} values", "split the note"
        else:
            return
        self.faults.append(rules.TOO_LARGE.at(location, message, hint))
        raise _TooMuchError(message)

    def _text(self, event: yaml.ScalarEvent, location: Location) -> Text:
        value: str = event.value
        if event.anchor or event.tag:
            return Text(value, location)
        if event.style != "|":
            indent = self._indent_on_line(event, location)
            return Text(value, location, literal=indent is not None, indent=indent or 0)
        # Each line of a `|` block is a line of the file: the first one follows the header.
        first = location.line + 1
        lines = enumerate(value.split("\n"), start=first)
        indent = next((len(self.characters.line(n)) - len(line) for n, line in lines if line), 0)
        return Text(value, Location(location.file, first, indent + 1), literal=True, indent=indent)

    def _indent_on_line(self, event: yaml.ScalarEvent, location: Location) -> int | None:
        """The columns before a text on one line that has no escapes; None if it is another one."""
        value, before = event.value, 1 if event.style in ("'", '"') else 0
        start = _index(event.start_mark) + before
        is_written = self.characters.text.startswith(value, start)
        ends = _index(event.end_mark) - before >= start + len(value)
        if event.style == ">" or not (is_written and ends and len(value.splitlines()) == 1):
            return None
        return location.column - 1 + before


_MOST_COPIES = 100_000
_STANDARD_TAGS = {f"tag:yaml.org,2002:{name}" for name in ("str", "int", "map", "seq", "bool")}


def followed(node: Node, environment: Mapping[str, str] = MappingProxyType({})) -> Node:
    """A copy of a tree with every alias and every `!ENV` replaced by what it stands for.

    Of a key that stands there twice the last one counts. What has another tag of its own, and what
    would make the tree endless or huge, is unreadable.
    """
    return _Follower(environment).copy(node, 0)


class _Follower(Struct):
    environment: Mapping[str, str]
    count: int = 0

    def copy(self, node: Node, depth: int) -> Node:
        self.count += 1
        if self.count > _MOST_COPIES or depth > DEEPEST:
            return UnreadableNode(node.location)
        match node:
            case ScalarNode(tag="!ENV") | SequenceNode(tag="!ENV"):
                return self._from_environment(node, depth)
            case Marks(tag=tag) if tag and tag not in _STANDARD_TAGS:
                return UnreadableNode(node.location)
            case Alias(target=target):
                return self.copy(target, depth + 1) if target else UnreadableNode(node.location)
            case SequenceNode():
                items = [self.copy(item, depth + 1) for item in node.items]
                return SequenceNode(node.location, items)
            case MappingNode():
                return self._mapping(node, depth)
            case _:
                return node

    def _from_environment(self, node: ScalarNode | SequenceNode, depth: int) -> Node:
        """What `!ENV NAME` or `!ENV [NAME, …, default]` stands for, as pyyaml_env_tag reads it.

        The value of a variable is read as a scalar without quotes, an unset one is null.
        """
        default: Node = ScalarNode(node.location, Text("", node.location), plain=True)
        names: list[Node] = [replace(node, tag="")] if isinstance(node, ScalarNode) else node.items
        if len(names) > 1:
            *names, default = names
        for name in (self.copy(each, depth + 1) for each in names):
            if not isinstance(name, ScalarNode):
                return UnreadableNode(node.location)
            value = self.environment.get(name.text.value)
            if value is not None:
                return ScalarNode(node.location, Text(value, node.location), plain=True)
        return self.copy(default, depth + 1)

    def _mapping(self, node: MappingNode, depth: int) -> MappingNode:
        own: dict[str, Pair] = {}
        merged: dict[str, Pair] = {}
        for pair in node.pairs:
            value = self.copy(pair.value, depth + 1)
            if pair.name == "<<":
                merged = _merged(value) | merged
            elif isinstance(pair.key, ScalarNode):
                own[pair.name] = Pair(pair.key, value)
        return MappingNode(node.location, list((merged | own).values()))


def _merged(value: Node) -> dict[str, Pair]:
    """What a merge key brings; of several mappings the first one counts."""
    sources = value.items if isinstance(value, SequenceNode) else [value]
    mappings = [source for source in sources if isinstance(source, MappingNode)]
    return {pair.name: pair for mapping in reversed(mappings) for pair in mapping.pairs}

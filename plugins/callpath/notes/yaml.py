"""YAML text to a tree of nodes with locations. The only module that imports yaml.

It reads the parser's events, so nothing is constructed and no alias is followed. If the text breaks
off or is too large, the tree ends there, and what was read stays usable. Does not depend on notes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import yaml

from callpath import rules
from callpath.findings import Finding, Location
from callpath.model import Text
from callpath.notes.yaml_errors import Breakdown, Characters, decode, explain

_NULLS = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(slots=True, kw_only=True)
class Marks:
    """What YAML can hang on a node, empty on nearly every node, and its range of the text."""

    anchor: str = ""
    """The name after `&`."""
    tag: str = ""
    """The tag after `!`."""
    span: tuple[int, int] = (0, 0)
    """Offsets of its first character, with anchor and quotes, and past its last, in the text
    without a byte order mark; a block scalar ends past the end of its last line."""


@dataclass(slots=True)
class ScalarNode(Marks):
    """A text or a number, as it is written."""

    location: Location
    """Where it starts; for a block scalar that is the `|` or `>`."""
    text: Text
    plain: bool
    """Whether it is written without quotes and not as a block."""

    @property
    def is_null(self) -> bool:
        """Whether it stands for no value."""
        return self.plain and not self.tag and self.text.value in _NULLS


@dataclass(slots=True)
class SequenceNode(Marks):
    """A list."""

    location: Location
    items: list["Node"] = field(default_factory=list)
    complete: bool = True
    """Whether its end was reached; not if the file breaks off at or in it."""


@dataclass(slots=True)
class Pair:
    """One key of a mapping with its value."""

    key: "Node"
    value: "Node"

    @property
    def name(self) -> str:
        """The key's text; empty if the key is no scalar."""
        return self.key.text.value if isinstance(self.key, ScalarNode) else ""


@dataclass(slots=True)
class MappingNode(Marks):
    """Keys with values, in the order of the file; it may have a key twice."""

    location: Location
    """Where the first key starts (or the `{`)."""
    pairs: list[Pair] = field(default_factory=list)
    complete: bool = True
    """Whether its end was reached; not if the file breaks off at or in it."""

    def pair(self, name: str) -> Pair | None:
        """The first pair with that key."""
        return next((pair for pair in self.pairs if pair.name == name), None)

    def get(self, name: str) -> "Node | None":
        """The value of the first pair with that key."""
        pair = self.pair(name)
        return pair.value if pair else None


@dataclass(slots=True)
class Alias:
    """A use of an anchor (`*name`)."""

    location: Location
    name: str
    target: "Node | None" = None
    """None if there is no such anchor before it."""


@dataclass(slots=True)
class UnreadableNode:
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


def kind_of(node: Node) -> str:
    """What a node is, for a message."""
    match node:
        case ScalarNode():
            return "no value" if node.is_null else "a text"
        case SequenceNode():
            return "a list"
        case MappingNode():
            return "a mapping"
        case _:
            return "an alias"


DEEPEST = 131
"""How deep lists and mappings may be nested: 64 steps below one another, and their errata."""

MOST_NODES = 100_000
"""How many values a file may have."""

_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_RESOLVER = yaml.resolver.Resolver()


@dataclass(slots=True)
class Document:
    """What was read of a file."""

    root: Node | None
    """The tree of its first document, or None if there is none."""
    faults: list[Finding]


def read_yaml(file: str, data: bytes) -> Document:
    """The tree of a YAML file. Anchors, tags and duplicate keys are kept in it, not judged."""
    characters, faults = decode(file, data)
    if characters is None:
        return Document(None, faults)
    tree = _Tree(characters)
    try:
        tree.read()
    except yaml.YAMLError as error:
        tree.faults.append(explain(characters, _breakdown(error)))
        tree.break_off()
    return Document(tree.root, faults + tree.faults)


def top_level_names(text: str) -> Iterator[str]:
    """The keys of a text's top-level mapping, one by one.

    Raises:
        ValueError: The text is broken or too deep; raised as late as possible.
    """
    depth, is_key = 0, True
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            if depth == 1 and isinstance(event, yaml.NodeEvent):
                if is_key and isinstance(event, yaml.ScalarEvent):
                    yield event.value
                is_key = not is_key
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth == 1 and isinstance(event, yaml.SequenceStartEvent):
                return
            if depth > DEEPEST:
                raise ValueError("too deep")
    except yaml.YAMLError as error:
        raise ValueError("broken YAML") from error


def is_text(plain: str) -> bool:
    """Whether YAML 1.1 takes a plain scalar for a text, not for a number or the like."""
    tag = _RESOLVER.resolve(yaml.ScalarNode, plain, (True, False))  # type: ignore[no-untyped-call]
    return bool(tag == _RESOLVER.DEFAULT_SCALAR_TAG)


def _index(mark: Any) -> int:
    """The offset of a mark of the parser, which may be None; C and Python have other classes."""
    return mark.index if mark else 0


def _breakdown(error: yaml.YAMLError) -> Breakdown:
    if not isinstance(error, yaml.MarkedYAMLError):
        return Breakdown("", str(error), 0, 0)
    at = _index(error.problem_mark)
    start = _index(error.context_mark) if error.context_mark else at
    return Breakdown(error.context or "", error.problem or "", at, start)


@dataclass(slots=True)
class _Tree:
    """The tree while it grows."""

    characters: Characters
    root: Node | None = None
    faults: list[Finding] = field(default_factory=list)
    open: list[SequenceNode | MappingNode] = field(default_factory=list)
    """The collections that have not ended, outermost first."""
    keys: list[Node | None] = field(default_factory=list)
    """For each of them the key that waits for its value."""
    closed: list[SequenceNode | MappingNode] = field(default_factory=list)
    """The collections that ended after the last node: if the text breaks off there, they may have
    been meant to go on."""
    anchors: dict[str, Node] = field(default_factory=dict)
    count: int = 0

    def read(self) -> None:
        """Read the first document up to its end or to the first thing that is too much."""
        for event in yaml.parse(self.characters.text, Loader=_LOADER):
            if isinstance(event, yaml.DocumentStartEvent) and self.root is not None:
                self._complain_of_second_document(event)
                return
            if isinstance(event, yaml.CollectionEndEvent):
                ended = self.open.pop()
                ended.span = (ended.span[0], _index(event.end_mark))
                self.closed.append(ended)
                self.keys.pop()
            elif isinstance(event, yaml.NodeEvent):
                node = self._node(event)
                if self._is_too_much(node):
                    self.break_off()
                    return
                self._add(node)

    def break_off(self) -> None:
        """Mark what was open, or has only just ended, as incomplete."""
        for collection in self.open + self.closed:
            collection.complete = False
        for collection, key in zip(self.open, self.keys, strict=True):
            if isinstance(collection, MappingNode) and key is not None:
                collection.pairs.append(Pair(key, UnreadableNode(key.location)))

    def _node(self, event: yaml.NodeEvent) -> Node:
        location = self._location(event)
        if isinstance(event, yaml.AliasEvent):
            return Alias(location, name := event.anchor or "", self.anchors.get(name))
        node: ScalarNode | SequenceNode | MappingNode
        if isinstance(event, yaml.ScalarEvent):
            node = ScalarNode(location, self._text(event, location), plain=not event.style)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = SequenceNode(location)
        else:
            node = MappingNode(location)
        node.anchor, node.tag = event.anchor or "", getattr(event, "tag", None) or ""
        node.span = (_index(event.start_mark), _index(event.end_mark))
        if node.anchor:
            self.anchors[node.anchor] = node
        return node

    def _location(self, event: yaml.Event) -> Location:
        return self.characters.location(_index(event.start_mark))

    def _text(self, event: yaml.ScalarEvent, location: Location) -> Text:
        value: str = event.value
        if event.style != "|" or event.anchor or event.tag:
            return Text(value, location)
        # Each line of a `|` block is a line of the file: the first one follows the header.
        indent = 0
        for number, line in enumerate(value.split("\n"), start=location.line + 1):
            if line:
                indent = len(self.characters.line(number)) - len(line)
                break
        first = Location(location.file, location.line + 1, indent + 1)
        return Text(value, first, literal=True, indent=indent)

    def _add(self, node: Node) -> None:
        if not self.open:
            self.root = node
        elif isinstance(parent := self.open[-1], SequenceNode):
            parent.items.append(node)
        elif (key := self.keys[-1]) is None:
            self.keys[-1] = node
        else:
            parent.pairs.append(Pair(key, node))
            self.keys[-1] = None
        self.closed.clear()
        if isinstance(node, SequenceNode | MappingNode):
            self.open.append(node)
            self.keys.append(None)

    def _is_too_much(self, node: Node) -> bool:
        self.count += 1
        if len(self.open) >= DEEPEST and isinstance(node, (SequenceNode, MappingNode)):
            message = f"lists and mappings are nested more than {DEEPEST} levels deep"
            hint = "a note can have 64 steps below one another"
        elif self.count > MOST_NODES:
            message, hint = f"the file has more than {MOST_NODES:,} values", "split the note"
        else:
            return False
        self.faults.append(rules.TOO_LARGE.at(node.location, message, hint))
        return True

    def _complain_of_second_document(self, event: yaml.DocumentStartEvent) -> None:
        location = self._location(event)
        message, hint = "a second YAML document starts here", "write one note a file, without `---`"
        self.faults.append(rules.INVALID_YAML.at(location, message, hint))


_MOST_COPIES = 100_000
_STANDARD_TAG = "tag:yaml.org,2002:"
_STANDARD_TAGS = frozenset(_STANDARD_TAG + name for name in ("str", "int", "map", "seq", "bool"))


def followed(node: Node, environment: Mapping[str, str] = MappingProxyType({})) -> Node:
    """A copy of a tree with every alias and every `!ENV` replaced by what it stands for.

    Of a key that stands there twice the last one counts. What has another tag of its own, and what
    would make the tree endless or huge, is unreadable.
    """
    return _Follower(environment).copy(node, 0)


@dataclass(slots=True)
class _Follower:
    environment: Mapping[str, str]
    count: int = 0

    def copy(self, node: Node, depth: int) -> Node:
        self.count += 1
        too_much = self.count > _MOST_COPIES or depth > DEEPEST
        if isinstance(node, (ScalarNode, SequenceNode)) and node.tag == "!ENV" and not too_much:
            return self._from_environment(node, depth)
        if too_much or (not isinstance(node, (Alias, UnreadableNode)) and _has_own_tag(node)):
            return UnreadableNode(node.location)
        match node:
            case Alias(target=target):
                return self.copy(target, depth + 1) if target else UnreadableNode(node.location)
            case SequenceNode():
                return SequenceNode(
                    node.location, [self.copy(item, depth + 1) for item in node.items]
                )
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
                merged = {**_merged(value), **merged}
            elif isinstance(pair.key, ScalarNode):
                own[pair.name] = Pair(pair.key, value)
        return MappingNode(node.location, list({**merged, **own}.values()))


def _merged(value: Node) -> dict[str, Pair]:
    sources = value.items if isinstance(value, SequenceNode) else [value]
    pairs: dict[str, Pair] = {}
    for source in reversed(sources):
        if isinstance(source, MappingNode):
            pairs.update((pair.name, pair) for pair in source.pairs)
    return pairs


def _has_own_tag(node: ScalarNode | SequenceNode | MappingNode) -> bool:
    return bool(node.tag) and node.tag not in _STANDARD_TAGS

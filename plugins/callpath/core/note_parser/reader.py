"""YAML text to a tree of nodes. The only module that imports yaml; knows nothing of notes.

It reads the parser's events, so nothing is constructed and no alias is followed. Where the text
breaks off or becomes too large the tree ends there, and what was read stays usable.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

import yaml

from callpath.core import rules
from callpath.core.diagnostics import Diagnostic, Place
from callpath.core.model import Text
from callpath.core.note_parser.characters import Characters, decode
from callpath.core.note_parser.nodes import Alias, Mapping, Node, Pair, Scalar, Sequence, Unreadable
from callpath.core.note_parser.syntax import Breakdown, explain

DEEPEST = 131
"""How deep lists and mappings may be nested: 64 steps below one another, and their errata."""

MOST_NODES = 100_000
"""How many values a file may have."""

_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_RESOLVER = yaml.resolver.Resolver()


@dataclass(slots=True)
class Document:
    """What was read of a file.

    Attributes:
        root: The tree of its first document; nothing when there is none.
        faults: What stood in the way.
    """

    root: Node | None
    faults: list[Diagnostic]


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


class _Mark(Protocol):
    """A place as both parsers of the library tell it."""

    index: int


def _index(mark: _Mark | None) -> int:
    """The offset of a mark of the parser."""
    return mark.index if mark else 0


def _breakdown(error: yaml.YAMLError) -> Breakdown:
    if not isinstance(error, yaml.MarkedYAMLError):
        return Breakdown("", str(error), 0, 0)
    problem, context = error.problem_mark, error.context_mark
    at = problem.index if problem else 0
    return Breakdown(error.context or "", error.problem or "", at, context.index if context else at)


@dataclass(slots=True)
class _Tree:
    """The tree while it grows.

    Attributes:
        open: The collections that have not ended, outermost first.
        keys: For each of them the key that waits for its value.
        closed: The collections that ended after the last node: when the text breaks off there they
            may have been meant to go on.
        anchors: What has an anchor, by its name.
        count: How many nodes there are.
    """

    characters: Characters
    root: Node | None = None
    faults: list[Diagnostic] = field(default_factory=list)
    open: list[Sequence | Mapping] = field(default_factory=list)
    keys: list[Node | None] = field(default_factory=list)
    closed: list[Sequence | Mapping] = field(default_factory=list)
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
            if isinstance(collection, Mapping) and key is not None:
                collection.pairs.append(Pair(key, Unreadable(key.place)))

    def _node(self, event: yaml.NodeEvent) -> Node:
        place = self._place(event)
        if isinstance(event, yaml.AliasEvent):
            name = event.anchor or ""
            return Alias(place, name, self.anchors.get(name))
        anchor = event.anchor or ""
        node: Node
        if isinstance(event, yaml.ScalarEvent):
            node = Scalar(place, self._text(event, place), plain=not event.style)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = Sequence(place)
        else:
            node = Mapping(place)
        node.anchor, node.tag = anchor, getattr(event, "tag", None) or ""
        node.span = (_index(event.start_mark), _index(event.end_mark))
        if anchor:
            self.anchors[anchor] = node
        return node

    def _place(self, event: yaml.Event) -> Place:
        return self.characters.place(_index(event.start_mark))

    def _text(self, event: yaml.ScalarEvent, place: Place) -> Text:
        value: str = event.value
        if event.style != "|" or event.anchor or event.tag:
            return Text(value, place)
        # Each line of a `|` block is a line of the file: the first one follows the header.
        indent = 0
        for number, line in enumerate(value.split("\n"), start=place.line + 1):
            if line:
                indent = len(self.characters.line(number)) - len(line)
                break
        first = Place(place.file, place.line + 1, indent + 1)
        return Text(value, first, literal=True, indent=indent)

    def _add(self, node: Node) -> None:
        self._attach(node)
        self.closed.clear()
        if isinstance(node, (Sequence, Mapping)):
            self.open.append(node)
            self.keys.append(None)

    def _attach(self, node: Node) -> None:
        if not self.open:
            self.root = node
            return
        parent, key = self.open[-1], self.keys[-1]
        if isinstance(parent, Sequence):
            parent.items.append(node)
        elif key is None:
            self.keys[-1] = node
        else:
            parent.pairs.append(Pair(key, node))
            self.keys[-1] = None

    def _is_too_much(self, node: Node) -> bool:
        self.count += 1
        if len(self.open) >= DEEPEST and isinstance(node, (Sequence, Mapping)):
            message = f"lists and mappings are nested more than {DEEPEST} levels deep"
            hint = "a note can have 64 steps below one another"
        elif self.count > MOST_NODES:
            message, hint = f"the file has more than {MOST_NODES:,} values", "split the note"
        else:
            return False
        self.faults.append(rules.TOO_LARGE.at(node.place, message, hint))
        return True

    def _complain_of_second_document(self, event: yaml.DocumentStartEvent) -> None:
        place = self._place(event)
        message, hint = "a second YAML document starts here", "write one note a file, without `---`"
        self.faults.append(rules.INVALID_YAML.at(place, message, hint))

"""A tree as a YAML loader would understand it: aliases followed, merge keys applied.

For files that are not notes, such as `mkdocs.yml`.
"""

from dataclasses import dataclass

from callpath.core.note_parser.nodes import Alias, Mapping, Node, Pair, Scalar, Sequence, Unreadable
from callpath.core.note_parser.reader import DEEPEST

_MOST_COPIES = 100_000
_STANDARD_TAG = "tag:yaml.org,2002:"
_STANDARD_TAGS = frozenset(_STANDARD_TAG + name for name in ("str", "int", "map", "seq", "bool"))


def followed(node: Node) -> Node:
    """A copy of a tree with every alias replaced by what it stands for.

    Of a key that stands there twice the last one counts. What has a tag of its own (`!ENV`), and
    what would make the tree endless or huge, is unreadable.
    """
    return _Follower().copy(node, 0)


@dataclass(slots=True)
class _Follower:
    count: int = 0

    def copy(self, node: Node, depth: int) -> Node:
        self.count += 1
        too_much = self.count > _MOST_COPIES or depth > DEEPEST
        if too_much or (not isinstance(node, (Alias, Unreadable)) and _has_own_tag(node)):
            return Unreadable(node.place)
        match node:
            case Alias(target=target):
                return self.copy(target, depth + 1) if target else Unreadable(node.place)
            case Sequence():
                return Sequence(node.place, [self.copy(item, depth + 1) for item in node.items])
            case Mapping():
                return self._mapping(node, depth)
            case _:
                return node

    def _mapping(self, node: Mapping, depth: int) -> Mapping:
        own: dict[str, Pair] = {}
        merged: dict[str, Pair] = {}
        for pair in node.pairs:
            value = self.copy(pair.value, depth + 1)
            if pair.name == "<<":
                merged = {**_merged(value), **merged}
            elif isinstance(pair.key, Scalar):
                own[pair.name] = Pair(pair.key, value)
        return Mapping(node.place, list({**merged, **own}.values()))


def _merged(value: Node) -> dict[str, Pair]:
    sources = value.items if isinstance(value, Sequence) else [value]
    pairs: dict[str, Pair] = {}
    for source in reversed(sources):
        if isinstance(source, Mapping):
            pairs.update((pair.name, pair) for pair in source.pairs)
    return pairs


def _has_own_tag(node: Scalar | Sequence | Mapping) -> bool:
    return bool(node.tag) and node.tag not in _STANDARD_TAGS

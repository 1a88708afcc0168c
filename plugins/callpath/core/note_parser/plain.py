"""The part of YAML that notes use: plain data. Finds the rest, and takes it out of the tree."""

from callpath.core import rules
from callpath.core.diagnostics import Diagnostic
from callpath.core.note_parser.nodes import Alias, Mapping, Node, Pair, Scalar, Sequence, Unreadable

LARGEST_TEXT = 256 * 1024
"""The largest text in a note, in bytes of UTF-8."""

MOST_KEYS = 100
"""How many keys a mapping of a note may have."""


def plain_faults(node: Node) -> list[Diagnostic]:
    """What is not plain data in a tree.

    Aliases and huge texts become unreadable; merge keys and repeated keys leave the tree.
    """
    faults: list[Diagnostic] = []
    _visit(node, faults)
    return faults


def _visit(node: Node, faults: list[Diagnostic]) -> None:
    match node:
        case Scalar():
            _complain_of_marks(node, faults)
            _complain_of_size(node, faults)
        case Sequence():
            _complain_of_marks(node, faults)
            node.items = [_plain(item, faults) for item in node.items]
        case Mapping():
            _complain_of_marks(node, faults)
            node.pairs = _unique(_not_too_many(node.pairs, faults), faults)
            for pair in node.pairs:
                pair.value = _plain(pair.value, faults)


def _plain(node: Node, faults: list[Diagnostic]) -> Node:
    if isinstance(node, Alias):
        message, hint = f"`*{node.name}` is a YAML alias", "write the value out, or quote the text"
        faults.append(rules.YAML_ALIAS.at(node.place, message, hint))
        return Unreadable(node.place)
    _visit(node, faults)
    return Unreadable(node.place) if isinstance(node, Scalar) and _is_huge(node) else node


def _not_too_many(pairs: list[Pair], faults: list[Diagnostic]) -> list[Pair]:
    if len(pairs) > MOST_KEYS:
        message = f"the mapping has {len(pairs)} keys, more than {MOST_KEYS}"
        place = pairs[MOST_KEYS].key.place
        faults.append(rules.TOO_LARGE.at(place, message, "the others are not read"))
    return pairs[:MOST_KEYS]


def _unique(pairs: list[Pair], faults: list[Diagnostic]) -> list[Pair]:
    first: dict[str, Pair] = {}
    for pair in pairs:
        if not isinstance(pair.key, Scalar):
            message, hint = "a key is not a plain word", "write `key: value`"
            faults.append(rules.WRONG_TYPE.at(pair.key.place, message, hint))
        elif pair.name == "<<":
            message, hint = "`<<` is a YAML merge key", "write the keys out"
            faults.append(rules.YAML_ALIAS.at(pair.key.place, message, hint))
        elif pair.name in first:
            _complain_of_duplicate(pair, first[pair.name], faults)
        else:
            _visit(pair.key, faults)
            first[pair.name] = pair
    return list(first.values())


def _complain_of_duplicate(pair: Pair, first: Pair, faults: list[Diagnostic]) -> None:
    message = f"`{pair.name}` stands here twice"
    hint = f"the first is in line {first.key.place.line}; remove one of them"
    faults.append(rules.DUPLICATE_KEY.at(pair.key.place, message, hint, [first.key.place]))


def _complain_of_marks(node: Scalar | Sequence | Mapping, faults: list[Diagnostic]) -> None:
    if node.anchor:
        message, hint = f"`&{node.anchor}` is a YAML anchor", "remove it, or quote the text"
        faults.append(rules.YAML_ALIAS.at(node.place, message, hint))
    if node.tag:
        tag = node.tag.replace("tag:yaml.org,2002:", "!!")
        message, hint = f"`{tag}` is a YAML tag", "remove it, or quote the text"
        faults.append(rules.YAML_ALIAS.at(node.place, message, hint))


def _complain_of_size(node: Scalar, faults: list[Diagnostic]) -> None:
    if _is_huge(node):
        size = len(node.text.value.encode())
        message = f"the text has {size:,} bytes, more than {LARGEST_TEXT:,}"
        faults.append(
            rules.TOO_LARGE.at(node.place, message, "split the note, or shorten the text")
        )


def _is_huge(node: Scalar) -> bool:
    return len(node.text.value.encode()) > LARGEST_TEXT

"""Rewrites a whole note, or a Markdown page, for another version."""

from collections.abc import Iterator
from dataclasses import dataclass

from callpath.core.errors import UsageError
from callpath.core.model import Symbol, SymbolKind
from callpath.core.note_parser import nodes
from callpath.core.note_parser.builder import step_mappings
from callpath.core.note_parser.characters import Characters, decode
from callpath.core.note_parser.reader import read_yaml
from callpath.core.note_parser.schema import SYMBOL_KEYS
from callpath.core.repin.edits import Edit, apply
from callpath.core.repin.links import Finding, occurrence_of, page_edits, scalar_edits
from callpath.core.repin.marks import mark_edits
from callpath.core.repin.pins import encoded, new_pin_edit, pin_edits
from callpath.core.repin.scalars import replace_scalar


@dataclass(frozen=True, slots=True)
class Change:
    """From which version to which.

    Attributes:
        old: The version that the note is pinned to.
        new: The version that it is to be pinned to.
        commit: The commit of the new version, or empty when it is not known.
        own_pin: Whether the note must have a pin of its own.
    """

    old: str
    new: str
    commit: str = ""
    own_pin: bool = False


def has_own_pin(file: str, data: bytes) -> bool:
    """Whether a note says its pin itself."""
    root = read_yaml(file, data).root
    pin = root.get("pin") if isinstance(root, nodes.Mapping) else None
    return pin is not None and not (isinstance(pin, nodes.Scalar) and pin.is_null)


def repin_note(file: str, data: bytes, change: Change, find: Finding) -> bytes:
    """A note without findings, for another version.

    Parameters:
        file: Its path, for messages.
        data: Its bytes.
        change: From which version to which.
        find: Where each reference has to point.

    Raises:
        UsageError: Something has to change that cannot be rewritten in place.
    """
    characters, _ = decode(file, data)
    root = read_yaml(file, data).root
    if characters is None or not isinstance(root, nodes.Mapping):
        raise UsageError(f"`{file}` cannot be read", "run `callpath check`")
    edits = list(_pin(characters, root, change))
    description = root.get("description")
    if isinstance(description, nodes.Scalar):
        edits += scalar_edits(characters, description, find)[0]
    for step in step_mappings(root):
        edits += _step(characters, root, step, change, find)
    return encoded(data, apply(file, characters.text, edits))


def repin_page(file: str, data: bytes, find: Finding) -> bytes:
    """A Markdown page for another version.

    Raises:
        UsageError: Something has to change, and it is no UTF-8 text.
    """
    text = data.decode("utf-8", errors="replace")
    edits = page_edits(text, find)
    if edits and text.encode() != data:
        raise UsageError(f"`{file}` is not UTF-8 text", "save it as UTF-8")
    return apply(file, text, edits).encode() if edits else data


def _pin(characters: Characters, root: nodes.Mapping, change: Change) -> Iterator[Edit]:
    pin = root.get("pin")
    if pin is not None and not (isinstance(pin, nodes.Scalar) and pin.is_null):
        yield from pin_edits(characters, pin, change.new, change.commit)
    elif pin is not None and change.own_pin:
        yield from pin_edits(characters, pin, f" {change.new}", change.commit)
    elif change.own_pin:
        yield new_pin_edit(characters, root, change.new)


def _step(
    characters: Characters, root: nodes.Node, step: nodes.Mapping, change: Change, find: Finding
) -> Iterator[Edit]:
    changed: list[str] = []
    symbol = _symbol(step)
    occurrence = _number(step.get("occurrence"))
    now = find(symbol, occurrence) if symbol is not None else None
    if symbol is not None and now is not None:
        if now.changed:
            changed.append("")
        path = step.get("file")
        if now.path != symbol.path and isinstance(path, nodes.Scalar):
            yield replace_scalar(characters.text, path, now.path)
        yield from _occurrence(characters, step, occurrence, now.choice)
    for text in _prose(step):
        edits, names = scalar_edits(characters, text, find)
        yield from edits
        changed += names
    yield from mark_edits(characters, root, step, changed, change.old, change.new)


def _symbol(step: nodes.Mapping) -> Symbol | None:
    path = step.get("file")
    for pair in step.pairs:
        named = isinstance(pair.value, nodes.Scalar) and pair.name in SYMBOL_KEYS
        if named and isinstance(path, nodes.Scalar) and isinstance(pair.value, nodes.Scalar):
            return Symbol(path.text.value, pair.value.text.value, SymbolKind(pair.name))
    return None


def _number(node: nodes.Node | None) -> int:
    return int(node.text.value) if isinstance(node, nodes.Scalar) and not node.is_null else 0


def _occurrence(
    characters: Characters, step: nodes.Mapping, given: int, choice: int
) -> Iterator[Edit]:
    wanted = occurrence_of(given, choice)
    if wanted == given:
        return
    scalar, file = step.get("occurrence"), step.pair("file")
    if isinstance(scalar, nodes.Scalar):
        yield replace_scalar(characters.text, scalar, str(wanted))
    elif file is not None and isinstance(file.value, nodes.Scalar):
        end = file.value.span[1]
        if characters.text[step.span[0]] == "{":
            yield Edit(end, end, f", occurrence: {wanted}")
            return
        at = characters.line_end(end)
        line = " " * (file.key.place.column - 1) + f"occurrence: {wanted}"
        ending = "\r\n" if "\r\n" in characters.text else "\n"
        if characters.text[:at].endswith(("\n", "\r")):
            yield Edit(at, at, f"{line}{ending}")
        else:
            yield Edit(at, at, f"{ending}{line}")


def _prose(step: nodes.Mapping) -> Iterator[nodes.Scalar]:
    """The Markdown texts of a step, in the order in which they are read."""
    commentary = step.get("commentary")
    if isinstance(commentary, nodes.Scalar):
        yield commentary
    errata = step.get("errata")
    for item in errata.items if isinstance(errata, nodes.Sequence) else ():
        if isinstance(item, nodes.Mapping):
            for name in ("said", "is"):
                text = item.get(name)
                if isinstance(text, nodes.Scalar):
                    yield text

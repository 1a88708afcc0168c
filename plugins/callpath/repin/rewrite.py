"""Rewrites a whole note, or a Markdown page, for another version."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from callpath.drift.match import ReferenceDrift
from callpath.findings import Location, UsageError
from callpath.model import Symbol, SymbolKind
from callpath.notes.parser import step_mappings
from callpath.notes.prose import SCHEME, Link, SourceTarget, read_prose, source_target
from callpath.notes.schema import SYMBOL_KEYS
from callpath.notes.yaml import MappingNode, Node, ScalarNode, SequenceNode, read_yaml
from callpath.notes.yaml_errors import Characters, decode
from callpath.repin.edits import (
    Edit,
    apply,
    encoded,
    new_pin_edit,
    not_in_place,
    pin_edits,
    replace_scalar,
)


@dataclass(frozen=True, slots=True)
class NewPlace:
    """Where a reference has to point.

    Attributes:
        path: The file.
        choice: Which of several definitions, 1-based; 0 when there is only one.
        changed: Whether the definition's text changed.
    """

    path: str
    choice: int
    changed: bool


Finding = Callable[[Symbol, int], NewPlace | None]
"""Where a symbol and its occurrence are now; nothing when the reference has to stay as it is."""


def occurrence_of(given: int, choice: int) -> int:
    """What a reference has to say of several definitions; 0: nothing."""
    return choice or min(given, 1)


def links_in(text: str) -> Iterator[tuple[Link, SourceTarget]]:
    """The `src:` links of a Markdown text, in order."""
    for link in read_prose(text).links:
        target = source_target(link.href) if link.href.startswith(SCHEME) else None
        if target is not None:
            yield link, target


def new_target(target: SourceTarget, now: NewPlace) -> str:
    """A link's target as it has to be written."""
    kind = f"{target.kind}." if target.kind else ""
    occurrence = occurrence_of(target.occurrence, now.choice)
    # A link that needs no choice says none.
    chosen = f"@{occurrence}" if occurrence > 1 or (occurrence and now.choice) else ""
    if occurrence == target.occurrence and occurrence:
        chosen = f"@{occurrence}"
    return f"{SCHEME}{now.path}#{kind}{target.name}{chosen}"


def page_edits(text: str, find: Finding) -> list[Edit]:
    """The edits of a Markdown page."""
    edits = []
    for link, target in links_in(text):
        now = find(Symbol(target.path, target.name, target.kind), target.occurrence)
        if now is not None and (written := new_target(target, now)) != link.href:
            edits.append(Edit(link.offset, link.end, written))
    return edits


def scalar_edits(
    characters: Characters, scalar: ScalarNode, find: Finding
) -> tuple[list[Edit], list[str]]:
    """The edits of a text of a note, and the names of what changed that it links to.

    Raises:
        UsageError: A link has to change, and it cannot be told where it stands in the file.
    """
    edits: list[Edit] = []
    changed: list[str] = []
    seen: dict[str, int] = {}
    value = scalar.text.value
    for link, target in links_in(value):
        raw = value[link.offset : link.end]
        number = value.count(raw, 0, link.offset)
        seen[raw] = number
        now = find(Symbol(target.path, target.name, target.kind), target.occurrence)
        if now is None:
            continue
        if now.changed:
            changed.append(target.name)
        if (written := new_target(target, now)) != link.href:
            start = _offset(characters, scalar, link, raw, number)
            edits.append(Edit(start, start + len(raw), written))
    return edits, changed


def _offset(characters: Characters, scalar: ScalarNode, link: Link, raw: str, number: int) -> int:
    """Where a link's target stands in the file: told by its place, or counted in its text."""
    text = characters.text
    if scalar.text.literal:
        start = characters.index(scalar.text.place_at(link.offset))
    else:
        begin, end = scalar.span
        if text.count(raw, begin, end) != scalar.text.value.count(raw):
            raise not_in_place(scalar.place, f"the link `{link.href}`")
        start = begin - len(raw)
        for _ in range(number + 1):
            start = text.index(raw, start + len(raw), end)
    if text[start : start + len(raw)] != raw:
        raise not_in_place(scalar.place, f"the link `{link.href}`")
    return start


_MARK = re.compile(r"[ \t]*# callpath: review \((?:`([^`\s]+)` )?changed since (\S+)\)[ \t]*")
_LINE_END = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark.

    Attributes:
        name: The symbol that a link names, or empty for the step's own.
        since: The version that the step was last read against.
    """

    name: str
    since: str

    def __str__(self) -> str:
        """The comment."""
        name = f"`{self.name}` " if self.name else ""
        return f"# callpath: review ({name}changed since {self.since})"


def mark_edits(
    characters: Characters,
    root: Node,
    step: MappingNode,
    changed: Iterable[str],
    old: str,
    new: str,
) -> list[Edit]:
    """What has to be done to the marks of a step.

    Parameters:
        characters: The file's text.
        root: Its tree.
        step: The step.
        changed: What changed: the names that its links name, empty for its own symbol.
        old: The version that it was pinned to.
        new: The version that it is pinned to now.
    """
    at = _line_of(characters, root, step)
    standing = _standing(characters, at)
    known = {mark.name for mark, _, _ in standing}
    edits = [Edit(start, end, "") for mark, start, end in standing if mark.since == new]
    indent = characters.text[at:]
    indent = indent[: len(indent) - len(indent.lstrip(" "))]
    ending = _ending(characters, at)
    wanted = [Mark(name, old) for name in sorted(set(changed)) if name not in known]
    if wanted:
        edits.append(Edit(at, at, "".join(f"{indent}{mark}{ending}" for mark in wanted)))
    return edits


def _line_of(characters: Characters, root: Node, step: MappingNode) -> int:
    """The offset of the line above which a step's marks stand: not inside of any text."""
    at = characters.line_start(step.span[0])
    texts = [scalar.span for scalar in scalars_of(root)]
    while inside := [start for start, end in texts if start < at < end]:
        at = characters.line_start(inside[0])
    return at


def scalars_of(node: Node) -> Iterable[ScalarNode]:
    """Every scalar of a tree, keys too."""
    stack: list[Node] = [node]
    while stack:
        each = stack.pop()
        if isinstance(each, ScalarNode):
            yield each
        elif isinstance(each, SequenceNode):
            stack.extend(each.items)
        elif isinstance(each, MappingNode):
            for pair in each.pairs:
                stack += [pair.key, pair.value]


def _standing(characters: Characters, at: int) -> Sequence[tuple[Mark, int, int]]:
    """The marks on the lines right above an offset, each with its line."""
    found = []
    while at > 0:
        start = characters.line_start(at - 1)
        match = _MARK.fullmatch(characters.text[start:at].rstrip("\r\n"))
        if match is None:
            break
        found.append((Mark(match[1] or "", match[2]), start, at))
        at = start
    return found


def _ending(characters: Characters, at: int) -> str:
    """The line end that the file uses there."""
    match = _LINE_END.search(characters.text, at) or _LINE_END.search(characters.text)
    return match.group() if match else "\n"


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
    pin = root.get("pin") if isinstance(root, MappingNode) else None
    return pin is not None and not (isinstance(pin, ScalarNode) and pin.is_null)


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
    if characters is None or not isinstance(root, MappingNode):
        raise UsageError(f"`{file}` cannot be read", "run `callpath check`")
    edits = list(_pin(characters, root, change))
    description = root.get("description")
    if isinstance(description, ScalarNode):
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


def _pin(characters: Characters, root: MappingNode, change: Change) -> Iterator[Edit]:
    pin = root.get("pin")
    if pin is not None and not (isinstance(pin, ScalarNode) and pin.is_null):
        yield from pin_edits(characters, pin, change.new, change.commit)
    elif pin is not None and change.own_pin:
        yield from pin_edits(characters, pin, f" {change.new}", change.commit)
    elif change.own_pin:
        yield new_pin_edit(characters, root, change.new)


def _step(
    characters: Characters, root: Node, step: MappingNode, change: Change, find: Finding
) -> Iterator[Edit]:
    changed: list[str] = []
    symbol = _symbol(step)
    occurrence = _number(step.get("occurrence"))
    now = find(symbol, occurrence) if symbol is not None else None
    if symbol is not None and now is not None:
        if now.changed:
            changed.append("")
        path = step.get("file")
        if now.path != symbol.path and isinstance(path, ScalarNode):
            yield replace_scalar(characters.text, path, now.path)
        yield from _occurrence(characters, step, occurrence, now.choice)
    for text in _prose(step):
        edits, names = scalar_edits(characters, text, find)
        yield from edits
        changed += names
    yield from mark_edits(characters, root, step, changed, change.old, change.new)


def _symbol(step: MappingNode) -> Symbol | None:
    path = step.get("file")
    for pair in step.pairs:
        named = isinstance(pair.value, ScalarNode) and pair.name in SYMBOL_KEYS
        if named and isinstance(path, ScalarNode) and isinstance(pair.value, ScalarNode):
            return Symbol(path.text.value, pair.value.text.value, SymbolKind(pair.name))
    return None


def _number(node: Node | None) -> int:
    return int(node.text.value) if isinstance(node, ScalarNode) and not node.is_null else 0


def _occurrence(
    characters: Characters, step: MappingNode, given: int, choice: int
) -> Iterator[Edit]:
    wanted = occurrence_of(given, choice)
    if wanted == given:
        return
    scalar, file = step.get("occurrence"), step.pair("file")
    if isinstance(scalar, ScalarNode):
        yield replace_scalar(characters.text, scalar, str(wanted))
    elif file is not None and isinstance(file.value, ScalarNode):
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


def _prose(step: MappingNode) -> Iterator[ScalarNode]:
    """The Markdown texts of a step, in the order in which they are read."""
    commentary = step.get("commentary")
    if isinstance(commentary, ScalarNode):
        yield commentary
    errata = step.get("errata")
    for item in errata.items if isinstance(errata, SequenceNode) else ():
        if isinstance(item, MappingNode):
            for name in ("said", "is"):
                text = item.get(name)
                if isinstance(text, ScalarNode):
                    yield text


@dataclass(frozen=True, slots=True)
class Review:
    """A mention of a definition whose text changed.

    Attributes:
        drift: What became of it.
        place: Where the mention stands now.
    """

    drift: ReferenceDrift
    place: Location

    @property
    def since(self) -> str:
        """The version that it was pinned to."""
        return self.drift.reference.pin.version

"""Rewrites a whole note, or a Markdown page, for another version; `find` says where things went.

Takes bytes and gives bytes in which all else stays as it is: comments, order, quotes, line ends.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from callpath.findings import UsageError
from callpath.model import Symbol, SymbolKind
from callpath.notes.parser import step_mappings
from callpath.notes.prose import SCHEME, Link, read_prose, source_target
from callpath.notes.schema import SYMBOL_KEYS
from callpath.notes.yaml import MappingNode, Node, ScalarNode, SequenceNode, read_yaml
from callpath.notes.yaml_errors import Characters, decode
from callpath.repin.edits import (
    Edit,
    apply,
    encoded,
    insert_line,
    is_given,
    new_pin_edit,
    not_in_place,
    pin_edits,
    replace_scalar,
)


@dataclass(frozen=True, slots=True)
class Change:
    """From which version to which a note is repinned."""

    old: str
    new: str
    commit: str = ""  # that of the new version, if it is known
    own_pin: bool = False  # whether the note must have a pin of its own


@dataclass(frozen=True, slots=True)
class NewPlace:
    """Where a reference has to point."""

    path: str
    choice: int  # which of several definitions, 1-based; 0 if there is only one
    changed: bool  # whether the definition's text changed


FindPlace = Callable[[Symbol, int], NewPlace | None]
"""Where a symbol and its occurrence are now, or None if the reference has to stay as it is."""


def has_own_pin(file: str, data: bytes) -> bool:
    """Whether a note says its pin itself."""
    root = read_yaml(file, data).root
    return isinstance(root, MappingNode) and is_given(root.get("pin"))


def repin_note(file: str, data: bytes, change: Change, find: FindPlace) -> bytes:
    """A note without findings, for another version.

    Raises UsageError if something has to change that cannot be rewritten in place.
    """
    characters, _ = decode(file, data)
    root = read_yaml(file, data).root
    if characters is None or not isinstance(root, MappingNode):
        raise UsageError(f"`{file}` cannot be read", "run `callpath check`")
    edits = list(_pin(characters, root, change))
    description = root.scalar("description")
    if description is not None:
        edits += _scalar_edits(characters, description, find)[0]
    for step in step_mappings(root):
        edits += _step(characters, root, step, change, find)
    return encoded(data, apply(file, characters.text, edits))


def repin_page(file: str, data: bytes, find: FindPlace) -> bytes:
    """A Markdown page for another version; raises UsageError if it changes and is not UTF-8."""
    text = data.decode("utf-8", errors="replace")
    edits = [
        Edit(link.offset, link.end, written)
        for link, target, now in _moved_links(text, find)
        if (written := _new_target(target, now)) != link.href
    ]
    if edits and text.encode() != data:
        raise UsageError(f"`{file}` is not UTF-8 text", "save it as UTF-8")
    return apply(file, text, edits).encode() if edits else data


def _pin(characters: Characters, root: MappingNode, change: Change) -> Iterator[Edit]:
    pin = root.get("pin")
    if pin is not None and is_given(pin):
        yield from pin_edits(characters, pin, change.new, change.commit)
    elif pin is not None and change.own_pin:
        yield from pin_edits(characters, pin, f" {change.new}", change.commit)
    elif change.own_pin:
        yield new_pin_edit(characters, root, change.new)


def _step(
    characters: Characters, root: Node, step: MappingNode, change: Change, find: FindPlace
) -> Iterator[Edit]:
    changed: list[str] = []
    symbol, path, said = _symbol(step), step.scalar("file"), step.scalar("occurrence")
    occurrence = int(said.text.value) if said is not None and not said.is_null else 0
    now = find(symbol, occurrence) if symbol is not None else None
    if symbol is not None and now is not None:
        if now.changed:
            changed.append("")
        if now.path != symbol.path and path is not None:
            yield replace_scalar(characters.text, path, now.path)
        yield from _occurrence(characters, step, occurrence, now.choice)
    for text in _prose(step):
        edits, names = _scalar_edits(characters, text, find)
        yield from edits
        changed += names
    yield from _mark_edits(characters, root, step, changed, change)


def _symbol(step: MappingNode) -> Symbol | None:
    path = step.scalar("file")
    for kind in SYMBOL_KEYS:
        name = step.scalar(kind)
        if path is not None and name is not None:
            return Symbol(path.text.value, name.text.value, SymbolKind(kind))
    return None


def occurrence_of(given: int, choice: int) -> int:
    """What a reference has to say of several definitions; 0 if it says nothing."""
    return choice or min(given, 1)


def _occurrence(
    characters: Characters, step: MappingNode, given: int, choice: int
) -> Iterator[Edit]:
    wanted = occurrence_of(given, choice)
    if wanted == given:
        return
    scalar, file = step.scalar("occurrence"), step.pair("file")
    if scalar is not None:
        yield replace_scalar(characters.text, scalar, str(wanted))
    elif file is not None and isinstance(file.value, ScalarNode):
        end = file.value.span[1]
        if characters.text[step.span[0]] == "{":
            yield Edit(end, end, f", occurrence: {wanted}")
        else:
            at, column = characters.line_end(end), file.key.location.column
            yield insert_line(characters.text, at, column, f"occurrence: {wanted}")


def _prose(step: MappingNode) -> Iterator[ScalarNode]:
    texts = [step.scalar("commentary")]
    for erratum in step.mappings("errata"):
        texts += [erratum.scalar("said"), erratum.scalar("is")]
    return filter(None, texts)


def _moved_links(text: str, find: FindPlace) -> Iterator[tuple[Link, tuple[Symbol, int], NewPlace]]:
    """The `src:` links of a Markdown text, in order, with where each has to point."""
    for link in read_prose(text).links:
        if (target := source_target(link.href)) is not None:
            now = find(*target)
            if now is not None:
                yield link, target, now


def _new_target(target: tuple[Symbol, int], now: NewPlace) -> str:
    """A link's target as it has to be written, given the symbol and occurrence that it names."""
    symbol, given = target
    kind = f"{symbol.kind}." if symbol.kind else ""
    occurrence = occurrence_of(given, now.choice)
    # A link that needs no choice says none, but one that says `@1` and stays right is left alone.
    is_said = occurrence > 1 or (occurrence and (now.choice or given == occurrence))
    chosen = f"@{occurrence}" if is_said else ""
    return f"{SCHEME}{now.path}#{kind}{symbol.name}{chosen}"


def _scalar_edits(
    characters: Characters, scalar: ScalarNode, find: FindPlace
) -> tuple[list[Edit], list[str]]:
    """The edits of a text of a note, and the names of what changed that it links to."""
    edits: list[Edit] = []
    changed: list[str] = []
    for link, target, now in _moved_links(scalar.text.value, find):
        if now.changed:
            changed.append(target[0].name)
        if (written := _new_target(target, now)) != link.href:
            start = _offset(characters, scalar, link)
            edits.append(Edit(start, start + link.end - link.offset, written))
    return edits, changed


def _offset(characters: Characters, scalar: ScalarNode, link: Link) -> int:
    """Where a link's target is in the file: by its location, or counted in its text."""
    text, value = characters.text, scalar.text.value
    raw = value[link.offset : link.end]
    if scalar.text.literal:
        start = characters.index(scalar.text.location_at(link.offset))
    else:
        begin, end = scalar.span
        if text.count(raw, begin, end) != value.count(raw):
            raise not_in_place(scalar.location, f"the link `{link.href}`")
        start = begin - len(raw)
        for _ in range(value.count(raw, 0, link.offset) + 1):
            start = text.index(raw, start + len(raw), end)
    if text[start : start + len(raw)] != raw:
        raise not_in_place(scalar.location, f"the link `{link.href}`")
    return start


_MARK = re.compile(r"[ \t]*# callpath: review \((?:`([^`\s]+)` )?changed since (\S+)\)[ \t]*")
_LINE_END = re.compile(r"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class Mark:
    """A comment that asks for a review of a step."""

    name: str  # the symbol that a link names, or empty for the step's own
    since: str  # the version that the step was last read against

    def __str__(self) -> str:
        """The comment."""
        name = f"`{self.name}` " if self.name else ""
        return f"# callpath: review ({name}changed since {self.since})"


def _mark_edits(
    characters: Characters, root: Node, step: MappingNode, changed: Iterable[str], change: Change
) -> list[Edit]:
    """What becomes of a step's marks; `changed` are names that links name, empty for its own."""
    at = _first_line(characters, root, step)
    marks = list(_marks_above(characters, at))
    known = {mark.name for mark, _, _ in marks}
    edits = [Edit(start, end, "") for mark, start, end in marks if mark.since == change.new]
    line = characters.text[at:]
    indent = line[: len(line) - len(line.lstrip(" "))]
    ending = _LINE_END.search(line) or _LINE_END.search(characters.text)
    end = ending.group() if ending else "\n"
    wanted = [Mark(name, change.old) for name in sorted(set(changed)) if name not in known]
    added = "".join(f"{indent}{mark}{end}" for mark in wanted)
    return [*edits, Edit(at, at, added)] if added else edits


def _first_line(characters: Characters, root: Node, step: MappingNode) -> int:
    """The offset of the line that a step's marks are above: not inside of any text."""
    at = characters.line_start(step.span[0])
    texts = [scalar.span for scalar in scalars_of(root)]
    while inside := [start for start, end in texts if start < at < end]:
        at = characters.line_start(inside[0])
    return at


def scalars_of(node: Node) -> Iterator[ScalarNode]:
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


def _marks_above(characters: Characters, at: int) -> Iterator[tuple[Mark, int, int]]:
    """The marks on the lines right above an offset, each with the span of its line."""
    while at > 0:
        start = characters.line_start(at - 1)
        match = _MARK.fullmatch(characters.text[start:at].rstrip("\r\n"))
        if match is None:
            return
        yield Mark(match[1] or "", match[2]), start, at
        at = start

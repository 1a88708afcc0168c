"""Rewrites a whole note, or a Markdown page, for another version; `find` says where things went.

Takes bytes and gives bytes in which all else stays as it is: comments, order, quotes, line ends.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from msgspec import Struct

from callpath.edits import (
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
from callpath.findings import UsageError
from callpath.model import Symbol, SymbolKind
from callpath.notes.links import SCHEME, Link, source_target
from callpath.notes.parser import step_mappings
from callpath.notes.prose import read_prose
from callpath.notes.schema import SYMBOL_KEYS
from callpath.notes.yaml import MappingNode, Node, ScalarNode, SequenceNode, read_yaml
from callpath.notes.yaml_errors import Characters, decode


class Change(Struct, frozen=True):
    """From which version to which a note is repinned."""

    old: str
    new: str
    commit: str = ""  # that of the new version, if it is known
    own_pin: bool = False  # whether the note must get a pin of its own if it has none


class NewPlace(Struct, frozen=True):
    """Where a reference has to point."""

    path: str
    choice: int  # which of several definitions, 1-based; 0 if there is only one
    changed: bool  # whether the definition's text changed


_MARK = re.compile(r"[ \t]*# callpath: review \((?:`([^`\s]+)` )?changed since (\S+)\)[ \t]*")
_LINE_END = re.compile(r"\r\n|\n|\r")


class Mark(Struct, frozen=True):
    """A comment that asks for a review of a step."""

    name: str  # the symbol that a link names, or empty for the step's own
    since: str  # the version that the step was last read against

    def __str__(self) -> str:
        """The comment."""
        name = f"`{self.name}` " if self.name else ""
        return f"# callpath: review ({name}changed since {self.since})"


FindPlace = Callable[[Symbol, int], NewPlace | None]
"""Where a symbol and its occurrence are now, or None if the reference has to stay as it is."""


def repin_note(file: str, data: bytes, change: Change, find: FindPlace) -> bytes:
    """A note without findings, for another version.

    Raises UsageError if something has to change that cannot be rewritten in place.
    """
    characters, _ = decode(file, data)
    root = read_yaml(file, data).root
    if characters is None or not isinstance(root, MappingNode):
        raise UsageError(f"`{file}` cannot be read", "run `callpath check`")
    texts = [scalar.span for scalar in scalars_of(root)]
    edits = _NoteRewriter(characters, root, texts, change, find).edits()
    return encoded(data, apply(file, characters.text, edits))


def repin_page(file: str, data: bytes, find: FindPlace) -> bytes:
    """A Markdown page for another version; raises UsageError if it changes and is not UTF-8."""
    text = data.decode("utf-8", errors="replace")
    edits = [
        Edit(link.offset, link.end, written)
        for link, written, _ in _moved_links(text, find)
        if written != link.href
    ]
    if edits and text.encode() != data:
        raise UsageError(f"`{file}` is not UTF-8 text", "save it as UTF-8")
    return apply(file, text, edits).encode() if edits else data


def _moved_links(text: str, find: FindPlace) -> Iterator[tuple[Link, str, str]]:
    """The `src:` links of a Markdown text that have a new place, in order.

    Each with its target as it has to be written, and the symbol's name if its text changed.
    """
    for link in read_prose(text).links:
        target = source_target(link.href)
        now = find(*target) if target else None
        if target and now:
            yield link, _new_target(*target, now), target[0].name if now.changed else ""


def _new_target(symbol: Symbol, given: int, now: NewPlace) -> str:
    kind = f"{symbol.kind}." if symbol.kind else ""
    occurrence = occurrence_of(given, now.choice)
    # A link that needs no choice says none, but one that says `@1` and stays right is left alone.
    is_said = occurrence > 1 or (occurrence and (now.choice or given == occurrence))
    chosen = f"@{occurrence}" if is_said else ""
    return f"{SCHEME}{now.path}#{kind}{symbol.name}{chosen}"


def occurrence_of(given: int, choice: int) -> int:
    """What a reference has to say of several definitions; 0 if it says nothing."""
    return choice or min(given, 1)


class _NoteRewriter(Struct, frozen=True):
    """Finds the edits of one note."""

    characters: Characters
    root: MappingNode
    texts: Sequence[tuple[int, int]]  # the span of every scalar
    change: Change
    find: FindPlace

    def edits(self) -> Iterator[Edit]:
        yield from self._pin()
        description = self.root.scalar("description")
        if description is not None:
            yield from self._links(description)[0]
        for step in step_mappings(self.root):
            yield from self._step(step)

    def _pin(self) -> Iterator[Edit]:
        pin, version = self.root.get("pin"), self.change.new
        if pin is not None and is_given(pin):
            yield from pin_edits(self.characters, pin, version, self.change.commit)
        elif pin is not None and self.change.own_pin:
            yield from pin_edits(self.characters, pin, f" {version}", self.change.commit)
        elif self.change.own_pin:
            yield new_pin_edit(self.characters, self.root, version)

    def _step(self, step: MappingNode) -> Iterator[Edit]:
        changed: list[str] = []
        symbol, path, said = _symbol(step), step.scalar("file"), step.scalar("occurrence")
        occurrence = int(said.text.value) if said is not None and not said.is_null else 0
        now = self.find(symbol, occurrence) if symbol is not None else None
        if now is not None and path is not None:
            if now.changed:
                changed.append("")
            if now.path != path.text.value:
                yield replace_scalar(self.characters.text, path, now.path)
            yield from self._occurrence(step, occurrence, occurrence_of(occurrence, now.choice))
        for text in _prose(step):
            edits, names = self._links(text)
            yield from edits
            changed += names
        yield from self._marks(step, changed)

    def _occurrence(self, step: MappingNode, given: int, wanted: int) -> Iterator[Edit]:
        scalar, file, text = step.scalar("occurrence"), step.pair("file"), self.characters.text
        if wanted == given:
            return
        if scalar is not None:
            yield replace_scalar(text, scalar, str(wanted))
        elif file is not None and isinstance(file.value, ScalarNode):
            end = file.value.span[1]
            if text[step.span[0]] == "{":
                yield Edit(end, end, f", occurrence: {wanted}")
            else:
                at, column = self.characters.line_end(end), file.key.location.column
                yield insert_line(text, at, column, f"occurrence: {wanted}")

    def _links(self, scalar: ScalarNode) -> tuple[list[Edit], list[str]]:
        """The edits of a text's links, and the names of what changed that it links to."""
        edits: list[Edit] = []
        changed: list[str] = []
        for link, written, name in _moved_links(scalar.text.value, self.find):
            if name:
                changed.append(name)
            if written != link.href:
                start = self._offset(scalar, link)
                edits.append(Edit(start, start + link.end - link.offset, written))
        return edits, changed

    def _offset(self, scalar: ScalarNode, link: Link) -> int:
        """Where a link's target is in the file: by its location, or counted in its text."""
        text, value = self.characters.text, scalar.text.value
        raw = value[link.offset : link.end]
        if scalar.text.literal:
            start = self.characters.index(scalar.text.location_at(link.offset))
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

    def _marks(self, step: MappingNode, changed: Iterable[str]) -> Iterator[Edit]:
        """What becomes of a step's marks; `changed` are names in links, or empty for its own."""
        text, at = self.characters.text, self._first_line(step)
        marks = list(self._marks_above(at))
        for mark, start in marks:
            if mark.since == self.change.new:
                yield Edit(start, self.characters.line_end(start), "")
        known = {mark.name for mark, _ in marks}
        wanted = [Mark(name, self.change.old) for name in sorted({*changed} - known)]
        if wanted:
            line = text[at:]
            indent = line[: len(line) - len(line.lstrip(" "))]
            ending = _LINE_END.search(text, at) or _LINE_END.search(text)
            end = ending.group() if ending else "\n"
            yield Edit(at, at, "".join(f"{indent}{mark}{end}" for mark in wanted))

    def _first_line(self, step: MappingNode) -> int:
        """The offset of the line that a step's marks are above: not inside of any text."""
        at = self.characters.line_start(step.span[0])
        while inside := [start for start, end in self.texts if start < at < end]:
            at = self.characters.line_start(inside[0])
        return at

    def _marks_above(self, at: int) -> Iterator[tuple[Mark, int]]:
        """The marks on the lines right above an offset, each with the start of its line."""
        while at > 0:
            start = self.characters.line_start(at - 1)
            match = _MARK.fullmatch(self.characters.text[start:at].rstrip("\r\n"))
            if match is None:
                return
            yield Mark(match[1] or "", match[2]), start
            at = start


def _symbol(step: MappingNode) -> Symbol | None:
    path = step.scalar("file")
    for kind in SYMBOL_KEYS:
        name = step.scalar(kind)
        if path is not None and name is not None:
            return Symbol(path.text.value, name.text.value, SymbolKind(kind))
    return None


def _prose(step: MappingNode) -> Iterator[ScalarNode]:
    texts = [step.scalar("commentary")]
    for erratum in step.mappings("errata"):
        texts += [erratum.scalar("said"), erratum.scalar("is")]
    return filter(None, texts)


def scalars_of(node: Node) -> Iterator[ScalarNode]:
    """Every scalar of a tree, keys too."""
    match node:
        case ScalarNode():
            yield node
        case SequenceNode():
            for item in node.items:
                yield from scalars_of(item)
        case MappingNode():
            for pair in node.pairs:
                yield from scalars_of(pair.key)
                yield from scalars_of(pair.value)

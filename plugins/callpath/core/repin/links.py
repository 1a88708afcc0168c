"""Rewrites the `src:` links of prose."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from callpath.core.commentary import SCHEME, SourceTarget, source_target
from callpath.core.model import Symbol
from callpath.core.note_parser.characters import Characters
from callpath.core.note_parser.nodes import Scalar
from callpath.core.prose import Link, read_prose
from callpath.core.repin.edits import Edit, not_in_place


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
    characters: Characters, scalar: Scalar, find: Finding
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


def _offset(characters: Characters, scalar: Scalar, link: Link, raw: str, number: int) -> int:
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

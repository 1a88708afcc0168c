"""Splices of a text, and what is said when one cannot be made."""

from collections.abc import Iterable
from dataclasses import dataclass

from callpath.core.diagnostics import Place
from callpath.core.errors import UsageError


@dataclass(frozen=True, slots=True, order=True)
class Edit:
    """A stretch of a text, and what takes its place.

    Attributes:
        start: Offset of its first character, 0-based.
        end: Offset past its last one; the same for an insertion.
        text: What takes its place.
    """

    start: int
    end: int
    text: str


def apply(file: str, text: str, edits: Iterable[Edit]) -> str:
    """The text with all edits made; each only once.

    Raises:
        UsageError: Two of them overlap.
    """
    pieces: list[str] = []
    position = 0
    for edit in sorted(set(edits)):
        if edit.start < position:
            raise UsageError(
                f"`{file}` cannot be rewritten: two changes of it overlap",
                "write the references that overlap on lines of their own",
            )
        pieces += [text[position : edit.start], edit.text]
        position = edit.end
    return "".join([*pieces, text[position:]])


def not_in_place(place: Place, what: str) -> UsageError:
    """That something cannot be rewritten where it stands.

    Parameters:
        place: Where.
        what: What, as the beginning of a sentence.
    """
    return UsageError(
        f"{place}: {what} cannot be rewritten in place",
        "write it on one line, without an anchor, a tag or an escape",
    )

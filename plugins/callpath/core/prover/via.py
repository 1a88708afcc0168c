"""Which pointer an author says a call goes through: a step's `via`, read."""

import re
from dataclasses import dataclass

_SPLIT = re.compile(r"->|\.")
_INDEX = re.compile(r"\[([^\]]*)\]")
_LAST_INDEX = re.compile(r"\[([^\[\]]*)\]$")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Via:
    """A pointer.

    Attributes:
        owner: What stands before the member, without indexes: an expression, a variable or a
            struct's tag; may be empty.
        member: The member, or the array's name.
        index: For an element of an array: which one, or empty.
    """

    owner: str
    member: str
    index: str = ""


def read_via(text: str) -> Via | None:
    """What a step's `via` says; nothing when it says nothing."""
    written = _SPACE.sub("", text)
    if not written:
        return None
    plain = without_indexes(written)
    last = _LAST_INDEX.search(written)
    index = last.group(1) if last else ""
    parts = list(_SPLIT.finditer(plain))
    if not parts:
        return Via("", plain, index)
    return Via(plain[: parts[-1].start()], plain[parts[-1].end() :], index)


def without_indexes(expression: str) -> str:
    """An expression without what stands in square brackets, and without these."""
    return _INDEX.sub("", expression)

"""What a caller names where it named another symbol before."""

from collections.abc import Sequence
from difflib import SequenceMatcher

from callpath.core.c_parser import Body, Role

_LARGEST_BLOCK = 4
"""Names that stand in a changed stretch together; in a longer one nothing has a place."""
_MOST_NAMES = 2000


def names_of(body: Body) -> list[str]:
    """The names that a body uses, without its own locals and members, in source order."""
    return [
        mention.name
        for mention in body.mentions
        if mention.role not in (Role.LOCAL, Role.FIELD) or body.text
    ][:_MOST_NAMES]


def standing_in(name: str, before: Sequence[str], after: Sequence[str]) -> dict[str, bool]:
    """The names that now stand where a name stood, between the same neighbours.

    Parameters:
        name: The name that stands there no more.
        before: The names of the old body, in order.
        after: The names of the new body, in order.

    Returns:
        For each new name whether it stands in exactly the same place of its stretch.
    """
    found: dict[str, bool] = {}
    if name not in before or name in after:
        return found
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    known = set(before)
    for operation, start, end, new_start, new_end in matcher.get_opcodes():
        if operation != "replace" or name not in before[start:end]:
            continue
        if max(end - start, new_end - new_start) > _LARGEST_BLOCK:
            continue
        place = list(before[start:end]).index(name)
        for offset, other in enumerate(after[new_start:new_end]):
            if other not in known:
                exact = end - start == new_end - new_start and offset == place
                found[other] = found.get(other, False) or exact
    return found

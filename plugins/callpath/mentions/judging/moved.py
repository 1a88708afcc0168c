"""Where a line of a file is in another version of the file, if that is certain.

Compares texts that it is given. A line is the same if its text is, whatever its white space; of
several such lines the one counts whose definition and whose neighbours are the same.
"""

import hashlib
import re
from collections.abc import Sequence
from functools import cached_property

from callpath.facts.mentions import LineFact

_LARGEST = 50_000  # lines of a file that is compared; longer ones are tables
_NEIGHBOURS = 4  # lines with text on each side that are compared
_DIGEST_LENGTH = 16
_MOST_SAME = 2_000  # equal lines among which one is looked for
_HEAD = re.compile(r"#\s*define\b|[A-Za-z_](?!\w*:\s*$)", re.ASCII)
_WHITE_SPACE = dict.fromkeys(map(ord, " \t\n\r\v\f"))
_WORD = re.compile(r"\w+", re.ASCII)


def line_digest(line: str) -> str:
    """The digest of a line without white space, as facts of lines have it."""
    return hashlib.sha256(_bare(line).encode(errors="replace")).hexdigest()[:_DIGEST_LENGTH]


def moved_line(old: LineFact, old_text: Sequence[str], new_text: Sequence[str]) -> int | None:
    """The number of a line in a new text; None if it is not there, or nobody can say which it is.

    Parameters:
        old: What was on the line. A text that does not have that there is not its text.
        old_text: The lines of the file that it was read in.
        new_text: The lines of the file where it may be now.
    """
    if not 0 < old.line <= len(old_text) or max(len(old_text), len(new_text)) > _LARGEST:
        return None
    if old.digest and line_digest(old_text[old.line - 1]) != old.digest:
        return None
    before, after, place = _Text(old_text), _Text(new_text), old.line - 1
    name = old.name.partition(".")[0]  # of a field: its struct
    if not before.bare[place]:
        return None
    if name not in before.head(place):  # not of the form that is looked for
        name = ""
    text = before.bare[place]
    then, now = (_same(each, text, name) for each in (before, after))
    if not now or max(len(then), len(now)) > _MOST_SAME:
        return None
    likeness = {index: _likeness(before, place, after, index) for index in now}
    most = max(likeness.values())
    best = [index for index in now if likeness[index] == most]
    if len(then) == len(now):
        found = now[then.index(place)]
        is_sure = likeness[found] > 0 or (len(now) == 1 and bool(name))
        return found + 1 if found in best and is_sure else None
    return best[0] + 1 if len(best) == 1 and likeness[best[0]] > _NEIGHBOURS else None


def _same(text: "_Text", bare: str, name: str) -> list[int]:
    """The lines with a text; with a name only those below a head that has it."""
    return [
        index
        for index, line in enumerate(text.bare)
        if line == bare and (not name or name in text.head(index))
    ]


def _likeness(before: "_Text", place: int, after: "_Text", index: int) -> int:
    """How many lines with text around two lines are the same, without a gap from them on."""
    count = 0
    for step in (-1, 1):
        pairs = zip(before.around(place, step), after.around(index, step), strict=False)
        for one, other in pairs:
            if one != other:
                break
            count += 1
    return count


class _Text:
    """The lines of a file."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.bare = [_bare(line) for line in lines]  # each without white space
        self._lines = lines

    def around(self, place: int, step: int) -> list[str]:
        """The nearest lines with text on one side, the nearest first."""
        found: list[str] = []
        index = place + step
        while 0 <= index < len(self.bare) and len(found) < _NEIGHBOURS:
            if self.bare[index]:
                found.append(self.bare[index])
            index += step
        return found

    def head(self, place: int) -> frozenset[str]:
        """The words of the line that begins what a line is in, at file level."""
        return self._heads[place]

    @cached_property
    def _heads(self) -> Sequence[frozenset[str]]:
        heads, words = list[frozenset[str]](), frozenset[str]()
        for line in self._lines:
            if _HEAD.match(line):
                words = frozenset(_WORD.findall(line))
            heads.append(words)
        return heads


def _bare(line: str) -> str:
    return line.translate(_WHITE_SPACE)

"""What stands in one sentence of a document.

Works on a *view* of a document: as many characters as its text, but code spans, markup, comments
and code blocks are masked, so that offsets stay and no pattern reads across them.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property

from msgspec import Struct

from callpath.mentions.model import Document, PassageKind

GAP = "\0"  # markup within a block
CODE = "\1"  # the inside of a code span
BREAK = "\2"  # what parts two blocks, and code blocks
CELL = "\3"  # what parts two blocks of one line: cells of a table
_MASKS = {PassageKind.CODE: CODE, PassageKind.COMMENT: GAP, PassageKind.FENCE: BREAK}
_REACH = 400  # how many characters away a symbol of the same sentence may stand

# The search is for one character of a few, what is around it is looked at then.
_END = re.compile(
    r"[.!?。！？；\x02](?:(?<=[。！？；])|(?<=\x02)\x02*+"
    r"|(?<=[.!?])(?<!\be\.g\.)(?<!\bi\.e\.)(?<!\bvs\.)(?<!\bcf\.)(?<!\betc\.)"
    r"(?=[\"')\]\0]{0,9}(?:[\s\x02\x03]|\Z)))"
)


class Sentences(Struct, frozen=True, dict=True):
    """The sentences of a document; a row of a table is one."""

    document: Document

    @cached_property
    def view(self) -> str:
        """Its prose; all else is masked."""
        return _view(self.document)

    @cached_property
    def _ends(self) -> list[int]:
        """Where each sentence ends, in order."""
        return [match.end() for match in _END.finditer(self.view)]

    def number(self, offset: int) -> int:
        """Which sentence an offset is in, from 0."""
        return bisect_right(self._ends, offset)

    def bounds(self, number: int) -> tuple[int, int]:
        """Start and end of a sentence."""
        start = self._ends[number - 1] if number else 0
        return start, self._ends[number] if number < len(self._ends) else len(self.view)

    def around(self, start: int, end: int) -> tuple[int, int]:
        """Start and end of what is near a stretch: of its sentence, its cell, some characters."""
        first, last = self.number(start), self.number(max(start, end - 1))
        left = max(start - _REACH, self.bounds(first)[0])
        right = min(end + _REACH, self.bounds(last)[1])
        left = max(left, self.view.rfind(CELL, left, start) + 1)
        cell = self.view.find(CELL, end, right)
        return left, right if cell < 0 else cell


def is_within(stretches: Sequence[tuple[int, int]], offset: int) -> bool:
    """Whether an offset is in one of some stretches, which are in order."""
    index = bisect_right(stretches, offset, key=lambda each: each[0]) - 1
    return index >= 0 and offset < stretches[index][1]


def _view(document: Document) -> str:
    """A text of the same length, in which only the prose is left."""
    text = document.text
    pieces: list[str] = []
    end, block = 0, -1
    for passage in document.passages:
        pieces.append(_gap(text[end : passage.start], is_inside=passage.block == block))
        if passage.kind is PassageKind.PROSE:
            pieces.append(text[passage.start : passage.end])
        else:
            pieces.append(_MASKS[passage.kind] * (passage.end - passage.start))
        end, block = passage.end, passage.block
    pieces.append(BREAK * (len(text) - end))
    return "".join(pieces)


def _gap(gap: str, *, is_inside: bool) -> str:
    if is_inside and gap == "\\":
        return gap  # an escape within a word: `kvm\_main.c`
    if is_inside:
        return (" " if "\n" in gap else GAP) * len(gap)
    return (BREAK if "\n" in gap else CELL) * len(gap)

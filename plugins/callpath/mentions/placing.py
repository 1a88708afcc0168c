"""Which texts of a notebook are read for mentions, and where in the files these then stand.

Works on values; `Notebook` says which pages and notes there are, and against what they are read.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING

from msgspec import Struct

from callpath.findings import Location
from callpath.mentions.exceptions import Exceptions, may_except, read_exceptions
from callpath.mentions.judging.judge import is_of_pin
from callpath.mentions.model import Document, Mention, PlacedMention
from callpath.model import Note, Pin, Text, visits

if TYPE_CHECKING:
    from callpath.mentions.kept import KeptReadings

RST_ENDINGS = (".rst",)

Reader = Callable[[Document], Sequence[Mention]]

_LINE_END = re.compile(r"\r\n|\n|\r")
_MARK = "\ufeff"  # what some editors write before a text; reports do not count it


class ReadText(Struct, frozen=True, dict=True):
    """A text of the notebook, with where it stands; it is read when it is asked what it says.

    Attributes:
        read: Returns the mentions of a document, in order.
        owner: The note's id, or the page's path below the notes' folder.
        others: The tracked versions, in which a name may be instead.
        is_rst: Whether it is reStructuredText; else it is Markdown.
        kept: What texts said in earlier runs, if that is asked.
    """

    text: Text
    read: Reader
    pin: Pin
    owner: str
    others: tuple[Pin, ...] = ()
    in_note: bool = False
    step: str = ""
    is_rst: bool = False
    kept: "KeptReadings | None" = None

    @property
    def file(self) -> str:
        """The file that it is in, relative to the project's root."""
        return self.text.location.file

    @cached_property
    def document(self) -> Document:
        """What it says."""
        if self.is_rst:
            from callpath.mentions.markup.rst import read_rst

            return read_rst(self.text.value)
        from callpath.mentions.markup.markdown import read_markdown

        return read_markdown(self.text.value)

    @cached_property
    def exceptions(self) -> Exceptions:
        """What its comments leave out of the findings."""
        if not may_except(self.text.value):
            return Exceptions()
        return read_exceptions(self.document, self.file, self.location_at)

    @cached_property
    def _starts(self) -> Sequence[int]:
        value = self.text.value
        if "\r" not in value:  # as a rule; then this is faster
            return [0, *accumulate(len(line) + 1 for line in value.split("\n"))]
        return [0, *(found.end() for found in _LINE_END.finditer(value))]

    def location_at(self, offset: int) -> Location:
        """The place of the character at an offset; that of the text if its places are not known."""
        first = self.text.location
        if not self.text.literal:
            return first
        line = bisect_right(self._starts, offset) - 1
        column = offset - self._starts[line] + self.text.indent + 1
        marked = not line and self.text.value.startswith(_MARK) and not self.in_note
        return Location(first.file, first.line + line, column - marked or 1)

    @cached_property
    def mentions(self) -> tuple[PlacedMention, ...]:
        """What it mentions, in order."""
        return tuple(
            PlacedMention(
                mention,
                self.location_at(mention.start),
                self.text.value[mention.start : mention.end],
                self.pin,
                self.others,
                self.owner,
                self.in_note,
                self.step,
            )
            for mention in self._read()
            if is_of_pin(mention, self.pin)
        )

    def _read(self) -> Sequence[Mention]:
        if self.kept is None:
            return self.read(self.document)
        return self.kept.mentions(
            self.text.value, is_rst=self.is_rst, read=lambda: self.read(self.document)
        )


def page_text(
    path: str, file: str, text: str, pin: Pin, others: tuple[Pin, ...], read: Reader
) -> ReadText:
    """A page's text.

    Parameters:
        path: The page's path below the notes' folder.
        file: Its path relative to the project's root.
        pin: What it is read against.
        others: The tracked versions besides.
    """
    whole = Text(text, Location(file), literal=True)
    return ReadText(whole, read, pin, path, others, is_rst=path.lower().endswith(RST_ENDINGS))


def note_texts(
    note: Note, tracked: Callable[[Pin], tuple[Pin, ...]], read: Reader
) -> Iterator[ReadText]:
    """The texts of a note that are not empty, in reading order.

    What an erratum quotes is left out: it is the older notes' word.

    Parameters:
        tracked: Returns the versions that are tracked besides that of a pin.
    """
    for text, pin, step in _texts(note):
        if text.value.strip():
            others = tracked(pin)
            yield ReadText(text, read, pin, note.id, others, in_note=True, step=step)


def _texts(note: Note) -> Iterator[tuple[Text, Pin, str]]:
    yield note.description, note.pin, ""
    for step in (visit.step for visit in visits(note)):
        yield step.commentary, note.pin, step.id
        for erratum in step.errata:
            yield erratum.correction, note.pin, step.id
        if step.remarks:
            from callpath.notes.references import remark_pin  # with Markdown's parser
        for remark in step.remarks:
            yield remark.text, remark_pin(note.pin, remark), step.id

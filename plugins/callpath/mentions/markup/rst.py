"""Reads reStructuredText as the Linux kernel's documentation is written in it.

A scanner of lines and of inline markup: no library gives the places of inline markup and reads any
text in linear time. What it does not know (an unknown directive, a role) it takes for plain words.
"""

import re
from collections.abc import Sequence

from msgspec import Struct, field

from callpath.mentions.markup.bare_links import bare_links
from callpath.mentions.model import Document, DocumentLink, Passage, PassageKind

_VERBATIM = frozenset(
    "code code-block sourcecode parsed-literal math raw graphviz digraph kernel-render toctree "  # noqa: SIM905
    "productionlist doctest prompt mermaid uml tikz highlight ipython index".split()
)
# Directives whose argument is words, and those whose argument is a path below the tree's root.
_WORDED = frozenset(
    "note warning tip hint important caution danger error attention admonition seealso todo topic "  # noqa: SIM905
    "sidebar rubric table flat-table list-table csv-table replace versionadded versionchanged "
    "deprecated".split()
)
_PATHS = frozenset({"kernel-doc"})
_CODE_ROLES = frozenset(
    "func data macro type struct union enum enumerator member expr texpr var file code literal "  # noqa: SIM905
    "samp".split()
)
_WORDED_ROLES = frozenset("ref doc term emphasis strong title".split())  # noqa: SIM905

_LINE = re.compile(r"[^\n]*\n?")
_BULLET = re.compile(
    r"(?:[-*+•‣⁃]|\(?(?:\d{1,9}|#|[A-Za-z]|[ivxlcdmIVXLCDM]{1,8})[.)])[ \t]+(?=\S)"
)
_RULE = re.compile(r"([!-/:-@\[-`{-~])\1{2,}[ \t]*\r?\n?")
_SIMPLE_BORDER = re.compile(r"=+(?: +=+)+[ \t]*\r?\n?|-+(?: +-+)+[ \t]*\r?\n?")
_GRID_BORDER = re.compile(r"\+(?:[-=]+\+)+[ \t]*\r?\n?")
_DIRECTIVE = re.compile(r"\.\.[ \t]+(?:\|[^|\n]*\|[ \t]+)?([A-Za-z][\w:+.-]*)::(?=[ \t\r\n]|\Z)")
_TARGET = re.compile(r"(?:\.\.[ \t]+_(`[^`\n]*`|(?:\\:|[^:`\n])+):|__(?=[ \t]))[ \t]*")
_NOTE = re.compile(r"\.\.[ \t]+\[[^\]\n]*\](?=\s|\Z)[ \t]*")
_EXPLICIT = re.compile(r"\.\.(?=\s|\Z)")
_OPTION = re.compile(r"[ \t]*:[\w -]{1,60}:(?=\s|\Z)")
_TICKS = re.compile(r"`{1,2}")
_ROLE = re.compile(r":([A-Za-z][\w:+.-]{0,60}):\Z")
_EMBEDDED = re.compile(r"\A([^<]*)<([^<>]*)>\s*\Z")
_CALL = re.compile(r"(?<![\w.>$%/-])[A-Za-z_]\w{1,100}\(\)")
_NAMED = re.compile(r"(?<![\w.+-])([A-Za-z0-9][\w.+-]{0,80}?)_(?![\w`])")
_WEB = re.compile(r"https?://", re.IGNORECASE)
_LONGEST_ROLE = 64


def read_rst(text: str) -> Document:
    """What a reStructuredText says."""
    reader = _Reader(text, _definitions(text))
    reader.read()
    passages = tuple(reader.passages)
    links = [*reader.links, *bare_links(text, passages, reader.links)]
    ordered = sorted(links, key=lambda link: (link.text_start, link.start))
    return Document(text, tuple(ordered), passages, tuple(reader.blocks))


class _Line(Struct, frozen=True):
    """A line without its bullets."""

    start: int  # where its words start
    end: int  # of its words
    indent: int  # columns before its words
    outer: int  # columns before its first bullet
    words: str


class _Targets(Struct):
    """Where the targets of references are written."""

    named: dict[str, tuple[str, int, int]] = field(default_factory=dict)
    unnamed: list[tuple[str, int, int] | None] = field(default_factory=list)


def _lines(text: str) -> Sequence[_Line]:
    return [_line(text, found.start(), found.end()) for found in _LINE.finditer(text) if found[0]]


def _line(text: str, start: int, end: int) -> _Line:
    words = text[start:end].rstrip()
    stop, outer = start + len(words), 0
    column, position = 0, start
    while position < stop and text[position] in " \t\f\v":
        column += 8 - column % 8 if text[position] == "\t" else 1
        position += 1
    outer = column
    while bullet := _BULLET.match(text, position, stop):
        column += bullet.end() - position
        position = bullet.end()
    return _Line(position, stop, column, outer, text[position:stop])


def _name(written: str) -> str:
    """A name of a target as references to it are compared."""
    return " ".join(written.strip("`").replace("\\", "").split()).casefold()


def _definitions(text: str) -> _Targets:
    """The web addresses that references can lead to."""
    targets = _Targets()
    if "_" not in text:
        return targets
    for line in _lines(text):
        found = _TARGET.match(line.words)
        if found is None:
            continue
        is_web = _WEB.match(line.words, found.end())
        place = (line.words[found.end() :], line.start + found.end(), line.end)
        name = _name(found[1] or "_")
        if name == "_":
            targets.unnamed.append(place if is_web else None)
        elif is_web:
            targets.named.setdefault(name, place)
    return targets


class _Reader:
    """Goes over the lines of a text, and over the inline markup of its paragraphs."""

    def __init__(self, text: str, targets: _Targets) -> None:
        self.text = text
        self.links: list[DocumentLink] = []
        self.passages: list[Passage] = []
        self.blocks: list[tuple[int, int]] = []
        self._lines = _lines(text)
        self._targets = targets
        self._unnamed = 0  # how many references without a name there were
        self._columns: tuple[int, ...] = ()  # where the cells start of an open simple table

    def read(self) -> None:
        """Read the whole text."""
        number = 0
        while number < len(self._lines):
            number = self._read(number)

    def _read(self, number: int) -> int:
        """Read what starts on a line; returns the line after it."""
        line = self._lines[number]
        if not line.words:
            return number + 1
        if _SIMPLE_BORDER.fullmatch(line.words):
            self._columns = tuple(found.start() for found in re.finditer(r"\S+", line.words))
            return number + 1
        if _RULE.fullmatch(line.words) or _GRID_BORDER.fullmatch(line.words):
            self._columns = ()
            return number + 1
        if _EXPLICIT.match(line.words) or line.words.startswith("__ "):
            return self._explicit(number)
        if line.words.startswith(">>> "):
            return self._verbatim(number, number + 1, line.indent - 1)
        if line.words.startswith("|") or self._columns:
            self._row(line)
            return number + 1
        if field_name := _OPTION.match(line.words):
            return self._hanging(number, line.start + field_name.end())
        return self._paragraph(number)

    def _explicit(self, number: int) -> int:
        """A directive, a target, a note or a comment."""
        line = self._lines[number]
        if found := _DIRECTIVE.match(line.words):
            return self._directive(found[1], line.start + found.end(), number)
        if _TARGET.match(line.words):
            return number + 1
        if found := _NOTE.match(line.words):
            return self._hanging(number, line.start + found.end())
        if line.words == "..":
            blank = number + 1 >= len(self._lines) or not self._lines[number + 1].words
            if blank:
                return number + 1
        end = self._behind(number + 1, line.indent)
        self._add(PassageKind.COMMENT, line.start, self._lines[end - 1].end, -1)
        return end

    def _directive(self, name: str, argument: int, number: int) -> int:
        line = self._lines[number]
        name = name.lower()
        if name in _VERBATIM:
            return self._verbatim(number + 1, number + 1, line.indent)
        if name in _WORDED and self.text[argument : line.end].strip():
            return self._hanging(number, argument)
        if name in _PATHS:
            self._block(argument, line.end)
            self._code(argument, line.end)
        number += 1
        while number < len(self._lines) and _OPTION.match(self._lines[number].words):
            number += 1
        return number

    def _hanging(self, number: int, start: int) -> int:
        """Words from a place on, with the lines below that are indented further."""
        first = last = self._lines[number]
        number += 1
        while number < len(self._lines):
            line = self._lines[number]
            if not line.words or line.outer <= first.indent or line.indent != line.outer:
                break
            if _OPTION.match(line.words) or _EXPLICIT.match(line.words):
                break
            last = line
            number += 1
        self._inline(start, last.end)
        return number

    def _behind(self, number: int, indent: int) -> int:
        """The line behind those that are indented further; blank ones before it do not count."""
        last = number
        while number < len(self._lines):
            line = self._lines[number]
            if line.words and line.outer <= indent:
                break
            number += 1
            last = number if line.words else last
        return last

    def _verbatim(self, first: int, number: int, indent: int) -> int:
        """A block of code from a line on, to the line that is not indented further."""
        end = self._behind(number, indent)
        while first < end and not self._lines[first].words:
            first += 1
        if first < end:
            start = self._lines[first].start
            self._add(PassageKind.FENCE, start, self._lines[end - 1].end, -1)
        return end

    def _paragraph(self, number: int) -> int:
        """Words up to a blank line, or to one that is indented otherwise."""
        first = last = self._lines[number]
        number += 1
        while number < len(self._lines):
            line = self._lines[number]
            if not line.words or line.outer != first.indent or line.indent != line.outer:
                break
            if _RULE.fullmatch(line.words) or _EXPLICIT.match(line.words):
                break
            last = line
            number += 1
        self._inline(first.start, last.end)
        is_blank = number < len(self._lines) and not self._lines[number].words
        if last.words.endswith("::") and is_blank:
            return self._verbatim(number, number, first.indent)
        return number

    def _row(self, line: _Line) -> None:
        """A line of a table, cell by cell; of a line block."""
        start, row = line.start, line.words
        if row.startswith("|"):
            cuts = [found.start() for found in re.finditer(r"\|", row)]
        else:
            start -= line.indent - line.outer  # a cell may hold a bullet
            row = self.text[start : line.end]
            # A cell may reach over several columns.
            cuts = [0, *(cut for cut in self._columns if row[cut - 1 : cut].isspace())]
        for left, right in zip(cuts, [*cuts[1:], len(row)], strict=True):
            cell = row[left:right].lstrip("|")
            first = start + right - len(cell.lstrip())
            self._inline(first, first + len(cell.strip()))

    def _block(self, start: int, end: int) -> None:
        self.blocks.append((start, end))

    def _add(self, kind: PassageKind, start: int, end: int, block: int) -> None:
        if start < end:
            self.passages.append(Passage(kind, start, end, block))

    def _code(self, start: int, end: int) -> None:
        inside = self.text[start:end]
        start += len(inside) - len(inside.lstrip())
        self._add(PassageKind.CODE, start, start + len(inside.strip()), len(self.blocks) - 1)

    def _inline(self, start: int, end: int) -> None:
        """Read the inline markup of a block."""
        if start >= end:
            return
        self._block(start, end)
        position = start
        while ticks := _TICKS.search(self.text, position, end):
            closing = self.text.find(ticks[0], ticks.end(), end)
            if closing < 0:
                break
            before = self.text[max(position, ticks.start() - _LONGEST_ROLE) : ticks.start()]
            role = _ROLE.search(before) if len(ticks[0]) == 1 else None
            self._plain(position, ticks.start() - (len(role[0]) if role else 0))
            if len(ticks[0]) == 2:
                self._code(ticks.end(), closing)
                position = closing + 2
            elif role:
                self._role(role[1], ticks.end(), closing)
                position = closing + 1
            else:
                position = self._reference(ticks.end(), closing)
        self._plain(position, end)

    def _plain(self, start: int, end: int) -> None:
        """Words without markup, in which calls of functions are names."""
        block = len(self.blocks) - 1
        for found in _NAMED.finditer(self.text, start, end) if self._targets.named else ():
            if place := self._targets.named.get(_name(found[1])):
                self.links.append(DocumentLink(*place, *found.span(1), block))
        position = start
        for found in _CALL.finditer(self.text, start, end):
            self._add(PassageKind.PROSE, position, found.start(), block)
            self._add(PassageKind.CODE, *found.span(), block)
            position = found.end()
        self._add(PassageKind.PROSE, position, end, block)

    def _role(self, role: str, start: int, end: int) -> None:
        """A text in a role, which may have its target in angle brackets."""
        written = self.text[start:end]
        target = _EMBEDDED.match(written)
        name = role.lower().removeprefix("c:")
        if name in _CODE_ROLES:
            left, right = (
                (start + target.start(2), start + target.end(2)) if target else (start, end)
            )
            while left < right and self.text[left] in "!~":
                left += 1
            if "{" not in written:
                self._code(left, right)
        elif name in _WORDED_ROLES:
            right = start + target.end(1) if target else end
            self._add(PassageKind.PROSE, start, right, len(self.blocks) - 1)

    def _reference(self, start: int, end: int) -> int:
        """A text in single backticks: a link if `_` is behind it; returns where it ends."""
        written, block = self.text[start:end], len(self.blocks) - 1
        after = end + 1
        underscores = 0
        while underscores < 2 and self.text.startswith("_", after + underscores):
            underscores += 1
        embedded = _EMBEDDED.match(written)
        words = (start, start + (len(embedded[1].rstrip()) if embedded else len(written)))
        self._add(PassageKind.PROSE, *words, block)
        if not underscores:
            return after
        if embedded and _WEB.match(embedded[2].strip()):
            left, right = start + embedded.start(2), start + embedded.end(2)
            href = "".join(embedded[2].split())
            self.links.append(DocumentLink(href, left, right, *words, block))
        elif place := self._place(written, embedded, underscores):
            self.links.append(DocumentLink(*place, *words, block))
        return after + underscores

    def _place(
        self, written: str, embedded: re.Match[str] | None, underscores: int
    ) -> tuple[str, int, int] | None:
        """Where the target of a reference is written, if it is a web address."""
        if underscores == 2 and not embedded:
            self._unnamed += 1
            unnamed = self._targets.unnamed
            return unnamed[self._unnamed - 1] if self._unnamed <= len(unnamed) else None
        name = embedded[2].strip().removesuffix("_") if embedded else written
        return self._targets.named.get(_name(name))

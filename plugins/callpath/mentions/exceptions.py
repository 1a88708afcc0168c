"""What a document, or the settings, leave out of the findings, and what leaves out nothing.

A comment `callpath: ignore RULE` is about the line that it stands on, or alone on a line about what
follows up to the next blank one; `ignore-page` about the whole file. Knows findings and comments,
not what a finding is about.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from fnmatch import fnmatchcase

from msgspec import Struct, field

from callpath import rules
from callpath.extensions import extensions
from callpath.findings import Finding, Location, did_you_mean
from callpath.mentions.model import Document, Passage, PassageKind
from callpath.model import IGNORE, IGNORE_PAGE, MARKS, PARTS, mark_fault, shown

Place = Callable[[int], Location]
"""Where the character at an offset of a text is."""

_COMMENT = re.compile(r"(?:<!--|\.\.)\s*callpath:[ \t]*")
_WORD = re.compile(r"[^\s`\"':,]+")
_SAID = re.compile(r"`([^`]+)`|\"([^\"]+)\"|'([^']+)'|([^\s`\"':,]+)|(:)")
_BLANK_LINES = re.compile(r"(?:[ \t\r]*\n)*")
_REST_OF_LINE = re.compile(r"[ \t\r]*(?:\n|\Z)")
_BLANK_LINE = re.compile(r"\n[ \t\r]*(?=\n|\Z)")
_REMEDY = "write `ignore RULE`, or the reference in backticks behind `ignore`"


class Exemption(Struct, frozen=True):
    """What leaves findings out."""

    location: Location  # where it is written
    rules: tuple[str, ...] = ()  # of any rule if there is none
    texts: tuple[str, ...] = ()  # about any reference if there is none; a last `*` is any ending
    path: str = ""  # the files that it is for, `*` is any characters; its own file if it is empty
    first: int = 0  # the lines that it is for; 0: all
    last: int = 0

    def __str__(self) -> str:
        """What it leaves out, as messages say it."""
        said = [f"`{rule}`" for rule in self.rules] + [shown(text) for text in self.texts]
        place = [f"in {shown(self.path)}"] if self.path.strip("*") else []
        return " ".join([", ".join(said), *place])


class _Group(Struct):
    """The exemptions for the same lines, by rule and by what the finding is about.

    Of two that say the same the first one counts; so the other is needless.
    """

    exact: dict[tuple[str, str], int] = field(default_factory=dict)
    beginnings: dict[tuple[str, str], int] = field(default_factory=dict)
    lengths: set[int] = field(default_factory=set)  # of the beginnings

    def add(self, exemption: Exemption, number: int) -> None:
        """Add the exemption that has a number."""
        for rule in exemption.rules or ("",):
            for text in map(_bare, exemption.texts or ("",)):
                if text.endswith("*"):
                    self.beginnings.setdefault((rule, text[:-1]), number)
                    self.lengths.add(len(text) - 1)
                else:
                    self.exact.setdefault((rule, text), number)

    def find(self, rule: str, written: str) -> Iterator[int]:
        """The numbers of those that are for a finding."""
        for of_rule in {rule, ""}:
            for text in {written, ""}:
                if (number := self.exact.get((of_rule, text))) is not None:
                    yield number
            for length in self.lengths:
                number = self.beginnings.get((of_rule, written[:length]))
                if number is not None and length <= len(written):
                    yield number


class Exceptions:
    """What is left out, and which of it was needed so far.

    Parameters:
        exemptions: What leaves findings out.
        faults: What is wrong with how they are written.
    """

    def __init__(
        self, exemptions: Iterable[Exemption] = (), faults: Iterable[Finding] = ()
    ) -> None:
        self.exemptions = tuple(exemptions)
        self.faults = tuple(faults)
        self._needed: set[int] = set()
        self._rules = {"", *(rule for one in self.exemptions for rule in one.rules)}
        self._anywhere: dict[str, _Group] = {}  # by the pattern of their path
        self._in_file: dict[str, _Group] = {}
        self._on_line: dict[tuple[str, int], _Group] = {}
        self._up_to: dict[str, dict[int, _Group]] = {}  # by the last line of their block
        for number, exemption in enumerate(self.exemptions):
            self._group(exemption).add(exemption, number)
        self._ends = {file: sorted(groups) for file, groups in self._up_to.items()}

    def _group(self, exemption: Exemption) -> _Group:
        file = exemption.location.file
        if exemption.path:
            return self._anywhere.setdefault(exemption.path, _Group())
        if not exemption.first:
            return self._in_file.setdefault(file, _Group())
        if exemption.first == exemption.last:
            return self._on_line.setdefault((file, exemption.first), _Group())
        return self._up_to.setdefault(file, {}).setdefault(exemption.last, _Group())

    def leaves_out(self, finding: Finding, written: str = "") -> bool:
        """Whether a finding is left out; what leaves it out counts as needed from then on.

        Parameters:
            finding: The finding.
            written: What it is about, as the text has it; empty if it is about no reference.
        """
        found = list(self._find(finding.rule, finding.location, written))
        self._needed.update(found)
        return bool(found)

    def spare(self, location: Location, written: str = "") -> None:
        """Take what would leave out a finding at a place for needed: nobody could judge there."""
        for rule in self._rules:
            self._needed.update(self._find(rule, location, written))

    def _find(self, rule: str, location: Location, written: str) -> Iterator[int]:
        """The numbers of the exemptions for a finding."""
        for group in self._groups(location.file, location.line):
            for number in group.find(rule, _bare(written)):
                if self.exemptions[number].first <= location.line:
                    yield number

    def _groups(self, file: str, line: int) -> Iterator[_Group]:
        """The exemptions that may be for a line; blocks are disjoint."""
        if group := self._in_file.get(file):
            yield group
        if group := self._on_line.get((file, line)):
            yield group
        for path, group in self._anywhere.items():
            if fnmatchcase(file, path):
                yield group
        ends = self._ends.get(file, ())
        number = bisect_left(ends, line)
        if number < len(ends):
            yield self._up_to[file][ends[number]]

    def unused(self) -> tuple[Finding, ...]:
        """What left out no finding, each as a finding."""
        return tuple(
            rules.NEEDLESS_EXCEPTION.at(
                exemption.location,
                f"there is no finding of {exemption} to leave out",
                "remove the exception",
            )
            for number, exemption in enumerate(self.exemptions)
            if number not in self._needed
        )


def joined(parts: Iterable[Exceptions]) -> Exceptions:
    """What several texts and the settings leave out, as one."""
    every = tuple(parts)
    return Exceptions(
        (one for part in every for one in part.exemptions),
        (one for part in every for one in part.faults),
    )


def remaining(
    findings: Iterable[tuple[Finding, str]], exceptions: Exceptions
) -> tuple[Finding, ...]:
    """The findings that nothing leaves out.

    Parameters:
        findings: Each with what it is about, as the text has it (`PlacedMention.written`).
        exceptions: What the texts and the settings leave out; afterwards it knows what was needed.
    """
    return tuple(
        finding for finding, written in findings if not exceptions.leaves_out(finding, written)
    )


_OTHER_MARK = re.compile(rf"callpath:(?![ \t]*(?:{'|'.join(PARTS)})\s)")


def may_except(text: str) -> bool:
    """Whether a text may say anything of exceptions; as a rule it has only marks of parts."""
    return "callpath:" in text and _OTHER_MARK.search(text) is not None


def read_exceptions(document: Document, file: str, place: Place | None = None) -> Exceptions:
    """What the comments of a document leave out, and what is wrong with them.

    Parameters:
        document: The document.
        file: Its path relative to the project's root.
        place: Where its characters are, if its first one is not that of the file.
    """
    if not may_except(document.text):
        return Exceptions()
    comments = [each for each in document.passages if each.kind is PassageKind.COMMENT]
    reader = _Reader(document.text, place or _place_in(document.text, file))
    for group in reversed(tuple(_groups(document.text, comments))):
        reader.read(group)
    return Exceptions(reversed(reader.exemptions), reversed(reader.faults))


def _is_rule(name: str) -> bool:
    return name in rules.RULES or name in extensions("rules")


def _place_in(text: str, file: str) -> Place:
    starts = [0, *(found.end() for found in re.finditer("\n", text))]

    def place(offset: int) -> Location:
        line = bisect_right(starts, offset)
        return Location(file, line, offset - starts[line - 1] + 1)

    return place


def _bare(written: str) -> str:
    """A reference as it is compared: without what marks it as code or as a call."""
    return written.strip("`").strip().removesuffix("()")


def _groups(text: str, comments: Sequence[Passage]) -> Iterator[Sequence[Passage]]:
    """The comments, those together that have only spaces between them."""
    group: list[Passage] = []
    for comment in comments:
        if group and text[group[-1].end : comment.start].strip(" \t"):
            yield group
            group = []
        group.append(comment)
    if group:
        yield group


class _Reader:
    """Reads comments, the last one of the text first."""

    def __init__(self, text: str, place: Place) -> None:
        self.exemptions: list[Exemption] = []
        self.faults: list[Finding] = []
        self._text = text
        self._place = place
        self._blank = [found.start() for found in _BLANK_LINE.finditer(text)]
        # The comment alone on a line that follows: where it starts, and the block that it is about.
        self._below: tuple[int, tuple[int, int]] = (-1, (0, 0))

    def read(self, group: Sequence[Passage]) -> None:
        """Read comments that stand together on a line."""
        for comment in reversed(group):
            found = _COMMENT.match(self._text, comment.start, comment.end)
            if found is None:
                continue
            end = comment.end - (3 if self._text.endswith("-->", 0, comment.end) else 0)
            verb = _WORD.match(self._text, found.end(), end)
            if verb is None or verb[0] not in MARKS:
                name = self._text[found.end() : end].strip()
                self.faults.append(mark_fault(name, self._place(found.end())))
            elif verb[0] in (IGNORE, IGNORE_PAGE):
                lines = self._lines(group) if verb[0] == IGNORE else (0, 0)
                self._exemption(comment, verb.end(), end, lines)

    def _exemption(self, comment: Passage, start: int, end: int, lines: tuple[int, int]) -> None:
        """What a comment says behind its verb; a reason may follow behind a colon."""
        location = self._place(comment.start)
        named: list[str] = []
        texts: list[str] = []
        is_wrong = False
        for found in _SAID.finditer(self._text, start, end):
            if found[5]:
                break
            if not found[4]:
                texts.append(found[found.lastindex or 0])
            elif _is_rule(found[4]):
                named.append(found[4])
            else:
                is_wrong = True
                message = f"the exception names {shown(found[4])}, which is no rule"
                known = [*rules.RULES, *extensions("rules")]
                hint = did_you_mean(found[4], known, "`callpath rule` lists the rules")
                place = self._place(found.start(4))
                self.faults.append(rules.NEEDLESS_EXCEPTION.at(place, message, hint))
        if named or texts:
            unique = tuple(dict.fromkeys(named)), tuple(dict.fromkeys(texts))
            self.exemptions.append(Exemption(location, *unique, "", *lines))
        elif not is_wrong:
            message = "the exception names neither a rule nor a reference"
            self.faults.append(rules.NEEDLESS_EXCEPTION.at(location, message, _REMEDY))

    def _lines(self, group: Sequence[Passage]) -> tuple[int, int]:
        """The lines that comments on one line are about."""
        start, end = group[0].start, group[-1].end
        first = self._place(start).line
        rest = _REST_OF_LINE.match(self._text, end)
        if rest is None or not self._starts_line(start):
            return first, first
        behind = _BLANK_LINES.match(self._text, rest.end())
        block = self._block(behind.end() if behind else rest.end())
        self._below = (start, block)
        return block

    def _starts_line(self, position: int) -> bool:
        while position and self._text[position - 1] in " \t":
            position -= 1
        return position == 0 or self._text[position - 1] == "\n"

    def _block(self, start: int) -> tuple[int, int]:
        """The first and last line of what starts at a place; another comment alone is none."""
        words = start
        while self._text[words : words + 1] in (" ", "\t"):
            words += 1
        if words == self._below[0]:
            return self._below[1]
        number = bisect_left(self._blank, start)
        end = self._blank[number] if number < len(self._blank) else len(self._text)
        return self._place(start).line, self._place(max(start, end - 1)).line

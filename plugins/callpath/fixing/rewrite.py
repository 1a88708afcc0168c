"""Rewrites what judgements of mentions are certain of: from the bytes of files to new bytes.

Takes judgements and the content of the files that they are in; does no input or output. What was
written is read back by whoever has the notebook, and compared here with what it has to say.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from operator import attrgetter
from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from callpath.edits import Edit, apply, encoded
from callpath.findings import Location
from callpath.mentions.model import (
    Address,
    Citation,
    Document,
    Judgement,
    Mention,
    PlacedMention,
    SourceLink,
)
from callpath.mentions.placing import ReadText
from callpath.model import Reference, Symbol
from callpath.notes.yaml_errors import Characters, decode


class Rewriting(Struct, frozen=True):
    """What has to stand in the place of a mention."""

    placed: PlacedMention
    text: str
    symbol: Symbol | None = None  # what it becomes a `src:` link to
    path: str = ""  # another path that a citation has then


class Left(Struct, frozen=True):
    """A rewriting that is certain, but cannot be written."""

    location: Location
    reason: str


class FileFix(Struct, frozen=True):
    """A file with what is certain rewritten."""

    file: str
    before: bytes
    after: bytes
    rewritings: tuple[Rewriting, ...]  # in the order of the file


class Fixes(Struct, frozen=True):
    """What can be rewritten in all files."""

    files: tuple[FileFix, ...] = ()  # those that change, sorted by name
    left: tuple[Left, ...] = ()  # in order

    def without(self, said: Mapping[str, str]) -> "Fixes":
        """The same without some files, each with the reason why it stays as it is."""
        stay = [
            Left(one.placed.location, said[fix.file])
            for fix in self.files
            if fix.file in said
            for one in fix.rewritings
        ]
        files = tuple(fix for fix in self.files if fix.file not in said)
        return Fixes(files, tuple(sorted((*self.left, *stay), key=attrgetter("location"))))


_ELSEWHERE = "it is not written there as it is read: by an escape, or over several lines"
_SHARED = "other links use this address too, and do not need the same one"
_UNREADABLE = "the file is not UTF-8 text, or has control characters"
_OVERLAP = "it overlaps with something else that has to be rewritten"
OTHERWISE = "rewritten, the file would say something else as well"


def certain(judgements: Iterable[Judgement]) -> Iterator[Rewriting]:
    """The rewritings that judgements with a finding are certain of."""
    for one in judgements:
        if one.finding and one.replacement and one.replacement != one.placed.written:
            yield Rewriting(one.placed, one.replacement)


def plan_fixes(
    rewritings: Iterable[Rewriting],
    mentions: Iterable[PlacedMention],
    contents: Mapping[str, bytes],
) -> Fixes:
    """The new content of the files in which something is rewritten.

    Parameters:
        rewritings: What has to be rewritten.
        mentions: All mentions of these files.
        contents: The content of each file that something has to be rewritten in.
    """
    wanted: dict[str, list[Rewriting]] = defaultdict(list)
    for one in rewritings:
        wanted[one.placed.location.file].append(one)
    at = Counter((one.location, one.written) for one in mentions)
    fixes, left = list[FileFix](), list[Left]()
    for file in sorted(wanted):
        fix, stay = _file_fix(file, contents[file], wanted[file], at)
        left += stay
        if fix.before != fix.after:
            fixes.append(fix)
    return Fixes(tuple(fixes), tuple(sorted(left, key=attrgetter("location"))))


def _file_fix(
    file: str,
    data: bytes,
    wanted: Sequence[Rewriting],
    at: Mapping[tuple[Location, str], int],
) -> tuple[FileFix, list[Left]]:
    characters, faults = decode(file, data)
    same = FileFix(file, data, data, ())
    if characters is None or faults or encoded(data, characters.text) != data:
        return same, [Left(one.placed.location, _UNREADABLE) for one in wanted]
    edits: dict[Edit, list[Rewriting]] = defaultdict(list)
    left = []
    for one in wanted:
        edit = _edit(characters, one)
        if edit is None:
            left.append(Left(one.placed.location, _ELSEWHERE))
        else:
            edits[edit].append(one)
    done: list[Rewriting] = []
    chosen: list[Edit] = []
    for edit in sorted(edits):
        reason = _obstacle(edit, chosen, edits, at)
        if reason:
            left += [Left(one.placed.location, reason) for one in edits[edit]]
        else:
            chosen.append(edit)
            done += edits[edit]
    text = apply(file, characters.text, chosen)
    return FileFix(file, data, encoded(data, text), tuple(done)), left


def _obstacle(
    edit: Edit,
    chosen: Sequence[Edit],
    edits: Mapping[Edit, Sequence[Rewriting]],
    at: Mapping[tuple[Location, str], int],
) -> str:
    """Why an edit cannot be made; empty if it can."""
    own = edits[edit]
    # Several links may have one target: that of a reference link's definition.
    if at[own[0].placed.location, own[0].placed.written] != len(own):
        return _SHARED
    return _OVERLAP if chosen and edit.start < chosen[-1].end else ""


def _edit(characters: Characters, wanted: Rewriting) -> Edit | None:
    """The edit of a rewriting; None if the mention is not written where it is said to be."""
    placed = wanted.placed
    if not placed.written or len((placed.written + wanted.text).splitlines()) != 1:
        return None
    line = characters.line(placed.location.line)
    if not line.startswith(placed.written, placed.location.column - 1):
        return None
    start = characters.index(placed.location)
    return Edit(start, start + len(placed.written), wanted.text)


# What was written, read back.


def misread(
    fix: FileFix,
    before: Sequence[ReadText],
    after: Sequence[ReadText],
    references: tuple[Sequence[Reference], Sequence[Reference]] = ((), ()),
) -> bool:
    """Whether a rewritten file does not say what it has to, or says something else besides.

    Parameters:
        before: The texts of the file as it was, in order.
        after: Those of the file as it is now.
        references: The references of the file as it was, and as it is now.
    """
    wanted = {(one.placed.location, one.placed.written): one for one in fix.rewritings}
    if len(before) != len(after):
        return True
    if not all(_is_as_wanted(old, now, wanted) for old, now in zip(before, after, strict=True)):
        return True
    was, now_is = (Counter((one.symbol, one.occurrence) for one in each) for each in references)
    became = Counter(one.symbol for one in fix.rewritings if one.symbol)
    more = Counter(replace(symbol, kind="") for symbol, _ in (now_is - was).elements())
    return bool(was - now_is) or more != became


_Wanted: TypeAlias = Mapping[tuple[Location, str], Rewriting]


def _is_as_wanted(old: ReadText, now: ReadText, wanted: _Wanted) -> bool:
    """Whether a text has the same structure as before, and says what was wanted."""
    rewritten = [
        (one.mention, wanted[one.location, one.written])
        for one in old.mentions
        if (one.location, one.written) in wanted
    ]
    edits = sorted({Edit(one.start, one.end, wish.text) for one, wish in rewritten})
    if apply(old.file, old.text.value, edits) != now.text.value:
        return False
    if not rewritten:
        return True
    moved = _Moved(edits)
    if moved.structure(old.document) != _Moved([]).structure(now.document):
        return False
    found = {(one.mention.start, type(one.mention)): one.mention for one in now.mentions}
    words = _Words(now.document)
    for mention, wish in rewritten:
        at = moved.offset(mention.start)
        there = found.get((at, type(mention)))
        # The words of a link to a fixed version are of that: what they cite is not read then.
        is_covered = isinstance(mention, Citation) and at in words
        if not (wish.symbol or is_covered or _is_right(mention, there, wish.path)):
            return False
    return True


class _Words:
    """Where the words of a document's links are."""

    def __init__(self, document: Document) -> None:
        spans = sorted((link.text_start, link.text_end) for link in document.links)
        self._starts = [start for start, _ in spans]
        self._ends = [end for _, end in spans]

    def __contains__(self, offset: int) -> bool:
        index = bisect_right(self._starts, offset) - 1
        return index >= 0 and offset < self._ends[index]


def _is_right(old: Mention, now: Mention | None, path: str) -> bool:
    """Whether what stands in the place of a mention is of the same kind, and leads somewhere.

    `path` is the other path that a citation has then, or empty.
    """
    match old, now:
        case SourceLink(address=Address() as was), SourceLink(address=Address() as address):
            return all(
                getattr(was, part) == getattr(address, part)
                for part in ("viewer", "kind", "project")
            )
        case Citation(), Citation():
            return now.path == (path or old.path)
    return False


class _Moved:
    """Where the offsets of a text are when it is edited; the edits are in order."""

    def __init__(self, edits: Sequence[Edit]) -> None:
        self._ends = [one.end for one in edits]
        grown = (len(one.text) - (one.end - one.start) for one in edits)
        self._shifts = [*accumulate(grown, initial=0)]

    def offset(self, offset: int) -> int:
        """Where an offset is then."""
        return offset + self._shifts[bisect_right(self._ends, offset)]

    def structure(self, document: Document) -> object:
        """What a document consists of, with its offsets then."""
        at = self.offset
        links = [
            (at(one.start), at(one.end), at(one.text_start), at(one.text_end), one.block)
            for one in document.links
        ]
        passages = [(one.kind, at(one.start), at(one.end), one.block) for one in document.passages]
        return links, passages, [(at(start), at(end)) for start, end in document.blocks]


def new_places(fix: FileFix, places: Iterable[Location]) -> Iterator[Location]:
    """Where places of a file are after its fix, in the same order; those of others stay."""
    lines: dict[int, set[Edit]] = defaultdict(set)
    for one in fix.rewritings:
        start = one.placed.location.column
        edit = Edit(start, start + len(one.placed.written), one.text)
        lines[one.placed.location.line].add(edit)
    moved = {line: _Moved(sorted(edits)) for line, edits in lines.items()}
    for place in places:
        if place.file == fix.file and place.line in moved:
            yield replace(place, column=moved[place.line].offset(place.column))
        else:
            yield place

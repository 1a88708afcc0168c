"""Rewrites what judgements of mentions are certain of: from the bytes of files to new bytes.

Takes judgements and the content of the files that they are in; does no input or output. What was
written is read back by whoever has the notebook, and compared here with what it has to say.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from operator import attrgetter

from callpath.findings import Location
from callpath.mentions.model import (
    Address,
    Citation,
    Judgement,
    Mention,
    Name,
    PlacedMention,
    SourceLink,
)
from callpath.model import Reference, Symbol
from callpath.notes.yaml_errors import Characters, decode
from callpath.repin.edits import Edit, apply, encoded


@dataclass(frozen=True, slots=True)
class Rewriting:
    """What has to stand in the place of a mention."""

    placed: PlacedMention
    text: str
    symbol: Symbol | None = None  # what it becomes a `src:` link to


@dataclass(frozen=True, slots=True)
class Left:
    """A rewriting that is certain, but cannot be written."""

    location: Location
    reason: str


@dataclass(frozen=True, slots=True)
class FileFix:
    """A file with what is certain rewritten."""

    file: str
    before: bytes
    after: bytes
    rewritings: tuple[Rewriting, ...]  # in the order of the file


@dataclass(frozen=True, slots=True)
class Fixes:
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
    before: Sequence[PlacedMention],
    after: Sequence[PlacedMention],
    references: tuple[Sequence[Reference], Sequence[Reference]] = ((), ()),
) -> bool:
    """Whether a rewritten file does not say what it has to, or says something else besides.

    Parameters:
        before: The mentions of the file as it was, in order.
        after: Those of the file as it is now.
        references: The references of the file as it was, and as it is now.
    """
    wanted = {(one.placed.location, one.placed.written): one for one in fix.rewritings}
    expected = list[tuple[PlacedMention, Rewriting | None]]()
    became = list[Symbol]()
    for one in before:
        rewriting = wanted.get((one.location, one.written))
        if rewriting and rewriting.symbol:
            became.append(rewriting.symbol)
        else:
            expected.append((one, rewriting))
    if not all(
        old and now and _says(old[0], old[1], now) for old, now in zip_longest(expected, after)
    ):
        return True
    was, now_is = (Counter(_of(one) for one in each) for each in references)
    more = now_is - was
    names = Counter((one.path, one.name) for one in became)
    now_names = Counter((symbol.path, symbol.name) for symbol, _ in more.elements())
    return bool(was - now_is) or now_names != names


def _of(reference: Reference) -> tuple[Symbol, int]:
    return reference.symbol, reference.occurrence


def _says(old: PlacedMention, rewriting: Rewriting | None, now: PlacedMention) -> bool:
    if rewriting is not None:
        return now.written == rewriting.text and _is_of_the_same(old.mention, now.mention)
    return now.written == old.written and _meaning(now.mention) == _meaning(old.mention)


def _is_of_the_same(old: Mention, now: Mention) -> bool:
    """Whether two mentions are of one kind and one project, and the new one leads somewhere."""
    match old, now:
        case SourceLink(address=Address() as was), SourceLink(address=Address() as address):
            return all(
                getattr(was, part) == getattr(address, part)
                for part in ("viewer", "kind", "project")
            )
        case Citation(), Citation():
            return True
    return False


def _meaning(mention: Mention) -> object:
    """What a mention says, wherever it stands and whatever stands around it."""
    match mention:
        case SourceLink():
            return mention.address
        case Citation():
            return (mention.path, mention.first, mention.last)
        case Name():
            return (mention.form, mention.words)


def at_new_place(location: Location, fixes: Sequence[FileFix]) -> Location:
    """Where a place of the old files is in the new ones."""
    shift = 0
    for fix in fixes:
        moved = {(one.placed.location, one.placed.written, one.text) for one in fix.rewritings}
        for place, written, text in moved:
            if (place.file, place.line) == (location.file, location.line):
                shift += (len(text) - len(written)) * (place.column < location.column)
    return replace(location, column=location.column + shift)

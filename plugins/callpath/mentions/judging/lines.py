"""What facts say of the lines that a mention names, in one file.

A line is right when it is in a symbol that the text names, or holds its name. What cannot be told
for sure is right.
"""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from callpath import rules
from callpath.facts.mentions import LineFact, LineNature, MentionFacts, PlaceFact
from callpath.findings import Rule
from callpath.languages import LISTED
from callpath.mentions.model import Verdict
from callpath.model import Pin


class Target(Struct, frozen=True):
    """What a link or a citation names."""

    path: str  # as it is written
    first: int = 0
    last: int = 0
    named: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    is_citation: bool = False

    @property
    def is_range(self) -> bool:
        """Whether it names more than one line."""
        return self.last > self.first

    @property
    def lines(self) -> str:
        """Its lines in messages."""
        return f"lines {self.first}–{self.last}" if self.is_range else f"line {self.first}"


class Answer(Struct, frozen=True):
    """What the facts say of a target."""

    verdict: Verdict
    rule: Rule | None = None
    message: str = ""
    hint: str = ""
    path: str = ""  # where it is instead, if that is certain
    first: int = 0  # the lines where it is instead, if they are certain
    last: int = 0
    is_proved: bool = False  # whether the lines have the name of a symbol that the text names


RIGHT = Answer(Verdict.RIGHT)
UNKNOWN = Answer(Verdict.NOT_CHECKED)  # facts are missing

_SHOWN = 3  # symbols that a message names

MOST_USES = 50
"""Of so many uses of a name in a file others may be left out."""
_CLOSE = 10  # lines from a use, in which a call and what is around it lie
_AROUND = 3  # lines from a use, in which its condition is, or what becomes of it
_LONGEST_COMMENT = 40  # lines from a comment that has a name to its definition


def answer_lines(target: Target, path: str, length: int, pin: Pin, facts: MentionFacts) -> Answer:
    """What facts say of the lines of a target.

    Parameters:
        path: The whole path of the file.
        length: How many lines it has; 0 if that is not known.
    """
    file = _File(target, path, length, pin, facts)
    return file.lines() if target.first else file.without_lines()


class _File(Struct, frozen=True):
    """A target in one file, and the facts of it."""

    target: Target
    path: str
    length: int
    pin: Pin
    facts: MentionFacts

    def places(self, names: Iterable[str]) -> list[PlaceFact]:
        found = (self.facts.place(self.pin, self.path, name) for name in names)
        return [place for place in found if place is not None]

    def ends(self) -> list[LineFact]:
        """The facts of the first and the last line, as far as they are known."""
        lines = dict.fromkeys((self.target.first, self.target.last))
        found = (self.facts.line(self.pin, self.path, line) for line in lines)
        return [line for line in found if line is not None]

    def where(self) -> str:
        return f"{self.target.lines} of `{self.path}` in {self.pin.version}"

    def without_lines(self) -> Answer:
        """A file without a line must have the symbol that the text names."""
        target, places = self.target, self.places(self.target.named)
        if len(places) < len(target.named):
            return UNKNOWN
        if not places or not self.path.endswith(LISTED) or _speaks_of(places):
            return RIGHT
        away = [place for place in places if place.elsewhere]
        if len(away) < len(places):
            return RIGHT
        message = f"`{self.path}` of {self.pin.version} does not have `{away[0].name}`"
        return Answer(Verdict.SUSPECT, rules.SUSPECT_LINE, message, elsewhere_hint(away[0]))

    def lines(self) -> Answer:
        """The lines of a target."""
        named = self.places(self.target.named)
        if self.is_past_end():
            return self.past_end(named)
        ends = self.ends()
        if not ends or len(named) < len(self.target.named):
            return UNKNOWN
        return (
            self.by_named(named, ends) or self.by_near(ends) or self.by_nature(ends, named) or RIGHT
        )

    def is_past_end(self) -> bool:
        if self.length:
            return max(self.target.first, self.target.last) > self.length
        return any(end.nature is LineNature.ABSENT for end in self.ends())

    def past_end(self, named: Sequence[PlaceFact]) -> Answer:
        message = f"`{self.path}` of {self.pin.version} has no line " + str(
            self.target.first if self.target.first > self.length else self.target.last
        )
        hint = f"it has {self.length} line{'s' * (self.length != 1)}" if self.length else ""
        if found := self.moved(named):
            hint = "; ".join(filter(None, (hint, found.hint)))
            place = (found.path, found.first, found.last)
            return Answer(found.verdict, rules.MISSING_LINE, message, hint, *place)
        return Answer(Verdict.WRONG, rules.MISSING_LINE, message, hint)

    def by_named(self, named: Sequence[PlaceFact], ends: Sequence[LineFact]) -> Answer | None:
        """The answer by the symbols that the words name; None if they show nothing."""
        if any(self.is_in(place, ends) for place in named):
            suspect = self.by_nature(ends, named)
            return suspect or Answer(Verdict.RIGHT, is_proved=any(map(self.is_at, named)))
        if any(len(place.uses) >= MOST_USES or self.is_near_use(place) for place in named):
            return None
        if not any(place.definitions for place in named) and _speaks_of(named):
            is_known = any(place.elsewhere for place in named)
            return self.away_from_uses(named) if is_known else None
        moved = self.moved(named)
        if moved is None:
            return None
        known = [place for place in named if place.definitions or place.elsewhere] or named
        names = " or ".join(f"`{place.name}`" for place in known[:_SHOWN])
        verb = "are" if self.target.is_range else "is"
        message = f"{self.where()} {verb} not in {names}"
        place = (moved.path, moved.first, moved.last)
        return Answer(moved.verdict, rules.WRONG_LINE, message, moved.hint, *place)

    def is_near_use(self, place: PlaceFact) -> bool:
        """Whether a citation is of what is around a use of a symbol, by one who speaks of that."""
        first, last = self.target.first, max(self.target.first, self.target.last)
        heads = [range(start, line + 1) for line, start, _ in place.definitions]
        return self.target.is_citation and any(
            first - _AROUND <= use <= last + _AROUND
            for use in place.uses
            if not any(use in head for head in heads)
        )

    def moved(self, named: Sequence[PlaceFact]) -> Answer | None:
        """Where the symbols that the words name are: verdict, hint and the right place; or None."""
        here = [place for place in named if place.definitions]
        if here:
            hint = "; ".join(map(_here_hint, here))
            is_other = self.target.is_citation and here[0] is not named[0]
            if len(here) > 1 or len(here[0].definitions) > 1 or is_other:
                return Answer(Verdict.WRONG, hint=hint)
            return Answer(Verdict.MOVED, None, "", hint, "", *self.lines_of(here[0]))
        away = [place for place in named if place.elsewhere and not place.uses]
        if not away or len(away) < len(named):
            return None
        hint = "; ".join(map(elsewhere_hint, away))
        if len(away) > 1 or len(away[0].elsewhere) > 1:
            return Answer(Verdict.WRONG, hint=hint)
        path, line = away[0].elsewhere[0]
        lines = (0, 0) if self.target.is_range else (line, line)
        return Answer(Verdict.MOVED, None, "", hint, path if lines[0] else "", *lines)

    def lines_of(self, place: PlaceFact) -> tuple[int, int]:
        """The lines to name for a definition; 0 and 0 if a range does not show what it means."""
        line, start, end = place.definitions[0]
        if not self.target.is_range:
            return line, line
        length, meant = end - start, self.target.last - self.target.first
        return (start, end) if abs(length - meant) <= max(2, length // 5) else (0, 0)

    def is_in(self, place: PlaceFact, ends: Sequence[LineFact]) -> bool:
        """Whether the lines have something of a symbol."""
        first, last = self.target.first, max(self.target.first, self.target.last)
        if any(first <= use <= last for use in place.uses):
            return True
        if any(_is_of(end, place.name) for end in ends):
            return True
        return any(
            (first <= end and last >= start)
            or first <= line <= last
            or _is_above(ends, last, start, line, place.uses)
            for line, start, end in place.definitions
        )

    def is_at(self, place: PlaceFact) -> bool:
        """Whether the lines have the name of a symbol."""
        first, last = self.target.first, max(self.target.first, self.target.last)
        names = (*place.uses, *(line for line, _, _ in place.definitions))
        return any(first <= line <= last for line in names)

    def away_from_uses(self, named: Sequence[PlaceFact]) -> Answer | None:
        """The answer where the file only uses the symbols, and not on these lines."""
        first, last = self.target.first, max(self.target.first, self.target.last)
        uses = sorted({use for place in named for use in place.uses})
        near = min(uses, key=lambda use: max(first - use, use - last))
        if first - _CLOSE <= near <= last + _CLOSE:
            return None
        used = next(place for place in named if place.uses)
        message = (
            f"{self.where()} {'do' if self.target.is_range else 'does'} not have `{used.name}`"
        )
        hint = f"line {near} has it" if len(uses) > 1 else f"only line {near} has it"
        if used.elsewhere:
            hint += f"; {elsewhere_hint(used)}"
        return Answer(Verdict.SUSPECT, rules.SUSPECT_LINE, message, hint)

    def by_near(self, ends: Sequence[LineFact]) -> Answer | None:
        """The answer by the symbols of the sentence; None if they show nothing."""
        if self.target.named:
            return None
        near = self.places(self.target.near)
        if any(self.is_in(place, ends) for place in near):
            return self.by_nature(ends, near) or RIGHT
        here = [place for place in near if place.definitions]
        is_open = any(len(place.uses) >= MOST_USES for place in near)
        if len(here) != 1 or is_open or len(near) < len(self.target.near):
            return None
        verb = "are" if self.target.is_range else "is"
        message = f"{self.where()} {verb} not in `{here[0].name}`, which the sentence names"
        return Answer(Verdict.SUSPECT, rules.SUSPECT_LINE, message, _here_hint(here[0]))

    def by_nature(self, ends: Sequence[LineFact], known: Sequence[PlaceFact]) -> Answer | None:
        """The answer where nobody can mean such a line; None if somebody can.

        Parameters:
            known: The symbols that are known to be meant: a comment in or above one is meant too.
        """
        if self.target.is_range:
            return None
        what = _UNMEANT.get(ends[0].nature, "")
        if not what or (ends[0].nature is LineNature.COMMENT and self.is_of_one(known, ends)):
            return None
        hint = "; ".join(_here_hint(place) for place in known if place.definitions)
        if not hint and ends[0].name:
            hint = f"it is in `{ends[0].name}`"
        message = f"{self.where()} is {what}"
        return Answer(Verdict.SUSPECT, rules.SUSPECT_LINE, message, hint or _MEANT)

    def is_of_one(self, known: Iterable[PlaceFact], ends: Sequence[LineFact]) -> bool:
        return any(self.is_in(place, ends) for place in known)


_MEANT = "name the line that is meant"
_UNMEANT = {
    LineNature.BLANK: "blank",
    LineNature.BRACE: "a lone brace",
    LineNature.COMMENT: "in the middle of a comment",
}


def _speaks_of(places: Iterable[PlaceFact]) -> bool:
    """Whether the file has one of the names."""
    return any(place.definitions or place.uses for place in places)


def _is_of(end: LineFact, name: str) -> bool:
    """Whether a line is in a definition of a name, or in the comment directly above it."""
    return bool(end.name) and name in (end.name, end.name.rpartition(".")[2])


def _is_above(
    ends: Sequence[LineFact], last: int, start: int, line: int, uses: Iterable[int]
) -> bool:
    """Whether a line is directly above a definition, in a comment there or one with the name."""
    if any(start <= end.above <= line for end in ends):
        return True
    if any(end.name for end in ends) or last >= start:
        return False
    nature = ends[-1].nature
    if nature is LineNature.CODE:
        return last == start - 1
    is_near = last >= start - _LONGEST_COMMENT and any(last < use < start for use in uses)
    return nature is LineNature.COMMENT and is_near


def _here_hint(place: PlaceFact) -> str:
    lines = " and ".join(str(line) for line, _, _ in place.definitions)
    return f"`{place.name}` is at line{'s' * (len(place.definitions) > 1)} {lines}"


def elsewhere_hint(place: PlaceFact) -> str:
    """Where the tree defines a name that a file does not."""
    places = " and ".join(f"`{path}:{line}`" for path, line in place.elsewhere)
    return f"`{place.name}` is at {places}"

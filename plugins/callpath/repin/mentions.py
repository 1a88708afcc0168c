"""Where the links and citations of notes and pages lead at another version: `callpath repin`.

A line follows the definition that it is in; another one follows its text. What cannot be told for
sure stays as it is, and is reported. Names and links to other versions are left alone.
"""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from callpath import rules
from callpath.drift.find import Side
from callpath.drift.match import DefinitionText, Outcome, ReferenceDrift
from callpath.facts.lock import DriftStatus
from callpath.facts.mentions import (
    LineFact,
    LineNature,
    MentionFacts,
    PathFact,
    PathNature,
    Questions,
)
from callpath.findings import Finding, offer
from callpath.fixing.rewrite import Rewriting
from callpath.mentions.judging.judge import (
    is_floating,
    judge,
    rewritten_citation,
    rewritten_link,
    tree_of,
)
from callpath.mentions.judging.moved import moved_line
from callpath.mentions.judging.paths import certain_path
from callpath.mentions.model import (
    Address,
    AddressKind,
    Citation,
    PlacedMention,
    SourceLink,
    Verdict,
)
from callpath.mentions.viewers import Viewer
from callpath.model import Pin, Reference, Symbol
from callpath.repin.report import perhaps
from callpath.sources.base import FileText
from callpath.verify.answers import answer

Drifts = Mapping[tuple[Symbol, int], ReferenceDrift]
"""What became of definitions of one old pin, by symbol and occurrence."""


class MovedMentions(Struct, frozen=True):
    """What becomes of the links and citations that are read against one old pin."""

    rewritings: tuple[Rewriting, ...] = ()
    lost: tuple[Finding, ...] = ()
    reviews: tuple[ReferenceDrift, ...] = ()  # of those that lead into what changed

    def __add__(self, other: "MovedMentions") -> "MovedMentions":
        """What becomes of both."""
        return MovedMentions(
            self.rewritings + other.rewritings,
            self.lost + other.lost,
            self.reviews + other.reviews,
        )


def movable(placed: Iterable[PlacedMention], pin: Pin) -> tuple[PlacedMention, ...]:
    """The links and citations among some mentions that follow a pin to another version."""
    return tuple(
        one
        for one in placed
        if isinstance(one.mention, SourceLink | Citation)
        and not is_floating(one)
        and one.pin == pin
        and tree_of(one) == pin
    )


def move_mentions(
    placed: Iterable[PlacedMention],
    facts: MentionFacts,
    drifts: Drifts,
    sides: tuple[Side, Side],
    viewers: Sequence[Viewer],
) -> MovedMentions:
    """Where mentions of an old version lead at a new one.

    What is wrong at the old version already is left as it is: the check reports it.

    Parameters:
        placed: Those that are `movable` from the pin of the old side.
        facts: What the old version says of them.
        drifts: What became of the definitions that they lead into.
        sides: The old and the new version.
        viewers: The table that addresses are read and rewritten by.

    Raises SourceError if a source broke.
    """
    moving = _Moving(facts, drifts, *sides)
    rewritings, lost, reviews = [], [], []
    for one in placed:
        if judge(one, facts, viewers).verdict not in (Verdict.RIGHT, Verdict.SUSPECT):
            continue
        place = moving.place_of(one)
        if isinstance(place, Finding):
            lost.append(place)
            continue
        text = _rewritten(one, place, moving.new.pin, viewers)
        if text and text != one.written:
            path = place.path if isinstance(one.mention, Citation) else ""
            rewritings.append(Rewriting(one, text, path=path if path in text else ""))
        if place.review:
            reviews.append(place.review)
    return MovedMentions(tuple(rewritings), tuple(lost), tuple(reviews))


class _Place(Struct, frozen=True):
    """Where a mention leads at the new version."""

    path: str  # a whole path; empty if it is as before
    first: int = 0
    last: int = 0
    review: ReferenceDrift | None = None


def _rewritten(placed: PlacedMention, place: _Place, new: Pin, viewers: Sequence[Viewer]) -> str:
    lines = (place.first, place.last) if place.first else None
    mention = placed.mention
    if isinstance(mention, SourceLink) and isinstance(mention.address, Address):
        return rewritten_link(placed, mention.address, viewers, new, place.path, lines)
    if isinstance(mention, Citation):
        is_same = f"/{place.path}".endswith(f"/{mention.path}")
        return rewritten_citation(placed, mention, "" if is_same else place.path, lines)
    return ""


class _Moving:
    """Follows one mention after the other."""

    def __init__(self, facts: MentionFacts, drifts: Drifts, old: Side, new: Side) -> None:
        self.facts = facts
        self.drifts = drifts
        self.old = old
        self.new = new
        self._texts: dict[tuple[Pin, str], list[str] | None] = {}

    def place_of(self, placed: PlacedMention) -> _Place | Finding:
        """Where a mention leads at the new version, or what is not known of it."""
        mention = placed.mention
        if isinstance(mention, Citation):
            path, first, last = mention.path, mention.first, mention.last
        elif isinstance(mention, SourceLink) and isinstance(mention.address, Address):
            address = mention.address
            if address.kind is not AddressKind.PATH:
                return _Place("")
            path, first, last = address.path, address.first, address.last
        else:
            return _Place("")
        fact = self.facts.path(self.old.pin, path)
        if fact is None or fact.nature is PathNature.FOLDER or not first:
            return self._whole(placed, path, fact.nature if fact else None)
        whole = path if fact.nature is PathNature.FILE else next(iter(fact.found), "")
        if not whole or (fact.nature is PathNature.SEVERAL):
            return _Place("")
        return self._lines(placed, whole, first, max(first, last))

    def _whole(
        self, placed: PlacedMention, path: str, nature: PathNature | None
    ) -> _Place | Finding:
        """Where a mention without a line leads: to the same path, if that is still there."""
        is_gone = nature is PathNature.FILE and self._text(self.new, path) is None
        if not is_gone:
            return _Place("")
        moved = {
            one.outcome.after.definition.path
            for one in self.drifts.values()
            if one.outcome.after and one.before.definition.path == path
        }
        if len(moved) == 1:
            return _Place(moved.pop())
        fact = self._path_fact(path)
        if found := certain_path(path, fact):
            return _Place(found)
        message = f"`{path}` is not in {self.new.pin.version}"
        hint = offer(fact.found[:3]) or f"find where it went in {self.new.pin.version}"
        return rules.MISSING_FILE.at(placed.location, message, hint)

    def _path_fact(self, path: str) -> PathFact:
        """What the new version has of a path that it does not have as it is written."""
        asked = Questions(paths=(path,), whole=(path,))
        found = answer(asked, self.new.code.source, self.new.pin)
        facts = (one for one in found if isinstance(one, PathFact) and one.path == path)
        absent = PathFact(self.new.pin.project, self.new.pin.version, path, PathNature.ABSENT)
        return next(facts, absent)

    def _lines(self, placed: PlacedMention, path: str, first: int, last: int) -> _Place | Finding:
        """Where lines of a file are."""
        fact = self.facts.line(self.old.pin, path, first)
        drift = self._drift(path, fact) if fact else None
        if drift and drift.outcome.after and drift.outcome.status is not DriftStatus.RENAMED:
            after = drift.outcome.after.definition
            lines = [_in_definition(line, drift.before, drift.outcome) for line in (first, last)]
            review = drift if drift.outcome.status is DriftStatus.CHANGED else None
            if all(lines) and lines[0] <= lines[1]:
                found = after.path if after.path != path else ""
                review = review and _reviewed(review, placed)
                return _Place(found, lines[0], lines[1], review)
        elif (new := self._text(self.new, path)) is not None:
            old = self._text(self.old, path) or []
            lines = [_moved(line, old, new) for line in (first, last)]
            if all(lines) and lines[1] - lines[0] == last - first:
                return _Place("", lines[0], lines[1])
        where = f"line {first}" if first == last else f"lines {first}–{last}"
        message = f"{where} of `{path}` cannot be followed to {self.new.pin.version}"
        hint = f"find what was meant at {self.new.pin.version}"
        if drift and drift.outcome.after:
            after = drift.outcome.after.definition
            hint = f"`{after.name}` is at {after.path}:{after.line} now"
        elif drift:
            hint = perhaps(drift.outcome.candidates) or hint
        return rules.WRONG_LINE.at(placed.location, message, hint)

    def _drift(self, path: str, fact: LineFact) -> ReferenceDrift | None:
        if not (fact.name and fact.kind and fact.occurrence):
            return None
        return self.drifts.get((Symbol(path, fact.name, fact.kind), fact.occurrence))

    def _text(self, side: Side, path: str) -> list[str] | None:
        """The lines of a file; None if there is no such file."""
        key = (side.pin, path)
        if key not in self._texts:
            result = next(iter(side.code.load([path])))
            self._texts[key] = _lines(result.data) if isinstance(result, FileText) else None
        return self._texts[key]


def _reviewed(drift: ReferenceDrift, placed: PlacedMention) -> ReferenceDrift:
    reference = Reference(
        drift.reference.pin,
        drift.reference.symbol,
        placed.location,
        drift.reference.occurrence,
        placed.owner,
        placed.step,
        link=True,
    )
    return ReferenceDrift(reference, drift.before, drift.outcome, drift.choice)


def _in_definition(line: int, before: DefinitionText, outcome: Outcome) -> int:
    """Where a line of a definition is at the new version; 0 if that is not known."""
    assert outcome.after is not None  # noqa: S101 (the caller asks only for what is there)
    was, now = before.definition, outcome.after.definition
    known = {was.line: now.line, was.start: now.start, was.end: now.end}
    if line in known:
        return known[line]
    found = _moved(line - was.start + 1, _lines(before.text), _lines(outcome.after.text))
    return found + now.start - 1 if found else 0


def _moved(line: int, old: Sequence[str], new: Sequence[str]) -> int:
    """Where a line of a text is in another one; 0 if that is not known."""
    return moved_line(LineFact("", "", "", line, LineNature.CODE), old, new) or 0


def _lines(text: bytes) -> list[str]:
    return text.decode("utf-8", "replace").split("\n")

"""What mentions ask of source trees, and what the facts that answer say of each mention.

Pure: facts come from a source, a cache or a lockfile, and the judgement is the same. What cannot be
told for sure is right or not checked, never wrong.
"""

import html
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from msgspec import Struct, field
from msgspec.structs import replace

from callpath import rules
from callpath.facts.mentions import (
    LineFact,
    MentionFact,
    MentionFacts,
    PathFact,
    PathNature,
    PlaceFact,
    Questions,
    UnsaidFact,
    WordFact,
    WordNature,
)
from callpath.findings import Finding, Location, Severity, offer
from callpath.mentions.judging.lines import RIGHT, UNKNOWN, Answer, Target
from callpath.mentions.judging.page_names import PageNames, page_names
from callpath.mentions.judging.paths import answer_path
from callpath.mentions.model import (
    Address,
    AddressKind,
    Citation,
    Judgement,
    Malformed,
    Mention,
    Name,
    NameForm,
    PlacedMention,
    SourceLink,
    Verdict,
)
from callpath.mentions.viewers import VIEWERS, Viewer, rewritten
from callpath.model import Pin, Reference, Symbol
from callpath.projects import project_named

__all__ = [
    "MentionFacts",
    "findings_of",
    "floating_finding",
    "is_of_pin",
    "joined",
    "judge",
    "judge_all",
    "leads_to_line",
    "malformed_finding",
    "needed",
    "questions",
    "reference_of",
    "tree_of",
]

_MOST_SYMBOLS = 8
"""Of how many symbols around a mention is asked; a sentence that names more names none."""
_COMMIT = re.compile(r"[0-9a-f]{7,40}")
_WORD = re.compile(r"[A-Za-z_]\w*", re.ASCII)


def tree_of(placed: PlacedMention) -> Pin | None:
    """The tree that a mention is read against; None if it does not say which."""
    mention, pin = placed.mention, placed.pin
    if not isinstance(mention, SourceLink):
        return pin
    address = mention.address
    if isinstance(address, Malformed):
        return None
    if address.floating or not address.revision:
        return pin if address.project == pin.project else None
    known = (one for one in (pin, *placed.others) if one.project == address.project)
    if same := next((one for one in known if _is_tree(one, address.revision)), None):
        return same
    tag = project_named(address.project).tag_of(address.revision)
    return Pin(address.project, address.revision, tag="" if tag == address.revision else tag)


def is_of_pin(mention: Mention, pin: Pin) -> bool:
    """Whether a page's mention can be read against its pin: a link's words are of the link's tree.

    Only names are told apart, since nobody asks another tree for the words of a link to it.
    """
    address = mention.address if isinstance(mention, Name) else None
    if address is None:
        return True
    return address.project == pin.project and _is_tree(pin, address.revision)


def _is_tree(pin: Pin, revision: str) -> bool:
    """Whether a revision is that of a pin."""
    is_commit = bool(pin.commit) and bool(_COMMIT.fullmatch(revision))
    elixir = project_named(pin.project).elixir_version(pin.version)
    names = (pin.version, pin.tag_name, elixir, f"refs/tags/{pin.tag_name}")
    return revision in names or (is_commit and pin.commit.startswith(revision))


# Questions


class _Asked(Struct):
    """What is asked of one tree."""

    paths: set[str] = field(default_factory=set)
    whole: set[str] = field(default_factory=set)
    lines: set[tuple[str, int]] = field(default_factory=set)
    places: set[tuple[str, str]] = field(default_factory=set)
    words: set[str] = field(default_factory=set)

    def add(self, target: Target) -> None:
        """Ask what a target needs."""
        path = target.path
        self.paths.add(path)
        if not target.is_citation:
            self.whole.add(path)
        elif "/" in path:
            self.paths.add(path.partition("/")[0])
        if target.first:
            self.lines |= {(path, target.first), (path, max(target.first, target.last))}
        symbols = target.named or (target.near if target.first else ())
        self.places |= {(path, name) for name in symbols}

    def questions(self) -> Questions:
        """All that was asked, sorted."""
        return Questions(
            tuple(sorted(self.paths)),
            tuple(sorted(self.lines)),
            tuple(sorted(self.places)),
            tuple(sorted(self.words)),
            tuple(sorted(self.whole)),
        )


def questions(
    placed: Iterable[PlacedMention], known: MentionFacts | None = None
) -> Mapping[Pin, Questions]:
    """What mentions ask of each tree, the trees in order.

    Parameters:
        known: Facts of the pages' own pins, if there are some: then tracked versions are only
            asked for the names that these leave open.
    """
    asked: dict[Pin, _Asked] = defaultdict(_Asked)
    for one in placed:
        if (pin := tree_of(one)) is None:
            continue
        if target := _target(one):
            asked[pin].add(target)
        for word in _words(one):
            asked[pin].words.add(word)
            for other in placed_others(one):
                if known is None or _is_open(known.word(pin, word)):
                    asked[other].words.add(word)
    return {pin: asked[pin].questions() for pin in sorted(asked)}


def placed_others(placed: PlacedMention) -> tuple[Pin, ...]:
    """The tracked versions in which a name may be instead; none for what a link leads to."""
    return placed.others if isinstance(placed.mention, Name) else ()


_IN_TEXT = (WordNature.TEXT, WordNature.PROSE)
_NOT_IN_CODE = (WordNature.ABSENT, *_IN_TEXT)


def _is_open(word: WordFact | None) -> bool:
    return word is None or word.nature in _NOT_IN_CODE


def _target(placed: PlacedMention) -> Target | None:
    """What a mention names by its path; None if it names none that can be asked for."""
    mention = placed.mention
    if isinstance(mention, Name):
        return None
    symbols = (_symbols(mention.named), _symbols(mention.near))
    if isinstance(mention, Citation):
        path = mention.path.rstrip("/")
        is_plain = _is_plain(path) and not _IS_PATTERN.search(path)
        lines = (mention.first, max(mention.first, mention.last))
        return Target(path, *lines, *symbols, is_citation=True) if is_plain else None
    address = mention.address
    if isinstance(address, Malformed) or address.kind is AddressKind.NAME:
        return None
    if address.kind is not AddressKind.PATH:
        return Target("")
    lines = (address.first, max(address.first, address.last))
    return Target(address.path, *lines, *symbols) if _is_plain(address.path) else None


_IS_PATTERN = re.compile(r"[*?<>{}$\[\]|…]")
_LONGEST = 500  # characters of a path


def _is_plain(path: str) -> bool:
    """Whether a path can be one below a tree's root."""
    parts = path.split("/")
    is_below = bool(path) and ".." not in parts and "." not in parts and "" not in parts
    return is_below and len(path) <= _LONGEST and path.isprintable()


def _symbols(names: Sequence[str]) -> tuple[str, ...]:
    found = [name for name in dict.fromkeys(names) if _WORD.fullmatch(name)]
    return tuple(found) if len(found) <= _MOST_SYMBOLS else ()


_SEARCHED_FAMILIES = frozenset(("", "A", "C", "K"))  # of elixir; the others are of other languages


def _words(placed: PlacedMention) -> tuple[str, ...]:
    """The words that a mention says to be in the tree."""
    mention = placed.mention
    if isinstance(mention, Name):
        return mention.words
    if isinstance(mention, SourceLink) and isinstance(mention.address, Address):
        address = mention.address
        is_word = _WORD.fullmatch(address.name) and address.family in _SEARCHED_FAMILIES
        return (address.name,) if address.kind is AddressKind.NAME and is_word else ()
    return ()


# Judgements


def judge(
    placed: PlacedMention,
    facts: MentionFacts,
    viewers: Sequence[Viewer] = VIEWERS,
    page: PageNames | None = None,
) -> Judgement:
    """What the facts say of a mention.

    The finding of a link that floats is that, unless what it names is not there at all;
    `findings_of` has both.

    Parameters:
        page: The names of the mention's document, if they are known: a clue to what the tree must
            have.
    """
    mention = placed.mention
    pin = tree_of(placed)
    answer = _answer(placed, pin, facts, page) if pin else UNKNOWN
    if answer is UNKNOWN:
        answer = Answer(_unknown(placed, pin, facts))
    if isinstance(mention, SourceLink):
        if isinstance(mention.address, Malformed):
            return Judgement(placed, Verdict.WRONG, malformed_finding(placed))
        return _linked(placed, mention.address, answer, viewers)
    replacement = _cited(placed, mention, answer) if isinstance(mention, Citation) else ""
    return Judgement(placed, answer.verdict, _finding(placed, answer), replacement)


def _answer(placed: PlacedMention, pin: Pin, facts: MentionFacts, page: PageNames | None) -> Answer:
    mention = placed.mention
    if isinstance(mention, Name):
        return _name_answer(placed, mention, pin, facts, page)
    if words := _words(placed):
        return _page_of_name(words[0], pin, facts)
    target = _target(placed)
    if target is None:
        return RIGHT if isinstance(mention, Citation) else UNKNOWN
    if not target.path:
        return RIGHT if facts.knows(pin) or pin == placed.pin else _NOBODY_KNOWS
    return answer_path(target, pin, facts)


_NOBODY_KNOWS = Answer(Verdict.NOT_CHECKED)


def _unknown(placed: PlacedMention, pin: Pin | None, facts: MentionFacts) -> Verdict:
    """Why there are no facts."""
    if pin is None or not facts.is_locked or facts.was_asked(pin):
        return Verdict.NOT_CHECKED
    if facts.unsaid(pin, _what(placed)):
        return Verdict.NOT_CHECKED
    # A tree that is only linked to, and of which nothing is locked: no source had it.
    is_own = (pin.project, pin.version) == (placed.pin.project, placed.pin.version)
    return Verdict.NOT_LOCKED if is_own or facts.knows(pin) else Verdict.NOT_CHECKED


def _what(placed: PlacedMention) -> str:
    """What a mention needs to be told, as a text."""
    target = _target(placed)
    if target is None:
        return " ".join(_words(placed))
    lines = f":{target.first}-{target.last}" if target.first else ""
    return " ".join((target.path + lines, *(target.named or target.near)))


def _finding(placed: PlacedMention, answer: Answer) -> Finding | None:
    if answer.rule is None:
        return None
    return answer.rule.at(placed.location, answer.message, answer.hint)


# Names


def _name_answer(
    placed: PlacedMention, name: Name, pin: Pin, facts: MentionFacts, page: PageNames | None
) -> Answer:
    """The answer for the first word that is wrong; a word that no fact is of decides if none is."""
    answers = [_word_answer(word, placed, name, pin, facts, page) for word in name.words]
    for verdict in (Verdict.WRONG, Verdict.SUSPECT, Verdict.NOT_CHECKED, Verdict.UNSURE):
        if found := next((one for one in answers if one.verdict is verdict), None):
            return found
    return RIGHT


_UNSURE = Answer(Verdict.UNSURE)

_SURE_FORMS = (NameForm.CALL, NameForm.TAG, NameForm.CONFIG)
"""The forms that only names in code have."""


def _word_answer(
    word: str,
    placed: PlacedMention,
    name: Name,
    pin: Pin,
    facts: MentionFacts,
    page: PageNames | None,
) -> Answer:
    form, own = name.form, facts.word(pin, word)
    if own is None:
        return UNKNOWN
    if not _is_open(own):
        return RIGHT
    others = [facts.word(other, word) for other in placed.others]
    if any(other is not None and not _is_open(other) for other in others):
        return RIGHT
    if own.nature is WordNature.TEXT or (own.nature is WordNature.PROSE and own.sign):
        # In a comment a plain word is English, and one in capitals a standard's: `GET_STATUS()`.
        is_word = form is NameForm.CALL and ("_" not in word or word.isupper())
        is_sure = form in _SURE_FORMS and not is_word and None not in others
        return _only_in_text(own, pin) if is_sure else RIGHT
    sign = own.sign or (own.guess if form in _SURE_FORMS else "")
    if not sign and page is not None and own.nature is WordNature.ABSENT:
        sign = _sign_of_page(own, name, page)
    if not sign:
        return _UNSURE if own.nature is WordNature.ABSENT else RIGHT
    if None in others:
        return UNKNOWN
    if any(other is not None and other.nature in _IN_TEXT for other in others):
        return RIGHT
    return _unknown_word(replace(own, sign=sign), pin)


_IN_LOWER_CASE = re.compile(r"_*[a-z]\w*", re.ASCII)


def _sign_of_page(word: WordFact, name: Name, page: PageNames) -> str:
    """Why a name is wrong on a page that speaks of the tree; empty if it may be right.

    It is written as only functions and types are, or the text says that it is one.
    """
    if word.doubt or not page.is_of_tree or page.is_foreign(word.word) or "_" not in word.word:
        return ""
    is_written_so = name.form in (NameForm.CALL, NameForm.TAG) and bool(
        _IN_LOWER_CASE.fullmatch(word.word)
    )
    if not (is_written_so or name.called):
        return ""
    return f"the text calls it so: `{name.called}`" if name.called else page.share


def _only_in_text(fact: WordFact, pin: Pin) -> Answer:
    message = f"only comments and texts of {pin.version} have the word `{fact.word}`, no code"
    hint = "see what the code calls it now"
    return Answer(Verdict.SUSPECT, rules.SUSPECT_NAME, message, hint)


def _unknown_word(fact: WordFact, pin: Pin) -> Answer:
    message = f"no file of {pin.version} has the word `{fact.word}`"
    hint = "; ".join(filter(None, (fact.sign, offer(fact.near[:2]))))
    return Answer(Verdict.WRONG, rules.UNKNOWN_NAME, message, hint)


def _page_of_name(word: str, pin: Pin, facts: MentionFacts) -> Answer:
    """The answer for a link to a viewer's page about a word."""
    fact = facts.word(pin, word)
    if fact is None:
        return UNKNOWN
    if fact.nature in _IN_TEXT:
        return _only_in_text(fact, pin)
    if fact.nature is not WordNature.ABSENT:
        return RIGHT
    answer = _unknown_word(fact, pin)
    if fact.sign:
        return answer
    # The viewer may know what macros make: `sys_read`.
    return RIGHT if "sys_" in word else replace(answer, verdict=Verdict.SUSPECT, rule=_SUSPECT)


_SUSPECT = rules.SUSPECT_NAME


# Links


def malformed_finding(placed: PlacedMention) -> Finding | None:
    """The finding on a link that cannot lead anywhere; None if it is none. Needs no facts."""
    mention = placed.mention
    if not (isinstance(mention, SourceLink) and isinstance(mention.address, Malformed)):
        return None
    found = mention.address
    return rules.MALFORMED_LINK.at(placed.location, found.message, found.hint)


def is_floating(placed: PlacedMention) -> bool:
    """Whether a mention is a link that leads to another tree tomorrow."""
    mention = placed.mention
    return (
        isinstance(mention, SourceLink)
        and isinstance(mention.address, Address)
        and mention.address.floating
    )


def floating_finding(placed: PlacedMention, viewers: Sequence[Viewer] = VIEWERS) -> Finding | None:
    """The finding on a link that floats; None if it does not. Needs no facts."""
    mention = placed.mention
    if not (isinstance(mention, SourceLink) and isinstance(mention.address, Address)):
        return None
    address = mention.address
    if not address.floating:
        return None
    pinned = _pinned(placed, address, viewers)
    hint = _OTHERWISE
    if pinned:
        hint = f"write `{pinned}`"
        hint += f", with the line in {placed.pin.version}" if address.first else ""
    return _floating_at(placed, address, hint)


_OTHERWISE = "name a tag or a commit"


def _floating_at(placed: PlacedMention, address: Address, hint: str) -> Finding:
    named = f": `{address.revision}` moves" if address.revision else ""
    found = rules.FLOATING_LINK.at(placed.location, f"the link has no fixed version{named}", hint)
    return replace(found, severity=Severity.ERROR) if placed.in_note else found


def _floating(
    placed: PlacedMention, address: Address, answer: Answer, viewers: Sequence[Viewer]
) -> Judgement:
    """The judgement on a link that floats, by what its path is at the page's pin.

    What is on its line today the tree of the pin cannot say: lines are never wrong.
    """
    if answer.rule in (rules.MISSING_FILE, rules.UNKNOWN_NAME, rules.SUSPECT_NAME):
        replacement = _pinned(placed, address, viewers, answer.path) if answer.path else ""
        return Judgement(placed, answer.verdict, _finding(placed, answer), replacement)
    verdict = answer.verdict
    if verdict in (Verdict.NOT_LOCKED, Verdict.NOT_CHECKED):
        return Judgement(placed, verdict, floating_finding(placed, viewers))
    is_moved = verdict is Verdict.MOVED and bool(answer.first) and not answer.path
    is_whole = not address.first and address.kind in (AddressKind.PATH, AddressKind.NAME)
    replacement = ""
    if is_moved or is_whole or answer.is_proved:
        lines = (answer.first, answer.last) if is_moved else None
        replacement = _pinned(placed, address, viewers, lines=lines)
    if not replacement:
        finding = floating_finding(placed, viewers)
        if finding and address.first and answer.hint:
            finding = replace(finding, hint=f"{finding.hint}: {answer.hint}")
        return Judgement(placed, Verdict.RIGHT, finding)
    finding = _floating_at(placed, address, f"write `{replacement}`")
    return Judgement(placed, Verdict.RIGHT, finding, replacement)


def _pinned(
    placed: PlacedMention,
    address: Address,
    viewers: Sequence[Viewer],
    path: str = "",
    lines: tuple[int, int] | None = None,
) -> str:
    """The address of a link at the page's pin; empty if its viewer cannot say that."""
    return rewritten_link(placed, address, viewers, placed.pin, path, lines)


def rewritten_link(
    placed: PlacedMention,
    address: Address,
    viewers: Sequence[Viewer],
    pin: Pin,
    path: str = "",
    lines: tuple[int, int] | None = None,
) -> str:
    """The address of a link, as it is written, at a pin; empty if its viewer cannot say that.

    Parameters:
        path: Another path, or empty.
        lines: Other lines, first and last, or None.
    """
    if address.project != pin.project:
        return ""
    version = project_named(pin.project).elixir_version(pin.version)
    revision = version if address.viewer == "elixir" else pin.tag_name
    return _rewritten(placed, address, viewers, revision, path, lines)


def _rewritten(
    placed: PlacedMention,
    address: Address,
    viewers: Sequence[Viewer],
    revision: str | None,
    path: str,
    lines: tuple[int, int] | None,
) -> str:
    written = placed.written
    if "\\" in written:  # an escape of the markup, which would have to be written anew
        return ""
    href = html.unescape(written)
    first, last = lines or (None, None)
    found = rewritten(
        href,
        address,
        revision=revision,
        path=path or None,
        first=first,
        last=last,
        viewers=viewers,
    )
    return found.replace("&", "&amp;") if "&amp;" in written else found


def _linked(
    placed: PlacedMention, address: Address, answer: Answer, viewers: Sequence[Viewer]
) -> Judgement:
    """The judgement on a link."""
    if address.floating:
        return _floating(placed, address, answer, viewers)
    finding, replacement = _finding(placed, answer), ""
    # At another revision than the page's, another path may be a slip in the revision.
    is_certain = not answer.path or tree_of(placed) == placed.pin
    if answer.verdict is Verdict.MOVED and (answer.path or answer.first) and is_certain:
        lines = (answer.first, answer.last) if answer.first else None
        replacement = _rewritten(placed, address, viewers, None, answer.path, lines)
    return Judgement(placed, answer.verdict, finding, replacement)


# Citations

_NUMBER = re.compile(r"[0-9]+")


def _cited(placed: PlacedMention, citation: Citation, answer: Answer) -> str:
    """What has to stand in the place of a citation; empty if that is not known."""
    if answer.verdict is not Verdict.MOVED or answer.path or not answer.first:
        return ""
    return rewritten_citation(placed, citation, lines=(answer.first, answer.last))


def rewritten_citation(
    placed: PlacedMention,
    citation: Citation,
    path: str = "",
    lines: tuple[int, int] | None = None,
) -> str:
    """A citation with another path or other lines; empty if it cannot be written in its place."""
    written, edits = placed.written, list[tuple[int, int, str]]()
    if lines:
        start, end = (at - citation.start for at in (citation.lines_start, citation.lines_end))
        if not 0 <= start < end <= len(written):
            return ""
        numbers = list(_NUMBER.finditer(written, start, end))
        wanted = [lines[0]] if lines[0] == lines[1] else list(lines)
        if len(numbers) != len(wanted):
            return ""
        edits += (
            (one.start(), one.end(), str(line)) for one, line in zip(numbers, wanted, strict=True)
        )
    if path:
        at = written.find(citation.path)
        if at < 0:
            return ""
        edits.append((at, at + len(citation.path), path))
    for first, last, text in sorted(edits, reverse=True):
        written = written[:first] + text + written[last:]
    return written


# What comes of judgements


class _Watched(MentionFacts):
    """Facts that note which of them were looked up."""

    def __init__(self, facts: MentionFacts) -> None:
        super().__init__(facts, is_locked=facts.is_locked)
        self.asked = facts.asked
        self.seen: list[MentionFact | None] = []

    def path(self, pin: Pin, path: str) -> PathFact | None:
        self.seen.append(found := super().path(pin, path))
        return found

    def line(self, pin: Pin, path: str, line: int) -> LineFact | None:
        self.seen.append(found := super().line(pin, path, line))
        return found

    def place(self, pin: Pin, path: str, name: str) -> PlaceFact | None:
        self.seen.append(found := super().place(pin, path, name))
        return found

    def word(self, pin: Pin, word: str) -> WordFact | None:
        self.seen.append(found := super().word(pin, word))
        return found

    def unsaid(self, pin: Pin, what: str) -> UnsaidFact | None:
        self.seen.append(found := super().unsaid(pin, what))
        return found


def needed(placed: Iterable[PlacedMention], facts: MentionFacts) -> MentionFacts:
    """The facts that judging these mentions looks at: what a lockfile keeps of them.

    With these alone the judgements are the same, also where nobody could say something.
    """
    return judge_all(placed, facts)[1]


def judge_all(
    placed: Iterable[PlacedMention], facts: MentionFacts, viewers: Sequence[Viewer] = VIEWERS
) -> tuple[tuple[Judgement, ...], MentionFacts]:
    """The judgements on mentions, and the facts that they are `needed` for."""
    every = tuple(placed)
    watched, pages = _Watched(facts), _pages(every, facts)
    judgements = tuple(judge(one, watched, viewers, pages.get(one.location.file)) for one in every)
    unsaid = filter(None, (_unsaid(one, facts) for one in judgements))
    seen = (fact for fact in watched.seen if fact is not None)
    return judgements, MentionFacts(seen, unsaid, is_locked=True)


def _pages(placed: Iterable[PlacedMention], facts: MentionFacts) -> Mapping[str, PageNames]:
    """What the names of each document say together, by file."""

    def words() -> Iterator[tuple[str, str, bool]]:
        for one in placed:
            for word in one.mention.words if isinstance(one.mention, Name) else ():
                if found := facts.word(one.pin, word):
                    others = (facts.word(other, word) for other in one.others)
                    is_known = not all(map(_is_open, (found, *others)))
                    yield one.location.file, word, is_known

    return page_names(words())


def _unsaid(judgement: Judgement, facts: MentionFacts) -> UnsaidFact | None:
    """The fact that a source which was asked did not say what a mention needs, or None."""
    pin, what = tree_of(judgement.placed), _what(judgement.placed)
    is_open = judgement.verdict is Verdict.NOT_CHECKED and bool(what)
    if pin is None or not is_open or not facts.was_asked(pin):
        return None
    return UnsaidFact(pin.project, pin.version, what)


def findings_of(
    judgements: Iterable[Judgement], viewers: Sequence[Viewer] = VIEWERS
) -> tuple[Finding, ...]:
    """All findings of judgements, those on one name of a page joined."""
    return joined(found for one in judgements for found in _findings_of(one, viewers))


def _findings_of(judgement: Judgement, viewers: Sequence[Viewer]) -> Iterator[Finding]:
    finding = judgement.finding
    if finding is not None:
        yield finding
    floating = floating_finding(judgement.placed, viewers)
    if floating and (finding is None or finding.rule != rules.FLOATING_LINK.name):
        yield floating


_OF_NAMES = frozenset((rules.UNKNOWN_NAME.name, rules.SUSPECT_NAME.name))


def joined(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings in order; those on one word in one file are one, at the first place."""
    found = list(findings)
    of_names = sorted((one for one in found if one.rule in _OF_NAMES), key=_by_word)
    once: list[Finding] = []
    for _, group in groupby(of_names, key=lambda one: _by_word(one)[:3]):
        first, *others = group
        places = dict.fromkeys(one.location for one in others if one.location != first.location)
        once.append(replace(first, related=(*first.related, *places)))
    rest = (one for one in found if one.rule not in _OF_NAMES)
    return tuple(sorted((*rest, *once), key=lambda one: (one.location, one.rule, one.message)))


def _by_word(finding: Finding) -> tuple[str, str, str, Location]:
    return (finding.location.file, finding.rule, finding.message, finding.location)


def leads_to_line(placed: PlacedMention) -> bool:
    """Whether a mention names a line, so that it may lead into a definition."""
    target = _target(placed)
    return target is not None and bool(target.first) and tree_of(placed) is not None


def reference_of(placed: PlacedMention, facts: MentionFacts) -> Reference | None:
    """The definition that a right link or citation leads into, as a reference; None if into none.

    The lockfile keeps it as it keeps that of a `src:` link.
    """
    pin, target = tree_of(placed), _target(placed)
    if pin is None or target is None or not target.first or is_floating(placed):
        return None
    path = facts.path(pin, target.path)
    whole = target.path if path and path.nature is PathNature.FILE else ""
    if path and path.nature is PathNature.ENDING and target.is_citation:
        whole = next(iter(path.found), "")
    line = facts.line(pin, whole, target.first) if whole else None
    if line is None or not (line.name and line.kind and line.occurrence):
        return None
    if judge(placed, facts).verdict is not Verdict.RIGHT:
        return None
    return Reference(
        pin,
        Symbol(whole, line.name, line.kind),
        placed.location,
        line.occurrence,
        placed.owner,
        placed.step,
        link=True,
        fixed=pin != placed.pin,
    )


def mention_references(
    placed: Iterable[PlacedMention], facts: MentionFacts
) -> tuple[Reference, ...]:
    """The definitions that links and citations lead into at their own pin, in order.

    They are `fixed`: what becomes of them in tracked versions nobody asks.
    """
    found = (reference_of(one, facts) for one in placed if not isinstance(one.mention, Name))
    return tuple(replace(one, fixed=True) for one in found if one is not None and not one.fixed)

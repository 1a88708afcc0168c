"""Which words a tree has, and in what place: one pass over its text files.

A tree's words are not kept. A set of all identifiers of Linux takes 18 seconds of processor time to
make (5 million words, over 70 MB); a scan for the words of a whole site takes 15, `git grep -cw` of
one word 3.5. And the second run asks for the same words, whose facts are kept (`kept_facts`).

The core of the tree is cut into words, and most are found there. The rest is only matched against
what is left, by the regular expressions of `pydantic_core` (Rust's, which take thousands of words
in one automaton), and only a file that has one is cut. What is said of a word never depends on what
other words were asked for.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import chain

from msgspec.structs import replace
from rapidfuzz import process
from rapidfuzz.distance import OSA

from callpath.c.preprocessor.pastes import Pastes, is_distinct, ways_of
from callpath.facts.mentions import WordFact, WordNature
from callpath.languages import Writing, is_header, writing_of
from callpath.model import Pin, Progress, no_progress
from callpath.projects import Project, project_named
from callpath.sources.base import ScanProgress, Source
from callpath.sources.finder import WordFinder, is_binary
from callpath.sources.search import WordScan, split_words, whole_word
from callpath.verify.standing import stands_in_code
from callpath.verify.word_signs import Kin, Vocabulary, family_of, kin_of

_CROWD = 12_000  # words that are looked for; of more, cutting every text is faster
_MOST_TEXTS = 300  # code files that have a word only in comments; of more, it is not called so
_LONGEST = 100  # characters of an option that is compared with others
_LONGEST_MADE = 1000  # characters of a word that a macro may make
_SLIPS = 1  # letters of an option that may be wrong
_MOST_NEAR = 3  # options that may be meant
_DEPTH = 2  # macros that paste the argument of another one
_CONFIG = "CONFIG_"
_FAMILY_OF_OPTIONS = "CONFIG"
_MODULE = b"_MODULE"
_OPTION = re.compile(
    rb"^[ \t]*+(?:menu)?config[ \t]++([A-Za-z0-9_]++)[ \t]*+(?:#.*+)?$", re.MULTILINE
)
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_PLAIN = frozenset({Writing.PROSE, Writing.OPTIONS})  # no code is in them
_NOT_IN_CODE = frozenset({WordNature.ABSENT, WordNature.PROSE})
_UNDEFINED = "no Kconfig file defines it"


def find_words(
    words: Collection[str],
    source: Source,
    pin: Pin,
    progress: Progress = no_progress,
    others: Sequence[Source] = (),
    scans: Sequence[WordScan] = (),
) -> tuple[WordFact, ...]:
    """What a tree says of each word, sorted by word; no facts if it cannot be searched.

    Of what is no identifier it says that it is absent, without a sign.

    Parameters:
        pin: The version that the facts are of.
        others: Trees of other versions, in which an absent word may be.
        scans: Searches for other words, which are shown the files that have these, so that they
            need no pass of their own.

    Raises:
        SourceError: A source broke.
    """
    if not source.searchable:
        return ()
    asked = frozenset(word for word in words if _IDENTIFIER.fullmatch(word))
    project = project_named(pin.project)
    scan = _Scan(asked, project, scans)
    scan.run(source, partial(progress, "looking for names"))
    natures = {word: scan.nature(word) for word in asked}
    absent = sorted(word for word in asked if natures[word] in _NOT_IN_CODE)
    versions = _versions_with(absent, others, progress)
    core, kin = scan.known()
    vocabulary = Vocabulary(core, kin, scan.rest, absent, re.compile(project.foreign))
    return tuple(
        WordFact(
            pin.project,
            pin.version,
            word,
            natures.get(word, WordNature.ABSENT),
            scan.near_options(word) or vocabulary.near(word),
            sign := versions.get(word) or scan.sign(word) or vocabulary.sign(word),
            "" if sign or natures.get(word) is not WordNature.ABSENT else vocabulary.guess(word),
            "" if sign or natures.get(word) is not WordNature.ABSENT else vocabulary.doubt(word),
        )
        for word in sorted(set(words))
    )


def _versions_with(
    absent: Collection[str], others: Iterable[Source], progress: Progress
) -> Mapping[str, str]:
    """Which other tree has a word, as a sign, by word; the first one that has it in its code."""
    found: dict[str, str] = {}
    for other in others:
        rest = frozenset(absent).difference(found)
        if rest and other.searchable:
            scan = _Scan(rest, replace(project_named(other.pin.project), is_core=_none))
            scan.run(other, partial(progress, f"looking for names in {other.pin.version}"))
            for word in rest:
                if scan.nature(word) in {WordNature.CODE, WordNature.CONFIG}:
                    found[word] = f"{other.pin.version} has it"
    return found


class _Scan:
    """A search for identifiers in the files of a tree.

    Attributes:
        core: All words of the code in the tree's core.
        kin: Those of them that begin as a word does that the core lacks.
        rest: Words of other code files, at least those of the families that the core does not know.
    """

    def __init__(
        self, words: frozenset[str], project: Project, scans: Sequence[WordScan] = ()
    ) -> None:
        self.core: set[bytes] = set()
        self.kin: Kin = {}
        self.rest: set[bytes] = set()
        self._is_core = project.is_core
        self._made = re.compile(project.made, re.ASCII)
        self._scans = scans
        self._open = {word.encode() for word in words}  # not found in code so far
        self._unseen = set(self._open)  # not found at all so far
        self._configs = {word for word in self._open if word.startswith(_CONFIG.encode())}
        self._texts: Counter[bytes] = Counter()  # in how many files of code a word is only text
        self._options: set[bytes] = set()  # those of Kconfig
        self._pastes = Pastes()
        self._words = frozenset(self._open)
        self._pasted: set[bytes] = set()  # by a macro and an argument of one file
        self._families: frozenset[str] = frozenset()  # of the unseen, those that core lacks

    def run(self, source: Source, progress: ScanProgress) -> None:
        """Look at the files of a source."""
        self._see_names(source)
        for path, data, writing in self._files(source.stream(self._is_of_core, progress)):
            words = self._look(data, writing, split_words(data))
            self._show(path, data, words)
            if writing not in _PLAIN:
                self.core |= words
                self._see_options(data, words)
        uncoded = [word.decode() for word in self._open.difference(self._texts)]
        self.kin = kin_of(self.core, uncoded)
        self._families = Vocabulary(self.core, self.kin, (), uncoded).unknown_families()
        finder = self._finder()
        for path, data, writing in self._files(source.stream(self._is_of_rest, progress)):
            is_plain = writing in _PLAIN
            found, is_kin = finder.look(data) if finder else (split_words(data), True)
            self._show(path, data, found)
            asked = self._unseen if is_plain else self._open
            if (is_kin and not is_plain) or not asked.isdisjoint(found):
                words = self._look(data, writing, split_words(data))
                if not is_plain:
                    self.rest |= words if finder else self._of_families(words)

    def _finder(self) -> WordFinder | None:
        """Finds all words that somebody searches for; None if these are too many."""
        heads = sorted(f"{family}_".encode() for family in self._families)
        others = chain.from_iterable(scan.words for scan in self._scans)
        words = self._open | self._unseen | {word.encode() for word in others}
        is_crowd = len(words) + len(heads) > _CROWD
        return None if is_crowd else WordFinder(sorted(words), heads)

    def _show(self, path: str, data: bytes, words: Collection[bytes]) -> None:
        for scan in self._scans:
            scan.show(path, data, words)

    def _of_families(self, words: Iterable[bytes]) -> set[bytes]:
        """Those of some words that are of the families that the core does not know."""
        return {word for word in words if family_of(word.decode()) in self._families}

    def _see_names(self, source: Source) -> None:
        """Names of files count as code: a text speaks of `faddr2line` as of a function."""
        listing = source.listing()
        paths = listing.entries if listing else source.paths()
        stems = {
            path.rpartition("/")[2].partition(".")[0].encode("utf-8", "replace") for path in paths
        }
        self._open -= stems
        self._unseen -= stems

    def _files(self, stream: Iterable[tuple[str, bytes]]) -> Iterator[tuple[str, bytes, Writing]]:
        """The text files whose words count, and how each is written."""
        for path, data in stream:
            writing = writing_of(path)
            if writing is None or is_binary(data):
                continue
            if writing is Writing.OPTIONS:
                self._options.update(_OPTION.findall(data))
            elif writing is Writing.CODE:
                ways = tuple(ways_of(data))
                for prefix, suffix in ways:
                    self._paste(data, prefix, suffix)
                if self._is_core(path) or is_header(path):
                    self._pastes.add(way for way in ways if is_distinct(*way))
            yield path, data, writing

    def _paste(self, data: bytes, prefix: bytes, suffix: bytes) -> None:
        """Note the words that a macro makes of what stands in the macro's own file."""
        words = self._by_prefix.get(prefix, ()) if prefix else self._by_suffix.get(suffix, ())
        for word in words:
            argument = word[len(prefix) : len(word) - len(suffix)]
            if argument and word.endswith(suffix) and whole_word(argument).search(data):
                self._pasted.add(word)

    @cached_property
    def _by_prefix(self) -> Mapping[bytes, Sequence[bytes]]:
        """The words by each of their beginnings."""
        return _by((word[:end], word) for word in self._short for end in range(1, len(word)))

    @cached_property
    def _by_suffix(self) -> Mapping[bytes, Sequence[bytes]]:
        """The words by each of their ends."""
        return _by((word[start:], word) for word in self._short for start in range(1, len(word)))

    @property
    def _short(self) -> Iterable[bytes]:
        """The words that a macro may make."""
        return (word for word in self._words if len(word) <= _LONGEST_MADE)

    def known(self) -> tuple[set[bytes], Kin]:
        """The core's words and their kin, with the options that only Kconfig files name."""
        if _FAMILY_OF_OPTIONS not in self.kin:
            return self.core, self.kin
        options = {_CONFIG.encode() + name for name in self._options}
        names = sorted({*self.kin[_FAMILY_OF_OPTIONS], *(name.decode() for name in options)})
        return self.core | options, {**self.kin, _FAMILY_OF_OPTIONS: names}

    def _see_options(self, data: bytes, words: frozenset[bytes]) -> None:
        """Some options are no Kconfig's: a header defines them, or says so to be uncommented."""
        for word in self._configs & words:
            if b"define " + word in data:
                self._options.add(word.removeprefix(_CONFIG.encode()))

    def _is_of_core(self, path: str) -> bool:
        return self._is_core(path) and writing_of(path) is not None

    def _is_of_rest(self, path: str) -> bool:
        return not self._is_core(path) and writing_of(path) is not None

    def _look(self, data: bytes, writing: Writing, words: frozenset[bytes]) -> frozenset[bytes]:
        """See where a text has the words that are searched for, of all that it has."""
        if writing in _PLAIN:
            self._unseen -= words
            return words
        for word in self._open & words:
            self._unseen.discard(word)
            if stands_in_code(data, word, writing):
                self._open.discard(word)
            else:
                self._texts[word] += 1
                if self._texts[word] > _MOST_TEXTS:
                    self._open.discard(word)
        return words

    def nature(self, word: str) -> WordNature:
        """Where an identifier was found."""
        name = word.encode()
        if name in self._options or self._is_option(word):
            return WordNature.CODE if name not in self._open else WordNature.CONFIG
        if name not in self._open:
            return WordNature.TEXT if self.sign(word) else WordNature.CODE
        if name in self._pasted or self._is_pasted(word):
            return WordNature.CODE
        if name in self._texts:
            return WordNature.TEXT
        return WordNature.ABSENT if name in self._unseen else WordNature.PROSE

    def _is_option(self, word: str) -> bool:
        option = word.removeprefix(_CONFIG).encode()
        return word.startswith(_CONFIG) and not self._options.isdisjoint(
            (option, option.removesuffix(_MODULE))
        )

    def sign(self, word: str) -> str:
        """Why a name of an option is wrong that the tree does not define; empty if it is none."""
        is_option = word.startswith(_CONFIG) and bool(self._options)
        return _UNDEFINED if is_option and not self._is_option(word) else ""

    def near_options(self, word: str) -> tuple[str, ...]:
        """The options that are one slip away from one that the tree does not define."""
        if not self.sign(word) or len(word) > _LONGEST:
            return ()
        found = process.extract(
            word.removeprefix(_CONFIG),
            sorted(each.decode() for each in self._options),
            scorer=OSA.distance,
            score_cutoff=_SLIPS,
            limit=_MOST_NEAR,
        )
        return tuple(f"{_CONFIG}{name}" for name, _, _ in found)

    def _is_pasted(self, word: str, depth: int = _DEPTH) -> bool:
        """Whether a macro of the tree makes a word of another one that the core has."""
        if made := self._made.fullmatch(word):
            return made[1].encode() in self.core or self._is_pasted(made[1], depth)
        return any(
            argument.encode() in self.core or (depth > 1 and self._is_pasted(argument, depth - 1))
            for argument in self._pastes.arguments(word)
        )


def _by(pairs: Iterable[tuple[bytes, bytes]]) -> Mapping[bytes, Sequence[bytes]]:
    found: dict[bytes, list[bytes]] = defaultdict(list)
    for key, word in pairs:
        found[key].append(word)
    return found


def _none(_: str) -> bool:
    return False

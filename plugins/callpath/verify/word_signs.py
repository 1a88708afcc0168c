"""Signs that a word which a tree does not have is a mistake, and the words that may be meant.

Does not depend on sources: words go in, words and reasons come out.
"""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from functools import cached_property
from typing import TypeAlias

from rapidfuzz import fuzz, process

_FAMILY = 5  # words of a family that make it known
_SUBSYSTEM = 100  # words with the same first part that make this a subsystem's
_CONSTANTS = 4  # the same for names in capitals
_SURELY = 10  # characters of a word in which another letter is a slip
_PART = 4  # letters of a part in which another letter is a slip
_FEW = 3  # parts of a name; one with fewer may be anybody's
_LONG_PART = 6  # letters of a part in which one letter instead of two is a slip
_PATTERN = re.compile(r"_[nxNX]$|[a-z_][NX]$|XX")  # of names that stand for several
_NOTHING = re.compile(r"(?!)")
_LONG = 8  # characters of a word that is not near another one by chance
_LONGEST = 100  # characters of a word that is compared with others
_NEAR = 85.0  # of 100, as `rapidfuzz` measures
_MOST = 3  # words that may be meant
_CROWD = 5000  # absent words; of more it is not asked which words they are like, which is costly
_EXAMPLES = frozenset({"my", "your", "our", "some", "foo", "bar", "baz", "example", "xxx", "dummy"})
"""First parts of the names that a text makes up."""
_LETTERS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"


Kin: TypeAlias = Mapping[str, Sequence[str]]
"""Words by their first part."""


def parts_of(word: str) -> Sequence[str]:
    """The parts of a word between its underscores."""
    return [part for part in word.split("_") if part]


def family_of(word: str) -> str:
    """The first two parts of a word that has more; empty if it has not."""
    parts = parts_of(word)
    return "_".join(parts[:2]) if len(parts) > 2 else ""


def is_slip(word: str, meant: str) -> bool:
    """Whether a word that is one letter away from another can hardly be a name of its own.

    Names differ by their endings (`bh_disable`, `bh_disabled`), by what stands before them
    (`hmm_mirror`, `hmm_dmirror`), and by short parts (`io_readv`, `do_readv`).
    """
    start = next(
        (at for at, (one, other) in enumerate(zip(word, meant, strict=False)) if one != other),
        min(len(word), len(meant)),
    )
    if len(word) == len(meant) and word[start + 1 :] != meant[start + 1 :]:
        return "_" not in word[start : start + 2]  # two letters are swapped
    longer = max(word, meant, key=len)
    begin, end = longer.rfind("_", 0, start) + 1, f"{longer}_".find("_", start)
    is_inside = begin < start < end - 1
    is_doubled = longer[start] == longer[start - 1 : start]
    if not longer[start].isalpha():
        return False
    if family_of(word) and len(word) >= _SURELY:
        return True
    if len(word) > len(meant):
        return is_doubled or (is_inside and end - begin >= _PART)
    if len(word) < len(meant):
        least = _LONG_PART if is_doubled else _PART
        return is_inside and end - begin >= least
    return len(word) >= _SURELY and (end - begin > _PART or (is_inside and end - begin == _PART))


def is_slip_inside(word: str, meant: str) -> bool:
    """Whether a word that is one letter away from another differs from it within a part.

    Shorter parts than those of `is_slip`: of a function or a type that is slip enough.
    """
    start = next(
        (at for at, (one, other) in enumerate(zip(word, meant, strict=False)) if one != other),
        min(len(word), len(meant)),
    )
    longer = max(word, meant, key=len)
    begin, end = longer.rfind("_", 0, start) + 1, f"{longer}_".find("_", start)
    is_undoubled = len(word) < len(meant) and longer[start] == longer[start - 1 : start]
    return longer[start].isalpha() and (is_undoubled or begin < start < end - 1)


class Vocabulary:
    """The words of a tree, as far as some absent ones are concerned.

    Parameters:
        core: All words of the tree's core.
        kin: Those of them that begin as an absent word does: `kin_of`.
        rest: Words of other files, with all of the families that the core does not know.
        foreign: Names of other programs, which are not wrong.
    """

    def __init__(
        self,
        core: Set[bytes],
        kin: Kin,
        rest: Iterable[bytes],
        absent: Collection[str],
        foreign: re.Pattern[str] = _NOTHING,
    ) -> None:
        self._core = core
        self._foreign = foreign
        self._absent = frozenset(absent)
        self._is_crowd = len(self._absent) > _CROWD
        self._wanted = {family for word in absent if (family := family_of(word))}
        self._kin = kin
        self._families = self._sorted_by_family(self._kin)
        self._unknown = self.unknown_families()
        self._far: set[bytes] = set()  # words of these families
        others = _by_head(rest, {family.partition("_")[0].encode() for family in self._unknown})
        for family, words in self._sorted_by_family(others).items():
            if family in self._unknown:
                self._families[family] |= words
                self._far.update(word.encode() for word in words)
        self._kin_of_family: dict[str, Sequence[str]] = {}
        self._slips: dict[str, tuple[str, ...]] = {}

    def unknown_families(self) -> frozenset[str]:
        """The families of the absent words of which too few words are known to say anything."""
        return frozenset(family for family in self._wanted if len(self._families[family]) < _FAMILY)

    def near(self, word: str) -> tuple[str, ...]:
        """The words that may be meant by an absent one, the nearest first, at most three."""
        parts = parts_of(word)
        if word not in self._absent or not parts or len(word) > _LONGEST or self._is_crowd:
            return ()
        first = self._neighbours(word)[:_MOST]
        found = process.extract(
            word, self._kin_of(word), scorer=fuzz.ratio, limit=_MOST, score_cutoff=_NEAR
        )
        return (*first, *(name for name, _, _ in found if name not in first))[:_MOST]

    def _kin_of(self, word: str) -> Sequence[str]:
        """The known words that are like a word in the first part, sorted."""
        family, kin = family_of(word), self._kin.get(parts_of(word)[0], [])
        if family not in self._unknown:
            return kin
        if family not in self._kin_of_family:
            self._kin_of_family[family] = sorted({*kin, *self._families[family]})
        return self._kin_of_family[family]

    def sign(self, word: str) -> str:
        """Why an absent word is surely wrong; empty if it may be right."""
        if not self._is_claim(word):
            return ""
        family = family_of(word)
        size = len(self._families[family]) if family else 0
        is_constant = word.isupper() and (size >= _CONSTANTS or (size and self.near(word)))
        if size >= _FAMILY or is_constant:
            return f"{size} {'other begins' if size == 1 else 'others begin'} with `{family}_`"
        slips = [name for name in self._neighbours(word) if is_slip(word, name)]
        return f"`{slips[0]}` is one slip away" if slips else ""

    def guess(self, word: str) -> str:
        """Why an absent word is wrong if it is a function's or a type's name, or an empty text."""
        parts = parts_of(word)
        if not word.islower() or not self._is_claim(word):
            return ""
        size = len(self._kin.get(parts[0], ()))
        if len(parts) >= _FEW and size >= _SUBSYSTEM:
            return f"{size} others begin with `{parts[0]}_`"
        slips = [name for name in self._neighbours(word) if is_slip_inside(word, name)]
        return f"`{slips[0]}` is one slip away" if slips else ""

    def doubt(self, word: str) -> str:
        """Why an absent word may be right, whatever a text says of it; empty if nothing says so."""
        if not self._is_claim(word):
            return "it is written like an example, or a name of another program"
        whole = self._wholes.get(word)
        return f"it is the end of `{whole}`" if whole else ""

    @cached_property
    def _wholes(self) -> Mapping[str, str]:
        """Of the absent words that end a longer one of the core, the first such one."""
        ends = {b"_" + word.encode(): word for word in self._absent}
        lasts = {end.rpartition(b"_")[2] for end in ends}
        found: dict[str, str] = {}
        for name in self._core:
            if name.rpartition(b"_")[2] not in lasts:
                continue
            at = name.find(b"_", 1)
            while at > 0:
                if word := ends.get(name[at:]):
                    found[word] = min(found.get(word, name.decode()), name.decode())
                at = name.find(b"_", at + 1)
        return found

    def _is_claim(self, word: str) -> bool:
        """Whether it can be said of a word that it is wrong."""
        parts = parts_of(word)
        if word not in self._absent or not parts or parts[0].lower() in _EXAMPLES:
            return False
        return not (self._foreign.fullmatch(word) or _PATTERN.search(word))

    def _sorted_by_family(self, kin: Kin) -> dict[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for words in kin.values():
            for word in words:
                if (family := family_of(word)) in self._wanted:
                    found[family].add(word)
        return found

    def _neighbours(self, word: str) -> tuple[str, ...]:
        """The known words that are one slip away and have as many parts, sorted."""
        if word not in self._slips:
            is_asked = _LONG - 1 <= len(word) <= _LONGEST and not self._is_crowd
            self._slips[word] = self._find_neighbours(word) if is_asked else ()
        return self._slips[word]

    def _find_neighbours(self, word: str) -> tuple[str, ...]:
        count, family = len(parts_of(word)), family_of(word)
        near = _one_slip(word.encode())
        names = {name.decode() for name in near & self._core}
        # What was found of other families depends on the other words that were asked for.
        far = (name.decode() for name in near & self._far)
        names.update(name for name in far if family_of(name) == family)
        return tuple(
            name for name in sorted(names) if len(name) >= _LONG and len(parts_of(name)) == count
        )


def kin_of(words: Iterable[bytes], others: Iterable[str]) -> Kin:
    """The words that have the first part of any of some others, sorted, by that part."""
    return _by_head(words, {parts[0].encode() for word in others if (parts := parts_of(word))})


def _by_head(words: Iterable[bytes], heads: Set[bytes]) -> dict[str, list[str]]:
    """The words whose first part is one of some, by that."""
    found: dict[str, list[str]] = defaultdict(list)
    if heads:
        for word in words:
            head = word.lstrip(b"_").partition(b"_")[0]
            if head in heads and len(word) <= _LONGEST:
                found[head.decode()].append(word.decode())
    for names in found.values():
        names.sort()
    return found


def _one_slip(word: bytes) -> set[bytes]:
    """All that a word becomes by a letter too many, too few, wrong, or two swapped."""
    letters = [bytes([letter]) for letter in _LETTERS]
    found: set[bytes] = set()
    for at in range(len(word) + 1):
        head, tail, rest = word[:at], word[at:], word[at + 1 :]
        found.update([head + letter + tail for letter in letters])
        if tail:
            found.add(head + rest)
            found.update([head + letter + rest for letter in letters])
        if rest:
            found.add(head + rest[:1] + tail[:1] + rest[1:])
    return found

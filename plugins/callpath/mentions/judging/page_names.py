"""What the names of a document say together: whether it speaks of the tree that it is read against.

Most documents about a source tree have a name here and there that the tree lacks. Where most are
lacking, or several that begin alike, the document speaks of something else.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_LEAST = 2  # names that the tree must have
_TIMES = 2  # how many times as many names the tree must have as it lacks
_FAMILY = 3  # names that begin alike and are all absent: these are of something else


@dataclass(frozen=True)
class PageNames:
    """The names of one document.

    Attributes:
        known: How many different names the tree has.
        absent: How many it lacks.
        foreign: First parts of names that only something else than the tree has.
    """

    known: int
    absent: int
    foreign: frozenset[str]

    @property
    def is_of_tree(self) -> bool:
        """Whether the document speaks of the tree."""
        return self.known >= max(_LEAST, _TIMES * self.absent)

    def is_foreign(self, word: str) -> bool:
        """Whether a name begins like others of the document of which the tree has none."""
        return _head(word) in self.foreign

    @property
    def share(self) -> str:
        """How many of the names the tree has, in words."""
        return f"it has {self.known} of the {self.known + self.absent} names of this page"


def page_names(words: Iterable[tuple[str, str, bool]]) -> Mapping[str, PageNames]:
    """The names of documents, by document.

    Parameters:
        words: Document, name, and whether the tree or a tracked version has it; in any order.
    """
    pages: dict[str, dict[str, bool]] = defaultdict(dict)
    for page, word, is_known in words:
        pages[page][word] = is_known
    return {page: _counted(names) for page, names in pages.items()}


def _counted(names: Mapping[str, bool]) -> PageNames:
    known = {_head(word) for word, is_known in names.items() if is_known}
    heads = Counter(_head(word) for word, is_known in names.items() if not is_known)
    foreign = (head for head, count in heads.items() if count >= _FAMILY and head not in known)
    count = sum(names.values())
    return PageNames(count, len(names) - count, frozenset(foreign))


def _head(word: str) -> str:
    return word.strip("_").partition("_")[0]

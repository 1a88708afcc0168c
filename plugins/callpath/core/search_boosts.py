"""How much the pages of symbols and files count in search, so that an exact name comes first.

Material's search (lunr) adds up the weights of the words of a title that start with a word of the
query, the rarer the heavier, whatever else the title holds: `kvm_free_vcpus` would come before
`kvm_vcpu`, for `vcpus` is rare. Divided by the weight of all its words, a title counts fully only
when the query names all of it.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from posixpath import basename

from callpath.core.index import Index
from callpath.core.model import Step

_LINK_TARGET = re.compile(r"\]\([^()\s]*\)")  # not shown, so not indexed
_BETWEEN_WORDS = re.compile(r"[\W_]+|(?<=[a-z\d])(?=[A-Z])", re.ASCII)
# A page's title counts 2.5 times as much as a heading; so much more than the longest name weighs.
_FULL = 12.0
_WORD, _LENGTH = 0.06, 1.4


def page_boosts(index: Index) -> dict[str, float]:
    """How much the page of each symbol and file counts, by its title; a file's has no folder."""
    files = [path for _, path in index.files()]
    notes = [[place.step for place in places] for places in index.places.values()]
    steps = [step for note in notes for step in note]
    errata = [text for note in notes if (text := "\n".join(map(_errata, note)).strip())]
    titles = [*(key.name for key in index.symbols), *map(basename, files)]
    texts = [
        *(key.path for key in index.symbols),
        *files,
        *(step.symbol.name for step in steps),
        *(f"{step.commentary.value}\n{_errata(step)}\n{_remarks(step)}" for step in steps),
        *errata,  # once more, on their own page
    ]
    return title_boosts(titles, texts, len(titles) + len(steps) + len(errata))


def _errata(step: Step) -> str:
    texts = [text for each in step.errata for text in (each.said, each.correction)]
    return "\n".join(text.value for text in texts)


def _remarks(step: Step) -> str:
    return "\n".join(each.text.value for each in step.remarks)


def title_boosts(titles: Sequence[str], texts: Sequence[str], documents: int) -> dict[str, float]:
    """How much the page of each title counts, to two digits; a page counts 1 by itself.

    Parameters:
        titles: Of the pages, one for each.
        texts: What else is indexed: texts of pages, headings and Markdown of steps.
        documents: How many entries the index has.
    """
    words = {title: _words(title) for title in titles}
    counts = Counter(word for title in titles for word in words[title])
    counts.update(word for text in texts for word in _words(text))
    weights = {word: _weight(count, documents) for word, count in counts.items()}
    return {
        title: round(_fitted(title, own) / max(1.0, sum(weights[word] for word in own)), 2)
        for title, own in words.items()
    }


def _fitted(title: str, words: frozenset[str]) -> float:
    """What a title comes to that a query names whole.

    Of several, the one with the most words has all of the query (`hardware_setup` is in
    `kvm_arch_hardware_setup` too); of those, in the shortest no word goes on (`kvm_rebooting`).
    """
    return _FULL * (1 + _WORD * len(words) + _LENGTH / max(1, len(title)))


def _words(text: str) -> frozenset[str]:
    shown = _LINK_TARGET.sub("]", text)
    return frozenset(word.lower() for word in _BETWEEN_WORDS.split(shown) if word)


def _weight(count: int, documents: int) -> float:
    """The weight of a word that is `count` times in a title or a text, as lunr has it."""
    return math.log(1 + abs((documents - count + 0.5) / (count + 0.5)))

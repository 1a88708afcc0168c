"""Searches a whole version for names: one scan of its text, then a look at what it found."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from callpath.core.drift.looks import may_define
from callpath.project.drift_sides import Side
from callpath.project.source_code import Progress, distance, no_progress
from callpath.sources import FileText

_LOOKED_AT_MOST = 400
"""Files that hold a name and are looked at, nearest first; a name in more of them is no name."""
_LOT = 500
"""Files whose texts are in memory at the same time."""


@dataclass(frozen=True, slots=True)
class Hits:
    """What a scan found.

    Attributes:
        defining: For each name the files that look as if they defined it, sorted.
        holding: For each other word the files that hold it, sorted.
    """

    defining: Mapping[str, tuple[str, ...]]
    holding: Mapping[str, Sequence[str]]


def search(
    side: Side,
    words: Mapping[str, str],
    others: Collection[str] = (),
    progress: Progress = no_progress,
) -> Hits:
    """Look for names in one scan of a whole version.

    Parameters:
        side: The version; its source must be searchable.
        words: For each name the file that it stood in: those nearest to it are looked at first.
        others: Words of which only the files that hold them are asked for.
        progress: Told how far it is.

    Raises:
        SourceError: The source broke.
    """
    asked_for = sorted({*words, *others})
    if not asked_for:
        return Hits({}, {})
    hits = side.code.source.find_words(asked_for, partial(progress, "searching the source"))
    asked: dict[str, list[str]] = {}
    for word, origin in words.items():
        near = sorted(hits.get(word, ()), key=partial(distance, origin=origin))
        for path in near[:_LOOKED_AT_MOST]:
            asked.setdefault(path, []).append(word)
    found: dict[str, list[str]] = {word: [] for word in words}
    for path, word in _looks(side, asked):
        found[word].append(path)
    return Hits(
        {word: tuple(sorted(paths)) for word, paths in found.items()},
        {word: hits.get(word, ()) for word in others},
    )


def _looks(side: Side, asked: Mapping[str, Collection[str]]) -> Iterable[tuple[str, str]]:
    paths = sorted(asked)
    for start in range(0, len(paths), _LOT):
        # Not through `side`: what only holds a word is not to be kept.
        for result in side.code.source.read(paths[start : start + _LOT]):
            if isinstance(result, FileText):
                for word in asked[result.path]:
                    if may_define(word, result.data):
                        yield result.path, word

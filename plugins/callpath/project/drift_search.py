"""Searches a whole version for names: one scan of its text, then a look at what it found."""

from collections.abc import Collection, Iterable, Mapping
from functools import partial

from callpath.core.drift.looks import may_define
from callpath.project.drift_sides import Side
from callpath.project.source_code import Progress, distance, no_progress
from callpath.sources import FileText

_LOOKED_AT_MOST = 400
"""Files that hold a name and are looked at, nearest first; a name in more of them is no name."""
_LOT = 500
"""Files whose texts are in memory at the same time."""


def defining_files(
    side: Side, words: Mapping[str, str], progress: Progress = no_progress
) -> dict[str, tuple[str, ...]]:
    """The files that look as if they defined names, in one scan of the whole version.

    Parameters:
        side: The version; its source must be searchable.
        words: For each name the file that it stood in: those nearest to it are looked at first.
        progress: Told how far it is.

    Returns:
        For each name its files, sorted.

    Raises:
        SourceError: The source broke.
    """
    if not words:
        return {}
    hits = side.code.source.find_words(sorted(words), partial(progress, "searching the source"))
    asked: dict[str, list[str]] = {}
    for word, origin in words.items():
        near = sorted(hits.get(word, ()), key=partial(distance, origin=origin))
        for path in near[:_LOOKED_AT_MOST]:
            asked.setdefault(path, []).append(word)
    found: dict[str, list[str]] = {word: [] for word in words}
    for path, word in _looks(side, asked):
        found[word].append(path)
    return {word: tuple(sorted(paths)) for word, paths in found.items()}


def _looks(side: Side, asked: Mapping[str, Collection[str]]) -> Iterable[tuple[str, str]]:
    paths = sorted(asked)
    for start in range(0, len(paths), _LOT):
        # Not through `side`: what only holds a word is not to be kept.
        for result in side.code.source.read(paths[start : start + _LOT]):
            if isinstance(result, FileText):
                for word in asked[result.path]:
                    if may_define(word, result.data):
                        yield result.path, word

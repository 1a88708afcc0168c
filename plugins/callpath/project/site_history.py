"""What git knows of the notes, for the feed; and why that may be nothing."""

from collections.abc import Collection
from pathlib import Path

from callpath.core.errors import SourceError
from callpath.core.history import FileChange
from callpath.sources.history import read_history

NEWEST = 30
"""How many changes of notes the feed tells."""


def newest_changes(folder: Path, notes: Collection[str]) -> tuple[tuple[FileChange, ...], str]:
    """The newest changes of the notes, as git tells them.

    Parameters:
        folder: The notes' folder.
        notes: The notes' paths below it.

    Returns:
        The changes, and why there are none where that can be mended; else an empty text. Notes
        that are in no git repository have no history, and that is no fault.
    """
    try:
        history = read_history(folder, notes, NEWEST)
    except SourceError as error:
        hint = f" ({error.hint})" if error.hint else ""
        return (), f"there is no feed: {error.message}{hint}"
    if history.is_shallow:
        return (), (
            "there is no feed: the git repository is a shallow clone, without its older commits "
            "(fetch them with `git fetch --unshallow`, in GitHub Actions with `fetch-depth: 0`)"
        )
    return history.changes, ""

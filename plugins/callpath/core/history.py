"""How the notebook's files changed: values only."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FileChange:
    """A commit that touched a file.

    Attributes:
        path: The file's path below the notes' folder.
        commit: The full commit id.
        seconds: When it was committed, in seconds since 1970 (UTC).
        subject: The first line of its message.
        is_new: Whether it added the file at this path.
    """

    path: str
    commit: str
    seconds: int
    subject: str
    is_new: bool

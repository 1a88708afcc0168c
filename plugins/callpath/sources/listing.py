"""A tree as a list of what stands at each path, for sources that have no file system. Pure."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto

from callpath.sources.content import DIRECTORY, SPECIAL, SUBMODULE
from callpath.sources.links import BROKEN_LINK, follow, refusal
from callpath.sources.source import Missing, Unreadable


class EntryKind(Enum):
    """What stands at a path."""

    FILE = auto()
    LINK = auto()
    DIRECTORY = auto()
    SUBMODULE = auto()
    SPECIAL = auto()


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands at one path.

    Attributes:
        kind: What it is.
        size: Bytes of a file; -1 when it is not known.
        content: What the source finds it by: a link's target, an object's id.
    """

    kind: EntryKind
    size: int = -1
    content: str = ""


class Listing:
    """Everything in a tree by path.

    Parameters:
        entries: What stands at each path. Directories may be left out when something is in them.
    """

    def __init__(self, entries: Mapping[str, Entry]) -> None:
        self.entries = entries
        self._directories: set[str] = set()
        for path in entries:
            while (cut := path.rfind("/")) > 0 and path[:cut] not in self._directories:
                path = path[:cut]
                self._directories.add(path)

    def files(self, endings: tuple[str, ...]) -> Iterator[str]:
        """The regular files with one of these endings, sorted."""
        return iter(
            sorted(
                path
                for path, entry in self.entries.items()
                if path.endswith(endings) and entry.kind is EntryKind.FILE
            )
        )

    def locate(
        self, path: str, target_of: Callable[[str], str | Unreadable | None]
    ) -> str | Missing | Unreadable:
        """Find the regular file that a path leads to.

        Parameters:
            path: Any path.
            target_of: The text of the link at a path, or nothing when there is no link.

        Returns:
            The file's own path, or why there is none.
        """
        if reason := refusal(path):
            return Unreadable(path, reason)
        followed = follow(path, target_of)
        if isinstance(followed, Unreadable):
            return followed
        entry = self.entries.get(followed.path)
        if entry is not None and entry.kind is EntryKind.FILE:
            return followed.path
        if entry is None and not self._is_directory(followed.path):
            return self._nothing(path, followed.path, linked=followed.linked)
        return Unreadable(path, _REASONS[entry.kind] if entry else DIRECTORY)

    def _is_directory(self, path: str) -> bool:
        return not path or path in self._directories

    def _nothing(self, path: str, leads_to: str, *, linked: bool) -> Missing | Unreadable:
        above = leads_to
        while (cut := above.rfind("/")) > 0:
            above = above[:cut]
            entry = self.entries.get(above)
            if entry is not None and entry.kind is EntryKind.SUBMODULE:
                return Unreadable(path, SUBMODULE)
        return Unreadable(path, BROKEN_LINK) if linked else Missing(path)


_REASONS = {
    EntryKind.DIRECTORY: DIRECTORY,
    EntryKind.SUBMODULE: SUBMODULE,
    EntryKind.SPECIAL: SPECIAL,
    EntryKind.LINK: SPECIAL,
}

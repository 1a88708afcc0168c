"""Paths at one commit of the cache's repository: where they lead, and what is still to be had."""

from collections.abc import Collection

from callpath.sources.cache_files import Manifest
from callpath.sources.content import LARGE
from callpath.sources.git_store import GitStore
from callpath.sources.listing import EntryKind
from callpath.sources.source import Missing, Unreadable


class TagFiles:
    """The wanted files of one commit.

    Parameters:
        store: The repository that has the commit.
        commit: Its id.
        paths: The wanted paths.

    Attributes:
        lacking: The ids of what has to be fetched before more can be said. Where a link leads is
            known only when the link itself is here, so this may take more than one round.

    Raises:
        DamageError: The repository has not all directories of the commit.
    """

    def __init__(self, store: GitStore, commit: str, paths: Collection[str]) -> None:
        self.lacking: set[str] = set()
        self._store = store
        self._commit = commit
        self._listing = store.listing(commit)
        self._present = store.present()
        self._places = {
            path: self._listing.locate(path, self._target_of) for path in sorted(set(paths))
        }
        self.lacking |= set(self._blobs().values()) - self._present

    def known(self) -> tuple[Manifest, dict[str, bytes]]:
        """What there is at every path, and the bytes of the files; only when nothing is lacking.

        Raises:
            DamageError: A file is not in the repository although it should be.
        """
        blobs = self._blobs()
        found = dict(zip(blobs, self._store.contents(blobs.values()), strict=True))
        contents = {path: data for path, data in found.items() if data is not None}
        unreadable = {path: LARGE for path in blobs if path not in contents}
        for path, place in self._places.items():
            if isinstance(place, Unreadable):
                unreadable[path] = place.reason
        manifest = Manifest(
            self._commit,
            {path: blobs[path] for path in contents},
            frozenset(path for path, place in self._places.items() if isinstance(place, Missing)),
            unreadable,
        )
        return manifest, contents

    def _blobs(self) -> dict[str, str]:
        """The id of each file, by the path that was wanted."""
        entries = self._listing.entries
        return {
            path: entries[place].content
            for path, place in self._places.items()
            if isinstance(place, str)
        }

    def _target_of(self, path: str) -> str | Unreadable | None:
        entry = self._listing.entries.get(path)
        if entry is None or entry.kind is not EntryKind.LINK:
            return None
        if entry.content not in self._present:
            self.lacking.add(entry.content)
            return Unreadable(path, "is not here yet")
        target = next(iter(self._store.contents([entry.content])))
        return "/" if target is None else target.decode("utf-8", "surrogateescape")

"""Brings files of pinned tags from remotes into the cache: few requests, and none that is needless.

    in the cache as it should be? ─ no ▶ in the cache's repository? ─ no ▶ remote after remote:
    which tags, which commits ▶ the tags without files ▶ the files, all in one request

Knows nothing of notes; says what it does through the functions that it is given.
"""

import os
import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from callpath.cache import LOCK, Cache
from callpath.findings import SourceError
from callpath.model import Pin
from callpath.sources.cache import CacheFiles
from callpath.sources.git_remote import (
    Advance,
    DamageError,
    GitStore,
    Remote,
    RemoteError,
    TagFiles,
    recent_git,
)

if sys.platform != "win32":
    import fcntl


@contextmanager
def locked(file: Path, waiting: Callable[[], None]) -> Iterator[int]:
    """Hold a lock for the length of a `with` block.

    Parameters:
        file: The lock's file; it is made, and stays.
        waiting: Called once when somebody else holds the lock, before waiting for it.

    Returns:
        The lock's file descriptor. A child process that inherits it holds the lock too, so that
        nobody comes in while it still works after its parent was killed.

    Raises:
        OSError: The file cannot be made, or its file system knows no locks.
    """
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        if sys.platform != "win32":
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                waiting()
                fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


Wanted = Mapping[Pin, Collection[str]]
"""The paths that are wanted at each pin, all of one project, each version once."""


@dataclass(frozen=True, slots=True)
class Fetch:
    """How files are brought.

    Attributes:
        folder: The cache's folder.
        remotes: The addresses to fetch from, in the order of trying.
        refresh: Whether remotes are asked even for what is here, and a tag may have moved.
        tell: Called with what a user should know: which remote failed and why.
        advance: Told of what takes long.
    """

    folder: Path
    remotes: Sequence[str]
    refresh: bool
    tell: Callable[[str], None]
    advance: Advance

    def bring(self, wanted: Wanted) -> None:
        """See to it that the cache knows everything about the wanted paths.

        Raises:
            SourceError: No remote has what is wanted, git is missing or too old, or the cache
                cannot be written to.
        """
        files = CacheFiles(self.folder)
        if not self.refresh and _lacking(files, wanted) == []:
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with locked(self.folder / LOCK, self._tell_of_waiting) as descriptor:
                Cache(self.folder).prepare()
                pins = sorted(wanted) if self.refresh else _lacking(files, wanted)
                if pins:
                    self._fill(files, {pin: wanted[pin] for pin in pins}, descriptor)
        except OSError as error:
            raise SourceError(
                f"cannot write to `{self.folder}`: {(error.strerror or str(error)).lower()}",
                "make room or set its permissions; the whole folder can be deleted at any time",
            ) from error

    def _tell_of_waiting(self) -> None:
        self.tell("another `callpath fetch` is at work here; waiting for it to end")

    def _fill(self, files: CacheFiles, wanted: Wanted, descriptor: int) -> None:
        project = next(iter(wanted)).project
        with closing(GitStore(files.repository(project), recent_git())) as store:
            try:
                try:
                    _Filling(self, files, store, wanted, descriptor).run()
                except DamageError:
                    self.tell(f"what was fetched of `{project}` is damaged and is fetched anew")
                    store.reset()
                    _Filling(self, files, store, wanted, descriptor).run()
            except DamageError as error:
                raise SourceError(f"what was fetched of `{project}` cannot be read") from error


@dataclass(slots=True)
class _Filling:
    """One run over the remotes for what the cache lacks of one project."""

    fetch: Fetch
    files: CacheFiles
    store: GitStore
    wanted: Wanted
    descriptor: int
    pending: list[Pin] = field(default_factory=list)

    def run(self) -> None:
        """Bring what is wanted.

        Raises:
            SourceError: No remote has it.
            DamageError: The repository lacks something that it should have.
        """
        self.pending = sorted(self.wanted)
        if not self.fetch.refresh:
            self._keep(self._tags_here())
        if self.pending and not self.fetch.remotes:
            project = self.pending[0].project
            raise SourceError(
                f"it is not known where `{project}` can be fetched from",
                f"add `--remote URL`, or `remotes: {{{project}: [URL]}}` to the site's settings",
            )
        for address in self.fetch.remotes:
            if self.pending:
                self._try(Remote(address, self.store, self.fetch.advance, self.descriptor))
        if self.pending:
            if not self.store.is_sound():
                raise DamageError
            names = ", ".join(f"`{pin.project}` {pin.version}" for pin in self.pending)
            raise SourceError(
                f"no remote has given {names}", "name one that does with `--remote URL`"
            )

    def _try(self, remote: Remote) -> None:
        try:
            commits = self._fitting(remote)
            self._bring_tags(remote, commits)
            self._bring_files(remote, commits)
        except RemoteError as fault:
            self.fetch.tell(fault.message)

    def _fitting(self, remote: Remote) -> dict[Pin, str]:
        """The pending pins whose tag the remote has, with its commit, if it is the right one."""
        offered = remote.offered_tags({pin.version for pin in self.pending})
        fitting: dict[Pin, str] = {}
        for pin in self.pending:
            commit, expected = offered.get(pin.version, ""), self._expected(pin)
            if not commit:
                self.fetch.tell(f"`{remote.shown}`: it has no tag `{pin.version}`")
            elif expected and commit != expected:
                where = "the pin says" if pin.commit else "what was fetched before is"
                self.fetch.tell(
                    f"`{remote.shown}`: its tag `{pin.version}` is commit `{commit}`, but {where} "
                    f"`{expected}`"
                )
            else:
                fitting[pin] = commit
        return fitting

    def _expected(self, pin: Pin) -> str:
        """The commit that the tag must name; empty if it is not known yet."""
        return pin.commit or ("" if self.fetch.refresh else self.store.commit(pin.version))

    def _bring_tags(self, remote: Remote, commits: Mapping[Pin, str]) -> None:
        absent = {
            pin.version
            for pin, commit in commits.items()
            if self.store.commit(pin.version) != commit
        }
        if absent and remote.fetch_tags(absent):
            self._tell_of_whole(remote, "it has sent", absent)

    def _tell_of_whole(self, remote: Remote, how: str, versions: Collection[str]) -> None:
        self.fetch.tell(
            f"`{remote.shown}`: it does not hand out single files; {how} all files "
            f"of {', '.join(sorted(versions))}"
        )

    def _bring_files(self, remote: Remote, commits: Mapping[Pin, str]) -> None:
        """Fetch the files that are not here, and keep all of them."""
        asked: set[str] = set()
        tags = self._tags(commits)
        while lacking := {blob for tag in tags.values() for blob in tag.lacking}:
            if lacking & asked:
                raise RemoteError(f"`{remote.shown}`: it has not sent every file")
            asked |= lacking
            if not remote.fetch_files(lacking):
                versions = {pin.version for pin in commits}
                self._tell_of_whole(remote, "fetching", versions)
                remote.fetch_tags(versions, whole=True)
            tags = self._tags(commits)
        self._keep(tags)

    def _tags(self, commits: Mapping[Pin, str]) -> dict[Pin, TagFiles]:
        return {
            pin: TagFiles(self.store, commit, self.wanted[pin]) for pin, commit in commits.items()
        }

    def _tags_here(self) -> dict[Pin, TagFiles]:
        """What an earlier run has fetched of the pending pins."""
        commits = {pin: self.store.commit(pin.version) for pin in self.pending}
        return self._tags(
            {pin: here for pin, here in commits.items() if here and pin.commit in ("", here)}
        )

    def _keep(self, tags: Mapping[Pin, TagFiles]) -> None:
        """Write what is complete into the cache; it is not pending any more."""
        for pin, tag in tags.items():
            if not tag.lacking:
                self.files.keep(pin, *tag.known())
                self.pending.remove(pin)


def _lacking(files: CacheFiles, wanted: Wanted) -> list[Pin]:
    """The pins of which the cache does not know everything that is wanted, sorted."""
    return [pin for pin in sorted(wanted) if not files.holds(pin, wanted[pin])]

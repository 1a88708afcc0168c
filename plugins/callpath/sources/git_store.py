"""The bare repository in the cache that files are fetched into: a partial clone of a few tags.

It can be deleted at any time; what it holds is never trusted further than its object ids go.
"""

import shutil
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from callpath.core.errors import SourceError
from callpath.sources.git_objects import BlobReader, tree_entries
from callpath.sources.git_process import Repository
from callpath.sources.git_remote import REMOTE, Line
from callpath.sources.listing import Listing

_CONFIG = f"""\
[core]
	repositoryformatversion = 1
	bare = true
[extensions]
	partialClone = {REMOTE}
[remote "{REMOTE}"]
	promisor = true
	partialclonefilter = blob:none
"""
"""The repository's settings. They are written anew each time: no others are obeyed."""

_FETCH = (
    "fetch",
    "--progress",
    "--depth=1",
    "--no-tags",
    "--no-write-fetch-head",
    "--no-recurse-submodules",
    "--no-auto-maintenance",
)
_NO_FILTER = "filtering not recognized by server"
_NO_SINGLE_FILES = ("not our ref", "unadvertised object", "no such remote ref")


class DamageError(Exception):
    """The repository lacks something that it should have."""


class GitStore:
    """The repository that one project is fetched into.

    Parameters:
        directory: Where it is; it is made when it is not there.
        program: The path of git.

    Raises:
        OSError: It cannot be written to.
        SourceError: Git cannot make it.
    """

    def __init__(self, directory: Path, program: str) -> None:
        self.repository = Repository(str(directory), str(directory), program)
        self._directory = directory
        self._reader = BlobReader(self.repository)
        self._listings: dict[str, Listing] = {}
        self._prepare()

    def commit(self, version: str) -> str:
        """The commit that a tag names here, or empty when it is not here."""
        name = f"refs/tags/{version}^{{}}"
        found = self.repository.run("rev-parse", "--verify", "--quiet", name)
        return found.text if found.ok else ""

    def listing(self, commit: str) -> Listing:
        """Everything in the tree of a commit.

        Raises:
            DamageError: A part of it is not here.
        """
        if commit not in self._listings:
            try:
                entries = tree_entries(self.repository, f"{commit}^{{tree}}", sizes=False)
            except SourceError as error:
                raise DamageError from error
            self._listings[commit] = Listing(entries)
        return self._listings[commit]

    def present(self) -> frozenset[str]:
        """The ids of everything that is here; asking for one by one could make git fetch it."""
        options = ("--batch-all-objects", "--unordered", "--batch-check=%(objectname)")
        return frozenset(self.repository.run("cat-file", *options).text.split())

    def contents(self, blobs: Iterable[str]) -> Iterator[bytes | None]:
        """The bytes of each file in turn; nothing for one that is too large to read.

        Raises:
            DamageError: One is not here.
        """
        try:
            yield from self._reader.contents(blobs)
        except SourceError as error:
            raise DamageError from error

    def is_sound(self) -> bool:
        """Whether everything is here that should be."""
        return self.repository.run("fsck", "--connectivity-only", "--no-dangling").ok

    def reset(self) -> None:
        """Throw everything away.

        Raises:
            OSError: It cannot be written to.
        """
        self.close()
        self._listings.clear()
        shutil.rmtree(self._directory)
        self._prepare()

    def close(self) -> None:
        """End git's process."""
        self._reader.close()

    def _prepare(self) -> None:
        parts = [self._directory / name for name in ("HEAD", "objects", "refs")]
        if not all(part.exists() for part in parts):
            if self._directory.exists():
                shutil.rmtree(self._directory)
            self._directory.mkdir(parents=True)
            options = ("--quiet", "--bare", "--template=", "--initial-branch=none")
            made = self.repository.run("init", *options, "--object-format=sha1")
            if not made.ok:
                raise SourceError(f"git cannot make `{self._directory}`: {made.complaint}")
        (self._directory / "config").write_text(_CONFIG, encoding="utf-8")
        # Whoever was killed here left these; nobody else is at work, as the cache is locked.
        for left in (*self._directory.rglob("*.lock"), *self._directory.glob("objects/**/tmp_*")):
            left.unlink(missing_ok=True)


def offered_tags(line: Line, versions: Collection[str]) -> dict[str, str]:
    """Which of these tags a remote has, and the commit that each names there.

    Raises:
        RemoteError: The remote gave no answer.
    """
    names = [f"refs/tags/{version}{end}" for version in sorted(versions) for end in ("", "^{}")]
    answer = line.run("ls-remote", "--quiet", REMOTE, *names)
    if not answer.ok:
        raise line.fault(answer)
    found: dict[str, str] = {}
    for row in answer.text.splitlines():
        commit, _, name = row.partition("\t")
        found[name] = commit
    commits = {
        version: found.get(f"refs/tags/{version}^{{}}") or found.get(f"refs/tags/{version}", "")
        for version in versions
    }
    return {version: commit for version, commit in commits.items() if commit}


def fetch_tags(line: Line, versions: Collection[str], *, whole: bool = False) -> bool:
    """Fetch tags without their past: the commit and its directories, and no file.

    Parameters:
        line: The line to the remote.
        versions: The tags.
        whole: Whether all files are wanted too.

    Returns:
        Whether all files came, because they were wanted or because the remote sends all or none.

    Raises:
        RemoteError: The remote did not send them.
    """
    refs = [f"+refs/tags/{version}:refs/tags/{version}" for version in sorted(versions)]
    extent = ("--refetch", "--no-filter") if whole else ("--filter=blob:none",)
    answer = line.run(*_FETCH, *extent, REMOTE, *refs)
    if not answer.ok:
        raise line.fault(answer)
    return whole or _NO_FILTER in answer.said


def fetch_files(line: Line, blobs: Collection[str]) -> bool:
    """Fetch files by their ids, all in one request.

    Returns:
        Whether they came; the remote may give out no single files.

    Raises:
        RemoteError: The remote did not send them, for another reason.
    """
    answer = line.run(*_FETCH, "--filter=blob:none", "--stdin", REMOTE, given=sorted(blobs))
    if not answer.ok and not any(sign in answer.said for sign in _NO_SINGLE_FILES):
        raise line.fault(answer)
    return answer.ok

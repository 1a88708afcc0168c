"""The git commands that talk to another repository, and the repository that they fetch into."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from callpath.findings import SourceError
from callpath.settings import shown_remote
from callpath.sources.base import LARGE, Entry, Listing, Missing, Unreadable
from callpath.sources.cache import Manifest
from callpath.sources.git import (
    Output,
    Repository,
    cannot_run,
    environment,
    git_program,
    run_git,
)

OLDEST_GIT = (2, 39)
"""The oldest git that this was tried with."""

REMOTE = "callpath"
"""The name of every remote in the repository that is fetched into."""

Advance = Callable[[str, int, int], None]
"""Called with what git is doing, how much of it is done, and how much there is."""

_KEPT = ("GIT_SSH", "GIT_SSL_", "GIT_HTTP_", "GIT_PROXY_", "GIT_ALLOW_PROTOCOL")
"""Beginnings of the variables that say how the user reaches other repositories."""

_OPTIONS = {
    "protocol.version": "2",  # only with it a single file can be asked for at any server
    "core.hooksPath": os.devnull,
    "credential.interactive": "false",
    "fetch.fsckObjects": "false",  # old kernels have trees that it refuses; nothing is checked out
    "fetch.negotiationAlgorithm": "noop",
    "fetch.prune": "false",
    "fetch.writeCommitGraph": "false",
    "gc.auto": "0",
    "http.lowSpeedLimit": "1",  # bytes per second …
    "http.lowSpeedTime": "120",  # … for so many seconds: nobody is there any more
    "maintenance.auto": "false",
    "submodule.recurse": "false",
}

_PROGRESS = re.compile(r"(?:remote: )?([A-Z][a-z]+ [a-z]+): +\d+% \((\d+)/(\d+)\)")
_FULL = ("no space left on device", "disk quota exceeded")
_KNOWN = (
    ("could not resolve host|unable to look up|name or service not known", "its host is unknown"),
    ("could not read username|authentication failed|permission denied \\(", "it wants a password"),
    ("returned error: 404|not found|not appear to be a git|not exported", "it has no repository"),
    ("returned error: ([0-9]{3})", "it answered with status {}"),
    ("connection refused|failed to connect|couldn't connect|unable to connect", "no connection"),
    ("timed out|too slow", "it gives no answer"),
    ("certificate", "its certificate is not trusted"),
    ("early eof|hung up|disconnect|rpc failed|reset by peer|empty reply", "it broke off"),
    ("transport .* not allowed", "git does not allow this kind of address"),
)
"""What git says (in lower case, a pattern) when a remote fails, and what it comes to."""


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


class RemoteError(SourceError):
    """One remote did not give what it was asked for; another may."""


class DamageError(Exception):
    """The repository lacks something that it should have."""


def recent_git() -> str:
    """The path of git; raises SourceError if it is missing or too old."""
    program = git_program()
    told = run_git([program, "version"]).text
    number = re.match(r"git version (\d+)\.(\d+)", told)
    if number is None or (int(number[1]), int(number[2])) < OLDEST_GIT:
        oldest = ".".join(map(str, OLDEST_GIT))
        raise SourceError(
            f"`callpath fetch` needs git {oldest} or newer; this is {told or 'none'}",
            "install a newer git, or use `tree:` or `archive:` as a source",
        )
    return program


class GitStore(Repository):
    """The repository that one project is fetched into; it is made if it is not there.

    Raises:
        OSError: It cannot be written to.
        SourceError: Git cannot make it.
    """

    def __init__(self, directory: Path, program: str) -> None:
        super().__init__(str(directory), str(directory), program)
        self._folder = directory
        self._listings: dict[str, Listing] = {}
        self._prepare()

    def commit(self, version: str) -> str:
        """The commit that a tag names here; empty if it is not here."""
        return self.resolve(f"refs/tags/{version}^{{}}")

    def listing(self, commit: str) -> Listing:
        """Everything in the tree of a commit.

        Raises:
            DamageError: A part of it is not here.
        """
        if commit not in self._listings:
            try:
                self._listings[commit] = Listing(self.entries(f"{commit}^{{tree}}", commit))
            except SourceError as error:
                raise DamageError from error
        return self._listings[commit]

    def present(self) -> frozenset[str]:
        """The ids of everything that is here; asking for one by one could make git fetch it."""
        options = ("--batch-all-objects", "--unordered", "--batch-check=%(objectname)")
        return frozenset(self.run("cat-file", *options).text.split())

    def contents(self, blobs: Iterable[str]) -> Iterator[bytes | None]:
        """The bytes of each file in turn; None for one that is too large to read.

        Raises:
            DamageError: One is not here.
        """
        try:
            yield from super().contents(blobs)
        except SourceError as error:
            raise DamageError from error

    def is_sound(self) -> bool:
        """Whether everything is here that should be."""
        return self.run("fsck", "--connectivity-only", "--no-dangling").ok

    def reset(self) -> None:
        """Throw everything away."""
        self.close()
        self._listings.clear()
        shutil.rmtree(self._folder)
        self._prepare()

    def _prepare(self) -> None:
        if not all((self._folder / name).exists() for name in ("HEAD", "objects", "refs")):
            if self._folder.exists():
                shutil.rmtree(self._folder)
            self._folder.mkdir(parents=True)
            options = ("--quiet", "--bare", "--template=", "--initial-branch=none")
            made = self.run("init", *options, "--object-format=sha1")
            if not made.ok:
                raise SourceError(f"git cannot make `{self._folder}`: {made.complaint}")
        (self._folder / "config").write_text(_CONFIG, encoding="utf-8")
        # A killed process left these; nobody else is at work, as the cache is locked.
        for left in (*self._folder.rglob("*.lock"), *self._folder.glob("objects/**/tmp_*")):
            left.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Remote:
    """A repository that a store fetches from; its methods raise RemoteError if it does not answer.

    Attributes:
        inherited: A file descriptor that git keeps open for as long as it works.
    """

    address: str
    store: Repository
    advance: Advance
    inherited: int

    @property
    def shown(self) -> str:
        """Its address for messages, without a password."""
        return shown_remote(self.address)

    def offered_tags(self, versions: Collection[str]) -> dict[str, str]:
        """Which of these tags it has, and the commit that each names there."""
        names = [f"refs/tags/{version}{end}" for version in sorted(versions) for end in ("", "^{}")]
        answer = self._run("ls-remote", "--quiet", REMOTE, *names)
        if not answer.ok:
            raise self._fault(answer)
        rows = (row.partition("\t") for row in answer.text.splitlines())
        found = {name: commit for commit, _, name in rows}
        commits = {
            version: found.get(f"refs/tags/{version}^{{}}") or found.get(f"refs/tags/{version}", "")
            for version in versions
        }
        return {version: commit for version, commit in commits.items() if commit}

    def fetch_tags(self, versions: Collection[str], *, whole: bool = False) -> bool:
        """Fetch tags without their past: the commit and its directories; the files if `whole`.

        Returns:
            Whether all files came, because they were wanted or because it sends all or none.
        """
        refs = [f"+refs/tags/{version}:refs/tags/{version}" for version in sorted(versions)]
        extent = ("--refetch", "--no-filter") if whole else ("--filter=blob:none",)
        answer = self._run(*_FETCH, *extent, REMOTE, *refs)
        if not answer.ok:
            raise self._fault(answer)
        return whole or _NO_FILTER in answer.complaint

    def fetch_files(self, blobs: Collection[str]) -> bool:
        """Fetch files by their ids, all in one request.

        Returns:
            False if it does not give out single files.
        """
        answer = self._run(*_FETCH, "--filter=blob:none", "--stdin", REMOTE, given=sorted(blobs))
        if not answer.ok and not any(sign in answer.complaint for sign in _NO_SINGLE_FILES):
            raise self._fault(answer)
        return answer.ok

    def _run(self, *arguments: str, given: Iterable[str] = ()) -> Output:
        """Run a git command in which the remote is called `REMOTE`.

        Parameters:
            given: Lines for its standard input.

        Returns:
            Its output; the complaint is all that it said besides, without progress.

        Raises:
            SourceError: The disk is full, or git cannot be run.
        """
        options = _OPTIONS | {f"remote.{REMOTE}.url": self.address}
        settings = [part for item in options.items() for part in ("-c", "=".join(item))]
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as wanted:
            wanted.write("".join(f"{line}\n" for line in given).encode())
            wanted.seek(0)
            try:
                with subprocess.Popen(  # noqa: S603 - no shell; the address was looked at
                    [*self.store.command(*settings), *arguments],
                    cwd=self.store.directory,
                    env=_network_environment(),
                    stdin=wanted,
                    stdout=output,
                    stderr=subprocess.PIPE,
                    text=True,
                    encoding="utf-8",
                    errors="replace",
                    pass_fds=(self.inherited,),
                ) as process:
                    said = self._listen(process)
            except OSError as error:
                raise cannot_run(error) from error
            output.seek(0)
            data = output.read()
        if any(sign in said.lower() for sign in _FULL):
            raise SourceError(f"cannot write to `{self.store.place}`: no space left on device")
        return Output(process.returncode == 0, data, said)

    def _listen(self, process: "subprocess.Popen[str]") -> str:
        lines: list[str] = []
        try:
            # Progress ends in a carriage return, which counts as the end of a line here.
            for line in process.stderr or ():
                if found := _PROGRESS.match(line):
                    self.advance(found[1].lower(), int(found[2]), int(found[3]))
                elif clean := _plain(line):
                    lines.append(clean)
        except BaseException:
            process.kill()
            raise
        return "\n".join(lines)

    def _fault(self, answer: Output) -> RemoteError:
        return RemoteError(f"`{self.shown}`: {_reason(answer.complaint)}")


def _network_environment() -> dict[str, str]:
    """The environment of a git that may use the network, and may ask nobody for a password."""
    variables = environment()
    del variables["GIT_ALLOW_PROTOCOL"]
    kept = {name: value for name, value in os.environ.items() if name.startswith(_KEPT)}
    return variables | kept | {"GIT_ASKPASS": "", "SSH_ASKPASS": ""}


def _plain(line: str) -> str:
    """A line as it may be shown on a terminal; a server can write anything into it."""
    return "".join(letter if letter.isprintable() else " " for letter in line).strip()


def _reason(said: str) -> str:
    """Why a remote failed, as the end of a sentence."""
    for pattern, reason in _KNOWN:
        if found := re.search(pattern, said.lower()):
            return reason.format(*found.groups())
    lines = said.splitlines()
    return _first(lines, "fatal: ") or _first(lines, "error: ") or (lines or ["git failed"])[-1]


def _first(lines: Sequence[str], beginning: str) -> str:
    found = (line.removeprefix(beginning) for line in lines if line.startswith(beginning))
    return next(found, "")


class TagFiles:
    """The wanted files of one commit in a store.

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
        self._present = store.present()
        listing = store.listing(commit)
        found = {path: listing.locate(path, self._read_link) for path in sorted(set(paths))}
        self._blobs = {
            path: listing.entries[place].content
            for path, place in found.items()
            if isinstance(place, str)
        }
        self._missing = frozenset(
            path for path, place in found.items() if isinstance(place, Missing)
        )
        self._unreadable = {
            path: place.reason for path, place in found.items() if isinstance(place, Unreadable)
        }
        self.lacking |= set(self._blobs.values()) - self._present

    def known(self) -> tuple[Manifest, dict[str, bytes]]:
        """What there is at every path, and the bytes of the files; only when nothing is lacking.

        Raises:
            DamageError: A file is not in the repository although it should be.
        """
        found = zip(self._blobs, self._store.contents(self._blobs.values()), strict=True)
        contents = {path: data for path, data in found if data is not None}
        files = {path: blob for path, blob in self._blobs.items() if path in contents}
        large = dict.fromkeys(self._blobs.keys() - files.keys(), LARGE)
        return Manifest(self._commit, files, self._missing, self._unreadable | large), contents

    def _read_link(self, link: Entry) -> str | None:
        if link.content not in self._present:
            self.lacking.add(link.content)
            return None
        return self._store.link_target(link.content)

"""Brings files of pinned tags from remotes into the cache: few requests, and none that is needless.

    in the cache as it should be? ─ no ▶ in the cache's repository? ─ no ▶ remote after remote:
    which tags, which commits ▶ the tags without files ▶ the files, all in one request

Does not depend on notes; reports what it does through functions that it is given. The only place
where git may talk to another repository.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

from msgspec import Struct, field

from callpath.cache import LOCK, Cache
from callpath.findings import SourceError, reason
from callpath.model import Pin, Progress
from callpath.settings import shown_remote
from callpath.sources.base import LARGE, Entry, Listing, Missing, Unreadable
from callpath.sources.cache import CacheFiles, Manifest
from callpath.sources.git import DamageError, Output, Repository, environment, git_program, run_git

if sys.platform != "win32":
    import fcntl

OLDEST_GIT = (2, 39)  # the oldest git that this was tried with
REMOTE = "callpath"  # the name of every remote in the repository that is fetched into

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
    *("fetch", "--progress", "--depth=1", "--no-tags"),
    *("--no-write-fetch-head", "--no-recurse-submodules", "--no-auto-maintenance"),
)
_NO_FILTER = "filtering not recognized by server"
_NO_SINGLE_FILES = ("not our ref", "unadvertised object", "no such remote ref")


class RemoteError(SourceError):
    """One remote did not give what it was asked for; another may."""


def recent_git() -> str:
    """The path of git; raises SourceError if it is missing or too old."""
    program = git_program()
    shown = run_git([program, "version"]).text
    number = re.match(r"git version (\d+)\.(\d+)", shown)
    if number is None or (int(number[1]), int(number[2])) < OLDEST_GIT:
        oldest = ".".join(map(str, OLDEST_GIT))
        raise SourceError(
            f"`callpath fetch` needs git {oldest} or newer; this is {shown or 'none'}",
            "install a newer git, or use `tree:` or `archive:` as a source",
        )
    return program


class GitStore(Repository):
    """The repository that one project is fetched into; it is made if it is not there.

    Raises OSError if it cannot be written to, and SourceError if git cannot make it.
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
        """Everything in the tree of a commit; raises DamageError if a part of it is not here."""
        if commit not in self._listings:
            self._listings[commit] = Listing(self.entries(f"{commit}^{{tree}}", commit))
        return self._listings[commit]

    def present(self) -> frozenset[str]:
        """The ids of everything that is here; asking for one by one could make git fetch it."""
        options = ("--batch-all-objects", "--unordered", "--batch-check=%(objectname)")
        return frozenset(self.run("cat-file", *options).text.split())

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


class Remote(Struct, frozen=True):
    """A repository that a store fetches from; methods raise RemoteError if it does not answer."""

    address: str
    store: Repository
    advance: Progress
    inherited: int  # a file descriptor that git keeps open for as long as it works

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
        rows = [row.partition("\trefs/tags/") for row in answer.text.splitlines()]
        tags = {name: identifier for identifier, _, name in rows}
        # What an annotated tag leads to is listed as well, with `^{}`.
        return {name: tags.get(f"{name}^{{}}", tags[name]) for name in versions if name in tags}

    def fetch_tags(self, versions: Collection[str], *, whole: bool = False) -> bool:
        """Fetch tags without their past: the commit and its directories; the files if `whole`.

        Returns whether all files came: they were wanted, or it sends all or none.
        """
        refs = [f"+refs/tags/{version}:refs/tags/{version}" for version in sorted(versions)]
        extent = ("--refetch", "--no-filter") if whole else ("--filter=blob:none",)
        answer = self._run(*_FETCH, *extent, REMOTE, *refs)
        if not answer.ok:
            raise self._fault(answer)
        return whole or _NO_FILTER in answer.complaint

    def fetch_files(self, blobs: Collection[str]) -> bool:
        """Fetch files by their ids in one request; False if it does not give out single files."""
        answer = self._run(*_FETCH, "--filter=blob:none", "--stdin", REMOTE, given=sorted(blobs))
        if not answer.ok and not any(sign in answer.complaint for sign in _NO_SINGLE_FILES):
            raise self._fault(answer)
        return answer.ok

    def _run(self, *arguments: str, given: Iterable[str] = ()) -> Output:
        """Run a git command in which the remote is called `REMOTE`; `given` are lines of input.

        The complaint of the output is all that it said besides, without progress. Raises
        SourceError if the disk is full, or git cannot be run.
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
                raise SourceError(f"git cannot be run: {reason(error)}") from error
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
    for pattern, meaning in _KNOWN:
        if found := re.search(pattern, said.lower()):
            return meaning.format(*found.groups())
    for sign in ("fatal", "error"):
        if found := re.search(f"^{sign}: (.+)", said, re.MULTILINE):
            return found[1]
    return (said.splitlines() or ["git failed"])[-1]


class TagFiles:
    """The wanted files of one commit in a store.

    Raises DamageError if the store has not all directories of the commit.
    """

    def __init__(self, store: GitStore, commit: str, paths: Collection[str]) -> None:
        # The ids of what has to be fetched before more can be said. Where a link leads is known
        # only when the link itself is here, so this may take more than one round.
        self.lacking: set[str] = set()
        self._store = store
        present = store.present()

        def read_link(link: Entry) -> str | None:
            if link.content in present:
                return store.link_target(link.content)
            self.lacking.add(link.content)
            return None

        listing = store.listing(commit)
        self._blobs: dict[str, str] = {}
        missing: set[str] = set()
        unreadable: dict[str, str] = {}
        for path in sorted(set(paths)):
            place = listing.locate(path, read_link)
            if isinstance(place, Missing):
                missing.add(path)
            elif isinstance(place, Unreadable):
                unreadable[path] = place.reason
            else:
                self._blobs[path] = listing.entries[place].content
        self._rest = Manifest(commit, {}, frozenset(missing), unreadable)
        self.lacking |= set(self._blobs.values()) - present

    def known(self) -> tuple[Manifest, dict[str, bytes]]:
        """What there is at every path, and the bytes of the files; only if `lacking` is empty.

        Raises DamageError if a file is not in the store although it should be.
        """
        found = zip(self._blobs, self._store.contents(self._blobs.values()), strict=True)
        contents = {path: data for path, data in found if data is not None}
        files = {path: self._blobs[path] for path in contents}
        large = dict.fromkeys(self._blobs.keys() - files.keys(), LARGE)
        return self._rest.joined(Manifest(self._rest.commit, files, unreadable=large)), contents


@contextmanager
def locked(file: Path, waiting: Callable[[], None]) -> Iterator[int]:
    """Hold the lock of a file, which is made and stays, for the length of a `with` block.

    Gives the file's descriptor. A child process that inherits it holds the lock too, so that nobody
    comes in while it still works after its parent was killed. Raises OSError if the file cannot be
    made, or its file system has no locks.

    Parameters:
        waiting: Called once if another process holds the lock, before waiting for it.
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


class Fetch(Struct, frozen=True):
    """How files are brought."""

    folder: Path  # the cache's
    remotes: Sequence[str]  # addresses in the order of trying
    refresh: bool  # whether remotes are asked even for what is here, and a tag may have moved
    tell: Callable[[str], None]  # called with what a user should know: which remote failed and why
    advance: Progress

    def bring(self, wanted: Wanted) -> None:
        """Bring what the cache does not know yet of the wanted paths.

        Raises SourceError if no remote has what is wanted, git is missing or too old, or the cache
        cannot be written to.
        """
        files = CacheFiles(self.folder)
        if not self.refresh and _lacking(files, wanted) == []:
            return
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            waiting = "another `callpath fetch` is at work here; waiting for it to end"
            with locked(self.folder / LOCK, partial(self.tell, waiting)) as descriptor:
                Cache(self.folder).prepare()
                pins = sorted(wanted) if self.refresh else _lacking(files, wanted)
                if pins:
                    self._fill(files, {pin: wanted[pin] for pin in pins}, descriptor)
        except OSError as error:
            raise SourceError(
                f"cannot write to `{self.folder}`: {reason(error)}",
                "make room or set its permissions; the whole folder can be deleted at any time",
            ) from error

    def _fill(self, files: CacheFiles, wanted: Wanted, descriptor: int) -> None:
        project = next(iter(wanted)).project
        with closing(GitStore(files.repository(project), recent_git())) as store:
            try:
                _Filling(self, files, store, descriptor, wanted).run()
            except DamageError:
                self.tell(f"what was fetched of `{project}` is damaged and is fetched anew")
                store.reset()
                try:
                    _Filling(self, files, store, descriptor, wanted).run()
                except DamageError as error:
                    raise SourceError(f"what was fetched of `{project}` cannot be read") from error


class _Filling(Struct):
    """One run over the remotes for what the cache lacks of one project."""

    fetch: Fetch
    files: CacheFiles
    store: GitStore
    descriptor: int
    wanted: Wanted
    pending: list[Pin] = field(default_factory=list)

    def run(self) -> None:
        """Bring what is wanted, or raise SourceError if no remote has it.

        Raises DamageError if the repository lacks something that it should have.
        """
        self.pending = sorted(self.wanted)
        if not self.fetch.refresh:
            here = {pin: self.store.commit(pin.tag_name) for pin in self.pending}
            fitting = {pin: at for pin, at in here.items() if at and pin.commit in ("", at)}
            self._keep(self._tags(fitting))
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
                raise DamageError(f"`{self.store.place}` is damaged")
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
        offered = remote.offered_tags({pin.tag_name for pin in self.pending})
        fitting: dict[Pin, str] = {}
        for pin in self.pending:
            commit = offered.get(pin.tag_name, "")
            here = "" if self.fetch.refresh else self.store.commit(pin.tag_name)
            expected = pin.commit or here
            if not commit:
                self.fetch.tell(f"`{remote.shown}`: it has no tag `{pin.tag_name}`")
            elif expected and commit != expected:
                where = "the pin says" if pin.commit else "what was fetched before is"
                self.fetch.tell(
                    f"`{remote.shown}`: its tag `{pin.tag_name}` is commit `{commit}`, but {where} "
                    f"`{expected}`"
                )
            else:
                fitting[pin] = commit
        return fitting

    def _bring_tags(self, remote: Remote, commits: Mapping[Pin, str]) -> None:
        here = self.store.commit
        absent = {pin.tag_name for pin, commit in commits.items() if here(pin.tag_name) != commit}
        if absent and remote.fetch_tags(absent):
            self._tell_of_whole(remote, "it has sent", absent)

    def _tell_of_whole(self, remote: Remote, how: str, versions: Collection[str]) -> None:
        self.fetch.tell(
            f"`{remote.shown}`: it does not hand out single files; {how} all files "
            f"of {', '.join(sorted(versions))}"
        )

    def _bring_files(self, remote: Remote, commits: Mapping[Pin, str]) -> None:
        asked: set[str] = set()
        tags = self._tags(commits)
        while lacking := {blob for tag in tags.values() for blob in tag.lacking}:
            if lacking & asked:
                raise RemoteError(f"`{remote.shown}`: it has not sent every file")
            asked |= lacking
            if not remote.fetch_files(lacking):
                versions = {pin.tag_name for pin in commits}
                self._tell_of_whole(remote, "fetching", versions)
                remote.fetch_tags(versions, whole=True)
            tags = self._tags(commits)
        self._keep(tags)

    def _tags(self, commits: Mapping[Pin, str]) -> dict[Pin, TagFiles]:
        wanted = self.wanted
        return {pin: TagFiles(self.store, commit, wanted[pin]) for pin, commit in commits.items()}

    def _keep(self, tags: Mapping[Pin, TagFiles]) -> None:
        """Write what is complete into the cache; it is not pending any more."""
        for pin, tag in tags.items():
            if not tag.lacking:
                self.files.keep(pin, *tag.known())
                self.pending.remove(pin)


def _lacking(files: CacheFiles, wanted: Wanted) -> list[Pin]:
    """The pins of which the cache does not know everything that is wanted, sorted."""
    return [pin for pin in sorted(wanted) if not files.holds(pin, wanted[pin])]

"""Running git commands that talk to another repository. The only place where git may do that."""

import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from callpath.core.errors import SourceError
from callpath.core.remotes import shown_remote
from callpath.sources.git_process import Repository, environment, git_program

OLDEST_GIT = (2, 39)
"""The oldest git that this was tried with."""

REMOTE = "callpath"
"""What the repository calls whoever it is fetched from."""

Advance = Callable[[str, int, int], None]
"""Told what git is doing, how much of it is done, and how much there is."""

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


class RemoteError(SourceError):
    """One remote did not give what it was asked for; another may."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What talking to a remote came to.

    Attributes:
        ok: Whether git ended with status 0.
        text: What it wrote.
        said: What it said beside that, without progress.
    """

    ok: bool
    text: str
    said: str


def recent_git() -> str:
    """The path of a git that is recent enough.

    Raises:
        SourceError: There is none.
    """
    program = git_program()
    asked = subprocess.run(  # noqa: S603 - no shell
        [program, "version"], capture_output=True, env=environment(), check=False
    )
    told = asked.stdout.decode("utf-8", "replace").strip()
    number = re.match(r"git version (\d+)\.(\d+)", told)
    if number is None or (int(number[1]), int(number[2])) < OLDEST_GIT:
        oldest = ".".join(map(str, OLDEST_GIT))
        raise SourceError(
            f"`callpath fetch` needs git {oldest} or newer; this is {told or 'none'}",
            "install a newer git, or use `tree:` or `archive:` as a source",
        )
    return program


@dataclass(frozen=True, slots=True)
class Line:
    """A line to a remote.

    Attributes:
        remote: Its address.
        repository: The repository that is fetched into.
        advance: Told of progress.
        inherited: A file descriptor that git keeps open for as long as it works.
    """

    remote: str
    repository: Repository
    advance: Advance
    inherited: int

    def run(self, *arguments: str, given: Iterable[str] = ()) -> Answer:
        """Run a git command in which the remote is called `REMOTE`.

        Parameters:
            arguments: The command.
            given: Lines that it reads from its standard input.

        Raises:
            SourceError: The disk is full, or git cannot be run.
        """
        options = _OPTIONS | {f"remote.{REMOTE}.url": self.remote}
        settings = [part for item in options.items() for part in ("-c", "=".join(item))]
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as wanted:
            wanted.write("".join(f"{line}\n" for line in given).encode())
            wanted.seek(0)
            try:
                with subprocess.Popen(  # noqa: S603 - no shell; the address was looked at
                    [*self.repository.command(*settings), *arguments],
                    cwd=self.repository.directory,
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
                why = (error.strerror or "unknown error").lower()
                raise SourceError(f"git cannot be run: {why}") from error
            output.seek(0)
            text = output.read().decode("utf-8", "replace")
        if any(sign in said.lower() for sign in _FULL):
            raise SourceError(f"cannot write to `{self.repository.place}`: no space left on device")
        return Answer(process.returncode == 0, text, said)

    def fault(self, answer: Answer) -> RemoteError:
        """What went wrong, as an error that names the remote."""
        return RemoteError(f"`{shown_remote(self.remote)}`: {_reason(answer.said)}")

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

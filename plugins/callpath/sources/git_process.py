"""Running git: found, quoted and kept off the network. Knows no tree and no version."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from callpath.core.errors import SourceError

_KEPT = ("GIT_CONFIG", "GIT_EXEC_PATH")
"""Beginnings of the variables of git that stay: settings, but nothing that names a repository."""

_FIXED = {
    "LC_ALL": "C",
    "LANGUAGE": "C",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_REPLACE_OBJECTS": "1",
    # A partial clone must not fetch what it lacks: git 2.45 has the first; before, no transport.
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
}


@dataclass(frozen=True, slots=True)
class Output:
    """What a git command gave.

    Attributes:
        ok: Whether it ended with status 0.
        data: What it wrote.
        complaint: The last line of what it said, without `fatal:`.
    """

    ok: bool
    data: bytes
    complaint: str

    @property
    def text(self) -> str:
        """The output as one stripped text."""
        return self.data.decode("utf-8", "surrogateescape").strip()


def git_program() -> str:
    """The path of git.

    Raises:
        SourceError: It is not installed.
    """
    program = shutil.which("git")
    if program is None:
        raise SourceError(
            "git is not installed", "install the package `git`, or use `tree:` or `archive:`"
        )
    return program


def environment(ceiling: str = "") -> dict[str, str]:
    """The environment that git runs in.

    Parameters:
        ceiling: A directory above which no repository is looked for.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("GIT_") or name.startswith(_KEPT)
    }
    return kept | _FIXED | ({"GIT_CEILING_DIRECTORIES": ceiling} if ceiling else {})


class Repository:
    """A git repository that commands are run in.

    Parameters:
        place: The repository as the user wrote it.
        directory: Its git directory, absolute.
        program: The path of git.
    """

    def __init__(self, place: str, directory: str, program: str) -> None:
        self.place = place
        self.directory = directory
        self._program = program

    def command(self, *arguments: str) -> list[str]:
        """The command line of a git command in this repository."""
        return [self._program, f"--git-dir={self.directory}", "--no-pager", *arguments]

    def run(self, *arguments: str, given: bytes = b"") -> Output:
        """Run a git command to its end."""
        return _run(self.command(*arguments), self.directory, environment(), given)

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a git command that is written to and read from; the caller ends it."""
        return subprocess.Popen(  # noqa: S603 - no shell, and the arguments are this package's
            self.command(*arguments),
            cwd=self.directory,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )


def find_repository(place: str) -> Repository:
    """Find the repository at a directory, bare or not.

    Raises:
        SourceError: There is none, or git refuses it.
    """
    program = git_program()
    directory = Path(place).expanduser()
    if not directory.is_dir():
        raise SourceError(f"there is no directory `{place}`", _place_hint(place))
    directory = directory.resolve()
    # The user names this repository, so a setting against bare ones found by chance is lifted.
    question = ["-c", "safe.bareRepository=all", "rev-parse", "--absolute-git-dir"]
    answer = _run(
        [program, *question], str(directory), environment(str(directory.parent)), given=b""
    )
    if answer.ok:
        return Repository(place, answer.text, program)
    if "dubious ownership" in answer.complaint or "safe.directory" in answer.complaint:
        raise SourceError(
            f"git refuses `{place}`, which belongs to another user",
            f"if you trust it: `git config --global --add safe.directory {directory}`",
        )
    if "not a git repository" in answer.complaint:
        raise SourceError(
            f"`{place}` is not a git repository", f"for a plain directory, write `tree:{place}`"
        )
    raise SourceError(f"git cannot read `{place}`: {answer.complaint}")


def enclosing_repository(folder: Path) -> tuple[Repository, str] | None:
    """The repository whose work tree holds a folder, and the folder's path in it (`docs/`).

    Returns:
        Nothing where there is no repository, or no git.

    Raises:
        SourceError: There is one, and git refuses it.
    """
    program = shutil.which("git")
    if program is None or not folder.is_dir():
        return None
    question = [program, "rev-parse", "--absolute-git-dir", "--show-prefix"]
    answer = _run(question, str(folder), environment(), given=b"")
    if answer.ok:
        directory, _, prefix = answer.data.decode("utf-8", "surrogateescape").partition("\n")
        return Repository(str(folder), directory, program), prefix.removesuffix("\n")
    if "dubious ownership" in answer.complaint or "safe.directory" in answer.complaint:
        raise SourceError(
            f"git refuses `{folder}`, which belongs to another user",
            f"if you trust it: `git config --global --add safe.directory {folder}`",
        )
    return None


def _place_hint(place: str) -> str:
    if "://" in place or place.startswith("git@"):
        return "a source is on this machine: `git clone --bare` it first"
    return f"for an archive, write `archive:{place}`" if Path(place).is_file() else ""


def _run(command: Sequence[str], directory: str, variables: dict[str, str], given: bytes) -> Output:
    try:
        done = subprocess.run(  # noqa: S603 - no shell, and the arguments are this package's
            command, cwd=directory, env=variables, input=given, capture_output=True, check=False
        )
    except OSError as error:
        raise SourceError(
            f"git cannot be run: {(error.strerror or 'unknown error').lower()}"
        ) from error
    said = done.stderr.decode("utf-8", "replace")
    fatal = [line for line in said.splitlines() if line.startswith("fatal: ")]
    complaint = (fatal or said.splitlines() or [""])[0].removeprefix("fatal: ")
    return Output(done.returncode == 0, done.stdout, complaint)

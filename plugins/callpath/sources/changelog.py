"""Reads from git how files of the notebook changed. Does not depend on notes or pages."""

from collections.abc import Collection, Iterator
from pathlib import Path

from msgspec import Struct

from callpath.findings import SourceError
from callpath.sources.git import Repository, enclosing_repository


class FileCommit(Struct, frozen=True):
    """A commit that touched a file."""

    path: str  # below the notes' folder
    commit: str  # the full id
    seconds: int  # when it was committed, since 1970 (UTC)
    subject: str  # the first line of its message
    is_new: bool  # whether it added the file at this path


# Whatever the user's settings are: the root commit is shown, and nothing but what is asked for.
_LOG = (
    *("--literal-pathspecs", "-c", "log.showRoot=true", "-c", "log.showSignature=false"),
    *("log", "-z"),
    # A letter precedes the subject, so that only between two commits NULs follow each other.
    "--format=%x00%H%x00%ct%x00:%s",
    *("--encoding=UTF-8", "--name-status", "--no-color", "--no-ext-diff", "--no-mailmap"),
    *("--no-merges", "--no-relative", "--no-renames"),
)


NEWEST = 30  # how many changes of notes the feed has


def newest_changes(folder: Path, notes: Collection[str]) -> tuple[tuple[FileCommit, ...], str]:
    """The newest changes of notes, by their paths below a folder.

    Also says why there are none if that can be fixed, else an empty text: notes that are in no git
    repository have no history, which is not an error.
    """
    try:
        return read_history(folder, notes, NEWEST), ""
    except SourceError as error:
        hint = f" ({error.hint})" if error.hint else ""
        return (), f"there is no feed: {error.message}{hint}"


def read_history(folder: Path, paths: Collection[str], limit: int) -> tuple[FileCommit, ...]:
    """The newest changes of files below a folder, newest first, those of one commit by path.

    At most `limit` changes are given, and as many commits looked at. Raises SourceError if there is
    a repository, and git refuses it or cannot read it, or it lacks its older commits.
    """
    found = enclosing_repository(folder) if paths else None
    if found is None:
        return ()
    repository, prefix = found
    if repository.is_shallow():
        raise SourceError(
            "the git repository is a shallow clone, without its older commits",
            "fetch them with `git fetch --unshallow`, in GitHub Actions with `fetch-depth: 0`",
        )
    # git takes one path a line, so that a path with a line's end in it has no history.
    asked = sorted(path for path in paths if "\n" not in path)
    if not (asked and repository.resolve("HEAD^{commit}")):  # no commit yet
        return ()
    changes = _changes(repository, prefix, asked, limit)
    return tuple(sorted(changes, key=lambda change: (-change.seconds, change.path))[:limit])


def _changes(
    repository: Repository, prefix: str, paths: list[str], limit: int
) -> Iterator[FileCommit]:
    lines = ["--", *(prefix + path for path in paths)]
    given = "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape")
    logged = repository.run(*_LOG, f"--max-count={limit}", "--stdin", given=given)
    if not logged.ok:
        raise SourceError(f"git cannot read the history of the notes: {logged.complaint}")
    log = logged.data.decode("utf-8", "replace")
    for commit in log.split("\0\0") if log else ():
        identifier, seconds, subject, *touched = commit.removeprefix("\0").split("\0")
        for status, path in zip(touched[::2], touched[1::2], strict=False):
            below, letter = path.removeprefix(prefix), status.strip()
            if letter in {"A", "M"} and below in paths:
                yield FileCommit(below, identifier, int(seconds), subject[1:], letter == "A")

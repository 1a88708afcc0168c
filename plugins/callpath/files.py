"""Writes files whole or not at all: one, or several together. Does not know what is in them."""

import contextlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from msgspec import Struct

from callpath.findings import SettingsError, UsageError, reason


def write_atomically(
    path: Path, data: str | bytes, *, durable: bool = True, drafts: Path | None = None
) -> None:
    """Write a file so that readers see the old content or the new, never a part.

    Parameters:
        path: The file; missing folders are made. It keeps its mode; a new one has the user's.
        data: Its content; a text is written as UTF-8.
        durable: Whether it must survive a power cut; waiting for the disk takes milliseconds.
        drafts: The folder for the unfinished file, on the same disk; the file's own by default.

    Raises:
        OSError: It cannot be written; the old file is as it was.
    """
    content = data.encode() if isinstance(data, str) else data
    path.parent.mkdir(parents=True, exist_ok=True)
    with _draft(path, content, drafts, durable=durable) as draft:
        draft.replace(path)


@contextlib.contextmanager
def _draft(
    target: Path, data: bytes, folder: Path | None = None, *, durable: bool = True
) -> Iterator[Path]:
    """A complete file to be moved to the target; removed at the end if it is still there."""
    # The target's name may already be as long as the file system allows.
    handle, name = tempfile.mkstemp(dir=folder or target.parent, prefix=f".{target.name[:32]}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        Path(name).chmod(_mode_of(target))
        yield Path(name)
    finally:
        with contextlib.suppress(OSError):
            Path(name).unlink(missing_ok=True)


def _mode_of(path: Path) -> int:
    """The mode of the file at a path, or of a new one."""
    if path.exists():
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


class FileChange(Struct, frozen=True):
    """A file that is to be written."""

    path: Path
    shown: str  # its name in messages
    before: bytes | None  # its content when it was read, or None if there was no file
    after: bytes


class _Replacement(Struct, frozen=True):
    change: FileChange
    target: Path
    new: Path
    old: Path | None


def write_all(changes: Sequence[FileChange]) -> None:
    """Write files so that either all are new or all are as they were.

    Raises:
        UsageError: One was changed since it was read; nothing is written.
        SettingsError: One cannot be written; every file is as it was.
    """
    prepared: list[_Replacement] = []
    done: list[_Replacement] = []
    shown = ""
    with contextlib.ExitStack() as drafts:
        try:
            for change in changes:
                shown = change.shown
                _check(change)
                prepared.append(_prepare(change, drafts))
            for each in prepared:
                shown = each.change.shown
                _check(each.change)
                each.new.replace(each.target)
                done.append(each)
        except OSError as error:
            raise _failure(shown, error, _undo(done)) from error
        except BaseException:
            _undo(done)
            raise


def _check(change: FileChange) -> None:
    now = None
    with contextlib.suppress(FileNotFoundError):
        now = change.path.read_bytes()
    if now != change.before:
        raise UsageError(
            f"`{change.shown}` was changed while it was being rewritten; nothing is written",
            "run the command again",
        )


def _prepare(change: FileChange, drafts: contextlib.ExitStack) -> _Replacement:
    # A link is kept: the file that it leads to is written.
    target = change.path.resolve()
    new = drafts.enter_context(_draft(target, change.after))
    old = None if change.before is None else drafts.enter_context(_draft(target, change.before))
    return _Replacement(change, target, new, old)


def _undo(done: Sequence[_Replacement]) -> list[str]:
    """Put the old files back; returns the names of those for which that failed."""
    lost = []
    for each in reversed(done):
        try:
            if each.old is None:
                each.target.unlink(missing_ok=True)
            else:
                each.old.replace(each.target)
        except OSError:
            lost.append(each.change.shown)
    return lost


def _failure(shown: str, error: OSError, lost: Sequence[str]) -> SettingsError:
    message = f"cannot write `{shown}`: {reason(error)}"
    if lost:
        names = ", ".join(f"`{name}`" for name in lost)
        return SettingsError(f"{message}; {names} could not be put back", "restore them from git")
    return SettingsError(f"{message}; every file is as it was")

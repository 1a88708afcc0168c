"""Writes several files together: all of them, or none."""

import contextlib
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from callpath.findings import SettingsError, UsageError, reason


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def new_mode(path: Path) -> int:
    """The mode of a file that takes another's place, or is new."""
    return path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~_umask()


def write_atomically(path: Path, text: str) -> None:
    """Write a file so that readers see the old text or the new one, never a part.

    Raises:
        OSError: It cannot be written; the old file is as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(new_mode(path))
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@dataclass(frozen=True, slots=True)
class FileChange:
    """A file that is to be written.

    Attributes:
        path: The file.
        shown: How messages call it.
        before: Its bytes as they were read; nothing when there was no file.
        after: Its new bytes.
    """

    path: Path
    shown: str
    before: bytes | None
    after: bytes


@dataclass(slots=True)
class _Prepared:
    """A change with its temporary files: the new text, and the old one to go back to."""

    change: FileChange
    target: Path
    new: Path
    old: Path | None = None


def write_all(changes: Sequence[FileChange]) -> None:
    """Write files so that either all are new or all are as they were.

    Raises:
        UsageError: One was changed since it was read; nothing is written.
        SettingsError: One cannot be written; every file is as it was.
    """
    prepared: list[_Prepared] = []
    done: list[_Prepared] = []
    try:
        for change in changes:
            _check(change)
            prepared.append(_prepare(change))
        for each in prepared:
            _check(each.change)
            each.new.replace(each.target)
            done.append(each)
    except OSError as error:
        failed = changes[len(done)] if len(prepared) == len(changes) else changes[len(prepared)]
        raise _failure(failed, error, _undo(done)) from error
    except BaseException:
        _undo(done)
        raise
    finally:
        for each in prepared:
            for left in (each.new, each.old):
                if left is not None:
                    with contextlib.suppress(OSError):
                        left.unlink(missing_ok=True)


def _check(change: FileChange) -> None:
    try:
        now: bytes | None = change.path.read_bytes()
    except FileNotFoundError:
        now = None
    if now != change.before:
        raise UsageError(
            f"`{change.shown}` was changed while it was being rewritten; nothing is written",
            "run the command again",
        )


def _prepare(change: FileChange) -> _Prepared:
    # A link is kept: what it leads to is written.
    target = change.path.resolve()
    new = _temporary(target, change.after)
    try:
        old = None if change.before is None else _temporary(target, change.before)
    except BaseException:
        new.unlink(missing_ok=True)
        raise
    return _Prepared(change, target, new, old)


def _temporary(target: Path, data: bytes) -> Path:
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(new_mode(target))
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name)


def _undo(done: Sequence[_Prepared]) -> list[str]:
    """Put the old files back; the names of those for which that failed."""
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


def _failure(change: FileChange, error: OSError, lost: Sequence[str]) -> SettingsError:
    message = f"cannot write `{change.shown}`: {reason(error)}"
    if lost:
        names = ", ".join(f"`{name}`" for name in lost)
        return SettingsError(f"{message}; {names} could not be put back", "restore them from git")
    return SettingsError(f"{message}; every file is as it was")

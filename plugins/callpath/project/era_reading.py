"""Reads the file of eras that stands beside a lockfile."""

from collections.abc import Callable
from pathlib import Path

from callpath.core.eras import Eras
from callpath.core.eras_file import parse_eras, path_beside
from callpath.core.errors import ErasError
from callpath.project.workspace import reason


def eras_beside(lockfile: Path, shown: str) -> Eras | None:
    """The eras beside a lockfile; nothing when there is no such file.

    Parameters:
        lockfile: The lockfile.
        shown: How messages call it.

    Raises:
        ErasError: They cannot be read.
    """
    file, name = lockfile.with_name(path_beside(lockfile.name)), path_beside(shown)
    try:
        text = file.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise ErasError(f"cannot read `{name}`: {reason(error)}") from error
    return parse_eras(name, text)


def readable_eras(lockfile: Path, shown: str, complain: Callable[[str], None]) -> Eras | None:
    """The eras beside a lockfile, for pages that can do without.

    Parameters:
        lockfile: The lockfile.
        shown: How messages call it.
        complain: Told in one line why they cannot be read.
    """
    try:
        return eras_beside(lockfile, shown)
    except ErasError as error:
        complain(f"{error.message} ({error.hint})" if error.hint else error.message)
        return None

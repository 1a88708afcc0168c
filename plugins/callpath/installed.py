"""Which packages are installed, as far as every command must know.

`importlib.metadata` decides what a package brings. It costs more than the check of a page, so what
the folders of the packages say at a glance comes first.
"""

import os
import re
import sys
from collections.abc import Iterator
from functools import cache
from importlib.machinery import PathFinder

_ENDINGS = (".dist-info", ".egg-info")


@cache
def installed() -> tuple[str, ...]:
    """What is installed: `pydantic-2.12.3.dist-info` and the like, sorted."""
    return tuple(sorted(name for _, name in _folders()))


def version_of(package: str) -> str:
    """The version of an installed package; raises `PackageNotFoundError` if it is not installed."""
    return _versions().get(_normal(package)) or _asked_version(package)


@cache
def _versions() -> dict[str, str]:
    """The versions by package, where only one folder says which; the first on the path counts."""
    found: dict[str, str] = {}
    for _, name in _folders():
        package, _, version = name.rpartition(".")[0].partition("-")
        found.setdefault(_normal(package), version)
    return found


def _normal(package: str) -> str:
    """How a package is called, however it is written."""
    return re.sub(r"[-_.]+", "-", package).lower()


def _asked_version(package: str) -> str:
    from importlib.metadata import version

    return version(package)


def may_bring(group: str) -> bool:
    """Whether a package may have entry points in groups whose names begin so.

    False is sure; if True, `importlib.metadata` has to be asked.
    """
    finders = (each for each in sys.meta_path if each is not PathFinder)
    if any(hasattr(each, "find_distributions") for each in finders):
        return True
    if any(place.endswith(".egg") or os.path.isfile(place) for place in sys.path):  # noqa: PTH113
        return True  # an archive can have packages too
    return any(f"[{group}".encode() in _entry_points(parent, name) for parent, name in _folders())


def _folders() -> Iterator[tuple[str, str]]:
    """The folders that describe packages: their parents and names."""
    for place in sys.path:
        try:
            names = os.listdir(place or ".")  # noqa: PTH208 - paths are slow where all are looked at
        except OSError:
            continue
        for name in names:
            if name.endswith(_ENDINGS):
                yield place or ".", name


def _entry_points(parent: str, name: str) -> bytes:
    try:
        with open(f"{parent}/{name}/entry_points.txt", "rb") as file:  # noqa: PTH123
            return file.read()
    except OSError:
        return b""

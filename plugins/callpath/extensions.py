"""Rules, sources and report formats of other packages, found by their entry points.

Groups: `callpath.rules`, `callpath.sources`, `callpath.reports`. They are looked up only when a
command needs them; importing this module reads nothing.
"""

from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from callpath.findings import UsageError, reason


@cache
def extensions(group: str) -> dict[str, EntryPoint]:
    """The entry points of a group, by name, sorted; not loaded yet."""
    found = entry_points(group=f"callpath.{group}")
    return {point.name: point for point in sorted(found, key=lambda point: point.name)}


def load_extension(group: str, name: str) -> Any:
    """The object that an entry point names.

    Raises:
        UsageError: There is none of that name, or it cannot be imported.
    """
    point = extensions(group).get(name)
    if point is None:
        raise UsageError(f"no installed package brings `{name}` for `callpath.{group}`")
    try:
        return point.load()
    except Exception as error:
        raise UsageError(
            f"cannot load `{name}` of `callpath.{group}`: {reason(error)}",
            f"mend or remove the package that has `{point.value}`",
        ) from error

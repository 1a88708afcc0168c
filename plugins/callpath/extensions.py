"""Rules, sources and report formats of other packages, found by their entry points.

Groups: `callpath.rules`, `callpath.sources`, `callpath.reports`. They are looked up only when a
command needs them; importing this module reads nothing.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from callpath.findings import Finding, Rule, UsageError, reason
from callpath.installed import may_bring

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint


@cache
def extensions(group: str) -> "dict[str, EntryPoint]":
    """The entry points of a group, by name, sorted; not loaded yet."""
    if not may_bring("callpath."):
        return {}
    from importlib.metadata import entry_points

    found = entry_points(group=f"callpath.{group}")
    return {point.name: point for point in sorted(found, key=lambda point: point.name)}


def load_extension(group: str, name: str) -> Any:
    """The object that an entry point names; raises UsageError if it cannot be imported."""
    point = extensions(group).get(name)
    if point is None:
        raise UsageError(f"no installed package brings `{name}` for `callpath.{group}`")
    try:
        return point.load()
    except Exception as error:
        raise UsageError(
            f"cannot load `{name}` of `callpath.{group}`: {reason(error)}",
            f"correct or remove the package that has `{point.value}`",
        ) from error


class OwnRule(Protocol):
    """What an entry point of `callpath.rules` names: an object or a module with these two."""

    rule: Rule  # the rule with its documentation; its name is that of the entry point

    def find(self, notebook: Any) -> Iterable[Finding]:
        """The findings of the rule on a `callpath.Notebook`."""


def load_rule(name: str) -> OwnRule:
    """The rule of another package; raises UsageError if there is none that can be used."""
    found = load_extension("rules", name)
    if getattr(getattr(found, "rule", None), "name", "") != name or not hasattr(found, "find"):
        raise UsageError(
            f"`{name}` of `callpath.rules` is no rule",
            f"it needs `find(notebook)`, and `rule`, a `callpath.Rule` that is called `{name}`",
        )
    rule: OwnRule = found
    return rule


def rule_findings(notebook: object) -> Iterator[Finding]:
    """The findings of all other packages' rules on a `callpath.Notebook`."""
    for name in extensions("rules"):
        yield from load_rule(name).find(notebook)

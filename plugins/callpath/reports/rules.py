"""The documentation of rules: one as Markdown, all as a list, any as JSON."""

from collections.abc import Iterable

from callpath.findings import Rule
from callpath.reports.machine import fenced, json_text

_SCHEMA = 1
"""Changes when a program that reads the JSON could be misled."""


def rule_text(rule: Rule, level: int = 1) -> str:
    """A rule's documentation as Markdown: name, default severity, what, why, an example.

    Parameters:
        level: The level of its heading, from 1.
    """
    return (
        f"{'#' * level} {rule.name}\n\n"
        f"*{rule.severity}* · {rule.what}\n\n"
        f"{rule.why}\n\n"
        f"{fenced(rule.example, 'text')}\n"
    )


def rules_list(rules: Iterable[Rule]) -> str:
    """A line for each rule, in the given order: name, default severity, what it finds."""
    rules = tuple(rules)
    wide = max((len(rule.name) for rule in rules), default=0)
    return "".join(f"{rule.name:{wide}}  {rule.severity:7}  {rule.what}\n" for rule in rules)


def rules_json(rules: Iterable[Rule]) -> str:
    """The documentation of rules for programs, in the given order."""
    told = [
        {
            "name": rule.name,
            "severity": rule.severity.value,
            "what": rule.what,
            "why": rule.why,
            "example": rule.example,
        }
        for rule in rules
    ]
    return json_text({"schema": _SCHEMA, "rules": told})

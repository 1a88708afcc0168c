"""What a repin leaves to its author: definitions to read again, and what does not hold any more.

The JSON changes only together with `schema`.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from callpath.drift.match import DefinitionText
from callpath.drift.report import definition_value
from callpath.findings import Finding
from callpath.model import Definition
from callpath.repin.edits import definition_diff
from callpath.repin.rewrite import Review
from callpath.reports.machine import json_text, place_value
from callpath.reports.text import visible

SCHEMA = 1
_TAB = 8
"""Columns of a tab in kernel code."""


def repin_json(
    version: str,
    files: Sequence[str],
    reviews: Sequence[Review],
    remains: Sequence[Finding],
    patch: bytes | None = None,
) -> str:
    """All of it.

    Parameters:
        version: The new version.
        files: The files that are written, or that the patch changes.
        reviews: The references whose definition changed, at their new places.
        remains: The findings of what does not hold.
        patch: The patch, where nothing is written.
    """
    value: dict[str, Any] = {
        "schema": SCHEMA,
        "to": version,
        "files": list(files),
        "reviews": [_review(told, version) for told in _by_definition(reviews)],
        "remains": [
            {
                "rule": found.rule,
                "severity": found.severity.value,
                "message": found.message,
                "hint": found.hint,
                "at": place_value(found.place),
            }
            for found in remains
        ],
    }
    if patch is not None:
        value["patch"] = patch.decode("utf-8", "replace")
    return json_text(value)


def review_text(reviews: Sequence[Review], version: str) -> str:
    """Each definition that changed, with its mentions and the difference of its text."""
    lines: list[str] = []
    for told in _by_definition(reviews):
        lines += _review_lines(told, version)
    return "".join(f"{line}\n" for line in lines)


def _by_definition(reviews: Sequence[Review]) -> Iterator[Sequence[Review]]:
    groups: dict[Definition, list[Review]] = {}
    for one in reviews:
        groups.setdefault(one.drift.before.definition, []).append(one)
    yield from groups.values()


def _diff(one: Review, after: DefinitionText, version: str) -> str:
    return definition_diff(one.drift.before, after, (one.since, version))


def _review(told: Sequence[Review], version: str) -> dict[str, Any]:
    one, drift = told[0], told[0].drift
    before, after = drift.before.definition, drift.outcome.after
    return {
        "symbol": before.name,
        "kind": before.kind.value,
        "from": {"version": one.since, "path": before.path, "line": before.line},
        "to": definition_value(after.definition, before) if after else None,
        "evidence": drift.outcome.evidence,
        "at": [place_value(each.place) for each in told],
        "diff": _diff(one, after, version) if after else "",
    }


def _review_lines(told: Sequence[Review], version: str) -> Iterator[str]:
    drift = told[0].drift
    before, after = drift.before.definition, drift.outcome.after
    if after is None:
        return
    for each in told:
        yield visible(f"{each.place}: review {before.kind} `{before.name}`")
    yield visible(f"  {drift.outcome.evidence}")
    for line in _diff(told[0], after, version).splitlines():
        yield visible(line.expandtabs(_TAB))
    yield ""

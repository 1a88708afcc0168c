"""What a repin leaves to its author: definitions to read again, and what does not hold any more.

As values, as text for people, as JSON for programs; the JSON changes only together with `schema`.
"""

import re
from collections.abc import Iterator, Sequence
from difflib import unified_diff
from typing import Any

from msgspec import Struct

from callpath.drift.match import ReferenceDrift
from callpath.drift.report import by_definition, found_value
from callpath.facts.lock import Candidate
from callpath.files import FileChange
from callpath.findings import Finding, has_errors
from callpath.model import Note, Pin
from callpath.reports import machine, text

SCHEMA = 1
_TAB = 8  # columns of a tab in kernel code


class Repin(Struct, frozen=True):
    """What notes need so that they are on another version."""

    new: Pin
    changes: tuple[FileChange, ...]  # the files to be written, sorted
    # What has another text now, in the notes' order; each with its pin before, its location after.
    reviews: tuple[ReferenceDrift, ...]
    remains: tuple[Finding, ...]  # what does not hold at the new version, at its new location
    staying: tuple[Note, ...] = ()  # notes of the project on yet another version, by file

    @property
    def is_complete(self) -> bool:
        """Whether everything holds at the new version."""
        return not has_errors(self.remains)


def repin_json(plan: Repin, patch: bytes | None = None) -> str:
    """All of it; with the patch, if nothing is written."""
    value: dict[str, Any] = {
        "schema": SCHEMA,
        "to": plan.new.version,
        "files": [change.shown for change in plan.changes],
        "reviews": [_review(same, plan.new) for same in by_definition(plan.reviews)],
        "remains": [
            {
                "rule": found.rule,
                "severity": found.severity.value,
                "message": found.message,
                "hint": found.hint,
                "at": machine.location_value(found.location),
            }
            for found in plan.remains
        ],
    }
    if patch is not None:
        value["patch"] = patch.decode("utf-8", "replace")
    return machine.json_text(value)


def _review(same: Sequence[ReferenceDrift], new: Pin) -> dict[str, Any]:
    one = same[0]
    before, after, old = one.before.definition, one.outcome.after, one.reference.pin
    return {
        "symbol": before.name,
        "kind": before.kind.value,
        "from": {"version": old.version, "path": before.path, "line": before.line},
        "to": found_value(after.definition, before) if after else None,
        "evidence": one.outcome.evidence,
        "at": [machine.location_value(each.reference.location) for each in same],
        "diff": _difference(one, new),
    }


def review_text(plan: Repin) -> str:
    """Each definition that changed, with its mentions and the difference of its text."""
    lines = [line for same in by_definition(plan.reviews) for line in _review_lines(same, plan.new)]
    return "".join(f"{line}\n" for line in lines)


def _review_lines(same: Sequence[ReferenceDrift], new: Pin) -> Iterator[str]:
    before = same[0].before.definition
    for each in same:
        yield text.visible(f"{each.reference.location}: review {before.kind} `{before.name}`")
    yield text.visible(f"  {same[0].outcome.evidence}")
    for line in _difference(same[0], new).splitlines():
        yield text.visible(line.expandtabs(_TAB))
    yield ""


_HUNK = re.compile(r"\A@@ -(\d+)((?:,\d+)?) \+(\d+)((?:,\d+)?) @@\Z")


def _difference(one: ReferenceDrift, new: Pin) -> str:
    """The difference of the definition's text, with the lines of the files; empty if it is gone."""
    if one.outcome.after is None:
        return ""
    pieces = (one.before, one.outcome.after)
    before, after = (piece.text.decode("utf-8", "replace").splitlines() for piece in pieces)
    was, now = (piece.definition for piece in pieces)
    names = (f"{one.reference.pin.version}/{was.path}", f"{new.version}/{now.path}")

    def in_file(head: re.Match[str]) -> str:
        starts = (int(head[1]) + was.start - 1, int(head[3]) + now.start - 1)
        return f"@@ -{starts[0]}{head[2]} +{starts[1]}{head[4]} @@"

    lines = unified_diff(before, after, *names, lineterm="")
    return "".join(f"{_HUNK.sub(in_file, line)}\n" for line in lines)


_SHOWN = 3


def perhaps(candidates: Sequence[Candidate]) -> str:
    """The hint that names what may be a symbol that is gone; empty if nothing may."""
    shown = [
        f"`{each.definition.name}` at {each.definition.path}:{each.definition.line} "
        f"({each.score:.2f}: {each.reason})"
        for each in candidates[:_SHOWN]
    ]
    return "perhaps " + "; or ".join(shown) if shown else ""

"""Findings and exceptions as data: rule, severity, message, place, hint.

Does not depend on output formats, and does no input or output.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from operator import attrgetter
from typing import Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace


class Severity(StrEnum):
    """How much a finding weighs: an error fails a check, a warning fails only a strict build."""

    ERROR = "error"
    WARNING = "warning"


class Location(Struct, frozen=True, order=True):
    """A place in a file of the notebook."""

    file: str
    """Path relative to the project's root (where `mkdocs.yml` is), with `/`."""
    line: int = 1
    """1-based."""
    column: int = 1
    """In characters, 1-based."""

    def __str__(self) -> str:
        """`file:line:column`, the form that editors and terminals link."""
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of finding, with its documentation."""

    name: str
    """Kebab case; states the fault."""
    severity: Severity = Severity.ERROR
    """The default severity."""
    what: str = field(kw_only=True)
    """What the rule finds: one sentence."""
    why: str = field(kw_only=True)
    """Why that is a fault: one or two sentences."""
    example: str = field(kw_only=True)
    """A short YAML text (or other input) that breaks the rule."""

    def at(
        self, location: Location, message: str, hint: str = "", related: Iterable[Location] = ()
    ) -> "Finding":
        """A finding of this rule at a place."""
        return Finding(self.name, self.severity, message, location, hint, tuple(related))


class Finding(Struct, frozen=True):
    """One finding."""

    rule: str
    """The rule's name."""
    severity: Severity
    message: str
    """The fact first, names in backticks, lower case, no full stop, one line."""
    location: Location
    hint: str = ""
    """The remedy, or empty."""
    related: tuple[Location, ...] = ()
    """Other places in the notebook that take part (the first of two duplicates)."""


def in_order(findings: Iterable[Finding], last: Sequence[str] = ()) -> list[Finding]:
    """The findings by place, then rule and message; each only once, those in `last` files last."""
    found = sorted(set(findings), key=attrgetter("location", "rule", "message", "hint"))
    rank = {file: number for number, file in enumerate(last, 1)}
    return sorted(found, key=lambda one: rank.get(one.location.file, 0))


def has_errors(findings: Iterable[Finding]) -> bool:
    """Whether one of the findings is an error."""
    return any(found.severity is Severity.ERROR for found in findings)


class CallpathError(Exception):
    """Something that makes it impossible to go on.

    Parameters:
        message: The fact, names in backticks, lower case, no full stop.
        hint: The remedy, or empty.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(CallpathError):
    """The caller asked for something that cannot be."""


class SettingsError(CallpathError):
    """The site's settings cannot be used."""


class LockfileError(CallpathError):
    """The lockfile cannot be read."""


class ErasError(CallpathError):
    """The eras file cannot be read."""


class SourceError(CallpathError):
    """A source cannot be opened, or it broke while it was read."""


class WorkError(CallpathError):
    """A process that worked on a part of it ended before its time, or could not be reached."""


class EngineError(CallpathError):
    """No graph engine could draw."""


Weight: TypeAlias = Literal["error", "warning", "off"]


def weighed(found: Iterable[Finding], weights: Mapping[str, Weight]) -> tuple[Finding, ...]:
    """The findings as a site weighs them; those of a rule that is off are left out."""
    return tuple(
        replace(finding, severity=Severity(weight))
        if (weight := weights.get(finding.rule, finding.severity.value)) != finding.severity
        else finding
        for finding in found
        if weights.get(finding.rule) != "off"
    )


def reason(error: Exception) -> str:
    """Why something failed, in a few words without a path."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return "it is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else str(error)


_NEAR = 70.0  # of 100; below it two names have little in common


def nearest_name(name: str, known: Iterable[str], limit: int = 3) -> tuple[str, ...]:
    """The known names that a name was likely meant to be, nearest first; empty if none is near.

    The measure is the share of characters that both have in the same order, at least 70 of 100. If
    no name is so near, the first that is one slip away: a wrong, missing or swapped letter.
    """
    from rapidfuzz import fuzz, process  # a notebook without a slip does not need it
    from rapidfuzz.distance import OSA

    names = list(known)
    found = process.extract(name, names, scorer=fuzz.ratio, limit=limit, score_cutoff=_NEAR)
    if not found and len(name) > 2:
        return tuple(other for other in names if OSA.distance(name, other) <= 1)[:1]
    return tuple(near for near, _, _ in found)


def did_you_mean(name: str, known: Iterable[str], otherwise: str = "", *, limit: int = 1) -> str:
    """The hint "did you mean `x`?" with the nearest of the known names; see `nearest_name`.

    `known` is in order of preference, `otherwise` the hint when none of them is near.
    """
    return offer(nearest_name(name, known, limit), otherwise)


def offer(names: Iterable[str], otherwise: str = "") -> str:
    """The hint "did you mean `x` or `y`?"; `otherwise` when there is no name."""
    near = " or ".join(f"`{name}`" for name in names)
    return f"did you mean {near}?" if near else otherwise


def is_at(file: str, paths: Sequence[str]) -> bool:
    """Whether a file is one of these files and folders or lies below one of them.

    All are relative to the project's root, which is `.`, and what no path at all means.
    """
    folders = tuple("" if path == "." else path.rstrip("/") + "/" for path in paths)
    return not paths or file in paths or file.startswith(folders)

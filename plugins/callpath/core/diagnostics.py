"""Findings as data: rule, severity, message, place, hint. Knows no output format and no disk."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding weighs: an error fails a check, a warning fails only a strict build."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """A place in a file of the notebook.

    Attributes:
        file: Path relative to the project's root (where `mkdocs.yml` is), with `/`.
        line: Line, 1-based.
        column: Column in characters, 1-based.
    """

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        """`file:line:column`, the form that editors and terminals link."""
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of finding, with its documentation.

    Attributes:
        name: Kebab case; states the fault.
        severity: The default severity.
        what: What the rule finds: one sentence.
        why: Why that is a fault: one or two sentences.
        example: A short YAML text (or other input) that breaks the rule.
    """

    name: str
    severity: Severity
    what: str
    why: str
    example: str

    def at(
        self, place: Place, message: str, hint: str = "", related: Iterable[Place] = ()
    ) -> "Diagnostic":
        """A finding of this rule at a place."""
        return Diagnostic(self.name, self.severity, message, place, hint, tuple(related))


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding.

    Attributes:
        rule: Name of the `Rule`.
        severity: How much it weighs.
        message: The fact first, names in backticks, lower case, no full stop, one line.
        place: Where it is.
        hint: The remedy, or empty.
        related: Other places in the notebook that take part (the first of two duplicates).
    """

    rule: str
    severity: Severity
    message: str
    place: Place
    hint: str = ""
    related: tuple[Place, ...] = field(default=())


def in_order(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The findings by place, then rule and message; each only once."""
    return sorted(
        set(diagnostics), key=lambda found: (found.place, found.rule, found.message, found.hint)
    )


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    """Whether one of the findings is an error."""
    return any(found.severity is Severity.ERROR for found in diagnostics)

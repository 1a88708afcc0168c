"""What a report is made from. Knows no format."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from posixpath import normpath

from callpath.core.diagnostics import Diagnostic, Place, Rule
from callpath.core.rules import RULES


@dataclass(frozen=True, slots=True)
class ReportInput:
    """Findings, with what the formats tell beside them.

    Attributes:
        findings: The findings, in the order in which they are told.
        lines: The lines, without their ends, of the files that findings are in; a file that cannot
            be read is missing or has none.
        files: Every file that was checked, also those without a finding, sorted.
        prefix: What stands before a file's path to tell it from the repository's root (`site/`);
            empty when the project's root is the repository's.
        version: Callpath's version.
        rules: The rules, by name.
    """

    findings: Sequence[Diagnostic]
    lines: Mapping[str, Sequence[str]] = field(default_factory=dict)
    files: Sequence[str] = ()
    prefix: str = ""
    version: str = ""
    rules: Mapping[str, Rule] = field(default_factory=lambda: RULES)

    def line(self, place: Place) -> str:
        """The line of a place; empty when it is not known."""
        lines = self.lines.get(place.file, ())
        return lines[place.line - 1] if 1 <= place.line <= len(lines) else ""

    def path(self, file: str) -> str:
        """A file's path from the repository's root, which is how CI services name it."""
        return normpath(self.prefix + file)


Report = Callable[[ReportInput], str]
"""A format. The text ends with a newline unless it is empty."""

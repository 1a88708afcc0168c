"""Findings as GitHub's workflow commands, which show them at the line in a pull request."""

from callpath.core.diagnostics import Diagnostic, Severity
from callpath.render.reports.characters import visible
from callpath.render.reports.report import ReportInput

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning"}

# What the runner turns back; a title or a path is ended by `,` and the properties by `::`.
_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = _DATA | str.maketrans({":": "%3A", ",": "%2C"})


def github_report(given: ReportInput) -> str:
    """A command on a line of its own for each finding, in the given order."""
    return "".join(f"{_command(given, found)}\n" for found in given.findings)


def _command(given: ReportInput, found: Diagnostic) -> str:
    properties = {
        "file": visible(given.path(found.place.file)),
        "line": str(found.place.line),
        "col": str(found.place.column),
        "title": visible(found.rule),
    }
    told = ",".join(f"{name}={value.translate(_PROPERTY)}" for name, value in properties.items())
    hint = f"\nhint: {visible(found.hint)}" if found.hint else ""
    text = (visible(found.message) + hint).translate(_DATA)
    return f"::{_COMMANDS[found.severity]} {told}::{text}"

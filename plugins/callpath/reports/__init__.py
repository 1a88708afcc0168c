"""Reports: findings in, text out. To add a format: a function, and a line in `FORMATS`.

Takes values and gives text; does not print, and does not decide what is a finding.
"""

from importlib import import_module

from callpath.extensions import load_extension
from callpath.reports.text import Report, ReportInput, text_report


def _for_machines(name: str) -> Report:
    """A format of `callpath.reports.machine`, which is imported when it is asked for."""

    def report(given: ReportInput) -> str:
        made: Report = getattr(import_module("callpath.reports.machine"), f"{name}_report")
        return made(given)

    return report


FORMATS: dict[str, Report] = {
    "text": text_report,
    **{name: _for_machines(name) for name in ("json", "sarif", "junit", "github")},
}
"""By the name that `--format` takes."""


def report_format(name: str) -> Report:
    """The format of that name: one of `FORMATS`, or one of the entry points `callpath.reports`.

    Raises UsageError if there is none of that name, or it cannot be loaded.
    """
    found: Report = FORMATS.get(name) or load_extension("reports", name)
    return found

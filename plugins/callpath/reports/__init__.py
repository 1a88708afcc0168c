"""Reports: findings in, text out. To add a format: a function, and a line in `FORMATS`.

Takes values and gives text; does not print, and does not decide what is a finding.
"""

from callpath.extensions import load_extension
from callpath.reports.machine import github_report, json_report, junit_report, sarif_report
from callpath.reports.text import Report, text_report

FORMATS: dict[str, Report] = {
    "text": text_report,
    "json": json_report,
    "sarif": sarif_report,
    "junit": junit_report,
    "github": github_report,
}
"""By the name that `--format` takes."""


def report_format(name: str) -> Report:
    """The format of that name: one of `FORMATS`, or one of the entry points `callpath.reports`.

    Raises UsageError if there is none of that name, or it cannot be loaded.
    """
    found: Report = FORMATS.get(name) or load_extension("reports", name)
    return found

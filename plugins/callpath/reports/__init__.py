"""Reports: findings in, text out. To add a format: a function, and a line in `FORMATS`.

Takes values and gives text; does not print, and does not decide what is a finding.
"""

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

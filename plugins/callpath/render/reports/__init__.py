"""Reports: findings → text. To add a format: a file here, and a line in `FORMATS`."""

from callpath.render.reports.github import github_report
from callpath.render.reports.json import json_report
from callpath.render.reports.junit import junit_report
from callpath.render.reports.report import Report
from callpath.render.reports.sarif import sarif_report
from callpath.render.reports.text import text_report

FORMATS: dict[str, Report] = {
    "text": text_report,
    "json": json_report,
    "sarif": sarif_report,
    "junit": junit_report,
    "github": github_report,
}
"""By the name that `--format` takes."""

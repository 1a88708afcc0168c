"""Reports: findings → text. To add a format: a file here, and a line in `FORMATS`."""

from collections.abc import Callable, Sequence

from callpath.core.diagnostics import Diagnostic
from callpath.render.reports.json import json_report
from callpath.render.reports.text import text_report

Report = Callable[[Sequence[Diagnostic]], str]

FORMATS: dict[str, Report] = {
    "text": text_report,
    "json": json_report,
}
"""By the name that `--format` takes. A report's text ends with a newline unless it is empty."""

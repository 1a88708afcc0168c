"""Findings as JSON: `{"schema": 1, "diagnostics": [{"rule", "severity", "message", …}]}`."""

import json
from collections.abc import Sequence
from typing import Any

from callpath.core.diagnostics import Diagnostic, Place

SCHEMA = 1


def place_value(place: Place) -> dict[str, Any]:
    """A place as JSON has it: line and column 1-based."""
    return {"file": place.file, "line": place.line, "column": place.column}


def json_report(found: Sequence[Diagnostic]) -> str:
    """Every finding, in the given order."""
    value = {
        "schema": SCHEMA,
        "diagnostics": [
            {
                "rule": finding.rule,
                "severity": finding.severity.value,
                "message": finding.message,
                "hint": finding.hint,
                "at": place_value(finding.place),
                "related": [place_value(place) for place in finding.related],
            }
            for finding in found
        ],
    }
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"

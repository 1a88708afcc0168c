"""Findings as JSON: `{"schema": 1, "diagnostics": [{"rule", "severity", "message", …}]}`."""

import json
import re
from typing import Any

from callpath.core.diagnostics import Place
from callpath.render.reports.characters import REPLACEMENT, is_hidden
from callpath.render.reports.report import ReportInput

SCHEMA = 1

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def place_value(place: Place) -> dict[str, Any]:
    """A place as JSON has it: line and column 1-based."""
    return {"file": place.file, "line": place.line, "column": place.column}


def json_report(given: ReportInput) -> str:
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
            for finding in given.findings
        ],
    }
    return json_text(value)


def json_text(value: Any, *, compact: bool = False) -> str:
    """A value as JSON that can be read by people: Chinese as it is, what cannot be seen escaped.

    Half a surrogate pair, which no JSON text in UTF-8 can hold, becomes U+FFFD.

    Parameters:
        value: The value.
        compact: Whether it is for programs alone: on one line, its keys sorted.
    """
    if compact:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    else:
        text = json.dumps(value, ensure_ascii=False, indent=1)
    text = _LONE_SURROGATE.sub(REPLACEMENT, text)
    hidden = {character for character in set(text) if character != "\n" and is_hidden(character)}
    escapes = {ord(character): json.dumps(character)[1:-1] for character in hidden}
    return text.translate(escapes) + "\n"

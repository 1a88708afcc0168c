"""Findings as SARIF 2.1.0, which GitHub's code scanning and editors read."""

from collections import Counter
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from callpath.core.diagnostics import Diagnostic, Place, Rule, Severity
from callpath.render.markdown import fenced
from callpath.render.reports.characters import visible
from callpath.render.reports.json import json_text
from callpath.render.reports.report import ReportInput

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_ROOT = "%SRCROOT%"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning"}
_FINGERPRINT = "ruleFileLine/v1"
_DIGITS = 16


def sarif_report(given: ReportInput) -> str:
    """One run with every rule and every finding, in the given order."""
    ids = sorted(given.rules)
    driver = {
        "name": "callpath",
        "version": given.version,
        "rules": [_rule(given.rules[rule]) for rule in ids],
    }
    run = {
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": True}],
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the repository."}}},
        "columnKind": "unicodeCodePoints",
        "results": _results(given, {rule: index for index, rule in enumerate(ids)}),
    }
    return json_text({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(rule: Rule) -> dict[str, Any]:
    example = "\n".join(f"    {line}" for line in rule.example.splitlines())
    return {
        "id": rule.name,
        "shortDescription": {"text": rule.what},
        "fullDescription": {"text": rule.why},
        "help": {
            "text": f"{rule.what}\n{rule.why}\n\nFor example:\n\n{example}",
            "markdown": f"{rule.what}\n\n{rule.why}\n\nFor example:\n\n"
            f"{fenced(rule.example, 'yaml')}",
        },
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
    }


def _results(given: ReportInput, indexes: dict[str, int]) -> list[dict[str, Any]]:
    seen: Counter[str] = Counter()
    results = []
    for found in given.findings:
        fingerprint = _fingerprint(given, found)
        seen[fingerprint] += 1
        result = _result(given, found, f"{fingerprint}:{seen[fingerprint]}")
        if found.rule in indexes:
            result["ruleIndex"] = indexes[found.rule]
        results.append(result)
    return results


def _result(given: ReportInput, found: Diagnostic, fingerprint: str) -> dict[str, Any]:
    hint = f"\nhint: {visible(found.hint)}" if found.hint else ""
    result: dict[str, Any] = {
        "ruleId": found.rule,
        "level": _LEVELS[found.severity],
        "message": {"text": visible(found.message) + hint},
        "locations": [_location(given, found.place)],
        "partialFingerprints": {_FINGERPRINT: fingerprint},
    }
    if found.related:
        result["relatedLocations"] = [
            {"id": number, **_location(given, place), "message": {"text": "see also"}}
            for number, place in enumerate(found.related, 1)
        ]
    return result


def _location(given: ReportInput, place: Place) -> dict[str, Any]:
    uri = quote(given.path(place.file), safe="/", errors="replace")
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": uri, "uriBaseId": _ROOT},
            "region": {"startLine": place.line, "startColumn": place.column},
        }
    }


def _fingerprint(given: ReportInput, found: Diagnostic) -> str:
    """The same for as long as rule, file and the line's text are: lines above may come and go."""
    parts = (found.rule, found.place.file, given.line(found.place).strip())
    return sha256("\0".join(parts).encode(errors="replace")).hexdigest()[:_DIGITS]

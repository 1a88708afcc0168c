"""Findings for programs: JSON, GitHub's commands, JUnit, SARIF; and Markdown for people."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any
from urllib.parse import quote
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from msgspec import to_builtins
from msgspec.structs import asdict

from callpath.findings import Finding, Location, Rule, Severity
from callpath.model import one_line
from callpath.reports.text import REPLACEMENT, ReportInput, finding_lines, is_hidden, visible

SCHEMA = 1

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def location_value(location: Location) -> dict[str, Any]:
    """A place as JSON has it: line and column 1-based."""
    return asdict(location)


def json_report(given: ReportInput) -> str:
    """Every finding, in the given order."""
    found = [
        {
            "rule": finding.rule,
            "severity": finding.severity.value,
            "message": finding.message,
            "hint": finding.hint,
            "at": location_value(finding.location),
            "related": [location_value(location) for location in finding.related],
        }
        for finding in given.findings
    ]
    return json_text({"schema": SCHEMA, "diagnostics": found})


def filled(values: dict[str, Any]) -> dict[str, Any]:
    """The values without those that are empty."""
    return {key: value for key, value in values.items() if value}


def json_text(value: Any) -> str:
    """A value as JSON that can be read by people: Chinese as it is, what cannot be seen escaped.

    Half a surrogate pair, which no JSON text in UTF-8 can hold, becomes U+FFFD.
    """
    return _readable(json.dumps(value, ensure_ascii=False, indent=1))


def compact_json(values: Mapping[str, Any]) -> str:
    """An object as JSON for programs alone: on one line, keys sorted, else as `json_text` has it.

    The elements of an iterator are made and written one by one: all at once they are large.
    """
    members = (f"{_compact(key)}:{_member(value)}" for key, value in sorted(values.items()))
    return _readable("{" + ",".join(members) + "}")


def _member(value: Any) -> str:
    if isinstance(value, Iterator):
        return "[" + ",".join(map(_compact, value)) + "]"
    return _compact(value)


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _readable(text: str) -> str:
    text = _LONE_SURROGATE.sub(REPLACEMENT, text)
    hidden = {character for character in set(text) if character != "\n" and is_hidden(character)}
    escapes = {ord(character): json.dumps(character)[1:-1] for character in hidden}
    return text.translate(escapes) + "\n"


# What the runner turns back; a title or a path is ended by `,` and the properties by `::`.
_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = _DATA | str.maketrans({":": "%3A", ",": "%2C"})


def github_report(given: ReportInput) -> str:
    """A command on a line of its own for each finding, in the given order."""
    return "".join(f"{_command(given, found)}\n" for found in given.findings)


def _command(given: ReportInput, found: Finding) -> str:
    properties = {
        "file": visible(given.path(found.location.file)),
        "line": str(found.location.line),
        "col": str(found.location.column),
        "title": visible(found.rule),
    }
    told = ",".join(f"{name}={value.translate(_PROPERTY)}" for name, value in properties.items())
    return f"::{found.severity} {told}::{_message(found).translate(_DATA)}"


def _message(found: Finding) -> str:
    """The message, and the hint on a line of its own."""
    hint = f"\nhint: {visible(found.hint)}" if found.hint else ""
    return visible(found.message) + hint


_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'


def junit_report(given: ReportInput) -> str:
    """A suite for each file, a test for each finding; a file without one is a test that passes.

    A warning is a test that passes too, with its text as the test's output: a report with warnings
    alone fails no build, just as the exit status does not.
    """
    by_file: dict[str, list[Finding]] = {file: [] for file in given.files}
    for found in given.findings:
        by_file.setdefault(found.location.file, []).append(found)
    root = Element("testsuites", name="callpath")
    for file in sorted(by_file):
        root.append(_suite(given, file, by_file[file]))
    if not by_file:
        root.append(_counted(Element("testsuite", name="callpath")))
    _counted(root)
    indent(root, " ")
    return _DECLARATION + tostring(root, encoding="unicode") + "\n"


def _suite(given: ReportInput, file: str, findings: Sequence[Finding]) -> Element:
    path = visible(given.path(file))
    suite = Element("testsuite", name=path)
    if not findings:
        SubElement(suite, "testcase", classname=path, name="check")
    names: Counter[str] = Counter()
    for found in findings:
        name = f"{visible(found.rule)} {found.location.line}:{found.location.column}"
        names[name] += 1
        unique = name if names[name] == 1 else f"{name} ({names[name]})"
        case = SubElement(suite, "testcase", classname=path, name=unique)
        if found.severity is Severity.ERROR:
            attributes = {"message": visible(found.message), "type": visible(found.rule)}
            told = SubElement(case, "failure", attributes)
        else:
            told = SubElement(case, "system-out")
        told.text = "\n".join(finding_lines(given, found))
    return _counted(suite)


def _counted(element: Element) -> Element:
    element.set("tests", str(len(element.findall(".//testcase"))))
    element.set("failures", str(len(element.findall(".//failure"))))
    element.set("errors", "0")
    return element


_MARKUP = re.compile(r"[\\`*\[\]]|(?<!\w)_|_(?!\w)")  # inside words `_` marks nothing
_ENTITY = re.compile(r"&(?=#?\w+;)")


def fenced(text: str, language: str) -> str:
    """A fenced code block whose fence is longer than any run of backticks in the text."""
    fence = "`" * max([3, *(len(run) + 1 for run in re.findall("`+", text))])
    return f"{fence}{language}\n{text}\n{fence}"


def code(text: str) -> str:
    """A code span of one line, whatever the text holds."""
    line = one_line(text)
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", line)), default=0))
    return f"{fence} {line} {fence}" if len(fence) > 1 else f"{fence}{line}{fence}"


def plain(text: str) -> str:
    """A plain text as one line of Markdown that shows it as it is."""
    escaped = _MARKUP.sub(r"\\\g<0>", one_line(text))
    return _ENTITY.sub("&amp;", escaped).replace("<", "&lt;")


_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_ROOT = "%SRCROOT%"
_FINGERPRINT = "ruleFileLine/v1"
_DIGITS = 16


def sarif_report(given: ReportInput) -> str:
    """One run with every rule and every finding, in the given order."""
    ids = sorted(given.rules)
    rules = [_rule(given.rules[rule]) for rule in ids]
    run = {
        "tool": {"driver": {"name": "callpath", "version": given.version, "rules": rules}},
        "invocations": [{"executionSuccessful": True}],
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the repository."}}},
        "columnKind": "unicodeCodePoints",
        "results": _results(given, {rule: index for index, rule in enumerate(ids)}),
    }
    return json_text({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(rule: Rule) -> dict[str, Any]:
    example = "\n".join(f"    {line}" for line in rule.example.splitlines())
    shown = fenced(rule.example, "yaml")
    return {
        "id": rule.name,
        "shortDescription": {"text": rule.what},
        "fullDescription": {"text": rule.why},
        "help": {
            "text": f"{rule.what}\n{rule.why}\n\nFor example:\n\n{example}",
            "markdown": f"{rule.what}\n\n{rule.why}\n\nFor example:\n\n{shown}",
        },
        "defaultConfiguration": {"level": rule.severity.value},
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


def _result(given: ReportInput, found: Finding, fingerprint: str) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": found.rule,
        "level": found.severity.value,
        "message": {"text": _message(found)},
        "locations": [_location(given, found.location)],
        "partialFingerprints": {_FINGERPRINT: fingerprint},
    }
    if found.related:
        result["relatedLocations"] = [
            {"id": number, **_location(given, location), "message": {"text": "see also"}}
            for number, location in enumerate(found.related, 1)
        ]
    return result


def _location(given: ReportInput, location: Location) -> dict[str, Any]:
    uri = quote(given.path(location.file), safe="/", errors="replace")
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": uri, "uriBaseId": _ROOT},
            "region": {"startLine": location.line, "startColumn": location.column},
        }
    }


def _fingerprint(given: ReportInput, found: Finding) -> str:
    """The same for as long as rule, file and the line's text are: lines above may come and go."""
    parts = (found.rule, found.location.file, given.line(found.location).strip())
    return sha256("\0".join(parts).encode(errors="replace")).hexdigest()[:_DIGITS]


def rule_text(rule: Rule, level: int = 1) -> str:
    """A rule's documentation as Markdown: name, default severity, what, why, an example.

    The level is that of its heading, from 1.
    """
    heading = f"{'#' * level} {rule.name}"
    what = f"*{rule.severity}* · {rule.what}"
    return "\n\n".join((heading, what, rule.why, fenced(rule.example, "text"))) + "\n"


def rules_list(rules: Iterable[Rule]) -> str:
    """A line for each rule, in the given order: name, default severity, what it finds."""
    rules = tuple(rules)
    wide = max((len(rule.name) for rule in rules), default=0)
    return "".join(f"{rule.name:{wide}}  {rule.severity:7}  {rule.what}\n" for rule in rules)


def rules_json(rules: Iterable[Rule]) -> str:
    """The documentation of rules for programs, in the given order."""
    return json_text({"schema": SCHEMA, "rules": to_builtins(list(rules))})

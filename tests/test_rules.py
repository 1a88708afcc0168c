"""The table of rules: whole, well named, and every rule is one that something raises."""

import re
from pathlib import Path

import pytest

from callpath import rules
from callpath.findings import (
    Finding,
    Location,
    Rule,
    Severity,
    has_errors,
    in_order,
)
from callpath.rules import RULES

PACKAGE = Path(rules.__file__).parent
CONSTANTS = {name: value for name, value in vars(rules).items() if isinstance(value, Rule)}


def test_every_rule_is_in_the_table_under_its_own_name() -> None:
    assert {name: rule.name for name, rule in RULES.items()} == {name: name for name in RULES}
    assert list(RULES.values()) == list(CONSTANTS.values())
    assert len({rule.name for rule in CONSTANTS.values()}) == len(CONSTANTS)


@pytest.mark.parametrize("constant", CONSTANTS)
def test_a_rule_is_named_and_documented(constant: str) -> None:
    rule = CONSTANTS[constant]
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.name)
    assert constant == rule.name.upper().replace("-", "_")
    for sentence in (rule.what, rule.why):
        assert sentence[0].isupper() or sentence.startswith("`")
        assert sentence.endswith(".")
        assert "\n" not in sentence
    assert rule.example.strip()


@pytest.mark.parametrize("constant", CONSTANTS)
def test_a_rule_is_raised_somewhere(constant: str) -> None:
    raised = re.compile(rf"\brules\.{constant}\b")
    assert any(
        raised.search(module.read_text(encoding="utf-8"))
        for module in PACKAGE.rglob("*.py")
        if module.name != "rules.py"
    )


def test_a_finding_has_its_rules_name_and_weight() -> None:
    place, other = Location("notes/a.yml", 3, 7), Location("notes/b.yml")
    found = rules.BROKEN_LINK.at(place, "gone", "mend it", [other])
    assert found == Finding(
        "broken-link", Severity.ERROR, "gone", place, "mend it", related=(other,)
    )
    assert str(found.location) == "notes/a.yml:3:7"


def test_findings_are_told_by_place_each_once() -> None:
    def at(file: str, line: int, column: int, message: str = "m") -> Finding:
        return rules.BROKEN_LINK.at(Location(file, line, column), message)

    expected = [
        at("a", 2, 9),
        at("a", 10, 1),
        at("a", 10, 2, "a"),
        at("a", 10, 2, "b"),
        at("b", 1, 1),
    ]
    assert in_order([*reversed(expected), expected[0]]) == expected


def test_warnings_are_no_errors() -> None:
    warning = rules.NO_GRAPH_ENGINE.at(Location("mkdocs.yml"), "no engine")
    error = rules.BROKEN_LINK.at(Location("a.yml"), "gone")
    assert not has_errors([])
    assert not has_errors([warning])
    assert has_errors([warning, error])

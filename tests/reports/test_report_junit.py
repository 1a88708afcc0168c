"""The JUnit report, as junitparser reads it for CI services."""

import pytest
from hypothesis import given as examples
from junitparser import Failure, JUnitXml
from lxml import etree
from made_findings import ERROR, FILE, HOSTILE_TEXTS, USUAL, WARNING, given, spoilt, told_by

from callpath import rules
from callpath.findings import Location
from callpath.reports.machine import junit_report
from callpath.reports.text import visible


def _read(report: str) -> JUnitXml:
    return JUnitXml.fromstring(report.encode())


def test_a_suite_for_each_file_and_a_case_for_each_finding():
    read = _read(junit_report(given(*USUAL, files=[FILE, "notes/kvm/clean.yml"])))
    cases = {suite.name: [case.name for case in suite] for suite in read}
    assert cases == {
        "mkdocs.yml": ["search-word-not-found 30:7"],
        "notes/kvm/clean.yml": ["check"],
        "notes/kvm/init.yml": ["defined-elsewhere 4:11"],
        "notes/notes.lock": ["not-locked 1:1"],
    }
    assert (read.tests, read.failures, read.errors) == (4, 2, 0)
    assert all(case.classname == suite.name for suite in read for case in suite)


def test_a_failure_has_message_rule_and_the_text_report():
    ((case,),) = _read(junit_report(given(ERROR)))
    (failure,) = case.result
    assert isinstance(failure, Failure)
    assert (failure.message, failure.type) == (ERROR.message, ERROR.rule)
    assert failure.text.splitlines()[1:4] == [
        "    4 |     file: arch/x86/kvm/kvm_svm.c",
        "      |           ^",
        "  hint: write `arch/x86/kvm/svm.c`",
    ]


def test_a_warning_passes_and_is_told():
    ((case,),) = _read(junit_report(given(WARNING)))
    assert case.is_passed
    assert WARNING.message in case.system_out


def test_a_clean_run_passes_for_every_file():
    read = _read(junit_report(given(files=["notes/a.yml", "notes/b.yml"])))
    assert [case.classname for suite in read for case in suite if case.is_passed] == [
        "notes/a.yml",
        "notes/b.yml",
    ]


def test_nothing_checked_is_an_empty_suite():
    (suite,) = _read(junit_report(given()))
    assert (suite.tests, suite.failures, suite.errors, list(suite)) == (0, 0, 0, [])


def test_findings_at_the_same_place_are_cases_of_their_own():
    found = [rules.UNKNOWN_KEY.at(Location(FILE, 4, 3), text) for text in ("one", "another")]
    (suite,) = _read(junit_report(given(*found)))
    assert [case.name for case in suite] == ["unknown-key 4:3", "unknown-key 4:3 (2)"]


def test_a_path_is_told_from_the_repositorys_root():
    (suite,) = _read(junit_report(given(ERROR, prefix="site/")))
    assert suite.name == "site/notes/kvm/init.yml"


@pytest.mark.parametrize("findings", [(), USUAL])
def test_it_says_that_it_is_utf_8(findings):
    assert junit_report(given(*findings)).startswith('<?xml version="1.0" encoding="utf-8"?>\n<')


@examples(HOSTILE_TEXTS)
def test_hostile_text_comes_back_visible(text):
    report = junit_report(spoilt(text))
    etree.fromstring(report.encode(), etree.XMLParser(recover=False))
    failures = [
        failure for suite in _read(report) for case in suite for failure in case.result if failure
    ]
    told = [failure.message for failure in failures if isinstance(failure, Failure)]
    assert told == [visible(told_by(text).message)]

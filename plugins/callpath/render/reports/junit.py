"""Findings as JUnit XML, which CI services show beside the tests: an error is a failed test.

Keeps to the schema of Jenkins' xUnit plugin (`junit-10.xsd`), the strictest of its readers.
"""

from collections import Counter
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from callpath.core.diagnostics import Diagnostic, Severity
from callpath.render.reports.characters import visible
from callpath.render.reports.report import ReportInput
from callpath.render.reports.text import finding_lines

_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>\n'


def junit_report(given: ReportInput) -> str:
    """A suite for each file, a test for each finding; a file without one is a test that passes.

    A warning is a test that passes too, with its text as the test's output: a report with warnings
    alone fails no build, just as the exit status does not.
    """
    by_file: dict[str, list[Diagnostic]] = {file: [] for file in given.files}
    for found in given.findings:
        by_file.setdefault(found.place.file, []).append(found)
    root = Element("testsuites", name="callpath")
    for file in sorted(by_file):
        root.append(_suite(given, file, by_file[file]))
    if not by_file:
        root.append(_counted(Element("testsuite", name="callpath")))
    _counted(root)
    indent(root, " ")
    return _DECLARATION + tostring(root, encoding="unicode") + "\n"


def _suite(given: ReportInput, file: str, findings: Sequence[Diagnostic]) -> Element:
    path = visible(given.path(file))
    suite = Element("testsuite", name=path)
    if not findings:
        SubElement(suite, "testcase", classname=path, name="check")
    names: Counter[str] = Counter()
    for found in findings:
        name = f"{visible(found.rule)} {found.place.line}:{found.place.column}"
        names[name] += 1
        unique = name if names[name] == 1 else f"{name} ({names[name]})"
        _tell(given, found, SubElement(suite, "testcase", classname=path, name=unique))
    return _counted(suite)


def _tell(given: ReportInput, found: Diagnostic, case: Element) -> None:
    if found.severity is Severity.ERROR:
        attributes = {"message": visible(found.message), "type": visible(found.rule)}
        told = SubElement(case, "failure", attributes)
    else:
        told = SubElement(case, "system-out")
    told.text = "\n".join(finding_lines(given, found))


def _counted(element: Element) -> Element:
    """The element with how many tests and failures are in it."""
    element.set("tests", str(len(element.findall(".//testcase"))))
    element.set("failures", str(len(element.findall(".//failure"))))
    element.set("errors", "0")
    return element

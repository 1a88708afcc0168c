"""Findings as a compiler prints them: the place and the message, the line with a caret, the hint.

Knows no terminal: whoever prints to one hands in how each part is styled.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum

from callpath.core.diagnostics import Diagnostic, Severity
from callpath.render.reports.characters import visible
from callpath.render.reports.excerpt import excerpt
from callpath.render.reports.report import ReportInput

_GUTTER = 5
"""Cells for the line's number."""


class Part(StrEnum):
    """A part of the report that can be styled."""

    PLACE = "place"
    ERROR = "error"
    WARNING = "warning"
    GUTTER = "gutter"
    CARET = "caret"
    HINT = "hint"


Style = Callable[[str, Part], str]
"""A text and which part it is → the text as it is printed."""

_PARTS = {Severity.ERROR: Part.ERROR, Severity.WARNING: Part.WARNING}


def plain(text: str, part: Part) -> str:
    """The style of a report that is not for a terminal: none."""
    del part
    return text


def one_line(found: Diagnostic) -> str:
    """A finding on one line."""
    hint = f" (hint: {found.hint})" if found.hint else ""
    return visible(f"{found.place}: {found.message}{hint} [{found.rule}]")


def text_report(given: ReportInput, style: Style = plain) -> str:
    """Every finding with its line, its hint and related places, then how many there are.

    Empty when there is none.
    """
    lines = [line for found in given.findings for line in finding_lines(given, found, style)]
    if given.findings:
        lines.append(_summary(given.findings))
    return "".join(f"{line}\n" for line in lines)


def finding_lines(given: ReportInput, found: Diagnostic, style: Style = plain) -> Iterator[str]:
    """One finding, line by line."""
    place = style(visible(f"{found.place}:"), Part.PLACE)
    severity = style(f"{found.severity}:", _PARTS[found.severity])
    yield f"{place} {severity} {visible(found.message)} [{visible(found.rule)}]"
    line = given.line(found.place)
    if line.strip():
        shown, caret = excerpt(line, found.place.column)
        yield style(f"{found.place.line:>{_GUTTER}} |", Part.GUTTER) + f" {shown}"
        yield style(f"{'':{_GUTTER}} |", Part.GUTTER) + " " + style(caret, Part.CARET)
    if found.hint:
        yield f"  {style('hint:', Part.HINT)} {visible(found.hint)}"
    for related in found.related:
        yield f"  {style('see also:', Part.HINT)} {visible(str(related))}"


def _summary(found: Sequence[Diagnostic]) -> str:
    counts = Counter(finding.severity for finding in found)
    parts = [
        f"{counts[severity]} {severity}{'s' if counts[severity] != 1 else ''}"
        for severity in Severity
        if counts[severity]
    ]
    return ", ".join(parts)

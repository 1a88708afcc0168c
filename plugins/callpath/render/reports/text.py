"""Findings as a compiler prints them: `file:line:column: severity: message [rule]`, then a hint."""

from collections import Counter
from collections.abc import Sequence

from callpath.core.diagnostics import Diagnostic, Severity


def one_line(found: Diagnostic) -> str:
    """A finding on one line."""
    hint = f" (hint: {found.hint})" if found.hint else ""
    return f"{found.place}: {found.message}{hint} [{found.rule}]"


def text_report(found: Sequence[Diagnostic]) -> str:
    """Every finding with its hint, then how many there are; empty when there is none."""
    lines: list[str] = []
    for finding in found:
        lines.append(f"{finding.place}: {finding.severity}: {finding.message} [{finding.rule}]")
        if finding.hint:
            lines.append(f"  hint: {finding.hint}")
    if found:
        lines.append(_summary(found))
    return "".join(f"{line}\n" for line in lines)


def _summary(found: Sequence[Diagnostic]) -> str:
    counts = Counter(finding.severity for finding in found)
    parts = [
        f"{counts[severity]} {severity}{'s' if counts[severity] != 1 else ''}"
        for severity in Severity
        if counts[severity]
    ]
    return ", ".join(parts)

"""How much each rule weighs on a site: the option `rules`, error, warning or off."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator
from rapidfuzz import process

from callpath.core import rules
from callpath.core.diagnostics import Diagnostic, Severity
from callpath.core.note_parser.values import fault
from callpath.core.paths import shown

Weight: TypeAlias = Literal["error", "warning", "off"]


def _known(weights: dict[str, Weight]) -> dict[str, Weight]:
    for name in weights:
        if name not in rules.RULES:
            near = process.extractOne(name, list(rules.RULES))
            hint = f"did you mean `{near[0]}`?" if near else ""
            raise fault(rules.INVALID_VALUE, f"{shown(name)} is no rule", hint)
    return weights


RuleWeights: TypeAlias = Annotated[dict[str, Weight], AfterValidator(_known)]


def weighed(found: Iterable[Diagnostic], weights: Mapping[str, Weight]) -> tuple[Diagnostic, ...]:
    """The findings as a site weighs them; those of a rule that is off are left out."""
    return tuple(
        replace(finding, severity=Severity(weight))
        if (weight := weights.get(finding.rule, finding.severity.value)) != finding.severity
        else finding
        for finding in found
        if weights.get(finding.rule) != "off"
    )

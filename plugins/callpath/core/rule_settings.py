"""How much each rule weighs on a site: the option `rules`, error, warning or off."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator

from callpath.core import rules
from callpath.core.diagnostics import Diagnostic, Severity
from callpath.core.model import Text
from callpath.core.note_parser import nodes
from callpath.core.note_parser.validation import nearest
from callpath.core.note_parser.values import fault
from callpath.core.paths import shown

Weight: TypeAlias = Literal["error", "warning", "off"]

_YAML_FALSE = frozenset({"false", "no", "off"})


def unknown_rule(name: str) -> tuple[str, str]:
    """What to say of a name that no rule has: the message, and the hint."""
    near = nearest(name, list(rules.RULES))
    hint = f"did you mean `{near}`?" if near else "`callpath rule` lists the rules"
    return f"{shown(name)} is no rule", hint


def _known(name: str) -> str:
    if name not in rules.RULES:
        raise fault(rules.INVALID_VALUE, *unknown_rule(name))
    return name


RuleWeights: TypeAlias = dict[Annotated[str, AfterValidator(_known)], Weight]


def read_off(weights: nodes.Node | None) -> None:
    """Take an `off` without quotes for a text, although YAML takes it for `false`."""
    for pair in weights.pairs if isinstance(weights, nodes.Mapping) else ():
        value = pair.value
        if isinstance(value, nodes.Scalar) and value.plain and not value.is_null:
            is_off = value.text.value.lower() in _YAML_FALSE
            text = Text("off", value.place) if is_off else value.text
            pair.value = nodes.Scalar(value.place, text, plain=False)


def weighed(found: Iterable[Diagnostic], weights: Mapping[str, Weight]) -> tuple[Diagnostic, ...]:
    """The findings as a site weighs them; those of a rule that is off are left out."""
    return tuple(
        replace(finding, severity=Severity(weight))
        if (weight := weights.get(finding.rule, finding.severity.value)) != finding.severity
        else finding
        for finding in found
        if weights.get(finding.rule) != "off"
    )

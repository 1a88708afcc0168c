"""What does not hold at the new version, as findings: what is renamed or gone, edges unproved."""

from collections.abc import Iterable, Iterator, Sequence

from callpath.core import rules
from callpath.core.diagnostics import Diagnostic
from callpath.core.drift import Candidate, DriftStatus, ReferenceDrift
from callpath.core.model import Pin, Reference

_SHOWN = 3


def remaining(
    pairs: Sequence[tuple[Reference, Reference]],
    drifts: Iterable[ReferenceDrift],
    found: Iterable[Diagnostic],
    new: Pin,
) -> Iterator[Diagnostic]:
    """The findings on what is repinned.

    Parameters:
        pairs: The references as they were, and as they are now.
        drifts: What became of what they name.
        found: What the new version's source says against references and edges.
        new: The new version.
    """
    lost = {
        (one.reference.pin, one.reference.symbol, one.reference.occurrence): one
        for one in drifts
        if one.outcome.status in (DriftStatus.RENAMED, DriftStatus.GONE)
    }
    told = set()
    for before, after in pairs:
        one = lost.get((before.pin, before.symbol, before.occurrence))
        if one is not None:
            told.add(after.place)
            yield _lost(one, after, new)
    yield from (each for each in found if each.place not in told)


def _lost(one: ReferenceDrift, reference: Reference, new: Pin) -> Diagnostic:
    name, outcome = one.before.definition.name, one.outcome
    if outcome.after is not None:
        found = outcome.after.definition
        where = f"{found.kind} `{found.name}` at {found.path}:{found.line}"
        message = f"`{name}` is now {where}: {outcome.evidence}"
        hint = f"write `{found.kind}: {found.name}` and `file: {found.path}`, and read it again"
        return rules.UNDEFINED_SYMBOL.at(reference.place, message, hint)
    rule = rules.AMBIGUOUS_SYMBOL if "times" in outcome.evidence else rules.UNDEFINED_SYMBOL
    message = f"`{name}` is gone from `{one.before.definition.path}` in {new.version}"
    if outcome.evidence:
        message += f": {outcome.evidence}"
    return rule.at(reference.place, message, _hint(outcome.candidates))


def _hint(candidates: Sequence[Candidate]) -> str:
    told = [
        f"`{each.definition.name}` at {each.definition.path}:{each.definition.line} "
        f"({each.score:.2f}: {each.reason})"
        for each in candidates[:_SHOWN]
    ]
    return "perhaps " + "; or ".join(told) if told else ""

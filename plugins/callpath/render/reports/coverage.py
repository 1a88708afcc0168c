"""Call-path coverage as text and as JSON."""

import json
from collections.abc import Sequence
from typing import Any

from callpath.core.coverage import StepCoverage, Total, total

SCHEMA = 1


def coverage_text(notes: Sequence[tuple[str, Sequence[StepCoverage]]]) -> str:
    """A line for each step that leaves something untold, one for each note, and one for all.

    Parameters:
        notes: For each note its id and its steps' coverage, in reading order.
    """
    lines: list[str] = []
    for note, steps in notes:
        for step in steps:
            if step.untold:
                names = ", ".join(f"{call.name}:{call.line}" for call in step.untold)
                place = step.place.step.place
                lines.append(f"{place}: {step.place.step.symbol.name}: {names}")
        lines.append(f"{note}: {_percent(total(steps))}")
    whole = total(step for _, steps in notes for step in steps)
    lines.append(f"all: {_percent(whole)}")
    return "".join(f"{line}\n" for line in lines)


def _percent(found: Total) -> str:
    return f"{found.told} of {found.calls} calls told, {found.percent:.1f} %"


def coverage_json(notes: Sequence[tuple[str, Sequence[StepCoverage]]]) -> str:
    """`{"schema": 1, "told", "calls", "notes": [{"note", "told", "calls", "steps": […]}]}`."""
    whole = total(step for _, steps in notes for step in steps)
    value = {
        "schema": SCHEMA,
        "told": whole.told,
        "calls": whole.calls,
        "notes": [
            {
                "note": note,
                "told": total(steps).told,
                "calls": total(steps).calls,
                "steps": [step_value(step) for step in steps],
            }
            for note, steps in notes
        ],
    }
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def step_value(step: StepCoverage) -> dict[str, Any]:
    """The coverage of one step as JSON has it; lines are 1-based."""
    return {
        "step": step.place.step.id,
        "told": [{"name": call.name, "line": call.line} for call in step.told],
        "omitted": [
            {"name": call.name, "line": call.line, "reason": reason}
            for call, reason in step.omitted
        ],
        "untold": [{"name": call.name, "line": call.line} for call in step.untold],
    }

"""The prover against golden cases: C text, the edges that notes state, and what is said of them."""

from pathlib import Path
from textwrap import indent
from typing import Any

import pytest
import yaml
from proved_code import told

CASES = Path(__file__).parent / "prover_cases"


def golden_cases() -> list[Any]:
    return [
        pytest.param(file, case, id=f"{file.stem}: {case['case']}")
        for file in sorted(CASES.glob("*.yml"))
        for case in yaml.safe_load(file.read_text(encoding="utf-8"))
    ]


def written(cases: list[dict[str, Any]]) -> str:
    """Golden cases with what is said of them now."""
    blocks = []
    for case in cases:
        block = f"- case: {case['case']}\n  files:\n"
        for path, text in case["files"].items():
            block += f"    {path}: |\n{indent(text, '      ')}"
        block += f"  steps: |\n{indent(case['steps'], '    ')}"
        if "searchable" in case:
            block += f"  searchable: {str(case['searchable']).lower()}\n"
        for key, lines in told(case).items():
            quoted = ["    - '" + line.replace("'", "''") + "'\n" for line in lines]
            block += f"  {key}:\n" + "".join(quoted) if lines else ""
        blocks.append(block)
    return "\n".join(blocks)


@pytest.mark.parametrize(("file", "case"), golden_cases())
def test_golden_case(file: Path, case: dict[str, Any], update_goldens: bool) -> None:
    if update_goldens:
        file.write_text(written(yaml.safe_load(file.read_text(encoding="utf-8"))), "utf-8")
        return
    found = told(case)
    assert found == {key: case.get(key, []) for key in found}

"""Which lines of a definition are folded: golden cases, and what holds for all."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, strategies as st

from callpath.site.highlight import (
    LEAST,
    LIMIT,
    LONG,
    code_blocks,
)
from callpath.site.views import BlockKind

FILE = Path(__file__).parent / "code_cases" / "folds.yml"


def shown(case: dict[str, Any]) -> list[str]:
    """How the lines of a case are shown, as the golden cases write it."""
    first, last = map(int, case["lines"].split("-"))
    found = code_blocks(first, last, case["name_on"], case["kind"], case["sites"])
    return [f"{block.kind} {block.first}-{block.last}" for block in found]


def cases() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return found


@pytest.mark.parametrize("case", cases(), ids=lambda case: case["case"])
def test_golden_case(case: dict[str, Any], update_goldens: bool) -> None:
    if update_goldens:
        new = [each | {"shown": shown(each)} for each in cases()]
        blocks = [yaml.safe_dump([each], sort_keys=False, default_flow_style=None) for each in new]
        FILE.write_text("\n".join(blocks), encoding="utf-8")
    else:
        assert shown(case) == case["shown"]


@given(
    start=st.integers(1, 5000),
    count=st.integers(1, 1200),
    offset=st.integers(0, 5),
    kind=st.sampled_from(["function", "macro", "struct", "variable"]),
    sites=st.lists(st.integers(1, 6500), max_size=12),
)
def test_no_line_is_lost_and_no_site_is_hidden(
    start: int, count: int, offset: int, kind: str, sites: list[int]
) -> None:
    end = start + count - 1
    found = code_blocks(start, end, min(start + offset, end), kind, sites)
    lines = [line for each in found for line in range(each.first, each.last + 1)]
    assert lines == list(range(start, end + 1))
    open_lines = {
        line
        for each in found
        if each.kind is BlockKind.OPEN
        for line in range(each.first, each.last + 1)
    }
    assert {site for site in sites if start <= site <= min(end, start + LIMIT - 1)} <= open_lines
    folds = [each for each in found if each.kind is BlockKind.FOLDED]
    assert not folds or count > LONG
    behind = start + LIMIT - 1  # a fold that reaches over the limit is cut there
    assert all(each.count >= LEAST or each.last == behind for each in folds)

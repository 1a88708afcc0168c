"""`make bench`: which rows are chosen, what a run keeps, and the page that is written of it."""

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT))

from benchmarks.measure import MeasureError, run  # noqa: E402
from benchmarks.notebooks import code_text, write_notebook  # noqa: E402
from benchmarks.report import (  # noqa: E402
    BEGIN,
    END,
    Goal,
    RowResult,
    Rows,
    read_results,
    read_rows,
    told,
    write_page,
)
from benchmarks.rows import ROWS  # noqa: E402


def bench(*words: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *map(str, words)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


def result(readings: dict[str, dict[str, list[float]]]) -> RowResult:
    return {
        "date": "2026-01-02",
        "before": "1234567",
        "now": "89abcde",
        "machine": "2 cores of Example",
        "versions": {"git": "2.39"},
        "readings": readings,
    }


GOAL = Goal("build", "a build", "cold", "s", beside="floor.cold", goal=1.1)
ROWS_OF_ONE = Rows("1234567", {"floor": "ready HTML"}, [GOAL])
BUILD = result(
    {
        "before": {"cold": [90.0, 86.0, 88.0]},
        "now": {"cold": [33.0, 35.0, 34.0]},
        "floor": {"cold": [40.0]},
    }
)


def page(tmp_path: Path) -> Path:
    path = tmp_path / "speed.md"
    path.write_text(f"# Speed\n\n{BEGIN}\nold\n{END}\n\nBelow.\n", encoding="utf-8")
    return path


def test_a_tiny_run_keeps_its_readings_and_writes_the_page(tmp_path: Path) -> None:
    results, written = tmp_path / "results.json", page(tmp_path)
    done = bench(
        *("lock", "--before", "none", "--notes", "2", "--readings", "1"),
        *("--results", results, "--page", written, "--folder", tmp_path / "work"),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    readings = json.loads(results.read_text(encoding="utf-8"))["lock"]["readings"]["now"]
    assert all(len(values) == 1 for values in readings.values())
    assert readings["lock first"][0] > 0
    assert readings["lock first memory"][0] > 1
    text = written.read_text(encoding="utf-8")
    assert "| `lock` | `lock` of 3,000 symbols, second run beside its first |" in text
    assert "not measured" in text
    assert "\nold\n" not in text
    assert text.startswith("# Speed\n")
    assert text.endswith("Below.\n")


def test_an_unknown_row_is_one_sentence(tmp_path: Path) -> None:
    done = bench("built")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"bench: there is no row `built`; there are {', '.join(ROWS)}\n"


def test_a_row_that_needs_the_kernel_is_skipped_and_says_so(tmp_path: Path) -> None:
    results = tmp_path / "results.json"
    done = bench(
        *("drift", "--before", "none", "--results", results, "--page", page(tmp_path)),
        *("--folder", tmp_path / "work"),
    )
    assert done.returncode == 0
    assert done.stdout == (
        "drift: skipped: it needs KERNEL=git:REPO, a repository with v3.7 and v6.12\n"
    )
    assert read_results(results) == {}


def test_a_ratio_is_of_medians() -> None:
    now, before = told(GOAL, BUILD, "now"), told(GOAL, BUILD, "before")
    assert now
    assert before
    assert (now.value, now.spread, now.ratio) == (34.0, (33.0, 35.0), 0.85)
    assert before.ratio == 2.2
    assert told(GOAL, result({"now": {"cold": [1.0]}}), "now") is None


def test_the_table_says_which_goals_are_missed_and_why(tmp_path: Path) -> None:
    path = page(tmp_path)
    write_page(path, {"build": BUILD}, ROWS_OF_ONE)
    text = path.read_text(encoding="utf-8")
    row = (
        "| `build` | a build | 88.0 s (86.0–90.0): 2.20 × | 34.0 s (33.0–35.0): 0.850 × |"
        " ready HTML 40.0 s | ≤ 1.1 × | holds |"
    )
    assert row in text
    assert "2 cores of Example" in text
    assert "`before` is 1234567." in text
    slow = Goal("build", "a build", "cold", "s", goal=30, remark="Markdown takes 9 s of it.")
    write_page(path, {"build": BUILD}, Rows("1234567", {}, [slow]))
    text = path.read_text(encoding="utf-8")
    assert "| ≤ 30.0 s | **missed** |" in text
    assert "- `build`, a build: Markdown takes 9 s of it.\n" in text


def test_the_charts_are_svg_that_says_what_it_shows(tmp_path: Path) -> None:
    path = page(tmp_path)
    write_page(path, {"build": BUILD}, ROWS_OF_ONE)
    text = path.read_text(encoding="utf-8")
    charts = sorted((tmp_path / "speed").glob("*.svg"))
    assert [chart.stem for chart in charts] == ["build", "goals"]
    for chart in charts:
        assert f"(speed/{chart.name})" in text
        svg = ElementTree.parse(chart).getroot()  # noqa: S314 (written above)
        words = {each.text for each in svg.iter("{http://www.w3.org/2000/svg}text")}
        assert "now" in words
        assert {"34.0 s", "0.773 ×"} & words


def test_every_goal_is_of_a_row_and_every_row_has_one() -> None:
    assert {goal.row for goal in read_rows().goals} == set(ROWS)


def test_every_goal_that_is_missed_says_why() -> None:
    results = read_results(ROOT / "benchmarks/results.json")
    silent = [
        f"{goal.row}: {goal.work}"
        for goal in read_rows().goals
        if goal.row in results and goal.goal is not None and not goal.remark
        if (now := told(goal, results[goal.row], "now")) and now.ratio > goal.goal
    ]
    assert silent == []


def test_the_page_is_what_the_results_give(tmp_path: Path) -> None:
    committed = ROOT / "docs/performance.md"
    path = tmp_path / "performance.md"
    path.write_text(committed.read_text(encoding="utf-8"), encoding="utf-8")
    write_page(path, read_results(ROOT / "benchmarks/results.json"), read_rows())
    assert path.read_text(encoding="utf-8") == committed.read_text(encoding="utf-8")


def test_a_program_that_fails_is_told_with_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(MeasureError, match="ended with 3: no such tree"):
        run(
            sys.executable,
            "-c",
            "import sys; print('no such tree', file=sys.stderr); sys.exit(3)",
            at=tmp_path,
        )


def test_memory_is_that_of_all_processes(tmp_path: Path) -> None:
    hold = "x = bytearray(60_000_000); import time; time.sleep(1)"
    both = (
        "import subprocess, sys\n"
        f"two = [subprocess.Popen([sys.executable, '-c', {hold!r}]) for _ in 'ab']\n"
        "[each.wait() for each in two]"
    )
    if not Path("/proc/self/smaps_rollup").exists():
        pytest.skip("only Linux tells the memory of processes")
    assert 120 < run(sys.executable, "-c", both, at=tmp_path).memory < 200


def test_the_same_size_gives_the_same_notebook(tmp_path: Path) -> None:
    both = []
    for name in ("a", "b"):
        folder = write_notebook(tmp_path / name, 3)
        paths = [folder / "mkdocs.yml", *folder.glob("docs/**/*.*"), *folder.glob("tree/**/*.c")]
        both.append({path.relative_to(folder): path.read_bytes() for path in paths})
    assert both[0] == both[1]
    assert len(both[0]) == 1 + 4 + 3
    assert code_text(1) != code_text(1, salt=1)

"""Measures rows beside the commit before and other programs, and writes `docs/performance.md`.

    python -m benchmarks [ROW...] [--kernel git:REPO] [--before REV] [--readings 3]

`docs/performance.md` says how it measures. The exit status is 2 when it could not.
"""

import argparse
import datetime
import os
import re
import shutil
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from benchmarks.measure import MeasureError, Tree, environment, run
from benchmarks.report import RowResult, read_results, read_rows, write_page, write_results
from benchmarks.rows import ROWS, Bench, Side, Skipped

ROOT = Path(__file__).parents[1]
_ENOUGH = 120.0
"""Seconds of wall time; a further reading of a side that would go beyond is left out."""


def main() -> int:
    """Measure, keep and print; the exit status."""
    rows = read_rows()
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("rows", nargs="*", help=f"of {', '.join(ROWS)}; all by default")
    options.add_argument("--kernel", default="", help="git:REPO with v3.7 and v6.12")
    options.add_argument("--before", default=rows.before, help="a revision, or `none`")
    options.add_argument("--readings", type=int, default=3)
    options.add_argument("--notes", type=int, default=300, help="fewer only to try the rows")
    options.add_argument("--results", type=Path, default=ROOT / "benchmarks/results.json")
    options.add_argument("--page", type=Path, default=ROOT / "docs/performance.md")
    options.add_argument("--folder", type=Path, default=ROOT / "build/bench")
    given = options.parse_args()
    try:
        chosen = choose(given.rows)
        bench = Bench(
            given.folder, trees(given.before, given.folder), kernel(given.kernel), given.notes
        )
    except MeasureError as error:
        sys.stderr.write(f"bench: {error}\n")
        return 2
    failed = False
    for name in chosen:
        results = read_results(given.results)
        try:
            results[name] = measured(bench, name, given.readings, given.before)
        except Skipped as reason:
            say(f"{name}: skipped: {reason}")
        except MeasureError as error:
            say(f"{name}: {error}")
            failed = True
        results = {row: results[row] for row in ROWS if row in results}
        write_results(given.results, results)
        write_page(given.page, results, rows)
    return 2 if failed else 0


def choose(names: Sequence[str]) -> list[str]:
    """The rows of these names, in the order of the table; all without a name.

    Raises:
        MeasureError: There is no such row.
    """
    for name in names:
        if name not in ROWS:
            raise MeasureError(f"there is no row `{name}`; there are {', '.join(ROWS)}")
    return [name for name in ROWS if name in names or not names]


def kernel(spec: str) -> Path | None:
    """The repository of a SPEC, if there is one."""
    if not spec:
        return None
    repository = Path(spec.removeprefix("git:")).resolve()
    if not spec.startswith("git:") or not repository.is_dir():
        raise MeasureError(f"KERNEL is `git:REPO`, a folder, and not `{spec}`")
    return repository


def trees(before: str, work: Path) -> dict[str, Tree]:
    """This checkout, and a worktree of the revision before with an environment of its own."""
    work.mkdir(parents=True, exist_ok=True)
    now = {"now": Tree.of(ROOT)}
    if before == "none":
        return now
    folder = work / "before"
    git = ("git", "-C", ROOT)
    wanted = run(*git, "rev-parse", f"{before}^{{commit}}", at=ROOT).out.strip()
    if _commit(folder) != wanted:
        say(f"setting up {before} in {folder}")
        shutil.rmtree(folder, ignore_errors=True)
        run(*git, "worktree", "add", "--force", "--detach", folder, wanted, at=ROOT)
    python = Path(sys.executable).resolve()  # the one that this environment was made with
    run("make", "setup", f"PYTHON={python}", at=folder)
    return {"before": Tree.of(folder), **now}


def _commit(folder: Path) -> str:
    """The commit of a worktree; empty where there is none."""
    if not (folder / ".git").exists():
        return ""
    return run("git", "-C", folder, "rev-parse", "HEAD", at=folder).out.strip()


def measured(bench: Bench, name: str, readings: int, before: str) -> RowResult:
    """Read all sides of a row in turns, and say how that goes."""
    sides = ROWS[name](bench)
    found: dict[str, dict[str, list[float]]] = {side: defaultdict(list) for side in sides}
    spent: dict[str, list[float]] = {side: [] for side in sides}
    for _ in range(readings):
        for side, read in sides.items():
            if spent[side] and sum(spent[side]) + spent[side][-1] > _ENOUGH:
                continue
            spent[side].append(_read(read, found[side]))
            last = ", ".join(f"{each} {values[-1]:.3g}" for each, values in found[side].items())
            say(f"{name}: {side}: {last}")
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "before": before,
        "now": _commit(ROOT)[:12],
        "machine": machine(),
        "versions": versions(),
        "readings": {side: dict(figures) for side, figures in found.items()},
    }


def _read(read: Side, found: dict[str, list[float]]) -> float:
    start = time.perf_counter()
    for figure, value in read():
        found[figure].append(round(value, 4))
    return time.perf_counter() - start


def machine() -> str:
    """The machine in general words."""
    cores = len(os.sched_getaffinity(0))
    models = re.findall(r"^model name\s*: (.*)$", _text("/proc/cpuinfo"), re.MULTILINE)
    memory = re.search(r"MemTotal: +(\d+)", _text("/proc/meminfo"))
    size = f", {int(memory[1]) / 1024**2:.0f} GB of memory" if memory else ""
    return f"{cores} cores of {models[0] if models else 'an unknown processor'}{size}"


def _text(path: str) -> str:
    return Path(path).read_text(encoding="utf-8") if Path(path).exists() else ""


def versions() -> dict[str, str]:
    """What is measured beside, and on."""
    found = {"Python": sys.version.split()[0]}
    for package in ("mkdocs", "mkdocs-material", "zensical", "tree-sitter", "tree-sitter-c"):
        found[package] = version(package)
    for program in ("git", "grep", "ctags"):
        if shutil.which(program):
            out = subprocess.run(  # noqa: S603 (one of three)
                [program, "--version"], capture_output=True, text=True, env=environment()
            ).stdout
            if number := re.search(r"\d+\.\d[\w.]*", out):
                found[program] = number[0].rstrip(".")
    return found


def say(line: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

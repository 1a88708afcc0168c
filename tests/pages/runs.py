"""Runs the programs under test as a user does, and makes what several tests share only once."""

import fcntl
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_LEVEL = re.compile(r"^(WARNING|ERROR|CRITICAL) +-  ?", re.MULTILINE)


def environment(**more: str) -> dict[str, str]:
    """The environment of a program: nothing that chooses an engine or an address for the site."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in {"CALLPATH_GRAPH_ENGINE", "PYTHONWARNINGS", "SITE_URL"}
    }
    return kept | {"NO_MKDOCS_2_WARNING": "1", "NO_COLOR": "1", "PYTHONUTF8": "1"} | more


@dataclass(frozen=True)
class Run:
    """What a program did."""

    status: int
    out: str
    said: str

    @property
    def warnings(self) -> list[str]:
        """The lines of its log that are warnings or worse."""
        return [line for line in self.said.splitlines() if _LEVEL.match(line)]


def run(*command: str | Path, at: Path, **variables: str) -> Run:
    """Run a Python module (`mkdocs`) or a program of the environment by its path."""
    first, *rest = command
    program = [str(first)] if isinstance(first, Path) else [sys.executable, "-m", first]
    done = subprocess.run(
        [*program, *map(str, rest)],
        cwd=at,
        env=environment(**variables),
        capture_output=True,
        check=False,
        encoding="utf-8",
        timeout=600,
    )
    return Run(done.returncode, done.stdout, done.stderr)


def callpath(*arguments: str | Path, at: Path, **variables: str) -> Run:
    return run(Path(sys.executable).with_name("callpath"), *arguments, at=at, **variables)


def made_once(folder: Path, make: Callable[[Path], None]) -> Path:
    """The folder, made by the first process that asks while the others wait."""
    done = folder.with_name(f"{folder.name}.done")
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            make(folder)
            done.touch()
    return folder

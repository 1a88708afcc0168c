"""How long `callpath eras` takes, against parsing the distinct files of the releases alone.

    python benchmarks/eras_ratio.py git:REPO [--tags 'v2.6.*,v3.*'] [--config mkdocs.yml] [--runs 3]

Three things are measured in turn, in one process and in seconds of its processor time (git's
included), so that other work on the machine counts little: a first run with an empty cache, a
second run with the cache of the first, and parsing alone. Parsing alone takes the same files from
memory and asks each for the insides that the proofs asked for, and keeps nothing. Opening the
notebook is not measured. The least of several runs counts.

The exit status is 1 when the first run takes more than 1.2 of parsing, or the second more than 0.1
of the first.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

from callpath.c.file import (
    CodeFile,
    read_code,
)
from callpath.eras import ask as release_code
from callpath.eras.eras import (
    FoundEras,
    find_eras,
)
from callpath.notebook import read_notebook
from callpath.workspace import open_workspace

LIMIT, AGAIN = 1.2, 0.1
_INSIDES = ("body", "bindings_beside")
_PARTS = ("uses", "variable_tags", "member_tags", "member_order", "typedef_tags")


class Recorder:
    """Remembers which files were parsed, and what each was asked for."""

    def __init__(self) -> None:
        self.files: list[tuple[str, bytes, list[tuple[str, tuple[Any, ...]]]]] = []

    def read(self, path: str, text: bytes, *others: Any) -> CodeFile:
        """Parse a file, and remember it."""
        asked: list[tuple[str, tuple[Any, ...]]] = []
        self.files.append((path, text, asked))
        return Asked(read_code(path, text, *others), asked)  # type: ignore[return-value]

    def parse(self, *, insides: bool) -> None:
        """Parse the files again, and ask for the same."""
        for path, text, asked in self.files:
            file = read_code(path, text)
            for name, arguments in asked if insides else ():
                part = getattr(file, name)
                if name in _INSIDES:
                    part(*arguments)


class Asked:
    """A parsed file that remembers what it is asked for."""

    def __init__(self, file: CodeFile, asked: list[tuple[str, tuple[Any, ...]]]) -> None:
        self._file = file
        self._asked = asked

    def __getattr__(self, name: str) -> Any:
        """A part of the file."""
        part = getattr(self._file, name)
        if name in _PARTS:
            self._asked.append((name, ()))
        if name not in _INSIDES:
            return part

        def ask(*arguments: Any) -> Any:
            self._asked.append((name, arguments))
            return part(*arguments)

        return ask


def main() -> int:
    """Measure, print, and say whether the limits hold."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("spec", help="a git repository with the releases: git:REPO")
    options.add_argument("--tags", default="*")
    options.add_argument("--config", type=Path, default=Path("mkdocs.yml"))
    options.add_argument("--runs", type=int, default=3)
    given = options.parse_args()
    workspace = open_workspace(given.config)
    notebook = read_notebook(workspace)
    recorder = Recorder()
    found: list[FoundEras] = []

    def run(folder: str) -> None:
        there = replace(workspace, root=Path(folder))
        found.append(find_eras(there, notebook, [given.spec], given.tags))

    with (
        tempfile.TemporaryDirectory() as folder,
        patch.object(release_code, "read_code", recorder.read),
    ):
        run(folder)
    times: dict[str, list[float]] = {name: [] for name in ("first", "second", "parsing", "files")}
    for _ in range(given.runs):
        with tempfile.TemporaryDirectory() as folder:
            times["first"].append(seconds(lambda folder=folder: run(folder)))
            times["second"].append(seconds(lambda folder=folder: run(folder)))
        times["parsing"].append(seconds(lambda: recorder.parse(insides=True)))
        times["files"].append(seconds(lambda: recorder.parse(insides=False)))
    first, second, parsing, files = (min(each) for each in times.values())
    sys.stdout.write(
        f"{found[0].summary}\n"
        f"first run {first:.2f} s, parsing {parsing:.2f} s (without insides {files:.2f} s), "
        f"ratio {first / parsing:.2f} (at most {LIMIT})\n"
        f"second run {second:.2f} s, ratio {second / first:.3f} (at most {AGAIN})\n"
    )
    return int(first > parsing * LIMIT or second > first * AGAIN)


def seconds(run: Callable[[], object]) -> float:
    """How much processor time a run takes, with that of the programs it starts."""
    before = os.times()
    run()
    after = os.times()
    return sum(after[:4]) - sum(before[:4])


if __name__ == "__main__":
    sys.exit(main())

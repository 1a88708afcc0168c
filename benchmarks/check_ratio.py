"""How long `callpath check --source` takes, against parsing the same files alone.

    python benchmarks/check_ratio.py tree:DIR [--config mkdocs.yml] [--runs 5]

The least of several runs counts. Opening the notebook is not measured; reading the files from the
source and resolving, proving and comparing are. The exit status is 1 when the ratio is above 2.
"""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

from callpath.c import file as c_file
from callpath.c.file import CodeFile, read_code
from callpath.checks import check_notebook
from callpath.notebook import read_notebook
from callpath.sources.spec import Sources, parse_spec
from callpath.workspace import open_workspace

LIMIT = 2.0


def main() -> int:
    """Measure, print, and say whether the limit holds."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("spec", help="the source, at the notebook's pin")
    options.add_argument("--config", type=Path, default=Path("mkdocs.yml"))
    options.add_argument("--runs", type=int, default=5)
    given = options.parse_args()
    notebook = read_notebook(open_workspace(given.config))
    sources = Sources(notebook.pin.project, {notebook.pin.project: parse_spec(given.spec)})
    files: dict[str, bytes] = {}

    def remembering(path: str, text: bytes, *others: Any) -> CodeFile:
        files[path] = text
        return read_code(path, text, *others)

    with patch.object(c_file, "read_code", remembering):
        findings = check_notebook(notebook, sources)
    pairs = [
        (seconds(lambda: check_notebook(notebook, sources)), seconds(lambda: parse(files)))
        for _ in range(given.runs)
    ]
    whole, alone = min(pair[0] for pair in pairs), min(pair[1] for pair in pairs)
    sys.stdout.write(
        f"{len(notebook.edges)} edges, {len(files)} files, {len(findings)} findings\n"
        f"check {whole:.2f} s, parsing {alone:.2f} s, "
        f"ratio {whole / alone:.2f} (at most {LIMIT})\n"
    )
    return int(whole > alone * LIMIT)


def parse(files: dict[str, bytes]) -> None:
    """Parse files, and keep them as a check does."""
    parsed = [read_code(path, text) for path, text in files.items()]
    parsed.clear()


def seconds(run: Callable[[], object]) -> float:
    """How long a run takes."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())

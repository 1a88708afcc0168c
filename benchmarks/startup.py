"""How much processor time it takes to start, against what it imports in any case.

    python benchmarks/startup.py [--config mkdocs.yml] [--page notes/page.md] [--runs 7]

`callpath --help` is compared with `import click`, `callpath.open_notebook()` with `import yaml,
pydantic`, and so is, with `--page`, the check of that page by the lockfile, as the hook for
pre-commit runs it; the start of the interpreter is in each. The least of several runs counts. All
modules are compiled once, into a folder of their own, as those of an installed package are. The
exit status is 1 when a ratio is above its limit.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

HELP = ("import click", "from callpath.cli import main; main(['--help'])", 2.0)
OPEN = ("import yaml, pydantic", "import callpath; callpath.open_notebook({config!r})", 6.0)
CHECK = (
    "import yaml, pydantic",
    "from callpath.cli import main; main(['--config', {config!r}, 'check', '--changed', {page!r}])",
    4.0,
)


def main() -> int:
    """Measure, print, and say whether the limits hold."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--config", type=Path, default=Path("mkdocs.yml"))
    options.add_argument("--page", type=Path)
    options.add_argument("--runs", type=int, default=7)
    given = options.parse_args()
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": folder}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        for alone, whole, limit in (HELP, OPEN, *([CHECK] if given.page else [])):
            program = whole.format(config=str(given.config), page=str(given.page))
            pairs = [
                (seconds(alone, environment), seconds(program, environment))
                for _ in range(given.runs + 1)  # the first one compiles
            ]
            least, most = (min(each) for each in zip(*pairs, strict=True))
            failed |= most > least * limit
            ratio = f"ratio {most / least:.2f} (at most {limit:g})"
            sys.stdout.write(f"{alone}: {least:.3f} s, {program}: {most:.3f} s, {ratio}\n")
    return int(failed)


def seconds(program: str, environment: dict[str, str]) -> float:
    """How much processor time a Python program takes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(  # noqa: S603 (programs of this file)
        [sys.executable, "-c", program], env=environment, stdout=subprocess.DEVNULL, check=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    sys.exit(main())

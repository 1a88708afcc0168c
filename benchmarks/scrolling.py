"""How smoothly a long note is read: the longest tasks of the page's thread.

    python -m benchmarks.scrolling [--steps 200]

A note about generated source is built, opened in chromium, and read to its end, first by wheel,
then by the key for the next step. The exit status is 1 when a task takes longer than 50 ms.
"""

import argparse
import sys
import tempfile
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "tests" / "pages"))

from browser import launched
from long_note import NOTE, build_long_note
from reading_trace import Reading, read_note
from web_server import Served

LIMIT = 50.0
"""Milliseconds that a task may take: longer ones are felt."""


def main() -> int:
    """Build, read, print, and say whether the limit holds."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--steps", type=int, default=200)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / "site"
        build_long_note(site, given.steps)
        with Served(site) as served, launched() as browser:
            readings = read_note(browser, served.address + NOTE)
    for name, reading in readings.items():
        sys.stdout.write(_described(name, reading))
    return int(any(_is_felt(reading) for reading in readings.values()))


def _is_felt(reading: Reading) -> bool:
    return any(task.wall > LIMIT for task in reading.trace.tasks())


def _described(name: str, reading: Reading) -> str:
    tasks = sorted(reading.trace.tasks(), key=lambda task: -task.wall)
    lines = [f"{name}: {reading.steps} times, {len(tasks)} tasks, the longest:"]
    lines += [
        f"  {task.wall:6.1f} ms (own time {task.cpu:.1f}) at {task.start / 1000:.1f} s:"
        f" {', '.join(task.parts)}"
        for task in tasks[:5]
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())

"""How long it takes to find where one symbol went in a whole tree, against `grep -rlw` of its name.

    python benchmarks/find_ratio.py DIR NAME [--old PATH] [--runs 5]

DIR is an unpacked kernel tree. Both are run in turns on a warm cache, and the least time of each
counts. Finding is all of it: listing the tree, the scan of every `.c` and `.h` file, parsing those
that look as if they defined the name. The exit status is 1 when the ratio is above 3.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Callable

from callpath.drift.find import Side, search
from callpath.model import Pin
from callpath.sources.spec import open_source, parse_spec
from callpath.verify.code import SourceCode

LIMIT = 3.0


def main() -> int:
    """Measure, print, and say whether the limit holds."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("tree", help="an unpacked kernel tree")
    options.add_argument("name", help="a function, macro, struct … that it defines")
    options.add_argument("--old", default="", help="the file that defined it before")
    options.add_argument("--runs", type=int, default=5)
    given = options.parse_args()
    places: list[str] = []

    def find_it() -> None:
        places[:] = find(given.tree, given.name, given.old)

    def grep_it() -> None:
        subprocess.run(  # noqa: S603 - no shell
            ["grep", "-rlw", "--", given.name, given.tree],  # noqa: S607
            check=False,
            capture_output=True,
        )

    grep_it()
    pairs = [(seconds(find_it), seconds(grep_it)) for _ in range(given.runs)]
    finding, grep = min(pair[0] for pair in pairs), min(pair[1] for pair in pairs)
    sys.stdout.write(
        f"`{given.name}` is defined at {', '.join(places) or 'no place'}\n"
        f"finding {finding:.2f} s, grep -rlw {grep:.2f} s, "
        f"ratio {finding / grep:.2f} (at most {LIMIT})\n"
    )
    return int(finding > grep * LIMIT)


def find(tree: str, name: str, old: str) -> list[str]:
    """Where a tree defines a name: `path:line`, sorted."""
    pin = Pin("linux", "")
    with open_source(parse_spec(f"tree:{tree}"), pin) as source:
        side = Side(pin, SourceCode(source))
        files = search(side, {name: old}).defining[name]
        found = [piece.definition for path in files for piece in side.named(path, name)]
    return sorted(f"{each.path}:{each.line}" for each in found)


def seconds(run: Callable[[], object]) -> float:
    """How long a run takes."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())

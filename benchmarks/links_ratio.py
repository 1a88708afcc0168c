"""How much processor time a check of what pages mention takes, against the least that it can take.

    python -m benchmarks.links_ratio SITE git:REPO [--version v6.12] [--docs docs] [--runs 3]

SITE is a site's folder; it is not changed, a copy is checked. Three ratios, each of runs of one
turn; the least of several turns counts, and all processes of a run do:

- `callpath check DOCS` against the repository with an empty cache, to `git grep -cw` of one word
  over the tree plus parsing the C files that the links name;
- a second run, to the first;
- the pre-commit hook on one changed page, by a lockfile, to `import yaml, pydantic`.

The exit status is 1 when a ratio is above its limit.
"""

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from benchmarks.measure import Tree, run
from callpath.api import open_documents
from callpath.c.file import read_code
from callpath.mentions.model import Address, SourceLink
from callpath.model import Pin
from callpath.sources.base import FileText
from callpath.sources.spec import open_source, parse_spec

COLD, SECOND, HOOK = 3.0, 0.1, 4.0
CODE = (".c", ".h", ".S")
WORD = "kvm_init"
CALLPATH = Tree.of(Path(__file__).parents[1])
SETTINGS = "site_name: Benchmark\ndocs_dir: {docs}\nplugins:\n  - callpath:\n      pin: {version}\n"


def main() -> int:
    """Measure, print, and say whether the limits hold."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("site", type=Path, help="the folder of the site")
    options.add_argument("spec", help="git:REPO, which has the version's tag")
    options.add_argument("--version", default="v6.12")
    options.add_argument("--docs", default="docs", help="the folder of its pages")
    options.add_argument("--page", default="", help="the page that changed; the middle one if none")
    options.add_argument("--runs", type=int, default=3)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder, "site")
        shutil.copytree(given.site, site, ignore=shutil.ignore_patterns(".cache", ".git", "site"))
        held = measure_check(site, given)
        held &= measure_hook(site, given)
    return int(not held)


def measure_check(site: Path, given: argparse.Namespace) -> bool:
    """The first and the second run; whether both are fast enough."""
    source = f"{given.version}={given.spec}"
    check = ("check", given.docs, "--source", source)
    repository = given.spec.removeprefix("git:")
    grep = ("git", "-C", repository, "grep", "-cw", WORD, given.version)
    CALLPATH.callpath(*check, at=site)  # compiles the modules
    files = linked_files(site / given.docs, source, parse_spec(given.spec), given.version)
    firsts, again, floors, peaks = [], [], [], []
    for _ in range(given.runs):
        floors.append(run(*grep, at=site).processor + parse(files))
        shutil.rmtree(site / ".cache", ignore_errors=True)
        usage = CALLPATH.callpath(*check, at=site)
        firsts.append(usage.processor)
        peaks.append(usage.memory)
        again.append(CALLPATH.callpath(*check, at=site).processor)
    first, second, floor = min(firsts), min(again), min(floors)
    say(f"the first run had {max(peaks):.0f} MB; the links name {len(files)} C files")
    return told("first run", first, "git grep and parsing", floor, COLD) & told(
        "second run", second, "first run", first, SECOND
    )


def measure_hook(site: Path, given: argparse.Namespace) -> bool:
    """The hook on one page; whether it is fast enough."""
    settings = SETTINGS.format(docs=given.docs, version=given.version)
    (site / "mkdocs.yml").write_text(settings, encoding="utf-8")
    CALLPATH.callpath("lock", "--source", given.spec, at=site)
    pages = sorted(path.relative_to(site).as_posix() for path in (site / given.docs).rglob("*.md"))
    hook = ("check", "--changed", given.page or pages[len(pages) // 2])
    pairs = [
        (
            CALLPATH.program("import yaml, pydantic", at=site).processor,
            CALLPATH.callpath(*hook, at=site).processor,
        )
        for _ in range(4 * given.runs + 1)  # the first one compiles
    ]
    alone, whole = (min(each) for each in zip(*pairs, strict=True))
    return told(f"hook on {hook[-1]}", whole, "import yaml, pydantic", alone, HOOK)


def linked_files(docs: Path, source: str, spec: object, version: str) -> dict[str, bytes]:
    """The C files of the tree that links of the pages name, by path."""
    mentions = (each.mention for each in open_documents([docs], source).parsed.mentions)
    paths = {
        one.address.path
        for one in mentions
        if isinstance(one, SourceLink) and isinstance(one.address, Address)
    }
    with open_source(spec, Pin("linux", version)) as tree:  # type: ignore[arg-type]
        found = tree.read(path for path in paths if path.endswith(CODE))
        return {each.path: each.data for each in found if isinstance(each, FileText)}


def parse(files: Mapping[str, bytes]) -> float:
    """How much processor time it takes to parse files."""
    before = os.times().user
    for path, data in files.items():
        read_code(path, data)
    return os.times().user - before


def told(what: str, whole: float, against: str, alone: float, limit: float) -> bool:
    """Print a ratio; whether it is within its limit."""
    held = whole <= alone * limit
    ratio = f"ratio {whole / alone:.2f} (at most {limit:g}): {'holds' if held else 'TOO SLOW'}"
    say(f"{what} {whole:.2f} s, {against} {alone:.2f} s, {ratio}")
    return held


def say(line: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

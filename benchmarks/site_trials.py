"""What `callpath check` says of whole sites on Linux, as the table of docs/links.md.

    python -m benchmarks.site_trials KERNEL SITE... [--version v6.12] [--sample 100] [--seed 12]

KERNEL is a git repository that has the version; each SITE is a folder of documents, of which its
`docs` counts if there is one. It is copied without caches and checked by the command twice, for
the processor time of a first and of a second run, and then by the library for the figures. With
`--sample` so many findings follow, drawn over the sites and the rules other than `floating-link`,
for people to look at. Run by hand: CI has no sites.
"""

import argparse
import json
import os
import random
import shutil
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import callpath
from benchmarks.measure import Tree
from callpath.mentions.model import Citation, Judgement, SourceLink, Verdict

CALLPATH = Tree.of(Path(__file__).parents[1])
RULES = (
    *("missing-file", "missing-line", "wrong-line", "suspect-line", "malformed-link"),
    *("unknown-name", "suspect-name", "floating-link"),
)
OPEN = (Verdict.NOT_CHECKED, Verdict.NOT_LOCKED)


@dataclass(frozen=True)
class Trial:
    """What came out for a site."""

    site: str
    pages: int
    read: Counter[str]  # links, citations and names
    unchecked: Counter[str]  # those of them that no source can judge
    moved: int  # of how many the right place is certain
    rules: Counter[str]  # findings
    seconds: tuple[float, float]  # of processor time, in the first and in the second run
    findings: tuple[dict[str, object], ...]


def main() -> int:
    """Run the trials and print what came out."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("kernel", type=Path, help="a git repository of Linux")
    options.add_argument("sites", type=Path, nargs="+", help="folders of documents")
    options.add_argument("--version", default="v6.12")
    options.add_argument("--sample", type=int, default=0, help="how many findings to draw")
    options.add_argument("--seed", type=int, default=12)
    given = options.parse_args()
    spec = f"{given.version}=git:{given.kernel.resolve()}"
    trials = [trial(site.resolve(), spec) for site in given.sites]
    sys.stdout.write("".join(f"{line}\n" for line in table(trials)))
    for one in drawn(trials, given.sample, given.seed):
        sys.stdout.write(json.dumps(one, ensure_ascii=False) + "\n")
    return 0


def trial(site: Path, spec: str) -> Trial:
    """What checking a copy of a site comes to."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, site.name)
        ignored = shutil.ignore_patterns(".cache", ".git")
        shutil.copytree(site, copy, ignore=ignored, ignore_dangling_symlinks=True)
        documents = next(
            (name for name in ("docs", "Documentation") if (copy / name).is_dir()), "."
        )
        command = ("check", documents, "--source", spec)
        first, second = (CALLPATH.callpath(*command, at=copy).processor for _ in range(2))
        os.chdir(copy)
        has_settings = (copy / "mkdocs.yml").is_file() and documents == "docs"
        config = "mkdocs.yml" if has_settings else None
        notebook = callpath.open_documents([documents], spec, config)
        result = notebook.check_result(spec)
        os.chdir("/")
    judgements, told = result.judgements, [one for one in result.findings if one.rule in RULES]
    return Trial(
        site.name,
        len(notebook.parsed.loose) + len(notebook.parsed.pages),
        kinds(judgements),
        kinds(one for one in judgements if one.verdict in OPEN),
        sum(one.verdict is Verdict.MOVED for one in judgements),
        Counter(one.rule for one in told),
        (first, second),
        tuple(
            {
                "site": site.name,
                "rule": one.rule,
                "at": str(one.location),
                "message": one.message,
                "hint": one.hint,
                "written": result.reference(one),
            }
            for one in told
        ),
    )


def kinds(judgements: Iterable[Judgement]) -> Counter[str]:
    """How many of them are of links, citations and names."""
    return Counter(kind(one) for one in judgements)


def kind(judgement: Judgement) -> str:
    """What a judgement is on."""
    mention = judgement.placed.mention
    if isinstance(mention, SourceLink):
        return "links"
    return "citations" if isinstance(mention, Citation) else "names"


def table(trials: Sequence[Trial]) -> list[str]:
    """The figures, a column for each site."""
    rows = [
        ["", *(one.site.rpartition("+")[2] for one in trials)],
        ["---", *("---:" for _ in trials)],
        ["pages", *(f"{one.pages:,}" for one in trials)],
    ]
    rows += (
        [what, *(f"{one.read[what]:,}" for one in trials)]
        for what in ("links", "citations", "names")
    )
    rows.append(["not checked", *(f"{one.unchecked.total():,}" for one in trials)])
    rows += ([f"`{rule}`", *(f"{one.rules[rule]:,}" for one in trials)] for rule in RULES)
    rows.append(["right place certain", *(f"{one.moved:,}" for one in trials)])
    for index, run in enumerate(("first", "second")):
        rows.append([f"{run} run", *(f"{one.seconds[index]:.1f} s" for one in trials)])
    return ["| " + " | ".join(row) + " |" for row in rows]


def drawn(trials: Sequence[Trial], count: int, seed: int) -> list[dict[str, object]]:
    """Findings by chance, as many of each site and rule as there are to be had, in turn."""
    piles = defaultdict[tuple[str, object], list[dict[str, object]]](list)
    for one in trials:
        for found in one.findings:
            if found["rule"] != "floating-link":
                piles[one.site, found["rule"]].append(found)
    chance = random.Random(seed)  # noqa: S311 (a sample that can be drawn again)
    for pile in piles.values():
        chance.shuffle(pile)
    taken: list[dict[str, object]] = []
    while len(taken) < count and any(piles.values()):
        taken += [pile.pop() for pile in piles.values() if pile]
    return taken[:count]


if __name__ == "__main__":
    raise SystemExit(main())

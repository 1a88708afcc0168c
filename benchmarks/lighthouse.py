"""How Lighthouse rates the longest note beside a plain page of the same theme.

    python -m benchmarks.lighthouse [--runs 5]

Both pages are visited in turns, with an empty cache, served compressed from this machine; the
median of each number counts. What does not depend on speed is measured once. The exit status is 1
when a promise of docs/benchmarks.md does not hold.
"""

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path.append(str(Path(__file__).parents[1] / "tests" / "pages"))

from built_site import ADDRESS
from checkers import CATEGORIES, FORMS, Lighthouse, lighthouse, missing
from page_kinds import addresses
from plain_site import PAGE, build_plain
from runs import ROOT, callpath, run
from web_server import Served

_TIMES = (
    "first-contentful-paint",
    "largest-contentful-paint",
    "speed-index",
    "total-blocking-time",
)
_BEHIND = 5
"""Points of mobile performance that the note may have less than the plain page."""


@dataclass(frozen=True)
class Rating:
    """A page's rating: one whole run, and those that measure its speed."""

    whole: Lighthouse
    fast: list[Lighthouse]

    def score(self, category: str) -> float:
        """The median of a category's score; 0 to 100."""
        if category != "performance":
            return self.whole.score(category)
        return statistics.median(each.score(category) for each in self.fast)

    def number(self, audit: str) -> float:
        """The median of an audit's number, in its own unit."""
        return statistics.median(each.number(audit) for each in self.fast)


def main() -> int:
    """Build, measure, print, and say whether all promises hold."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("--runs", type=int, default=5)
    given = options.parse_args()
    if reason := missing("node", "chromium"):
        sys.exit(reason)
    broken: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        note, plain = Path(folder) / "note", Path(folder) / "plain"
        build_plain(plain)
        done = run("mkdocs", "build", "-q", "-d", note, at=ROOT, SITE_URL=ADDRESS)
        if done.status:
            sys.exit(done.said)
        report = json.loads(callpath("refs", "--format", "json", at=ROOT).out)
        with Served(note) as ours, Served(plain) as theirs:
            pages = (ours.address + addresses(report)["note"], theirs.address + PAGE)
            for form in FORMS:
                ratings = rate(pages, form, given.runs)
                sys.stdout.write("\n".join(table(form, *ratings)) + "\n")
                broken += [f"{form}: {each}" for each in promises(form, *ratings)]
    sys.stdout.write("\n".join(broken) + "\n" if broken else "all promises hold\n")
    return int(bool(broken))


def rate(pages: tuple[str, str], form: str, runs: int) -> tuple[Rating, Rating]:
    """Rate two pages by runs in turns."""
    whole = [lighthouse(page, form, CATEGORIES[1:]) for page in pages]
    fast = [[lighthouse(page, form, CATEGORIES[:1]) for page in pages] for _ in range(runs)]
    ours, theirs = zip(*fast, strict=True)
    return Rating(whole[0], list(ours)), Rating(whole[1], list(theirs))


def table(form: str, ours: Rating, theirs: Rating) -> Iterator[str]:
    """The lines to print for one form."""
    yield f"{form:26} {'note':>8} {'plain':>8}"
    for category in CATEGORIES:
        yield f"{category:26} {ours.score(category):8.0f} {theirs.score(category):8.0f}"
    for audit in _TIMES:
        yield f"{audit:26} {ours.number(audit):8.0f} {theirs.number(audit):8.0f} ms"
    yield f"{'cumulative-layout-shift':26} {ours.number('cumulative-layout-shift'):8.3f}"
    for page, rating in (("note", ours), ("plain", theirs)):
        runs = " ".join(str(each.score("performance")) for each in rating.fast)
        speeds = " ".join(
            f"{each.report['environment']['benchmarkIndex']:.0f}" for each in rating.fast
        )
        yield f"{page}: performance {runs}, speed of the machine {speeds}"


def promises(form: str, ours: Rating, theirs: Rating) -> Iterator[str]:
    """The promises that do not hold."""
    fast, least = ours.score("performance"), theirs.score("performance") - _BEHIND
    if form == "desktop" and fast < 100:
        yield f"performance is {fast:.0f}, not 100"
    if form == "mobile" and fast < least:
        yield f"performance is {fast:.0f}, more than {_BEHIND} under the plain page"
    for category in ("accessibility", "seo"):
        if ours.score(category) < min(theirs.score(category) + 1, 100):
            failed = ", ".join(ours.whole.failed(category))
            yield f"{category} is not above the plain page's: {failed}"
    if ours.score("best-practices") < 100:
        yield f"best practices: {', '.join(ours.whole.failed('best-practices'))}"
    if any(each.number("cumulative-layout-shift") for each in ours.fast):
        yield "the layout shifts"


if __name__ == "__main__":
    sys.exit(main())

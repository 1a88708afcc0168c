"""Compares `callpath check` with references of four sites that people looked up by hand.

    python tests/oracle/label_comparison.py SITES KERNEL [--version v6.12] [-v]

SITES holds the sites of `SITES` below at their commits, each as `OWNER+NAME` or `NAME`; KERNEL is a
git repository that has the version. The labels are in `labelled_references.jsonl`, an object a
line: where the reference stands (`site`, `page`, `line`, `column`, 1-based), what is `written`,
its `kind` (link, citation, name), the `verdict` against v6.12, the `rules` that have to tell of it,
and those that are `allowed` to; `right` is the right place or name. A label with `near_only` is of
a symbol that stands outside of the reference's sentence, or in a table: to miss it is no fault.

The exit status is 1 when one finding of a wrong or moved link or citation is false, more than 2 %
of the findings on labelled names are, or a wrong line is missed whose text names the symbol.
"""

import argparse
import json
import re
import subprocess
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LABELS = Path(__file__).with_name("labelled_references.jsonl")
SITES = {
    "laveeshb/linux-kernel-internals": "e5555339",
    "0xAX/linux-insides": "74ea07a9",
    "makelinux/linux_kernel_map": "f90cd2ad",
    "hust-open-atom-club/linux-insides-zh": "a35ed610",
}
HARD = {"missing-file", "missing-line", "wrong-line", "malformed-link"}
NAMES = {"unknown-name", "suspect-name"}
RULES = HARD | NAMES | {"suspect-line", "floating-link"}
SLACK = 2  # columns that a finding may be off: the mark-up around a code span
MOST_FALSE_NAMES = 0.02


@dataclass(frozen=True, slots=True)
class Outcome:
    """A label and the findings at its place."""

    label: dict[str, Any]
    found: tuple[dict[str, Any], ...]

    @property
    def rules(self) -> set[str]:
        """The rules of the findings."""
        return {one["rule"] for one in self.found}

    @property
    def false(self) -> set[str]:
        """The rules that should not speak of it."""
        held = set(self.label["rules"]) | set(self.label.get("allowed", ()))
        return self.rules - held - ({"suspect-line"} if self.is_line_told else set())

    @property
    def missed(self) -> set[str]:
        """The rules that should speak of it and do not; an allowed one may stand for them."""
        wanted = set(self.label["rules"]) - self.rules
        if self.rules & set(self.label.get("allowed", ())):
            wanted &= {"floating-link"}
        return wanted - ({"wrong-line"} if self.is_line_told else set())

    @property
    def is_line_told(self) -> bool:
        """Whether another rule's hint on a drifted line names the right one."""
        return "wrong-line" in self.label["rules"] and any(
            one["rule"] in ("suspect-line", "floating-link") and self.names_right_line(one)
            for one in self.found
        )

    @property
    def is_hint_true(self) -> bool:
        """Whether each hint on a drifted line names the right one, if it is known."""
        told_wrong = [one for one in self.found if one["rule"] == "wrong-line"]
        if not self.right_line or self.label.get("near_only"):
            return True
        return all(self.names_right_line(one) for one in told_wrong)

    @property
    def right_line(self) -> str:
        """The line where the thing is; empty if that is not known."""
        line = str(self.label.get("right", "")).rpartition(":")[2]
        return line if line.isdecimal() else ""

    def names_right_line(self, finding: dict[str, Any]) -> bool:
        """Whether a finding's hint has the right line, as a number or in an address."""
        hint = finding["hint"] or ""
        return bool(self.right_line and re.search(rf"(?:\b|[#nL]){self.right_line}\b", hint))


def main() -> int:
    """Compare, print, and say whether the limits hold."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("sites", type=Path, help="the folder of the sites")
    options.add_argument("kernel", type=Path, help="a git repository of Linux")
    options.add_argument("--version", default="v6.12")
    options.add_argument("-v", "--verbose", action="store_true", help="print what differs")
    given = options.parse_args()
    labels = [json.loads(line) for line in LABELS.read_text("utf-8").splitlines()]
    outcomes: list[Outcome] = []
    for site in SITES:
        of_site = [label for label in labels if label["site"] == site]
        folder = site_folder(given.sites, site)
        outcomes += matched(of_site, check(folder, given.kernel.resolve(), given.version))
    sys.stdout.write("".join(f"{line}\n" for line in told(outcomes, verbose=given.verbose)))
    return 0 if holds(outcomes) else 1


def site_folder(sites: Path, site: str) -> Path:
    """Where a site is."""
    for name in (site.replace("/", "+"), site.partition("/")[2]):
        if (sites / name).is_dir():
            return sites / name
    raise SystemExit(f"there is no `{site}` in {sites}")


def check(folder: Path, kernel: Path, version: str) -> list[dict[str, Any]]:
    """What the command finds in a site."""
    command = [sys.executable, "-c", "import sys; from callpath.cli import main; sys.exit(main())"]
    command += ["check", "docs" if (folder / "docs").is_dir() else "."]
    command += ["--source", f"{version}=git:{kernel}", "--format", "json"]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if result.returncode not in (0, 1):
        raise SystemExit(f"{folder.name}: {result.stderr}")
    found: list[dict[str, Any]] = json.loads(result.stdout)["diagnostics"]
    counts = Counter(one["rule"] for one in found if one["rule"] in RULES)
    told_counts = ", ".join(f"{count} {rule}" for rule, count in sorted(counts.items()))
    sys.stdout.write(f"{folder.name}: {told_counts or 'nothing'}\n")
    return found


def matched(labels: list[dict[str, Any]], found: list[dict[str, Any]]) -> list[Outcome]:
    """Each label with the findings that point at it."""
    at_line: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    for one in found:
        if one["rule"] in RULES:
            at_line[one["at"]["line"]].append(one)
    return [
        Outcome(label, tuple(one for one in at_line[label["line"]] if points_at(one, label)))
        for label in labels
    ]


def points_at(finding: dict[str, Any], label: dict[str, Any]) -> bool:
    """Whether a finding is of a label's reference."""
    if (finding["rule"] in NAMES) != (label["kind"] == "name"):
        return False
    page, file = f"/{label['page']}", f"/{finding['at']['file']}"
    if not (page.endswith(file) or file.endswith(page)):
        return False
    behind = int(finding["at"]["column"]) - int(label["column"])
    inside = len(str(label["written"])) if label["kind"] == "name" else SLACK
    return -SLACK <= behind <= inside


def told(outcomes: list[Outcome], *, verbose: bool) -> list[str]:
    """The figures as lines."""
    lines = [f"{len(outcomes)} labelled references"]
    for kind in ("link", "citation", "name"):
        of_kind = [one for one in outcomes if one.label["kind"] == kind]
        wrong = [one for one in of_kind if one.label["verdict"] in ("wrong", "moved")]
        false = [one for one in of_kind if one.false]
        lines.append(
            f"{kind}: {len(of_kind)}; with findings {sum(bool(one.found) for one in of_kind)}; "
            f"wrong or moved {len(wrong)}, told {sum(bool(one.found) for one in wrong)}; "
            f"false {len(false)}; missed {sum(bool(one.missed) for one in of_kind)}; "
            f"wrong hints {sum(not one.is_hint_true for one in of_kind)}"
        )
    lines.append(
        f"false among wrong and moved: {len(false_verdicts(outcomes))}; "
        f"false findings on names: {name_rate(outcomes):.1%}; "
        f"wrong lines missed: {len(missed_lines(outcomes))}"
    )
    if verbose:
        lines += [difference(one) for one in outcomes if is_off(one)]
    return lines


def false_verdicts(outcomes: list[Outcome]) -> list[Outcome]:
    """Links and citations that are said to be wrong or moved and are not."""
    return [one for one in outcomes if one.false & HARD or not one.is_hint_true]


def missed_lines(outcomes: list[Outcome]) -> list[Outcome]:
    """Wrong lines that were not told, although the text names the symbol."""
    return [
        one
        for one in outcomes
        if one.missed & {"wrong-line", "missing-line"} and not one.label.get("near_only")
    ]


def name_rate(outcomes: list[Outcome]) -> float:
    """The part of the findings on labelled names that is false."""
    told_names = [one for one in outcomes if one.rules & NAMES]
    return sum(bool(one.false) for one in told_names) / max(1, len(told_names))


def is_off(outcome: Outcome) -> bool:
    """Whether a label and the findings at its place differ."""
    return bool(outcome.false or outcome.missed or not outcome.is_hint_true)


def difference(outcome: Outcome) -> str:
    """What differs, as lines."""
    label = outcome.label
    head = "false" if outcome.false else "missed" if outcome.missed else "wrong hint"
    place = f"{label['site']} {label['page']}:{label['line']}:{label['column']}"
    text = f"{head}: {place}: `{label['written']}`, {label['verdict']}"
    text += f", expected {label['rules']}"
    if label.get("right") or label.get("note"):
        text += f" ({label.get('right', '')}; {label.get('note', '')})"
    for one in outcome.found:
        text += f"\n    {one['rule']}: {one['message']} / {one['hint']}"
    return text


def holds(outcomes: list[Outcome]) -> bool:
    """Whether the limits hold."""
    return (
        not false_verdicts(outcomes)
        and not missed_lines(outcomes)
        and name_rate(outcomes) <= MOST_FALSE_NAMES
    )


if __name__ == "__main__":
    raise SystemExit(main())

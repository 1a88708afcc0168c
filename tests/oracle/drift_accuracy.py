"""How often `callpath drift` is right, measured with universal-ctags on two unpacked kernel trees.

    python tests/oracle/drift_accuracy.py OLD NEW [--folder arch/x86/kvm/ …] [--sample 2000]

Every symbol of some folders is a reference. Precision: what is reported same, moved or moved-file
must have a tag of its name and kind at its new place, with the same text from its name to the tag's
end. Recall: what ctags finds under the same name and kind in the same file, or in exactly one other
file that did not have it before, must be found there. The exit status is 1 when one report of same,
moved or moved-file is wrong, or less than 99 % are found.
"""

import argparse
import json
import random
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from callpath.c import vocabulary
from callpath.drift.compare import Asked, compare_references
from callpath.drift.find import Side
from callpath.drift.match import Likeness, ReferenceDrift
from callpath.drift.renames import Traces
from callpath.facts.lock import DriftStatus
from callpath.findings import Location
from callpath.model import (
    Definition,
    Pin,
    Reference,
    Symbol,
    SymbolKind,
)
from callpath.projects import LINUX
from callpath.sources.spec import open_source, parse_spec
from callpath.verify.code import SourceCode

KINDS = ("function", "macro", "struct", "union", "enum", "enumerator", "typedef", "variable")
FOLDERS = ("arch/x86/kvm/", "virt/kvm/", "kernel/", "include/linux/")
UNMOVED = (DriftStatus.SAME, DriftStatus.MOVED, DriftStatus.MOVED_FILE)
COPIES = ("tools/", "samples/", "scripts/", "usr/", "Documentation/")


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag: its lines are 1-based and inclusive."""

    path: str
    line: int
    end: int
    kind: str


Tags = dict[tuple[str, str], list[Tag]]
"""By name and kind."""


def main() -> int:
    """Measure, print, and say whether the limits hold."""
    options = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    options.add_argument("old", type=Path, help="an unpacked kernel tree")
    options.add_argument("new", type=Path, help="another one")
    options.add_argument("--folder", action="append", help="a folder whose symbols are looked for")
    options.add_argument("--sample", type=int, default=2000, help="how many symbols, by chance")
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    folders = tuple(given.folder or FOLDERS)
    old, new = side_of(given.old), side_of(given.new)
    with old.code.source, new.code.source:
        wanted = list(references_in(old, folders))
        random.Random(given.seed).shuffle(wanted)  # noqa: S311 - a sample, no secret
        drifts, _ = compare_references(Asked(tuple(wanted[: given.sample]), ()), old, new)
        sys.stdout.write(blind_renames(drifts, old, new))
        names = {one.before.definition.name for one in drifts}
        return measure(drifts, given.old, given.new, names)


def side_of(root: Path) -> Side:
    """A tree as a version, the one that its Makefile tells."""
    version = LINUX.read_version((root / "Makefile").read_bytes()) or "unknown"
    pin = Pin("linux", version)
    return Side(pin, SourceCode(open_source(parse_spec(f"tree:{root}"), pin)))


def references_in(side: Side, folders: tuple[str, ...]) -> Iterator[Reference]:
    """A reference to every symbol of some folders."""
    for path in side.code.source.paths():
        if path.startswith(folders) and path.endswith((".c", ".h")):
            for piece in side.pieces(path):
                found = piece.definition
                if found.kind in KINDS:
                    symbol = Symbol(path, found.name, found.kind)
                    chosen = piece.occurrence if piece.of > 1 else 0
                    yield Reference(side.pin, symbol, Location(path, found.line), chosen)


def measure(drifts: list[ReferenceDrift], old: Path, new: Path, names: Collection[str]) -> int:
    """Compare with ctags, and print."""
    before, after = read_tags(old, names), read_tags(new, names)
    statuses = Counter(one.outcome.status for one in drifts)
    wrong = [one for one in drifts if _is_wrong(one, old, new, before, after)]
    unseen = [one for one in drifts if _is_unseen(one, before, after)]
    lines = [f"{len(drifts)} symbols: " + ", ".join(f"{statuses[s]} {s}" for s in DriftStatus)]
    unmoved = sum(statuses[status] for status in UNMOVED)
    lines.append(
        f"same, moved, moved-file: {unmoved}, of which ctags knows {unmoved - len(unseen)}; "
        f"wrong: {len(wrong)}"
    )
    lines += [f"  wrong: {_shown(one)}" for one in wrong[:20]]
    shares = []
    for label, there in (("the same file", _in_file), ("another file", _elsewhere)):
        existing = [(one, tag) for one in drifts if (tag := there(one, before, after)) is not None]
        missed = [one for one, tags in existing if not _is_found(one, tags)]
        share = 1 - len(missed) / len(existing) if existing else 1.0
        lines.append(f"still in {label}: {len(existing)}, found {100 * share:.2f} %")
        lines += [f"  missed: {_shown(one)}" for one in missed[:20]]
        shares.append((len(existing), len(missed)))
    total, lost = (sum(column) for column in zip(*shares, strict=True))
    lines.append(f"found in all: {100 * (1 - lost / total):.2f} %")
    sys.stdout.write("\n".join(lines) + "\n")
    return int(bool(wrong) or lost > total * 0.01)


def blind_renames(drifts: list[ReferenceDrift], old: Side, new: Side) -> str:
    """How renames are found when the true answer is known: changed functions, taken for renamed.

    Each is looked for under any of the names that its file has now and had not before, or its own;
    for each threshold of the score, how many would be told as renamed, and how many rightly.
    """
    likeness = Likeness()
    scores: list[tuple[float, bool]] = []
    for one in drifts:
        before, after = one.before, one.outcome.after
        kinds = (SymbolKind.FUNCTION, SymbolKind.STRUCT)
        if one.outcome.status is not DriftStatus.CHANGED or before.definition.kind not in kinds:
            continue
        if after is None or before.of > 1 or after.of > 1:
            continue
        known = old.names(before.definition.path) - {before.definition.name}
        there = new.pieces(after.definition.path)
        pool = [piece for piece in there if piece.definition.name not in known]
        candidates = Traces(before, likeness, pool).outcome().candidates
        if candidates:
            right = candidates[0].definition == after.definition
            scores.append((candidates[0].score, right))
    lines = [f"renames, blind: {len(scores)} changed functions and structs with a candidate"]
    for least in (0.6, 0.65, 0.7, 0.75, 0.8, 0.85):
        told = [right for score, right in scores if score >= least]
        share = 100 * sum(told) / len(told) if told else 100.0
        lines.append(f"  from {least:.2f} on: {len(told)} told, {share:.1f} % of them rightly")
    return "".join(f"{line}\n" for line in lines)


def _shown(one: ReferenceDrift) -> str:
    found, after = one.before.definition, one.outcome.after
    there = f"{after.definition.path}:{after.definition.line}" if after else "nowhere"
    what = f"{found.kind} {found.name} {found.path}:{found.line}"
    return f"{what} -> {one.outcome.status} {there} ({one.outcome.evidence})"


def read_tags(root: Path, names: Collection[str]) -> Tags:
    """What ctags finds in a tree under some names."""
    words = sorted(word.decode() for word in vocabulary.ANNOTATIONS)
    calls = sorted(f"{word.decode()}+" for word in vocabulary.ANNOTATION_CALLS)
    ignored = [part for word in (*words, *calls) for part in ("-I", word)]
    command = ["ctags", "--languages=C", "--langmap=C:.c.h", *ignored, "-R", "-f", "-"]
    command += ["--output-format=json", "--fields=+neK", "--sort=no", "."]
    tags: Tags = defaultdict(list)
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE) as run:
        for line in run.stdout or ():
            tag = json.loads(line.decode("utf-8", "replace"))
            if tag["name"] in names:
                path = tag["path"].removeprefix("./")
                end = tag.get("end", tag["line"])
                tags[tag["name"], tag["kind"]].append(Tag(path, tag["line"], end, tag["kind"]))
    return tags


def _at(definition: Definition, tags: Tags) -> Tag | None:
    for tag in tags.get((definition.name, definition.kind.value), ()):
        if (tag.path, tag.line) == (definition.path, definition.line):
            return tag
    return None


def _is_unseen(one: ReferenceDrift, before: Tags, after: Tags) -> bool:
    """Whether ctags does not know one of the two places, so that it cannot judge."""
    if one.outcome.status not in UNMOVED or one.outcome.after is None:
        return False
    old, new = one.before.definition, one.outcome.after.definition
    return _at(old, before) is None or _at(new, after) is None


def _is_wrong(one: ReferenceDrift, old: Path, new: Path, before: Tags, after: Tags) -> bool:
    if one.outcome.status not in UNMOVED or one.outcome.after is None:
        return False
    was, now = one.before.definition, one.outcome.after.definition
    is_same = (was.path, was.line) == (now.path, now.line)
    if is_same != (one.outcome.status is DriftStatus.SAME):
        return True
    if (was.path == now.path) != (one.outcome.status is not DriftStatus.MOVED_FILE):
        return True
    first, second = _at(was, before), _at(now, after)
    if first is None or second is None:  # ctags does not see it: the text alone decides
        first, second = (Tag(each.path, each.start, each.end, "") for each in (was, now))
    return _text(old, first, was.name) != _text(new, second, now.name)


def _text(root: Path, tag: Tag, name: str) -> list[bytes]:
    """The text of a tag, from its name on: the type before it may stand on a line of its own."""
    lines = (root / tag.path).read_bytes().split(b"\n")
    text = b" ".join(lines[tag.line - 1 : tag.end])
    text = text[text.find(name.encode()) :]
    # The comma behind a constant of an `enum` is not its own; the last one has none.
    return (text.partition(b",")[0] if tag.kind == "enumerator" else text).split()


def _in_file(one: ReferenceDrift, before: Tags, after: Tags) -> list[Tag] | None:
    """The tags of the name and kind in the same file; nothing when there is none."""
    found = one.before.definition
    if _at(found, before) is None:
        return None
    tags = after.get((found.name, found.kind.value), ())
    return [tag for tag in tags if tag.path == found.path] or None


def _elsewhere(one: ReferenceDrift, before: Tags, after: Tags) -> list[Tag] | None:
    """The tags in the one other file that has the name now and had it not before."""
    found = one.before.definition
    key = (found.name, found.kind.value)
    if _at(found, before) is None or any(tag.path == found.path for tag in after.get(key, ())):
        return None
    known = {tag.path for tag in before.get(key, ())}
    new = [t for t in after.get(key, ()) if t.path not in known and _same_side(t.path, found.path)]
    return new if len({tag.path for tag in new}) == 1 else None


def _same_side(path: str, own: str) -> bool:
    there, here = path.split("/"), own.split("/")
    other = there[0] == here[0] == "arch" and there[1] != here[1]
    return path.startswith(COPIES) == own.startswith(COPIES) and not other


def _is_found(one: ReferenceDrift, tags: list[Tag]) -> bool:
    """Whether one of these places is the one that is reported."""
    after = one.outcome.after
    if after is None:
        return False
    there = after.definition
    return any((tag.path, tag.line) == (there.path, there.line) for tag in tags)


if __name__ == "__main__":
    sys.exit(main())

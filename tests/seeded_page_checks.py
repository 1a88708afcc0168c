"""Checks pages, all in one run, and judges what is said of each."""

import os
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from callpath.checks import check_all
from callpath.findings import Finding
from callpath.fixing.plan import plan_fix
from callpath.model import Pin
from callpath.notebook import Notebook, read_notebook
from callpath.settings import PluginConfig
from callpath.sources.spec import Sources, parse_spec
from callpath.workspace import open_workspace
from kernel import write_files
from page_truths import Tree
from seeded_page_errors import PageError, PageSeeder
from seeded_pages import Page, PageMaker

_PATH = re.compile(r"`(\w[\w+./-]*/[\w+.-]+\.\w+)`")
SEED = int(os.environ.get("CALLPATH_SEED", "20241117"))
_OF_LOCK = ("not-locked",)
_NEVER_FIXED = frozenset(
    (
        *("blank line", "lone brace", "middle of a comment", "letter of a path"),
        *("ending of a path", "name of a function", "name of a macro", "name of a struct"),
        *("name of a member", "name of an option", "name on a page of its own", "name in a link"),
        *("function of another file", "floating viewer", "malformed", "broken reference"),
    )
)
"""What nobody can be sure of."""


def notebook_of(texts: Mapping[str, str], pin: Pin) -> Notebook:
    """A notebook of files; reStructuredText is beside it."""
    own = {path: text.encode() for path, text in texts.items() if not path.endswith(".rst")}
    book = Notebook.load(own, PluginConfig(pin=pin))
    loose = {path: text for path, text in texts.items() if path.endswith(".rst")}
    return replace(book, loose=loose)


def named(pages: Sequence[Page]) -> dict[str, Page]:
    """The pages by the names of their files."""
    return {f"p{number:04}{page.ending}": page for number, page in enumerate(pages)}


def sources_of(specs: Mapping[str, str]) -> Sources:
    """Sources by version; the empty one is that of all."""
    every = specs.get("")
    by_version = {version: parse_spec(spec) for version, spec in specs.items() if version}
    return Sources("linux", {"linux": parse_spec(every)} if every else {}, by_version)


def findings(pages: Sequence[Page], pin: Pin, sources: Sources) -> list[list[Finding]]:
    """What is said of each page, all checked in one run."""
    files = named(pages)
    book = notebook_of({path: page.text for path, page in files.items()}, pin)
    by_file: dict[str, list[Finding]] = defaultdict(list)
    for each in check_all(book, sources).findings:
        if each.rule not in _OF_LOCK:
            by_file[each.location.file].append(each)
    assert set(by_file) <= set(files), by_file
    return [by_file[path] for path in files]


def faults_of(
    errors: Sequence[PageError], tree: Tree, sources: Sources, other: Tree | None = None
) -> list[str]:
    """What is wrong with what is said of errors, a text for each."""
    pin = Pin("linux", tree.version)
    said = findings([error.page for error in errors], pin, sources)
    hints = [found.hint for each in said for found in each]
    truths = HintTruths(hints, [tree, *([other] if other else [])])
    faults = []
    for error, found in zip(errors, said, strict=True):
        if fault := _fault(error, found, truths):
            shown = "\n    ".join(f"{d.location} {d.rule}: {d.message} | {d.hint}" for d in found)
            claim = error.claim.text.strip()
            faults.append(f"{error.kind}: {fault}: {claim}\n    {shown}")
    return faults


def _fault(error: PageError, found: Sequence[Finding], truths: "HintTruths") -> str:
    if not found:
        return "not found"
    if len(found) > 1:
        return "more than one finding"
    only = found[0]
    if only.rule not in error.rules:
        return f"not one of {sorted(error.rules)}"
    place = error.page.place(error.number)
    if (only.location.line, only.location.column) != place:
        return f"not at {place[0]}:{place[1]}"
    if error.meant and not any(meant in only.hint for meant in error.meant):
        return f"the hint does not have {' or '.join(error.meant)}"
    return truths.fault(error, only.hint)


class HintTruths:
    """Whether what hints name is in a tree: paths, lines of names, words.

    Parameters:
        hints: All hints, whose words are looked up at once.
        trees: The versions that they may speak of.
    """

    def __init__(self, hints: Sequence[str], trees: Sequence[Tree]) -> None:
        self._trees = trees
        words = {word for hint in hints for word in _offered(hint)}
        self._absent = trees[0].absent(words)

    def fault(self, error: PageError, hint: str) -> str:
        """What is not true of a hint; empty if all is."""
        tree = next(
            (one for one in self._trees if one.version == error.claim.values.get("version")),
            self._trees[0],
        )
        for word in _offered(hint):
            if word in self._absent:
                return f"there is no {word}"
        paths = [] if error.kind == "malformed" else _PATH.findall(hint)
        for path in paths:
            if path not in tree.paths and not path.startswith("linux/"):
                return f"there is no {path}"
        places = re.findall(r"`(\w+)` is at line (\d+)", hint)
        here = [(name, error.truth.thing.path, line) for name, line in places]
        here += re.findall(r"`(\w+)` is at `([\w+./-]+):(\d+)`", hint)
        for name, path, line in here:
            is_there = path in tree.paths and (tree.root / path).is_file()
            if is_there and not tree.has(path, int(line), name):
                return f"{path}:{line} does not have {name}"
        return ""


def _offered(hint: str) -> list[str]:
    """The words that a hint says to be there."""
    offers = re.findall(r"did you mean (.*)\?", hint)
    return [word for offer in offers for word in re.findall(r"`(?:CONFIG_)?(\w+)`", offer)]


def fix_faults(
    errors: Sequence[PageError], tree: Tree, sources: Sources, folder: Path
) -> list[str]:
    """What `callpath fix` does otherwise than it must: restore what is certain, leave the rest."""
    pages = named([error.page for error in errors])
    config = f"site_name: Pages\nplugins: [callpath: {{pin: {tree.version}}}]\n"
    write_files(folder, {"mkdocs.yml": config})
    write_files(folder / "docs", {path: page.text for path, page in pages.items()})
    workspace = open_workspace(folder / "mkdocs.yml")
    fix = plan_fix(workspace, read_notebook(workspace), sources)
    changed = {change.path.name: change.after.decode() for change in fix.changes}
    faults = []
    for (path, page), error in zip(pages.items(), errors, strict=True):
        wanted = error.fixed.text if error.fixed else page.text
        is_known = error.fixed is not None or error.kind in _NEVER_FIXED
        if is_known and changed.get(path, page.text) != wanted:
            lines = changed.get(path, page.text).splitlines()
            shown = [
                f"{one}\n    {two}"
                for one, two in zip(wanted.splitlines(), lines, strict=False)
                if one != two
            ]
            faults.append(
                f"{error.kind}: fixed otherwise: {error.claim.text.strip()}\n    "
                + "\n    ".join(shown)
            )
    return faults


def check_pages(
    tree: Tree, sources: Sources, folder: Path, other: Tree | None = None
) -> Counter[str]:
    """Check true pages and pages with one error each, fix these, and count the errors by kind."""
    pages = PageMaker(tree, SEED).pages(20)
    clean = [
        f"{one}" for found in findings(pages, Pin("linux", tree.version), sources) for one in found
    ]
    assert not clean, f"seed {SEED}: on true pages:\n" + "\n".join(clean)
    errors = PageSeeder(tree, SEED, other).errors(pages, 15)
    faults = faults_of(errors, tree, sources, other)
    faults += fix_faults(
        [each for each in errors if each.page.ending == ".md"], tree, sources, folder
    )
    assert not faults, f"seed {SEED}: {len(faults)} of {len(errors)}\n" + "\n".join(faults)
    return Counter(error.kind for error in errors)

"""The works that are measured, each for both trees and for its peers, one reading at a time.

What the figures are compared with, and which goal they have, is in `rows.toml`.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from benchmarks.measure import MeasureError, Tree, Usage, environment, run, serving
from benchmarks.notebooks import new_repository, note_path, write_notebook, write_releases
from benchmarks.peers import write_plain, write_ready

Reading = Iterator[tuple[str, float]]
"""Figures by name; one that was read several times comes several times."""
Side = Callable[[], Reading]
"""One reading of a tree or of a peer."""

OLD, NEW = "v3.7", "v6.12"
"""The kernel's versions that this project's notebook is about."""
_SYMBOL = "svm_hardware_setup"
_PROGRAMS = Path(__file__).with_name("programs")
_EDITED = re.compile(r"commentary: \|\n +|# Drivers\n\n")
"""What an edit puts a word behind, in a note and on a page."""
_SLOW = 20.0
"""Seconds; an edit that takes longer is made once."""


class Skipped(Exception):  # noqa: N818 (no error: a row that cannot be measured here)
    """A row needs something that is not there; the text says what."""


@dataclass
class Bench:
    """Where and on what is measured.

    Attributes:
        folder: What is made for it; kept from one run to the next.
        trees: The checkouts by side, `before` and `now`; the first may be missing.
        kernel: A Git repository with both of the kernel's versions, if there is one.
        notes: How many the large notebook has, of ten symbols each.
        made: The notebooks that are there already, of this run.
    """

    folder: Path
    trees: Mapping[str, Tree]
    kernel: Path | None
    notes: int = 300
    made: set[Path] = field(default_factory=set)

    @property
    def now(self) -> Tree:
        """The checkout that the benchmark is part of."""
        return self.trees["now"]

    def of_trees(self, reading: Callable[["Bench", str, Tree], Reading]) -> dict[str, Side]:
        """A side for each tree."""
        return {side: partial(reading, self, side, tree) for side, tree in self.trees.items()}

    def source(self) -> Path:
        """The kernel's repository.

        Raises:
            Skipped: There is none.
        """
        if self.kernel is None:
            raise Skipped(f"it needs KERNEL=git:REPO, a repository with {OLD} and {NEW}")
        return self.kernel

    def own_notebook(self, side: str, tree: Tree) -> Path:
        """A copy of the notebook that a checkout has."""
        folder = self.folder / f"own-{side}"
        if folder not in self.made:
            new_repository(folder)
            shutil.copytree(tree.root / "notes", folder / "notes")
            shutil.copy(tree.root / "mkdocs.yml", folder)
            self.made.add(folder)
        return folder

    def notebook(self, side: str, tree: Tree, notes: int) -> Path:
        """A generated notebook, locked by a checkout."""
        folder = self.folder / f"notes-{notes}-{side}"
        if folder not in self.made:
            write_notebook(folder, notes)
            tree.callpath("lock", "--source", "tree:tree", at=folder, statuses=(0,))
            self.made.add(folder)
        return folder

    def ready(self) -> Path:
        """The pages of the notebook with 3,000 symbols as ready HTML."""
        folder = self.folder / "ready"
        if folder not in self.made:
            notebook = self.notebook("now", self.now, self.notes)
            if not (notebook / "site").exists():
                self.now.mkdocs("build", "-q", at=notebook)
            write_ready(folder, notebook / "site")
            self.made.add(folder)
        return folder


def forget(folder: Path) -> None:
    """Remove what a first run does not have: the cache, and the site."""
    for name in (".cache", "site"):
        shutil.rmtree(folder / name, ignore_errors=True)


def check(bench: Bench) -> dict[str, Side]:
    """`check --source` of this project's notebook at two versions of the kernel."""
    repository = bench.source()
    sources = [f"--source={version}=git:{repository}" for version in (OLD, NEW)]

    def reading(bench: Bench, side: str, tree: Tree) -> Reading:
        return _twice(tree, bench.own_notebook(side, tree), "check", *sources)

    return bench.of_trees(reading)


def drift(bench: Bench) -> dict[str, Side]:
    """`drift` of this project's notebook."""
    source = f"--source=git:{bench.source()}"

    def reading(bench: Bench, side: str, tree: Tree) -> Reading:
        return _twice(tree, bench.own_notebook(side, tree), "drift", OLD, NEW, source)

    return bench.of_trees(reading)


def _twice(tree: Tree, folder: Path, *words: str) -> Reading:
    forget(folder)
    for name in ("first", "second"):
        usage = tree.callpath(*words, at=folder)
        yield name, usage.processor
        yield f"{name} wall", usage.wall
        yield f"{name} memory", usage.memory


def parse(bench: Bench) -> dict[str, Side]:
    """What files of the kernel define, and what is inside of all definitions."""
    places = ("arch/x86/kvm", "virt/kvm", "kernel/sched", "include/linux/sched")
    folder = _unpacked(bench, "parsed", *places)
    files = [path for path in sorted(folder.rglob("*.[ch]")) if path.is_file()]

    def reading(bench: Bench, side: str, tree: Tree) -> Reading:
        return _told(tree, "all")

    def _told(tree: Tree, part: str) -> Reading:
        out = tree.program(_program("parse"), part, folder, at=bench.folder).out
        yield from json.loads(out).items()

    def tags() -> Reading:
        yield "tags", run("ctags", "-f", "-", *files, at=bench.folder).processor

    peers: dict[str, Side] = {"tree-sitter": partial(_told, bench.now, "bare")}
    return {**bench.of_trees(reading), **peers} | ({"ctags": tags} if shutil.which("ctags") else {})


def _program(name: str) -> str:
    return (_PROGRAMS / f"{name}.py").read_text(encoding="utf-8")


def _unpacked(bench: Bench, name: str, *places: str) -> Path:
    """Files of the newer version of the kernel, in a folder that is kept."""
    repository, folder = bench.source(), bench.folder / name
    if not folder.exists():
        part = folder.with_name(f"{name}.part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        git = ("git", "-C", str(repository), "archive", NEW, *places)
        with subprocess.Popen(git, stdout=subprocess.PIPE, env=environment()) as archive:  # noqa: S603
            subprocess.run(["tar", "x", "-C", part], stdin=archive.stdout, check=True)  # noqa: S603, S607
        part.rename(folder)
    return folder


def build(bench: Bench) -> dict[str, Side]:
    """The site of a notebook of 3,000 symbols: without a cache, and again."""
    zensical = bench.now.python.with_name("zensical")

    def reading(bench: Bench, side: str, tree: Tree) -> Reading:
        return _built(partial(tree.mkdocs, "build", "-q"), bench.notebook(side, tree, bench.notes))

    def ready() -> Reading:
        return _built(partial(bench.now.mkdocs, "build", "-q"), bench.ready())

    def plain(*command: str | Path) -> Reading:
        folder = bench.folder / "plain"
        if folder not in bench.made:
            write_plain(folder, bench.notes)
            bench.made.add(folder)
        return _built(partial(run, *command), folder)

    return {
        **bench.of_trees(reading),
        "floor": ready,
        "plain": partial(plain, bench.now.python, "-m", "mkdocs", "build", "-q"),
        "zensical": partial(plain, zensical, "build", "-f", "mkdocs.yml"),
    }


def _built(
    make: Callable[..., Usage], folder: Path, runs: Sequence[str] = ("cold", "warm")
) -> Reading:
    forget(folder)
    for name in runs:
        usage = make(at=folder)
        yield name, usage.processor
        yield f"{name} wall", usage.wall
        yield f"{name} memory", usage.memory
    files = [path for path in (folder / "site").rglob("*") if path.is_file()]
    yield "pages", sum(path.suffix == ".html" for path in files)
    yield "site", sum(path.stat().st_size for path in files) / 1e6
    index = [path for path in files if path.name in ("search_index.json", "search.json")]
    yield "index", sum(path.stat().st_size for path in index) / 1e6


def _cold(bench: Bench, side: str, tree: Tree, notes: int) -> dict[str, float]:
    make = partial(tree.mkdocs, "build", "-q")
    return dict(_built(make, bench.notebook(side, tree, notes), ["cold"]))


def pages(bench: Bench) -> dict[str, Side]:
    """What a page costs in sites of 300, 3,000 and 10,000 symbols.

    The commit before is not asked for the largest, to keep the whole short.
    """

    def reading(bench: Bench, side: str, tree: Tree) -> Reading:
        least = _cold(bench, side, tree, 1)
        sizes = (300, 3000, 10_000) if side == "now" else (300, 3000)
        for size in sizes:
            found = _cold(bench, side, tree, max(2, size * bench.notes // 3000))
            more = (found["cold"] - least["cold"]) / (found["pages"] - least["pages"])
            yield f"at {size:,}", more * 1000
            yield f"memory at {size:,}", found["cold memory"]

    return bench.of_trees(reading)


def edit(bench: Bench) -> dict[str, Side]:
    """From the edit of a note to its page, under `mkdocs serve`; seconds on the clock."""

    def reading(bench: Bench, side: str, tree: Tree) -> Reading:
        own, large = bench.own_notebook(side, tree), bench.notebook(side, tree, bench.notes)
        yield from _edited(tree, own, own / "notes/kvm/per-cpu.yml", "", "kvm/per-cpu/", "five")
        note = large / "docs" / note_path(0, bench.notes)
        yield from _edited(tree, large, note, "drivers/", "units/unit_0/", "large")

    def nothing() -> Reading:
        folder = bench.ready()
        home = folder / "docs/index.md"
        yield from _edited(bench.now, folder, home, "drivers/", "", "large")

    return {**bench.of_trees(reading), "mkdocs": nothing}


def _edited(tree: Tree, folder: Path, note: Path, path: str, page: str, name: str) -> Reading:
    text = note.read_text(encoding="utf-8")

    def command(port: int) -> list[str | Path]:
        return [tree.python, "-m", "mkdocs", "serve", "-q", "--dev-addr", f"127.0.0.1:{port}"]

    try:
        with serving(command, at=folder, path=path, PYTHONPATH=tree.path) as server:
            yield f"{name} start", server.shows(page, "</html>")
            for number in range(3):
                edited = _EDITED.sub(rf"\g<0>Edited{number} ", text, count=1)
                note.write_text(edited, encoding="utf-8")
                seconds = server.shows(page, f"Edited{number}")
                yield name, seconds
                if seconds > _SLOW:
                    break
    finally:
        note.write_text(text, encoding="utf-8")


def start(bench: Bench) -> dict[str, Side]:
    """What the small commands take."""
    times = range(3)

    def reading(bench: Bench, side: str, tree: Tree) -> Reading:
        own, large = bench.own_notebook(side, tree), bench.notebook(side, tree, bench.notes)
        for _ in times:
            yield "help", tree.callpath("--help", at=own).processor
            yield "check", tree.callpath("check", at=own).processor
            opened = "import callpath; callpath.open_notebook('mkdocs.yml')"
            yield "open", tree.program(opened, at=own).processor
        yield from _twice(tree, large, "check")

    def imports(words: str) -> Reading:
        for _ in times:
            yield "import", bench.now.program(f"import {words}", at=bench.folder).processor

    peers = {words: partial(imports, words) for words in ("click", "yaml, pydantic")}
    return {**bench.of_trees(reading), **peers}


def lock(bench: Bench) -> dict[str, Side]:
    """`lock` and `check --source` of 3,000 symbols."""

    def reading(bench: Bench, side: str, tree: Tree) -> Reading:
        folder = bench.notebook(side, tree, bench.notes)
        for command in ("lock", "check"):
            for name, value in _twice(tree, folder, command, "--source=tree:tree"):
                yield f"{command} {name}", value

    return bench.of_trees(reading)


def find(bench: Bench) -> dict[str, Side]:
    """Where a symbol went, in the whole tree of a kernel; seconds on the clock."""
    tree_of_kernel, folder = _unpacked(bench, "linux"), bench.folder / "finding"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "docs").mkdir(parents=True)
    note = f"title: A\nsteps: [{{function: {_SYMBOL}, file: arch/x86/kvm/svm.c}}]\n"
    (folder / "docs/a.yml").write_text(note, encoding="utf-8")
    settings = f"site_name: A\nplugins: [callpath: {{pin: {NEW}}}]\n"
    (folder / "mkdocs.yml").write_text(settings, encoding="utf-8")

    def reading(bench: Bench, side: str, tree: Tree) -> Reading:
        source = f"--source=tree:{tree_of_kernel}"
        forget(folder)
        for name in ("first", "second"):
            usage = tree.program(_program("find"), source, at=folder)
            if f"defines `{_SYMBOL}`" not in usage.out:
                raise MeasureError(f"`{_SYMBOL}` was not found: {usage.out[:200]}")
            yield name, float(usage.out.splitlines()[-1])
            yield f"{name} processor", usage.processor

    def searched(*command: str | Path) -> Reading:
        usage = run(*command, at=bench.folder)
        yield "first", usage.wall
        yield "first processor", usage.processor

    git = ("git", "-C", bench.source(), "grep", "-lw", _SYMBOL, NEW, "--", "*.c", "*.h")
    grep = partial(searched, "grep", "-rlw", _SYMBOL, tree_of_kernel)
    return {"grep": grep, "git grep": partial(searched, *git), **bench.of_trees(reading)}


def eras(bench: Bench) -> dict[str, Side]:
    """`eras` of 300 symbols over 17 generated releases."""
    notes = 30
    source = write_releases(bench.folder / "releases", notes, releases=17, functions=400)

    def reading(bench: Bench, side: str, tree: Tree) -> Reading:
        return _twice(tree, bench.notebook(side, tree, notes), "eras", f"--source={source}")

    def bare() -> Reading:
        folder = source.removeprefix("git:")
        out = bench.now.program(_program("parse"), "blobs", folder, at=bench.folder).out
        yield from json.loads(out).items()

    return {**bench.of_trees(reading), "tree-sitter": bare}


def clone(bench: Bench) -> dict[str, Side]:
    """From a fresh clone to the first page by `make serve`; seconds on the clock."""

    def reading(bench: Bench, side: str, tree: Tree) -> Reading:
        folder = bench.folder / f"clone-{side}"
        shutil.rmtree(folder, ignore_errors=True)
        run("git", "clone", "--quiet", tree.root, folder, at=bench.folder)
        with serving(lambda port: ["make", "serve", f"PORT={port}"], at=folder) as server:
            yield "page", server.shows("", "</html>")
        shutil.rmtree(folder)

    return bench.of_trees(reading)


ROWS: Mapping[str, Callable[[Bench], dict[str, Side]]] = {
    row.__name__: row
    for row in (check, drift, parse, build, pages, edit, start, lock, find, eras, clone)
}
"""How each row is measured, by its name."""

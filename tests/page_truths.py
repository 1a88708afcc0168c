"""A tree as ctags and grep see it: what the pages of these tests say, and whether hints are true.

Nothing here asks the program under test.
"""

import json
import random
import re
import subprocess
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

FOLDERS = (
    *("arch/x86/kvm", "block", "fs", "init", "kernel", "mm", "net/core", "net/ipv4", "security"),
    "virt/kvm",
)
_FILES = 90  # files of which ctags is asked
_LONG = 8  # characters of a name that nobody writes by chance
_MANY = 40  # uses of a name in a file; of more, the program does not look at all


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that is defined in a file.

    Attributes:
        line: That of its name.
        end: The last one.
        kind: As ctags has it.
    """

    name: str
    path: str
    line: int
    end: int = 0
    kind: str = "function"


@dataclass(frozen=True)
class Tree:
    """A version of the kernel.

    Parameters:
        root: A folder with files of it; there may be more elsewhere.
        paths: All files that it has.
        archive: The command that writes all files one after the other, to be searched; empty if
            they are all below the root.
    """

    root: Path
    version: str
    paths: frozenset[str]
    archive: Sequence[str] = ()

    def lines(self, path: str) -> Sequence[str]:
        """The lines of a file; the first one has the index 1."""
        if path not in self._lines:
            text = (self.root / path).read_text("utf-8", "replace")
            self._lines[path] = ["", *text.removesuffix("\n").split("\n")]
        return self._lines[path]

    @cached_property
    def _lines(self) -> dict[str, list[str]]:
        return {}

    @cached_property
    def files(self) -> Sequence[str]:
        """The files that pages speak of: C of some length, chosen by chance with a fixed seed."""
        fit = [
            path
            for folder in FOLDERS
            for path in sorted(self.paths)
            if path.startswith(folder + "/") and path.endswith(".c") and self._is_fit(path)
        ]
        return sorted(random.Random(1).sample(fit, min(_FILES, len(fit))))  # noqa: S311

    def _is_fit(self, path: str) -> bool:
        file = self.root / path
        return file.is_file() and 6_000 < file.stat().st_size < 120_000

    @cached_property
    def tags(self) -> Sequence[Thing]:
        """What ctags finds in these files and in the headers of `include/linux`."""
        headers = [
            f"include/linux/{path.name}" for path in self.root.glob("include/linux/[k-s]*.h")
        ]
        return [*self._tags(self.files, "fd"), *self._tags(sorted(headers), "sm")]

    def _tags(self, files: Sequence[str], kinds: str) -> list[Thing]:
        command = ["ctags", "--languages=C", "--langmap=C:.c.h", "--output-format=json"]
        command += ["--fields=+ne", f"--kinds-C={kinds}", "-o", "-", *files]
        run = subprocess.run(command, cwd=self.root, check=True, capture_output=True, text=True)
        tags = (json.loads(line) for line in run.stdout.splitlines())
        return [
            Thing(tag["name"], tag["path"], tag["line"], tag.get("end", tag["line"]), tag["kind"])
            for tag in tags
            if re.fullmatch(r"[A-Za-z]\w*", tag["name"], re.ASCII)
        ]

    @cached_property
    def functions(self) -> Sequence[Thing]:
        """Functions of which it is clear where they begin and end, in the order of their places."""
        found = [tag for tag in self.tags if tag.kind == "function"]
        many = Counter(tag.name for tag in found)
        return sorted(
            (tag for tag in found if many[tag.name] == 1 and self._is_clear(tag)),
            key=lambda tag: (tag.path, tag.line),
        )

    def _is_clear(self, tag: Thing) -> bool:
        lines = self.lines(tag.path)
        uses = sum(tag.name in line for line in lines)
        return (
            len(tag.name) >= _LONG
            and "_" in tag.name
            and tag.end > tag.line + 4
            and f"{tag.name}(" in lines[tag.line]
            and re.match(r"[a-z]", lines[tag.line]) is not None
            and lines[tag.end] == "}"
            and uses < _MANY
            and not any(f"struct {tag.name}" in line for line in lines)
            and not lines[tag.line - 1].strip()
        )

    @cached_property
    def names(self) -> dict[str, list[Thing]]:
        """Things of the kinds `macro`, `struct`, `member`, whose names are long enough."""
        found: dict[str, list[Thing]] = defaultdict(list)
        for tag in self.tags:
            if len(tag.name) >= _LONG and "_" in tag.name.strip("_"):
                found[tag.kind].append(tag)
        return {kind: sorted(things, key=lambda one: one.name) for kind, things in found.items()}

    @cached_property
    def options(self) -> Sequence[str]:
        """Options of Kconfig."""
        files = [*self.root.glob("init/Kconfig*"), *self.root.glob("*/Kconfig*")]
        found = {
            name
            for file in files
            if file.is_file()
            for name in re.findall(r"(?m)^config ([A-Z][A-Z0-9_]+)$", file.read_text("utf-8"))
        }
        return sorted(name for name in found if len(name) >= _LONG and "_" in name)

    @cached_property
    def lone(self) -> frozenset[str]:
        """The files of `files` whose name no other file of the tree has."""
        many = Counter(path.rpartition("/")[2] for path in self.paths)
        return frozenset(path for path in self.files if many[path.rpartition("/")[2]] == 1)

    def has(self, path: str, line: int, name: str) -> bool:
        """Whether a line has a word."""
        lines = self.lines(path)
        return line < len(lines) and re.search(rf"\b{name}\b", lines[line], re.ASCII) is not None

    def function_at(self, path: str, line: int) -> str:
        """The name of the function that a line is in; empty if ctags sees none there."""
        inside = (tag for tag in self.tags if tag.path == path and tag.kind == "function")
        return next((tag.name for tag in inside if tag.line <= line <= tag.end), "")

    def absent(self, words: Iterable[str]) -> frozenset[str]:
        """Those of some words that no file has, by one run of grep."""
        asked = sorted(set(words))
        grep = ["grep", "-aohwF", "\n".join(asked)]
        if self.archive:
            with subprocess.Popen(self.archive, stdout=subprocess.PIPE) as reading:
                out = subprocess.run(grep, stdin=reading.stdout, capture_output=True, check=False)
        else:
            out = subprocess.run(
                [*grep, "-r", "."], cwd=self.root, capture_output=True, check=False
            )
        return frozenset(asked).difference(out.stdout.decode("utf-8", "replace").split("\n"))

    def true_names(self, names: Collection[str]) -> bool:
        """Whether the tree has all of these words."""
        return not self.absent(names)


def tree_of_folder(root: Path, version: str) -> Tree:
    """The tree that is in a folder."""
    paths = (path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())
    return Tree(root, version, frozenset(paths))


def tree_of_git(repository: Path, version: str, folder: Path) -> Tree:
    """The tree of a tag of a bare repository, of which a part is written into a folder."""
    git = ["git", f"--git-dir={repository}"]
    names = subprocess.run(
        [*git, "ls-tree", "-r", "--name-only", version], check=True, capture_output=True, text=True
    )
    paths = frozenset(names.stdout.splitlines())
    tops = ("arch/x86/", "block/", "fs/", "init/", "kernel/", "mm/", "net/core/", "net/ipv4/")
    tops = (*tops, "security/", "virt/", "include/linux/")
    wanted = sorted({top for top in tops if any(path.startswith(top) for path in paths)})
    folder.mkdir(parents=True, exist_ok=True)
    with subprocess.Popen([*git, "archive", version, *wanted], stdout=subprocess.PIPE) as reading:
        subprocess.run(["tar", "-x", "-C", folder], stdin=reading.stdout, check=True)
    return Tree(folder, version, paths, (*git, "archive", version))

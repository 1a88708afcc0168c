"""Runs universal-ctags over kernel source and compares what it finds with the C parser's facts."""

import json
import os
import re
import shutil
import subprocess
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from callpath.c import vocabulary
from callpath.c.facts import SourceFile
from callpath.c.file import read_code

KINDS = ("function", "macro", "struct", "variable")
FOLDERS = ("arch/x86/kvm/", "virt/kvm/")


@dataclass(frozen=True, slots=True, order=True)
class Tag:
    """One definition: of ctags or of the parser."""

    path: str
    line: int
    kind: str
    name: str


@dataclass(slots=True)
class Comparison:
    """What each side has, per kind and file ending, and what the other lacks of it."""

    theirs: list[Tag] = field(default_factory=list)
    missing: list[Tag] = field(default_factory=list)
    ours: list[Tag] = field(default_factory=list)
    extra: list[Tag] = field(default_factory=list)

    def share(self, part: str, whole: str, kind: str = "", ending: str = "") -> float:
        """How much of one list is in another, 0 to 1, perhaps for one kind and file ending."""
        counts = [
            sum(kind in ("", t.kind) and t.path.endswith(ending) for t in getattr(self, each))
            for each in (part, whole)
        ]
        return counts[0] / counts[1] if counts[1] else 0.0


def unavailable(reason: str) -> None:
    """Skip, or fail where everything is expected to be installed."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def unpacked_kernel(
    folder: Path, folders: tuple[str, ...] = FOLDERS, tarball: str = "linux-source-*.tar.xz"
) -> Path:
    """Unpack some folders of Debian's kernel source below a folder."""
    tarballs = sorted(Path("/usr/src").glob(tarball))
    if not tarballs:
        unavailable(f"no /usr/src/{tarball}: install the Debian package linux-source")
    with tarfile.open(tarballs[-1]) as archive:
        for member in archive:
            inside = member.name.partition("/")[2]
            if member.isfile() and inside.startswith(folders) and inside.endswith((".c", ".h")):
                content = archive.extractfile(member)
                target = folder / inside
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content.read() if content is not None else b"")
    return folder


def run_ctags(root: Path, paths: Iterable[str]) -> list[Tag]:
    """Everything that ctags finds in the files.

    It is told which words are annotations (`-I`): otherwise it takes `static int x __read_mostly;`
    for a variable of the name `__read_mostly`.
    """
    if shutil.which("ctags") is None:
        unavailable("no ctags: install the Debian package universal-ctags")
    words = sorted(word.decode() for word in vocabulary.ANNOTATIONS)
    calls = sorted(f"{word.decode()}+" for word in vocabulary.ANNOTATION_CALLS)
    ignored = [part for word in (*words, *calls) for part in ("-I", word)]
    command = ["ctags", "--languages=C", "--langmap=C:.c.h", *ignored, "-L", "-", "-f", "-"]
    json_too = "json" in _output(["ctags", "--list-features"], "", root)
    command += ["--output-format=json"] if json_too else ["--sort=no"]
    output = _output([*command, "--fields=+neKzS"], "\n".join(paths), root)
    return sorted(_read_json(output) if json_too else _read_columns(output))


def _output(command: list[str], stdin: str, root: Path) -> str:
    run = subprocess.run(command, cwd=root, input=stdin.encode(), capture_output=True, check=True)
    return run.stdout.decode("utf-8", "replace")


def _read_json(output: str) -> Iterator[Tag]:
    for row in map(json.loads, output.splitlines()):
        yield Tag(row["path"], row["line"], row["kind"], row["name"])


def _read_columns(output: str) -> Iterator[Tag]:
    pattern = re.compile(r'^(\S+)\t(\S+)\t.*;"\tkind:(\w+)\tline:(\d+)', re.MULTILINE)
    for name, path, kind, line in pattern.findall(output):
        yield Tag(path, int(line), kind, name)


def compare(root: Path, tags: Iterable[Tag]) -> tuple[Comparison, list[str]]:
    """Compare ctags with the parser, and list the functions whose range does not end at a body."""
    by_path: dict[str, list[Tag]] = {}
    for tag in tags:
        by_path.setdefault(tag.path, []).append(tag)
    macros = {tag.name for found in by_path.values() for tag in found if tag.kind == "macro"}
    result = Comparison()
    odd_ends: list[str] = []
    for path, found in sorted(by_path.items()):
        text = (root / path).read_bytes()
        source = read_code(path, text).facts
        lines = text.decode("utf-8", "replace").split("\n")
        _compare_file(result, source, found, macros, lines)
        odd_ends.extend(_odd_ends(source, lines))
    return result, odd_ends


def _compare_file(
    result: Comparison, source: SourceFile, found: list[Tag], macros: set[str], lines: list[str]
) -> None:
    theirs = {
        tag
        for tag in found
        if tag.kind in KINDS
        and not tag.name.startswith("__anon")  # ctags' own name for what has none
        and not _is_macro_call(tag, macros)
        and not _is_tentative(tag, source)
    }
    ours = {
        Tag(d.path, d.line, d.kind.value, d.name)
        for d in source.definitions
        if d.kind.value in KINDS
    }
    result.theirs.extend(theirs)
    result.missing.extend(theirs - ours)
    result.ours.extend(ours)
    result.extra.extend(
        tag for tag in ours - set(found) if not _is_argument(tag, lines[tag.line - 1])
    )


def _is_macro_call(tag: Tag, macros: set[str]) -> bool:
    """Rule 1: ctags takes the call of a macro at file level for a function of the macro's name.

    It is one when the files themselves define a macro of that name, or when the macro is one of
    those that head a function (`SYSCALL_DEFINE1`), which the parser records as `sys_…`.
    """
    return tag.kind == "function" and (
        tag.name in macros or tag.name.encode() in vocabulary.FUNCTION_MACROS
    )


def _is_tentative(tag: Tag, source: SourceFile) -> bool:
    """Rule 2: a tentative definition that the same file completes is a declaration."""
    return tag.kind == "variable" and any(
        declared.name == tag.name and declared.line == tag.line for declared in source.declarations
    )


def _is_argument(tag: Tag, line: str) -> bool:
    """Rule 3: ctags does not see variables that a macro defines (`DEFINE_MUTEX(lock)`)."""
    pattern = rf"\b[A-Z][A-Z0-9_]+\([^)]*\b{re.escape(tag.name)}\b"
    return tag.kind == "variable" and re.search(pattern, line) is not None


def _odd_ends(source: SourceFile, lines: list[str]) -> Iterator[str]:
    """Functions whose last line neither begins with `}` nor holds the end of a short body."""
    for found in source.definitions:
        last = lines[found.end - 1]
        if found.kind == "function" and not (last.startswith("}") or last.rstrip().endswith("}")):
            yield f"{found.path}:{found.end}: {found.name}"

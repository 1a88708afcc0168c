"""The C parser against universal-ctags on Debian's Linux 6.12: nothing lost, nothing invented.

Where the two differ, one of these rules says why, each with its reason; no rule names a symbol.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import ctags_oracle
import pytest
from ctags_oracle import Tag

from callpath.c.file import read_code
from callpath.c.vocabulary import FUNCTION_MACROS, KEYWORDS
from callpath.model import Definition

pytestmark = pytest.mark.oracle

TARBALL = "linux-source-6.12.tar.xz"
FOLDERS = ("kernel/", "mm/", "fs/ext4/", "net/core/", "include/linux/", "arch/x86/kvm/")
PREFIXES = {"", *FUNCTION_MACROS.values()}


class Files:
    """The lines and the definitions of the compared files."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.line = cache(self._line)
        self.definitions = cache(self._definitions)

    def _line(self, path: str, number: int) -> str:
        text = (self._root / path).read_bytes().decode("utf-8", "replace")
        lines = text.split("\n")
        return lines[number - 1] if 0 < number <= len(lines) else ""

    def _definitions(self, path: str) -> tuple[Definition, ...]:
        return read_code(path, (self._root / path).read_bytes()).facts.definitions


def is_in_body(tag: Tag, files: Files) -> bool:
    """A struct inside of a function is local to it; the parser lists what a file defines."""
    return any(
        found.kind == "function" and found.start < tag.line < found.end
        for found in files.definitions(tag.path)
    )


def is_call(tag: Tag, line: str) -> bool:
    """A macro's call at file level without a semicolon is no function of the macro's name."""
    return tag.kind == "function" and re.match(rf"{tag.name}\(", line) is not None


def is_annotation(tag: Tag, line: str) -> bool:
    """A word behind a variable's name, or behind a struct's `}`, is an annotation."""
    looks_like_one = re.fullmatch(r"__\w+|[A-Z][A-Z0-9_]+", tag.name) is not None
    pattern = rf"(\w+ |\}} ?)+{tag.name}\s*(;|=|$)"
    return tag.kind == "variable" and looks_like_one and re.search(pattern, line) is not None


def is_argument(tag: Tag, line: str) -> bool:
    """The name of a variable that a macro pastes is not the macro's argument."""
    return tag.kind == "variable" and re.search(rf"\w\([^)]*\b{tag.name}\b", line) is not None


def is_member(tag: Tag, before: str) -> bool:
    """A member of a struct whose head is a macro without arguments is no variable."""
    return tag.kind == "variable" and re.fullmatch(r"[A-Z][A-Z_]+ \{", before) is not None


def lost(tags: Iterable[Tag], files: Files) -> Iterator[str]:
    """What ctags rightly has and the parser lacks."""
    for tag in tags:
        line = files.line(tag.path, tag.line)
        if not (
            (tag.kind == "struct" and is_in_body(tag, files))
            or is_call(tag, line)
            or is_annotation(tag, line)
            or is_argument(tag, line)
            or is_member(tag, files.line(tag.path, tag.line - 1))
        ):
            yield f"{tag} | {line}"


def is_written(tag: Tag, line: str) -> bool:
    """Whether a symbol's line is surely one of its definition.

    ctags gives up a file's scope behind code that it cannot read, and misses what follows.
    """
    before = r"(?:[\w*]+\s+|\*)*(?:\w+\([^()]*\)\s+)?(?:[\w*]+\s+)*\**"
    name = re.escape(tag.name)
    if tag.kind == "function":
        return re.match(rf"\s*{before}{name}\s*\(", line) is not None
    if tag.kind == "variable":
        return re.match(rf"\s*(?:\}}\s*)?{before}{name}\b(?!\()", line) is not None
    keyword = {"macro": r"#\s*define", "struct": r"(?:typedef\s+)?struct"}[tag.kind]
    return re.match(rf"\s*(?:\w+ )*{keyword}\s+(?:\w+\s+)*{name}\b", line) is not None


def is_pointer(tag: Tag, line: str) -> bool:
    """A pointer to a function, or an array of them."""
    return tag.kind == "variable" and re.search(rf"\(\*(?:const )?{tag.name}\b", line) is not None


def is_made(tag: Tag, line: str) -> bool:
    """A name that stands in the brackets of a macro, perhaps without what the macro prefixes."""
    names = {tag.name.removeprefix(prefix) for prefix in PREFIXES}
    return any(re.search(rf"\w\(\s*{name}\b", line) for name in names)


def invented(tags: Iterable[Tag], files: Files) -> Iterator[str]:
    """What the parser has and the source has not."""
    for tag in tags:
        line = files.line(tag.path, tag.line)
        if not (is_written(tag, line) or is_pointer(tag, line) or is_made(tag, line)):
            yield f"{tag} | {line}"


def test_nothing_is_lost_and_nothing_is_invented(tmp_path: Path) -> None:
    # One test: the parallel processes of a run would each unpack and read the whole source.
    root = ctags_oracle.unpacked_kernel(tmp_path, FOLDERS, TARBALL)
    paths = sorted(str(path.relative_to(root)) for path in root.rglob("*.[ch]"))
    comparison, _ = ctags_oracle.compare(root, ctags_oracle.run_ctags(root, paths))
    files = Files(root)
    assert len(comparison.theirs) > 150_000
    assert {tag.kind for tag in comparison.theirs} == set(ctags_oracle.KINDS)
    assert list(lost(sorted(comparison.missing), files)) == []
    assert list(invented(sorted(comparison.extra), files)) == []
    assert comparison.share("extra", "ours") < 0.006
    named = {tag.name for tag in comparison.ours if tag.kind != "macro"}
    assert named.isdisjoint(KEYWORDS)  # `#define inline` is a macro of that name

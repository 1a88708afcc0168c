"""Differences of two texts: a patch of a file as git takes it, and of a definition's text."""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher, unified_diff

from callpath.core.drift.values import Piece

_CONTEXT = 3
_SPECIAL = re.compile(r'["\\\x00-\x1f\x7f]')


def patch_of(file: str, old: bytes | None, new: bytes) -> bytes:
    """A unified patch that `git apply` takes; empty when nothing changes.

    Parameters:
        file: The file's path.
        old: Its bytes; nothing when there is no such file.
        new: Its new bytes.
    """
    if old == new:
        return b""
    before, after = _lines(old or b""), _lines(new)
    from_name, to_name = _name(f"a/{file}"), _name(f"b/{file}")
    head = [f"diff --git {from_name} {to_name}\n"]
    if old is None:
        head += ["new file mode 100644\n", "--- /dev/null\n"]
    else:
        head.append(f"--- {from_name}{_tab(file)}\n")
    head.append(f"+++ {to_name}{_tab(file)}\n")
    return "".join(head).encode() + b"".join(_hunks(before, after))


def _lines(data: bytes) -> list[bytes]:
    r"""The lines of a file; only `\n` ends one, as for git."""
    return [line + b"\n" for line in data.split(b"\n")[:-1]] + (
        [data.rpartition(b"\n")[2]] if data and not data.endswith(b"\n") else []
    )


def _hunks(before: Sequence[bytes], after: Sequence[bytes]) -> Iterator[bytes]:
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for group in matcher.get_grouped_opcodes(_CONTEXT):
        first, last = group[0], group[-1]
        ranges = (_range(first[1], last[2]), _range(first[3], last[4]))
        yield f"@@ -{ranges[0]} +{ranges[1]} @@\n".encode()
        for tag, start, end, new_start, new_end in group:
            if tag == "equal":
                yield from (_line(b" ", line) for line in before[start:end])
            else:
                yield from (_line(b"-", line) for line in before[start:end])
                yield from (_line(b"+", line) for line in after[new_start:new_end])


def _range(start: int, end: int) -> str:
    count = end - start
    if count == 1:
        return str(start + 1)
    return f"{start + 1 if count else start},{count}"


def _line(sign: bytes, line: bytes) -> bytes:
    whole = sign + line
    return whole if line.endswith(b"\n") else whole + b"\n\\ No newline at end of file\n"


def _name(path: str) -> str:
    if not _SPECIAL.search(path):
        return path
    return '"' + _SPECIAL.sub(_escaped, path) + '"'


def _escaped(match: re.Match[str]) -> str:
    character = match.group()
    return f"\\{character}" if character in '"\\' else f"\\{ord(character):03o}"


def _tab(file: str) -> str:
    """What ends a name with a space in it."""
    return "\t" if " " in file else ""


_HUNK = re.compile(r"@@ -(\d+)((?:,\d+)?) \+(\d+)((?:,\d+)?) @@")


def definition_diff(old: Piece, new: Piece, versions: tuple[str, str]) -> str:
    """The difference of a definition's text between two versions, with the lines of the files."""
    before, after = (
        piece.text.decode("utf-8", "replace").splitlines(keepends=False) for piece in (old, new)
    )
    from_name, to_name = (
        f"{version}/{piece.definition.path}"
        for version, piece in zip(versions, (old, new), strict=True)
    )
    shift = (old.definition.start - 1, new.definition.start - 1)
    lines = unified_diff(before, after, from_name, to_name, lineterm="")
    return "".join(f"{_shifted(line, *shift)}\n" for line in lines)


def _shifted(line: str, old: int, new: int) -> str:
    """A line of a difference; in a hunk's head the lines of the files."""
    match = _HUNK.fullmatch(line)
    if match is None:
        return line
    return f"@@ -{int(match[1]) + old}{match[2]} +{int(match[3]) + new}{match[4]} @@"

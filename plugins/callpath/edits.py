"""Edits of a text: of a scalar, of a pin, a new line; and the patch that they make.

Takes texts and gives texts; does not know what a note is.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher

from msgspec import Struct

from callpath.findings import Location, UsageError
from callpath.notes.yaml import MappingNode, Node, ScalarNode, followed, is_text, read_yaml
from callpath.notes.yaml_errors import Characters, decode
from callpath.options import plugin_options


class Edit(Struct, frozen=True, order=True):
    """A range of a text, and what takes its place."""

    start: int  # offset of the first character, 0-based
    end: int  # offset past the last one; the same for an insertion
    text: str


def apply(file: str, text: str, edits: Iterable[Edit]) -> str:
    """The text with all edits made, each only once; raises UsageError if two overlap."""
    pieces: list[str] = []
    position = 0
    for edit in sorted(set(edits)):
        if edit.start < position:
            raise UsageError(
                f"`{file}` cannot be rewritten: two changes of it overlap",
                "write the references that overlap on lines of their own",
            )
        pieces += [text[position : edit.start], edit.text]
        position = edit.end
    return "".join([*pieces, text[position:]])


def not_in_place(location: Location, what: str) -> UsageError:
    """The error that something cannot be rewritten in place."""
    return UsageError(
        f"{location}: {what} cannot be rewritten in place",
        "write it on one line, without an anchor, a tag or an escape",
    )


_PLAIN = re.compile(r"[A-Za-z0-9_/][A-Za-z0-9_./+@~-]*")


def replace_scalar(text: str, scalar: ScalarNode, value: str, *, quoted: bool = False) -> Edit:
    """The edit that gives a scalar of a text another value: a path, a version, a number.

    `quoted` values need quotes. Raises UsageError if it is a block, or has an anchor or a tag.
    """
    start, end = scalar.span
    first = text[start : start + 1]
    if scalar.anchor or scalar.tag or first in ("|", ">", "&", "!") or start == end:
        raise not_in_place(scalar.location, f"`{scalar.text.value}`")
    if first == '"':
        return Edit(start, end, '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"')
    if first == "'" or quoted or not _PLAIN.fullmatch(value):
        return Edit(start, end, "'" + value.replace("'", "''") + "'")
    return Edit(start, end, value)


def insert_line(text: str, at: int, column: int, line: str) -> Edit:
    """The edit that adds a line to a text, at the start of a line (an offset) or at the end.

    It starts in a column, 1-based; `line` has no line end.
    """
    ending = "\r\n" if "\r\n" in text else "\n"
    line = " " * (column - 1) + line
    if at and not text[:at].endswith(("\n", "\r")):
        return Edit(at, at, ending + line)
    return Edit(at, at, line + ending)


def is_given(pin: Node | None) -> bool:
    """Whether a pin is written out, not left out or null."""
    return pin is not None and not (isinstance(pin, ScalarNode) and pin.is_null)


def pin_edits(
    characters: Characters, pin: Node, version: str, commit: str, *, quoted: bool = False
) -> list[Edit]:
    """The edits of a pin that is written out: a version, or a mapping.

    Raises UsageError if it cannot be rewritten in place, or if it has a commit and that of the new
    version is not known.
    """
    text = characters.text
    if isinstance(pin, ScalarNode):
        return [replace_scalar(text, pin, version, quoted=quoted)]
    if not isinstance(pin, MappingNode):
        raise not_in_place(pin.location, "the pin")
    edits = []
    for pair in pin.pairs:
        if pair.name not in ("version", "commit"):
            continue
        if not isinstance(pair.value, ScalarNode):
            raise not_in_place(pair.value.location, "the pin")
        if pair.name == "version":
            edits.append(replace_scalar(text, pair.value, version, quoted=quoted))
        elif commit:
            edits.append(replace_scalar(text, pair.value, commit))
        else:
            raise UsageError(
                f"{pair.value.location}: the pin names a commit, and this source does not say "
                f"that of {version}",
                "name a git repository, or remove the commit from the pin",
            )
    return edits


def new_pin_edit(characters: Characters, note: MappingNode, version: str) -> Edit:
    """The edit that gives a note a pin of its own, behind its title, or raises UsageError."""
    text, start = characters.text, note.span[0]
    if text[start : start + 1] == "{":
        return Edit(start + 1, start + 1, f"pin: {version}, ")
    if not note.pairs:
        raise not_in_place(note.location, "the note")
    title = note.pair("title")
    if title is None or not isinstance(title.value, ScalarNode):
        at = characters.line_start(start)
    else:
        end = title.value.span[1]
        at = end if end == characters.line_start(end) else characters.line_end(end)
    return insert_line(text, at, note.pairs[0].key.location.column, f"pin: {version}")


def repin_site(file: str, data: bytes, version: str, commit: str) -> bytes | None:
    """The site's configuration with another pin, or None if it says none; raises as `pin_edits`."""
    document = read_yaml(file, data)
    characters, _ = decode(file, data)
    root = followed(document.root) if document.root else None
    if characters is None or not isinstance(root, MappingNode):
        return None
    plugins = root.get("plugins")
    options = plugin_options(plugins) if plugins is not None else None
    pin = options.get("pin") if isinstance(options, MappingNode) else None
    if pin is None or not is_given(pin):
        return None
    edits = pin_edits(characters, pin, version, commit, quoted=not is_text(version))
    return encoded(data, apply(file, characters.text, edits))


def encoded(old: bytes, text: str) -> bytes:
    """A text as the bytes of a file, with the byte order mark that it had."""
    mark = b"\xef\xbb\xbf"
    return (mark if old.startswith(mark) else b"") + text.encode()


_CONTEXT = 3
_SPECIAL = re.compile(r'["\\\x00-\x1f\x7f]')


def patch_of(file: str, old: bytes | None, new: bytes) -> bytes:
    """A unified patch that `git apply` takes; empty if nothing changes.

    `old` is None if there is no such file yet.
    """
    if old == new:
        return b""
    tab = "\t" if " " in file else ""  # what ends a name with a space in it
    names = [_quoted(f"{side}/{file}") for side in "ab"]
    before = "new file mode 100644\n--- /dev/null" if old is None else f"--- {names[0]}{tab}"
    head = f"diff --git {names[0]} {names[1]}\n{before}\n+++ {names[1]}{tab}\n"
    return head.encode() + b"".join(_hunks(_lines(old or b""), _lines(new)))


def _quoted(path: str) -> str:
    """A path as git writes it in patches."""
    escaped = _SPECIAL.sub(_escaped, path)
    return path if escaped == path else f'"{escaped}"'


def _escaped(match: re.Match[str]) -> str:
    character = match.group()
    return f"\\{character}" if character in '"\\' else f"\\{ord(character):03o}"


def _lines(data: bytes) -> list[bytes]:
    r"""The lines of a file as a patch has them, with their ends; only `\n` ends one."""
    *lines, last = data.split(b"\n")
    without_end = [last + b"\n\\ No newline at end of file\n"] if last else []
    return [*(line + b"\n" for line in lines), *without_end]


def _hunks(before: Sequence[bytes], after: Sequence[bytes]) -> Iterator[bytes]:
    # Not `unified_diff`: on long files it takes frequent lines for junk, and patches get longer.
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for group in matcher.get_grouped_opcodes(_CONTEXT):
        first, last = group[0], group[-1]
        old, new = _range(first[1], last[2]), _range(first[3], last[4])
        yield f"@@ -{old} +{new} @@\n".encode()
        for tag, start, end, new_start, new_end in group:
            sign = b" " if tag == "equal" else b"-"
            yield from (sign + line for line in before[start:end])
            if tag != "equal":
                yield from (b"+" + line for line in after[new_start:new_end])


def _range(start: int, end: int) -> str:
    count = end - start
    return str(end) if count == 1 else f"{start + bool(count)},{count}"

"""The names that macros of a text paste together with `##`."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

_DEFINE = re.compile(rb"[ \t]*+#[ \t]*+define[ \t]++[A-Za-z_]\w*+(?:\(([^()]*+)\))?")
_GLUED = re.compile(rb"\w++(?:\s*+##\s*+\w++)++")
_LETTER = re.compile(rb"[A-Za-z]")
_GLUE = re.compile(rb"\s*+##\s*+")
_LONGEST = 64 * 1024  # bytes of one definition that are looked at
_LETTERS = 3  # of the fixed part: fewer say nothing


class Pastes:
    """What macros make of an argument: `prefix ## argument ## suffix`."""

    def __init__(self) -> None:
        self._suffixes: dict[bytes, set[bytes]] = defaultdict(set)  # by the prefix
        self._longest = 0  # characters of a prefix

    def __len__(self) -> int:
        """How many ways there are."""
        return sum(map(len, self._suffixes.values()))

    def read(self, text: bytes) -> None:
        """Add what the macros that a text defines paste."""
        self.add(ways_of(text))

    def add(self, ways: Iterable[tuple[bytes, bytes]]) -> None:
        """Add prefixes and suffixes."""
        for prefix, suffix in ways:
            self._suffixes[prefix].add(suffix)
            self._longest = max(self._longest, len(prefix))

    def arguments(self, name: str) -> Iterator[str]:
        """The arguments of which some macro makes a name."""
        for length in range(min(len(name), self._longest + 1)):
            for suffix in self._suffixes.get(name[:length].encode(), ()):
                end = len(name) - len(suffix)
                if end > length and name.endswith(suffix.decode()):
                    yield name[length:end]


def is_distinct(prefix: bytes, suffix: bytes) -> bool:
    """Whether what a macro adds to its argument is so much that no name has it by chance.

    Every name that ends with `_init` has something before it that stands elsewhere, too.
    """
    fixed = max(prefix, suffix).strip(b"_")
    return bool(prefix and suffix) or b"_" in fixed


def ways_of(text: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Prefix and suffix of what the macros of a text paste, with three letters of their own."""
    end, at = 0, text.find(b"##")
    while at >= 0:
        if at >= end:
            start, end = _line(text, at), _line_end(text, at)
            if match := _DEFINE.match(text, start):
                yield from _ways(match.group(1) or b"", text[match.end() : end])
        at = text.find(b"##", max(end, at + 2))


def _ways(parameters: bytes, body: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Prefix and suffix of what a macro makes of one argument."""
    names = {name.strip() for name in parameters.split(b",")}
    for glued in _GLUED.findall(body.replace(b"\\\n", b"  ")):
        parts = _GLUE.split(glued)
        variable = [number for number, part in enumerate(parts) if part in names]
        fixed = b"".join(part for part in parts if part not in names)
        if len(variable) == 1 and len(_LETTER.findall(fixed)) >= _LETTERS:
            yield b"".join(parts[: variable[0]]), b"".join(parts[variable[0] + 1 :])


def _line(text: bytes, offset: int) -> int:
    """The start of the line that an offset is in, continued lines taken as one."""
    start = text.rfind(b"\n", 0, offset) + 1
    while start > 1 and offset - start < _LONGEST and text[start - 2 : start - 1] == b"\\":
        start = text.rfind(b"\n", 0, start - 1) + 1
    return start


def _line_end(text: bytes, offset: int) -> int:
    end = text.find(b"\n", offset)
    while end > 0 and text[end - 1 : end] == b"\\" and end - offset < _LONGEST:
        end = text.find(b"\n", end + 1)
    return end if end >= 0 else len(text)

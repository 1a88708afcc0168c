"""A source as plain text, and what regular expressions tell of it. Knows no parser.

It serves to judge the program under test, so it must not share anything with it: definitions are
found by their first column, and end at a `}` there.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache

_NAME = re.compile(r"[A-Za-z_]\w*")
_NOISE = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', re.DOTALL)
_TABLE = re.compile(r"(?m)^[a-z][\w \t*]*\b(\w+)[ \t]*(?:\[[^\]\n]*\])*\s*=\s*\{")


def without_noise(text: str) -> str:
    """A text without comments and strings; the lines stay what they are."""
    return _NOISE.sub(lambda found: "\n" * found[0].count("\n"), text)


@cache
def names_in(text: str) -> frozenset[str]:
    """Every identifier in a text, without comments and strings."""
    return frozenset(_NAME.findall(without_noise(text)))


@dataclass(frozen=True)
class Body:
    """A definition as text.

    Attributes:
        path: The file.
        start: Its first line.
        opening: The line of its `{`; that of its name for what has none.
        end: Its last line.
        text: It, without comments and strings.
    """

    path: str
    start: int
    opening: int
    end: int
    text: str


class Texts:
    """The texts of a source.

    Parameters:
        read: Reads one file.
        headers: The headers that prototypes are looked for in.
    """

    def __init__(self, read: Callable[[str], str | None], headers: Sequence[str]) -> None:
        self._read = read
        self._headers = headers
        self._texts: dict[str, str | None] = {}
        self._code: dict[str, list[str]] = {}
        self._names: dict[str, frozenset[str]] = {}
        self._bodies: dict[tuple[str, str], list[Body]] = {}
        self._holders: dict[str, frozenset[str]] = {}

    def read(self, path: str) -> str | None:
        """A file's text; nothing when there is no such file."""
        if path not in self._texts:
            self._texts[path] = self._read(path)
        return self._texts[path]

    def paths(self) -> list[str]:
        """The files that were read so far."""
        return sorted(path for path, text in self._texts.items() if text is not None)

    def code(self, path: str) -> list[str]:
        """A file's lines without comments and strings."""
        if path not in self._code:
            self._code[path] = without_noise(self.read(path) or "").split("\n")
        return self._code[path]

    def names(self, path: str) -> frozenset[str]:
        """Every identifier of a file, without comments and strings."""
        if path not in self._names:
            self._names[path] = frozenset(_NAME.findall("\n".join(self.code(path))))
        return self._names[path]

    def line(self, path: str, number: int) -> str:
        """One line, 1-based; empty when there is none."""
        lines = (self.read(path) or "").split("\n")
        return lines[number - 1] if 0 < number <= len(lines) else ""

    def bodies(self, path: str, name: str) -> list[Body]:
        """The definitions of a function, macro or variable with an initialiser."""
        if (path, name) not in self._bodies:
            self._bodies[path, name] = list(self._find(path, name))
        return self._bodies[path, name]

    def inside(self, path: str, name: str) -> list[str]:
        """The texts of the definitions of a name."""
        return [body.text for body in self.bodies(path, name)]

    def _find(self, path: str, name: str) -> Iterable[Body]:
        word = name.removeprefix("sys_")
        lines = self.code(path) if word in (self.read(path) or "") else []
        called = rf"SYSCALL_DEFINE\d\({name[4:]}" if name.startswith("sys_") else name
        head = re.compile(rf"^(?!\s|#|\}}|return\b)[^;=]*\b(?:{name}|{called})\b")
        macro = re.compile(rf"^\s*#\s*define\s+{name}\b")
        for number, line in enumerate(lines):
            if macro.match(line):
                end = number
                while lines[end].endswith("\\"):
                    end += 1
                yield _body(path, lines, number, number, end)
            elif head.match(line) and not line.endswith(";"):
                opening = _opening(lines, number)
                if opening is not None:
                    yield _body(path, lines, number, opening, _closing(lines, opening))

    def is_defined(self, path: str, word: str) -> bool:
        """Whether a file has a word at all, besides in comments."""
        return word in self.names(path)

    def is_kind(self, path: str, name: str, kind: str) -> bool:
        """Whether a file defines a name as a macro or as a function."""
        text = "\n".join(self.code(path))
        if kind == "macro":
            return re.search(rf"(?m)^\s*#\s*define\s+{name}\b", text) is not None
        return re.search(rf"(?m)^(?!#|\s)[^;=#]*\b{name}\s*\([^;]*\)[^;=]*\{{", text) is not None

    def prototype_of(self, name: str) -> str | None:
        """A header that declares a function and does not define the name."""
        for path in self._headers:
            if name not in (self.read(path) or ""):
                continue
            text = "\n".join(self.code(path))
            declared = re.search(rf"(?m)^[a-z][\w \t*]*\b{name}\s*\([^;{{}}]*\)\s*;", text)
            if declared and len(re.findall(rf"\b{name}\b", text)) == 1:
                return path
        return None

    def calls(self, path: str, caller: str, callee: str) -> bool:
        """Whether a function has `callee(` in it."""
        found = re.compile(rf"(?<![\w.>]){callee}\s*\(")
        return any(found.search(text.partition("{")[2]) for text in self.inside(path, caller))

    def holders(self, word: str, paths: Sequence[str]) -> frozenset[str]:
        """What a body may reach a function through: members, tables, objects and callers' macros.

        The members that it is put into (`.m = f`, `x->m = f`), and the variables whose
        initialisers hold it, or hold one of these, three deep.
        """
        if word not in self._holders:
            self._holders[word] = self._find_holders(word, paths)
        return self._holders[word]

    def _find_holders(self, word: str, paths: Sequence[str]) -> frozenset[str]:
        found: set[str] = set()
        targets = {word}
        for _ in range(4):
            new: set[str] = set()
            for path in paths:
                here = targets & self.names(path)
                if here:
                    new |= _holders_in("\n".join(self.code(path)), here)
            targets = new - found
            found |= new
        return frozenset(found)

    def members_beside(self, member: str, word: str, paths: Sequence[str]) -> set[str]:
        """The other members of the tables that bind a function to a member."""
        found: set[str] = set()
        for path in paths:
            text = "\n".join(self.code(path))
            for table in re.findall(r"(?m)^[\w \t*]+=\s*\{\n(.*?)^\}", text, re.DOTALL):
                pairs = dict(re.findall(r"\.(\w+)\s*=\s*(\w+)", table))
                if pairs.get(member) == word:
                    found |= pairs.keys()
        return found

    def lines_of(self, body: Body, word: str) -> list[int]:
        """The lines of a definition below its head that hold a word."""
        found = re.compile(rf"\b{word}\b")
        return [
            body.start + offset
            for offset, line in enumerate(body.text.split("\n"))
            if body.start + offset > body.opening and found.search(line)
        ]


def _opening(lines: list[str], start: int) -> int | None:
    """The index of the line with the first `{`, unless a `;` comes before it."""
    for number in range(start, min(start + 12, len(lines))):
        if "{" in lines[number]:
            return number
        if ";" in lines[number]:
            return None
    return None


def _closing(lines: list[str], opening: int) -> int:
    """The index of the line with the `}` that ends it."""
    if lines[opening].rstrip().endswith(("}", "};")):
        return opening
    for number in range(opening, len(lines)):
        if lines[number].startswith("}"):
            return number
    return len(lines) - 1


def _body(path: str, lines: list[str], start: int, opening: int, end: int) -> Body:
    return Body(path, start + 1, opening + 1, end + 1, "\n".join(lines[start : end + 1]))


def _holders_in(text: str, targets: set[str]) -> set[str]:
    """The members and variables of one file that hold one of the targets."""
    found: set[str] = set()
    for match in re.finditer(rf"\b(?:{'|'.join(map(re.escape, sorted(targets)))})\b", text):
        before = text[max(0, match.start() - 120) : match.start()]
        if put := re.search(r"(\w+)\s*=\s*&?\(?$", before):
            found.add(put[1])
        start = text.rfind("\n}", 0, match.start()) + 1
        heads = _TABLE.findall(text, start, match.start())
        if heads and "\n}" not in text[text.rfind("{", 0, match.start()) : match.start()]:
            found.add(heads[-1])
    return found

"""What gcc says of a project, read from what `calls_plugin.cc` and `cc-wrapper.sh` wrote."""

import json
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, order=True)
class Function:
    """A function with a body."""

    file: str  # from the root of the tree
    line: int  # that of its name, or of the macro call that makes it
    name: str


@dataclass(frozen=True, slots=True, order=True)
class Pair:
    """A caller, and a function that it may reach or certainly does not."""

    caller: Function
    callee: Function
    line: int = 0  # of the call in the caller's file
    why: str = ""  # the kind of the pair, or the member that the call goes through


@dataclass(slots=True)
class Unit:
    """One translation unit."""

    main: str = ""
    folder: str = ""
    functions: dict[str, Function] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)
    records: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class Facts:
    """What the compiler saw of a whole tree, every name resolved as far as the units show it."""

    bodies: dict[Function, int] = field(default_factory=dict)  # the last line of each
    is_static: dict[Function, bool] = field(default_factory=dict)
    named: dict[str, set[Function]] = field(default_factory=lambda: defaultdict(set))
    calls: dict[tuple[Function, Function], int] = field(default_factory=dict)
    handed: dict[tuple[Function, Function], int] = field(default_factory=dict)
    refs: dict[Function, set[str]] = field(default_factory=lambda: defaultdict(set))
    means: dict[tuple[Function, str], set[Function]] = field(
        default_factory=lambda: defaultdict(set)
    )
    through: dict[Function, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    tables: dict[str, set[Function]] = field(default_factory=lambda: defaultdict(set))
    objects: dict[str, set[Function]] = field(default_factory=lambda: defaultdict(set))
    stored: dict[str, set[Function]] = field(default_factory=lambda: defaultdict(set))
    flows: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    included: dict[Function, set[str]] = field(default_factory=lambda: defaultdict(set))
    compiled: set[str] = field(default_factory=set)
    active: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))


def read_facts(folder: Path, root: Path) -> Facts:
    """Read everything below `folder` about the project whose tree is `root`."""
    places = _Places(root)
    facts = Facts()
    units = [_read_unit(path, places) for path in sorted(folder.glob("*.jsonl"))]
    units = [unit for unit in units if unit.main]
    weak: set[Function] = set()
    for unit in units:
        facts.compiled.add(unit.main)
        _take_functions(unit, facts, places, weak)
    for text in sorted(folder.glob("*.i")):
        _read_active(text, places, facts.active)
    for unit in units:
        _Resolving(unit, facts, places, weak).take()
    return facts


class _Places:
    """Files as the compiler names them → paths in the tree."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._known: dict[tuple[str, str], str] = {}

    def path(self, folder: str, file: str) -> str:
        """The path from the tree's root; empty if it is not in the tree."""
        key = (folder, file)
        if key not in self._known:
            whole = Path(folder, file).resolve()
            inside = whole.is_relative_to(self._root) and whole.is_file()
            self._known[key] = str(whole.relative_to(self._root)) if inside else ""
        return self._known[key]

    def function(self, folder: str, identity: str) -> Function:
        """The function of a `NAME@FILE:LINE`."""
        name, _, place = identity.partition("@")
        file, _, line = place.rpartition(":")
        return Function(self.path(folder, file), int(line), name)


def _read_unit(path: Path, places: _Places) -> Unit:
    unit = Unit()
    with path.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            record = json.loads(line)
            if record["k"] == "unit":
                unit.folder = record["folder"]
                unit.main = places.path(unit.folder, record["main"])
            else:
                unit.records.append(record)
    return unit


def _take_functions(unit: Unit, facts: Facts, places: _Places, weak: set[Function]) -> None:
    for record in unit.records:
        if record["k"] != "fn":
            continue
        function = places.function(unit.folder, record["id"])
        unit.functions[function.name] = function
        unit.files.add(function.file)
        if not function.file:
            continue
        facts.bodies[function] = max(record["end"], function.line)
        facts.is_static[function] = bool(record["static"])
        if record["weak"]:
            weak.add(function)
        if not record["static"]:
            facts.named[function.name].add(function)


class _Resolving:
    """Takes one unit's records into the facts."""

    def __init__(self, unit: Unit, facts: Facts, places: _Places, weak: Collection[Function]):
        self._unit, self._facts, self._places, self._weak = unit, facts, places, weak

    def take(self) -> None:
        """All of the unit."""
        kinds = {
            "call": self._call,
            "arg": self._arg,
            "ref": self._ref,
            "ind": self._indirect,
            "init": self._init,
            "set": self._set,
            "flow": self._flow,
        }
        for record in self._unit.records:
            if record["k"] in kinds:
                kinds[record["k"]](record)
        for function in self._unit.functions.values():
            self._facts.included[function] |= self._unit.files | {self._unit.main}

    def _caller(self, record: Mapping[str, Any]) -> Function:
        return self._places.function(self._unit.folder, record["in"])

    def _meant(self, name: str) -> Function | None:
        """The function that a name means in this unit; None if it is not known or not one."""
        if own := self._unit.functions.get(name):
            return own if own.file else None
        found = self._facts.named.get(name, set())
        strong = found - set(self._weak)
        found = strong or found
        return next(iter(found)) if len(found) == 1 else None

    def _call(self, record: Mapping[str, Any]) -> None:
        callee = self._meant(record["to"])
        if callee:
            caller = self._caller(record)
            self._facts.calls.setdefault((caller, callee), record["line"])
            self._facts.means[caller, callee.name].add(callee)

    def _arg(self, record: Mapping[str, Any]) -> None:
        handed = self._meant(record["function"])
        if not handed:
            return
        self._facts.handed.setdefault((self._caller(record), handed), record["line"])
        receiver = self._meant(record["to"]) if record["to"] else None
        if receiver:
            self._facts.stored[_parameter(receiver, record["position"])].add(handed)

    def _ref(self, record: Mapping[str, Any]) -> None:
        caller = self._caller(record)
        self._facts.refs[caller].add(record["function"])
        if meant := self._meant(record["function"]):
            self._facts.means[caller, meant.name].add(meant)

    def _indirect(self, record: Mapping[str, Any]) -> None:
        caller = self._caller(record)
        for origin in record["through"]:
            self._facts.through[caller].setdefault(self._origin(origin, caller), record["line"])

    def _origin(self, origin: str, caller: Function) -> str:
        kind, _, what = origin.partition(" ")
        if kind == "field":
            return self._field(what)
        if kind == "param":
            return _parameter(caller, int(what))
        return kind

    def _field(self, text: str) -> str:
        name, _, place = text.partition("@")
        file, _, line = place.rpartition(":")
        path = self._places.path(self._unit.folder, file)
        return f"{name}@{path}:{line}"

    def _init(self, record: Mapping[str, Any]) -> None:
        if record["field"] and (function := self._meant(record["function"])):
            self._facts.tables[self._field(record["field"])].add(function)
            self._facts.objects[record["var"]].add(function)

    def _set(self, record: Mapping[str, Any]) -> None:
        if function := self._meant(record["function"]):
            self._facts.stored[self._field(record["field"])].add(function)

    def _flow(self, record: Mapping[str, Any]) -> None:
        caller = self._caller(record)
        origins = {self._origin(origin, caller) for origin in record["through"]}
        self._facts.flows[self._field(record["field"])] |= origins


def _parameter(function: Function, position: int) -> str:
    return f"param {position} {function.name}@{function.file}"


# --- the text of bodies ---

_MARKER = re.compile(r'# (\d+) "((?:[^"\\]|\\.)*)"')


def _read_active(path: Path, places: _Places, active: dict[str, set[int]]) -> None:
    """The lines that the preprocessor's conditions leave, by file."""
    lines: set[int] | None = None
    number = 0
    folder = ""
    with path.open(encoding="utf-8", errors="replace") as text:
        for line in text:
            if line.startswith("# ") and (marker := _MARKER.match(line)):
                number = int(marker[1])
                name = marker[2]
                if name.endswith("//"):
                    folder = name[:-2]
                found = places.path(folder, name) if not name.startswith("<") else ""
                lines = active[found] if found else None
                continue
            if lines is not None and not line.isspace():  # what is left out comes as empty lines
                lines.add(number)
            number += 1


_NO_CODE = re.compile(
    r"/\*.*?\*/|//(?:\\\n|[^\n])*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'"
    r"|^[ \t]*#(?:\\\n|[^\n])*",
    re.DOTALL | re.MULTILINE,
)
_WORD = re.compile(r"[A-Za-z_]\w*")


@dataclass
class Texts:
    """The words of bodies, without comments, strings, directives and what conditions leave out.

    Parameters:
        root: The tree.
        active: The lines of each file that were compiled.
    """

    root: Path
    active: Mapping[str, set[int]]
    _words: dict[str, tuple[list[int], list[str]]] = field(default_factory=dict)
    _braces: dict[str, list[int]] = field(default_factory=dict)  # the lines that open one

    def words(self, file: str, first: int, last: int) -> Iterator[tuple[int, str]]:
        """Line and word, in order."""
        if file not in self._words:
            self._words[file] = self._read(file)
        lines, words = self._words[file]
        start = bisect_right(lines, first - 1)
        for place in range(start, bisect_right(lines, last)):
            yield lines[place], words[place]

    def has_body(self, function: Function, last: int) -> bool:
        """Whether name and body are written there, not made by a macro."""
        if function.file not in self._words:
            self._words[function.file] = self._read(function.file)
        braces = self._braces[function.file]
        head = self.words(function.file, function.line, function.line + 1)
        is_named = any(word == function.name for _, word in head)
        return is_named and bisect_right(braces, function.line - 1) < bisect_right(braces, last)

    def _read(self, file: str) -> tuple[list[int], list[str]]:
        text = (self.root / file).read_text("utf-8", errors="replace")
        plain = _NO_CODE.sub(lambda found: " " + "\n" * found[0].count("\n"), text)
        active = self.active.get(file, set())
        numbered = enumerate(plain.split("\n"), start=1)
        self._braces[file] = [number for number, line in numbered if "{" in line]
        found = [
            (number, word)
            for number, line in enumerate(plain.split("\n"), start=1)
            if number in active
            for word in _WORD.findall(line)
        ]
        return [line for line, _ in found], [word for _, word in found]

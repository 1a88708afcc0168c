"""The lockfile: every resolved reference, per version. Facts only: no kernel text.

Its text is JSON Lines: a head that names the format, then one fact a line, sorted by project,
version, path, name, kind and occurrence, so that a changed fact is one changed line:

    {"callpath-lock": 1}
    {"file": "virt/kvm/kvm_main.c", "project": "linux", "version": "v3.7", "blob": "be70035f…"}
    {"name": "kvm_init", "kind": "function", "path": …, "line": 2871, …}
    {"caller": "kvm_init", "callee": "kvm_arch_init", "proof": "call", "sites": […], …}
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from callpath.core.diagnostics import Place
from callpath.core.errors import LockfileError
from callpath.core.locked_edges import LockedEdge, edge_fact, edge_key, read_edge
from callpath.core.model import Definition, Reference, SymbolKind
from callpath.core.prover.edges import Edge

FORMAT_KEY = "callpath-lock"
FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True, order=True)
class LockedFile:
    """A file that references were read in, with its git blob id (SHA-1, 40 hex digits)."""

    project: str
    version: str
    path: str
    blob: str


@dataclass(frozen=True, slots=True)
class LockedDefinition:
    """A definition at a version.

    Attributes:
        project: The code base.
        version: The tag.
        definition: What the source has there.
        occurrence: Which it is of the definitions of its name and kind in the file, 1-based.
        of: How many of them there are.
        calls: Of a function that a step is about: what its body calls by name, each once, with the
            line of the first call (1-based), in line order. Names in capitals are left out.
    """

    project: str
    version: str
    definition: Definition
    occurrence: int = 1
    of: int = 1
    calls: tuple[tuple[str, int], ...] = ()

    @property
    def order(self) -> tuple[str, str, str, str, str, int]:
        """What the facts are sorted by."""
        found = self.definition
        return (
            self.project,
            self.version,
            found.path,
            found.name,
            found.kind.value,
            self.occurrence,
        )


_Key = tuple[str, str, str, str]


@dataclass(frozen=True)
class Lock:
    """The facts of a lockfile.

    Attributes:
        files: Sorted, each once.
        definitions: Sorted by `LockedDefinition.order`, each once.
        edges: Sorted by `LockedEdge.key`, each once.
    """

    files: tuple[LockedFile, ...] = ()
    definitions: tuple[LockedDefinition, ...] = ()
    edges: tuple[LockedEdge, ...] = ()
    _by_name: Mapping[_Key, tuple[LockedDefinition, ...]] = field(
        init=False, repr=False, compare=False
    )
    _by_edge: Mapping[tuple[str, ...], LockedEdge] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the definitions by what a reference names."""
        found: dict[_Key, tuple[LockedDefinition, ...]] = {}
        for locked in self.definitions:
            definition = locked.definition
            key = (locked.project, locked.version, definition.path, definition.name)
            found[key] = (*found.get(key, ()), locked)
        object.__setattr__(self, "_by_name", found)
        object.__setattr__(self, "_by_edge", {edge.key: edge for edge in self.edges})

    def find_edge(self, edge: Edge) -> LockedEdge | None:
        """What the lockfile knows of an edge; nothing when it is not locked."""
        above = edge.ancestors[0].symbol.name if edge.ancestors else ""
        return self._by_edge.get(edge_key(edge)) or self._by_edge.get(edge_key(edge, above))

    def find(self, reference: Reference) -> LockedDefinition | None:
        """What the lockfile knows of a reference; nothing when it is not locked."""
        pin, symbol = reference.pin, reference.symbol
        named = self._by_name.get((pin.project, pin.version, symbol.path, symbol.name), ())
        meant = [
            locked
            for locked in named
            if symbol.kind in ("", locked.definition.kind)
            and reference.occurrence in ((0, 1) if locked.of == 1 else (locked.occurrence,))
        ]
        return meant[0] if len(meant) == 1 else None


def make_lock(
    files: Iterable[LockedFile],
    definitions: Iterable[LockedDefinition],
    edges: Iterable[LockedEdge] = (),
) -> Lock:
    """A lock of these facts, sorted, each once."""
    unique: dict[tuple[str, str, str, str, str, int], LockedDefinition] = {}
    for locked in definitions:  # a link in prose knows nothing of the calls that a step knows
        if locked.calls or locked.order not in unique:
            unique[locked.order] = locked
    by_key = {edge.key: edge for edge in edges}
    return Lock(
        tuple(sorted(set(files))),
        tuple(unique[order] for order in sorted(unique)),
        tuple(by_key[key] for key in sorted(by_key)),
    )


def unused(lock: Lock, references: Iterable[Reference]) -> list[LockedDefinition]:
    """The locked definitions that none of the references asks for, in the lockfile's order."""
    used = {found.order for reference in references if (found := lock.find(reference))}
    return [locked for locked in lock.definitions if locked.order not in used]


def unused_edges(lock: Lock, edges: Iterable[Edge]) -> list[LockedEdge]:
    """The locked edges that the notes do not state, in the lockfile's order."""
    used = {found.key for edge in edges if (found := lock.find_edge(edge))}
    return [locked for locked in lock.edges if locked.key not in used]


def format_lock(lock: Lock) -> str:
    """The canonical text of a lockfile."""
    lines: list[dict[str, Any]] = [{FORMAT_KEY: FORMAT_VERSION}]
    lines.extend(
        {"file": file.path, "project": file.project, "version": file.version, "blob": file.blob}
        for file in lock.files
    )
    lines.extend(_definition_fact(locked) for locked in lock.definitions)
    lines.extend(edge_fact(locked) for locked in lock.edges)
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def _definition_fact(locked: LockedDefinition) -> dict[str, Any]:
    found = locked.definition
    fact: dict[str, Any] = {
        "name": found.name,
        "kind": found.kind.value,
        "project": locked.project,
        "version": locked.version,
        "path": found.path,
        "line": found.line,
        "start": found.start,
        "end": found.end,
        "digest": found.digest,
        "signature": found.signature,
    }
    if found.condition:
        fact["condition"] = found.condition
    if locked.of > 1:
        fact |= {"occurrence": locked.occurrence, "of": locked.of}
    if locked.calls:
        fact["calls"] = [list(call) for call in locked.calls]
    return fact


def parse_lock(file: str, text: str) -> Lock:
    """The facts of a lockfile.

    Parameters:
        file: Its path, for messages.
        text: Its text.

    Raises:
        LockfileError: It is not a lockfile, its format version is unknown, or a line is damaged.
    """
    lines = text.split("\n")
    _check_head(file, lines[0])
    files: list[LockedFile] = []
    definitions: list[LockedDefinition] = []
    edges: list[LockedEdge] = []
    for number, line in enumerate(lines[1:], start=2):
        if not line:
            continue
        try:
            fact = json.loads(line)
            if "\\u" in line:  # half of a surrogate pair could not be written to any page
                json.dumps(fact, ensure_ascii=False).encode()
            if "file" in fact:
                files.append(_read_file(fact))
            elif "caller" in fact:
                edges.append(read_edge(fact))
            else:
                definitions.append(_read_definition(fact))
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise LockfileError(
                f"`{Place(file, number)}` holds no fact that can be read",
                "restore the file, or make it anew with `callpath lock --source SPEC`",
            ) from error
    return make_lock(files, definitions, edges)


def _check_head(file: str, line: str) -> None:
    try:
        head = json.loads(line)
    except (ValueError, RecursionError):
        head = None
    if not isinstance(head, dict) or FORMAT_KEY not in head:
        raise LockfileError(
            f"`{file}` is not a lockfile of Callpath",
            "make it with `callpath lock --source SPEC`",
        )
    if head[FORMAT_KEY] != FORMAT_VERSION:
        raise LockfileError(
            f"`{file}` has lockfile format {head[FORMAT_KEY]!r}; "
            f"this Callpath knows format {FORMAT_VERSION}",
            "use the Callpath that wrote it, or a newer one",
        )


def _read_file(fact: dict[str, Any]) -> LockedFile:
    return LockedFile(
        _text(fact, "project"), _text(fact, "version"), _text(fact, "file"), _text(fact, "blob")
    )


def _read_definition(fact: dict[str, Any]) -> LockedDefinition:
    definition = Definition(
        path=_text(fact, "path"),
        name=_text(fact, "name"),
        kind=SymbolKind(fact["kind"]),
        line=_number(fact, "line"),
        start=_number(fact, "start"),
        end=_number(fact, "end"),
        signature=_text(fact, "signature"),
        digest=_text(fact, "digest"),
        condition=_text(fact, "condition") if "condition" in fact else "",
    )
    occurrence = _number(fact, "occurrence") if "occurrence" in fact else 1
    of = _number(fact, "of") if "of" in fact else 1
    calls = tuple((str(name), int(line)) for name, line in fact.get("calls", ()))
    return LockedDefinition(
        _text(fact, "project"), _text(fact, "version"), definition, occurrence, of, calls
    )


def _text(fact: dict[str, Any], key: str) -> str:
    value = fact[key]
    if not isinstance(value, str):
        raise TypeError(key)
    return value


def _number(fact: dict[str, Any], key: str) -> int:
    value = fact[key]
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError(key)
    return value

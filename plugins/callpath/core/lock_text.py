"""The lockfile's text: written in one canonical form, and read back strictly.

Its text is JSON Lines: a head that names the format, then one fact a line, sorted by project,
version, path, name, kind and occurrence, so that a changed fact is one changed line:

    {"callpath-lock": 1}
    {"file": "virt/kvm/kvm_main.c", "project": "linux", "version": "v3.7", "blob": "be70035f…"}
    {"name": "kvm_init", "kind": "function", "path": …, "line": 2871, …}
    {"caller": "kvm_init", "callee": "kvm_arch_init", "proof": "call", "sites": […], …}
    {"track": "kvm_init", "version": "v3.7", "at": "v6.12", "status": "changed", "to": […], …}
"""

import json
from typing import Any

from callpath.core.diagnostics import Place
from callpath.core.errors import LockfileError
from callpath.core.lock import Lock, LockedDefinition, LockedFile, make_lock
from callpath.core.locked_edges import LockedEdge, edge_fact, read_edge
from callpath.core.model import Definition, SymbolKind
from callpath.core.tracks import (
    EdgeTrack,
    Track,
    edge_track_fact,
    read_edge_track,
    read_track,
    track_fact,
)

FORMAT_KEY = "callpath-lock"
FORMAT_VERSION = 1


def format_lock(lock: Lock) -> str:
    """The canonical text of a lockfile."""
    lines: list[dict[str, Any]] = [{FORMAT_KEY: FORMAT_VERSION}]
    lines.extend(
        {"file": file.path, "project": file.project, "version": file.version, "blob": file.blob}
        for file in lock.files
    )
    lines.extend(_definition_fact(locked) for locked in lock.definitions)
    lines.extend(edge_fact(locked) for locked in lock.edges)
    lines.extend(track_fact(track) for track in lock.tracks)
    lines.extend(edge_track_fact(track) for track in lock.edge_tracks)
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
    tracks: list[Track] = []
    edge_tracks: list[EdgeTrack] = []
    for number, line in enumerate(lines[1:], start=2):
        if not line:
            continue
        try:
            fact = json.loads(line)
            if "\\u" in line:  # half of a surrogate pair could not be written to any page
                json.dumps(fact, ensure_ascii=False).encode()
            if "file" in fact:
                files.append(_read_file(fact))
            elif "track" in fact:
                tracks.append(read_track(fact))
            elif "at" in fact:
                edge_tracks.append(read_edge_track(fact))
            elif "caller" in fact:
                edges.append(read_edge(fact))
            else:
                definitions.append(_read_definition(fact))
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise LockfileError(
                f"`{Place(file, number)}` holds no fact that can be read",
                "restore the file, or make it anew with `callpath lock --source SPEC`",
            ) from error
    return make_lock(files, definitions, edges, tracks, edge_tracks)


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

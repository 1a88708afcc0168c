"""The lines of a lockfile, however their keys are ordered and whatever keys they have besides."""

import json
from typing import Any

import pytest

from callpath.facts.lock import EdgeTrack, Lock, LockedDefinition, LockedEdge, parse_lock
from callpath.facts.mentions import PathFact, PlaceFact, WordFact
from callpath.findings import LockfileError

HEAD = '{"callpath-lock": 1}\n'
TREE = {"project": "linux", "version": "v3.7"}
WORD: dict[str, Any] = {"word": "lamp_on", **TREE, "is": "absent"}
PATH: dict[str, Any] = {"mentioned": "lamp.c", **TREE, "is": "file"}
PLACE: dict[str, Any] = {"in": "lamp.c", "name": "on", **TREE}
DEFINITION: dict[str, Any] = {"name": "on", "kind": "function", **TREE, "path": "lamp.c", "line": 3}
DEFINITION |= {"start": 3, "end": 5, "digest": "0123456789abcdef", "signature": "int on(void)"}
EDGE: dict[str, Any] = {"caller": "on", "callee": "off", **TREE}
EDGE |= {"from": ["lamp.c", "on", "function", 0], "to": ["lamp.c", "off", "function", 0]}
EDGE |= {"status": "proved", "proof": "call"}
EDGE |= {"sites": [{"path": "lamp.c", "line": 4, "role": "call"}]}
EDGE_TRACK = EDGE | {"at": "v6.12", "change": "proved"}
KINDS = [
    (WORD, WordFact),
    (PATH, PathFact),
    (PLACE, PlaceFact),
    (DEFINITION, LockedDefinition),
    (EDGE, LockedEdge),
    (EDGE_TRACK, EdgeTrack),
]


def read(line: dict[str, Any]) -> Lock:
    return parse_lock("notes.lock", HEAD + json.dumps(line) + "\n")


def facts(lock: Lock) -> list[object]:
    return [*lock.definitions, *lock.edges, *lock.edge_tracks, *lock.mentions]


@pytest.mark.parametrize(("line", "kind"), KINDS)
def test_the_order_of_keys_does_not_matter(line: dict[str, Any], kind: type) -> None:
    (fact,) = facts(read(line))
    assert type(fact) is kind
    assert read(dict(reversed(line.items()))) == read(line)
    assert read(dict(sorted(line.items()))) == read(line)


@pytest.mark.parametrize(("line", "kind"), KINDS)
def test_a_key_that_is_not_known_does_not_matter(line: dict[str, Any], kind: type) -> None:
    assert read(line | {"colour": "red"}) == read(line)
    assert read({"colour": "red"} | line) == read(line)


@pytest.mark.parametrize(
    ("line", "more"),
    [
        (WORD, {"near": ["lamp_off", 3]}),
        (WORD, {"is": "lamp"}),
        (WORD, {"caller": "on"}),
        (PATH, {"lines": -1}),
        (PATH, {"lines": True}),
        (PLACE, {"uses": ["3"]}),
        (PLACE, {"definitions": [[1, 2]]}),
        (DEFINITION, {"line": 0}),
        (DEFINITION, {"kind": ""}),
        (EDGE, {"status": "unproved"}),
        (EDGE, {"from": ["lamp.c", "on", "function"]}),
        (EDGE, {"change": "proved", "at": 3}),
        (EDGE_TRACK, {"change": "gone"}),
    ],
)
def test_a_line_with_a_wrong_value_is_refused(line: dict[str, Any], more: dict[str, Any]) -> None:
    for wrong in (line | more, more | line | more):
        with pytest.raises(LockfileError, match=r"notes\.lock:2:1"):
            read(wrong)


@pytest.mark.parametrize("line", ["3", "[]", "null", '"word"', "{}", "{", "[" * 100_000])
def test_a_line_that_is_no_fact_is_refused(line: str) -> None:
    with pytest.raises(LockfileError, match=r"notes\.lock:2:1"):
        parse_lock("notes.lock", f"{HEAD}{line}\n")

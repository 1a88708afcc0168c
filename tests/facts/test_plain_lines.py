"""The lines of a lockfile that are read without their models mean what the models say."""

import json
from typing import Any

import pytest
from msgspec.structs import force_setattr

from callpath.facts import lock as lock_module
from callpath.facts.lock import format_lock, make_lock, parse_lock
from callpath.facts.mentions import PathFact, PathNature, WordFact, WordNature
from callpath.findings import LockfileError

HEAD = '{"callpath-lock": 1}\n'
WORD: dict[str, Any] = {"word": "lamp_on", "project": "linux", "version": "v3.7", "is": "absent"}
PATH: dict[str, Any] = {"mentioned": "lamp.c", "project": "linux", "version": "v3.7", "is": "file"}
LINE: dict[str, Any] = {"on": "lamp.c", "line": 3, "project": "linux", "version": "v3.7"}
LINE |= {"is": "code", "kind": "function", "name": "lamp_on"}
PLACE: dict[str, Any] = {"in": "lamp.c", "name": "on", "project": "linux", "version": "v3.7"}
MORE: dict[str, list[Any]] = {
    "near": [[], ["lamp_off"], ["lamp_off", 3], "lamp_off", None],
    "sign": ["", "it is a slip", 3, None],
    "found": [[], ["a/lamp.c"], [None], "a/lamp.c"],
    "lines": [0, 9, -1, True, 9.5, "9", None],
    "is": ["absent", "file", "code", "lamp", 1, ["file"]],
    "project": [1, None],
    "other": [1],
    "caller": ["lamp_on"],
    "name": ["lamp_on", None, 3],
    "line": [1, 0, -1, True, "3", None],
    "kind": ["struct", "", "lamp", None],
    "digest": ["0123456789abcdef", 3],
    "occurrence": [0, 2, -1, True],
    "above": [0, 7, -2, None],
    "uses": [[], [3, 9], [0], [True], ["3"], 3],
    "definitions": [[], [[1, 1, 2]], [[1]], 3],
    "elsewhere": [[], [["lamp.h", 3]], 3],
}


def read(line: dict[str, Any]) -> object:
    """What a lockfile with one line holds, or why it cannot be read."""
    try:
        return parse_lock("notes.lock", HEAD + json.dumps(line) + "\n")
    except LockfileError as error:
        return error.message


@pytest.mark.parametrize("base", [WORD, PATH, LINE, PLACE], ids=["word", "path", "line", "place"])
@pytest.mark.parametrize("key", MORE)
@pytest.mark.parametrize("first", [True, False])
def test_any_line_is_read_as_its_model_reads_it(
    base: dict[str, Any], key: str, *, first: bool
) -> None:
    lines = [base | {key: value} for value in MORE[key]]
    lines += [{key: value} | base for value in MORE[key]]
    lines += [{name: line[name] for name in line if name != "version"} for line in lines]
    if first:
        lines = [dict(reversed(line.items())) for line in lines]
    found = [read(line) for line in lines]
    assert found == without_plain(lines)


def without_plain(lines: list[dict[str, Any]]) -> list[object]:
    plain = lock_module._FORMAT.plain
    force_setattr(lock_module._FORMAT, "plain", {})
    try:
        return [read(line) for line in lines]
    finally:
        force_setattr(lock_module._FORMAT, "plain", plain)


def test_plain_lines_need_no_models() -> None:
    word = WordFact("linux", "v3.7", "lamp_no", WordNature.ABSENT, ("lamp_on",), "it is a slip")
    path = PathFact("linux", "v3.7", "lamp.c", PathNature.ENDING, ("drivers/lamp.c",), 9)
    lock = make_lock([], [], mentions=[word, path])
    calls = list[object]()
    facts = lock_module._FORMAT.facts("notes.lock", format_lock(lock), calls.append)
    assert sorted(map(str, facts)) == sorted(map(str, [word, path]))
    assert not calls

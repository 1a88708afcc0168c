"""Kept facts: the same answers as the parser's, without a parse."""

import json
from typing import Any

import msgspec
import pytest

from callpath.c.file import (
    CodeFile,
    read_code,
)
from callpath.c.kept import (
    KeptFacts,
    KeptFile,
    kept_data,
    read_kept,
)
from kernel import FAN_C, LAMP_C, LAMP_H

TEXTS = {"lamp.c": LAMP_C.encode(), "lamp.h": LAMP_H.encode(), "fan.c": FAN_C.encode()}
WORDS = ("lamp_reset", "desk_lamp_ops", "nowhere")


def never(*_: object) -> Any:
    raise AssertionError("it was read or parsed again")


def kept(path: str, facts: KeptFacts | None = None) -> KeptFile:
    text = TEXTS[path]
    if facts is not None:
        return KeptFile(facts, never, never)
    return KeptFile(KeptFacts(), lambda: text, lambda data: read_code(path, data))


def answers(file: CodeFile) -> list[object]:
    definitions = file.facts.definitions
    return [
        file.facts,
        [file.named(definition.name) for definition in definitions],
        [file.body(definition) for definition in definitions],
        [file.bindings_beside(word) for word in WORDS],
        file.bindings,
        [file.copies(definition) for definition in definitions],
        [file.copies_beside(word) for word in WORDS],
        file.uses,
        file.types,
    ]


@pytest.mark.parametrize("path", TEXTS)
def test_what_is_kept_answers_as_the_parser_does(path: str) -> None:
    first = kept(path)
    told = answers(first)
    assert [list(each) if isinstance(each, tuple) else each for each in told[1:2]] == [
        [list(read_code(path, TEXTS[path]).named(each.name)) for each in first.facts.definitions]
    ]
    assert told[2:] == answers(read_code(path, TEXTS[path]))[2:]
    words = [first.has(word) for word in WORDS]
    again = kept(path, read_kept(kept_data(first.kept), path))
    assert answers(again) == told
    assert [again.has(word) for word in WORDS] == words
    assert first.is_changed
    assert not again.is_changed


def test_facts_hold_at_another_path() -> None:
    file = kept("lamp.c")
    data = kept_data((file.facts, file.kept)[1])
    moved = kept("lamp.c", read_kept(data, "desk/lamp.c"))
    assert {definition.path for definition in moved.facts.definitions} == {"desk/lamp.c"}


def test_what_was_not_asked_for_is_not_kept() -> None:
    file = kept("lamp.c")
    file.body(file.named("lamp_init")[0])
    assert len(file.kept.bodies) == 1
    assert file.kept.uses is None


@pytest.mark.parametrize(
    ("word", "text", "has"),
    [
        ("reset", b"reset", True),
        ("reset", b"lamp_reset(); reset();", True),
        ("reset", b"lamp_reset resets reset1 _reset", False),
        ("reset", b"", False),
        ("aa", b"aaa aa", True),
    ],
)
def test_words_are_found_whole(word: str, text: bytes, has: bool) -> None:
    assert KeptFile(KeptFacts(), lambda: text, never).has(word) is has


@pytest.mark.parametrize(
    "change",
    [
        {"words": []},
        {"facts": {"path": "lamp.c"}},
        {"facts": {"path": "lamp.c", "definitions": [{}], "declarations": [], "pasted": []}},
        {"bodies": {"one": {}}},
        {"bodies": {"0": []}},
        {"bodies": {"0": {"calls": [{"form": "shout", "name": "f", "line": 1}]}}},
        {"bindings": {"f": [[]]}},
        {"uses": [[]]},
        {"types": []},
    ],
    ids=json.dumps,
)
def test_damaged_facts_are_no_facts(change: dict[str, Any]) -> None:
    file = kept("lamp.c")
    answers(file)
    data = msgspec.msgpack.decode(kept_data(file.kept)) | change
    with pytest.raises(ValueError, match="at `"):
        read_kept(msgspec.msgpack.encode(data), "lamp.c")


def test_a_file_is_not_parsed_for_a_name_that_it_cannot_define() -> None:
    text = b"SYSCALL_DEFINE1(lamp_on, int, level)\n{\n\treturn level;\n}\nstruct lamp { int a; };\n"
    file = KeptFile(KeptFacts(), lambda: text, never)
    assert file.named("lamp_off") == ()
    assert file.named("lamp.b") == ()
    assert not file.is_changed
    file = KeptFile(KeptFacts(), lambda: text, lambda data: read_code("lamp.c", data))
    assert [found.line for found in file.named("sys_lamp_on")] == [1]
    assert [found.line for found in file.named("lamp.a")] == [5]


def test_a_file_that_only_calls_a_name_is_not_parsed_for_it() -> None:
    text = b"int lamp(int);\nint f(void)\n{\n\treturn lamp(1);\n}\nextern int (*fan)(void);\n"
    file = KeptFile(KeptFacts(), lambda: text, never)
    assert file.named("lamp") == ()
    assert file.announced("lamp") == ()
    file = KeptFile(KeptFacts(), lambda: text, lambda data: read_code("lamp.c", data))
    assert [each.name for each in file.named("f")] == ["f"]
    assert [each.name for each in file.announced("fan")] == ["fan"]

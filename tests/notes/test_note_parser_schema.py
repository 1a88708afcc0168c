"""The JSON Schema of a note: valid, documented, and of one mind with the parser."""

from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from bad_notes import bad_notes, valid_note
from callpath.model import (
    Pin,
    SymbolKind,
)
from callpath.notes.parser import parse_note
from callpath.notes.schema import note_schema

SCHEMA: dict[str, Any] = note_schema()
VALIDATOR = Draft202012Validator(SCHEMA)

# Faults that a JSON Schema cannot see, or that its readers see in the YAML.
BEYOND_A_SCHEMA = {"duplicate-id", "huge-scalar", "huge-file", "many-steps", "duplicate-key"}


def objects(schema: Any) -> list[dict[str, Any]]:
    """Every schema of a mapping inside a schema."""
    found = [schema] if isinstance(schema, dict) and "properties" in schema else []
    below = schema.values() if isinstance(schema, dict) else schema if type(schema) is list else []
    return found + [each for value in below for each in objects(value)]


def test_the_schema_is_valid() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert "$id" not in SCHEMA
    assert SCHEMA["title"] == "note"
    assert SCHEMA["required"] == ["title", "steps"]


def test_every_key_is_documented_and_no_other_is_allowed() -> None:
    mappings = objects(SCHEMA)
    assert len(mappings) == 6
    for mapping in mappings:
        assert mapping["additionalProperties"] is False
        for name, key in mapping["properties"].items():
            assert key["description"].endswith("."), name
            assert "default" not in key


def test_it_has_every_symbol_kind() -> None:
    step = SCHEMA["$defs"]["StepModel"]
    assert {kind.value for kind in SymbolKind} <= step["properties"].keys()


def load(data: bytes) -> Any:
    return yaml.safe_load(data)


def test_valid_notes_pass() -> None:
    for seed in range(100):
        VALIDATOR.validate(load(valid_note(seed)))


STEP = {"function": "f", "file": "a.c"}


@pytest.mark.parametrize(
    "note",
    [
        {"title": "x", "steps": [STEP]},
        {"title": 6.10, "pin": 6.10, "steps": [STEP]},
        {"title": "x", "pin": {"project": "qemu", "version": "v8.2.0"}, "steps": [STEP]},
        {"title": "x", "steps": [STEP | {"steps": [STEP | {"via": "a->b", "occurrence": 2}]}]},
        {"title": "x", "steps": [STEP | {"when": "later", "by": "g"}]},
        {"title": "x", "steps": [STEP | {"errata": [{"said": "a", "is": "b"}]}]},
        {"title": "x", "steps": [{"field": "s.m", "file": "a/b-c.h"}]},
    ],
)
def test_it_takes(note: dict[str, Any]) -> None:
    VALIDATOR.validate(note)


@pytest.mark.parametrize(
    "note",
    [
        [],
        {},
        {"title": "x"},
        {"title": "x", "steps": []},
        {"title": "", "steps": [STEP]},
        {"title": "x", "steps": [STEP], "author": "y"},
        {"title": "x", "pin": "latest", "steps": [STEP]},
        {"title": "x", "pin": {"project": "linux"}, "steps": [STEP]},
        {"title": "x", "steps": [{"function": "f"}]},
        {"title": "x", "steps": [{"file": "a.c"}]},
        {"title": "x", "steps": [STEP | {"macro": "m"}]},
        {"title": "x", "steps": [STEP | {"flie": "a.c"}]},
        {"title": "x", "steps": [STEP | {"file": "../a.c"}]},
        {"title": "x", "steps": [STEP | {"file": "/a.c"}]},
        {"title": "x", "steps": [STEP | {"file": "a/./b.c"}]},
        {"title": "x", "steps": [STEP | {"function": "f()"}]},
        {"title": "x", "steps": [STEP | {"by": "g"}]},
        {"title": "x", "steps": [STEP | {"when": "soon"}]},
        {"title": "x", "steps": [STEP | {"occurrence": 0}]},
        {"title": "x", "steps": [STEP | {"steps": [{"function": "f"}]}]},
    ],
)
def test_it_refuses(note: Any) -> None:
    assert not VALIDATOR.is_valid(note)


def test_it_refuses_what_the_parser_refuses() -> None:
    schema_rules = {"wrong-type", "unknown-key", "missing-key", "invalid-value", "invalid-path"}
    for bad in bad_notes(7, 500):
        if bad.fault in BEYOND_A_SCHEMA or not bad.expected_rules <= schema_rules:
            continue
        assert not VALIDATOR.is_valid(load(bad.data)), bad.name
        result = parse_note("n.yml", bad.data, note_id="n", default_pin=Pin("linux", "v3.7"))
        assert result.findings

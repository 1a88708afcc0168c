"""The form of `notebook.json`, version 1, as JSON Schema: what programs may rely on."""

from typing import Any


def _object(required: dict[str, Any], optional: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "type": "object",
        "required": sorted(required),
        "properties": required | (optional or {}),
        "additionalProperties": False,
    }


def _list(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


_TEXT = {"type": "string", "minLength": 1}
_ANY_TEXT = {"type": "string"}
_COUNT = {"type": "integer", "minimum": 0}
_LINE = {"type": "integer", "minimum": 1}
_SOURCE_URL = {"type": "string", "pattern": r"^https://[^ ]+#L\d+$"}
# Relative to the site's root: no scheme, no leading slash.
_ADDRESS = {"type": "string", "pattern": r"^(?![a-z]+:)[^/ ][^ ]*$"}
_KIND = {
    "enum": [
        *("function", "macro", "struct", "union", "enum"),
        *("enumerator", "variable", "typedef", "field"),
    ]
}
_STATUSES = ("proved", "half", "asserted", "not-searched", "unproved")
_ERAS = _list({**_list(_TEXT), "minItems": 2, "maxItems": 2})
_PIN = _object({"project": _TEXT, "version": _TEXT}, {"commit": _TEXT})
_COUNTS = {
    "steps": _COUNT,
    "proved": _COUNT,
    "errata": _COUNT,
    "edges": _object(dict.fromkeys(_STATUSES, _COUNT)),
}
_SITE = _object(
    {
        "path": _TEXT,
        "line": _LINE,
        "role": {"enum": ["call", "copy", "binding", "hand-over", "object", "use"]},
        "url": _SOURCE_URL,
    },
    {"name": _TEXT, "condition": _TEXT},
)
_EDGE = _object(
    {
        "status": {"enum": [*_STATUSES, "not-locked"]},
        "proof": {
            "enum": [
                *("call", "macro", "pointer", "callback", "registration", "table", "use"),
                None,
            ]
        },
        "sites": _list(_SITE),
    },
    {"via": _TEXT, "others": _LINE, "eras": _ERAS, "otherwise": _ERAS, "unknown": _ERAS},
)
_DEFINITION = _object(
    {
        "line": _LINE,
        "start": _LINE,
        "end": _LINE,
        "signature": _TEXT,
        "digest": {"type": "string", "pattern": "^[0-9a-f]{16}$"},
        "url": _SOURCE_URL,
    },
    {"condition": _TEXT},
)
_PLACE = {"symbol": _TEXT, "path": _TEXT, "line": _LINE, "url": _SOURCE_URL}
_VERSION = {
    **_object(
        {
            "version": _TEXT,
            "status": {"enum": ["same", "moved", "moved-file", "changed", "renamed", "gone"]},
        },
        {
            **_PLACE,
            "kind": _KIND,
            "edge": {
                "enum": [
                    *("proved", "proved-otherwise", "gone", "asserted", "half", "not-searched")
                ]
            },
        },
    ),
    "if": {"properties": {"status": {"const": "gone"}}},
    "then": {"not": {"anyOf": [{"required": [key]} for key in _PLACE]}},
    "else": {"required": sorted(_PLACE)},
}
_STEP = _object(
    {
        "id": _TEXT,
        "ordinal": _LINE,
        "depth": _COUNT,
        "parent": {"type": ["string", "null"]},
        "symbol": _TEXT,
        "kind": _KIND,
        "path": _TEXT,
        "proved": {"type": "boolean"},
        "address": _ADDRESS,
        "symbol_address": _ADDRESS,
        "file_address": _ADDRESS,
        "commentary": _ANY_TEXT,
    },
    {
        "definition": _DEFINITION,
        "edge": _EDGE,
        "errata": {**_list(_object({"said": _ANY_TEXT, "is": _ANY_TEXT})), "minItems": 1},
        "versions": {**_list(_VERSION), "minItems": 1},
        "remarks": {**_list(_object({"version": _TEXT, "remark": _TEXT})), "minItems": 1},
        "when": {"const": "later"},
        "by": _TEXT,
        "asserted": _TEXT,
        "eras": _ERAS,
        "unknown": _ERAS,
    },
)
_NOTE = _object(
    {
        "id": _TEXT,
        "title": _TEXT,
        "file": _TEXT,
        "pin": _PIN,
        "address": _ADDRESS,
        "badge": _ADDRESS,
        "graph": _ADDRESS,
        "counts": _object(_COUNTS),
        "steps": _list(_STEP),
    },
    {"description": _TEXT},
)
_SYMBOL = _object(
    {
        "symbol": _TEXT,
        "kind": _KIND,
        "project": _TEXT,
        "path": _TEXT,
        "address": _ADDRESS,
        "steps": _list(_TEXT),
    }
)
NOTEBOOK: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    **_object(
        {
            "schema": {"const": 1},
            "site_name": _TEXT,
            "pin": _PIN,
            "counts": _object(_COUNTS | {"notes": _COUNT, "symbols": _COUNT, "files": _COUNT}),
            "notes": _list(_NOTE),
            "symbols": _list(_SYMBOL),
        },
        {
            "site_url": _TEXT,
            "site_description": _TEXT,
            "eras": _object({"project": _TEXT, "tags": _list(_TEXT)}),
        },
    ),
}

"""The single values of a note: which texts are an identifier, a path, a version, a step's id.

Each check raises a pydantic error whose type is the name of a rule and whose context holds the
message and the hint; the pattern beside it says the same to editors.
"""

import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from callpath.core import rules
from callpath.core.diagnostics import Rule
from callpath.core.paths import path_fault, shown

_IDENTIFIER = r"[A-Za-z_][A-Za-z0-9_]*"
IDENTIFIER_PATTERN = rf"^{_IDENTIFIER}$"
FIELD_PATTERN = rf"^{_IDENTIFIER}\.{_IDENTIFIER}$"
VIA_PATTERN = rf"^{_IDENTIFIER}((->|\.){_IDENTIFIER}|\[({_IDENTIFIER}|[0-9]+)?\])*$"
STEP_ID_PATTERN = r"^[A-Za-z0-9_][A-Za-z0-9_-]*$"
PATH_PATTERN = r"^(?!\.{1,2}(/|$))[A-Za-z0-9_.,+=-]+(/(?!\.{1,2}(/|$))[A-Za-z0-9_.,+=-]+)*$"
PROJECT_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_-]*$"
VERSION_PATTERN = r"^(?!latest(-rc)?$)[A-Za-z0-9_][A-Za-z0-9_.,:/-]*$"
COMMIT_PATTERN = r"^([0-9a-f]{40}|[0-9a-f]{64})$"
_MOVING_VERSIONS = frozenset({"latest", "latest-rc"})
_LARGEST_COUNT = re.compile(r"0*([1-9][0-9]{0,5})")


def fault(rule: Rule, message: str, hint: str = "") -> PydanticCustomError:
    """A finding on its way through pydantic."""
    return PydanticCustomError(rule.name, "{message}", {"message": message, "hint": hint})


def _matches(pattern: str, text: str) -> bool:
    return re.fullmatch(pattern.removesuffix("$"), text) is not None


def _filled(text: str) -> str:
    if not text.strip():
        raise fault(rules.INVALID_VALUE, "the text is empty", "write it, or remove the key")
    return text


def _identifier(name: str) -> str:
    if _matches(IDENTIFIER_PATTERN, name):
        return name
    hint = "write the bare name, as it stands in the source"
    if found := re.fullmatch(rf"(?:\w+ +)*\**({_IDENTIFIER})(\(.*\))?;?", name):
        hint = f"write `{found.group(1)}`"
    elif _matches(FIELD_PATTERN, name):
        hint = "a member of a struct is named with `field:`"
    raise fault(rules.INVALID_VALUE, f"{shown(name)} is no C identifier", hint)


def _field(name: str) -> str:
    if not _matches(FIELD_PATTERN, name):
        message = f"{shown(name)} does not name a struct and its member"
        raise fault(rules.INVALID_VALUE, message, "write `struct.member`: `kvm_vcpu.arch`")
    return name


def _via(expression: str) -> str:
    if not _matches(VIA_PATTERN, expression):
        message = f"{shown(expression)} is no pointer that a call can go through"
        hint = "write `kvm_x86_ops->hardware_setup`, `file_operations.open` or `handlers[]`"
        raise fault(rules.INVALID_VALUE, message, hint)
    return expression


def _when(time: str) -> str:
    if time != "later":
        raise fault(rules.INVALID_VALUE, f"`when` cannot be {shown(time)}", "it can be `later`")
    return time


def _step_id(text: str) -> str:
    if not _matches(STEP_ID_PATTERN, text):
        message = f"{shown(text)} cannot be the id of a step"
        hint = "use letters `A`–`z`, digits, `_` and `-`, starting with a letter, a digit or `_`"
        raise fault(rules.INVALID_VALUE, message, hint)
    return text


def _path(path: str) -> str:
    if wrong := path_fault(path, "the source tree"):
        raise fault(rules.INVALID_PATH, *wrong)
    return path


def _project(name: str) -> str:
    if not _matches(PROJECT_PATTERN, name):
        message = f"{shown(name)} is no project's name"
        raise fault(rules.INVALID_VALUE, message, "write the name that it has at elixir: `linux`")
    return name


def _version(version: str) -> str:
    hint = "write a tag, such as `v3.7`"
    if not version.strip():
        raise fault(rules.INVALID_VALUE, "the version is empty", hint)
    if version in _MOVING_VERSIONS:
        raise fault(rules.INVALID_VALUE, f"{shown(version)} is no fixed version", hint)
    if not _matches(VERSION_PATTERN, version) or ".." in version or "//" in version:
        raise fault(rules.INVALID_VALUE, f"{shown(version)} cannot be a version", hint)
    return version


def _commit(commit: str) -> str:
    if not _matches(COMMIT_PATTERN, commit):
        message = f"{shown(commit)} is no full commit id"
        hint = "write all 40 hexadecimal digits; `git rev-parse TAG^{commit}` prints them"
        raise fault(rules.INVALID_VALUE, message, hint)
    return commit


def _count(value: object) -> object:
    """A decimal number of a scalar; a scalar comes as its text."""
    if not isinstance(value, str):
        return value
    if found := _LARGEST_COUNT.fullmatch(value):
        return int(found.group(1))
    if re.fullmatch(r"[-+]?[0-9]+", value):
        message, hint = f"{shown(value)} is no count", "count from 1"
        raise fault(rules.INVALID_VALUE, message, hint)
    raise fault(rules.WRONG_TYPE, f"{shown(value)} is not a number", "write a number from 1")


def _pattern(pattern: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": pattern})


# A number where a text belongs is taken as the text that it is written as.
_WRITTEN = ["string", "number", "boolean"]

Prose = Annotated[str, WithJsonSchema({"type": _WRITTEN})]
FilledText = Annotated[
    str, AfterValidator(_filled), WithJsonSchema({"type": _WRITTEN, "pattern": r"\S"})
]
Identifier = Annotated[str, AfterValidator(_identifier), _pattern(IDENTIFIER_PATTERN)]
FieldName = Annotated[str, AfterValidator(_field), _pattern(FIELD_PATTERN)]
Via = Annotated[str, AfterValidator(_via), _pattern(VIA_PATTERN)]
When = Annotated[str, AfterValidator(_when), WithJsonSchema({"type": "string", "enum": ["later"]})]
StepId = Annotated[
    str,
    AfterValidator(_step_id),
    WithJsonSchema({"type": ["string", "number"], "pattern": STEP_ID_PATTERN}),
]
SourcePath = Annotated[str, AfterValidator(_path), _pattern(PATH_PATTERN)]
Project = Annotated[str, AfterValidator(_project), _pattern(PROJECT_PATTERN)]
Version = Annotated[
    str,
    AfterValidator(_version),
    WithJsonSchema({"type": ["string", "number"], "pattern": VERSION_PATTERN}),
]
Commit = Annotated[
    str,
    AfterValidator(_commit),
    WithJsonSchema({"type": ["string", "number"], "pattern": COMMIT_PATTERN}),
]
Count = Annotated[int, BeforeValidator(_count), WithJsonSchema({"type": "integer", "minimum": 1})]

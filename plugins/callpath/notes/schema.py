"""The note format, version 1: its keys, their types and what they mean. Does not depend on YAML.

These models are its single definition; the JSON Schema for editors is made from them.
"""

import re
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    JsonValue,
    WithJsonSchema,
    model_validator,
)
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from callpath import rules
from callpath.findings import Rule
from callpath.model import SymbolKind, path_fault, shown

_IDENTIFIER = r"[A-Za-z_][A-Za-z0-9_]*"
IDENTIFIER_PATTERN = rf"^{_IDENTIFIER}$"
FIELD_PATTERN = rf"^{_IDENTIFIER}\.{_IDENTIFIER}$"
VIA_PATTERN = rf"^{_IDENTIFIER}((->|\.){_IDENTIFIER}|\[({_IDENTIFIER}|[0-9]+)?\])*$"
STEP_ID_PATTERN = r"^[A-Za-z0-9_][A-Za-z0-9_-]*$"
PATH_PATTERN = r"^(?!\.{1,2}(/|$))[A-Za-z0-9_.,+=-]+(/(?!\.{1,2}(/|$))[A-Za-z0-9_.,+=-]+)*$"
PROJECT_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_-]*$"
VERSION_PATTERN = r"^(?!latest(-rc)?$)[A-Za-z0-9_][A-Za-z0-9_.,:/-]*$"
COMMIT_PATTERN = r"^([0-9a-f]{40}|[0-9a-f]{64})$"

# For texts whose pattern pydantic checks: what is wrong with another text, and the hint.
MISMATCHES = {
    FIELD_PATTERN: (
        "does not name a struct and its member",
        "write `struct.member`: `kvm_vcpu.arch`",
    ),
    VIA_PATTERN: (
        "is not a pointer that a call can go through",
        "write `kvm_x86_ops->hardware_setup`, `file_operations.open` or `handlers[]`",
    ),
    STEP_ID_PATTERN: (
        "cannot be the id of a step",
        "use letters `A`–`z`, digits, `_` and `-`, starting with a letter, a digit or `_`",
    ),
    PROJECT_PATTERN: ("is not a project name", "write the name that it has at elixir: `linux`"),
    COMMIT_PATTERN: (
        "is not a full commit id",
        "write all 40 hexadecimal digits; `git rev-parse TAG^{commit}` prints them",
    ),
}
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
    raise fault(rules.INVALID_VALUE, f"{shown(name)} is not a C identifier", hint)


def _when(time: str) -> str:
    if time != "later":
        raise fault(rules.INVALID_VALUE, f"`when` cannot be {shown(time)}", "it can be `later`")
    return time


def _path(path: str) -> str:
    if wrong := path_fault(path, "the source tree"):
        raise fault(rules.INVALID_PATH, *wrong)
    return path


def _version(version: str) -> str:
    hint = "write a tag, such as `v3.7`"
    if not version.strip():
        raise fault(rules.INVALID_VALUE, "the version is empty", hint)
    if version in _MOVING_VERSIONS:
        raise fault(rules.INVALID_VALUE, f"{shown(version)} is not a fixed version", hint)
    if not _matches(VERSION_PATTERN, version) or ".." in version or "//" in version:
        raise fault(rules.INVALID_VALUE, f"{shown(version)} cannot be a version", hint)
    return version


def _count(value: object) -> object:
    """A decimal number of a scalar; a scalar comes as its text."""
    if not isinstance(value, str):
        return value
    if found := _LARGEST_COUNT.fullmatch(value):
        return int(found.group(1))
    if re.fullmatch(r"[-+]?[0-9]+", value):
        message, hint = f"{shown(value)} is not a count", "count from 1"
        raise fault(rules.INVALID_VALUE, message, hint)
    raise fault(rules.WRONG_TYPE, f"{shown(value)} is not a number", "write a number from 1")


def _pattern(pattern: str, kind: str | list[JsonValue] = "string") -> WithJsonSchema:
    return WithJsonSchema({"type": kind, "pattern": pattern})


# A number where a text belongs is taken as the text that it is written as.
_NUMBER_TOO: list[JsonValue] = ["string", "number"]
_WRITTEN: list[JsonValue] = [*_NUMBER_TOO, "boolean"]

Prose = Annotated[str, WithJsonSchema({"type": _WRITTEN})]
FilledText = Annotated[str, AfterValidator(_filled), _pattern(r"\S", _WRITTEN)]
Identifier = Annotated[str, AfterValidator(_identifier), _pattern(IDENTIFIER_PATTERN)]
FieldName = Annotated[str, Field(pattern=FIELD_PATTERN)]
Via = Annotated[str, Field(pattern=VIA_PATTERN)]
When = Annotated[str, AfterValidator(_when), WithJsonSchema({"type": "string", "enum": ["later"]})]
StepId = Annotated[str, Field(pattern=STEP_ID_PATTERN, json_schema_extra={"type": _NUMBER_TOO})]
SourcePath = Annotated[str, AfterValidator(_path), _pattern(PATH_PATTERN)]
Project = Annotated[str, Field(pattern=PROJECT_PATTERN)]
Version = Annotated[str, AfterValidator(_version), _pattern(VERSION_PATTERN, _NUMBER_TOO)]
Commit = Annotated[str, Field(pattern=COMMIT_PATTERN, json_schema_extra={"type": _NUMBER_TOO})]
Count = Annotated[int, BeforeValidator(_count), WithJsonSchema({"type": "integer", "minimum": 1})]

# The keys that name what a step is about; a step has exactly one of them.
SYMBOL_KEYS: tuple[str, ...] = tuple(kind.value for kind in SymbolKind)


def _key(description: str, default: object = "") -> Any:
    return Field(default, description=description)


class _Mapping(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)


class PinModel(_Mapping, title="pin"):
    """The one tree that the references are read against: a version, or a mapping with more."""

    project: Project = _key("The code base's name at elixir; default: the site's.")
    version: Version = Field(description="Its tag, such as `v3.7`; never `latest`.")
    commit: Commit = _key("The full id of the commit that the tag must name.")

    @model_validator(mode="before")
    @classmethod
    def _from_version(cls, value: object) -> object:
        return {"version": value} if isinstance(value, str) else value

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """The schema of either form."""
        mapping = handler.resolve_ref_schema(handler(schema))
        description = mapping.pop("description", "")
        version = {"type": _NUMBER_TOO, "pattern": VERSION_PATTERN}
        return {"title": "pin", "description": description, "anyOf": [version, mapping]}


class ErratumModel(_Mapping, title="erratum"):
    """What older notes said of this step, and what the source says."""

    said: FilledText = Field(description="What older notes said. Markdown.")
    correction: FilledText = Field(alias="is", description="What the source says. Markdown.")


class RemarkModel(_Mapping, title="remark"):
    """What there is to say of this step in a version that the site tracks."""

    version: Version = Field(description="A version of the site's `versions`.")
    remark: FilledText = Field(
        description="Markdown; `src:` links in it are read against that version."
    )


_BETWEEN_KEYS: dict[str, JsonValue] = {
    "oneOf": [{"required": [key]} for key in SYMBOL_KEYS],
    "dependentRequired": {"by": ["when"]},
}


class StepModel(_Mapping, title="step", json_schema_extra=_BETWEEN_KEYS):
    """One stop of the note: exactly one symbol, the file that defines it, and what to see there."""

    function: Identifier = _key("The function that the step is about.")
    macro: Identifier = _key("The macro that the step is about.")
    struct: Identifier = _key("The tag of the struct that the step is about.")
    union: Identifier = _key("The tag of the union that the step is about.")
    enum: Identifier = _key("The tag of the enum that the step is about.")
    enumerator: Identifier = _key("The constant of an enum that the step is about.")
    variable: Identifier = _key("The file-level variable that the step is about.")
    typedef: Identifier = _key("The typedef's name that the step is about.")
    field: FieldName = _key("The member that the step is about: `struct.member`.")
    file: SourcePath = Field(
        description="The file that defines the symbol; its path below the source tree."
    )
    commentary: Prose = _key("What a reader should see there. Markdown, best as a `|` block.")
    id: StepId = _key(
        "The step's anchor on the page, unique in the note. Default: the symbol's "
        "name, with `-` for the dot of a field, and `-2`, `-3` when it is taken."
    )
    occurrence: Count = _key("Which of several definitions of the name in the file, from 1.", 0)
    via: Via = _key(
        "The pointer that the call to this step goes through: "
        "`kvm_x86_ops->hardware_setup`, `file_operations.open`, `svm_exit_handlers[]`."
    )
    when: When = _key("`later` when this callback is only handed over here and runs elsewhere.")
    by: Identifier = _key("The function that runs it later; goes with `when`.")
    asserted: FilledText = _key("Why the call to this step is true though syntax cannot prove it.")
    errata: list[ErratumModel] = _key("What older notes said of this step.", [])
    remarks: list[RemarkModel] = _key(
        "What there is to say of this step in versions that the site tracks.", []
    )
    steps: list["StepModel"] = _key("The steps reached from this one, in their order.", [])


class OmissionModel(_Mapping, title="omission"):
    """A function that the note leaves out on purpose."""

    function: Identifier = Field(description="The function that is left out.")
    reason: FilledText = Field(description="Why it is left out. Plain text.")


class NoteModel(_Mapping, title="note"):
    """A source-code reading note: one call path, step by step."""

    title: FilledText = Field(description="The note's title. Plain text.")
    description: Prose = _key("What stands before the steps. Markdown.")
    pin: PinModel = Field(
        PinModel.model_construct(version=""),
        description="The version that the note speaks of; default: the site's pin.",
    )
    steps: list[StepModel] = Field(
        description="The steps of the top level, in their order.", min_length=1
    )
    omits: list[OmissionModel] = _key(
        "Functions that the note leaves out on purpose, with the reason.", []
    )
    counterparts: list[FilledText] = _key(
        "The files of notes that tell the same path at other versions, relative to this one.", []
    )


class _Plainly(GenerateJsonSchema):
    """A schema without titles of keys and without defaults, which would say nothing to a writer."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])


def note_schema() -> dict[str, object]:
    """The JSON Schema (draft 2020-12) of a note; the descriptions are shown by editors."""
    schema = NoteModel.model_json_schema(schema_generator=_Plainly)
    return {"$schema": GenerateJsonSchema.schema_dialect, **schema}

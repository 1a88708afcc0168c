"""The settings that name versions: the site's pin, and the versions that are tracked besides."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated

from pydantic import AfterValidator, GetPydanticSchema
from pydantic_core import CoreSchema, core_schema

from callpath.core import rules
from callpath.core.model import Pin
from callpath.core.note_parser.schema import PinModel
from callpath.core.note_parser.values import fault

DEFAULT_PROJECT = "linux"


def _pin_of(value: object, validate: Callable[[object], PinModel]) -> Pin:
    if isinstance(value, Pin):
        return value
    model = validate(value)
    return Pin(model.project or DEFAULT_PROJECT, model.version, model.commit)


def _version_of(value: object, validate: Callable[[object], PinModel]) -> Pin:
    """A tracked version; without a project it is of the pin's, which is not known here."""
    if isinstance(value, Pin):
        return value
    model = validate(value)
    return Pin(model.project, model.version, model.commit)


def _version_schema(_: object, __: object) -> CoreSchema:
    return core_schema.no_info_wrap_validator_function(
        _version_of,
        PinModel.__pydantic_core_schema__,
        serialization=core_schema.plain_serializer_function_ser_schema(asdict),
    )


def _pin_schema(_: object, __: object) -> CoreSchema:
    return core_schema.no_info_wrap_validator_function(
        _pin_of,
        PinModel.__pydantic_core_schema__,
        serialization=core_schema.plain_serializer_function_ser_schema(asdict),
    )


def _each_once(pins: list[Pin]) -> list[Pin]:
    for number, pin in enumerate(pins):
        if any((pin.project, pin.version) == (one.project, one.version) for one in pins[:number]):
            raise fault(
                rules.INVALID_VALUE,
                f"`versions` names {pin.version} twice",
                "name each version once",
            )
    return pins


PinSetting = Annotated[Pin, GetPydanticSchema(_pin_schema)]
Versions = Annotated[
    list[Annotated[Pin, GetPydanticSchema(_version_schema)]], AfterValidator(_each_once)
]

"""Macros of a site's code base that dispatch a call: the option `dispatch_macros`."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

from callpath.core import rules
from callpath.core.c_parser import DISPATCH, DispatchMacro
from callpath.core.note_parser.values import fault
from callpath.core.paths import shown


def _position(value: object) -> object:
    if isinstance(value, str):
        value = int(value) if value.isdigit() and len(value) < 3 else 0
    if not isinstance(value, int) or value < 1:
        message = f"{shown(str(value))} is no argument's number"
        raise fault(rules.INVALID_VALUE, message, "the first argument is 1")
    return value


class DispatchModel(BaseModel):
    """A macro whose call stands for the function that one of its arguments names.

    Attributes:
        name: The macro's name.
        argument: Which argument names the function or the member, from 1.
        prefix: What to strip from the front of that name, if it is there.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, title="dispatch macro")

    name: str
    argument: Annotated[int, BeforeValidator(_position)] = 1
    prefix: str = ""


def _named(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


DispatchMacros = Annotated[DispatchModel, BeforeValidator(_named)]


def dispatch_table(added: Sequence[DispatchModel]) -> Mapping[str, DispatchMacro]:
    """The macros that are known, with those that a site adds or describes anew."""
    return {
        **DISPATCH,
        **{one.name: DispatchMacro(one.argument - 1, one.prefix) for one in added},
    }

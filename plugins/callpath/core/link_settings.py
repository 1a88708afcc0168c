"""Where the links to the source lead: the option `links`."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, model_validator

from callpath.core import rules
from callpath.core.note_parser.values import fault
from callpath.core.paths import shown


def _base(address: str) -> str:
    if address and not address.startswith(("https://", "http://")):
        message = f"{shown(address)} is no web address"
        raise fault(rules.INVALID_VALUE, message, "start it with `https://`")
    if any(character.isspace() or character in "<>\"'\\?#" for character in address):
        message = f"{shown(address)} cannot stand before a path"
        raise fault(rules.INVALID_VALUE, message, "write a plain address without `?` and `#`")
    return address.rstrip("/")


class Links(BaseModel):
    """Where the links to the source lead.

    Attributes:
        provider: The kind of site.
        base: Its address without a slash at the end, or empty for the provider's own.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, title="links option")

    provider: Literal["elixir", "github", "kernel.org"] = "elixir"
    base: Annotated[str, AfterValidator(_base)] = ""

    @model_validator(mode="before")
    @classmethod
    def _from_provider(cls, value: object) -> object:
        return {"provider": value} if isinstance(value, str) else value

"""How a site on the network may be asked: the option `online`. Knows no network."""

import re
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

from callpath.core import rules
from callpath.core.note_parser.values import fault
from callpath.core.paths import shown

_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")


def _between(lowest: float, highest: float, unit: str, *, whole: bool = False) -> BeforeValidator:
    """Reads a number, which may come as the text that it is written as."""

    def read(value: object) -> object:
        if isinstance(value, str):
            if not _NUMBER.fullmatch(value) or (whole and "." in value):
                message = f"{shown(value)} is not a {'whole ' if whole else ''}number of {unit}"
                raise fault(rules.WRONG_TYPE, message, f"write a number from {lowest:g}")
            value = float(value) if "." in value else int(value)
        if isinstance(value, int | float) and not lowest <= value <= highest:
            message = f"{shown(str(value))} is no number of {unit} from {lowest:g} to {highest:g}"
            raise fault(rules.INVALID_VALUE, message, f"write one up to {highest:g}")
        return value

    return BeforeValidator(read)


class Online(BaseModel):
    """How a site on the network is asked.

    Attributes:
        delay: Seconds that lie at least between two requests to a host.
        timeout: Seconds that one request may take, from its start to the last byte.
        retries: How often a request that failed is made again.
        cache_days: Days that an answer is kept on disk; 0 keeps none.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, title="online option")

    delay: Annotated[float, _between(0, 3600, "seconds")] = 2.0
    timeout: Annotated[float, _between(0.1, 3600, "seconds")] = 30.0
    retries: Annotated[int, _between(0, 10, "retries", whole=True)] = 3
    cache_days: Annotated[float, _between(0, 3650, "days")] = 7.0

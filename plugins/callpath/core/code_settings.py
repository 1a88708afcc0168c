"""Whether pages show source text, and under which licence: `source_text` and `licences`."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict

from callpath.core import rules
from callpath.core.note_parser.values import fault
from callpath.core.paths import path_fault, shown

_SWITCH = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def _switch(value: object) -> object:
    """A truth value, which may come as the text that it is written as."""
    if isinstance(value, str):
        if value.lower() not in _SWITCH:
            message = f"{shown(value)} is neither `true` nor `false`"
            raise fault(rules.WRONG_TYPE, message, "write `true` or `false`")
        return _SWITCH[value.lower()]
    return value


Switch = Annotated[bool, BeforeValidator(_switch)]


def _file(path: str) -> str:
    wrong = path_fault(path, "the source") if path else None
    if wrong:
        raise fault(rules.INVALID_PATH, *wrong)
    return path


class Licence(BaseModel):
    """Under which licence the source text of a project stands.

    Attributes:
        project: The code base.
        name: What the licence is called, best as its SPDX identifier.
        file: Path of its text in the source, or empty.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, title="licence")

    project: str
    name: str
    file: Annotated[str, AfterValidator(_file)] = ""


LINUX = Licence(project="linux", name="GPL-2.0 WITH Linux-syscall-note", file="COPYING")


def licence_table(said: Sequence[Licence]) -> Mapping[str, Licence]:
    """The licence of each project: what a site says, and what is known without it."""
    return {one.project: one for one in (LINUX, *said)}

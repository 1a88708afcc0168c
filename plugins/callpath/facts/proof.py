"""What a proof is: how an edge was found in the source, and where, as values."""

import re
from enum import StrEnum

from msgspec import Struct


class Proof(StrEnum):
    """How an edge was found."""

    CALL = "call"
    """The caller's body calls the callee by name."""
    MACRO = "macro"
    """The callee is a macro used in the caller's body, or is in the caller macro's own text."""
    POINTER = "pointer"
    """The body calls through a member that a table binds to the callee. It means "may call"."""
    CALLBACK = "callback"
    """The callee is handed over in the body, by itself or in an object."""
    REGISTRATION = "registration"
    """A macro call at file level names it."""
    TABLE = "table"
    """The initialiser of the variable binds it."""
    USE = "use"
    """The body names the variable, field or type, as that kind."""


class EdgeStatus(StrEnum):
    """How certain an edge is."""

    PROVED = "proved"
    HALF = "half"  # one of the two halves of a pointer or of a later callback is found
    ASSERTED = "asserted"  # the author vouches for what syntax cannot prove
    NOT_SEARCHED = "not-searched"  # this source cannot be scanned for the half that is missing
    UNPROVED = "unproved"


class SiteRole(StrEnum):
    """What happens at a site."""

    CALL = "call"
    COPY = "copy"  # a pointer is put from one place into another
    BINDING = "binding"
    HAND_OVER = "hand-over"
    OBJECT = "object"
    USE = "use"


class ProofSite(Struct, frozen=True, order=True):
    """A place in the source where an edge happens."""

    path: str
    line: int
    role: SiteRole
    condition: str = ""  # the `#if` condition around it inside its definition, or empty
    name: str = ""  # what is there: the table's or the object's name, the member; may be empty


class Verdict(Struct, frozen=True):
    """What the source says of an edge."""

    status: EdgeStatus
    proof: Proof | None = None
    """How it was found, or None."""
    sites: tuple[ProofSite, ...] = ()
    """Where, each once: the sites in the caller first, in line order."""
    member: str = ""
    """The member that a call goes through (`hardware_setup`), or empty."""
    others: int = 0
    """For a pointer: how many other functions the note's files bind the same member to."""
    above: str = ""
    """The symbol that hands the callee over, if that is the caller's own caller; else empty."""
    reason: str = ""
    """For what is not proved: the nearest true statement, no full stop; may be empty."""
    wrong_via: bool = False
    """Whether the edge holds, but not through the pointer that the author names."""
    type_mismatch: bool = False
    """Whether the receiver's type and the table's type are known and differ."""


NOT_FOUND = Verdict(EdgeStatus.UNPROVED)

_SPLIT = re.compile(r"->|\.")
_INDEX = re.compile(r"\[([^\]]*)\]")
_LAST_INDEX = re.compile(r"\[([^\[\]]*)\]$")
_SPACE = re.compile(r"\s+")


class Via(Struct, frozen=True):
    """A pointer."""

    # What is before the member, without indexes: an expression, a variable or a struct's tag; may
    # be empty.
    owner: str
    member: str  # or the array's name
    index: str = ""  # for an element of an array: which one, or empty


def read_via(text: str) -> Via | None:
    """The pointer that a step's `via` names, or None if it is empty."""
    written = _SPACE.sub("", text)
    if not written:
        return None
    plain = without_indexes(written)
    last = _LAST_INDEX.search(written)
    index = last.group(1) if last else ""
    parts = list(_SPLIT.finditer(plain))
    if not parts:
        return Via("", plain, index)
    return Via(plain[: parts[-1].start()], plain[parts[-1].end() :], index)


def without_indexes(expression: str) -> str:
    """An expression without its square brackets and what is in them."""
    return _INDEX.sub("", expression)

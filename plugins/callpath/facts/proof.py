"""What a proof is: how an edge was found in the source, and where. Values only."""

import re
from dataclasses import dataclass
from enum import StrEnum


class Proof(StrEnum):
    """How an edge was found."""

    CALL = "call"
    """The caller's body calls the callee by name."""
    MACRO = "macro"
    """The callee is a macro used in the caller's body, or stands in the caller macro's own text."""
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
    HALF = "half"
    """One of the two halves of a pointer or of a later callback is found."""
    ASSERTED = "asserted"
    """The author vouches for what syntax cannot prove."""
    NOT_SEARCHED = "not-searched"
    """This source cannot be scanned for the half that is missing."""
    UNPROVED = "unproved"


class SiteRole(StrEnum):
    """What happens at a site."""

    CALL = "call"
    BINDING = "binding"
    HAND_OVER = "hand-over"
    OBJECT = "object"
    USE = "use"


@dataclass(frozen=True, slots=True, order=True)
class ProofSite:
    """A place in the source where an edge happens.

    Attributes:
        path: The file.
        line: The line, 1-based.
        role: What happens there.
        condition: The `#if` condition that it stands under inside its definition, or empty.
        name: What stands there: the table's or the object's name, the member; may be empty.
    """

    path: str
    line: int
    role: SiteRole
    condition: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the source says of an edge.

    Attributes:
        status: How certain it is.
        proof: How it was found; nothing when it was not.
        sites: Where, each once: the sites in the caller first, in line order.
        member: The member that a call goes through (`hardware_setup`), or empty.
        others: For a pointer: how many other functions the note's files bind the same member to.
        above: The symbol that hands the callee over, when that is the caller's own caller; else
            empty.
        reason: For what is not proved: the nearest true statement, no full stop; may be empty.
        wrong_via: Whether the edge holds, but not through the pointer that the author names.
        type_mismatch: Whether the receiver's type and the table's type are known and differ.
    """

    status: EdgeStatus
    proof: Proof | None = None
    sites: tuple[ProofSite, ...] = ()
    member: str = ""
    others: int = 0
    above: str = ""
    reason: str = ""
    wrong_via: bool = False
    type_mismatch: bool = False


NOT_FOUND = Verdict(EdgeStatus.UNPROVED)


_SPLIT = re.compile(r"->|\.")
_INDEX = re.compile(r"\[([^\]]*)\]")
_LAST_INDEX = re.compile(r"\[([^\[\]]*)\]$")
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Via:
    """A pointer.

    Attributes:
        owner: What stands before the member, without indexes: an expression, a variable or a
            struct's tag; may be empty.
        member: The member, or the array's name.
        index: For an element of an array: which one, or empty.
    """

    owner: str
    member: str
    index: str = ""


def read_via(text: str) -> Via | None:
    """What a step's `via` says; nothing when it says nothing."""
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
    """An expression without what stands in square brackets, and without these."""
    return _INDEX.sub("", expression)

"""Paths in a source tree: what may be written in a note, and put into an address.

The characters are those that elixir allows in a path (its address patterns).
"""

import re
from dataclasses import dataclass

_ALLOWED = re.compile(r"[A-Za-z0-9_/.,+=-]+")
_FORM = "write the path from the root of the source tree: `virt/kvm/kvm_main.c`"


@dataclass(frozen=True, slots=True)
class PathFault:
    """What is wrong with a path: a message that follows the path, and a remedy."""

    message: str
    hint: str


def path_fault(path: str) -> PathFault | None:
    """What is wrong with a path in a source tree; nothing when it is plain and stays inside."""
    parts = path.split("/")
    if path.startswith(("/", "~")) or re.match(r"[A-Za-z]:[\\/]", path):
        return PathFault("is an absolute path", _FORM)
    if ".." in parts:
        return PathFault("leaves the source tree", _FORM)
    if "\\" in path:
        return PathFault("has a backslash", "separate folders by `/`")
    if "." in parts or "" in parts:
        return PathFault("is not written plainly", _FORM + ", without `.`, `//` or a final `/`")
    if not _ALLOWED.fullmatch(path):
        return PathFault("has a character that no kernel path has", _FORM)
    return None

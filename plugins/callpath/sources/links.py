"""Paths of a tree and the links in them, as text. Reads no file."""

from collections.abc import Callable
from dataclasses import dataclass

from callpath.sources.source import Unreadable

LEAVES = "leaves the tree"
NOT_PLAIN = "is not written plainly"
LINK_OUT = "is a link out of the tree"
LINK_LOOP = "is a link that leads back to itself"
BROKEN_LINK = "is a link to nothing"

_MOST_LINKS = 40
"""Links followed for one path before it is called a loop, as in Linux (`MAXSYMLINKS`)."""

LISTED = (".c", ".h", ".S")
"""Endings of the files that a source lists."""
SCANNED = (".c", ".h")
"""Endings of the files that a source searches for words."""


@dataclass(frozen=True, slots=True)
class Followed:
    """Where a path leads.

    Attributes:
        path: The path without links, relative to the tree; empty for the tree itself.
        linked: Whether the path itself, not only a directory on its way, is a link.
    """

    path: str
    linked: bool


def outside_tree(path: str) -> bool:
    """Whether a path can name nothing inside a tree: absolute, with `..` or with a NUL."""
    return path.startswith("/") or "\0" in path or ".." in path.split("/")


def refusal(path: str) -> str:
    """Why a path is not looked up at all, or nothing (`""`) when it may be."""
    if outside_tree(path):
        return LEAVES
    if any(part in ("", ".") for part in path.split("/")):
        return NOT_PLAIN
    try:
        path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return NOT_PLAIN
    return ""


def follow(path: str, target_of: Callable[[str], str | Unreadable | None]) -> Followed | Unreadable:
    """Follow every link in a path without leaving the tree.

    Parameters:
        path: A path that is not refused.
        target_of: The text of the link at a path whose directories are no links; nothing when
            there is no link.

    Returns:
        Where the path leads, whether or not something is there; or why it cannot be followed.
    """
    pending = path.split("/")[::-1]
    done: list[str] = []
    links, linked = 0, False
    while pending:
        part = pending.pop()
        if part in ("", "."):
            continue
        if part == "..":
            if not done:
                return Unreadable(path, LINK_OUT)
            done.pop()
            continue
        target = target_of("/".join([*done, part]))
        if target is None:
            done.append(part)
            continue
        links += 1
        linked = linked or not pending
        if isinstance(target, Unreadable):
            return Unreadable(path, target.reason)
        if links > _MOST_LINKS:
            return Unreadable(path, LINK_LOOP)
        if target.startswith("/"):
            return Unreadable(path, LINK_OUT)
        pending.extend(reversed(target.split("/")))
    return Followed("/".join(done), linked)

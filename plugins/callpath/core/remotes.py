"""Git repositories on the network that source files are fetched from: the option `remotes`.

Knows their addresses; asks none of them.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, TypeAlias

from pydantic import AfterValidator

from callpath.core import rules
from callpath.core.note_parser.values import fault
from callpath.core.paths import shown

DEFAULT_REMOTES: Mapping[str, Sequence[str]] = {
    "linux": (
        "https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git",
        "https://git.kernel.org/pub/scm/linux/kernel/git/stable/linux.git",
        "https://kernel.googlesource.com/pub/scm/linux/kernel/git/torvalds/linux.git",
        "https://kernel.googlesource.com/pub/scm/linux/kernel/git/stable/linux.git",
        "https://github.com/torvalds/linux.git",
        "https://github.com/gregkh/linux.git",
    ),
}
"""Where each project is fetched from when a site does not say it, in the order of trying.

Linus's tree has the releases (`v3.7`), the stable tree also those after them (`v3.7.1`)."""

_URL = re.compile(r"(?:https?|git|ssh|file)://\S+", re.ASCII)
_SHORT_SSH = re.compile(r"[\w.+~][\w.+~-]*@[\w.][\w.-]*:(?!:)\S+", re.ASCII)
_PASSWORD = re.compile(r"(?<=://)([^/@\s]*@)")
_HINT = "write `https://…`, `http://…`, `git://…`, `ssh://…`, `file:///…` or `user@host:path`"


def remote_fault(address: str) -> tuple[str, str] | None:
    """What is wrong with a repository's address: the fact and the remedy; or nothing."""
    is_address = _URL.fullmatch(address) or _SHORT_SSH.fullmatch(address)
    if is_address and address.isprintable():
        return None
    return f"{shown(address)} is no address of a git repository", _HINT


def shown_remote(address: str) -> str:
    """An address as messages show it: without the name and password that may be in it."""
    return address if "://" not in address else _PASSWORD.sub("", address, count=1)


def _remote(address: str) -> str:
    if wrong := remote_fault(address):
        raise fault(rules.INVALID_VALUE, *wrong)
    return address


Remotes: TypeAlias = dict[str, list[Annotated[str, AfterValidator(_remote)]]]
"""For each project the addresses to fetch from, in the order of trying."""


def remotes_of(project: str, remotes: Mapping[str, Sequence[str]]) -> Sequence[str]:
    """Where a project is fetched from: as the site says, or by default; empty when unknown."""
    return remotes[project] if project in remotes else DEFAULT_REMOTES.get(project, ())

"""Tags of releases: which names are releases, in which order they stand, which ones are asked for.

Knows names only, no repository.
"""

import re
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase

from callpath.core.errors import UsageError
from callpath.core.resolver import nearest

_RELEASE = re.compile(r"\D*?(?P<numbers>\d+(?:\.\d+)*)(?:-rc(?P<candidate>\d+))?")
_CANDIDATE = "-rc"
_GLOB = re.compile(r"[*?\[]")

EVERY = "*"
"""The pattern of every release."""

Order = tuple[tuple[int, ...], bool, int, str]


def release_order(tag: str) -> Order | None:
    """What releases are sorted by; nothing for a tag that is no release.

    `v2.6.9` stands before `v2.6.10`, `v3.0-rc1` before `v3.0`. A release is a name that ends in
    numbers with dots between them, perhaps followed by `-rcN`; `v2.6.11-tree` is none.
    """
    found = _RELEASE.fullmatch(tag)
    if found is None:
        return None
    numbers = tuple(int(number) for number in found["numbers"].split("."))
    candidate = found["candidate"]
    return (numbers, candidate is None, int(candidate or 0), tag)


def split_patterns(text: str) -> tuple[str, ...]:
    """The patterns of a list with commas, each once.

    Raises:
        UsageError: There is none.
    """
    patterns = tuple(dict.fromkeys(part for part in map(str.strip, text.split(",")) if part))
    if not patterns:
        raise UsageError("no tags are named", "write a list of patterns: `--tags 'v3.*,v6.12'`")
    return patterns


def chosen_releases(
    tags: Iterable[str], patterns: Sequence[str], where: str, advice: str = ""
) -> tuple[str, ...]:
    """The releases that patterns ask for, each once, in the order of releases.

    Release candidates count only for a pattern that has `-rc` in it.

    Parameters:
        tags: The names of all tags.
        patterns: Shell patterns (`v2.6.*`), or names.
        where: What has the tags, for messages.
        advice: What can be done when a tag is not there.

    Raises:
        UsageError: A pattern matches no release.
    """
    known = sorted(set(tags))
    found: dict[str, Order] = {}
    for pattern in patterns:
        named = [tag for tag in known if fnmatchcase(tag, pattern)]
        orders = {tag: order for tag in named if (order := release_order(tag)) is not None}
        wanted = {
            tag: order
            for tag, order in orders.items()
            if _CANDIDATE in pattern or _CANDIDATE not in tag
        }
        if not wanted:
            raise UsageError(*_no_match(pattern, where, named, known, advice))
        found |= wanted
    return tuple(sorted(found, key=found.__getitem__))


def _no_match(
    pattern: str, where: str, named: Sequence[str], known: Sequence[str], advice: str
) -> tuple[str, str]:
    candidates = [tag for tag in named if release_order(tag) is not None]
    if candidates:
        return (
            f"only release candidates of `{where}` match `{pattern}`",
            f"ask for them: `{candidates[-1]}`",
        )
    if named:
        return (
            f"the tag `{named[0]}` of `{where}` is no release",
            "a release ends in its number: `v3.7`, `v3.7-rc1`",
        )
    what = "matches" if _GLOB.search(pattern) else "is"
    message = f"no tag of `{where}` {what} `{pattern}`"
    near = nearest(pattern, known, limit=1)
    if near and not _GLOB.search(pattern):
        return message, f"did you mean `{near[0]}`?"
    return message, advice

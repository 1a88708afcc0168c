"""How many references of prose a check looked at, on one line."""

from collections import Counter
from collections.abc import Collection

from callpath.mentions.model import Citation, Judgements, SourceLink, Verdict
from callpath.model import Pin


def count_line(judgements: Judgements, silent: Collection[Pin], *, has_source: bool) -> str:
    """How many links, citations and names were checked, and how many were not, with the reason.

    Parameters:
        silent: The trees that no source has.
        has_source: Whether any source was named.
    """
    checked: Counter[str] = Counter()
    left = 0
    for each in judgements:
        if each.verdict in (Verdict.NOT_CHECKED, Verdict.NOT_LOCKED):
            left += 1
        else:
            checked[_kind(each.placed.mention)] += 1
    kinds = ", ".join(_counted(checked[kind], kind) for kind in ("link", "citation", "name"))
    line = f"{kinds}: checked"
    return f"{line}; {left:,} not checked ({_why(silent, has_source)})" if left else line


def _kind(mention: object) -> str:
    if isinstance(mention, SourceLink):
        return "link"
    return "citation" if isinstance(mention, Citation) else "name"


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _why(silent: Collection[Pin], has_source: bool) -> str:
    if not has_source:
        return "no source was named, and the lockfile does not know them"
    if not silent:
        return "the sources could not say"
    versions = sorted({pin.version for pin in silent})
    shown = ", ".join(versions[:_MOST]) + (f" and {more} more" if (more := len(versions) - _MOST) > 0 else "")
    is_one = len(versions) == 1
    return f"version{'' if is_one else 's'} {shown} {'is' if is_one else 'are'} not in the sources"


_MOST = 8  # versions that are named

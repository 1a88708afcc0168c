"""How many references of prose a check looked at, on one line."""

import re
from collections import Counter
from collections.abc import Collection, Sequence

from callpath.mentions.judging.judge import tree_of
from callpath.mentions.model import Citation, Judgement, Judgements, SourceLink, Verdict
from callpath.model import Pin
from callpath.projects import DEFAULT_PROJECT
from callpath.reports.text import visible


def count_line(judgements: Judgements, silent: Collection[Pin], *, has_source: bool) -> str:
    """How many links, citations and names were checked, and how many were not, with the reason.

    Parameters:
        silent: The trees that no source has.
        has_source: Whether any source was named.
    """
    left = [each for each in judgements if each.verdict in _OPEN]
    checked = Counter(_kind(each) for each in judgements if each.verdict not in _OPEN)
    kinds = ", ".join(_counted(checked[kind], kind) for kind in ("link", "citation", "name"))
    line = f"{kinds}: checked"
    unsure = sum(each.verdict is Verdict.UNSURE for each in judgements)
    if unsure:
        line += f" ({_counted(unsure, 'name')} in no file, without a sign that it is a mistake)"
    if not left:
        return line
    why = _reasons(left, silent) if has_source else _NO_SOURCE
    return f"{line}; {len(left):,} not checked ({why})"


def unsure_lines(judgements: Judgements) -> str:
    """Each name that no file has, without a sign that it is a mistake: its place, a line each."""
    unsure = (each.placed for each in judgements if each.verdict is Verdict.UNSURE)
    lines = (f"{one.location}: no file of the source has `{one.written}`" for one in unsure)
    return "".join(f"{visible(line)}\n" for line in lines)


_OPEN = (Verdict.NOT_CHECKED, Verdict.NOT_LOCKED)
_NO_SOURCE = "no source was named, and the lockfile does not know them"
_MOST = 8  # versions that are named
_COMMIT = re.compile(r"[0-9a-f]{7,40}")


def _kind(judgement: Judgement) -> str:
    mention = judgement.placed.mention
    if isinstance(mention, SourceLink):
        return "link"
    return "citation" if isinstance(mention, Citation) else "name"


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _reasons(left: Judgements, silent: Collection[Pin]) -> str:
    trees = [tree_of(each.placed) for each in left]
    lacking = {pin for pin in trees if pin and pin in silent}
    reasons = [_lacking(lacking)] if lacking else []
    # Such as a link to the newest state of another project.
    unfixed = trees.count(None)
    if unfixed:
        reasons.append(f"{unfixed:,} name{'s' if unfixed == 1 else ''} no version")
    untold = sum(pin is not None and pin not in lacking for pin in trees)
    if untold:
        reasons.append(f"the sources do not tell of {untold:,}")
    return "; ".join(reasons)


def _lacking(pins: Collection[Pin]) -> str:
    commits = sum(_is_commit(pin) for pin in pins)
    versions = sorted(_named(pin) for pin in pins if not _is_commit(pin))
    parts = [f"version{'' if len(versions) == 1 else 's'} {_listed(versions)}"] if versions else []
    parts += [_counted(commits, "commit")] if commits else []
    return f"{' and '.join(parts)} {'is' if len(pins) == 1 else 'are'} not in the sources"


def _is_commit(pin: Pin) -> bool:
    return bool(_COMMIT.fullmatch(pin.version))


def _named(pin: Pin) -> str:
    return pin.version if pin.project == DEFAULT_PROJECT else f"{pin.project} {pin.version}"


def _listed(versions: Sequence[str]) -> str:
    more = len(versions) - _MOST
    return ", ".join(versions[:_MOST]) + (f" and {more} more" if more > 0 else "")

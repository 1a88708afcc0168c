"""Compares what two versions say of an edge."""

from callpath.core.drift.values import EdgeStatusChange
from callpath.core.proof import EdgeStatus, Verdict

_AS_BEFORE = {
    EdgeStatus.ASSERTED: EdgeStatusChange.ASSERTED,
    EdgeStatus.HALF: EdgeStatusChange.HALF,
    EdgeStatus.NOT_SEARCHED: EdgeStatusChange.NOT_SEARCHED,
}


def compare(before: Verdict, after: Verdict) -> EdgeStatusChange:
    """How an edge differs.

    Parameters:
        before: What the old version says of it; not unproved.
        after: What the new version says.
    """
    if after.wrong_via:
        return EdgeStatusChange.OTHERWISE
    if after.status is EdgeStatus.PROVED:
        same = _nature(before) == _nature(after)
        return EdgeStatusChange.PROVED if same else EdgeStatusChange.OTHERWISE
    if after.status is EdgeStatus.NOT_SEARCHED:
        return EdgeStatusChange.NOT_SEARCHED
    if after.status is before.status and after.status in _AS_BEFORE:
        return _AS_BEFORE[after.status]
    if after.status is EdgeStatus.ASSERTED:
        return EdgeStatusChange.ASSERTED
    return EdgeStatusChange.GONE


def _nature(verdict: Verdict) -> tuple[object, ...]:
    """What makes two proofs alike; how many places there are, and where, does not matter."""
    roles = frozenset(site.role for site in verdict.sites)
    return (verdict.proof, verdict.member, roles)

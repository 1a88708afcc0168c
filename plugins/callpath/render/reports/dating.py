"""Which releases a note fits, as text and as JSON."""

import json
from collections.abc import Iterator
from typing import Any

from callpath.core.dating import Apart, Claim, Dated, Score
from callpath.core.eras import EdgeEnds
from callpath.render.reports.eras import ranges
from callpath.render.reports.json import place_value

SCHEMA = 1
_SHOWN = 3
"""How many of the statements that rule another out are told in text."""


def dating_json(dated: Dated) -> str:
    """`{"schema": 1, "best": […], "scores": […], "never": […], "unknown": […], "apart": […]}`."""
    value = {
        "schema": SCHEMA,
        "best": [score.version for score in dated.best],
        "scores": [_score_value(score) for score in dated.scores],
        "never": [_claim_value(claim) for claim in dated.never],
        "unknown": [_claim_value(claim) for claim in dated.open],
        "apart": [_apart_value(apart) for apart in dated.apart],
    }
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _score_value(score: Score) -> dict[str, Any]:
    return {
        "version": score.version,
        "references": score.references,
        "references_of": score.references_of,
        "edges": score.edges,
        "edges_of": score.edges_of,
    }


def _claim_value(claim: Claim) -> dict[str, Any]:
    if isinstance(claim.of, EdgeEnds):
        value = {"caller": claim.of.caller[1], "callee": claim.of.callee[1]}
        if claim.of.via:
            value["via"] = claim.of.via
        return value | {"at": place_value(claim.place)}
    path, name, kind, _ = claim.of
    return {"symbol": name, "kind": kind, "path": path, "at": place_value(claim.place)}


def _apart_value(apart: Apart) -> dict[str, Any]:
    value = _claim_value(apart.claim) | {
        "eras": [list(era) for era in apart.eras],
        "not_with": [_claim_value(other) for other in apart.others],
    }
    return value | ({"jointly": True} if apart.is_joint else {})


def dating_text(dated: Dated) -> str:
    """The best releases, the count of each, what never holds, what does not hold together."""
    return "".join(f"{line}\n" for line in _lines(dated))


def _lines(dated: Dated) -> Iterator[str]:
    if not dated.best:
        yield "no statement of the note holds in any of these releases"
    else:
        best = ", ".join(score.version for score in dated.best)
        yield f"best: {best}, with {_counts(dated.best[0])}"
    width = max(len(tag) for tag in dated.tags)
    for score in dated.scores:
        yield f"  {score.version:<{width}}  {_counts(score)}"
    for title, claims in (
        ("in none of these releases", dated.never),
        ("found in none, but a table elsewhere may bind it", dated.open),
    ):
        if claims:
            yield f"{title}: {len(claims)}"
        yield from (f"  {claim.place}: {claim.told()}" for claim in claims)
    if dated.apart:
        yield f"not together with the best: {len(dated.apart)}"
    for apart in dated.apart:
        yield f"  {apart.claim.place}: {apart.claim.told()}{_why(apart)}"


def _counts(score: Score) -> str:
    return (
        f"{score.references} of {score.references_of} references, "
        f"{score.edges} of {score.edges_of} edges"
    )


def _why(apart: Apart) -> str:
    """Where it holds, and some of the statements that it cannot hold with."""
    holds = f" holds in {ranges(apart.eras)}" if apart.eras else " may hold elsewhere"
    told = [other.told() for other in apart.others[:_SHOWN]]
    left = len(apart.others) - len(told)
    others = ", ".join(told) + (f" and {left} more" if left else "")
    joint = "all of " if apart.is_joint and len(apart.others) > 1 else ""
    return f"{holds}, not with {joint}{others}" if others else holds

"""The edges of a lockfile: what was proved of each, by what the notes say of it."""

from dataclasses import dataclass
from typing import Any

from callpath.core.model import Step
from callpath.core.proof import EdgeStatus, Proof, Site, SiteRole, Verdict
from callpath.core.prover.edges import Edge

End = tuple[str, str, str, int]
"""Path, name, kind and occurrence (1-based; 0: not chosen) of one end of an edge."""


@dataclass(frozen=True, slots=True)
class LockedEdge:
    """An edge at a version.

    Attributes:
        project: The code base.
        version: The tag.
        caller: The caller as the notes name it.
        callee: The callee as the notes name it.
        via: The pointer that the notes name, or empty.
        when: `later`, or empty.
        by: The function that runs it later, or empty.
        verdict: What the source says; never unproved.
    """

    project: str
    version: str
    caller: End
    callee: End
    via: str
    when: str
    by: str
    verdict: Verdict

    @property
    def key(self) -> tuple[str, ...]:
        """What identifies it: what the notes say, and who hands it over when that is another."""
        ends = (*map(str, self.caller), *map(str, self.callee))
        return (
            self.project,
            self.version,
            *ends,
            self.via,
            self.when,
            self.by,
            self.verdict.above,
        )


def lock_edge(edge: Edge, verdict: Verdict) -> LockedEdge:
    """The fact that an edge's verdict makes."""
    return LockedEdge(
        edge.pin.project,
        edge.pin.version,
        _end(edge.caller),
        _end(edge.callee),
        edge.callee.via,
        edge.callee.when,
        edge.callee.by,
        verdict,
    )


def edge_key(edge: Edge, above: str = "") -> tuple[str, ...]:
    """The key that an edge's fact has when `above` is who hands the callee over."""
    return lock_edge(edge, Verdict(EdgeStatus.PROVED, above=above)).key


def _end(step: Step) -> End:
    symbol = step.symbol
    return (symbol.path, symbol.name, str(symbol.kind), step.occurrence)


def edge_fact(locked: LockedEdge) -> dict[str, Any]:
    """A locked edge as a line of the lockfile has it."""
    verdict = locked.verdict
    fact: dict[str, Any] = {
        "caller": locked.caller[1],
        "callee": locked.callee[1],
        "project": locked.project,
        "version": locked.version,
        "from": list(locked.caller),
        "to": list(locked.callee),
    }
    texts = {"via": locked.via, "when": locked.when, "by": locked.by, "above": verdict.above}
    fact |= {name: text for name, text in texts.items() if text}
    fact["status"] = verdict.status.value
    if verdict.proof:
        fact["proof"] = verdict.proof.value
    if verdict.member:
        fact["member"] = verdict.member
    if verdict.others:
        fact["others"] = verdict.others
    fact["sites"] = [_site_fact(site) for site in verdict.sites]
    return fact


def _site_fact(site: Site) -> dict[str, Any]:
    fact: dict[str, Any] = {"path": site.path, "line": site.line, "role": site.role.value}
    if site.name:
        fact["name"] = site.name
    if site.condition:
        fact["condition"] = site.condition
    return fact


def read_edge(fact: dict[str, Any], *, may_be_unproved: bool = False) -> LockedEdge:
    """A locked edge from a line of the lockfile.

    Parameters:
        fact: The line's value.
        may_be_unproved: Whether it may say that the edge does not hold.

    Raises:
        ValueError: A value is none that can stand there.
        KeyError: A key is missing.
        TypeError: A value has another type.
    """
    status = EdgeStatus(fact["status"])
    if status is EdgeStatus.UNPROVED and not may_be_unproved:
        raise ValueError("an unproved edge is no fact")
    verdict = Verdict(
        status,
        Proof(fact["proof"]) if "proof" in fact else None,
        tuple(_read_site(site) for site in fact["sites"]),
        member=_text(fact, "member"),
        others=_number(fact.get("others", 0)),
        above=_text(fact, "above"),
    )
    return LockedEdge(
        str(fact["project"]),
        str(fact["version"]),
        read_end(fact["from"]),
        read_end(fact["to"]),
        _text(fact, "via"),
        _text(fact, "when"),
        _text(fact, "by"),
        verdict,
    )


def _read_site(fact: dict[str, Any]) -> Site:
    line = _number(fact["line"])
    if line < 1:
        raise ValueError("line")
    return Site(
        str(fact["path"]),
        line,
        SiteRole(fact["role"]),
        _text(fact, "condition"),
        _text(fact, "name"),
    )


def read_end(value: list[Any]) -> End:
    """One end of an edge, or a definition, from a list of a line of the lockfile.

    Raises:
        ValueError: A value is none that can stand there.
    """
    path, name, kind, occurrence = value
    return (str(path), str(name), str(kind), _number(occurrence))


def _text(fact: dict[str, Any], key: str) -> str:
    value = fact.get(key, "")
    if not isinstance(value, str):
        raise TypeError(key)
    return value


def _number(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError("number")
    return value

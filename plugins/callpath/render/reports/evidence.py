"""How edges are proved, for the reader of a terminal: a line each, and a count of all."""

from collections import Counter
from collections.abc import Iterable

from callpath.core.index import Index, StepPlace
from callpath.core.proof import EdgeStatus


def evidence_lines(index: Index) -> str:
    """`place: caller → callee: how, at path:line, …` for every locked edge, in reading order."""
    return "".join(f"{_line(place)}\n" for place in _reached(index) if place.edge)


def _line(place: StepPlace) -> str:
    verdict = place.verdict
    caller = place.parent.symbol.name if place.parent else ""
    how = verdict.proof.value if verdict.proof else verdict.status.value
    if verdict.proof and verdict.status is not EdgeStatus.PROVED:
        how += f" ({verdict.status.value})"
    sites = ", ".join(
        f"{site.role.value} at {site.path}:{site.line}"
        + (f" under {site.condition}" if site.condition else "")
        for site in verdict.sites
    )
    through = f" through `{verdict.member}`" if verdict.member else ""
    return f"{place.step.place}: {caller} → {place.step.symbol.name}: {how}{through}; {sites}"


def evidence_summary(index: Index, references: int) -> str:
    """How many references and edges there are, and the edges by proof and by status."""
    places = list(_reached(index))
    proofs = Counter(place.verdict.proof.value for place in places if place.verdict.proof)
    asserted = sum(place.verdict.status is EdgeStatus.ASSERTED for place in places)
    kinds = ", ".join(f"{count} {proof}" for proof, count in sorted(proofs.items()))
    told = f" ({kinds})" if kinds else ""
    return f"{references} references, {len(places)} edges{told}, {asserted} asserted"


def _reached(index: Index) -> Iterable[StepPlace]:
    return (place for places in index.places.values() for place in places if place.parent)

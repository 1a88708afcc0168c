"""Whether the steps below a step are told in the order of their sites in the source."""

from collections.abc import Iterator, Sequence

from callpath.core.model import Definition
from callpath.core.proof import Site, Verdict
from callpath.core.prover.edges import Edge


def out_of_order(
    siblings: Sequence[tuple[Edge, Verdict]], bodies: Sequence[Definition]
) -> Iterator[tuple[Edge, Site, Edge, Site]]:
    """The siblings that stand after one whose sites all come later.

    Parameters:
        siblings: The edges below one step, in the notes' order, each with its verdict.
        bodies: The definitions of that step; only the sites inside of them have an order.

    Yields:
        The edge, its last site, and the earlier sibling with the site that it must not precede.
    """
    reached: tuple[int, Edge, Site] | None = None
    for edge, verdict in siblings:
        sites = [site for site in verdict.sites if _inside(site, bodies)]
        if not sites:
            continue
        lines = sorted({site.line for site in sites})
        if reached is not None:
            later = [line for line in lines if line >= reached[0]]
            if not later:
                last = max(sites, key=lambda site: site.line)
                yield edge, last, reached[1], reached[2]
                continue
            lines = later
        first = next(site for site in sites if site.line == lines[0])
        reached = (lines[0], edge, first)


def _inside(site: Site, bodies: Sequence[Definition]) -> bool:
    return any(site.path == body.path and body.start <= site.line <= body.end for body in bodies)

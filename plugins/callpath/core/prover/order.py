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
        bodies: The definitions of that step; only the sites inside of one have an order.

    Yields:
        The edge, its last site, and the earlier sibling with the site that it must not precede.
    """
    reached: dict[Definition, tuple[int, Edge, Site]] = {}
    for edge, verdict in siblings:
        before: tuple[Edge, Site, Edge, Site] | None = None
        fits = False
        for body in bodies:
            sites = sorted(site for site in verdict.sites if _is_inside(site, body))
            line, other, other_site = reached.get(body, (0, edge, None))
            later = [site for site in sites if site.line >= line]
            if later:
                reached[body] = (later[0].line, edge, later[0])
                fits = True
            elif sites and other_site is not None:
                before = (edge, sites[-1], other, other_site)
        if before is not None and not fits:
            yield before


def _is_inside(site: Site, body: Definition) -> bool:
    return site.path == body.path and body.start <= site.line <= body.end

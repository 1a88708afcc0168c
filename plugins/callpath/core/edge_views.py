"""How an edge is shown: its proof, its sites with addresses, its style in a graph. Pure."""

from callpath.core.graph import EdgeStyle
from callpath.core.index import StepPlace
from callpath.core.model import Pin
from callpath.core.proof import EdgeStatus, Proof, Site, SiteRole, Verdict
from callpath.core.urls import LinkProvider
from callpath.core.views import ReachView, SiteView

_STYLES = {
    Proof.CALL: EdgeStyle.CALL,
    Proof.MACRO: EdgeStyle.MACRO,
    Proof.POINTER: EdgeStyle.POINTER,
    Proof.CALLBACK: EdgeStyle.CALLBACK,
    Proof.REGISTRATION: EdgeStyle.REGISTRATION,
    Proof.TABLE: EdgeStyle.TABLE,
    Proof.USE: EdgeStyle.USE,
}


def reach_view(place: StepPlace, pin: Pin, links: LinkProvider) -> ReachView | None:
    """How a step is reached; nothing for one of the top level.

    Parameters:
        place: The step's place, with what the lockfile knows of its edge.
        pin: The tree that sites are looked up in.
        links: Where links to the source lead.
    """
    if place.parent is None:
        return None
    verdict = place.verdict
    sites = [_site(site, pin, links) for site in verdict.sites if site.role is not SiteRole.BINDING]
    bindings = [_site(site, pin, links) for site in verdict.sites if site.role is SiteRole.BINDING]
    return ReachView(
        status=verdict.status.value,
        proof=verdict.proof.value if verdict.proof else "",
        via=place.step.via or verdict.member,
        sites=tuple(sites),
        bindings=tuple(bindings),
        others=verdict.others,
        above=verdict.above,
    )


def site_views(verdict: Verdict, pin: Pin, links: LinkProvider) -> tuple[SiteView, ...]:
    """Every site of a proof, as the lockfile has them.

    Parameters:
        verdict: What the source says of the edge.
        pin: The tree that sites are looked up in.
        links: Where links to the source lead.
    """
    return tuple(_site(site, pin, links) for site in verdict.sites)


def _site(site: Site, pin: Pin, links: LinkProvider) -> SiteView:
    return SiteView(
        path=site.path,
        line=site.line,
        url=links.line(pin, site.path, site.line),
        role=site.role.value,
        name=site.name,
        condition=site.condition,
    )


def edge_style(verdict: Verdict) -> EdgeStyle:
    """How an edge is drawn: by its proof; one that is only asserted as a plain line."""
    if verdict.status is EdgeStatus.UNPROVED:
        return EdgeStyle.UNPROVED
    return _STYLES[verdict.proof] if verdict.proof else EdgeStyle.STATED


def call_site_url(verdict: Verdict, pin: Pin, links: LinkProvider) -> str:
    """The address of the first site of an edge, or empty."""
    if not verdict.sites:
        return ""
    return links.line(pin, verdict.sites[0].path, verdict.sites[0].line)


def edge_label(verdict: Verdict) -> str:
    """What stands beside an edge: the member of a call through a pointer."""
    return verdict.member if verdict.proof is Proof.POINTER else ""

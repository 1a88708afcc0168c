"""What RFC 4287 asks of an Atom feed, as far as a feed of pages can break it."""

import re
from collections.abc import Iterator
from typing import Any

_ATOM = "{http://www.w3.org/2005/Atom}"
_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_IRI = re.compile(r"[a-z][a-z0-9+.-]*:[^\s<>\"{}|\\^`]+")


def feed_faults(feed: Any, address: str) -> list[str]:
    """What is wrong with a parsed feed of the site at an address."""
    return [*_faults(feed, address)]


def _faults(feed: Any, address: str) -> Iterator[str]:
    if feed.tag != f"{_ATOM}feed":
        yield f"the root is {feed.tag}"
    entries = feed.findall(f"{_ATOM}entry")
    for element in (feed, *entries):
        yield from _common(element)
    # 4.1.1: an author on the feed or on each entry; SHOULD have a link to itself.
    if not feed.findtext(f"{_ATOM}author/{_ATOM}name"):
        yield "no author with a name"
    links = {link.get("rel"): link.get("href") for link in feed.iter(f"{_ATOM}link")}
    own = {link.get("rel"): link.get("href") for link in feed.findall(f"{_ATOM}link")}
    if own != {"self": f"{address}feed.xml", "alternate": address}:
        yield f"links of the feed: {own}"
    if set(links) - {"self", "alternate"}:
        yield f"relations: {set(links)}"
    identifiers = [entry.findtext(f"{_ATOM}id") for entry in entries]
    if len(set(identifiers)) < len(identifiers):
        yield "two entries have the same id"
    for entry in entries:
        # 4.1.2: without content there must be an alternate link; one of each type at most.
        if len(entry.findall(f"{_ATOM}link[@rel='alternate']")) != 1:
            yield "an entry without one alternate link"
        if not entry.findtext(f"{_ATOM}summary"):
            yield "an entry without summary"


def _common(element: Any) -> Iterator[str]:
    """4.1: exactly one id, title and updated, each well formed."""
    for name in ("id", "title", "updated"):
        found = element.findall(_ATOM + name)
        if len(found) != 1 or not found[0].text:
            yield f"{element.tag}: {len(found)} {name}"
    if not _DATE.fullmatch(element.findtext(f"{_ATOM}updated") or ""):
        yield "a date that is none of RFC 3339"
    if not _IRI.fullmatch(element.findtext(f"{_ATOM}id") or ""):
        yield "an id that is no IRI"

"""What the notebook refers to: symbols of steps, `src:` links of prose, links between pages.

Works on values; the caller knows which pages exist.
"""

import posixpath
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import chain
from urllib.parse import unquote, urlsplit

from msgspec import Struct
from msgspec.structs import replace

from callpath import rules
from callpath.findings import Finding, Location, did_you_mean
from callpath.model import (
    NOTE_ENDINGS,
    Note,
    Pin,
    Reference,
    Remark,
    Step,
    Text,
    path_fault,
    step_reference,
    visits,
)
from callpath.notes.links import SCHEME, TEXT_DIRECTIVE, Link, plain_links, source_target
from callpath.notes.placeholders import part_faults


class PageLink(Struct, frozen=True):
    """A link from prose to another page of the notebook; paths are below the notes' folder."""

    source: str  # the file that it is in
    target: str  # the file that it names, without `..`
    anchor: str  # what follows the `#`, decoded; may be empty
    location: Location


class Mentions(Struct, frozen=True):
    """What a note or a page refers to, in reading order, and what is wrong with how it does."""

    references: tuple[Reference, ...] = ()
    links: tuple[PageLink, ...] = ()
    findings: tuple[Finding, ...] = ()


_Mention = Reference | PageLink | Finding


class _Context(Struct, frozen=True):
    """Whose prose is read: its file below the notes' folder, note or page, step and pin."""

    source: str
    owner: str
    pin: Pin
    step: str = ""
    fixed: bool = False


_NOTE_LINK = re.compile(r"\.ya?ml\b", re.IGNORECASE)
# A host with what `urlsplit` may refuse: brackets, and characters that NFKC makes another part's.
_MAY_BE_MALFORMED = re.compile(r"//[^/\s()]*(?:[\[\]]|[^\x00-\x7f])")


def note_mentions(note: Note, source: str) -> Mentions:
    """What a note refers to; `source` is its path below the notes' folder (`kvm/init.yml`)."""
    context = _Context(source, note.id, note.pin)
    steps = (_step(visit.step, note, source) for visit in visits(note))
    return _sorted([*_prose(note.description, context), *chain.from_iterable(steps)])


def page_mentions(source: str, file: str, text: str, pin: Pin) -> Mentions:
    """What a Markdown page refers to, and its marks that name no part.

    That is by `src:` links, links to notes, and links that are no addresses; its other links are
    MkDocs' to check.

    Parameters:
        source: Its path below the notes' folder.
        file: Its path relative to the project's root.
        pin: What its links are read against.
    """
    mentions: list[_Mention] = list(part_faults(text, file))
    if SCHEME in text or _NOTE_LINK.search(text) or _MAY_BE_MALFORMED.search(text):
        whole, context = Text(text, Location(file), literal=True), _Context(source, source, pin)
        mentions = [*_links(whole, _page_links(text), context), *mentions]
    found = _sorted(mentions)
    return replace(
        found, links=tuple(one for one in found.links if one.target.lower().endswith(NOTE_ENDINGS))
    )


def _page_links(text: str) -> Iterable[Link]:
    links = plain_links(text)
    if links is not None:
        return links
    from callpath.notes.prose import read_prose

    return read_prose(text).links


def _sorted(found: Iterable[_Mention]) -> Mentions:
    mentions = list(found)
    return Mentions(
        tuple(each for each in mentions if isinstance(each, Reference)),
        tuple(each for each in mentions if isinstance(each, PageLink)),
        tuple(each for each in mentions if isinstance(each, Finding)),
    )


def _step(step: Step, note: Note, source: str) -> Iterator[_Mention]:
    yield step_reference(note, step)
    context = _Context(source, note.id, note.pin, step.id)
    yield from _prose(step.commentary, context)
    for erratum in step.errata:
        yield from _prose(erratum.said, context)
        yield from _prose(erratum.correction, context)
    for remark in step.remarks:
        pin = remark_pin(note.pin, remark)
        yield from _prose(remark.text, replace(context, pin=pin, fixed=True))


def remark_pin(pin: Pin, remark: Remark) -> Pin:
    """What the links of a remark are read against, given the pin of its note."""
    return pin if remark.version == pin.version else Pin(pin.project, remark.version)


def _prose(text: Text, context: _Context) -> Iterator[_Mention]:
    from callpath.notes.prose import read_prose

    prose = read_prose(text.value)
    if prose.fault:
        rule, message, hint = prose.fault
        yield rule.at(text.location, message, hint)
    yield from _links(text, prose.links, context)


def _links(text: Text, links: Iterable[Link], context: _Context) -> Iterator[_Mention]:
    for link in links:
        location = text.location_at(link.offset)
        if link.href.startswith(SCHEME):
            yield _source_link(link.href, location, context)
        elif page_link := _page_link(link.href, location, context):
            yield page_link


def _source_link(href: str, location: Location, context: _Context) -> Reference | Finding:
    target = source_target(href)
    if target is None:
        message = f"`{href}` is not of the form `src:PATH#SYMBOL`"
        hint = "name the file and the symbol: `src:virt/kvm/kvm_main.c#kvm_init`"
        return rules.INVALID_SOURCE_LINK.at(location, message, hint)
    symbol, occurrence = target
    if wrong := path_fault(symbol.path, "the source tree"):
        return rules.INVALID_PATH.at(location, *wrong)
    return Reference(
        pin=context.pin,
        symbol=symbol,
        location=location,
        occurrence=occurrence,
        note=context.owner,
        step=context.step,
        link=True,
        fixed=context.fixed,
    )


def _page_link(href: str, location: Location, context: _Context) -> PageLink | Finding | None:
    try:
        parts = urlsplit(href)
    except ValueError as error:  # MkDocs ends the whole build with it
        message = f"`{href}` is no address: {error}"
        hint = "write `%5B` and `%5D` for brackets that stand for themselves"
        return rules.UNREADABLE_ADDRESS.at(location, message, hint)
    if parts.scheme or parts.netloc or href.startswith("/"):
        return None
    path = unquote(parts.path)
    target = posixpath.normpath(posixpath.join(posixpath.dirname(context.source), path))
    anchor = unquote(parts.fragment).partition(TEXT_DIRECTIVE)[0]
    return PageLink(context.source, target if path else context.source, anchor, location)


def broken_links(
    links: Iterable[PageLink], anchors: Mapping[str, Collection[str]], files: Collection[str]
) -> Iterator[Finding]:
    """The links that lead to no file of the notebook, or to no step of a note.

    All links of one file to one place that is not there are one finding.

    Parameters:
        anchors: For each note's file the ids of its steps; other pages' anchors are not known here.
        files: Every file below the notes' folder, and the generated pages.
    """
    lost: dict[tuple[str, str, str], list[Location]] = {}
    for link in links:
        if link.target not in files:
            lost.setdefault((link.location.file, link.target, ""), []).append(link.location)
        elif link.anchor and link.target in anchors and link.anchor not in anchors[link.target]:
            key = (link.location.file, link.target, link.anchor)
            lost.setdefault(key, []).append(link.location)
    for (_, target, anchor), places in lost.items():
        first, *others = sorted(places)
        message = f"there is no `{target}` in the notebook"
        hint = "" if anchor else did_you_mean(target, sorted(files))
        if anchor:
            message = f"`{target}` has no step `{anchor}`"
            hint = did_you_mean(anchor, sorted(anchors[target]))
        yield rules.BROKEN_LINK.at(first, message, hint, others)

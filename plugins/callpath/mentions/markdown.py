"""Reads Markdown: its links, code spans, comments and plain words, with their places.

pulldown-cmark reads the syntax; `dialect` has told it what MkDocs adds. Does not know what links
and names mean.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from html import unescape

from pyromark import Markdown, Options

from callpath.mentions.bare_links import bare_addresses, unescaped
from callpath.mentions.dialect import Span, as_common_mark, united
from callpath.mentions.model import Document, DocumentLink, Passage, PassageKind

_MARKDOWN = Markdown(options=Options.ENABLE_TABLES | Options.ENABLE_FOOTNOTES)

_INLINE_TAGS = frozenset({"Emphasis", "Strong", "Link", "Image"})
# Elements of HTML whose content is not for reading as prose, and those that are part of a sentence.
_VERBATIM = frozenset({"pre", "script", "style", "textarea", "svg", "math", "title"})
_CODE = frozenset({"code", "tt"})
_IN_SENTENCE = frozenset(
    "a abbr b bdi bdo big br cite code del dfn em font i img ins kbd label mark q s samp small "  # noqa: SIM905
    "span strike strong sub sup time tt u var wbr".split()
)
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*)")
_ATTRIBUTE = re.compile(
    r"([^\s\"'>/=]+)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'=<>`]+)))?", re.ASCII
)
_LABEL = re.compile(r"\s*\[(?:[^\[\]\\]|\\.)*\]:\s*", re.DOTALL)
_IN_BRACKETS = re.compile(r"<((?:[^<>\\\n]|\\.)*)>")
_TARGET = re.compile(r"[^\s\x00-\x1f]*")
_SPACES = re.compile(r"\s*")
_LANGUAGE = re.compile(r"#!\w+\s+")  # of a code span that is coloured: `#!c int x`
_WIDEST_GAP = 80  # characters between two lines of one paragraph
_STEP = 256  # bytes between two places whose offsets are kept
_CONTINUATION = bytes(range(0x80, 0xC0))


def read_markdown(text: str) -> Document:
    """What a Markdown text says; MkDocs' dialect, GitHub's and plain CommonMark alike."""
    page = as_common_mark(text)
    reader = _Reader(text, page.text)
    if page.front_matter is not None:
        reader.passages.append(Passage(PassageKind.FENCE, *page.front_matter, -1))
    reader.read()
    passages = tuple(_without(_in_order(reader.passages, text), page.unspoken, page.templates))
    links = [link for link in reader.links if not _touches(page.templates, link.start, link.end)]
    links += _bare_links(text, passages, links)
    ordered = sorted(links, key=lambda link: (link.text_start, link.start))
    return Document(text, tuple(ordered), passages, tuple(reader.blocks))


def _offsets(text: str) -> Callable[[int], int]:
    """From places in a text's UTF-8 to places in its characters, each in constant time."""
    if text.isascii():
        return lambda place: place
    data = text.encode()
    known = [0]
    for start in range(0, len(data), _STEP):
        known.append(known[-1] + len(data[start : start + _STEP].translate(None, _CONTINUATION)))

    def offset(place: int) -> int:
        start = place - place % _STEP
        return known[place // _STEP] + len(data[start:place].translate(None, _CONTINUATION))

    return offset


def _label(written: str) -> str:
    return " ".join(written.split()).casefold()


def _target(text: str, start: int, end: int) -> Span:
    """Where a link's target is that is written between two places, white space first."""
    spaces = _SPACES.match(text, start, end)
    start = spaces.end() if spaces else start
    bracketed = _IN_BRACKETS.match(text, start, end)
    plain = _TARGET.match(text, start, end)
    return bracketed.span(1) if bracketed else plain.span() if plain else (start, start)


def _definitions(text: str) -> Mapping[str, Span]:
    """Where the targets of link definitions are, by label."""
    if "]:" not in text:
        return {}
    offset = _offsets(text)
    places: dict[str, Span] = {}
    for label, definition in _MARKDOWN.reference_definitions(text).items():
        start, end = offset(definition["span"]["start"]), offset(definition["span"]["end"])
        found = _LABEL.match(text, start, end)
        places.setdefault(_label(label), _target(text, found.end() if found else start, end))
    return places


class _OpenLink:
    """A link whose words are being read."""

    def __init__(self, kind: str, href: str, label: str, start: int, end: int) -> None:
        self.kind = kind
        self.href = href
        self.label = label
        self.start = start
        self.end = end
        self.words_end = start + 1


class _OpenAnchor:
    """An `<a href>` whose words are being read."""

    def __init__(self, href: str, target: Span, start: int) -> None:
        self.href = href
        self.target = target
        self.start = start  # of its words


class _Reader:
    """Collects links, passages and blocks from what the parser reports."""

    def __init__(self, raw: str, text: str) -> None:
        self.raw = raw
        self._text = text  # what the parser reads; each character is at the same place
        self._floor = 0  # where the block starts that is read by itself
        self.links: list[DocumentLink] = []
        self.passages: list[Passage] = []
        self.blocks: list[Span] = []
        self._definitions = _definitions(text)
        self._is_open = False  # whether the last block still grows
        self._links: list[_OpenLink] = []
        self._anchor: _OpenAnchor | None = None
        self._code = -1  # where an open `<code>` starts, or -1
        self._verbatim: tuple[str, int] | None = None  # the open `<pre>`, and where it started
        self._last_closing: dict[str, int] = {}  # of elements: where the text closes one last
        self._pictures = 0  # how many pictures are open
        self._in_block = ""  # the open code block or HTML block

    def read(self) -> None:
        """Read the whole text."""
        self._read(self._text, 0)
        self._close_block(len(self.raw))
        if self._verbatim is not None:
            self._add(PassageKind.FENCE, self._verbatim[1], len(self.raw))

    def _read(self, text: str, base: int) -> None:
        """Read a text whose first character is at an offset of the whole one."""
        offset = _offsets(text)
        for event, place in _MARKDOWN.events_with_range(text):
            if isinstance(event, str):
                continue
            start, end = base + offset(place["start"]), base + offset(place["end"])
            if end > self._floor:
                self._event(event, max(start, self._floor), end)

    def _event(self, event: Mapping[str, object], start: int, end: int) -> None:
        kind, value = next(iter(event.items()))
        if kind == "Start":
            self._start(*_tag(value), start, end)
        elif kind == "End":
            self._end(_tag(value)[0], end)
        elif self._in_block:
            pass
        elif kind == "InlineHtml":
            self._html(start, end)
        elif self._pictures or self._verbatim:
            self._grow(start, end)
        elif kind == "Text":
            self._grow(start, end)
            if self._code < 0:
                self._add(PassageKind.PROSE, start, end)
        elif kind == "Code":
            self._grow(start, end)
            if self._code < 0:
                self._code_span(start, end)

    def _start(self, tag: str, data: Mapping[str, object], start: int, end: int) -> None:
        if tag == "Link":
            kind, href, label = (str(data[key]) for key in ("link_type", "dest_url", "id"))
            self._links.append(_OpenLink(kind, href, label, start, end))
            self._grow(start, start)
        elif tag == "Image":
            self._pictures += 1
        elif tag not in _INLINE_TAGS:
            self._close_block(start)
            if tag == "CodeBlock":
                self._in_block = tag
                self._add(PassageKind.FENCE, start, end)
            elif tag == "HtmlBlock":
                self._html_block(start, end)
                self._in_block = tag

    def _end(self, tag: str, end: int) -> None:
        if tag == "Link":
            self._close_link(self._links.pop())
        elif tag == "Image":
            self._pictures -= 1
        elif tag not in _INLINE_TAGS:
            self._close_block(end)
            self._in_block = ""
        if self._links:
            self._links[-1].words_end = max(self._links[-1].words_end, end)

    def _grow(self, start: int, end: int) -> None:
        """Have the open block reach to an end; open one where there is none."""
        if not self._is_open:
            self._is_open = True
            self.blocks.append((start, end))
        elif end > self.blocks[-1][1]:
            self.blocks[-1] = (self.blocks[-1][0], end)
        if self._links:
            self._links[-1].words_end = max(self._links[-1].words_end, end)

    def _close_block(self, end: int) -> None:
        """End the open block, and what HTML left open in it."""
        if not self._is_open:
            self._anchor, self._code = None, -1
            return
        end = min(end, self.blocks[-1][1])
        self._close_code(end)
        self._close_anchor(end)
        self._is_open = False

    @property
    def _block(self) -> int:
        return len(self.blocks) - 1 if self._is_open else -1

    def _add(self, kind: PassageKind, start: int, end: int) -> None:
        if start < end:
            block = -1 if kind is PassageKind.FENCE else self._block
            self.passages.append(Passage(kind, start, end, block))

    def _code_span(self, start: int, end: int) -> None:
        written = self.raw[start:end]
        ticks = len(written) - len(written.lstrip("`"))
        self._add_code(start + ticks, end - ticks)

    def _add_code(self, start: int, end: int) -> None:
        """Add the inside of a code span, without padding and the name of its language."""
        inside = self.raw[start:end]
        language = _LANGUAGE.match(inside)
        start += language.end() if language else len(inside) - len(inside.lstrip())
        self._add(PassageKind.CODE, start, start + len(self.raw[start:end].rstrip()))

    def _close_link(self, link: _OpenLink) -> None:
        if self._pictures or self._verbatim or not link.href:
            return
        words = (link.start + 1, max(link.words_end, link.start + 1))
        if link.kind == "Inline":
            opening = self.raw.find("](", words[1], link.end)
            target = _target(self.raw, opening + 2, link.end - 1) if opening >= 0 else words
        elif link.kind in ("Autolink", "Email"):
            words = target = (link.start + 1, link.end - 1)
        else:
            target = self._definitions.get(_label(link.label), (link.start, link.end))
        self.links.append(DocumentLink(link.href, *target, *words, self._block))

    def _html_block(self, start: int, end: int) -> None:
        """Read a block of HTML: as one line, so that the parser takes its tags for inline ones."""
        written = self.raw[start:end]
        opening = _TAG.match(written.lstrip())
        name = opening[2].lower() if opening else ""
        if self._verbatim is None and name in _VERBATIM and f"</{name}" in written.lower():
            self._add(PassageKind.FENCE, start, end)
        elif written.lstrip().startswith("<!--") and "-->" not in written:
            self._add(PassageKind.COMMENT, start, end)
        else:
            line = self._text[start:end].replace("\r", " ").replace("\n", " ")
            self._floor = start
            self._read(f"x{line}", start - 1)

    def _html(self, start: int, end: int) -> None:
        """Read one tag or comment."""
        written = self.raw[start:end]
        if self._verbatim is None and written.startswith("<!--"):
            self._add(PassageKind.COMMENT, start, end)
        elif found := _TAG.match(written):
            name, closes = found[2].lower(), bool(found[1])
            if self._verbatim is None:
                self._element(name, start, end, closes=closes)
            elif closes and name == self._verbatim[0]:
                self._add(PassageKind.FENCE, self._verbatim[1], start)
                self._verbatim = None

    def _element(self, name: str, start: int, end: int, *, closes: bool) -> None:
        """An element starts or ends by the tag between two places."""
        if name not in _IN_SENTENCE:
            self._close_block(start)
        else:
            self._grow(start, end)
        if name in _VERBATIM and not closes and self._closes_later(name, end):
            self._verbatim = (name, end)
        elif name in _CODE:
            self._close_code(start)
            self._code = -1 if closes else end
        elif name == "a":
            self._close_anchor(start)
            if not closes:
                self._anchor = self._opened_anchor(start + len("<a"), end)

    def _closes_later(self, name: str, start: int) -> bool:
        """Whether an element is closed anywhere behind a place."""
        if name not in self._last_closing:
            self._last_closing[name] = self.raw.lower().rfind(f"</{name}")
        return self._last_closing[name] >= start

    def _opened_anchor(self, start: int, end: int) -> _OpenAnchor | None:
        """The link that a tag opens whose attributes are between two places."""
        for found in _ATTRIBUTE.finditer(self.raw, start, end):
            if found[1].lower() == "href":
                group = next((number for number in (2, 3, 4) if found[number]), 0)
                href = unescape(found[group]).strip() if group else ""
                return _OpenAnchor(href, found.span(group), end) if href else None
        return None

    def _close_anchor(self, end: int) -> None:
        if self._anchor is not None:
            anchor, self._anchor = self._anchor, None
            words = (anchor.start, max(anchor.start, end))
            self.links.append(DocumentLink(anchor.href, *anchor.target, *words, self._block))

    def _close_code(self, end: int) -> None:
        if self._code >= 0:
            start, self._code = self._code, -1
            self._add_code(start, end)


def _tag(value: object) -> tuple[str, Mapping[str, object]]:
    """The name of a tag that starts or ends, and what the parser says of it."""
    if isinstance(value, str):
        return value, {}
    name, data = next(iter(value.items())) if isinstance(value, dict) else ("", None)
    return str(name), data if isinstance(data, dict) else {}


def _in_order(passages: Iterable[Passage], text: str) -> Sequence[Passage]:
    """The passages in order, plain words that belong together as one; none overlaps another."""
    ordered: list[Passage] = []
    for passage in sorted(passages, key=lambda passage: (passage.start, -passage.end)):
        last = ordered[-1] if ordered else None
        if last is None or passage.start >= last.end:
            if last is not None and _continues(last, passage, text):
                ordered[-1] = replace(last, end=passage.end)
            else:
                ordered.append(passage)
    return ordered


def _continues(last: Passage, passage: Passage, text: str) -> bool:
    """Whether only a line's end or an escape is between two passages of plain words."""
    gap = passage.start - last.end
    return (
        last.kind is passage.kind is PassageKind.PROSE
        and last.block == passage.block
        and gap <= _WIDEST_GAP
        and (gap == 0 or text[last.end : passage.start].strip() in ("", "\\"))
    )


def _touches(spans: Sequence[Span], start: int, end: int) -> bool:
    """Whether a stretch shares a character with one of others, which are in order."""
    after = bisect_right(spans, (end - 1, len(spans) and spans[-1][1]))
    return after > 0 and spans[after - 1][1] > start


def _without(
    passages: Iterable[Passage], unspoken: Sequence[Span], templates: Sequence[Span]
) -> Iterator[Passage]:
    """The passages without what is no prose, and without code that a template writes."""
    silent = tuple(united([*unspoken, *templates]))
    for passage in passages:
        if passage.kind is PassageKind.CODE:
            if not _touches(templates, passage.start, passage.end):
                yield passage
        elif passage.kind is PassageKind.PROSE and _touches(silent, passage.start, passage.end):
            yield from _cut(passage, silent)
        else:
            yield passage


def _cut(passage: Passage, silent: Sequence[Span]) -> Iterator[Passage]:
    """What is left of a passage outside of stretches, which are in order."""
    position = passage.start
    for number in range(bisect_right(silent, (passage.start, -1)) - 1, len(silent)):
        start, end = silent[max(number, 0)]
        if start >= passage.end:
            break
        if start > position:
            yield replace(passage, start=position, end=start)
        position = max(position, end)
    if position < passage.end:
        yield replace(passage, start=position)


def _bare_links(
    text: str, passages: Iterable[Passage], links: Iterable[DocumentLink]
) -> Iterator[DocumentLink]:
    """The addresses in plain words that are not the words of a link."""
    words = tuple(united((link.text_start, link.text_end) for link in links))
    for passage in passages:
        if passage.kind is PassageKind.PROSE:
            for start, end in bare_addresses(text, passage.start, passage.end):
                if not _touches(words, start, end):
                    href = unescaped(text[start:end])
                    yield DocumentLink(href, start, end, start, end, passage.block)

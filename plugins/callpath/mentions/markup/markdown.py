"""Reads Markdown: its links, code spans, comments and plain words, with their places.

pulldown-cmark reads the syntax; `dialect` has told it what MkDocs adds. Does not know what links
and names mean.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import unescape
from operator import itemgetter

from pyromark import Markdown, Options

from callpath.mentions.markup.bare_links import bare_links
from callpath.mentions.markup.dialect import as_common_mark
from callpath.mentions.model import Document, DocumentLink, Passage, PassageKind
from callpath.mentions.spans import Span, outside, touches, united

_MARKDOWN = Markdown(options=Options.ENABLE_TABLES | Options.ENABLE_FOOTNOTES)

_INLINE = frozenset({"Emphasis", "Strong", "Link", "Image"})
_VERBATIM_BLOCKS = frozenset({"CodeBlock", "HtmlBlock"})
_PLACED = _INLINE | _VERBATIM_BLOCKS  # whose start says something of a place
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
_CONTINUATION = bytes(range(0x80, 0xC0))

_Stretch = tuple[int, int, PassageKind, int]
"""Start, end, kind and block of a passage that is not finished yet."""


def read_markdown(text: str) -> Document:
    """What a Markdown text says; MkDocs' dialect, GitHub's and plain CommonMark alike."""
    page = as_common_mark(text)
    reader = _Reader(text, page.text)
    if page.front_matter is not None:
        reader.passages.append((*page.front_matter, PassageKind.FENCE, -1))
    reader.read()
    stretches = _in_order(reader.passages, text)
    passages = tuple(_passages(stretches, page.unspoken, page.templates))
    links = [link for link in reader.links if not touches(page.templates, link.start, link.end)]
    links += bare_links(text, passages, links)
    ordered = sorted(links, key=lambda link: (link.text_start, link.start))
    return Document(text, tuple(ordered), passages, tuple(reader.blocks))


class _Places:
    """Turns places in a text's UTF-8 into places in its characters.

    Each is counted from the one before: quick as long as they go mostly forward.
    """

    def __init__(self, text: str, base: int = 0) -> None:
        self._data = b"" if text.isascii() else text.encode()
        self._base = base  # where the text starts in the whole one
        self._byte = 0
        self._character = base

    def __call__(self, byte: int) -> int:
        """The character that starts at a byte, in the whole text."""
        if not self._data:
            return self._base + byte
        last = self._byte
        if byte != last:
            between = self._data[last:byte] if byte > last else self._data[byte:last]
            if not between.isascii():
                between = between.translate(None, _CONTINUATION)
            self._character += len(between) if byte > last else -len(between)
            self._byte = byte
        return self._character


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
    place = _Places(text)
    places: dict[str, Span] = {}
    for label, definition in _MARKDOWN.reference_definitions(text).items():
        start, end = place(definition["span"]["start"]), place(definition["span"]["end"])
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
        self.links: list[DocumentLink] = []
        self.passages: list[_Stretch] = []
        self.blocks: list[Span] = []
        self._text = text  # what the parser reads; each character is at the same place
        self._floor = 0  # where the block starts that is read by itself
        self._definitions = _definitions(text)
        self._is_open = False  # whether the last block still grows
        self._links: list[_OpenLink] = []
        self._anchor: _OpenAnchor | None = None
        self._code = -1  # where an open `<code>` starts, or -1
        self._verbatim: tuple[str, int] | None = None  # the open `<pre>`, and where it started
        self._last_closing: dict[str, int] = {}  # of elements: where the text closes one last
        self._pictures = 0  # how many pictures are open
        self._in_block = False  # whether a block of code or of HTML is open

    def read(self) -> None:
        """Read the whole text."""
        self._read(self._text, 0)
        self._close_block()
        if self._verbatim is not None:
            self._add(PassageKind.FENCE, self._verbatim[1], len(self.raw))

    def _read(self, text: str, base: int) -> None:
        """Read a text whose first character is at an offset of the whole one."""
        place = _Places(text, base)
        for event, bounds in _MARKDOWN.events_with_range(text, merge_text=True):
            if isinstance(event, str):
                continue
            ((kind, value),) = event.items()
            tag = value if isinstance(value, str) else _tag(value)
            if kind == "End" and tag not in _INLINE:
                self._close_block()
                self._in_block = False
            elif self._in_block:
                continue
            elif kind == "Start" and tag not in _PLACED:
                self._close_block()
            else:
                start = max(place(bounds["start"]), self._floor)
                end = place(bounds["end"])
                if end > start:
                    self._event(kind, tag, value, start, end)

    def _event(self, kind: str, tag: str, value: object, start: int, end: int) -> None:
        """Something that has a place of its own starts, ends or stands there."""
        if kind == "Text" or kind == "Code":
            self._grow(start, end)
            if self._code < 0 and not self._pictures and self._verbatim is None:
                if kind == "Code":
                    self._code_span(start, end)
                else:
                    self._add(PassageKind.PROSE, start, end)
        elif kind == "Start":
            self._start(tag, value, start, end)
        elif kind == "End":
            self._end(tag, end)
        elif kind == "InlineHtml":
            self._html(start, end)

    def _start(self, tag: str, value: object, start: int, end: int) -> None:
        if tag == "Link" and isinstance(value, dict):
            data = value[tag]
            self._links.append(
                _OpenLink(data["link_type"], data["dest_url"], data["id"], start, end)
            )
            self._grow(start, start)
        elif tag == "Image":
            self._pictures += 1
        elif tag in _VERBATIM_BLOCKS:
            self._close_block()
            if tag == "HtmlBlock":
                self._html_block(start, end)
            else:
                self._add(PassageKind.FENCE, start, end)
            self._in_block = True

    def _end(self, tag: str, end: int) -> None:
        if tag == "Link":
            self._close_link(self._links.pop())
        elif tag == "Image":
            self._pictures -= 1
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

    def _close_block(self) -> None:
        """End the open block, and what HTML left open in it."""
        if self._is_open:
            end = self.blocks[-1][1]
            self._close_code(end)
            self._close_anchor(end)
            self._is_open = False
        self._anchor, self._code = None, -1

    @property
    def _block(self) -> int:
        return len(self.blocks) - 1 if self._is_open else -1

    def _add(self, kind: PassageKind, start: int, end: int) -> None:
        if start < end:
            block = len(self.blocks) - 1 if self._is_open and kind is not PassageKind.FENCE else -1
            self.passages.append((start, end, kind, block))

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
            self._close_block()
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


def _tag(value: object) -> str:
    """The name of a tag that says more than its name."""
    return next(iter(value), "") if isinstance(value, dict) else ""


def _in_order(stretches: Sequence[_Stretch], text: str) -> Sequence[_Stretch]:
    """The passages in order, plain words that belong together as one; none overlaps another."""
    ordered: list[_Stretch] = []
    last: _Stretch = (0, 0, PassageKind.FENCE, -1)
    for stretch in sorted(stretches, key=itemgetter(0)):
        start, end, kind, block = stretch
        if start < last[1]:
            continue
        if kind is last[2] is PassageKind.PROSE and block == last[3]:
            gap = start - last[1]
            if gap == 0 or (gap < _WIDEST_GAP and text[last[1] : start].strip() in ("", "\\")):
                ordered.pop()
                stretch = (last[0], end, kind, block)
        ordered.append(stretch)
        last = stretch
    return ordered


def _passages(
    stretches: Iterable[_Stretch], unspoken: Sequence[Span], templates: Sequence[Span]
) -> Iterator[Passage]:
    """The passages without what is no prose, and without code that a template writes."""
    silent = tuple(united([*unspoken, *templates]))
    for start, end, kind, block in stretches:
        if kind is PassageKind.PROSE and silent:
            for left, right in outside(silent, start, end):
                yield Passage(kind, left, right, block)
        elif kind is not PassageKind.CODE or not touches(templates, start, end):
            yield Passage(kind, start, end, block)

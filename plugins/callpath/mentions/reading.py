"""What a document says of source code: its links to source viewers, its citations, its names."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from callpath.mentions.beside import symbols_beside
from callpath.mentions.citations import (
    WrittenPath,
    paths_in_code,
    paths_in_prose,
    with_lines_around,
)
from callpath.mentions.claims import Claims
from callpath.mentions.model import (
    Address,
    Citation,
    Document,
    DocumentLink,
    Mention,
    Name,
    NameForm,
    Passage,
    PassageKind,
    SourceLink,
)
from callpath.mentions.names import WrittenName, is_compound, is_pattern, name_in_code
from callpath.mentions.own import changed_files, own_files, own_names, replaced_names
from callpath.mentions.sentences import Sentences, is_within
from callpath.mentions.viewers import VIEWERS, Viewer, read_address

# Symbols in plain prose: after the word that makes them a tag, with `()`, or with `_`.
_SYMBOL = re.compile(
    r"(?<![\w./-])(?:(?:struct|union|enum)[ \0]+([A-Za-z_]\w*)|([A-Za-z_]\w*)(?=\(\))"
    r"|(_*[A-Za-z0-9]+(?:\\?_+[A-Za-z0-9]+)+))(?![\w/]|\.\w)",
    re.ASCII,
)
# What makes the name before it one that the source need not have: that of a parameter, a label.
_ROLE = re.compile(r"\0+\s(?:argument|parameter|label|placeholder|sysctl|mount|field \d)")
# What makes it that on the whole page.
_PARAMETER = re.compile(
    r"\0+\s?(?:is|as) (?:the|an?) (?:\w+ )?(?:argument|parameter)|\0+\s?是[^\x02]{0,60}?个参数"
)
_SOURCE_FILE = re.compile(r"https?://[^?#]+/[\w.+-]+\.(?:c|cc|cpp|go|rs)(?:[?#]|$)")
# Words of a link that only point: what it leads to, the sentence around it says.
_POINTING = re.compile(
    r"(?<![a-z])(?:an?|at|code|declar(?:ation|ed)|defin(?:ed|ition)|files?|following|from|here"
    r"|implement(?:ed|ation)|in|is|it|kernel|lines?|links?|linux|located|of|on(?:line)?|page|same"
    r"|see|sources?|that|the|this|to)(?![a-z])|源代码|源文件|这里|此处|代码|位于|定义|实现|文件|源码"
    r"|链接|点击|[中为在处的看第行见这]"
)
_LETTER = re.compile(r"[^\W\d_]")
_WRITTEN_PATH = re.compile(r"(?<![\w/])[\w.+-]*[/.][\w./+-]*(?::\d+)?|https?:\S+", re.ASCII)
_Placeable = TypeVar("_Placeable", SourceLink, Citation)
_NEAR = 8  # how many symbols of its sentence a mention has at most


def read_mentions(
    document: Document, viewers: Sequence[Viewer] = VIEWERS, words: Collection[str] = ()
) -> tuple[Mention, ...]:
    """What a document says of source code, in the order of where it begins.

    Args:
        document: Links, prose and code spans of a text.
        viewers: The source viewers whose addresses are links to source code.
        words: Names that claim nothing, as a site gives them.
    """
    sentences = Sentences(document)
    symbols = _Symbols(document, sentences)
    links = _source_links(document, viewers, symbols)
    texts = _Texts(document, sentences, links)
    mentions: list[Mention] = [
        *(_with_near(each.mention, each.start, each.end, symbols, links) for each in links),
        *(_with_near(each, each.start, each.end, symbols, links) for each in texts.citations()),
        *texts.names(frozenset(words)),
    ]
    return tuple(sorted(mentions, key=lambda each: (each.start, each.end)))


class _Symbols(Struct, frozen=True, dict=True):
    """The symbols that a document names."""

    document: Document
    sentences: Sentences

    @cached_property
    def _spans(self) -> list[Passage]:
        return [each for each in self.document.passages if each.kind is PassageKind.CODE]

    @cached_property
    def _starts(self) -> list[int]:
        return [each.start for each in self._spans]

    def between(self, start: int, end: int, *, is_loose: bool) -> list[tuple[int, int, str]]:
        """The symbols in a stretch of text with where they are, in their order.

        Args:
            start: Where the stretch begins.
            end: Where it ends.
            is_loose: Whether a plain word in a code span is a symbol, too.
        """
        spans = self._spans[bisect_left(self._starts, start) : bisect_left(self._starts, end)]
        found = [each for span in spans for each in self._of_span(span, is_loose=is_loose)]
        for match in _SYMBOL.finditer(self.sentences.view, start, end):
            name = (match[1] or match[2] or match[3]).replace("\\", "")
            found.append((match.start(), match.end(), name))
        return sorted(each for each in found if not is_pattern(each[2]))

    def speaks_for_itself(self, start: int, end: int) -> bool:
        """Whether the words of a link say what it leads to, and not only that it is there."""
        words = _WRITTEN_PATH.sub(" ", self.sentences.view[start:end]).lower()
        return bool(_LETTER.search(_POINTING.sub(" ", words)))

    def _of_span(self, span: Passage, *, is_loose: bool) -> Iterator[tuple[int, int, str]]:
        code = self.document.text[span.start : span.end].strip()
        name = None if paths_in_code(code) else name_in_code(code)
        if name is not None:
            for symbol in name.symbols:
                if is_loose or is_compound(symbol) or name.form is not NameForm.IDENTIFIER:
                    yield span.start, span.end, symbol


class _ReadLink(Struct, frozen=True):
    """A link to source code, and where its words are."""

    mention: SourceLink
    start: int
    end: int

    @property
    def fixed(self) -> Address | None:
        """Its address if it leads to a tree of its own, of which its words then speak."""
        address = self.mention.address
        if not isinstance(address, Address) or address.floating or not address.revision:
            return None
        return address

    def repeats(self, written: WrittenPath) -> bool:
        """Whether a citation in its words says what its address says."""
        address = self.mention.address
        if not isinstance(address, Address):
            return False
        is_same_path = f"/{address.path}".endswith(f"/{written.path.strip('/')}")
        return is_same_path and written.first in (0, address.first)


def _is_bare(document: Document, link: DocumentLink) -> bool:
    """Whether the words of a link are an address."""
    return "://" in document.text[link.text_start : link.text_end]


def _source_links(
    document: Document, viewers: Sequence[Viewer], symbols: _Symbols
) -> list[_ReadLink]:
    """The links to source code, in the order of their words; what is near is not yet known."""
    found = []
    for link in document.links:
        if (address := read_address(link.href, viewers)) is not None:
            named: tuple[str, ...] = ()
            if not _is_bare(document, link):
                words = symbols.between(link.text_start, link.text_end, is_loose=True)
                named = tuple(dict.fromkeys(name for _, _, name in words))
            mention = SourceLink(link.start, link.end, address, named)
            found.append(_ReadLink(mention, link.text_start, link.text_end))
    return sorted(found, key=lambda each: each.start)


def _link_around(links: Sequence[_ReadLink], offset: int) -> _ReadLink | None:
    """The link whose words are at an offset."""
    index = bisect_right(links, offset, key=lambda each: each.start) - 1
    return links[index] if index >= 0 and offset < links[index].end else None


def _with_near(
    mention: _Placeable, start: int, end: int, symbols: _Symbols, links: Sequence[_ReadLink]
) -> _Placeable:
    """A mention with the symbols of its sentence that it does not name itself.

    Args:
        mention: A link or a citation.
        start: Where its words begin.
        end: Where its words end.
        symbols: Those of the document.
        links: All links to source code: what their words name is no symbol near others.
    """
    if isinstance(mention, SourceLink) and symbols.speaks_for_itself(start, end):
        return mention
    left, right = symbols.sentences.around(start, end)
    around = [
        (first, last, name)
        for first, last, name in symbols.between(left, right, is_loose=False)
        if not (start <= first < end) and _link_around(links, first) is None
    ]
    if isinstance(mention, Citation) and mention.first and not mention.named:
        view = symbols.sentences.view
        named = symbols_beside(view, start, end, around, symbols.between)
        mention = replace(mention, named=named[:_NEAR])
    found = sorted((max(start - last, first - end), first, name) for first, last, name in around)
    near = dict.fromkeys(name for *_, name in found if name not in mention.named)
    return replace(mention, near=tuple(near)[:_NEAR])


def _without_path(code: str) -> tuple[int, str]:
    """The name that a code span has beside a path, with its offset; all of it if it has no path."""
    paths = paths_in_code(code.strip())
    if not paths:
        return 0, code
    if not paths[0].named:
        return 0, ""
    name = paths[0].named[0]
    behind = code.find(name, code.find(paths[0].path) + len(paths[0].path))
    start = behind if behind >= 0 else code.find(name)
    end = start + len(name)
    if code.startswith("(", end) and (closing := code.find(")", end)) >= 0:
        end = closing + 1
    return start, code[start:end]


class _Texts(Struct, frozen=True, dict=True):
    """What the prose and the code spans of a document claim."""

    document: Document
    sentences: Sentences
    links: Sequence[_ReadLink]

    @cached_property
    def _claims(self) -> Claims:
        return Claims(self.sentences)

    @cached_property
    def _other_links(self) -> list[tuple[int, int]]:
        """Where the words of links to other sites are, and where addresses are words."""
        ours = {(each.start, each.end) for each in self.links}
        return sorted(
            (each.text_start, each.text_end)
            for each in self.document.links
            if _is_bare(self.document, each)
            or ("://" in each.href and (each.text_start, each.text_end) not in ours)
        )

    def _claims_nothing(self, offset: int) -> bool:
        return is_within(self._other_links, offset) or self._claims.has_none(offset)

    def _codes(self) -> Iterator[tuple[Passage, str]]:
        for passage in self.document.passages:
            if passage.kind is PassageKind.CODE:
                yield passage, self.document.text[passage.start : passage.end]

    def citations(self) -> Iterator[Citation]:
        """Its citations, in no order."""
        own, changed = own_files(self.document), changed_files(self.document)
        for span, code in self._codes():
            offset = span.start + len(code) - len(code.lstrip())
            for written in paths_in_code(code.strip()):
                if (written.first or written.path not in own) and written.path not in changed:
                    yield from self._citation(written.moved(offset), is_code=True)
        for written in paths_in_prose(self.sentences.view):
            yield from self._citation(written, is_code=False)

    def _citation(self, found: WrittenPath, *, is_code: bool) -> Iterator[Citation]:
        """A path as a citation, if it is one."""
        written = with_lines_around(found, self.sentences.view)
        link = _link_around(self.links, found.start)
        is_of_link = link and (link.repeats(written) or (link.fixed and not written.first))
        claims_nothing = self._claims_nothing(found.start)
        if not (is_of_link or claims_nothing or self._claims.is_to_be_written(found.start)):
            yield Citation(
                start=written.start,
                end=written.end,
                path=written.path,
                first=written.first,
                last=written.last,
                lines_start=written.lines_start,
                lines_end=written.lines_end,
                named=written.named,
                is_code=is_code,
            )

    def names(self, left_out: frozenset[str]) -> Iterator[Name]:
        """Its names, in their order.

        Args:
            left_out: Words that claim nothing.
        """
        free = own_names(self.document)
        free |= left_out | replaced_names(free) | self._parameters
        for span, code in self._codes():
            at, text = _without_path(code)
            found = name_in_code(text)
            words = tuple(word for word in found.words if word not in free) if found else ()
            if found and words and self._claims_name(span, found):
                link = _link_around(self.links, span.start)
                address = link.fixed if link else None
                start = span.start + at
                called = next(filter(None, map(self._called.get, words)), "")
                yield Name(start, start + len(text), text, found.form, words, address, called)

    @cached_property
    def _parameters(self) -> frozenset[str]:
        """The names that the text calls parameters."""
        spans = (span for span, _ in self._codes())
        view = self.sentences.view
        found = (span for span in spans if _PARAMETER.match(view, span.end))
        return frozenset(self.document.text[span.start : span.end] for span in found)

    @cached_property
    def _called(self) -> Mapping[str, str]:
        """What the text calls those names that it says to be things of a source.

        A section that shows the source of another project speaks of that one.
        """
        found: dict[str, str] = {}
        for span, code in self._codes():
            if not is_compound(code) or code in found or not code.isidentifier():
                continue
            if any(self._claims.is_in_one_section(span.start, at) for at in self._other_sources):
                continue
            if not self._claims_nothing(span.start) and (
                called := self._claims.called(span.start, span.end)
            ):
                found[code] = called
        return found

    @cached_property
    def _other_sources(self) -> Sequence[int]:
        """Where links to source files of other projects are."""
        ours = {(each.start, each.end) for each in self.links}
        links = (each for each in self.document.links if _SOURCE_FILE.match(each.href))
        return [each.text_start for each in links if (each.text_start, each.text_end) not in ours]

    def _claims_name(self, span: Passage, name: WrittenName) -> bool:
        """Whether it is said of a tree that it has a name."""
        if name.form is NameForm.IDENTIFIER and (
            _ROLE.match(self.sentences.view, span.end)
            or self._claims.is_of_system(span.start, name.words[0])
        ):
            return False
        return not self._claims_nothing(span.start)

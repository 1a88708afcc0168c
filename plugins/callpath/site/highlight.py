"""The source text of a definition as HTML and as a script: highlighted, folded, with its links.

Takes text and targets, reads nothing. What was made is remembered for the next build.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import accumulate, groupby

from markupsafe import Markup
from msgspec.structs import replace
from pygments.lexers.c_cpp import CLexer
from pygments.token import STANDARD_TYPES, Comment, Error, Name, Operator, Punctuation, Text

from callpath.site.strings import Strings
from callpath.site.templates import render
from callpath.site.views import (
    BlockKind,
    CodeBlock,
    CodeLine,
    CodePiece,
    CodeRequest,
    CodeTarget,
    CodeText,
)

_DIRECTIVE = re.compile(r"\s*#\s*define\b")
_PLAIN = (Operator, Punctuation, Error, Text)
_COLOURED_NAMES = (Name.Function, Name.Label, Name.Class, Name.Constant)


def highlighted(lines: tuple[str, ...], kind: str) -> tuple[tuple[CodePiece, ...], ...]:
    """The pieces of each line of a definition; together they are the lines.

    The text of a macro is read as C too, not as one directive.
    """
    found: list[list[CodePiece]] = [[]]
    for piece in _marked(list(_tokens("\n".join(lines), kind))):
        for number, text in enumerate(piece.text.split("\n")):
            if number:
                found.append([])
            if text:
                found[-1].append(piece if text == piece.text else replace(piece, text=text))
    return tuple(map(tuple, found))


def _tokens(text: str, kind: str) -> Iterator[CodePiece]:
    directive = _DIRECTIVE.match(text) if kind == "macro" else None
    if directive:
        yield CodePiece(directive[0], STANDARD_TYPES[Comment.Preproc])
        text = text[directive.end() :]
    for token, value in _lexer().get_tokens(text):
        is_name = token in Name
        is_plain = not value.strip() or any(token in group for group in _PLAIN)
        coloured = token in _COLOURED_NAMES if is_name else not is_plain
        yield CodePiece(value, STANDARD_TYPES.get(token, "") if coloured else "", name=is_name)


def _marked(pieces: list[CodePiece]) -> Iterator[CodePiece]:
    """The pieces, each name with what is around it; comments and space do not count."""
    solid = [_solid(piece) for piece in pieces]
    text = "".join(solid)
    for piece, end in zip(pieces, accumulate(map(len, solid)), strict=True):
        if piece.name:
            member = text.endswith((".", "->"), 0, end - len(piece.text))
            yield replace(piece, called=text.startswith("(", end), member=member)
        else:
            yield piece


def _solid(piece: CodePiece) -> str:
    """What of a piece counts for its neighbours."""
    return "" if piece.style.startswith("c") else piece.text.strip(" \t\n\\")


@cache
def _lexer() -> CLexer:
    return CLexer(stripnl=False, ensurenl=False)


CONTEXT = 2  # how many lines are shown above and below a line that counts
LONG = 40  # a definition of more lines is folded
LEAST = 5  # fewer lines than this are not worth a fold
# No page has more folded or plain lines of one definition; the rest is at the link provider.
LIMIT = 400
_FOLDED_KINDS = frozenset({"function", "macro"})


def code_blocks(
    start: int, end: int, line: int, kind: str, sites: Iterable[int]
) -> list[CodeBlock]:
    """How the lines of a definition are shown: blocks without their text, and without a gap.

    `line` holds its name; `sites` are the lines that the steps are about, and those outside do not
    count. A long struct is folded only where a step is about a line of it.
    """
    lines = range(start, end + 1)
    shown = set(lines)
    inside = shown.intersection(sites)
    if len(lines) > LONG and (kind in _FOLDED_KINDS or inside):
        near = {*range(start, max(start, line) + 1), end, *inside}
        shown = {each for one in near for each in range(one - CONTEXT, one + CONTEXT + 1)}
    for _, same in groupby(lines, frozenset(shown).__contains__):
        gap = list(same)
        if len(gap) < LEAST:
            shown.update(gap)
    found: list[CodeBlock] = []
    for is_shown, same in groupby(lines, shown.__contains__):
        numbers = list(same)
        kind_shown = BlockKind.OPEN if is_shown else BlockKind.FOLDED
        found += _limited(CodeBlock(kind_shown, numbers[0], numbers[-1]), start)
    return found


def _limited(block: CodeBlock, start: int) -> list[CodeBlock]:
    """A block without the lines behind the limit; those around a site are never left out."""
    last_shown = start + LIMIT - 1
    around_site = block.kind is BlockKind.OPEN and block.first > start
    if block.last <= last_shown or around_site:
        return [block]
    left_out = CodeBlock(BlockKind.LEFT_OUT, max(block.first, last_shown + 1), block.last)
    return [left_out] if block.first > last_shown else [replace(block, last=last_shown), left_out]


class CodeCache:
    """Makes the HTML of source text, each distinct one once."""

    def __init__(self) -> None:
        self.made = 0  # how many pieces of HTML were made
        self.highlighted = 0  # how many texts were highlighted
        self._pieces: dict[tuple[str, int, int, str], tuple[tuple[CodePiece, ...], ...]] = {}
        self._html: dict[tuple[str, int, int, CodeRequest], Markup] = {}
        self._strings: Strings | None = None

    def html(self, text: CodeText, request: CodeRequest, strings: Strings) -> Markup:
        """The HTML of a definition's text: what the request says is to be shown of it."""
        if strings is not self._strings:  # the site has another language now
            self._strings = strings
            self._html.clear()
        place = (text.blob, text.start, text.end)
        if (*place, request) not in self._html:
            self.made += 1
            if (*place, request.kind) not in self._pieces:
                self.highlighted += 1
                self._pieces[*place, request.kind] = highlighted(text.lines, request.kind)
            blocks = _blocks(text, request, self._pieces[*place, request.kind])
            html = render("code.html", strings, code=request, text=text, blocks=blocks)
            self._html[*place, request] = html
        return self._html[*place, request]


def _blocks(
    text: CodeText, request: CodeRequest, pieces: Sequence[tuple[CodePiece, ...]]
) -> list[CodeBlock]:
    """The blocks of a text with their lines; `pieces` are those of each line of it."""
    sites = frozenset(request.sites)
    by_line: dict[int, list[CodeTarget]] = defaultdict(list)
    for target in request.targets:
        by_line[target.line].append(target)
    by_name = {name: each for each in reversed(by_line[0]) for name in reversed(each.names)}

    def line(number: int) -> CodeLine:
        linked = _linked(pieces[number - text.start], by_line[number], by_name)
        return CodeLine(number, tuple(_joined(linked)), number in sites)

    blocks = code_blocks(text.start, text.end, request.line, request.kind, sites)
    return [
        block
        if block.kind is BlockKind.LEFT_OUT
        else replace(block, lines=tuple(map(line, range(block.first, block.last + 1))))
        for block in blocks
    ]


def _linked(
    pieces: tuple[CodePiece, ...], targets: Iterable[CodeTarget], by_name: Mapping[str, CodeTarget]
) -> list[CodePiece]:
    """The pieces of a line, with what they lead to: what the line's own targets name first."""
    led: dict[int, CodeTarget] = {}
    for target in targets:
        if target.href:
            led = dict.fromkeys(_named(pieces, target), target) | led
    for number, piece in enumerate(pieces):
        if piece.called and not piece.member and piece.text in by_name:
            led.setdefault(number, by_name[piece.text])
    return [replace(piece, target=led.get(number)) for number, piece in enumerate(pieces)]


def _named(pieces: tuple[CodePiece, ...], target: CodeTarget) -> list[int]:
    """Where on a line the first of a target's names is; by itself rather than as a member."""
    for name in target.names:
        found = [number for number, piece in enumerate(pieces) if piece.name and piece.text == name]
        if found:
            return [number for number in found if not pieces[number].member] or found
    return []


def _joined(pieces: Iterable[CodePiece]) -> Iterator[CodePiece]:
    for (target, style), same in groupby(pieces, lambda piece: (piece.target, piece.style)):
        if target:
            yield from same
        else:
            yield CodePiece("".join(piece.text for piece in same), style)


_FOR_SCRIPTS = str.maketrans({"\u2028": "\\u2028", "\u2029": "\\u2029", "<": "\\u003c"})


def as_script(key: str, html: str) -> str:
    """A classic script that hands HTML to whoever asked for it, under a key.

    It may also be inside a `<script>` element: nothing in it ends one.
    """
    words = [json.dumps(word, ensure_ascii=False).translate(_FOR_SCRIPTS) for word in (key, html)]
    return f"(window.callpathCode ??= {{}})[{words[0]}] = {words[1]};\n"

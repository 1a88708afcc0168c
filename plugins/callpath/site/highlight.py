"""The source text of a definition as HTML and as a script: highlighted, folded, with its links.

Takes text and targets, reads nothing. What was made is remembered for the next build.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import groupby

from markupsafe import Markup
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


@dataclass(frozen=True, slots=True)
class Run:
    """Characters of one line."""

    text: str
    style: str = ""  # Pygments' short class (`k`, `c1`), or empty
    name: bool = False
    called: bool = False  # whether `(` follows
    member: bool = False  # whether it is behind `.` or `->`


def highlighted(lines: tuple[str, ...], kind: str) -> tuple[tuple[Run, ...], ...]:
    """The runs of each line of a definition; together they are the lines.

    The text of a macro is read as C too, not as one directive.
    """
    found: list[list[Run]] = [[]]
    for run in _marked(list(_tokens("\n".join(lines), kind))):
        first, *more = run.text.split("\n")
        if first:
            found[-1].append(run if not more else Run(first, run.style))
        found += [[Run(text, run.style)] if text else [] for text in more]
    return tuple(map(tuple, found))


def _tokens(text: str, kind: str) -> Iterator[Run]:
    directive = _DIRECTIVE.match(text) if kind == "macro" else None
    if directive:
        yield Run(directive[0], STANDARD_TYPES[Comment.Preproc])
        text = text[directive.end() :]
    for token, value in _lexer().get_tokens(text):
        if token in Name:
            yield Run(value, STANDARD_TYPES[token] if token in _COLOURED_NAMES else "", name=True)
        else:
            plain = any(token in group for group in _PLAIN) or not value.strip()
            yield Run(value, "" if plain else STANDARD_TYPES.get(token, ""))


def _marked(runs: list[Run]) -> Iterator[Run]:
    """The runs, each name with what is around it; comments and space do not count."""
    after = [""] * len(runs)
    following = ""
    for number in range(len(runs) - 1, -1, -1):
        after[number] = following
        following = _solid(runs[number]) or following
    before = ""
    for number, run in enumerate(runs):
        if run.name:
            called = after[number].startswith("(")
            yield replace(run, called=called, member=before.endswith((".", "->")))
        else:
            yield run
        before = (before + _solid(run))[-2:] if not run.name else run.text


def _solid(run: Run) -> str:
    """What of a run counts for its neighbours: operators come in single characters."""
    return "" if run.style.startswith("c") else run.text.strip(" \t\n\\")


@cache
def _lexer() -> CLexer:
    return CLexer(stripnl=False, ensurenl=False)


CONTEXT = 2
"""How many lines are shown above and below a line that counts."""
LONG = 40
"""A definition of more lines is folded."""
LEAST = 5
"""Fewer lines than this are not worth a fold."""
LIMIT = 400
"""No page has more folded or plain lines of one definition; the rest is at the link provider."""

_FOLDED_KINDS = frozenset({"function", "macro"})


def code_blocks(
    start: int, end: int, line: int, kind: str, sites: Iterable[int]
) -> list[CodeBlock]:
    """How the lines of a definition are shown: blocks without their text, and without a gap.

    Parameters:
        start: Its first line.
        end: Its last line.
        line: The line that holds its name.
        kind: What it is; a long struct is folded only where a step is about a line of it.
        sites: The lines that the steps are about; those outside do not count.
    """
    inside = {site for site in sites if start <= site <= end}
    long = end - start + 1 > LONG and (kind in _FOLDED_KINDS or bool(inside))
    shown = _around(start, end, line, inside) if long else [(start, end)]
    return list(_limited(start, _with_folds(start, end, shown)))


def _around(start: int, end: int, line: int, sites: set[int]) -> list[tuple[int, int]]:
    """The lines to show: the head, the end, and around each site; sorted, without overlap."""
    head = (start, min(end, max(start, line) + CONTEXT))
    foot = (max(start, end - CONTEXT), end)
    near = [(max(start, site - CONTEXT), min(end, site + CONTEXT)) for site in sites]
    merged: list[tuple[int, int]] = []
    for first, last in sorted([head, foot, *near]):
        if merged and first - merged[-1][1] <= LEAST:  # fewer than `LEAST` lines lie between
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return merged


def _with_folds(start: int, end: int, shown: list[tuple[int, int]]) -> Iterator[CodeBlock]:
    """The lines to show, and the folds between them."""
    after = start
    for first, last in shown:
        if first > after:
            yield CodeBlock(BlockKind.FOLDED, after, first - 1)
        yield CodeBlock(BlockKind.OPEN, first, last)
        after = last + 1
    if after <= end:
        yield CodeBlock(BlockKind.FOLDED, after, end)


def _limited(start: int, found: Iterable[CodeBlock]) -> Iterator[CodeBlock]:
    """The same, with lines behind the limit left out unless they lie around a site."""
    last_shown = start + LIMIT - 1
    for block in found:
        around_site = block.kind is BlockKind.OPEN and block.first > start
        if block.last <= last_shown or around_site:
            yield block
        elif block.first > last_shown:
            yield replace(block, kind=BlockKind.LEFT_OUT)
        else:
            yield replace(block, last=last_shown)
            yield CodeBlock(BlockKind.LEFT_OUT, last_shown + 1, block.last)


class CodeCache:
    """Makes the HTML of source text, each distinct one once.

    Attributes:
        made: How many pieces of HTML were made.
        highlighted: How many texts were highlighted.
    """

    def __init__(self) -> None:
        self.made = 0
        self.highlighted = 0
        self._runs: dict[tuple[str, int, int, str], tuple[tuple[Run, ...], ...]] = {}
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
            if (*place, request.kind) not in self._runs:
                self.highlighted += 1
                self._runs[*place, request.kind] = highlighted(text.lines, request.kind)
            blocks = _blocks(text, request, self._runs[*place, request.kind])
            html = render("code.html", strings, code=request, text=text, blocks=blocks)
            self._html[*place, request] = html
        return self._html[*place, request]


def _blocks(
    text: CodeText, request: CodeRequest, runs: Sequence[tuple[Run, ...]]
) -> list[CodeBlock]:
    """The blocks of a text with their lines; `runs` are those of each line of it."""
    sites = frozenset(request.sites)
    by_line: dict[int, list[CodeTarget]] = defaultdict(list)
    by_name: dict[str, CodeTarget] = {}
    for target in request.targets:
        if target.line and target.href:
            by_line[target.line].append(target)
        elif not target.line:
            for name in target.names:
                by_name.setdefault(name, target)

    def line(number: int) -> CodeLine:
        linked = _linked(runs[number - text.start], by_line[number], by_name)
        return CodeLine(number, tuple(_joined(linked)), number in sites)

    return [
        block
        if block.kind is BlockKind.LEFT_OUT
        else replace(block, lines=tuple(map(line, range(block.first, block.last + 1))))
        for block in code_blocks(text.start, text.end, request.line, request.kind, sites)
    ]


def _linked(
    runs: tuple[Run, ...], targets: Iterable[CodeTarget], by_name: Mapping[str, CodeTarget]
) -> list[CodePiece]:
    """The runs of a line, with what they lead to."""
    led = {
        number: by_name[run.text]
        for number, run in enumerate(runs)
        if run.name and run.called and not run.member and run.text in by_name
    }
    taken: set[int] = set()
    for target in targets:
        free = [number for number in _named(runs, target) if number not in taken]
        taken.update(free)
        led |= dict.fromkeys(free, target)
    return [CodePiece(run.text, run.style, led.get(number)) for number, run in enumerate(runs)]


def _named(runs: tuple[Run, ...], target: CodeTarget) -> list[int]:
    """Where on a line the first of a target's names is; by itself rather than as a member."""
    for name in target.names:
        found = [number for number, run in enumerate(runs) if run.name and run.text == name]
        if found:
            return [number for number in found if not runs[number].member] or found
    return []


def _joined(pieces: Iterable[CodePiece]) -> Iterator[CodePiece]:
    """The same with neighbours of one style as one."""
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

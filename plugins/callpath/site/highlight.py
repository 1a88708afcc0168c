"""The source text of a definition as HTML and as a script: highlighted, folded, with its links.

Reads nothing: it takes text and targets. What was made is remembered for the next build.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from pygments.lexers.c_cpp import CLexer
from pygments.token import STANDARD_TYPES, Comment, Error, Name, Operator, Punctuation, Text

from callpath.site.strings import Strings
from callpath.site.templates import PageRenderer
from callpath.site.views import (
    BlockKind,
    CodeBlock,
    CodeLine,
    CodePiece,
    CodeRequest,
    CodeTarget,
    CodeText,
    CodeView,
    LineRun,
)

_DIRECTIVE = re.compile(r"\s*#\s*define\b")
_PLAIN = (Operator, Punctuation, Error, Text)
_COLOURED_NAMES = (Name.Function, Name.Label, Name.Class, Name.Constant)


@dataclass(frozen=True, slots=True)
class Run:
    """Characters of one line.

    Attributes:
        text: The characters.
        style: Pygments' short class (`k`, `c1`), or empty.
        name: Whether it is a name.
        called: Whether `(` follows.
        member: Whether `.` or `->` stands before it.
    """

    text: str
    style: str = ""
    name: bool = False
    called: bool = False
    member: bool = False


def highlighted(lines: tuple[str, ...], kind: str) -> tuple[tuple[Run, ...], ...]:
    """The runs of each line; together they are the lines.

    Parameters:
        lines: The lines of a definition.
        kind: What it is: the text of a macro is read as C too, not as one directive.
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
    """The runs, each name with what stands around it; comments and space do not count."""
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


def stretches(start: int, end: int, line: int, kind: str, sites: Iterable[int]) -> list[LineRun]:
    """How the lines of a definition are shown, from the first to the last, without a gap.

    Parameters:
        start: Its first line.
        end: Its last line.
        line: The line that holds its name.
        kind: What it is; a long struct is folded only where a step speaks of a line of it.
        sites: The lines that the steps speak of; those outside do not count.
    """
    inside = {site for site in sites if start <= site <= end}
    long = end - start + 1 > LONG and (kind in _FOLDED_KINDS or bool(inside))
    shown = _around(start, end, line, inside) if long else [(start, end)]
    return list(_limited(start, _joined_code_folds(start, end, shown)))


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


def _joined_code_folds(start: int, end: int, shown: list[tuple[int, int]]) -> Iterator[LineRun]:
    """The lines to show, and the folds between them."""
    after = start
    for first, last in shown:
        if first > after:
            yield LineRun(BlockKind.FOLDED, after, first - 1)
        yield LineRun(BlockKind.OPEN, first, last)
        after = last + 1
    if after <= end:
        yield LineRun(BlockKind.FOLDED, after, end)


def _limited(start: int, found: Iterable[LineRun]) -> Iterator[LineRun]:
    """The same, with lines behind the limit left out unless they lie around a site."""
    last_shown = start + LIMIT - 1
    for stretch in found:
        around_site = stretch.kind is BlockKind.OPEN and stretch.first > start
        if stretch.last <= last_shown or around_site:
            yield stretch
        elif stretch.first > last_shown:
            yield LineRun(BlockKind.LEFT_OUT, stretch.first, stretch.last)
        else:
            yield LineRun(stretch.kind, stretch.first, last_shown)
            yield LineRun(BlockKind.LEFT_OUT, last_shown + 1, stretch.last)


_FOR_SCRIPTS = str.maketrans({"\u2028": "\\u2028", "\u2029": "\\u2029", "<": "\\u003c"})


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
        self._html: dict[tuple[str, int, int, CodeRequest], str] = {}
        self._strings: Strings | None = None

    def html(self, text: CodeText, request: CodeRequest, renderer: PageRenderer) -> str:
        """The HTML of a definition's text.

        Parameters:
            text: The text.
            request: What is to be shown of it.
            renderer: Prints it, in its language.
        """
        if renderer.strings is not self._strings:  # the site has another language now
            self._strings = renderer.strings
            self._html.clear()
        key = (text.blob, text.start, text.end, request)
        if key not in self._html:
            self.made += 1
            self._html[key] = renderer.code(code_view(text, request, self._runs_of(text, request)))
        return self._html[key]

    def _runs_of(self, text: CodeText, request: CodeRequest) -> tuple[tuple[Run, ...], ...]:
        key = (text.blob, text.start, text.end, request.kind)
        if key not in self._runs:
            self.highlighted += 1
            self._runs[key] = highlighted(text.lines, request.kind)
        return self._runs[key]


def as_script(key: str, html: str) -> str:
    """A classic script that hands HTML to whoever asked for it, under a key.

    It may also stand inside a `<script>` element: nothing in it ends one.
    """
    words = [json.dumps(word, ensure_ascii=False).translate(_FOR_SCRIPTS) for word in (key, html)]
    return f"(window.callpathCode ??= {{}})[{words[0]}] = {words[1]};\n"


def code_view(text: CodeText, request: CodeRequest, runs: Sequence[tuple[Run, ...]]) -> CodeView:
    """What is shown of a definition's text.

    Parameters:
        text: The text.
        request: What is to be shown of it.
        runs: The highlighted runs of each of its lines.
    """
    sites = frozenset(request.sites)
    by_line, by_name = _sorted_targets(request.targets)
    found = stretches(text.start, text.end, request.line, request.kind, sites)

    def lines(stretch: LineRun) -> Iterator[CodeLine]:
        for number in range(stretch.first, stretch.last + 1):
            linked = _linked(runs[number - text.start], by_line[number], by_name)
            yield CodeLine(number, tuple(_joined(linked)), number in sites)

    blocks = tuple(
        CodeBlock(
            stretch,
            stretch.first - 1,
            () if stretch.kind is BlockKind.LEFT_OUT else tuple(lines(stretch)),
        )
        for stretch in found
    )
    return CodeView(
        name=request.name,
        path=request.path,
        start=text.start,
        end=text.end,
        url=request.url,
        licence=request.licence,
        version=request.version,
        blocks=blocks,
    )


def _sorted_targets(
    targets: Iterable[CodeTarget],
) -> tuple[Mapping[int, list[CodeTarget]], Mapping[str, CodeTarget]]:
    """The targets of each line, and those of names wherever they are called."""
    by_line: dict[int, list[CodeTarget]] = defaultdict(list)
    by_name: dict[str, CodeTarget] = {}
    for target in targets:
        if target.line and target.href:
            by_line[target.line].append(target)
        elif not target.line:
            for name in target.names:
                by_name.setdefault(name, target)
    return by_line, by_name


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
    """Where on a line the first of a target's names stands; by itself rather than as a member."""
    for name in target.names:
        found = [number for number, run in enumerate(runs) if run.name and run.text == name]
        if found:
            return [number for number in found if not runs[number].member] or found
    return []


def _joined(pieces: Iterable[CodePiece]) -> Iterator[CodePiece]:
    """The same with neighbours of one style as one."""
    last: CodePiece | None = None
    for piece in pieces:
        if last is None:
            last = piece
        elif not last.target and not piece.target and last.style == piece.style:
            last = CodePiece(last.text + piece.text, last.style)
        else:
            yield last
            last = piece
    if last is not None:
        yield last

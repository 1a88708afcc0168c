"""The source text of a definition as HTML and as a script: highlighted, folded, with its links.

Reads nothing: it takes text and targets. What was made is remembered for the next build.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from callpath.core.code_folds import stretches
from callpath.core.code_views import (
    BlockKind,
    CodeBlock,
    CodeLine,
    CodeRequest,
    CodeTarget,
    CodeText,
    CodeView,
    Piece,
    Stretch,
)
from callpath.render.highlight import Run, highlighted
from callpath.render.pages import PageRenderer
from callpath.render.strings import Strings

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

    def lines(stretch: Stretch) -> Iterator[CodeLine]:
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
) -> list[Piece]:
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
    return [Piece(run.text, run.style, led.get(number)) for number, run in enumerate(runs)]


def _named(runs: tuple[Run, ...], target: CodeTarget) -> list[int]:
    """Where on a line the first of a target's names stands; by itself rather than as a member."""
    for name in target.names:
        found = [number for number, run in enumerate(runs) if run.name and run.text == name]
        if found:
            return [number for number in found if not runs[number].member] or found
    return []


def _joined(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """The same with neighbours of one style as one."""
    last: Piece | None = None
    for piece in pieces:
        if last is None:
            last = piece
        elif not last.target and not piece.target and last.style == piece.style:
            last = Piece(last.text + piece.text, last.style)
        else:
            yield last
            last = piece
    if last is not None:
        yield last

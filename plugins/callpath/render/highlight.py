"""C text → runs of characters in Pygments' short classes, which themes have colours for.

Few runs: names, operators, punctuation and space have no class, and neighbours of one class are
joined. The only module that knows Pygments.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from pygments.lexers.c_cpp import CLexer
from pygments.token import STANDARD_TYPES, Comment, Error, Name, Operator, Punctuation, Text

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

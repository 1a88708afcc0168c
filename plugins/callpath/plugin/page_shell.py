"""What a theme's template puts around a page: shorter, and as text with slots for what differs.

A template may do anything with a value. So a shell is made only where the template is shown to
print the values as they are: what it makes of other values, long ones and ones full of
punctuation, must be the shell with those in its slots.
"""

import re
from collections.abc import Callable, Iterable, Mapping

from msgspec import Struct

Values = Mapping[str, str]
"""What a template prints of a page, as it prints it, by the name of its slot."""


class PageShell(Struct, frozen=True):
    """The output of a template: texts, and between two of them the name of a slot."""

    pieces: tuple[str, ...]

    def filled(self, values: Values) -> str:
        """The output with the values of a page."""
        pieces = self.pieces
        return "".join(values[each] if number % 2 else each for number, each in enumerate(pieces))


_VERBATIM = re.compile(r"(<(pre|script|style|textarea)\b.*?</\2\s*>)", re.DOTALL | re.IGNORECASE)
_BLANK = re.compile(r"\n[ \t\n\r\f]+")


def squeezed(html: str, content: str) -> str:
    """A page without the blank lines and the indentation of what is around its content.

    They are a tenth of a page. What keeps its spaces, such as a script, is left as it is.
    """
    if not content or content not in html:
        return html
    before, _, after = html.partition(content)
    return _trimmed(before) + content + _trimmed(after)


def _trimmed(html: str) -> str:
    parts = _VERBATIM.split(html)  # each third is such an element, followed by its name
    for number in range(0, len(parts), 3):
        parts[number] = _BLANK.sub("\n", parts[number])
    del parts[2::3]
    return "".join(parts)


def page_shell(
    marked: Values, mark: str, render: Callable[[Values], str], others: Iterable[Values]
) -> PageShell | None:
    """The shell of a template, or None if it does more with the values than to print them.

    Parameters:
        marked: A text for each slot that stands nowhere else, each with `mark` in it.
        mark: What no other text has.
        render: Has the template rendered with values.
        others: Values with which the shell must be what the template makes of them.
    """
    names = {text: name for name, text in marked.items()}
    pattern = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    pieces = re.split(f"({pattern})", render(marked))
    if any(mark in text for text in pieces[::2]):
        return None
    shell = PageShell(tuple(names.get(text, text) for text in pieces))
    return shell if all(shell.filled(each) == render(each) for each in others) else None

"""What a theme's template puts around a page, kept as text with slots for what differs.

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

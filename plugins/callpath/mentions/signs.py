"""Patterns of which any is looked for, quickly where there is none, as in most texts."""

import re
from collections.abc import Iterable, Sequence
from typing import Self

from msgspec import Struct


class Signs(Struct, frozen=True):
    """Patterns, each with texts of which one is in all that it finds.

    To look for a hundred texts takes a tenth of the time of a search for a hundred patterns.

    Attributes:
        rows: The texts and the pattern.
    """

    rows: Sequence[tuple[Sequence[str], re.Pattern[str]]]

    @classmethod
    def of(cls, table: Iterable[tuple[str, str]]) -> Self:
        """The signs of a table: texts divided by `|`, pattern."""
        return cls([(texts.split("|"), re.compile(pattern)) for texts, pattern in table])

    def are_in(self, text: str) -> bool:
        """Whether any of the patterns is found in a text."""
        for parts, pattern in self.rows:
            for part in parts:
                if part in text:
                    if pattern.search(text):
                        return True
                    break
        return False

"""Text into Markdown. Knows nothing of what the text says."""

import re

from callpath.core.graph import one_line

_MARKUP = re.compile(r"[\\`*\[\]]|(?<!\w)_|_(?!\w)")  # inside words `_` marks nothing
_ENTITY = re.compile(r"&(?=#?\w+;)")


def fenced(text: str, language: str) -> str:
    """A fenced code block whose fence is longer than any run of backticks in the text."""
    fence = "`" * max([3, *(len(run) + 1 for run in re.findall("`+", text))])
    return f"{fence}{language}\n{text}\n{fence}"


def code(text: str) -> str:
    """A code span of one line, whatever the text holds."""
    line = one_line(text)
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", line)), default=0))
    return f"{fence} {line} {fence}" if len(fence) > 1 else f"{fence}{line}{fence}"


def plain(text: str) -> str:
    """A plain text as one line of Markdown that shows it as it is."""
    escaped = _MARKUP.sub(r"\\\g<0>", one_line(text))
    return _ENTITY.sub("&amp;", escaped).replace("<", "&lt;")

"""Text into Markdown. Knows nothing of what the text says."""

import re


def fenced(text: str, language: str) -> str:
    """A fenced code block whose fence is longer than any run of backticks in the text."""
    fence = "`" * max([3, *(len(run) + 1 for run in re.findall("`+", text))])
    return f"{fence}{language}\n{text}\n{fence}"

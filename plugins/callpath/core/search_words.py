"""Tries words in a search index as Material's search would split them. Knows no file.

The index is that of MkDocs' search plugin: `config.separator` splits titles and texts into tokens,
and Material puts a zero-width space between the words of Chinese text before that. A query's last
part may be a prefix of a token; a Chinese query is cut into tokens that the index has.
"""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_DEFAULT_SEPARATOR = r"[\s\-]+"
_TAG = re.compile(r"<[^>]*>")


def words_without_page(index: Mapping[str, Any], words: Sequence[str]) -> tuple[str, ...]:
    """Those of the words that no page of a search index would be found for, in the given order.

    Parameters:
        index: The loaded `search_index.json`.
        words: What readers type.

    Raises:
        ValueError: The index has another form, or its separator is no regular expression.
    """
    try:
        separator = re.compile(index.get("config", {}).get("separator") or _DEFAULT_SEPARATOR)
        pages = [frozenset(_tokens(page, separator)) for page in index["docs"]]
    except (KeyError, TypeError, AttributeError, re.error) as error:
        raise ValueError(f"the search index cannot be read: {error}") from error
    return tuple(word for word in words if not _found(word, pages, separator))


def _tokens(page: Mapping[str, Any], separator: re.Pattern[str]) -> Iterator[str]:
    for text in (page.get("title", ""), page.get("text", "")):
        plain = html.unescape(_TAG.sub(" ", text)).lower()
        yield from (token for token in separator.split(plain) if token)


def _found(word: str, pages: Sequence[frozenset[str]], separator: re.Pattern[str]) -> bool:
    parts = [part for part in separator.split(word.lower()) if part]
    return bool(parts) and any(all(_in(part, page) for part in parts) for page in pages)


def _in(part: str, page: frozenset[str]) -> bool:
    """Whether a page has a token that starts with the part, or all that the part is made of."""
    if part in page or any(token.startswith(part) for token in page):
        return True
    return not part.isascii() and _made_of(part, page)


def _made_of(part: str, page: frozenset[str]) -> bool:
    reachable = [True] + [False] * len(part)
    for end in range(1, len(part) + 1):
        reachable[end] = any(reachable[start] and part[start:end] in page for start in range(end))
    return reachable[-1]

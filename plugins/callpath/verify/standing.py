"""Whether a word of a text stands in its code, or only in comments and strings.

It looks at the places of the word, not at the whole text, and does no input or output.
"""

from collections.abc import Iterator
from itertools import islice

from callpath.languages import Writing

_IN_WORDS = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")
_MOST_PLACES = 200  # of one word in one file
_MOST_OPENINGS = 8  # `/*` in strings that are passed over for one place
_ENDS_NAME = (b'"', b"=", b":")  # behind a word at the start of a string: `"quiet="`, `"Slab:"`


def stands_in_code(data: bytes, word: bytes, writing: Writing) -> bool:
    """Whether a word is in a text's code.

    A string that is nothing but the word counts: it gives a file, a parameter or an option its
    name.
    """
    if writing is Writing.CODE:
        return any(_is_code(data, at, at + len(word)) for at in _places(data, word))
    if writing is Writing.SCRIPT:
        return any(b"#" not in _before(data, at) for at in _places(data, word))
    return False


def _places(data: bytes, word: bytes) -> Iterator[int]:
    return islice(_all_places(data, word), _MOST_PLACES)


def _all_places(data: bytes, word: bytes) -> Iterator[int]:
    size, start = len(data), data.find(word)
    while start >= 0:
        end = start + len(word)
        is_start = not start or data[start - 1] not in _IN_WORDS
        if is_start and (end == size or data[end] not in _IN_WORDS):
            yield start
        start = data.find(word, end)


def _before(data: bytes, offset: int) -> bytes:
    """The part of a line that is before an offset."""
    return data[data.rfind(b"\n", 0, offset) + 1 : offset]


def _is_code(data: bytes, start: int, end: int) -> bool:
    before = _before(data, start)
    if b"//" in before or _is_in_comment(data, start):
        return False
    if _is_in_string(before):
        return before.endswith(b'"') and data[end : end + 1] in _ENDS_NAME
    return True


def _is_in_string(before: bytes) -> bool:
    """Whether a string is open behind the beginning of a line."""
    quotes = before.count(b'"') - before.count(b'\\"') - before.count(b"'\"'")
    return quotes % 2 == 1


def _is_in_comment(data: bytes, offset: int) -> bool:
    past = offset
    for _ in range(_MOST_OPENINGS):
        closed = data.rfind(b"*/", 0, past)
        opened = data.rfind(b"/*", closed + 1, past)
        if opened < 0:
            return False
        # A line of its own kind: `"drivers/*.c"` opens no comment.
        if not _is_in_string(_before(data, opened)):
            return True
        past = opened
    return True

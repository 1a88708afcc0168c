"""One-line signatures and digests of pieces of source text."""

import hashlib
import re

from callpath.core.c_parser.lexing import without_comments

_SPACE_INSIDE = re.compile(r"(?<=[(\[]) | (?=[)\],;])")
_DIGEST_LENGTH = 16


def one_line(text: bytes) -> str:
    """A piece of source on one line: no comments, no needless spaces, no final `;`."""
    return _SPACE_INSIDE.sub("", readable(without_comments(text)).rstrip("; "))


def readable(text: bytes) -> str:
    """Source text as printable characters on one line, whatever its bytes are."""
    line = " ".join(text.decode("utf-8", "replace").split())
    if line.isprintable():
        return line
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in line)


def digest(text: bytes) -> str:
    """SHA-256 of whitespace-normalised text, the first 16 hex digits."""
    return hashlib.sha256(b" ".join(text.split())).hexdigest()[:_DIGEST_LENGTH]

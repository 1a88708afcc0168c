"""From bytes to a result: what counts as a text file, and git's id of it. Reads nothing."""

import hashlib

from callpath.sources.source import FileText, Unreadable

LARGEST = 8 * 1024 * 1024
"""Largest file that is read, in bytes."""

_PROBE = 8 * 1024
"""Bytes at the start of a file in which a NUL makes it binary, about what git looks at."""

LARGE = f"is larger than {LARGEST // (1024 * 1024)} MiB"
BINARY = "is a binary file"
DIRECTORY = "is a directory"
SPECIAL = "is not a regular file"
SUBMODULE = "is in a submodule"
NOT_CLONED = "is not in this partial clone"


def is_binary(data: bytes) -> bool:
    """Whether these are not the bytes of a text file."""
    return data.find(b"\0", 0, _PROBE) >= 0


def blob_id(data: bytes) -> str:
    """Git's id of a file with these bytes, 40 hex digits."""
    header = b"blob %d\0" % len(data)
    return hashlib.sha1(header + data, usedforsecurity=False).hexdigest()


def text_of(path: str, data: bytes) -> FileText | Unreadable:
    """The result for a file with these bytes; they may be cut off behind `LARGEST`."""
    if len(data) > LARGEST:
        return Unreadable(path, LARGE)
    if is_binary(data):
        return Unreadable(path, BINARY)
    return FileText(path, data, blob_id(data))

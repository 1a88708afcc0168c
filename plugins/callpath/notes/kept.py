"""What the files of notes said in earlier runs, so that one that is unchanged is not read again."""

import hashlib
from collections.abc import Mapping
from posixpath import splitext
from typing import TypeAlias

from msgspec import msgpack

from callpath.findings import Finding
from callpath.installed import installed
from callpath.model import NOTE_ENDINGS, Note, Pin
from callpath.store import Store

ReadNote: TypeAlias = tuple[Note | None, tuple[Finding, ...]]
"""The note of a file, None if it could not be read at all, and what is wrong with the file."""

_KIND = "notes"  # in the store
_FORMAT = msgpack.Decoder(ReadNote | None)


def read_notes(
    files: Mapping[str, bytes], prefix: str, default_pin: Pin, store: Store
) -> dict[str, ReadNote]:
    """What each file says that is a note, by its path, sorted.

    Parameters:
        files: The files below the notes' folder: path → content; those of other kinds do not count.
        prefix: What stands before these paths in locations.
        default_pin: The site's pin.
        store: Knows what was read in earlier runs.
    """
    texts = {path: files[path] for path in sorted(files) if path.lower().endswith(NOTE_ENDINGS)}
    if not texts:
        return {}
    others = (repr(default_pin).encode(), *(name.encode() for name in installed()))
    maker = store.maker(["callpath.notes.parser", __name__], *others)
    keys = {
        path: f"{prefix}{path}\0{hashlib.sha256(data).hexdigest()}" for path, data in texts.items()
    }
    known = store.get_many(_KIND, maker, keys.values())
    read: dict[str, ReadNote | None] = {}
    new: dict[str, bytes] = {}
    for path, data in texts.items():
        try:
            read[path] = _FORMAT.decode(known[keys[path]])
        except (LookupError, ValueError):
            read[path] = _read(prefix + path, data, splitext(path)[0], default_pin)
            new[keys[path]] = msgpack.encode(read[path])
    store.put_many(_KIND, maker, new)
    return {path: each for path, each in read.items() if each is not None}


def _read(file: str, data: bytes, note_id: str, default_pin: Pin) -> ReadNote | None:
    """What a file says; None if it is no note."""
    from callpath.notes.parser import is_note, parse_note

    if not is_note(data):
        return None
    parsed = parse_note(file, data, note_id=note_id, default_pin=default_pin)
    return parsed.note, parsed.findings

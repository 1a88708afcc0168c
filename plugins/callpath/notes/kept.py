"""What notes and pages said in earlier runs, so that what is unchanged is not read again."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from posixpath import splitext
from typing import TYPE_CHECKING, Any, TypeAlias

from msgspec import msgpack

from callpath.findings import Finding
from callpath.installed import installed
from callpath.model import NOTE_ENDINGS, Note, Pin
from callpath.store import Store

if TYPE_CHECKING:
    from callpath.notes.references import Mentions

ReadNote: TypeAlias = tuple[Note | None, tuple[Finding, ...]]
"""The note of a file, None if it could not be read at all, and what is wrong with the file."""

_MODULES = ("callpath.notes.parser", "callpath.notes.references", "callpath.notes.kept")


class KeptNotes:
    """What notes and pages say: known from earlier runs, or read now.

    Parameters:
        store: Knows what was read.
        prefix: What stands before paths below the notes' folder in locations.
        pin: The site's pin.
    """

    def __init__(self, store: Store, prefix: str, pin: Pin) -> None:
        self._store, self._prefix, self._pin = store, prefix, pin

    def notes(self, files: Mapping[str, bytes]) -> dict[str, ReadNote]:
        """What each file says that is a note, by its path, sorted.

        Parameters:
            files: The files below the notes' folder: path → content; other kinds do not count.
        """
        texts = {path: files[path] for path in sorted(files) if path.lower().endswith(NOTE_ENDINGS)}
        found = self._known("notes", ReadNote | None, texts, self._read)
        return {path: each for path, each in found if each is not None}

    def _read(self, path: str, data: bytes) -> ReadNote | None:
        """What a file says; None if it is no note."""
        from callpath.notes.parser import is_note, parse_note

        if not is_note(data):
            return None
        note_id = splitext(path)[0]
        parsed = parse_note(self._prefix + path, data, note_id=note_id, default_pin=self._pin)
        return parsed.note, parsed.findings

    def mentions(self, notes: Mapping[str, Note], pages: Mapping[str, str]) -> "list[Mentions]":
        """What notes and pages refer to, in the order of their paths.

        Parameters:
            notes: Notes by their paths.
            pages: The texts of Markdown pages by their paths.
        """
        from callpath.notes.references import Mentions, note_mentions, page_mentions

        def read(path: str, _: bytes) -> Mentions:
            if path in notes:
                return note_mentions(notes[path], path)
            return page_mentions(path, self._prefix + path, pages[path], self._pin)

        texts = {path: b"n" + _data(note) for path, note in notes.items()}
        texts |= {path: b"p" + _data(text) for path, text in pages.items()}
        ordered = {path: texts[path] for path in sorted(texts)}
        return [each for _, each in self._known("mentions", Mentions, ordered, read)]

    def _known(
        self, kind: str, form: Any, texts: Mapping[str, bytes], read: Callable[[str, bytes], Any]
    ) -> Iterator[tuple[str, Any]]:
        """What texts say, by their paths and in their order.

        Parameters:
            kind: Of the values in the store.
            form: Their type.
            texts: What decides them besides the path, the prefix and the pin.
            read: Makes a value of a path and its text; it is called for what is not known.
        """
        if not texts:
            return
        decoder, new = msgpack.Decoder(form), dict[str, bytes]()
        keys = {path: self._key(path, data) for path, data in texts.items()}
        known = self._store.get_many(kind, self._maker, keys.values())
        for path, key in keys.items():
            try:
                value = decoder.decode(known[key])
            except (LookupError, ValueError):
                value = read(path, texts[path])
                new[key] = _data(value)
            yield path, value
        self._store.put_many(kind, self._maker, new)

    def _key(self, path: str, data: bytes) -> str:
        return f"{self._prefix}\0{path}\0{self._pin!r}\0{hashlib.sha256(data).hexdigest()}"

    @cached_property
    def _maker(self) -> str:
        return self._store.maker(_MODULES, *(name.encode() for name in installed()))


def _data(value: object) -> bytes:
    """A value as bytes; what cannot be kept, as a text with half of a character, has others."""
    try:
        return msgpack.encode(value)
    except UnicodeEncodeError:
        return b"\xc1" + repr(value).encode("utf-8", "surrogatepass")  # which is no MessagePack

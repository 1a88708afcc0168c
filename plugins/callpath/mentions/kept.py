"""What texts said in earlier runs, so that a text is read once.

A text is known by the digest of its characters, and what was read counts only if it was read by the
same code with the same settings.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress

import msgspec
from msgspec import Struct, field

from callpath.installed import installed
from callpath.mentions.model import Citation, Mention, Name, SourceLink
from callpath.mentions.viewers import Viewer
from callpath.store import Store

_DECIDING = (
    *("callpath.mentions.placing", "callpath.mentions.reading", "callpath.mentions.markup.rst"),
    "callpath.mentions.kept",
)


def reading_maker(store: Store, viewers: Sequence[Viewer], words: Collection[str]) -> str:
    """What reading depends on besides the text: the program's code, and what a site says."""
    libraries = (name.encode() for name in installed())
    settings = repr((viewers, sorted(words))).encode("utf-8", "surrogatepass")
    return store.maker(_DECIDING, settings, *libraries)


class _Kept(Struct):
    """What a text says, by kind."""

    links: list[SourceLink] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    names: list[Name] = field(default_factory=list)

    def mentions(self) -> tuple[Mention, ...]:
        """All, in the order of reading."""
        every: list[Mention] = [*self.links, *self.citations, *self.names]
        return tuple(sorted(every, key=lambda each: (each.start, each.end)))


_FORMAT = msgspec.msgpack.Decoder(_Kept)


def _kept(mentions: Sequence[Mention]) -> _Kept:
    found = _Kept()
    for one in mentions:
        match one:
            case SourceLink():
                found.links.append(one)
            case Citation():
                found.citations.append(one)
            case Name():
                found.names.append(one)
    return found


class KeptReadings:
    """What texts say: known from earlier runs, or read now.

    Parameters:
        store: Where it is kept.
        maker: What reads the texts: `reading_maker`.
    """

    def __init__(self, store: Store, maker: str) -> None:
        self._store = store
        self._maker = maker
        self._read: dict[str, tuple[Mention, ...]] = {}
        self._asked: set[str] = set()  # the keys that the store was asked for

    def look_up(self, texts: Iterable[tuple[str, bool]]) -> None:
        """Ask at once for what many texts said.

        Parameters:
            texts: Each with whether it is reStructuredText.
        """
        self._look_up({_key(text, is_rst=is_rst) for text, is_rst in texts})

    def _look_up(self, every: Collection[str]) -> None:
        keys = {key for key in every if key not in self._asked}
        if not keys:
            return
        self._asked |= keys
        for key, data in self._store.get_many("readings", self._maker, keys).items():
            with suppress(ValueError):
                self._read[key] = _FORMAT.decode(data).mentions()

    def mentions(
        self, text: str, *, is_rst: bool, read: Callable[[], Sequence[Mention]]
    ) -> tuple[Mention, ...]:
        """What a text says.

        Parameters:
            is_rst: Whether it is reStructuredText; else it is Markdown.
            read: Reads the text; it is called if what it says is not known.
        """
        key = _key(text, is_rst=is_rst)
        if key not in self._read:
            self._look_up([key])
        if key not in self._read:
            self._read[key] = self._new(key, read)
        return self._read[key]

    def _new(self, key: str, read: Callable[[], Sequence[Mention]]) -> tuple[Mention, ...]:
        found = tuple(read())
        with suppress(UnicodeEncodeError):  # of a text that is none
            self._store.put("readings", self._maker, key, msgspec.msgpack.encode(_kept(found)))
        return found

    def keep(self) -> None:
        """Write what is new, if possible."""
        self._store.close()


def _key(text: str, *, is_rst: bool) -> str:
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return f"{digest}{'r' if is_rst else 'm'}"

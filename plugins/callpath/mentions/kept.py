"""What texts said in earlier runs, so that a text is read once.

A text is known by the digest of its characters, and what was read counts only if it was read by the
same code with the same settings.
"""

import hashlib
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from importlib.metadata import version

import msgspec
from msgspec import Struct, field

from callpath.mentions.model import Citation, Mention, Name, SourceLink
from callpath.mentions.viewers import Viewer
from callpath.store import Store

_DECIDING = (
    *("callpath.mentions.placing", "callpath.mentions.reading", "callpath.mentions.rst"),
    "callpath.mentions.kept",
)
_LIBRARIES = ("pyromark", "msgspec")


def reading_maker(store: Store, viewers: Sequence[Viewer], words: Collection[str]) -> str:
    """What reading depends on besides the text: the program's code, and what a site says."""
    libraries = (version(name).encode() for name in _LIBRARIES)
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

    def mentions(
        self, text: str, *, is_rst: bool, read: Callable[[], Sequence[Mention]]
    ) -> tuple[Mention, ...]:
        """What a text says.

        Parameters:
            is_rst: Whether it is reStructuredText; else it is Markdown.
            read: Reads the text; it is called if what it says is not known.
        """
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
        key = f"{digest}{'r' if is_rst else 'm'}"
        if key not in self._read:
            known = self._known(key)
            self._read[key] = self._new(key, read) if known is None else known
        return self._read[key]

    def _known(self, key: str) -> tuple[Mention, ...] | None:
        data = self._store.get("readings", self._maker, key)
        if data is not None:
            with suppress(ValueError):
                return _FORMAT.decode(data).mentions()
        return None

    def _new(self, key: str, read: Callable[[], Sequence[Mention]]) -> tuple[Mention, ...]:
        found = tuple(read())
        with suppress(UnicodeEncodeError):  # of a text that is none
            self._store.put("readings", self._maker, key, msgspec.msgpack.encode(_kept(found)))
        return found

    def keep(self) -> None:
        """Write what is new, if possible."""
        self._store.flush()

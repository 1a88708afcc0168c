"""What texts said in earlier runs, in the cache of a site, so that a text is read once.

A text is known by the digest of its characters, and what was read counts only if it was read by the
same code with the same settings. A damaged file counts as absent.
"""

import hashlib
from collections.abc import Callable, Collection, Sequence
from importlib.metadata import version

import msgspec
from msgspec import Struct, field

from callpath.cache import READINGS, Cache, maker_of
from callpath.mentions.model import Citation, Mention, Name, SourceLink
from callpath.mentions.viewers import Viewer

_DECIDING = (
    *("callpath.mentions.placing", "callpath.mentions.reading", "callpath.mentions.rst"),
    "callpath.mentions.kept",
)
_LIBRARIES = ("pyromark", "pydantic")
_MOST = 300_000  # mentions; of more, only those of this run are kept, and no more of them


def reading_maker(viewers: Sequence[Viewer], words: Collection[str]) -> str:
    """What reading depends on besides the text: the program's code, and what a site says."""
    libraries = (version(name).encode() for name in _LIBRARIES)
    settings = repr((viewers, sorted(words))).encode("utf-8", "surrogatepass")
    return maker_of(_DECIDING, settings, *libraries)


class _Kept(Struct):
    """What a text says, by kind."""

    links: list[SourceLink] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    names: list[Name] = field(default_factory=list)

    def __len__(self) -> int:
        return 1 + len(self.links) + len(self.citations) + len(self.names)

    def mentions(self) -> tuple[Mention, ...]:
        """All, in the order of reading."""
        every: list[Mention] = [*self.links, *self.citations, *self.names]
        return tuple(sorted(every, key=lambda each: (each.start, each.end)))


_FORMAT = msgspec.json.Decoder(dict[str, _Kept])


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
        cache: Where it is kept.
        maker: What reads the texts: `reading_maker`.
    """

    def __init__(self, cache: Cache, maker: str) -> None:
        self._cache = cache
        self._folder = f"{READINGS}/{maker}"
        self._entry = f"{self._folder}/texts.json.gz"
        self._known = cache.read_packed(self._entry, _FORMAT.decode) or {}
        self._used: dict[str, _Kept] = {}
        self._is_changed = False

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
        kept = self._used.get(key) or self._known.get(key)
        if kept is not None:
            self._used[key] = kept
            return kept.mentions()
        found = tuple(read())
        self._used[key] = _kept(found)
        self._is_changed = True
        return found

    def keep(self) -> None:
        """Write what is new, if possible."""
        if not self._is_changed:
            return
        self._is_changed = False
        kept = {**self._known, **self._used}
        if _size(kept) > _MOST:
            kept = self._used
        if _size(kept) > _MOST:
            return
        try:
            data = msgspec.json.encode(kept)
        except ValueError:  # JSON cannot hold all that a text may have
            return
        self._cache.keep_packed(self._entry, data)
        self._cache.drop_others(self._folder)


def _size(kept: dict[str, _Kept]) -> int:
    return sum(map(len, kept.values()))

"""From what the user wrote to an open source: the one place that knows every kind of source."""

from collections.abc import Callable
from pathlib import Path

from rapidfuzz import process

from callpath.core.errors import UsageError
from callpath.core.model import Pin
from callpath.sources.archive import open_archive
from callpath.sources.cache import open_cache
from callpath.sources.cache_files import CACHE
from callpath.sources.elixir import Access, open_elixir
from callpath.sources.git import open_git
from callpath.sources.source import Source
from callpath.sources.tree import open_tree

_ELIXIR, _CACHE = "elixir", "cache"
_KINDS: dict[str, Callable[[str, str, Pin], Source]] = {
    "tree": open_tree,
    "git": open_git,
    "archive": open_archive,
    _CACHE: open_cache,
}
"""What opens each kind of source, given what stands behind the colon, the whole, and the pin."""

_FORMS = "write `tree:DIR`, `git:REPO`, `git:REPO@REVISION`, `archive:FILE`, `cache` or `elixir`"


def open_source(spec: str, pin: Pin, access: Access | None = None) -> Source:
    """Open the source that the user named.

    Parameters:
        spec: What the user wrote: `tree:DIR`, `git:REPO[@REVISION]`, `archive:FILE`,
            `cache[:DIR]` or `elixir[:BASE-URL]`.
        pin: The version that is to be read.
        access: How sites may be asked, shared by all sources of one command.

    Raises:
        UsageError: It is none of these forms.
        SourceError: There is no such source, or it does not have that version.
    """
    kind, colon, rest = spec.partition(":")
    if spec == _CACHE:
        return open_cache(CACHE, spec, pin)
    if kind == _ELIXIR and (rest or not colon):
        return open_elixir(rest, spec, pin, access)
    if kind != _ELIXIR and (not colon or kind not in _KINDS):
        raise UsageError(f"`{spec}` is not a source", f"{_FORMS}{_likely(spec, kind, rest)}")
    if not rest or "\0" in rest:
        raise UsageError(f"`{spec}` does not say where the source is", _FORMS)
    return _KINDS[kind](rest, spec, pin)


def below_root(spec: str, root: Path) -> str:
    """The same source for whoever stands elsewhere: the cache's folder lies below a site's root."""
    kind, colon, rest = spec.partition(":")
    if kind != _CACHE or (colon and not rest):
        return spec
    return f"{_CACHE}:{root / Path(rest or CACHE).expanduser()}"


def _likely(spec: str, kind: str, rest: str) -> str:
    """What the user may have meant, as the end of a sentence, or nothing."""
    guess = process.extractOne(kind, [*_KINDS, _ELIXIR], score_cutoff=60) if rest else None
    if guess is not None:
        return f"; did you mean `{guess[0]}:{rest}`"
    if "\0" in spec or not spec:
        return ""
    place = Path(spec).expanduser()
    if place.is_file():
        return f"; did you mean `archive:{spec}`"
    if place.is_dir():
        bare = (place / "HEAD").is_file() and (place / "objects").is_dir()
        return f"; did you mean `{'git' if bare or (place / '.git').exists() else 'tree'}:{spec}`"
    return ""

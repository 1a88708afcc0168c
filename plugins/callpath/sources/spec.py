"""Where C text is, as the user says it: `--source SPEC`, also one for a version or a project."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rapidfuzz import process

from callpath.cache import CACHE
from callpath.findings import UsageError, nearest_name
from callpath.model import Pin
from callpath.projects import project_named
from callpath.sources.archive import open_archive
from callpath.sources.base import Source
from callpath.sources.cache import open_cache
from callpath.sources.elixir import ElixirSession, open_elixir
from callpath.sources.git import open_git
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


def open_source(spec: str, pin: Pin, access: ElixirSession | None = None) -> Source:
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


@dataclass(frozen=True, slots=True)
class Sources:
    """The sources that the user named.

    Attributes:
        project: The site's own project.
        by_project: Project → SPEC.
        by_version: Version → SPEC; it goes before that of the project.
        access: How sites on the network may be asked.
    """

    project: str
    by_project: Mapping[str, str] = field(default_factory=dict)
    by_version: Mapping[str, str] = field(default_factory=dict)
    access: ElixirSession | None = None

    def _spec(self, pin: Pin) -> str | None:
        own = self.by_version.get(pin.version) if pin.project == self.project else None
        return own or self.by_project.get(pin.project)

    def has(self, pin: Pin) -> bool:
        """Whether there is a source for a pin; it may still turn out to lack that version."""
        return self._spec(pin) is not None

    def one_tree(self, pin: Pin, other: Pin) -> str:
        """The SPEC that two versions share though it is one tree which tells no version; or empty.

        Some projects' trees give their version, such as the kernel's; others cannot be told apart.
        """
        spec = self._spec(pin)
        is_silent = not project_named(pin.project).version_file
        shared = spec is not None and spec == self._spec(other) and is_silent
        kind, _, place = (spec or "").partition(":")
        is_tree = kind in ("tree", "archive") or (kind == "git" and "@" in place)
        return spec or "" if shared and is_tree else ""

    def open(self, pin: Pin) -> Source:
        """Open the source for a pin; the caller closes it.

        Raises:
            UsageError: There is none.
            SourceError: It cannot be opened.
        """
        spec = self._spec(pin)
        if spec is None:
            name = pin.version if pin.project == self.project else pin.project
            raise UsageError(
                f"there is no source for `{pin.project}` {pin.version}",
                f"add `--source {name}=SPEC`",
            )
        return open_source(spec, pin, self.access)


def given_sources(
    given: Iterable[str],
    own: Pin,
    versions: Collection[str] = (),
    projects: Collection[str] | None = None,
    root: Path = Path(),
    access: ElixirSession | None = None,
) -> Sources:
    """The sources that the user named.

    Parameters:
        given: `SPEC` for every version of the site's own project, `VERSION=SPEC` for one version,
            `PROJECT=SPEC` for another project.
        own: The site's pin.
        versions: The versions of the site's own project that can be named.
        projects: The projects that can be named; any when it is not given.
        root: The folder of the site's configuration, which has the cache.
        access: How sites on the network may be asked.

    Raises:
        UsageError: Two are for the same version or project, or one is for neither.
    """
    by_version: dict[str, str] = {}
    by_project: dict[str, str] = {}
    for each in given:
        name, equals, spec = each.partition("=")
        if not equals or ":" in name:
            name, spec = own.project, each
        is_version = name in versions
        if not is_version and projects is not None and name not in {own.project, *projects}:
            raise _no_such(name, [*versions, *projects])
        known, kind = (by_version, "version") if is_version else (by_project, "project")
        if name in known:
            raise UsageError(
                f"there are two sources for `{name}`",
                f"name each {kind} once: `{kind.upper()}=SPEC`",
            )
        known[name] = below_root(spec, root)
    return Sources(own.project, by_project, by_version, access)


def _no_such(name: str, known: Collection[str]) -> UsageError:
    near = nearest_name(name, sorted(known), limit=1)
    return UsageError(
        f"`{name}` is neither a version nor a project of the notebook",
        f"did you mean `{near[0]}`?" if near else "name one that the notes speak of, or `versions`",
    )

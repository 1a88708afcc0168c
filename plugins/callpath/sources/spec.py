"""SPEC: where C source is, as the user writes it; the kinds of sources, and how each is opened."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from pkgutil import resolve_name
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from callpath.cache import CACHE, Cache
from callpath.extensions import extensions, load_extension
from callpath.findings import UsageError, did_you_mean, nearest_name
from callpath.model import Pin
from callpath.projects import AT_ELIXIR, DEFAULT_PROJECT, PROJECTS, project_named
from callpath.sources.base import Source, SourceSpec
from callpath.store import Store
from callpath.work import Workers, open_workers

if TYPE_CHECKING:
    from callpath.settings import Online
    from callpath.sources.http import Client


class SourceKind(Struct, frozen=True):
    """A kind of source, read by a class that is made of the `SourceSpec` and the `Pin`."""

    form: str  # its SPEC, as help and hints show it
    reader: str  # `module:class` of this package; the module is imported only when it is needed
    default: str | None = None  # the place when none is named; None if one must be named
    has_revisions: bool = False  # `@REVISION` may follow the place
    is_one_tree: bool = False  # it reads the same tree for every version
    is_of_site: bool = False  # a relative place is below the site's folder
    is_online: bool = False  # the class is also given the `OnlineAccess`


KINDS = {
    "tree": SourceKind("tree:DIR", "tree:TreeSource", is_one_tree=True),
    "git": SourceKind("git:REPO[@REVISION]", "git:GitSource", has_revisions=True),
    "archive": SourceKind("archive:FILE", "archive:ArchiveSource", is_one_tree=True),
    "cache": SourceKind("cache", "cache:CacheSource", default=CACHE, is_of_site=True),
    "elixir": SourceKind("elixir[:URL]", "elixir:ElixirSource", default="", is_online=True),
}
"""Every kind by the word before the colon. Other packages bring further ones (`extensions`)."""

_OTHER = SourceKind("", "")
_QUOTED = [f"`{kind.form}`" for kind in KINDS.values()]
FORMS = f"{', '.join(_QUOTED[:-1])} or {_QUOTED[-1]}"  # all forms of a SPEC, for messages and help


def parse_spec(text: str, root: Path = Path()) -> SourceSpec:
    """Parse a SPEC; raises UsageError if it has none of the `FORMS`.

    `root` is the folder of the site's configuration, which has the cache.
    """
    kind, colon, place = text.partition(":")
    row = KINDS.get(kind) or (_OTHER if colon and kind in extensions("sources") else None)
    if row is None or (row.default is None and not colon):
        hint = f"write {FORMS}{_likely(text, kind, place)}"
        raise UsageError(f"`{text}` is not a source", hint)
    if (colon and not place) or "\0" in place:
        raise UsageError(f"`{text}` does not say where the source is", f"write {FORMS}")
    place = place or row.default or ""
    if row.has_revisions:
        return _with_revision(kind, place)
    return SourceSpec(kind, str(root / Path(place).expanduser()) if row.is_of_site else place)


def _likely(text: str, kind: str, place: str) -> str:
    """What the user may have meant, as the end of a sentence; or empty."""
    if place and (near := nearest_name(kind, KINDS, limit=1)):
        return f"; did you mean `{near[0]}:{place}`"
    if "\0" in text or not text:
        return ""
    path = Path(text).expanduser()
    if not (path.is_file() or path.is_dir()):
        return ""
    is_bare = (path / "HEAD").is_file() and (path / "objects").is_dir()
    is_repository = is_bare or (path / ".git").exists()
    guess = "archive" if path.is_file() else "git" if is_repository else "tree"
    return f"; did you mean `{guess}:{text}`"


def _with_revision(kind: str, text: str) -> SourceSpec:
    """Take `REPO[@REVISION]` apart; a directory may have an `@` in its name."""
    cuts = [match.start() for match in re.finditer("@", text)]
    # When nothing is there, messages name what comes before the last `@`, but not of addresses.
    is_address = "://" in text or text.startswith("git@")
    last = cuts[-1] if cuts and not is_address else len(text)
    candidates = [len(text), *reversed(cuts)]
    cut = next((at for at in candidates if at and Path(text[:at]).expanduser().is_dir()), last)
    place, revision = text[:cut], text[cut + 1 :]
    if cut < len(text) and (not revision or revision.startswith("-") or "\n" in revision):
        raise UsageError(
            f"`{kind}:{text}` does not name a revision",
            f"write `{kind}:{place}` for the pin's tag, or put a tag, branch or commit after `@`",
        )
    return SourceSpec(kind, place, revision)


def placed(spec: SourceSpec) -> SourceSpec:
    """A SPEC as a program in another folder has to be given it."""
    path = Path(spec.place).expanduser()
    return replace(spec, place=str(path.resolve())) if spec.place and path.exists() else spec


class OnlineAccess(Struct, frozen=True):
    """How sites on the network may be asked, for as long as one command runs."""

    settings: "Online"
    cache: Cache = field(default_factory=Cache)
    clients: "dict[str, Client]" = field(default_factory=dict)  # by host, for all who ask it


def open_source(spec: SourceSpec, pin: Pin, access: OnlineAccess | None = None) -> Source:
    """Open a source; the caller closes it.

    Raises:
        UsageError: Its place cannot be one, or the package that brings it cannot be loaded.
        SourceError: There is no such source, or it does not have that version.
    """
    kind = KINDS.get(spec.kind, _OTHER)
    name = f"callpath.sources.{kind.reader}"
    reader: Callable[..., Source]
    reader = resolve_name(name) if kind.reader else load_extension("sources", spec.kind)
    return reader(spec, pin, access) if kind.is_online else reader(spec, pin)


class Sources(Struct, frozen=True):
    """The sources that the user named, for projects, and for versions of the own project."""

    project: str
    by_project: Mapping[str, SourceSpec] = field(default_factory=dict)
    by_version: Mapping[str, SourceSpec] = field(default_factory=dict)
    access: OnlineAccess | None = None
    jobs: int = 1  # how many processes may work on them; 0 is as 1
    # The tag in a repository of a version.
    tag_of: Callable[[Pin], str] = lambda pin: project_named(pin.project).tag_of(pin.version)
    store: Store = field(default_factory=Store)  # what is known from earlier runs
    shared: dict[Pin, Source] | None = None  # those that stay open for others
    workers: Workers | None = None  # who works besides this process; None: as `jobs` says

    def _spec(self, pin: Pin) -> SourceSpec | None:
        own = self.by_version.get(pin.version) if pin.project == self.project else None
        return own or self.by_project.get(pin.project)

    def has(self, pin: Pin) -> bool:
        """Whether there is a source for a pin; it may still turn out to lack that version."""
        return self._spec(pin) is not None

    def one_tree(self, pin: Pin, other: Pin) -> SourceSpec | None:
        """The SPEC of two versions if it is one tree that does not say its version, or None."""
        spec = self._spec(pin)
        if spec is None or spec != self._spec(other) or project_named(pin.project).version_file:
            return None
        return spec if spec.revision or KINDS.get(spec.kind, _OTHER).is_one_tree else None

    def repositories(self, pin: Pin) -> Iterator[SourceSpec]:
        """The repositories that may have any version of a pin's project, in the order of naming."""
        own = self.by_version.values() if pin.project == self.project else ()
        for spec in dict.fromkeys([*self._of_project(pin), *own]):
            if KINDS.get(spec.kind, _OTHER).has_revisions:
                yield replace(spec, revision="")

    def _of_project(self, pin: Pin) -> Iterator[SourceSpec]:
        if spec := self.by_project.get(pin.project):
            yield spec

    def open(self, pin: Pin) -> Source:
        """As `open_source`, for a pin; also raises UsageError if there is none for it."""
        spec = self._spec(pin)
        if spec is None:
            name = pin.version if pin.project == self.project else pin.project
            raise UsageError(
                f"there is no source for `{pin.project}` {pin.version}",
                f"add `--source {name}=SPEC`",
            )
        if self.shared is not None and pin in self.shared:
            return self.shared[pin]
        tag = self.tag_of(pin)
        tagged = pin if tag == pin.version else replace(pin, tag=tag)
        source = open_source(spec, tagged, self.access)
        source.store, source.jobs = self.store, self.jobs
        if self.shared is not None:
            source.is_shared, self.shared[pin] = True, source
        return source

    @contextmanager
    def sharing(self) -> Iterator["Sources"]:
        """The same, but each is opened once for all who ask, and closed at the end."""
        if self.shared is not None:
            yield self
            return
        sources = replace(self, shared={})
        try:
            yield sources
        finally:
            for source in (sources.shared or {}).values():
                source.close()


@contextmanager
def worked_on(sources: Sources, jobs: int, executor: str = "") -> Iterator[Sources]:
    """The sources, each opened once, with who works on them.

    Parameters:
        jobs: How many processes; 0 is as 1.
        executor: The address of a cluster that works instead, or empty.

    Raises:
        UsageError: It is no address, or dask is not installed.
        WorkError: There is no such cluster, or it went away.
    """
    with ExitStack() as stack:
        is_usual = not jobs and not executor
        workers = None if is_usual else stack.enter_context(open_workers(jobs, executor))
        yield stack.enter_context(replace(sources, jobs=jobs, workers=workers).sharing())


def parse_source_arguments(
    given: Iterable[str],
    own: Pin,
    versions: Collection[str] = (),
    projects: Collection[str] | None = None,
    root: Path = Path(),
    access: OnlineAccess | None = None,
) -> Sources:
    """Parse the arguments of `--source`.

    Parameters:
        given: `SPEC` for every version of the site's own project, `VERSION=SPEC` for one version,
            `PROJECT=SPEC` for another project.
        own: The site's pin.
        versions: The versions of the site's own project that can be named.
        projects: The projects that can be named; any by default.
        root: As of `parse_spec`.

    Raises:
        UsageError: One is not a SPEC, is for neither a version nor a project, or two are for the
            same.
    """
    by_version: dict[str, SourceSpec] = {}
    by_project: dict[str, SourceSpec] = {}
    for each in given:
        owner, spec = _split_owner(each)
        name = owner or own.project
        is_version = name in versions
        if not is_version and projects is not None and name not in {own.project, *projects}:
            known = sorted([*versions, *projects])
            raise UsageError(
                f"`{name}` is neither a version nor a project of the notebook",
                did_you_mean(name, known, "name one that the notes speak of, or `versions`"),
            )
        chosen, kind = (by_version, "version") if is_version else (by_project, "project")
        if name in chosen:
            raise UsageError(
                f"there are two sources for `{name}`",
                f"name each {kind} once: `{kind.upper()}=SPEC`",
            )
        chosen[name] = parse_spec(spec, root)
    store = Store(access.cache.folder if access else None)
    return Sources(own.project, by_project, by_version, access, store=store)


def described_versions(given: Iterable[str], root: Path = Path()) -> list[Pin]:
    """The versions that documents without a pin are read against, the first one foremost.

    They are those that arguments of `--source` name (`v6.12=git:REPO`), else the revision of the
    first SPEC (`git:REPO@v6.12`), else what its source says of itself (a tree's Makefile).

    Parameters:
        root: As of `parse_spec`.

    Raises:
        UsageError: None of these tells a version, or one is not a SPEC.
        SourceError: The source cannot be opened.
    """
    owned = [_split_owner(each) for each in given]
    named = [owner for owner, _ in owned if owner and not _is_project(owner)]
    if named:
        return [Pin(DEFAULT_PROJECT, version) for version in dict.fromkeys(named)]
    for owner, text in sorted(owned, key=lambda one: bool(one[0])):  # those without a name first
        pin = Pin(owner or DEFAULT_PROJECT, "")
        spec = parse_spec(text, root)
        version = spec.revision or _own_version(spec, pin)
        if version:
            return [replace(pin, version=version)]
    raise UsageError(
        "nothing says which version these documents describe",
        "name it with the source: `--source v6.12=git:../linux.git`",
    )


def named_owners(given: Iterable[str]) -> frozenset[str]:
    """The versions and projects that arguments of `--source` name."""
    return frozenset(owner for owner, _ in map(_split_owner, given) if owner)


def _is_project(name: str) -> bool:
    return name in PROJECTS or name in AT_ELIXIR


def _own_version(spec: SourceSpec, pin: Pin) -> str:
    """The version that a source of one tree says it is, or empty."""
    if not KINDS.get(spec.kind, _OTHER).is_one_tree:
        return ""
    with open_source(spec, pin) as source:
        return source.version() or ""


def parse_release_arguments(given: Iterable[str], project: str) -> list[SourceSpec]:
    """Parse the arguments of `--source` of a command that looks through releases of a project.

    Raises UsageError if one is not a repository of that project, or names one revision of it.
    """
    specs = []
    for each in given:
        owner, text = _split_owner(each)
        if owner not in ("", project):
            raise UsageError(
                f"`{each}` is a source of `{owner}`, but the releases of `{project}` are asked for",
                f"name a repository of `{project}`: `--source git:REPO`",
            )
        spec = parse_spec(text)
        if spec.kind != "git":
            raise UsageError(
                f"`{text}` has no releases to look through", "name a git repository: `git:REPO`"
            )
        if spec.revision:
            raise UsageError(
                f"`{text}` names one revision, but releases are looked through",
                "leave out `@…` and choose with `--tags`",
            )
        specs.append(spec)
    return specs


def _split_owner(text: str) -> tuple[str, str]:
    """Take `NAME=SPEC` apart; the name is empty for a SPEC alone, whose place may have a `=`."""
    name, equals, spec = text.partition("=")
    return (name, spec) if equals and ":" not in name else ("", text)

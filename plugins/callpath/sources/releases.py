"""The releases of one or several git repositories: tags, what stands at a path, bytes of a blob.

No checkout, no network; of a release only the files that are asked for are listed.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from types import TracebackType
from typing import Self

from callpath.findings import SourceError, UsageError, nearest_name
from callpath.projects import Project, project_named
from callpath.sources.base import LARGEST, EntryKind, is_binary
from callpath.sources.git import (
    KINDS,
    BlobReader,
    Repository,
    all_tags,
    find_repository,
    is_partial,
    split_place,
)

_RELEASE = re.compile(r"\D*?(?P<numbers>\d+(?:\.\d+)*)(?:-rc(?P<candidate>\d+))?")
_CANDIDATE = "-rc"
_GLOB = re.compile(r"[*?\[]")

EVERY = "*"
"""The pattern of every release."""

Order = tuple[tuple[int, ...], bool, int, str]


def release_order(tag: str) -> Order | None:
    """What releases are sorted by; nothing for a tag that is no release.

    `v2.6.9` stands before `v2.6.10`, `v3.0-rc1` before `v3.0`. A release is a name that ends in
    numbers with dots between them, perhaps followed by `-rcN`; `v2.6.11-tree` is none.
    """
    found = _RELEASE.fullmatch(tag)
    if found is None:
        return None
    numbers = tuple(int(number) for number in found["numbers"].split("."))
    candidate = found["candidate"]
    return (numbers, candidate is None, int(candidate or 0), tag)


def split_patterns(text: str) -> tuple[str, ...]:
    """The patterns of a list with commas, each once.

    Raises:
        UsageError: There is none.
    """
    patterns = tuple(dict.fromkeys(part for part in map(str.strip, text.split(",")) if part))
    if not patterns:
        raise UsageError("no tags are named", "write a list of patterns: `--tags 'v3.*,v6.12'`")
    return patterns


def chosen_releases(
    tags: Iterable[str], patterns: Sequence[str], where: str, advice: str = ""
) -> tuple[str, ...]:
    """The releases that patterns ask for, each once, in the order of releases.

    Release candidates count only for a pattern that has `-rc` in it.

    Parameters:
        tags: The names of all tags.
        patterns: Shell patterns (`v2.6.*`), or names.
        where: What has the tags, for messages.
        advice: What can be done when a tag is not there.

    Raises:
        UsageError: A pattern matches no release.
    """
    known = sorted(set(tags))
    found: dict[str, Order] = {}
    for pattern in patterns:
        named = [tag for tag in known if fnmatchcase(tag, pattern)]
        orders = {tag: order for tag in named if (order := release_order(tag)) is not None}
        wanted = {
            tag: order
            for tag, order in orders.items()
            if _CANDIDATE in pattern or _CANDIDATE not in tag
        }
        if not wanted:
            raise UsageError(*_no_match(pattern, where, named, known, advice))
        found |= wanted
    return tuple(sorted(found, key=found.__getitem__))


def _no_match(
    pattern: str, where: str, named: Sequence[str], known: Sequence[str], advice: str
) -> tuple[str, str]:
    candidates = [tag for tag in named if release_order(tag) is not None]
    if candidates:
        return (
            f"only release candidates of `{where}` match `{pattern}`",
            f"ask for them: `{candidates[-1]}`",
        )
    if named:
        return (
            f"the tag `{named[0]}` of `{where}` is no release",
            "a release ends in its number: `v3.7`, `v3.7-rc1`",
        )
    what = "matches" if _GLOB.search(pattern) else "is"
    message = f"no tag of `{where}` {what} `{pattern}`"
    near = nearest_name(pattern, known, limit=1)
    if near and not _GLOB.search(pattern):
        return message, f"did you mean `{near[0]}`?"
    return message, advice


_GIT = "git:"
_MOST_PATHS = 500
"""Paths that are asked for in one command; so many fit into a command line anywhere."""


@dataclass(frozen=True, slots=True)
class Release:
    """One release.

    Attributes:
        tag: Its tag.
        tree: The id of its tree.
        place: The number of its repository.
    """

    tag: str
    tree: str
    place: int


@dataclass(frozen=True, slots=True)
class ReleaseFiles:
    """What a release has at the paths that were asked for.

    Attributes:
        blobs: The git ids of the regular files, by path; what is nowhere is left out.
        unclear: The paths at which there is something else: a link, a folder, a submodule, a file
            that is too large to read.
    """

    blobs: Mapping[str, str]
    unclear: frozenset[str]


class _Place:
    """A repository with its long-lived reader."""

    def __init__(self, repository: Repository) -> None:
        self.repository = repository
        self.reader = BlobReader(repository)
        self.tags = frozenset(all_tags(repository))
        self.is_partial = is_partial(repository)

    def tree(self, tag: str) -> str:
        """The id of the tree of a tag."""
        name = f"refs/tags/{tag}^{{tree}}"
        found = self.repository.run("rev-parse", "--verify", "--quiet", name)
        if not found.ok:
            raise SourceError(
                f"the tag `{tag}` of `{self.repository.place}` names no tree that is there",
                f"fetch it: `git -C {self.repository.place} fetch origin tag {tag}`",
            )
        return found.text

    def advice(self) -> str:
        """What can be done about a tag that is not there."""
        place = self.repository.place
        if self.repository.run("rev-parse", "--is-shallow-repository").text == "true":
            return f"it is a shallow clone: `git -C {place} fetch --unshallow --tags`"
        none = "" if self.tags else "it has no tags at all: "
        return f"{none}`git -C {place} fetch --tags`"


class GitHistory:
    """The releases of repositories.

    Parameters:
        specs: Each `git:REPO`. What two of them have is read from the first.
        project: The code base.

    Raises:
        UsageError: One is of another form.
        SourceError: There is no such repository.
    """

    def __init__(self, specs: Sequence[str], project: str) -> None:
        self.project = project
        self._places = [_Place(find_repository(_directory(spec, project))) for spec in specs]

    def __enter__(self) -> Self:
        """The history itself; it is closed at the end of the `with` block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End git's processes."""
        for place in self._places:
            place.reader.close()

    def releases(self, patterns: Sequence[str]) -> tuple[Release, ...]:
        """The releases that patterns ask for, in the order of releases.

        Raises:
            UsageError: A pattern matches no release.
            SourceError: A tag names another code base, or another version than its files do.
        """
        first = self._places[0]
        where = ", ".join(place.repository.place for place in self._places)
        tags = {tag for place in self._places for tag in place.tags}
        chosen = chosen_releases(tags, patterns, where, first.advice())
        found = []
        for tag in chosen:
            number = next(n for n, place in enumerate(self._places) if tag in place.tags)
            found.append(Release(tag, self._places[number].tree(tag), number))
        project = project_named(self.project)
        for release in found if project.version_file else ():
            self._check_version(release, project)
        return tuple(found)

    def files(self, release: Release, paths: Collection[str]) -> ReleaseFiles:
        """What a release has at paths; a link is not followed.

        Raises:
            SourceError: A part of the tree is missing.
        """
        asked = sorted(set(paths))
        place = self._places[release.place].repository
        sizes = () if self._places[release.place].is_partial else ("-l",)
        blobs: dict[str, str] = {}
        unclear: set[str] = set()
        for start in range(0, len(asked), _MOST_PATHS):
            lot = asked[start : start + _MOST_PATHS]
            listed = place.run("ls-tree", "-z", *sizes, release.tree, "--", *lot)
            if not listed.ok:
                raise SourceError(
                    f"`{place.place}` cannot list {release.tag}: {listed.complaint}",
                    "fetch it, or use a clone made without `--filter=tree:0`",
                )
            for line in listed.data.split(b"\0")[:-1]:
                about, _, name = line.partition(b"\t")
                mode, _, blob, *size = about.split()
                path = name.decode("utf-8", "surrogateescape")
                is_small = not size or not size[0].isdigit() or int(size[0]) <= LARGEST
                if KINDS.get(mode) is EntryKind.FILE and is_small:
                    blobs[path] = blob.decode()
                else:
                    unclear.add(path)
        return ReleaseFiles(blobs, frozenset(unclear))

    def read(self, release: Release, path: str, blob: str) -> bytes | None:
        """The bytes of a file of a release; nothing when it is no text, or too large to read.

        Raises:
            SourceError: It is not there.
        """
        place = self._places[release.place]
        try:
            data = next(place.reader.contents([blob]))
        except SourceError as error:
            if not place.is_partial:
                raise
            raise SourceError(
                f"`{place.repository.place}` is a partial clone and lacks `{path}` of "
                f"{release.tag}",
                f"fetch what it lacks: `git -C {place.repository.place} fetch --refetch "
                "--no-filter`",
            ) from error
        return None if data is None or is_binary(data) else data

    def _check_version(self, release: Release, project: Project) -> None:
        place = self._places[release.place].repository.place
        file = project.version_file
        blob = self.files(release, [file]).blobs.get(file)
        data = self.read(release, file, blob) if blob else None
        version = project.read_version(data) if data else None
        if version is None:
            raise SourceError(
                f"the tag `{release.tag}` of `{place}` is no {project.title}: no `{file}` gives a "
                "version",
                f"name the repository and the tags of `{project.name}`: `--tags 'v3.*'`",
            )
        if version != release.tag:
            raise SourceError(
                f"the tag `{release.tag}` of `{place}` is {version} by its `{file}`",
                f"leave it out of `--tags`, or use a repository with the tags of `{project.name}`",
            )


def _directory(spec: str, project: str) -> str:
    """The directory that a SPEC names."""
    owner, equals, rest = spec.partition("=")
    if equals and ":" not in owner:
        if owner != project:
            raise UsageError(
                f"`{spec}` is a source of `{owner}`, but the releases of `{project}` are asked for",
                f"name a repository of `{project}`: `--source git:REPO`",
            )
        spec = rest
    if not spec.startswith(_GIT) or not spec.removeprefix(_GIT):
        raise UsageError(
            f"`{spec}` has no releases to look through", "name a git repository: `git:REPO`"
        )
    place = split_place(spec.removeprefix(_GIT))
    if place.revision:
        raise UsageError(
            f"`{spec}` names one revision, but releases are looked through",
            "leave out `@…` and choose with `--tags`",
        )
    return place.repository

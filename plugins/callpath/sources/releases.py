"""The releases of one or several git repositories: tags, what is at a path, bytes of a blob.

No checkout, no network; of a release only the files that are asked for are listed.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase

from msgspec import Struct

from callpath.findings import SourceError, UsageError, did_you_mean
from callpath.projects import Project, project_named
from callpath.sources.base import LARGEST, Entry, EntryKind, SourceSpec
from callpath.sources.finder import is_binary
from callpath.sources.git import Repository, find_repository

_RELEASE = re.compile(r"\D*?(?P<numbers>\d+(?:\.\d+)*)(?:-rc(?P<candidate>\d+))?")
_CANDIDATE = "-rc"
_GLOB = re.compile(r"[*?\[]")

EVERY = "*"  # the pattern of every release

Order = tuple[tuple[int, ...], bool, int, str]


def release_order(tag: str) -> Order | None:
    """What releases are sorted by; None for a tag that is not a release.

    `v2.6.9` comes before `v2.6.10`, `v3.0-rc1` before `v3.0`. A release is a name that ends in
    numbers with dots between them, perhaps followed by `-rcN`; `v2.6.11-tree` is none.
    """
    found = _RELEASE.fullmatch(tag)
    if found is None:
        return None
    numbers = tuple(int(number) for number in found["numbers"].split("."))
    candidate = found["candidate"]
    return (numbers, candidate is None, int(candidate or 0), tag)


def split_patterns(text: str) -> tuple[str, ...]:
    """The patterns of a list with commas, each once; raises UsageError if there is none."""
    patterns = tuple(dict.fromkeys(part for part in map(str.strip, text.split(",")) if part))
    if not patterns:
        raise UsageError("no tags are named", "write a list of patterns: `--tags 'v3.*,v6.12'`")
    return patterns


def chosen_releases(
    tags: Iterable[str], patterns: Sequence[str], where: str, advice: str = ""
) -> tuple[str, ...]:
    """The releases that patterns ask for, each once, in the order of releases.

    Release candidates count only for a pattern that has `-rc` in it. Raises UsageError if a pattern
    matches no release.

    Parameters:
        patterns: Shell patterns (`v2.6.*`), or names.
        where: What has the tags, for messages.
        advice: What can be done when a tag is not there.
    """
    known = sorted(set(tags))
    found: dict[str, Order] = {}
    for pattern in patterns:
        named = [tag for tag in known if fnmatchcase(tag, pattern)]
        allowed = [tag for tag in named if _CANDIDATE in pattern or _CANDIDATE not in tag]
        wanted = {tag: order for tag in allowed if (order := release_order(tag)) is not None}
        if not wanted:
            raise _no_match(pattern, where, named, known, advice)
        found |= wanted
    return tuple(sorted(found, key=found.__getitem__))


def _no_match(
    pattern: str, where: str, named: Sequence[str], known: Sequence[str], advice: str
) -> UsageError:
    if candidates := [tag for tag in named if release_order(tag) is not None]:
        fact = f"only release candidates of `{where}` match `{pattern}`"
        return UsageError(fact, f"ask for them: `{candidates[-1]}`")
    if named:
        fact = f"the tag `{named[0]}` of `{where}` is no release"
        return UsageError(fact, "a release ends in its number: `v3.7`, `v3.7-rc1`")
    if _GLOB.search(pattern):
        return UsageError(f"no tag of `{where}` matches `{pattern}`", advice)
    hint = did_you_mean(pattern, known, advice)
    return UsageError(f"no tag of `{where}` is `{pattern}`", hint)


_MOST_PATHS = 500
"""Paths that are asked for in one command; so many fit into a command line anywhere."""


class Release(Struct, frozen=True):
    """One release: its tag, the id of its tree, and the repository that has it."""

    tag: str
    tree: str
    repository: Repository


class ReleaseFiles(Struct, frozen=True):
    """What a release has at the paths that were asked for; missing ones are left out."""

    blobs: Mapping[str, str]  # the git ids of regular files by path
    unclear: frozenset[str]  # paths of a link, a folder, a submodule, or a file too large to read


class GitHistory:
    """The releases of a project in repositories; to be closed at the end.

    What two of them have is read from the first. Raises SourceError if there is no such repository.

    Attributes:
        repositories: They, in the order in which they were named.
    """

    def __init__(self, specs: Sequence[SourceSpec], project: str) -> None:
        self.project = project
        self.repositories = [find_repository(spec.place) for spec in specs]

    def close(self) -> None:
        """End git's processes."""
        for repository in self.repositories:
            repository.close()

    def releases(self, patterns: Sequence[str]) -> tuple[Release, ...]:
        """The releases that patterns ask for, in the order of releases.

        Raises:
            UsageError: A pattern matches no release.
            SourceError: A tag names another code base, or another version than its files do.
        """
        where = ", ".join(each.place for each in self.repositories)
        owners = {tag: each for each in reversed(self.repositories) for tag in each.tags}
        advice = self.repositories[0].tag_hint("--unshallow --tags")
        chosen = chosen_releases(owners, patterns, where, advice)
        found = tuple(Release(tag, _tree_of(tag, owners[tag]), owners[tag]) for tag in chosen)
        project = project_named(self.project)
        for release in found if project.version_file else ():
            self._check_version(release, project)
        return found

    def files(self, release: Release, paths: Collection[str]) -> ReleaseFiles:
        """What a release has at paths; a link is not followed.

        Raises SourceError if a part of the tree is missing.
        """
        asked = sorted(set(paths))
        found: dict[str, Entry] = {}
        for start in range(0, len(asked), _MOST_PATHS):
            lot = asked[start : start + _MOST_PATHS]
            found |= release.repository.entries(release.tree, release.tag, lot)
        blobs = {
            path: entry.content
            for path, entry in found.items()
            if entry.kind is EntryKind.FILE and entry.size <= LARGEST
        }
        return ReleaseFiles(blobs, frozenset(found.keys() - blobs.keys()))

    def read(self, release: Release, path: str, blob: str) -> bytes | None:
        """The bytes of a file of a release; None if it is not text, or too large to read.

        Raises SourceError if it is not there.
        """
        repository = release.repository
        try:
            data = next(repository.contents([blob]))
        except SourceError as error:
            if not repository.is_partial:
                raise
            raise SourceError(
                f"`{repository.place}` is a partial clone and lacks `{path}` of {release.tag}",
                f"fetch what it lacks: `git -C {repository.place} fetch --refetch --no-filter`",
            ) from error
        return None if data is None or is_binary(data) else data

    def _check_version(self, release: Release, project: Project) -> None:
        place, file = release.repository.place, project.version_file
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


def _tree_of(tag: str, repository: Repository) -> str:
    tree = repository.resolve(f"refs/tags/{tag}^{{tree}}")
    if not tree:
        raise SourceError(
            f"the tag `{tag}` of `{repository.place}` names no tree that is there",
            f"fetch it: `git -C {repository.place} fetch origin tag {tag}`",
        )
    return tree

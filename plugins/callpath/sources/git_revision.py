"""Which tree of a repository is to be read, and what to say when it has no such version."""

import re
from dataclasses import dataclass
from pathlib import Path

from rapidfuzz import process

from callpath.core.errors import SourceError, UsageError
from callpath.core.model import Pin
from callpath.sources.git_process import Repository

_HEX = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


@dataclass(frozen=True, slots=True)
class GitPlace:
    """Where a repository is, and which of its revisions was asked for.

    Attributes:
        repository: The directory as the user wrote it.
        revision: What git calls a revision; empty for the tag of the pin.
    """

    repository: str
    revision: str


def split_place(text: str) -> GitPlace:
    """Take `REPO[@REVISION]` apart; a directory may have an `@` in its name.

    Raises:
        UsageError: The revision is empty or looks like an option.
    """
    cuts = [match.start() for match in re.finditer("@", text)]
    for cut in [len(text), *reversed(cuts)]:
        if Path(text[:cut]).expanduser().is_dir() and text[:cut]:
            return _checked(text, text[:cut], text[cut:])
    # Nothing there: the message is to name what comes before the last `@`, but not for addresses.
    cut = cuts[-1] if cuts and "://" not in text and not text.startswith("git@") else len(text)
    return _checked(text, text[:cut], text[cut:])


def _checked(text: str, repository: str, rest: str) -> GitPlace:
    revision = rest.removeprefix("@")
    if rest and (not revision or revision.startswith("-") or "\n" in revision):
        raise UsageError(
            f"`git:{text}` does not name a revision",
            f"write `git:{repository}` for the pin's tag, or put a tag, branch or commit after `@`",
        )
    return GitPlace(repository, revision)


def tree_of(repository: Repository, revision: str, pin: Pin) -> str:
    """Find the tree to read.

    Parameters:
        repository: Where it is looked for.
        revision: A revision, or empty for the tag of the pin.
        pin: The version, and perhaps the commit that its tag must name.

    Returns:
        The id of the tree.

    Raises:
        SourceError: There is no such revision, or the tag is not the pinned commit.
    """
    name = revision or f"refs/tags/{pin.version}"
    if not _resolve(repository, name):
        raise _no_revision(repository, revision, pin)
    if not revision and pin.commit:
        commit = _resolve(repository, f"{name}^{{commit}}")
        if commit != pin.commit.lower():
            raise SourceError(
                f"tag `{pin.version}` of `{repository.place}` is commit `{commit or 'none'}`,"
                f" but the pin says `{pin.commit}`",
                "correct the commit of the pin, or fetch the right tag",
            )
    tree = _resolve(repository, f"{name}^{{tree}}")
    if not tree:
        raise SourceError(
            f"`{repository.place}` has `{revision or pin.version}`, but not its files",
            "fetch them, or use a clone made without `--filter=tree:0`",
        )
    return tree


def commit_of(repository: Repository, revision: str, pin: Pin) -> str:
    """The commit that a revision, or the pin's tag, names; empty when it names none."""
    return _resolve(repository, f"{revision or f'refs/tags/{pin.version}'}^{{commit}}")


def _resolve(repository: Repository, name: str) -> str:
    found = repository.run("rev-parse", "--verify", "--quiet", name)
    return found.text if found.ok and _HEX.fullmatch(found.text) else ""


def _no_revision(repository: Repository, revision: str, pin: Pin) -> SourceError:
    if revision:
        return SourceError(
            f"`{repository.place}` has no revision `{revision}`",
            _nearest(all_tags(repository), revision),
        )
    message = f"`{repository.place}` has no tag `{pin.version}`"
    if repository.run("rev-parse", "--is-shallow-repository").text == "true":
        return SourceError(
            message,
            f"it is a shallow clone: `git -C {repository.place} fetch --depth 1 origin"
            f" tag {pin.version}`",
        )
    tags = all_tags(repository)
    fetch = f"`git -C {repository.place} fetch --tags`"
    if not tags:
        return SourceError(message, f"it has no tags at all: {fetch}")
    near = _nearest(tags, pin.version)
    return SourceError(message, f"{near}; otherwise {fetch}" if near else fetch)


def all_tags(repository: Repository) -> list[str]:
    """The names of all tags of a repository."""
    listed = repository.run("for-each-ref", "--format=%(refname:strip=2)", "refs/tags")
    return listed.text.splitlines() if listed.ok else []


def _nearest(tags: list[str], wanted: str) -> str:
    near = [name for name, _, _ in process.extract(wanted, sorted(tags), limit=3, score_cutoff=70)]
    return f"the nearest tags are {', '.join(f'`{name}`' for name in near)}" if near else ""

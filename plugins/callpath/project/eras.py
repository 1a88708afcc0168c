"""The use case of `callpath eras`: a notebook's statements, release by release, and their file."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from callpath.core.eras import Eras, make_eras
from callpath.core.eras_file import format_eras, path_beside
from callpath.core.errors import SettingsError
from callpath.core.lock import Lock
from callpath.core.releases import split_patterns
from callpath.project.era_reading import eras_beside
from callpath.project.fact_store import FactStore
from callpath.project.notebook import Notebook
from callpath.project.source_code import Progress, no_progress
from callpath.project.standings import find_standings
from callpath.project.workspace import Workspace, reason, write_atomically
from callpath.sources import CACHE, GitHistory


@dataclass(frozen=True, slots=True)
class FoundEras:
    """What looking through releases came to.

    Attributes:
        eras: The eras.
        blobs: How many different files were looked at.
        parsed: How many of them had to be parsed.
        left_out: How many references are of another code base.
    """

    eras: Eras
    blobs: int
    parsed: int
    left_out: int

    @property
    def summary(self) -> str:
        """How much was done, in a line."""
        first, last = self.eras.tags[0], self.eras.tags[-1]
        told = (
            f"{len(self.eras.symbols)} symbols and {len(self.eras.edges)} edges in "
            f"{len(self.eras.tags)} releases, {first} to {last}: {self.blobs} different files, "
            f"{self.parsed} parsed"
        )
        others = f"; {self.left_out} references to other code bases are left out"
        return told + (others if self.left_out else "")


def find_eras(
    workspace: Workspace,
    notebook: Notebook,
    specs: Sequence[str],
    patterns: str,
    progress: Progress = no_progress,
) -> FoundEras:
    """In which releases the statements of a notebook hold.

    Parameters:
        workspace: Where the notebook is; its cache keeps what becomes known.
        notebook: The notebook.
        specs: Repositories, each `git:REPO`.
        patterns: Which releases, as a list with commas.
        progress: Told of each release.

    Raises:
        UsageError: A repository or a pattern cannot be.
        SourceError: A release cannot be read.
    """
    project = notebook.pin.project
    references = [each for each in notebook.references if each.pin.project == project]
    edges = [edge for edge in notebook.edges if edge.pin.project == project]
    store = FactStore(workspace.root / CACHE, notebook.dispatch)
    with GitHistory(specs, project) as history:
        releases = history.releases(split_patterns(patterns))
        found = find_standings(
            references,
            edges,
            _evidence(notebook),
            history,
            releases,
            store,
            notebook.dispatch,
            progress,
        )
    tags = [release.tag for release in releases]
    eras = make_eras(project, tags, found.symbols, found.edges)
    left_out = len(notebook.references) - len(references)
    return FoundEras(eras, found.blobs, found.parsed, left_out)


def _evidence(notebook: Notebook) -> set[str]:
    """The files in which the lockfile has proofs."""
    lock = notebook.lock or Lock()
    return {
        site.path
        for edge in lock.edges
        if edge.project == notebook.pin.project
        for site in edge.verdict.sites
    }


def eras_file(workspace: Workspace) -> Path:
    """The file of eras: it stands beside the lockfile."""
    return workspace.notes_folder / path_beside(workspace.site.callpath.lockfile)


def read_eras(workspace: Workspace) -> Eras | None:
    """The eras of a notebook; nothing when there is no such file.

    Raises:
        ErasError: It cannot be read.
    """
    lockfile = workspace.notes_prefix + workspace.site.callpath.lockfile
    return eras_beside(workspace.lockfile, lockfile)


def write_eras(workspace: Workspace, eras: Eras) -> bool:
    """Write the file of eras, whole or not at all.

    Returns:
        Whether it changed.

    Raises:
        SettingsError: It cannot be written; the old one is as it was.
    """
    file, text = eras_file(workspace), format_eras(eras)
    try:
        if file.exists() and file.read_bytes() == text.encode():
            return False
        write_atomically(file, text)
    except OSError as error:
        raise SettingsError(f"cannot write `{_shown(workspace)}`: {reason(error)}") from error
    return True


def _shown(workspace: Workspace) -> str:
    return workspace.notes_prefix + path_beside(workspace.site.callpath.lockfile)

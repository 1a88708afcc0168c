"""The use cases of the command line: check, lock, graph. They return values and print nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from callpath.core import rules
from callpath.core.diagnostics import Diagnostic, in_order
from callpath.core.dispatch_settings import dispatch_table
from callpath.core.eras import Eras
from callpath.core.eras_file import path_beside
from callpath.core.errors import SettingsError
from callpath.core.layout import Layout
from callpath.core.lock import Lock
from callpath.core.model import Pin
from callpath.core.rule_settings import weighed
from callpath.core.urls import LinkProvider, link_provider
from callpath.project.era_state import era_state
from callpath.project.examining import differences, edge_differences, examine
from callpath.project.given_sources import Sources, given_sources
from callpath.project.locking import unasked_versions, with_tracks
from callpath.project.notebook import Notebook, load_notebook
from callpath.project.reporting import is_at
from callpath.project.source_code import Progress, no_progress
from callpath.project.tracking import (
    find_tracks,
    silent_versions,
    track_differences,
)
from callpath.project.workspace import (
    Workspace,
    notebook_files,
    read_lock,
    reason,
)
from callpath.sources import Access

_ANSWERS = Path(".cache", "callpath", "elixir")


def open_notebook(workspace: Workspace) -> Notebook:
    """Read the notebook of a workspace.

    Raises:
        SettingsError: The site has no pin, or a file cannot be read.
        LockfileError: The lockfile cannot be read.
    """
    pin = _pin_of(workspace)
    folder = workspace.notes_folder
    files: dict[str, bytes] = {}
    for path in notebook_files(folder):
        try:
            files[path] = (folder / path).read_bytes()
        except OSError as error:
            raise SettingsError(f"cannot read `{path}`: {reason(error)}") from error
    shown = workspace.notes_prefix + workspace.site.callpath.lockfile
    notebook = load_notebook(
        files,
        prefix=workspace.notes_prefix,
        pin=pin,
        lock=read_lock(workspace.lockfile, shown),
        lockfile=shown,
        weights=workspace.site.callpath.rules,
        layout=Layout(workspace.site.use_directory_urls),
        other_files=[
            path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
        ],
        versions=workspace.site.callpath.tracked,
    )
    found = weighed([*workspace.diagnostics, *notebook.diagnostics], notebook.weights)
    return replace(
        notebook,
        diagnostics=tuple(in_order(found)),
        dispatch=dispatch_table(workspace.site.callpath.dispatch_macros),
    )


def _pin_of(workspace: Workspace) -> Pin:
    pin = workspace.site.callpath.pin
    if pin is not None:
        return pin
    for wrong in workspace.diagnostics:
        raise SettingsError(f"{wrong.place}: {wrong.message}", wrong.hint)
    raise SettingsError(
        "the site has no `pin`", "name the version that the notes speak of: `pin: v3.7`"
    )


def links_of(workspace: Workspace) -> LinkProvider:
    """Where the site's links to the source lead."""
    links = workspace.site.callpath.links
    return link_provider(links.provider, links.base)


def access_of(workspace: Workspace) -> Access:
    """How sites on the network may be asked: as the settings say, with the workspace's cache."""
    return Access(workspace.site.callpath.online, workspace.root / _ANSWERS)


def sources_of(
    workspace: Workspace, notebook: Notebook, given: Iterable[str], *versions: str
) -> Sources:
    """The sources that the user named.

    Parameters:
        workspace: Where the notebook is.
        notebook: The notebook, whose versions can be named.
        given: `SPEC`, `VERSION=SPEC` or `PROJECT=SPEC`, each.
        versions: Further versions that can be named.

    Raises:
        UsageError: Two are for the same version or project.
    """
    pins = (*(reference.pin for reference in notebook.references), *notebook.versions)
    own = notebook.pin
    known = {*versions, *(pin.version for pin in pins if pin.project == own.project)}
    projects = {pin.project for pin in pins}
    access = access_of(workspace)
    return given_sources(given, own, known, projects, workspace.root, access)


def failing_unknown(notebook: Notebook) -> Notebook:
    """The notebook, for checks in which a file without an answer is an error."""
    return replace(notebook, weights={**notebook.weights, rules.UNKNOWN_ANSWER.name: "error"})


def check(
    notebook: Notebook,
    sources: Sources | None = None,
    progress: Progress = no_progress,
    eras: Eras | None = None,
) -> tuple[Diagnostic, ...]:
    """Every finding on a notebook, in order.

    Parameters:
        notebook: The notebook.
        sources: What to check the references against; nothing for the checks without.
        progress: Told how far it is.
        eras: The eras that are written beside the lockfile, to be compared with the notes.
    """
    found = [*notebook.diagnostics, *notebook.lock_diagnostics]
    if eras is not None:
        file, complete = path_beside(notebook.lockfile), notebook.complete
        found += era_state(eras, file, notebook.references, notebook.edges, complete=complete)
    if sources is not None:
        lock = notebook.lock or Lock()
        silent = silent_versions(notebook, sources)
        real = examine(
            [one for one in notebook.references if one.pin not in silent],
            notebook.edges,
            sources.open,
            progress,
            notebook.dispatch,
        )
        tracked = find_tracks(notebook, real.lock, sources, progress)
        # That a faulty reference or edge is not locked either says nothing more.
        faulty = {finding.place for finding in real.diagnostics}
        found = [one for one in found if one.rule != "not-locked" or one.place not in faulty]
        found += real.diagnostics
        found += differences(notebook.references, lock, real.lock)
        found += edge_differences(notebook.edges, lock, real.lock)
        found += unasked_versions(notebook, tracked, silent)
        found += track_differences(notebook, with_tracks(real.lock, tracked), tracked)
    return weighed(in_order(found), notebook.weights)


def only_at(found: Iterable[Diagnostic], paths: Sequence[str]) -> tuple[Diagnostic, ...]:
    """The findings in these files or below these folders; all of them when none is named.

    Parameters:
        found: The findings.
        paths: As places name them: relative to the project's root, which is `.`.
    """
    return tuple(finding for finding in found if is_at(finding.place.file, paths))

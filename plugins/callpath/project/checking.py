"""The use cases of the command line: check, lock, graph. They return values and print nothing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from callpath.core import rules
from callpath.core.diagnostics import Diagnostic, in_order
from callpath.core.dispatch_settings import dispatch_table
from callpath.core.eras import Eras
from callpath.core.eras_file import path_beside
from callpath.core.errors import SettingsError
from callpath.core.layout import Layout
from callpath.core.lock import Lock, LockedDefinition, LockedFile, make_lock
from callpath.core.lock_text import format_lock
from callpath.core.locked_edges import LockedEdge
from callpath.core.model import Pin, Reference, Symbol
from callpath.core.proof import EdgeStatus
from callpath.core.prover import Edge
from callpath.core.rule_settings import weighed
from callpath.core.urls import LinkProvider, link_provider
from callpath.project.era_state import era_state
from callpath.project.examining import Examined, differences, edge_differences, examine
from callpath.project.given_sources import Sources, given_sources
from callpath.project.notebook import Notebook, load_notebook
from callpath.project.reporting import is_at
from callpath.project.source_code import Progress, no_progress
from callpath.project.tracking import (
    Tracked,
    find_tracks,
    kept_tracks,
    silent_versions,
    track_differences,
    unasked,
)
from callpath.project.workspace import (
    Workspace,
    notebook_files,
    read_lock,
    reason,
    write_atomically,
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
        found += _unasked(notebook, tracked, silent)
        found += track_differences(notebook, with_tracks(real.lock, tracked), tracked)
    return weighed(in_order(found), notebook.weights)


def only_at(found: Iterable[Diagnostic], paths: Sequence[str]) -> tuple[Diagnostic, ...]:
    """The findings in these files or below these folders; all of them when none is named.

    Parameters:
        found: The findings.
        paths: As places name them: relative to the project's root, which is `.`.
    """
    return tuple(finding for finding in found if is_at(finding.place.file, paths))


@dataclass(frozen=True, slots=True)
class NewLock:
    """What locking came to.

    Attributes:
        text: The lockfile's new text.
        changed: Whether it differs from the one on disk.
        definitions: How many definitions it holds.
        files: How many source files they lie in.
        diagnostics: The findings on references that could not be resolved; they are not locked.
    """

    text: str
    changed: bool
    definitions: int
    files: int
    diagnostics: tuple[Diagnostic, ...]


def make_new_lock(
    notebook: Notebook, sources: Sources, progress: Progress = no_progress
) -> NewLock:
    """Resolve and prove what has a source; keep what is known of the rest.

    What a source cannot tell, because a site gave no answer, nothing can be searched, or a tracked
    version is not there, is kept as well.
    """
    silent = silent_versions(notebook, sources)
    has = [one for one in notebook.references if sources.has(one.pin)]
    asked = [one for one in has if one.pin not in silent]
    edges = [edge for edge in notebook.edges if sources.has(edge.pin)]
    real = examine(asked, edges, sources.open, progress, notebook.dispatch)
    old = notebook.lock or Lock()
    kept = [
        one
        for one in notebook.references
        if not sources.has(one.pin)
        or one.pin in silent
        or _file_of(one.pin, one.symbol) in real.unknown
    ]
    known = known_facts(kept, old)
    others = [edge for edge in notebook.edges if not sources.has(edge.pin)]
    own = make_lock(
        [*real.lock.files, *files_of(known, old)],
        [*real.lock.definitions, *known],
        [*_edges(edges, old, real), *known_edges(others, old)],
    )
    tracked = find_tracks(notebook, own, sources, progress)
    lock = with_tracks(own, tracked, kept_tracks(notebook, own, tracked, sources))
    text = format_lock(lock)
    found = [*notebook.diagnostics, *real.diagnostics, *_unasked(notebook, tracked, silent)]
    return NewLock(
        text=text,
        changed=notebook.lock is None or text != format_lock(old),
        definitions=len(lock.definitions),
        files=len(lock.files),
        diagnostics=weighed(in_order(found), notebook.weights),
    )


def _unasked(
    notebook: Notebook, tracked: Tracked, silent: Mapping[Pin, tuple[str, str]]
) -> Iterable[Diagnostic]:
    """A finding for each version besides those of notes that could not be asked."""
    told = list(tracked.diagnostics(notebook.lockfile))
    if told:
        return told
    return [unasked(pin, *why, notebook.lockfile) for pin, why in silent.items() if why[0]]


def with_tracks(lock: Lock, *tracked: Tracked) -> Lock:
    """A lockfile's facts with those of tracked versions, which never take the place of its own."""
    files = {(one.project, one.version, one.path) for one in lock.files}
    known = {one.order for one in lock.definitions}
    more = [file for each in tracked for file in each.files]
    found = [one for each in tracked for one in each.definitions]
    return make_lock(
        [*lock.files, *(one for one in more if (one.project, one.version, one.path) not in files)],
        [*lock.definitions, *(one for one in found if one.order not in known)],
        lock.edges,
        [*lock.tracks, *(track for each in tracked for track in each.tracks)],
        [*lock.edge_tracks, *(track for each in tracked for track in each.edge_tracks)],
    )


def _edges(edges: Iterable[Edge], old: Lock, real: Examined) -> Iterator[LockedEdge]:
    """The facts of edges: the source's, and the old ones where it could not tell."""
    for edge in edges:
        known, found = old.find_edge(edge), real.lock.find_edge(edge)
        files = {_file_of(edge.pin, step.symbol) for step in (edge.caller, edge.callee)}
        is_open = found is not None and found.verdict.status is EdgeStatus.NOT_SEARCHED
        if known is not None and (is_open or files & real.unknown):
            yield known
        elif found is not None:
            yield found


def _file_of(pin: Pin, symbol: Symbol) -> tuple[str, str, str]:
    return (pin.project, pin.version, symbol.path)


def known_facts(references: Iterable[Reference], lock: Lock) -> list[LockedDefinition]:
    """What a lockfile knows of references."""
    return [found for reference in references if (found := lock.find(reference))]


def known_edges(edges: Iterable[Edge], lock: Lock) -> list[LockedEdge]:
    """What a lockfile knows of edges."""
    return [found for edge in edges if (found := lock.find_edge(edge))]


def files_of(definitions: Iterable[LockedDefinition], lock: Lock) -> list[LockedFile]:
    """The files of a lockfile that definitions lie in."""
    paths = {(one.project, one.version, one.definition.path) for one in definitions}
    return [file for file in lock.files if (file.project, file.version, file.path) in paths]


def write_lock(workspace: Workspace, text: str) -> None:
    """Write the lockfile, whole or not at all.

    Raises:
        SettingsError: It cannot be written; the old one is as it was.
    """
    try:
        write_atomically(workspace.lockfile, text)
    except OSError as error:
        shown = workspace.notes_prefix + workspace.site.callpath.lockfile
        raise SettingsError(f"cannot write `{shown}`: {reason(error)}") from error

"""The use cases of the command line: check, lock, graph. They return values and print nothing."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from callpath.core import rules
from callpath.core.diagnostics import Diagnostic, in_order
from callpath.core.dispatch_settings import dispatch_table
from callpath.core.errors import SettingsError, UsageError
from callpath.core.layout import Layout
from callpath.core.lock import Lock, LockedDefinition, LockedFile, format_lock, make_lock
from callpath.core.locked_edges import LockedEdge
from callpath.core.model import Pin, Reference, Symbol
from callpath.core.proof import EdgeStatus
from callpath.core.prover import Edge
from callpath.core.rule_settings import weighed
from callpath.core.urls import LinkProvider, link_provider
from callpath.project.examining import Examined, differences, edge_differences, examine
from callpath.project.notebook import Notebook, load_notebook
from callpath.project.reporting import is_at
from callpath.project.source_code import Progress, no_progress
from callpath.project.workspace import (
    Workspace,
    notebook_files,
    read_lock,
    reason,
    write_atomically,
)
from callpath.sources import Access, Source, below_root, open_source

_ANSWERS = Path(".cache", "callpath", "elixir")

Specs = Mapping[str, str]
"""Where each project's source is: project → SPEC."""


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


def parse_specs(specs: Iterable[str], pin: Pin, root: Path = Path()) -> dict[str, str]:
    """Where each project's source is.

    Parameters:
        specs: `SPEC` for the site's own project, or `PROJECT=SPEC` for another.
        pin: The site's pin.
        root: The folder of the site's configuration, which has the cache.

    Raises:
        UsageError: Two are for the same project.
    """
    found: dict[str, str] = {}
    for given in specs:
        project, equals, spec = given.partition("=")
        if not equals or ":" in project:
            project, spec = pin.project, given
        if project in found:
            raise UsageError(
                f"there are two sources for `{project}`", "name each project once: `PROJECT=SPEC`"
            )
        found[project] = below_root(spec, root)
    return found


def access_of(workspace: Workspace) -> Access:
    """How sites on the network may be asked: as the settings say, with the workspace's cache."""
    return Access(workspace.site.callpath.online, workspace.root / _ANSWERS)


def failing_unknown(notebook: Notebook) -> Notebook:
    """The notebook, for checks in which a file without an answer is an error."""
    return replace(notebook, weights={**notebook.weights, rules.UNKNOWN_ANSWER.name: "error"})


def opener(specs: Specs, access: Access | None = None) -> Callable[[Pin], Source]:
    """A function that opens the source for a pin.

    Parameters:
        specs: The sources.
        access: How sites on the network may be asked.
    """

    def open_for(pin: Pin) -> Source:
        if pin.project not in specs:
            raise UsageError(
                f"there is no source for `{pin.project}` {pin.version}",
                f"add `--source {pin.project}=SPEC`",
            )
        return open_source(specs[pin.project], pin, access)

    return open_for


def check(
    notebook: Notebook,
    specs: Specs | None = None,
    progress: Progress = no_progress,
    access: Access | None = None,
) -> tuple[Diagnostic, ...]:
    """Every finding on a notebook, in order.

    Parameters:
        notebook: The notebook.
        specs: The sources to check the references against; nothing for the checks without.
        progress: Told how far it is.
        access: How sites on the network may be asked.
    """
    found = [*notebook.diagnostics, *notebook.lock_diagnostics]
    if specs is not None:
        lock = notebook.lock or Lock()
        real = examine(
            notebook.references,
            notebook.edges,
            opener(specs, access),
            progress,
            notebook.dispatch,
        )
        # That a faulty reference or edge is not locked either says nothing more.
        faulty = {finding.place for finding in real.diagnostics}
        found = [one for one in found if one.rule != "not-locked" or one.place not in faulty]
        found += real.diagnostics
        found += differences(notebook.references, lock, real.lock)
        found += edge_differences(notebook.edges, lock, real.lock)
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
    notebook: Notebook,
    specs: Specs,
    progress: Progress = no_progress,
    access: Access | None = None,
) -> NewLock:
    """Resolve and prove what is of a project with a source; keep what is known of the others.

    What the source cannot tell, because a site gave no answer or nothing can be searched, is kept
    as well.
    """
    asked = [one for one in notebook.references if one.pin.project in specs]
    edges = [edge for edge in notebook.edges if edge.pin.project in specs]
    real = examine(asked, edges, opener(specs, access), progress, notebook.dispatch)
    old = notebook.lock or Lock()
    kept = [
        one
        for one in notebook.references
        if one.pin.project not in specs or _file_of(one.pin, one.symbol) in real.unknown
    ]
    known = known_facts(kept, old)
    lock = make_lock(
        [*real.lock.files, *files_of(known, old)],
        [*real.lock.definitions, *known],
        [*_edges(edges, old, real), *(edge for edge in old.edges if edge.project not in specs)],
    )
    text = format_lock(lock)
    return NewLock(
        text=text,
        changed=notebook.lock is None or text != format_lock(old),
        definitions=len(lock.definitions),
        files=len(lock.files),
        diagnostics=weighed(in_order([*notebook.diagnostics, *real.diagnostics]), notebook.weights),
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

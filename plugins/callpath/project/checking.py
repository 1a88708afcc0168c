"""The use cases of the command line: check, lock, graph. They return values and print nothing."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from callpath.core.diagnostics import Diagnostic, in_order
from callpath.core.errors import SettingsError, UsageError
from callpath.core.graph import Graph
from callpath.core.layout import Layout
from callpath.core.lock import Lock, LockedDefinition, LockedFile, format_lock, make_lock
from callpath.core.model import Note, Pin, Reference
from callpath.core.note_graph import note_graph
from callpath.core.resolver import nearest
from callpath.core.rule_settings import weighed
from callpath.core.urls import LinkProvider, link_provider
from callpath.project.examining import differences, edge_differences, examine
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
from callpath.render.strings import strings_for
from callpath.sources import Source, open_source

Specs = Mapping[str, str]
"""Where each project's source is: project → SPEC."""


def open_notebook(workspace: Workspace) -> Notebook:
    """Read the notebook of a workspace.

    Raises:
        SettingsError: The site has no pin, or a file cannot be read.
        LockfileError: The lockfile cannot be read.
    """
    pin = workspace.site.callpath.pin
    if pin is None:
        raise SettingsError(
            "the site has no `pin`", "name the version that the notes speak of: `pin: v3.7`"
        )
    folder = workspace.notes_folder
    files: dict[str, bytes] = {}
    for path in notebook_files(folder):
        try:
            files[path] = (folder / path).read_bytes()
        except OSError as error:
            raise SettingsError(f"cannot read `{path}`: {reason(error)}") from error
    shown = workspace.notes_prefix + workspace.site.callpath.lockfile
    return load_notebook(
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


def links_of(workspace: Workspace) -> LinkProvider:
    """Where the site's links to the source lead."""
    links = workspace.site.callpath.links
    return link_provider(links.provider, links.base)


def parse_specs(specs: Iterable[str], pin: Pin) -> dict[str, str]:
    """Where each project's source is.

    Parameters:
        specs: `SPEC` for the site's own project, or `PROJECT=SPEC` for another.
        pin: The site's pin.

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
        found[project] = spec
    return found


def opener(specs: Specs) -> Callable[[Pin], Source]:
    """A function that opens the source for a pin."""

    def open_for(pin: Pin) -> Source:
        if pin.project not in specs:
            raise UsageError(
                f"there is no source for `{pin.project}` {pin.version}",
                f"add `--source {pin.project}=SPEC`",
            )
        return open_source(specs[pin.project], pin)

    return open_for


def check(
    notebook: Notebook, specs: Specs | None = None, progress: Progress = no_progress
) -> tuple[Diagnostic, ...]:
    """Every finding on a notebook, in order.

    Parameters:
        notebook: The notebook.
        specs: The sources to check the references against; nothing for the checks without.
        progress: Told how far it is.
    """
    found = [*notebook.diagnostics, *notebook.lock_diagnostics]
    if specs is not None:
        lock = notebook.lock or Lock()
        real = examine(notebook.references, notebook.edges, opener(specs), progress)
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


def make_new_lock(notebook: Notebook, specs: Specs, progress: Progress = no_progress) -> NewLock:
    """Resolve and prove what is of a project with a source; keep what is known of the others."""
    asked = [one for one in notebook.references if one.pin.project in specs]
    kept = [one for one in notebook.references if one.pin.project not in specs]
    edges = [edge for edge in notebook.edges if edge.pin.project in specs]
    real = examine(asked, edges, opener(specs), progress)
    old = notebook.lock or Lock()
    known = _known(kept, old)
    lock = make_lock(
        [*real.lock.files, *_files_of(known, old)],
        [*real.lock.definitions, *known],
        [*real.lock.edges, *(edge for edge in old.edges if edge.project not in specs)],
    )
    text = format_lock(lock)
    return NewLock(
        text=text,
        changed=notebook.lock is None or text != format_lock(old),
        definitions=len(lock.definitions),
        files=len(lock.files),
        diagnostics=weighed(in_order([*notebook.diagnostics, *real.diagnostics]), notebook.weights),
    )


def _known(references: Iterable[Reference], lock: Lock) -> list[LockedDefinition]:
    return [found for reference in references if (found := lock.find(reference))]


def _files_of(definitions: Iterable[LockedDefinition], lock: Lock) -> list[LockedFile]:
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


def find_note(notebook: Notebook, name: str) -> Note:
    """The note of that id, or of that file.

    Raises:
        UsageError: There is none.
    """
    for note in notebook.notes.values():
        if name in (note.id, note.file):
            return note
    ids = sorted(note.id for note in notebook.notes.values())
    near = nearest(name, ids, limit=1)
    raise UsageError(
        f"there is no note `{name}`",
        f"did you mean `{near[0]}`?"
        if near
        else "the notes are " + ", ".join(f"`{i}`" for i in ids),
    )


def graph_of(workspace: Workspace, notebook: Notebook, name: str, base: str = "") -> Graph:
    """The call graph of a note; `base` is the address of its page, when it is known."""
    note = find_note(notebook, name)
    strings = strings_for(workspace.site.language)
    return note_graph(notebook.index, note, strings.graph_description, links_of(workspace), base)

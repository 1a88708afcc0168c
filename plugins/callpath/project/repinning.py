"""The use case of `callpath repin`: plans every change of a notebook, and writes none."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from callpath.core.diagnostics import Diagnostic, has_errors, in_order
from callpath.core.drift import DriftStatus, ReferenceDrift
from callpath.core.errors import SettingsError
from callpath.core.lock import Lock, make_lock
from callpath.core.lock_text import format_lock
from callpath.core.model import Note, Pin, Reference
from callpath.core.prover import Edge
from callpath.core.repin.reviews import Review
from callpath.core.rule_settings import weighed
from callpath.project.drift_sides import check_tree, open_side
from callpath.project.drifting import Named, asked_of, compare_references
from callpath.project.examining import Examined, examine
from callpath.project.file_changes import FileChange
from callpath.project.given_sources import Sources
from callpath.project.locking import files_of, known_edges, known_facts, with_tracks
from callpath.project.notebook import Notebook, load_notebook
from callpath.project.repin_remains import remaining
from callpath.project.repin_scope import Scope, scope_of
from callpath.project.repin_texts import Moves, rewritten, site_change, verify
from callpath.project.source_code import Progress, SourceCode, no_progress
from callpath.project.tracking import find_tracks, kept_tracks
from callpath.project.workspace import Workspace, notebook_files, reason
from callpath.sources import Source


@dataclass(frozen=True, slots=True)
class Repin:
    """What a repin comes to.

    Attributes:
        new: The version.
        changes: The files that are to be written, sorted; those that stay as they are left out.
        reviews: The references whose definition changed, in the notes' order.
        remains: The findings of what does not hold at the new version, at their new places.
        staying: The notes of the site's project that keep another version, in the order of files.
    """

    new: Pin
    changes: tuple[FileChange, ...]
    reviews: tuple[Review, ...]
    remains: tuple[Diagnostic, ...]
    staying: tuple[Note, ...] = ()

    @property
    def is_complete(self) -> bool:
        """Whether everything holds at the new version."""
        return not has_errors(self.remains)


def plan_repin(
    workspace: Workspace,
    notebook: Notebook,
    config: Path,
    version: str,
    names: Sequence[str],
    sources: Sources,
    progress: Progress = no_progress,
) -> Repin:
    """What has to be written so that notes speak of another version.

    Parameters:
        workspace: Where the notebook is.
        notebook: The notebook.
        config: The site's configuration.
        version: The new version.
        names: Ids or files of notes; the whole site when there is none.
        sources: The sources of all versions.
        progress: Told how far it is.

    Raises:
        UsageError: Something cannot be rewritten, or was changed meanwhile.
        SettingsError: A file cannot be read.
        SourceError: A source cannot be opened, is of another version, or broke.
    """
    files = _read(workspace)
    scope = scope_of(notebook, files, version, names)
    commit, moves = _moves(notebook, scope, sources.open, progress)
    texts = dict(rewritten(notebook, scope, files, moves, commit))
    site = list(site_change(workspace, config, scope, commit)) if scope.site else []
    after = _reload(notebook, scope, {**files, **texts}, commit)
    verify(notebook, after, scope, moves)
    real = _examined(after, scope, sources.open, progress)
    own = _own_facts(notebook, after, scope, real)
    tracked = find_tracks(after, own, sources, progress)
    lock = with_tracks(own, tracked, kept_tracks(after, own, tracked, sources))
    changes = [
        *_text_changes(workspace, notebook, files, texts),
        *(each for each in site if each.before != each.after),
        *_lock_change(workspace, notebook, lock),
    ]
    pairs = _paired(notebook, after, scope)
    drifts = [one for found in moves.values() for one in found.values()]
    found = [
        *remaining(pairs, drifts, real.diagnostics, scope.new),
        *_new_faults(notebook, after),
    ]
    return Repin(
        scope.new,
        tuple(sorted(changes, key=lambda each: each.shown)),
        tuple(_reviews(pairs, moves)),
        weighed(in_order(found), notebook.weights),
        _staying(scope),
    )


def _new_faults(before: Notebook, after: Notebook) -> Iterable[Diagnostic]:
    """What is wrong with the notes only at the new version, such as a counterpart that is none."""
    known = {(found.rule, found.message) for found in before.diagnostics}
    return (found for found in after.diagnostics if (found.rule, found.message) not in known)


def _staying(scope: Scope) -> tuple[Note, ...]:
    """The notes that might be thought to move with the site, and do not."""
    return tuple(
        note
        for note in (scope.staying if scope.site else ())
        if note.pin.project == scope.new.project and note.pin.version != scope.new.version
    )


def _text_changes(
    workspace: Workspace,
    notebook: Notebook,
    files: Mapping[str, bytes],
    texts: Mapping[str, bytes],
) -> Iterable[FileChange]:
    """The notes and pages that do not stay as they are."""
    for path, text in texts.items():
        if text != files[path]:
            shown = notebook.prefix + path
            yield FileChange(workspace.notes_folder / path, shown, files[path], text)


def _reviews(pairs: Sequence[tuple[Reference, Reference]], moves: Moves) -> Iterable[Review]:
    """What changed, with each of its mentions at its new place."""
    for before, after in pairs:
        one = moves.get(before.pin, {}).get((before.symbol, before.occurrence))
        if one is not None and one.outcome.status is DriftStatus.CHANGED:
            yield Review(one, after.place)


def _read(workspace: Workspace) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for path in notebook_files(workspace.notes_folder):
        try:
            files[path] = (workspace.notes_folder / path).read_bytes()
        except OSError as error:
            raise SettingsError(f"cannot read `{path}`: {reason(error)}") from error
    return files


def _moves(
    notebook: Notebook,
    scope: Scope,
    open_source: Callable[[Pin], Source],
    progress: Progress,
) -> tuple[str, dict[Pin, dict[Named, ReferenceDrift]]]:
    """The new version's commit, and what became of what the notes name, for each old pin."""
    with open_source(scope.new) as source:
        check_tree(source, scope.new)
        commit = source.commit()
    found: dict[Pin, dict[Named, ReferenceDrift]] = {}
    pins = {note.pin for note in scope.notes.values()} | ({notebook.pin} if scope.site else set())
    for pin in sorted(pins):
        if pin.version == scope.new.version:
            continue
        asked = asked_of(notebook, pin)
        asked = replace(
            asked,
            references=tuple(each for each in asked.references if scope.moves(each)),
            edges=tuple(each for each in asked.edges if scope.covers(each.note)),
        )

        def code(source: Source) -> SourceCode:
            return SourceCode(source, progress, notebook.dispatch)

        old = open_side(pin, open_source, code)
        with old.code.source:
            new = open_side(scope.new, open_source, code)
            with new.code.source:
                drifts, _ = compare_references(asked, old, new, progress)
        found[pin] = {(one.reference.symbol, one.reference.occurrence): one for one in drifts}
    return commit, found


def _reload(notebook: Notebook, scope: Scope, files: Mapping[str, bytes], commit: str) -> Notebook:
    """The notebook as it will be."""
    pin = notebook.pin
    if scope.site:
        pin = Pin(pin.project, scope.new.version, commit if pin.commit else "")
    after = load_notebook(
        files,
        prefix=notebook.prefix,
        pin=pin,
        lock=notebook.lock,
        lockfile=notebook.lockfile,
        weights=notebook.weights,
        versions=notebook.versions,
    )
    return replace(after, dispatch=notebook.dispatch)


def _paired(before: Notebook, after: Notebook, scope: Scope) -> list[tuple[Reference, Reference]]:
    """The references that change their version: as they were, and as they will be."""
    return [
        (old, new)
        for old, new in zip(before.references, after.references, strict=True)
        if scope.moves(old)
    ]


def _examined(
    after: Notebook, scope: Scope, open_source: Callable[[Pin], Source], progress: Progress
) -> Examined:
    """What the new version says of what is repinned."""
    asked = [each for each in after.references if scope.moves(each)]
    edges = [
        each
        for each in after.edges
        if scope.covers(each.note) and each.pin.project == scope.new.project
    ]
    return examine(asked, edges, open_source, progress, after.dispatch)


def _own_facts(before: Notebook, after: Notebook, scope: Scope, real: Examined) -> Lock:
    """New facts of what is repinned, and what is known of the rest."""
    old = before.lock or Lock()

    def rest(edge: Edge) -> bool:
        return not scope.covers(edge.note) or edge.pin.project != scope.new.project

    kept = known_facts([each for each in after.references if not scope.moves(each)], old)
    edges = [each for each in after.edges if rest(each)]
    return make_lock(
        [*real.lock.files, *files_of(kept, old)],
        [*real.lock.definitions, *kept],
        [*real.lock.edges, *known_edges(edges, old)],
    )


def _lock_change(workspace: Workspace, before: Notebook, lock: Lock) -> list[FileChange]:
    """The change of the lockfile."""
    text = format_lock(lock).encode()
    try:
        now: bytes | None = workspace.lockfile.read_bytes()
    except FileNotFoundError:
        now = None
    except OSError as error:
        raise SettingsError(f"cannot read `{before.lockfile}`: {reason(error)}") from error
    if now == text:
        return []
    return [FileChange(workspace.lockfile, before.lockfile, now, text)]

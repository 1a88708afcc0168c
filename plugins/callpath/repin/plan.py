"""The use case of `callpath repin`: plans every change of a notebook, and writes none."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from callpath import rules
from callpath.checks.lock import files_of, known_edges, known_facts
from callpath.drift.compare import asked_of, compare_references
from callpath.drift.find import check_tree, open_side
from callpath.drift.match import Named, ReferenceDrift
from callpath.drift.tracking import lock_tracks
from callpath.facts.lock import Candidate, DriftStatus, Lock, format_lock, make_lock
from callpath.files import FileChange
from callpath.findings import (
    Finding,
    SettingsError,
    UsageError,
    has_errors,
    in_order,
    reason,
    weighed,
)
from callpath.model import Edge, Note, Pin, Progress, Reference, Symbol, no_progress
from callpath.notebook import Notebook, find_note, load_notebook
from callpath.repin.edits import repin_site
from callpath.repin.rewrite import (
    Change,
    NewPlace,
    Review,
    has_own_pin,
    occurrence_of,
    repin_note,
    repin_page,
)
from callpath.settings import parse_site_settings
from callpath.sources.base import Source
from callpath.sources.spec import Sources
from callpath.verify.examine import Examined, examine
from callpath.workspace import Workspace, notebook_files, prefix_of


@dataclass(frozen=True, slots=True)
class Scope:
    """What is to be repinned.

    Attributes:
        notes: The notes, by their file's path below the notes' folder.
        followers: Those of them that say no pin of their own.
        site: Whether the site's pin changes, and with it the references of Markdown pages.
        new: The new version.
        staying: The notes that keep their version, in the order of their files.
    """

    notes: dict[str, Note]
    followers: frozenset[str]
    site: bool
    new: Pin
    staying: tuple[Note, ...] = ()

    def covers(self, note: str) -> bool:
        """Whether the references of a note's id, or of a page's path, change their version."""
        if any(each.id == note for each in self.notes.values()):
            return True
        return self.site and all(each.id != note for each in self.staying)

    def moves(self, reference: Reference) -> bool:
        """Whether a reference changes its version."""
        own = reference.pin.project == self.new.project and not reference.fixed
        return own and self.covers(reference.note)


def scope_of(
    notebook: Notebook, files: dict[str, bytes], version: str, names: Sequence[str]
) -> Scope:
    """What is to be repinned.

    Parameters:
        notebook: The notebook.
        files: The bytes of its files, by path below the notes' folder.
        version: The new version.
        names: Ids or files of notes; if there is none, the site and all notes of its version.

    Raises:
        UsageError: A name is that of no note, the notes are of several projects, or one is faulty.
    """
    named = {find_note(notebook, name).file for name in names}
    notes = {
        path: note
        for path, note in notebook.notes.items()
        if (note.file in named if names else _is_of(note.pin, notebook.pin))
    }
    projects = sorted({note.pin.project for note in notes.values()})
    if len(projects) > 1:
        raise UsageError(
            "the notes are of several projects: " + ", ".join(f"`{name}`" for name in projects),
            "name those of one project",
        )
    _refuse_faulty(notebook, [note.file for note in notes.values()], whole=not names)
    followers = frozenset(path for path in notes if not has_own_pin(path, files[path]))
    project = projects[0] if projects else notebook.pin.project
    staying = tuple(note for path, note in notebook.notes.items() if path not in notes)
    return Scope(notes, followers, not names, Pin(project, version), staying)


def _is_of(pin: Pin, site: Pin) -> bool:
    return (pin.project, pin.version) == (site.project, site.version)


def _refuse_faulty(notebook: Notebook, files: Iterable[str], *, whole: bool) -> None:
    """Refuse notes that hide references or steps behind their faults."""
    hidden = [notebook.prefix + path for path in notebook.faulty] if whole else []
    for file in [*hidden, *sorted(files)]:
        if file in hidden or any(found.place.file == file for found in notebook.faults):
            raise UsageError(
                f"`{file}` has findings, and cannot be rewritten before they are mended",
                "run `callpath check`",
            )


def site_files(workspace: Workspace, config: Path) -> Iterable[tuple[Path, str, bytes]]:
    """The site's configuration and the files that it inherits from: path, name, bytes.

    Raises:
        SettingsError: One cannot be read.
    """
    seen: set[Path] = set()
    path: Path | None = config
    while path is not None and path.resolve() not in seen:
        seen.add(path.resolve())
        try:
            data = path.read_bytes()
        except OSError as error:
            raise SettingsError(f"cannot read `{path}`: {reason(error)}") from error
        shown = prefix_of(workspace.root, path.parent.resolve()) + path.name
        yield path, shown, data
        site, _ = parse_site_settings(shown, data)
        path = path.parent / site.inherit if site is not None and site.inherit else None


_SHOWN = 3


def remaining(
    pairs: Sequence[tuple[Reference, Reference]],
    drifts: Iterable[ReferenceDrift],
    found: Iterable[Finding],
    new: Pin,
) -> Iterator[Finding]:
    """The findings on what is repinned.

    Parameters:
        pairs: The references as they were, and as they are now.
        drifts: What became of what they name.
        found: What the new version's source says against references and edges.
        new: The new version.
    """
    lost = {
        (one.reference.pin, *one.named): one
        for one in drifts
        if one.outcome.status in (DriftStatus.RENAMED, DriftStatus.GONE)
    }
    told = set()
    for before, after in pairs:
        one = lost.get((before.pin, before.symbol, before.occurrence))
        if one is not None:
            told.add(after.place)
            yield _lost(one, after, new)
    yield from (each for each in found if each.place not in told)


def _lost(one: ReferenceDrift, reference: Reference, new: Pin) -> Finding:
    name, outcome = one.before.definition.name, one.outcome
    if outcome.after is not None:
        found = outcome.after.definition
        where = f"{found.kind} `{found.name}` at {found.path}:{found.line}"
        message = f"`{name}` is now {where}: {outcome.evidence}"
        hint = f"write `{found.kind}: {found.name}` and `file: {found.path}`, and read it again"
        return rules.UNDEFINED_SYMBOL.at(reference.place, message, hint)
    rule = rules.AMBIGUOUS_SYMBOL if "times" in outcome.evidence else rules.UNDEFINED_SYMBOL
    message = f"`{name}` is gone from `{one.before.definition.path}` in {new.version}"
    if outcome.evidence:
        message += f": {outcome.evidence}"
    return rule.at(reference.place, message, _hint(outcome.candidates))


def _hint(candidates: Sequence[Candidate]) -> str:
    told = [
        f"`{each.definition.name}` at {each.definition.path}:{each.definition.line} "
        f"({each.score:.2f}: {each.reason})"
        for each in candidates[:_SHOWN]
    ]
    return "perhaps " + "; or ".join(told) if told else ""


Moves = Mapping[Pin, Mapping[Named, ReferenceDrift]]
"""For each old pin what became of what the notes name."""

_KEPT_NAME = (
    DriftStatus.SAME,
    DriftStatus.MOVED,
    DriftStatus.MOVED_FILE,
    DriftStatus.CHANGED,
)


def rewritten(
    notebook: Notebook,
    scope: Scope,
    files: Mapping[str, bytes],
    moves: Moves,
    commit: str,
) -> Iterable[tuple[str, bytes]]:
    """The new bytes of the notes and pages that are repinned, by path below the notes' folder.

    Raises:
        UsageError: Something has to change that cannot be rewritten in place.
    """
    for path, note in scope.notes.items():
        find = _finder(moves.get(note.pin, {}))
        own = not scope.site and path in scope.followers
        if note.pin.version == scope.new.version:
            continue
        change = Change(note.pin.version, scope.new.version, commit, own)
        yield path, repin_note(note.file, files[path], change, find)
    if scope.site and notebook.pin.version != scope.new.version:
        find = _finder(moves.get(notebook.pin, {}))
        pages = sorted({each.note for each in notebook.references if each.note in files})
        for path in pages:
            yield path, repin_page(notebook.prefix + path, files[path], find)


def _finder(moves: Mapping[Named, ReferenceDrift]) -> Callable[[Symbol, int], NewPlace | None]:
    def find(symbol: Symbol, occurrence: int) -> NewPlace | None:
        one = moves.get((symbol, occurrence))
        if one is None or one.outcome.after is None or one.outcome.status not in _KEPT_NAME:
            return None
        changed = one.outcome.status is DriftStatus.CHANGED
        return NewPlace(one.outcome.after.definition.path, one.choice, changed)

    return find


def site_change(
    workspace: Workspace, config: Path, scope: Scope, commit: str
) -> Iterable[FileChange]:
    """The change of the file that says the site's pin."""
    for path, shown, data in site_files(workspace, config):
        text = repin_site(shown, data, scope.new.version, commit)
        if text is not None:
            yield FileChange(path, shown, data, text)
            return
    raise UsageError(f"`{config.name}` does not say the site's pin", "write it there: `pin: v3.7`")


def verify(before: Notebook, after: Notebook, scope: Scope, moves: Moves) -> None:
    """See that the rewritten texts say what they are to say, and nothing else.

    Raises:
        UsageError: They do not.
    """
    expected = [_expected(each, scope, moves) for each in before.references]
    found = [(each.pin.version, each.symbol, each.occurrence) for each in after.references]
    if expected == found and len(before.faults) == len(after.faults):
        return
    each = zip(before.references, expected, found, strict=False)
    wrong = next((old for old, wanted, said in each if wanted != said), None)
    where = str(wrong.place) if wrong else before.prefix
    raise UsageError(
        f"{where}: the note cannot be rewritten in place: what it would say is something else",
        "write this reference in a plainer way; nothing is written",
    )


def _expected(reference: Reference, scope: Scope, moves: Moves) -> tuple[str, Symbol, int]:
    """What a reference has to say in the end."""
    pin, symbol, occurrence = reference.pin, reference.symbol, reference.occurrence
    if not scope.moves(reference):
        return pin.version, symbol, occurrence
    now = _finder(moves.get(pin, {}))(symbol, occurrence)
    if now is None:
        return scope.new.version, symbol, occurrence
    chosen = occurrence_of(occurrence, now.choice)
    if reference.link and not now.choice and occurrence != chosen:
        chosen = 0  # a link that needs no choice says none
    return scope.new.version, replace(symbol, path=now.path), chosen


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
    remains: tuple[Finding, ...]
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
    lock, _ = lock_tracks(after, own, sources, {}, progress)
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


def _new_faults(before: Notebook, after: Notebook) -> Iterable[Finding]:
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
        with (
            open_side(pin, open_source, notebook.dispatch, progress) as old,
            open_side(scope.new, open_source, notebook.dispatch, progress) as new,
        ):
            drifts, _ = compare_references(asked, old, new)
        found[pin] = {one.named: one for one in drifts}
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

"""Rewrites the files of a notebook for another version, and sees that they say what they should."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from callpath.core.drift import DriftStatus, ReferenceDrift
from callpath.core.errors import UsageError
from callpath.core.model import Pin, Reference, Symbol
from callpath.core.repin.links import NewPlace, occurrence_of
from callpath.core.repin.pins import repin_site
from callpath.core.repin.texts import Change, repin_note, repin_page
from callpath.project.drifting import Named
from callpath.project.file_changes import FileChange
from callpath.project.notebook import Notebook
from callpath.project.repin_scope import Scope, site_files
from callpath.project.workspace import Workspace

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

"""The use case of `callpath date`: which releases a note fits that says nothing of its version."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from callpath.core.c_parser import DISPATCH
from callpath.core.dating import Claim, Dated
from callpath.core.diagnostics import Diagnostic
from callpath.core.dispatch_settings import dispatch_table
from callpath.core.eras import EdgeEnds, SymbolKey, above_of, better, edge_ends, symbol_key
from callpath.core.errors import UsageError
from callpath.core.model import Note, Pin, Reference
from callpath.core.note_parser import parse_note
from callpath.core.pin_settings import DEFAULT_PROJECT
from callpath.core.prover import note_edges
from callpath.core.references import note_mentions
from callpath.core.releases import split_patterns
from callpath.project.fact_store import FactStore
from callpath.project.source_code import Progress, no_progress
from callpath.project.standings import Standings, find_standings
from callpath.project.workspace import Workspace, reason
from callpath.sources import CACHE, GitHistory

_NO_VERSION = "none"


@dataclass(frozen=True, slots=True)
class ReadNote:
    """A note that was read from anywhere.

    Attributes:
        note: The note.
        diagnostics: What is wrong with the file; what is wrong is left out of the note.
    """

    note: Note
    diagnostics: tuple[Diagnostic, ...]


def read_note(file: Path, workspace: Workspace | None) -> ReadNote:
    """Read a note that may lie anywhere, and may have no pin.

    Parameters:
        file: The file.
        workspace: The site, if there is one; it says which code base is meant.

    Raises:
        UsageError: There is no such file, or it is no note.
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        raise UsageError(f"cannot read `{file}`: {reason(error)}", "name a note's file") from error
    pin = workspace.site.callpath.pin if workspace else None
    default = Pin(pin.project if pin else DEFAULT_PROJECT, _NO_VERSION)
    parsed = parse_note(str(file), data, note_id=file.stem, default_pin=default)
    if parsed.note is None or not parsed.note.steps:
        raise UsageError(
            f"`{file}` has no steps that can be read",
            parsed.diagnostics[0].message if parsed.diagnostics else "write `title:` and `steps:`",
        )
    return ReadNote(parsed.note, parsed.diagnostics)


def date_note(
    note: Note,
    workspace: Workspace | None,
    specs: Sequence[str],
    patterns: str,
    progress: Progress = no_progress,
) -> Dated:
    """Ask releases for each statement of a note; its pin says nothing.

    Parameters:
        note: The note.
        workspace: The site, if there is one; its cache keeps what becomes known.
        specs: Repositories, each `git:REPO`.
        patterns: Which releases, as a list with commas.
        progress: Told of each release.

    Raises:
        UsageError: A repository or a pattern cannot be.
        SourceError: A release cannot be read.
    """
    dispatch = dispatch_table(workspace.site.callpath.dispatch_macros) if workspace else DISPATCH
    store = FactStore(workspace.root / CACHE if workspace else None, dispatch)
    references = _own_references(note)
    edges = tuple(note_edges(note))
    with GitHistory(specs, note.pin.project) as history:
        releases = history.releases(split_patterns(patterns))
        found = find_standings(references, edges, (), history, releases, store, dispatch, progress)
    return Dated(tuple(release.tag for release in releases), tuple(_claims(note, found)))


def _claims(note: Note, found: Standings) -> list[Claim]:
    """The statements of a note, each once, where it is stated first."""
    claims: dict[SymbolKey | EdgeEnds, Claim] = {}
    for reference in _own_references(note):
        key = symbol_key(reference.symbol, reference.occurrence)
        claims.setdefault(key, Claim(key, reference.place, tuple(found.symbols[key])))
    for edge in note_edges(note):
        ends, standings = edge_ends(edge), found.edges[edge_ends(edge, above_of(edge))]
        known = claims.setdefault(ends, Claim(ends, edge.place, tuple(standings)))
        claims[ends] = replace(known, standings=tuple(map(better, known.standings, standings)))
    return sorted(claims.values(), key=lambda claim: (claim.place, claim.is_edge))


def _own_references(note: Note) -> tuple[Reference, ...]:
    """What a note says of the version that it does not name: not what it says of another one."""
    return tuple(each for each in note_mentions(note, note.file).references if not each.fixed)

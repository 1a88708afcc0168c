"""Notes that tell the same path at other versions, and which of their steps are of one symbol."""

import posixpath
from collections.abc import Iterator, Mapping
from urllib.parse import unquote

from callpath.core import rules
from callpath.core.diagnostics import Diagnostic
from callpath.core.index import Index, StepPlace
from callpath.core.lock import Lock, LockedDefinition
from callpath.core.model import Note, Text
from callpath.core.resolver import nearest


def counterparts(notes: Mapping[str, Note]) -> dict[str, tuple[Note, ...]]:
    """For each note's id its counterparts, in the order of their files.

    That one of two notes names the other is enough. A note of the same version is none.

    Parameters:
        notes: The notes by the path of their file below the notes' folder.
    """
    found: dict[str, dict[str, Note]] = {note.id: {} for note in notes.values()}
    for path, note in notes.items():
        for text in note.counterparts:
            target = _target(path, text)
            other = notes.get(target)
            if other is not None and not _fault(note, other):
                found[note.id][target] = other
                found[other.id][path] = note
    return {
        note: tuple(by_path[path] for path in sorted(by_path)) for note, by_path in found.items()
    }


def counterpart_faults(notes: Mapping[str, Note]) -> Iterator[Diagnostic]:
    """The counterparts that are none.

    Parameters:
        notes: The notes by the path of their file below the notes' folder.
    """
    for path, note in notes.items():
        for text in note.counterparts:
            target = _target(path, text)
            other = notes.get(target)
            if other is None:
                near = nearest(target, sorted({*notes} - {path}), limit=1)
                hint = f"did you mean `{near[0]}`?" if near else "name the file of a note"
                message = f"`{text.value}` is no counterpart: there is no such note"
                yield rules.INVALID_VALUE.at(text.place, message, hint)
            elif why := _fault(note, other):
                yield rules.INVALID_VALUE.at(
                    text.place,
                    f"`{text.value}` is no counterpart: {why}",
                    "name a note that tells the same path at another version",
                )


def _target(path: str, text: Text) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(text.value)))


def _fault(note: Note, other: Note) -> str:
    if other is note:
        return "it is the note itself"
    if other.pin.project != note.pin.project:
        return f"it is about {other.pin.project}, not {note.pin.project}"
    if other.pin.version == note.pin.version:
        return f"it is about {other.pin.version} too"
    return ""


def counterpart_step(place: StepPlace, other: Note, index: Index, lock: Lock) -> StepPlace | None:
    """The step of a counterpart that is about the same symbol; nothing when there is none.

    A track leads from one to the other, in whichever direction.

    Parameters:
        place: A step.
        other: A counterpart of its note.
        index: The notebook joined with its lockfile.
        lock: The lockfile's facts.
    """
    if place.locked is None:
        return None
    there = _leads_to(lock, place.locked, other.pin.version)
    for candidate in index.places[other.id]:
        if candidate.locked is None:
            continue
        if candidate.locked == there:
            return candidate
        if _leads_to(lock, candidate.locked, place.note.pin.version) == place.locked:
            return candidate
    return None


def _leads_to(lock: Lock, locked: LockedDefinition, at: str) -> LockedDefinition | None:
    track = lock.track(locked, at)
    return lock.after(track) if track else None

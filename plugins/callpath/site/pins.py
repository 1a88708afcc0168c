"""The pins that the notes are about, and the notebook of each of them alone.

No release has the calls of two: what shows how symbols reach each other is made for each pin.
"""

import re
from collections.abc import Iterable
from functools import cached_property
from typing import NamedTuple

from msgspec import Struct

from callpath.facts.lock import Lock
from callpath.findings import UsageError, did_you_mean
from callpath.model import Note, Pin
from callpath.notebook import Index, Notebook, build_index

_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9._+-]+")


class PinPart(Struct, frozen=True, dict=True):
    """What the notes of one pin say.

    Attributes:
        pin: Project and version.
        label: What readers call it: its version, with its project where there are several; empty
            if all notes have the same pin.
        name: The label as a part of ids and of names of files; unique, empty if the label is.
        index: The notes of the pin, joined with the lockfile.
    """

    pin: Pin
    label: str
    name: str
    index: Index

    @cached_property
    def files(self) -> frozenset[tuple[str, str]]:
        """The source files (project, path) that have symbols in the notes."""
        return frozenset((key.project, key.path) for key in self.index.symbols)


class PinSection(NamedTuple):
    """A part of a notebook as a section of a page; without label and name if there is one only."""

    part: PinPart
    label: str = ""
    name: str = ""


def pin_sections(parts: Iterable[PinPart]) -> list[PinSection]:
    """The sections of a page that is about those parts."""
    found = list(parts)
    if len(found) == 1:
        return [PinSection(found[0])]
    return [PinSection(part, part.label, part.name) for part in found]


def pin_parts(notebook: Notebook) -> tuple[PinPart, ...]:
    """The parts of a notebook, that of the site's own pin first; without steps the whole one."""
    places, lock = notebook.index.places, notebook.lock or Lock()
    pins = [_plain(note.pin) for note in notebook.index.notes if places[note.id]]
    pins.sort(key=lambda pin: pin != _plain(notebook.pin))
    pins = list(dict.fromkeys(pins))
    if len(pins) <= 1:
        return (PinPart((pins or [notebook.pin])[0], "", "", notebook.index),)
    of_one = len({pin.project for pin in pins}) == 1
    labels = [pin.version if of_one else f"{pin.project} {pin.version}" for pin in pins]
    return tuple(
        PinPart(pin, label, name, build_index(_notes(notebook, pin), (), lock, pin.version))
        for pin, label, name in zip(pins, labels, part_names(labels), strict=True)
    )


def named_part(notebook: Notebook, version: str) -> PinPart:
    """The part of a version, or of a project and a version; by default the first.

    Raises UsageError if no note is about it.
    """
    parts = pin_parts(notebook)
    for part in parts:
        if version in ("", part.pin.version, part.label):
            return part
    known = [part.label or part.pin.version for part in parts]
    otherwise = "the notes are about " + ", ".join(f"`{each}`" for each in known)
    hint = did_you_mean(version, known, otherwise)
    raise UsageError(f"no note is about `{version}`", hint)


def _plain(pin: Pin) -> Pin:
    """A pin without its commit, which notes need not name."""
    return Pin(pin.project, pin.version)


def _notes(notebook: Notebook, pin: Pin) -> list[Note]:
    return [note for note in notebook.index.notes if _plain(note.pin) == pin]


def part_names(labels: Iterable[str]) -> list[str]:
    """Names for labels that are good in ids, addresses and names of files, and unique."""
    names: list[str] = []
    for label in labels:
        name = _NOT_IN_NAMES.sub("-", label).strip("-.") or "other"
        while name.lower() in (each.lower() for each in names):  # some disks do not tell case
            name += "-2"
        names.append(name)
    return names

"""Bytes of a note to a `Note` and findings: joins reading, validation and building."""

import re
from dataclasses import dataclass

from rapidfuzz import fuzz

from callpath.core import rules
from callpath.core.diagnostics import Diagnostic, Place, in_order
from callpath.core.model import Note, Pin
from callpath.core.note_parser.builder import build, note_faults, step_faults
from callpath.core.note_parser.characters import LARGEST_FILE, leniently
from callpath.core.note_parser.nodes import Mapping, Node, Scalar, kind_of
from callpath.core.note_parser.plain import plain_faults
from callpath.core.note_parser.reader import Document, read_yaml, top_level_names
from callpath.core.note_parser.schema import (
    ErratumModel,
    NoteModel,
    OmissionModel,
    PinModel,
    RemarkModel,
    StepModel,
)
from callpath.core.note_parser.validation import Format, mend_keys, value_faults

_NOTE_FORMAT = Format(
    NoteModel,
    {
        "steps": StepModel,
        "errata": ErratumModel,
        "remarks": RemarkModel,
        "omits": OmissionModel,
        "pin": PinModel,
    },
)
_NOTE_LINE = re.compile(r"^(steps|title)[ \t]*:", re.MULTILINE)
_COMMENT_LINE = re.compile(r"^[ \t]*#.*$", re.MULTILINE)
_NEARLY = 80.0  # of 100: `Steps`, `step`, `setps`


@dataclass(frozen=True, slots=True)
class ParsedNote:
    """What a file says.

    Attributes:
        note: The note; nothing when no title and no step could be read. With findings it holds
            what could be read: a wrong value is left out, and so is a step without a symbol or a
            file, whose own steps then take its place.
        diagnostics: What is wrong with the file, by place.
    """

    note: Note | None
    diagnostics: tuple[Diagnostic, ...]


def parse_note(file: str, data: bytes, *, note_id: str, default_pin: Pin) -> ParsedNote:
    """Read a note. Never raises: whatever is wrong is a finding.

    Parameters:
        file: Path of the file relative to the project's root, for places.
        data: Its bytes.
        note_id: Path below the notes' folder without its ending.
        default_pin: The site's pin; its project also completes a pin that names none.
    """
    document = read_yaml(file, data)
    root, faults = document.root, document.faults
    if not isinstance(root, Mapping):
        return ParsedNote(None, tuple(in_order(faults + _no_mapping(file, document))))
    faults += plain_faults(root)
    faults += mend_keys(root, _NOTE_FORMAT)
    faults += step_faults(root)
    faults += value_faults(root, _NOTE_FORMAT)
    faults += note_faults(root)
    note = build(root, file, note_id, default_pin)
    return ParsedNote(note, tuple(in_order(faults)))


def is_note(data: bytes) -> bool:
    """Whether a YAML file is a note: its top level is a mapping with the key `steps`.

    So is a file that was meant to be one, so that its faults are shown: one that is empty, broken
    YAML in which a line starts with `steps:` or `title:`, a mapping with a `title` and a key that
    is nearly `steps`.
    """
    text = leniently(data[: LARGEST_FILE + 1])
    if len(data) > LARGEST_FILE:
        return _NOTE_LINE.search(text) is not None
    try:
        names = list(top_level_names(text))
    except ValueError:
        return _NOTE_LINE.search(text) is not None
    if not names:
        return not _COMMENT_LINE.sub("", text).strip("-.~ \r\n\t\ufeff")
    nearly = any(fuzz.ratio(name.lower(), "steps") >= _NEARLY for name in names)
    return "steps" in names or ("title" in names and nearly)


def _no_mapping(file: str, document: Document) -> list[Diagnostic]:
    root: Node | None = document.root
    if document.faults:
        return []
    if root is None or (isinstance(root, Scalar) and root.is_null):
        return [
            rules.EMPTY_NOTE.at(Place(file), "the file is empty", "write `title:` and `steps:`")
        ]
    message = f"a note takes a mapping, not {kind_of(root)}"
    return [rules.WRONG_TYPE.at(root.place, message, "write `title:` and `steps:`")]

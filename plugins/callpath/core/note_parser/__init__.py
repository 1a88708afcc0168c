"""Notes from YAML: the format, its reading, its JSON Schema. The only part that imports yaml."""

from callpath.core.note_parser.parser import ParsedNote, is_note, parse_note
from callpath.core.note_parser.schema import note_schema

__all__ = ["ParsedNote", "is_note", "note_schema", "parse_note"]

"""Reads C source text: what a file defines and declares. Pure: bytes in, values out.

The order of the work: `lexing` blanks comments and directives, `conditions` chooses among `#if`
branches, `masking` rewrites macros, `trees` parses, `definitions` walks, `assembly` joins.
"""

from callpath.core.c_parser.code_file import CodeFile, parse_source, read_code
from callpath.core.c_parser.facts import Declaration, MacroUse, SourceFile

__all__ = ["CodeFile", "Declaration", "MacroUse", "SourceFile", "parse_source", "read_code"]

"""Reads C source text: what a file defines and declares. Pure: bytes in, values out.

The order of the work: `lexing` blanks comments and directives, `conditions` chooses among `#if`
branches, `masking` rewrites macros, `trees` parses, `definitions` walks, `assembly` joins.
"""

from callpath.core.c_parser.assembly import parse_source
from callpath.core.c_parser.facts import Declaration, MacroUse, SourceFile

__all__ = ["Declaration", "MacroUse", "SourceFile", "parse_source"]

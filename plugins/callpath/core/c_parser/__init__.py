"""Reads C source text: what a file defines, and what is inside. Pure: bytes in, values out.

The order of the work: `lexing` blanks comments and directives, `conditions` chooses among `#if`
branches, `masking` rewrites macros, `trees` parses, `definitions` walks, `assembly` joins; then, on
demand, `bodies` walks through one definition with the handlers of `expressions`, `declarations` and
`call_uses`, `loose_names` looks again at what the tree does not show, `bindings` reads initialisers
and assignments, `macro_text` the text of macros.
"""

from callpath.core.c_parser.body_facts import (
    Binding,
    Body,
    Call,
    CallForm,
    FileUse,
    Handed,
    Mention,
    Role,
)
from callpath.core.c_parser.body_vocabulary import DISPATCH, DispatchMacro
from callpath.core.c_parser.code_file import CodeFile, parse_source, read_code
from callpath.core.c_parser.facts import Declaration, MacroUse, SourceFile

__all__ = [
    "DISPATCH",
    "Binding",
    "Body",
    "Call",
    "CallForm",
    "CodeFile",
    "Declaration",
    "DispatchMacro",
    "FileUse",
    "Handed",
    "MacroUse",
    "Mention",
    "Role",
    "SourceFile",
    "parse_source",
    "read_code",
]

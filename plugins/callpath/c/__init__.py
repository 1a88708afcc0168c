"""Reads C source text: what a file defines, and what is inside. Bytes in, values out.

The order of the work: `lexer` blanks comments and directives, `conditions` chooses among `#if`
branches, `masking` rewrites macros, `variants` parses, `definitions` lists what is defined; then,
on demand, `bodies` walks through one definition with `walk` and `handlers`, and `macros` reads the
text of macros. `file.read_code` is the way in. Does no input or output, and must not know notes.
"""

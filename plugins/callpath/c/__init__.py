"""Reads C source text: what a file defines, and what is inside. Bytes in, values out.

The way in is `file.read_code(path, data)`, its answers are the values of `facts`. The order of the
work: `lexer` blanks comments and directives, `preprocessor` chooses among `#if` branches, `masking`
rewrites what the grammar does not know, mostly the macros of `vocabulary`, `variants` parses,
`definitions` lists what is defined. Then, on demand, `types` says what names stand for, and
`bodies` reads what is inside. `announce` looks at a text without a parse, `kept` answers from an
earlier parse. Does no input or output, and must not know notes.
"""

"""Reads C source text: what a file defines, and what is inside. Bytes in, values out.

The way in is `file.read_code(path, data)`, its answers are the values of `facts`. The order of the
work: `lexer` blanks comments and directives, `conditions` chooses among `#if` branches with the
help of `constants`, `masking` rewrites the macros of `vocabulary`, `items` and `heads` what stands
at file level with the help of `makers`, `variants` parses, `definitions` lists what is defined.
Then, on demand, `types` says what names stand for, `bodies` walks through one definition with
`walk` and `handlers`, `copies` says where pointers go in it, `macros` reads the text of macros and
`expansion` puts it into tables. `includes` and `announce` look at a text without a parse. `kept`
answers from an earlier parse.
Does no input or output, and must not know notes.
"""

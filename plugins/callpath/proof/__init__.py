"""Proves edges: does the caller reach the callee, and on which lines?

`prove.prove` takes an edge of a note and a view of code (`code.Code`), tries the proofs of
`direct`, `pointer`, `copies` and `callback` in turn, and gives a verdict with its sites. What a
name means in a file is `linkage`'s, with `includes` and `links`; whose struct a tag is, that of
`types`, with `headers`; what a macro does with its arguments, that of `arguments`. `resolve` finds
the definition that a reference names. Does no input or output: the caller decides where files come
from.
"""

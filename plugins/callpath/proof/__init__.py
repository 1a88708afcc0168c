"""Proves edges: does the caller reach the callee, and on which lines?

`prove.prove` takes an edge of a note and a view of code (`code.Code`), tries the proofs of
`direct`, `pointer` and `callback` in turn, and gives a verdict with its sites. `resolve` finds the
definition that a reference names. Does no input or output: the caller decides where files come
from.
"""

"""Rewrites kernel C in place until a C parser can read it: same length, same lines.

`mask` is the way in: it rewrites the macros of `vocabulary`, and `heads` what stands at file level,
which `items` divides, with the help of `makers`, the macros that make functions. `masked` is what
all of them write into. Must not know syntax trees.
"""

"""Proves edges: does the caller reach the callee, and on which lines?

Takes edges of notes and a view of code (`code.Code`), gives verdicts with their sites. Does no
input or output: the caller decides where files come from.
"""

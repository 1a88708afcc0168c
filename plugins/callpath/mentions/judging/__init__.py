"""Judges mentions by facts of source trees.

`judge` is the way in: which questions mentions ask, and what the answers say of each. `paths` says
that of paths, `lines` of lines, `moved` where a line is in another version, `page_names` whether a
document's names are those of the tree at all. Must not know how a document is read.
"""

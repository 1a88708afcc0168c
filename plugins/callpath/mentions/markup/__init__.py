"""Reads the markup that documents are written in: links, code spans, comments, plain words.

`markdown` reads Markdown, for which `dialect` turns MkDocs' own constructs into CommonMark; `rst`
reads reStructuredText. `bare_links` finds the addresses in plain words, for both. Takes a text and
gives a `Document`. Must not know what source code is.
"""

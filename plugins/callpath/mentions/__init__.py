"""What documents say of source code: links to source viewers, citations, names; and if it is so.

Takes texts (Markdown, reStructuredText, the prose of notes) and facts of a source tree; gives
mentions, the questions that they ask of the tree, and judgements. Pure: it opens no file, no source
and no address. Does not depend on notes, lockfiles and pages: whoever has them maps offsets to
locations.
"""

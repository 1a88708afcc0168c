"""Rewrites the texts of a notebook for another version, byte for byte where nothing has to change.

`edits` splices, `scalars` writes a value as the old one was written, `marks` keeps the marks for
review, `links` rewrites links in prose, `pins` the version where it stands, `texts` whole notes and
pages; `patches` writes differences. Pure: texts in, texts out.
"""

"""The pages of a notebook's site, and its files for other programs.

Takes the joined notebook and the settings, gives HTML, scripts and data. Does not depend on MkDocs.
Both front doors enter by `site.site`.
"""

"""The files of a site that are no pages: those for other programs, and what pages load.

`files` is the way in: the table of all of them, each with what writes it; `notebook_json` is the
largest. Takes a site and gives texts; must not know where they are put.
"""

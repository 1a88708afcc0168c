"""Compares two versions of a source: what became of references and edges, with evidence.

`compare` opens the two versions, `find` looks for definitions in the other one by `match` and
`renames`, `report` writes it out; `tracking` keeps the versions that a notebook tracks. Does not
depend on how notes are written or shown.
"""

"""The use cases: load a notebook, check it, lock it, make its pages. Knows no MkDocs."""

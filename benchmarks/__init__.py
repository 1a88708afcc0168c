"""How fast Callpath is, beside its earlier self and beside other programs.

`measure` runs programs, `notebooks` makes what they read, `peers` are what they are compared with,
`rows` are the works that are measured, `report` tells the results. `python -m benchmarks` is the
front door. The other modules measure by hand what needs a site or a browser.
"""

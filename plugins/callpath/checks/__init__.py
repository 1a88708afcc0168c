"""What `callpath check` and `callpath lock` do.

Takes a notebook and the sources that the user named, gives findings and the new lockfile.
"""

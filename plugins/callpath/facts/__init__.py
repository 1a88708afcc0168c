"""What `notes.lock` and `notes.eras` hold, as values and as text.

Takes text and gives values, and the other way round, byte for byte. Does no input or output, and
does not depend on how the facts were found.
"""

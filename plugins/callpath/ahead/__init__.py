"""Has other processes and machines find out ahead what trees say.

A unit of work is what is asked of one tree, or of two that are compared, all at once, since what
one reference or edge makes the program search for, others find too. What comes of it is what
`verify` and `drift` keep in the store: the command that asks next finds it known, and answers as
it would alone. What nobody could find out ahead is found then.
"""

"""Notes as text: YAML with places, the note format, prose and the references in it.

Takes bytes of YAML and Markdown, gives notes, references and findings; never raises for what a
user wrote. Does no input or output, and does not depend on lockfiles, sources or C.
"""

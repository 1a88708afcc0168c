"""The `callpath` command: arguments, output and exit status. The only part that imports click.

Data goes to standard output, messages to standard error. Exit status: 0 clean, 1 findings, 2 could
not run.
"""

from callpath.cli import history, showing, sources, versions
from callpath.cli.frame import main

__all__ = ["history", "main", "showing", "sources", "versions"]

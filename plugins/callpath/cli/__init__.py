"""The `callpath` command: arguments, output and exit statuses.

Takes what the user typed, and calls the rooms that do the work. Data goes to standard output,
messages to standard error. Exit status: 0 clean, 1 findings, 2 could not run. The only package
that imports click; it must not decide anything about notes, C or pages itself.
"""

from callpath.cli.app import main

__all__ = ["main"]

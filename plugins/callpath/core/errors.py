"""Exceptions: what makes it impossible to go on.

    CallpathError
    ├── UsageError        the caller asked for what cannot be (a bad SPEC, an unknown note)
    ├── SettingsError     the site's settings cannot be used
    ├── LockfileError     the lockfile cannot be read (unknown format version, not a lockfile)
    ├── ErasError         the file of eras cannot be read
    ├── SourceError       a source cannot be opened or broke while it was read
    └── EngineError       no graph engine could draw

What is wrong with the user's notes is never an exception but a `Diagnostic`.
"""


class CallpathError(Exception):
    """Something that makes it impossible to go on.

    Parameters:
        message: The fact, names in backticks, lower case, no full stop.
        hint: The remedy, or nothing.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(CallpathError):
    """The caller asked for something that cannot be."""


class SettingsError(CallpathError):
    """The site's settings cannot be used."""


class LockfileError(CallpathError):
    """The lockfile cannot be read."""


class ErasError(CallpathError):
    """The file of eras cannot be read."""


class SourceError(CallpathError):
    """A source cannot be opened, or it broke while it was read."""


class EngineError(CallpathError):
    """No graph engine could draw."""

"""Where C text is read from: a directory, a git repository or an archive, at one version.

Knows nothing of notes, lockfiles or C. Every source gives the same answers for the same tree.
"""

from callpath.sources.opening import open_source
from callpath.sources.source import (
    FileText,
    Missing,
    Progress,
    ReadResult,
    Source,
    Unreadable,
)

__all__ = [
    "FileText",
    "Missing",
    "Progress",
    "ReadResult",
    "Source",
    "Unreadable",
    "open_source",
]

"""Where C text is read from: a directory, a git repository, an archive or a site, at one version.

Knows nothing of notes, lockfiles or C. Every source gives the same answers for the same tree.
"""

from callpath.sources.content import blob_id
from callpath.sources.elixir import Access, ElixirSource, open_elixir
from callpath.sources.opening import open_source
from callpath.sources.source import (
    Cause,
    FileText,
    Missing,
    Progress,
    ReadResult,
    Source,
    Unknown,
    Unreadable,
)

__all__ = [
    "Access",
    "Cause",
    "ElixirSource",
    "FileText",
    "Missing",
    "Progress",
    "ReadResult",
    "Source",
    "Unknown",
    "Unreadable",
    "blob_id",
    "open_elixir",
    "open_source",
]

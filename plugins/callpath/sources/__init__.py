"""Where C text is read from: directories, git repositories, archives, sites, the cache.

Knows nothing of notes, lockfiles or C. Every source gives the same answers for the same tree.
"""

from callpath.sources.cache import CacheSource, open_cache
from callpath.sources.cache_files import CACHE, CacheFiles, Manifest
from callpath.sources.content import blob_id, is_binary
from callpath.sources.elixir import Access, ElixirSource, open_elixir
from callpath.sources.fetching import Fetch
from callpath.sources.git_history import GitHistory, Release, ReleaseFiles
from callpath.sources.opening import below_root, open_source
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
    "CACHE",
    "Access",
    "CacheFiles",
    "CacheSource",
    "Cause",
    "ElixirSource",
    "Fetch",
    "FileText",
    "GitHistory",
    "Manifest",
    "Missing",
    "Progress",
    "ReadResult",
    "Release",
    "ReleaseFiles",
    "Source",
    "Unknown",
    "Unreadable",
    "below_root",
    "blob_id",
    "is_binary",
    "open_cache",
    "open_elixir",
    "open_source",
]

"""What asking a site for a file can come to, as values. Knows no HTTP library."""

from dataclasses import dataclass

from callpath.sources.source import Cause


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer.

    Attributes:
        status: The HTTP status.
        content_type: The media type in lower case, without parameters; empty when not told.
        data: The body, unchanged.
    """

    status: int
    content_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class NoReply:
    """Nothing that could be taken for an answer.

    Attributes:
        cause: What went wrong.
        reason: Goes on after the host: `answered with status 503`.
    """

    cause: Cause
    reason: str

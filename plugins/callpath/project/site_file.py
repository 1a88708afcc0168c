"""A file that the build writes beside the pages."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SiteFile:
    """A file that the build writes beside the pages.

    Attributes:
        path: Where it is, relative to the site's root.
        content: Makes its text; called at most once a build.
    """

    path: str
    content: Callable[[], str]

"""Generated pages that hold prose of notes: whose each text is, and where its links lead from."""

from collections.abc import Callable
from dataclasses import dataclass
from posixpath import dirname, join, normpath, relpath
from urllib.parse import quote, urlsplit

from callpath.project.headings import Heading


@dataclass(frozen=True, slots=True)
class PartOwner:
    """Whose prose a text is.

    Attributes:
        note: The source path of its note; empty when it is the page's own.
        version: The version that its `src:` links are read against, where it is not the note's.
    """

    note: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class ProsePage:
    """A generated page with prose in it.

    Attributes:
        path: Its source path, as if it were a Markdown file.
        title: Its title, plain text.
        description: One line about it.
        boost: How much it counts in search, 1.0 as usual.
        headline: A title that tells it from all other pages.
        markdown: Makes the prose, to be rendered in one pass by the site's own Markdown.
        html: Given what that made of it, makes what stands on the page.
        headings: Makes its table of contents.
        owners: Whose each of the joined texts is, in order.
    """

    path: str
    title: str
    description: str
    boost: float
    headline: str
    markdown: Callable[[], str]
    html: Callable[[str], str]
    headings: Callable[[], tuple[Heading, ...]]
    owners: tuple[PartOwner, ...]

    def owner(self, part: int) -> PartOwner:
        """Whose a text is.

        Parameters:
            part: Its number, 0-based; what stands beyond the last is the page's own.
        """
        return self.owners[part] if part < len(self.owners) else PartOwner()

    def rebased(self, part: int, target: str) -> str:
        """The target of a link in a text, as it must be written on this page.

        Parameters:
            part: The text's number, 0-based.
            target: As its note has it.
        """
        owner = self.owner(part).note
        try:
            parts = urlsplit(target)
        except ValueError:  # a malformed address is no page
            return target
        if not owner or parts.scheme or parts.netloc or parts.path.startswith("/"):
            return target
        path = normpath(join(quote(dirname(owner)), parts.path)) if parts.path else quote(owner)
        slash = "/" if parts.path.endswith("/") else ""
        return parts._replace(path=relpath(path, dirname(self.path) or ".") + slash).geturl()

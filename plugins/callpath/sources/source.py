"""What a source is, and what reading a path in it can give. Knows no kind of source."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import TracebackType
from typing import Protocol, Self, TypeAlias

from callpath.core.model import Pin
from callpath.sources.version import kernel_version


@dataclass(frozen=True, slots=True)
class FileText:
    """A text file of the tree.

    Attributes:
        path: The path as it was asked for, even when a link led elsewhere.
        data: Its bytes, unchanged.
        blob: Git's id of these bytes, 40 hex digits.
    """

    path: str
    data: bytes
    blob: str


@dataclass(frozen=True, slots=True)
class Missing:
    """The tree has nothing at this path."""

    path: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """There is something at this path, or it cannot be told, but no text can be had.

    Attributes:
        path: The path as it was asked for.
        reason: Goes on after the path: `is a directory`.
    """

    path: str
    reason: str


class Cause(StrEnum):
    """What keeps a site on the network from telling what it has at a path."""

    CHALLENGE = "challenge"  # a page of its bot wall
    REFUSED = "refused"  # status 401 or 403
    BUSY = "busy"  # status 429
    SERVER_ERROR = "server error"  # status 500 to 599
    TIME_OUT = "time-out"
    UNREACHABLE = "unreachable"  # no such host, or no connection
    INSECURE = "insecure"  # TLS
    BROKEN = "broken"  # cut off, or no valid HTTP
    TOO_LARGE = "too large"
    REDIRECTED = "redirected"  # to something else than what was asked for
    UNEXPECTED = "unexpected"  # a status or a kind of answer that means nothing here
    NOT_ASKED = "not asked"  # given up after other files


@dataclass(frozen=True, slots=True)
class Unknown:
    """What the tree has at this path was asked, and no answer came that says it.

    It proves nothing: neither that the file is there nor that it is not.

    Attributes:
        path: The path as it was asked for.
        cause: What went wrong.
        reason: The same as a clause: "`example.org` answered with status 503".
    """

    path: str
    cause: Cause
    reason: str


ReadResult: TypeAlias = FileText | Missing | Unreadable | Unknown

Progress: TypeAlias = Callable[[int, int], None]
"""Called now and then with how much is done and how much there is, in units of the source."""


class Source(Protocol):
    """One tree that C text is read from.

    Attributes:
        spec: The source as the user wrote it.
        pin: The version that it is read at.
    """

    spec: str
    pin: Pin

    @property
    def searchable(self) -> bool:
        """Whether the whole tree can be listed and scanned."""
        ...

    def read(self, paths: Iterable[str], progress: Progress | None = None) -> Iterator[ReadResult]:
        """Read each of the paths once; the results are sorted by path."""
        ...

    def paths(self) -> Sequence[str]:
        """Every regular `.c`, `.h` and `.S` file, sorted; empty when not searchable."""
        ...

    def find_words(
        self, words: Collection[str], progress: Progress | None = None
    ) -> Mapping[str, Sequence[str]]:
        """Find the `.c` and `.h` files that hold each identifier as a whole word, in one scan.

        Parameters:
            words: The identifiers; what is no C identifier is found nowhere.
            progress: Told how far the scan is.

        Returns:
            For every word its files, sorted; nothing for any when the source is not searchable.
        """
        ...

    def close(self) -> None:
        """Let go of files and processes. A closed source must not be used again."""
        ...

    def version(self) -> str | None:
        """The version that the tree says it is (`v3.7`), or nothing when it cannot be told."""
        if self.pin.project != "linux":
            return None
        makefile = next(iter(self.read(["Makefile"])))
        return kernel_version(makefile.data) if isinstance(makefile, FileText) else None

    def commit(self) -> str:
        """The commit that is read, 40 hex digits; empty when that cannot be told."""
        return ""

    def __enter__(self) -> Self:
        """The source itself; it is closed at the end of the `with` block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the source."""
        self.close()

"""How one host is treated: when it may be asked again, and when no more. Sends nothing itself."""

import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

LONGEST_PAUSE = 120.0
"""Seconds: a host that asks for a longer pause is not asked again in this run."""

_PATIENCE = 5
"""After so many files in a row without an answer a host is not asked any more."""


class Host:
    """A host that is asked one thing at a time.

    Parameters:
        name: Its name, with the port when the address has one.
        delay: Seconds that lie at least between the end of a request and the next one.

    Attributes:
        closed: Why it is not asked any more, as the end of a sentence; empty while it is.
    """

    def __init__(self, name: str, delay: float) -> None:
        self.name = name
        self.closed = ""
        self._delay = delay
        self._free_at = time.monotonic()
        self._unanswered = 0

    def wait(self) -> None:
        """Sleep until it may be asked."""
        pause = self._free_at - time.monotonic()
        if pause > 0:
            time.sleep(pause)

    def rest(self, seconds: float = 0.0) -> None:
        """Leave it alone for so many seconds, and at least for the delay."""
        self._free_at = max(self._free_at, time.monotonic() + max(seconds, self._delay))

    def close(self, reason: str) -> None:
        """Ask it no more."""
        self.closed = reason

    def count(self, *, answered: bool) -> None:
        """Take note of whether a file had an answer; too many in a row without close the host."""
        self._unanswered = 0 if answered else self._unanswered + 1
        if self._unanswered >= _PATIENCE and not self.closed:
            self.close(f"gave no answer {_PATIENCE} times in a row and is not asked any more")


def pause_asked(retry_after: str) -> float | None:
    """The seconds that a `Retry-After` header asks for (RFC 9110, section 10.2.3).

    Parameters:
        retry_after: Its value: seconds or an HTTP date. A date in the past asks for no pause.

    Returns:
        The seconds; nothing when the value is neither.
    """
    value = retry_after.strip()
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return max(0.0, (date - datetime.now(UTC)).total_seconds())

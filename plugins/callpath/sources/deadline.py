"""A limit on the whole of a request, which the limits on its single reads cannot give."""

import socket
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self


class Deadline:
    """Ends a connection that takes too long, however steadily it drips.

    Parameters:
        seconds: How long it may take.

    Attributes:
        passed: Whether it took longer.
    """

    def __init__(self, seconds: float) -> None:
        self.passed = False
        self._copy: socket.socket | None = None
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._pass)
        self._timer.daemon = True

    def watch(self, event: str, info: Mapping[str, Any]) -> None:
        """Learn of a connection: the `trace` extension of a request."""
        if not event.endswith("connect_tcp.complete"):
            return
        # A copy of the handle stays valid when TLS takes the socket over, and ends both.
        copy: socket.socket = info["return_value"].get_extra_info("socket").dup()
        with self._lock:
            self._forget()
            self._copy = copy
            if self.passed:
                self._cut()

    def _pass(self) -> None:
        with self._lock:
            self.passed = True
            self._cut()

    def _cut(self) -> None:
        if self._copy is not None:
            try:
                self._copy.shutdown(socket.SHUT_RDWR)
            except OSError:  # the other side was faster
                return

    def _forget(self) -> None:
        if self._copy is not None:
            self._copy.close()
            self._copy = None

    def __enter__(self) -> Self:
        """Start the clock."""
        self._timer.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop the clock."""
        self._timer.cancel()
        self._timer.join()
        with self._lock:
            self._forget()

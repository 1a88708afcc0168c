"""One polite GET: paced, limited, retried. The only module that imports httpx2 and stamina.

Their exceptions are mapped here, to a `NoReplyError`. It never sends anything but GET, never
leaves the host, and keeps no cookie. Does not depend on what is asked for.
"""

import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from importlib.metadata import version
from typing import Any

import httpx2
import stamina
from msgspec import Struct

from callpath.findings import SourceError
from callpath.model import shown
from callpath.settings import Online
from callpath.sources.base import LARGE, LARGEST, Cause

LONGEST_PAUSE = 120.0  # seconds: a host that asks for a longer pause is not asked again in this run
_PATIENCE = 5  # after so many files in a row without an answer a host is not asked any more

_MOST_REDIRECTS = 3
_SHORTEST_BACK_OFF = 0.1

# Without this Python prints each retry on standard error when the program set up no logging.
logging.getLogger("stamina").addHandler(logging.NullHandler())


class Reply(Struct, frozen=True):
    """A whole answer."""

    status: int
    content_type: str  # in lower case, without parameters; empty if there is none
    data: bytes  # the body, unchanged


class NoReplyError(Exception):
    """A request came to nothing that could be taken for an answer."""

    def __init__(self, cause: Cause, reason: str, *, again: bool | float = False) -> None:
        super().__init__(reason)
        self.cause = cause
        self.reason = reason  # goes on after the host: `answered with status 503`
        self.again = again  # whether to try once more; or the seconds that the host asks to wait


class Client:
    """Asks one host, one thing at a time. No connection outlives an answer.

    Raises SourceError if the environment's proxy or certificates cannot be used.
    """

    def __init__(self, host: str, settings: Online) -> None:
        self.host = host  # its name, with the port if the address has one
        self.closed = ""  # why it is not asked any more, as the end of a sentence
        self._settings = settings
        self._free_at = time.monotonic()
        self._unanswered = 0
        try:
            self._client = httpx2.Client(
                # A compressed body that is cut off cannot be told from a whole one.
                headers={
                    "User-Agent": f"callpath/{version('callpath')}",
                    "Accept-Encoding": "identity",
                    "Connection": "close",
                },
                verify=_trust(),
                timeout=settings.timeout,
                limits=httpx2.Limits(max_connections=1, max_keepalive_connections=0),
                follow_redirects=False,
            )
        except (ValueError, ImportError, OSError, httpx2.InvalidURL) as error:
            raise SourceError(
                f"the network cannot be used: {error}",
                "correct the proxy or certificate variables of the environment",
            ) from error

    def count(self, *, answered: bool) -> None:
        """Take note of whether a file had an answer; too many in a row without close the host."""
        self._unanswered = 0 if answered else self._unanswered + 1
        if self._unanswered >= _PATIENCE and not self.closed:
            self.closed = f"gave no answer {_PATIENCE} times in a row and is not asked any more"

    def get(self, address: str, kept: str) -> Reply:
        """Ask for one file; raises NoReplyError if no answer came.

        A redirect is followed only to an address whose path ends in `kept`.
        """
        if self.closed:
            raise NoReplyError(Cause.NOT_ASKED, self.closed)
        back_off = max(self._settings.delay, _SHORTEST_BACK_OFF)
        attempts = stamina.retry_context(
            on=lambda error: isinstance(error, NoReplyError) and error.again,
            attempts=self._settings.retries + 1,
            timeout=None,
            wait_initial=back_off,
            wait_max=LONGEST_PAUSE,
            wait_jitter=back_off,
        )
        for attempt in attempts:
            with attempt:
                return self._follow(httpx2.URL(address), kept)
        raise AssertionError("a retry ends with an answer or with a failure")

    def _follow(self, address: httpx2.URL, kept: str) -> Reply:
        for _ in range(_MOST_REDIRECTS + 1):
            answer = self._ask(address)
            if isinstance(answer, Reply):
                return answer
            if not _is_same_place(address, answer, kept):
                reason = f"leads elsewhere, to {shown(str(answer))}"
                raise NoReplyError(Cause.REDIRECTED, reason)
            address = answer
        raise NoReplyError(Cause.REDIRECTED, "leads in a circle")

    def _ask(self, address: httpx2.URL) -> Reply | httpx2.URL:
        """The answer, or the address that a redirect names."""
        time.sleep(max(0.0, self._free_at - time.monotonic()))
        try:
            with (
                _limited(self._settings.timeout) as trace,
                self._client.stream("GET", address, extensions={"trace": trace}) as response,
            ):
                return self._read(response)
        finally:
            self._rest()
            self._client.cookies.clear()

    def _rest(self, seconds: float = 0.0) -> None:
        """Leave the host alone for so many seconds, and at least for the delay."""
        rested_at = time.monotonic() + max(seconds, self._settings.delay)
        self._free_at = max(self._free_at, rested_at)

    def _read(self, response: httpx2.Response) -> Reply | httpx2.URL:
        is_busy = response.status_code == httpx2.codes.TOO_MANY_REQUESTS
        if is_busy or response.is_server_error:
            raise self._overload(response, Cause.BUSY if is_busy else Cause.SERVER_ERROR)
        if response.next_request is not None:
            return response.next_request.url
        encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
        if encoding != "identity":
            reason = f"answered in the encoding {shown(encoding)}, which was not asked for"
            raise NoReplyError(Cause.BROKEN, reason)
        if not {"content-length", "transfer-encoding"} & set(response.headers):
            reason = "does not say how long its answer is, which may be cut off"
            raise NoReplyError(Cause.BROKEN, reason)
        media_type = response.headers.get("Content-Type", "").partition(";")[0]
        return Reply(response.status_code, media_type.strip().lower(), _body(response))

    def _overload(self, response: httpx2.Response, cause: Cause) -> NoReplyError:
        """The failure of a host that cannot answer now, which may say when it can."""
        reason = f"answered with status {response.status_code}"
        pause = pause_asked(response.headers.get("Retry-After", ""))
        if pause is None or pause <= LONGEST_PAUSE:
            self._rest(pause or 0.0)
            return NoReplyError(cause, reason, again=True if pause is None else pause)
        self.closed = f"asked for a pause of {pause:.0f} s and is not asked any more"
        return NoReplyError(cause, f"{reason} and asks for a pause of {pause:.0f} s")


@cache
def _trust() -> ssl.SSLContext:
    """The certificates of the system; reading them takes a tenth of a second."""
    return httpx2.create_ssl_context()


def _is_same_place(address: httpx2.URL, target: httpx2.URL, kept: str) -> bool:
    """Whether a redirect stays on the host and leads to the same file."""
    origin, other = (address.scheme, address.port), (target.scheme, target.port)
    is_secured = (origin, other) == (("http", None), ("https", None))
    return (
        address.host == target.host
        and (origin == other or is_secured)
        and target.path.endswith(kept)
        and not target.userinfo
    )


def _body(response: httpx2.Response) -> bytes:
    """The body, read no further than a text file can be large."""
    data = bytearray()
    for chunk in response.iter_raw():
        data += chunk
        if len(data) > LARGEST:
            raise NoReplyError(Cause.TOO_LARGE, f"sent something that {LARGE}")
    return bytes(data)


def pause_asked(retry_after: str) -> float | None:
    """The seconds that the value of a `Retry-After` header asks for (RFC 9110, section 10.2.3).

    It is in seconds or an HTTP date, which may be past; None if it is neither.
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


@contextmanager
def _limited(seconds: float) -> Iterator[Callable[[str, Mapping[str, Any]], None]]:
    """A time limit on all that is done inside, where every failure is a `NoReplyError`.

    Gives the `trace` extension that requests must have: it learns of their connections, which are
    ended when the time is over, however steadily they drip.
    """
    too_late = NoReplyError(Cause.TIME_OUT, f"gave no whole answer in {seconds:g} s", again=True)
    passed = threading.Event()
    connections: list[socket.socket] = []

    def trace(event: str, info: Mapping[str, Any]) -> None:
        if event.endswith("connect_tcp.complete"):
            # A copy of the handle stays valid when TLS takes the socket over, and ends both.
            connections.append(info["return_value"].get_extra_info("socket").dup())
            if passed.is_set():
                expire()

    def expire() -> None:
        passed.set()  # first, so that a connection made meanwhile is ended by `trace`
        for each in connections:
            with suppress(OSError):  # the other side was faster
                each.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, expire)
    timer.daemon = True
    timer.start()
    try:
        yield trace
    except httpx2.TimeoutException as error:
        raise too_late from error
    except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError) as error:
        raise too_late if passed.is_set() else _failure(error) from error
    except (OSError, UnicodeError) as error:
        raise _failure(error) from error
    finally:
        timer.cancel()
        timer.join()
        for each in connections:
            each.close()


def _failure(error: Exception) -> NoReplyError:
    """What an exception of the library, and what it came from, means."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            reason = f"cannot be trusted: {cause.reason or 'TLS failed'}"
            return NoReplyError(Cause.INSECURE, reason.replace("_", " ").lower())
        if isinstance(cause, socket.gaierror):
            return NoReplyError(Cause.UNREACHABLE, "cannot be found by its name", again=True)
        if isinstance(cause, ConnectionRefusedError):
            return NoReplyError(Cause.UNREACHABLE, "refused the connection", again=True)
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpx2.ConnectError | httpx2.ProxyError | UnicodeError):
        return NoReplyError(Cause.UNREACHABLE, "cannot be reached", again=True)
    is_invalid = isinstance(error, httpx2.RemoteProtocolError)
    broken = "its answer, or sent no valid one" if is_invalid else "the connection"
    return NoReplyError(Cause.BROKEN, f"broke off {broken}", again=True)

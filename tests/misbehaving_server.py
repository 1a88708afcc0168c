"""An HTTP server on the loopback interface that does, path by path, what it is told to: also wrong.

It speaks HTTP by hand, on sockets, so that it can break off anywhere. `Server.answer` gives a path
its behaviours: one for each request, the last one for all that follow.
"""

import socket
import struct
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import Message
from email.parser import Parser
from itertools import pairwise
from types import TracebackType
from typing import Self

CHALLENGE = b"""<!doctype html><html lang="en"><head>
<title>Making sure you&#39;re not a bot!</title>
<link rel="stylesheet" href="/.within.website/x/xess/xess.css"></head>
<body><script id="anubis_challenge" type="application/json">{}</script>
<h1>Making sure you're not a bot!</h1></body></html>"""
NOT_FOUND = b"<!doctype html><html><title>Elixir</title><h1>This file does not exist.</h1></html>"
RAW = "application/octet-stream"
PAGE = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Request:
    """A request as it arrived; `time` is of the monotonic clock."""

    method: str
    target: str
    headers: Message
    time: float


@dataclass
class Exchange:
    """One connection, after its request was read."""

    request: Request
    connection: socket.socket
    stopped: threading.Event

    def send(self, *parts: bytes) -> None:
        self.connection.sendall(b"".join(parts))

    def reset(self) -> None:
        """Close the connection with an RST instead of a FIN."""
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


Behaviour = Callable[[Exchange], None]


def head(status: int, *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status} Told", "Connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode()


def answer(status: int, body: bytes = b"", kind: str = PAGE, *headers: str) -> Behaviour:
    told = (f"Content-Type: {kind}", f"Content-Length: {len(body)}", *headers)
    return lambda exchange: exchange.send(head(status, *told), body)


def raw(text: bytes) -> Behaviour:
    """What elixir answers to `?raw=1`."""
    return answer(200, text, RAW, "Content-Disposition: attachment", "Cache-Control: max-age=86400")


def chunked(text: bytes) -> Behaviour:
    told = (f"Content-Type: {RAW}", "Transfer-Encoding: chunked")
    body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(text), text)
    return lambda exchange: exchange.send(head(200, *told), body)


def without_length(text: bytes) -> Behaviour:
    return lambda exchange: exchange.send(head(200, f"Content-Type: {RAW}"), text)


def missing() -> Behaviour:
    """What elixir answers to `?raw=1` when it does not have the path or the version."""
    return answer(400, NOT_FOUND)


def challenge(status: int = 200, kind: str = PAGE) -> Behaviour:
    return answer(status, CHALLENGE, kind, "Set-Cookie: anubis-cookie=1; Path=/")


def redirect(location: str, status: int = 302) -> Behaviour:
    return answer(status, b"", PAGE, f"Location: {location}")


def silence(exchange: Exchange) -> None:
    exchange.stopped.wait(30)


def drip(start: bytes) -> Behaviour:
    """Some bytes, then one more every 50 ms, so that no single read takes long."""

    def behave(exchange: Exchange) -> None:
        exchange.send(start)
        while not exchange.stopped.wait(0.05):
            exchange.send(b"x")

    return behave


def drip_head() -> Behaviour:
    return drip(b"HTTP/1.1 200 Told\r\nX-Long: ")


def drip_body() -> Behaviour:
    return drip(head(200, f"Content-Type: {RAW}", "Content-Length: 100000"))


def close_at_once(exchange: Exchange) -> None:
    """No byte at all."""


def reset_in_head(exchange: Exchange) -> None:
    exchange.send(b"HTTP/1.1 200 Told\r\nContent-Ty")
    exchange.reset()


def reset_in_body(exchange: Exchange) -> None:
    exchange.send(head(200, f"Content-Type: {RAW}", "Content-Length: 1000"), b"int lamp;\n")
    time.sleep(0.05)
    exchange.reset()


def cut_off(exchange: Exchange) -> None:
    exchange.send(head(200, f"Content-Type: {RAW}", "Content-Length: 1000"), b"int lamp;\n")


def cut_off_chunk(exchange: Exchange) -> None:
    exchange.send(
        head(200, f"Content-Type: {RAW}", "Transfer-Encoding: chunked"), b"a\r\nint lamp;\n\r\n"
    )


def no_http(exchange: Exchange) -> None:
    exchange.send(b"220 mail.example.org ESMTP\r\n")


def compressed(body: bytes) -> Behaviour:
    return answer(200, body, RAW, "Content-Encoding: gzip")


def announced_huge(exchange: Exchange) -> None:
    exchange.send(head(200, f"Content-Type: {RAW}", f"Content-Length: {1 << 40}"))
    _send_for_ever(exchange, b"/* lamp */\n" * 1000)


def endless(exchange: Exchange) -> None:
    exchange.send(head(200, f"Content-Type: {RAW}", "Transfer-Encoding: chunked"))
    part = b"/* lamp */\n" * 1000
    _send_for_ever(exchange, b"%x\r\n%s\r\n" % (len(part), part))


def _send_for_ever(exchange: Exchange, part: bytes) -> None:
    while not exchange.stopped.is_set():
        exchange.send(part)


@dataclass
class Server:
    """The server, in a `with` block.

    Attributes:
        requests: Every request that came, in order.
    """

    requests: list[Request] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._behaviours: dict[str, list[Behaviour]] = {}
        self._stopped = threading.Event()
        self._threads: list[threading.Thread] = []
        self._listening = socket.create_server(("127.0.0.1", 0))

    @property
    def port(self) -> int:
        return int(self._listening.getsockname()[1])

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def answer(self, path: str, *behaviours: Behaviour) -> None:
        """What a path (without its query) does; other paths are 404."""
        self._behaviours[path] = list(behaviours)

    def targets(self) -> list[str]:
        return [request.target for request in self.requests]

    def counts(self) -> dict[str, int]:
        """How often each file was asked for, by the last part of its path."""
        found: dict[str, int] = defaultdict(int)
        for target in self.targets():
            found[target.partition("?")[0].rpartition("/")[2]] += 1
        return dict(found)

    def gaps(self) -> list[float]:
        """The seconds between each two requests that followed one another."""
        times = [request.time for request in self.requests]
        return [later - earlier for earlier, later in pairwise(times)]

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stopped.set()
        # A connection of our own wakes the thread that waits for one.
        socket.create_connection(("127.0.0.1", self.port)).close()
        for thread in self._threads:
            thread.join(5)
            assert not thread.is_alive()
        self._listening.close()

    def _start(self, work: Callable[..., None], *given: object) -> None:
        thread = threading.Thread(target=work, args=given, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            connection, _ = self._listening.accept()
            if self._stopped.is_set():
                connection.close()
                return
            self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        arrived = time.monotonic()
        with connection:
            connection.settimeout(10)
            try:
                request = _read_request(connection, arrived)
                if request is not None:
                    self.requests.append(request)
                    self._behave(Exchange(request, connection, self._stopped))
            except OSError:
                return  # the client has gone, as some of these tests want

    def _behave(self, exchange: Exchange) -> None:
        behaviours = self._behaviours.get(exchange.request.target.partition("?")[0])
        if not behaviours:
            answer(404, NOT_FOUND)(exchange)
        elif len(behaviours) > 1:
            behaviours.pop(0)(exchange)
        else:
            behaviours[0](exchange)


def _read_request(connection: socket.socket, arrived: float) -> Request | None:
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        data += part
        if not part or data.startswith(b"\x16"):  # closed, or TLS, which this server does not speak
            connection.sendall(head(400))
            return None
    first, _, rest = data.decode("latin-1").partition("\r\n")
    method, target, _ = first.split(" ")
    return Request(method, target, Parser().parsestr(rest), arrived)

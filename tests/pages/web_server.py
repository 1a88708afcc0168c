"""Serves a built site on the loopback interface as a host would, below the path of its address.

Text is sent compressed, everything may be cached, and what was sent is counted.
"""

import gzip
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from built_site import ADDRESS

_PREFIX = urlsplit(ADDRESS).path
_COMPRESSED = {".html", ".css", ".js", ".json", ".svg", ".txt", ".xml"}
_LEVEL = 6
"""gzip's own default, which most hosts keep."""
_PAUSE = 0.02
"""Seconds between two pieces of a page: longer than a frame takes, so that each is drawn."""


@dataclass(frozen=True)
class Sent:
    """A file that was sent: its path below the site's folder, its bytes without headers."""

    path: str
    size: int


@lru_cache(maxsize=256)
def _compressed(data: bytes) -> bytes:
    return gzip.compress(data, _LEVEL, mtime=0)


class _Handler(SimpleHTTPRequestHandler):
    """Gives files; in the sitemap, by which Material knows its own pages, with this address."""

    protocol_version = "HTTP/1.1"

    def __init__(
        self,
        *args: Any,
        base: str,
        sent: list[Sent],
        cuts: dict[Path, Sequence[int]],
        **kwargs: Any,
    ) -> None:
        self._base = base
        self._sent = sent
        self._cuts = cuts
        super().__init__(*args, **kwargs)

    def translate_path(self, path: str) -> str:
        inside = path.startswith(_PREFIX)
        return super().translate_path("/" + path.removeprefix(_PREFIX) if inside else "/nowhere")

    def do_GET(self) -> None:
        file = Path(self.translate_path(self.path))
        if file.is_dir():
            if not urlsplit(self.path).path.endswith("/"):
                super().do_GET()  # which redirects
                return
            file /= "index.html"
        if file in self._cuts:
            self._send_in_pieces(file.read_bytes(), self._cuts[file])
        elif file.is_file():
            self._send(file)
        else:
            self.send_error(HTTPStatus.NOT_FOUND)

    def _send(self, file: Path) -> None:
        data = file.read_bytes()
        if file.name == "sitemap.xml":
            data = data.replace(ADDRESS.encode(), self._base.encode())
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", self.guess_type(str(file)))
        if file.suffix in _COMPRESSED and "gzip" in self.headers.get("Accept-Encoding", ""):
            data = _compressed(data)
            self.send_header("Content-Encoding", "gzip")
        age = 600 if file.suffix == ".html" else 365 * 24 * 3600
        self.send_header("Cache-Control", f"max-age={age}")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
        self._sent.append(Sent(file.relative_to(self.directory).as_posix(), len(data)))

    def _send_in_pieces(self, data: bytes, cuts: Sequence[int]) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for start, end in pairwise((0, *cuts, len(data))):
            self.wfile.write(b"%x\r\n%s\r\n" % (end - start, data[start:end]))
            time.sleep(_PAUSE)
        self.wfile.write(b"0\r\n\r\n")

    def guess_type(self, path: Any) -> str:
        kind = super().guess_type(path)
        return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


class Served:
    """A built site that is being served; `address` is that of its home page.

    `sent` grows with every file that is sent, in order. A page that `cuts` names is sent in pieces,
    each drawn before the next comes: they end at these offsets in bytes, which ascend.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.sent: list[Sent] = []
        self.cuts: dict[Path, Sequence[int]] = {}
        handler = partial(_Handler, directory=str(root), sent=self.sent, cuts=self.cuts)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}{_PREFIX}"
        handler.keywords["base"] = self.address
        self._thread = Thread(target=self._server.serve_forever)

    def __enter__(self) -> "Served":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

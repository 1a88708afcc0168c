"""Serves a built site on the loopback interface, below the path that it was built for."""

from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from built_site import ADDRESS

_PREFIX = urlsplit(ADDRESS).path


class _Handler(SimpleHTTPRequestHandler):
    """Gives files; in the sitemap, by which Material knows its own pages, with this address."""

    def __init__(self, *args: Any, base: str, **kwargs: Any) -> None:
        self._base = base
        super().__init__(*args, **kwargs)

    def translate_path(self, path: str) -> str:
        inside = path.startswith(_PREFIX)
        return super().translate_path("/" + path.removeprefix(_PREFIX) if inside else "/nowhere")

    def do_GET(self) -> None:
        if self.path != f"{_PREFIX}sitemap.xml":
            super().do_GET()
            return
        text = Path(self.translate_path(self.path)).read_text(encoding="utf-8")
        data = text.replace(ADDRESS, self._base).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


class Served:
    """A built site that is being served; `address` is that of its home page."""

    def __init__(self, root: Path) -> None:
        handler = partial(_Handler, directory=str(root))
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

"""A real git server on the loopback interface: `git http-backend` behind HTTP, or `git daemon`.

The HTTP server writes down what it was asked for, and can be told to answer wrongly: to refuse, to
break off in the middle, to stop and wait, or to be older than the protocol's version 2.
"""

import gzip
import os
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

_SETTINGS = {"uploadpack.allowFilter": "true", "uploadpack.allowAnySHA1InWant": "true"}
"""As git.kernel.org has it."""


def need_git() -> None:
    """Skip the test where git or its server is not installed; in CI that is a failure."""
    lacking = "git is not installed: install the package `git`"
    if shutil.which("git"):
        folder = Path(_run("git", "--exec-path").strip())
        programs = ("git-http-backend", "git-daemon")
        if all((folder / name).exists() for name in programs):
            return
        lacking = "git's server is not installed: install the package `git`, or `git-daemon`"
    (pytest.fail if os.environ.get("CI") else pytest.skip)(lacking)


def git(folder: Path, *words: str) -> str:
    """Run git in a folder, with no settings but its own."""
    return _run("git", "-c", "user.name=a", "-c", "user.email=a@example.org", *words, folder=folder)


def _run(*command: str, folder: Path | None = None) -> str:
    variables = _environment()
    done = subprocess.run(command, cwd=folder, env=variables, capture_output=True, check=True)
    return done.stdout.decode()


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in os.environ if not name.startswith("GIT_")}
    return kept | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}


def make_repository(
    folder: Path,
    versions: Mapping[str, Mapping[str, str | bytes]],
    settings: Mapping[str, str] = _SETTINGS,
) -> Path:
    """A repository with these trees, one commit each, under annotated tags.

    A file whose content begins with `-> ` is a symbolic link.
    """
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet")
    for name, value in settings.items():
        git(folder, "config", name, value)
    for tag, files in versions.items():
        git(folder, "rm", "-rq", "--ignore-unmatch", ".")
        for path, content in files.items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, str) and content.startswith("-> "):
                file.symlink_to(content[3:])
            else:
                file.write_bytes(content if isinstance(content, bytes) else content.encode())
        git(folder, "add", "--all", "--force")
        git(folder, "commit", "--quiet", "--allow-empty", "--message", tag)
        git(folder, "tag", "--annotate", "--message", tag, tag)
    return folder


def commit_of(repository: Path, tag: str) -> str:
    """The commit that a tag names."""
    return git(repository, "rev-parse", f"{tag}^{{commit}}").strip()


@dataclass
class Reaction:
    """How a request is answered wrongly.

    Attributes:
        status: A status to refuse with; 0 to answer.
        after: Bytes of the answer that are sent before the connection is cut or the server waits;
            a fraction of the answer when it is less than 1.
        wait: Whether to wait for `go` there, instead of cutting.
        times: How often.
    """

    status: int = 0
    after: float = 0.5
    wait: bool = False
    times: int = 1_000_000
    reached: threading.Event = field(default_factory=threading.Event)
    go: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True)
class Request:
    """What was asked for.

    Attributes:
        repository: The repository's name.
        kind: `info`, `refs`, `tags` (commits and directories) or `files`.
        wants: The ids that were asked for.
    """

    repository: str
    kind: str
    wants: tuple[str, ...] = ()


class GitServer(ThreadingHTTPServer):
    """Serves the repositories in a folder.

    Attributes:
        requests: What was asked for, in order.
        reactions: By kind of request, how it is answered wrongly.
        old: Whether it knows only the protocol's version 0.
    """

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.folder = folder
        self.requests: list[Request] = []
        self.reactions: dict[str, Reaction] = {}
        self.old = False

    def url(self, name: str) -> str:
        """The address of a repository."""
        return f"http://127.0.0.1:{self.server_port}/{name}"

    def count(self, kind: str) -> int:
        """How many requests of a kind there were."""
        return sum(request.kind == kind for request in self.requests)

    def handle_error(self, request: object, client_address: object) -> None:
        """Nothing: clients that are killed break off."""


class _Handler(BaseHTTPRequestHandler):
    server: GitServer

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        data = self.rfile.read(int(self.headers["Content-Length"]))
        self._answer(data)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""

    def _answer(self, data: bytes) -> None:
        request = self._request(data)
        self.server.requests.append(request)
        reaction = self.server.reactions.get(request.kind)
        if reaction is None or reaction.times <= 0:
            self._send(*self._ask_git(data))
            return
        reaction.times -= 1
        if reaction.status:
            self.send_error(reaction.status)
            reaction.reached.set()
            return
        status, headers, body = self._ask_git(data)
        self._send(status, headers, body, reaction)

    def _request(self, data: bytes) -> Request:
        repository = self.path.split("/")[1]
        if self.command == "GET":
            return Request(repository, "info")
        if self.headers.get("Content-Encoding") == "gzip":
            data = gzip.decompress(data)
        wants = tuple(found.decode() for found in re.findall(rb"want ([0-9a-f]{40})", data))
        if not wants:
            return Request(repository, "refs")
        folder = self.server.folder / repository
        kind = git(folder, "cat-file", "-t", wants[0]).strip()
        return Request(repository, "files" if kind == "blob" else "tags", wants)

    def _ask_git(self, data: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        path, _, query = self.path.partition("?")
        variables = _environment() | {
            "GIT_PROJECT_ROOT": str(self.server.folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(data)),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "HTTP_GIT_PROTOCOL": "" if self.server.old else self.headers.get("Git-Protocol", ""),
        }
        done = subprocess.run(
            ["git", "http-backend"], input=data, env=variables, capture_output=True, check=False
        )
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        lines = [line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line]
        status = next((int(value[:3]) for name, value in lines if name == "Status"), 200)
        return status, [(name, value) for name, value in lines if name != "Status"], body

    def _send(
        self,
        status: int,
        headers: list[tuple[str, str]],
        body: bytes,
        reaction: Reaction | None = None,
    ) -> None:
        self.send_response(status)
        for name, value in [*headers, ("Content-Length", str(len(body)))]:
            self.send_header(name, value)
        self.end_headers()
        if reaction is None:
            self.wfile.write(body)
            return
        after = int(reaction.after * len(body) if reaction.after < 1 else reaction.after)
        self.wfile.write(body[:after])
        self.wfile.flush()
        reaction.reached.set()
        if reaction.wait:
            reaction.go.wait(30)
            self.wfile.write(body[after:])
        self.close_connection = True


@contextmanager
def serving(folder: Path) -> Iterator[GitServer]:
    """Serve the repositories in a folder over HTTP."""
    with GitServer(folder) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            for reaction in server.reactions.values():
                reaction.go.set()
            server.shutdown()
            thread.join()


def free_port() -> int:
    """A port of the loopback interface on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def daemon(folder: Path) -> Iterator[str]:
    """Serve the repositories in a folder with `git daemon`; its address."""
    port = free_port()
    # The program itself, not through `git`: that one would leave it behind when it is ended.
    program = str(Path(_run("git", "--exec-path").strip()) / "git-daemon")
    options = ["--listen=127.0.0.1", f"--port={port}", "--export-all", f"--base-path={folder}"]
    with subprocess.Popen(
        [program, "--reuseaddr", *options, str(folder)],
        env=_environment(),
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            _wait_for(port)
            yield f"git://127.0.0.1:{port}"
        finally:
            process.terminate()


def _wait_for(port: int) -> None:
    end = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)
        else:
            return

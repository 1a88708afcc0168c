"""Runs programs and measures them: processor time, wall time, memory; it does not judge them."""

import os
import re
import resource
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from signal import SIGTERM

PATIENCE = 1200.0
"""Seconds after which a page that does not come is given up."""
_PAUSE = 0.2
"""Seconds between two looks at the memory."""
_POLL = 0.05
"""Seconds between two looks at a page that is waited for."""
_PSS = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)


class MeasureError(Exception):
    """A program did not do what is measured, or what it needs is not there."""


@dataclass(frozen=True)
class Usage:
    """What a program took, with all processes that it started and waited for.

    Attributes:
        processor: User and system time, in seconds.
        wall: In seconds.
        memory: The most that all of its processes had at one time, in MB (10^6 bytes).
        out: Its standard output.
    """

    processor: float
    wall: float
    memory: float
    out: str


def run(
    *command: str | Path,
    at: Path,
    statuses: Sequence[int] = (0,),
    **variables: str,
) -> Usage:
    """Run a program to its end.

    Parameters:
        at: The folder that it runs in.
        statuses: The exit statuses of a success.
        variables: What is added to its environment.

    Raises:
        MeasureError: It ended with another status.
    """
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    with subprocess.Popen(  # noqa: S603 (commands of these modules)
        list(map(str, command)),
        cwd=at,
        env=environment(**variables),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        said: dict[str, bytes] = {}
        readers = [
            threading.Thread(target=_drain, args=(process, name, said)) for name in ("out", "err")
        ]
        memory = Memory(process.pid)
        for thread in (*readers, memory):
            thread.start()
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        memory.ended.set()
        for thread in (*readers, memory):
            thread.join()
    if process.returncode not in statuses:
        last = said["err"].decode("utf-8", "replace").strip().splitlines()[-5:]
        named = " ".join(map(str, command[-6:]))
        raise MeasureError(f"`{named}` ended with {process.returncode}: {' / '.join(last)}")
    # Of one process: no look can be too late for it. Linux counts what this process had when it
    # made the other, so that nothing up to that says anything.
    largest = used.ru_maxrss if used.ru_maxrss > own else 0
    return Usage(
        used.ru_utime + used.ru_stime,
        wall,
        max(memory.most, largest * 1024 / 1e6),
        said["out"].decode("utf-8", "replace"),
    )


def _drain(process: subprocess.Popen[bytes], name: str, said: dict[str, bytes]) -> None:
    stream = process.stdout if name == "out" else process.stderr
    said[name] = stream.read() if stream else b""


def environment(**variables: str) -> dict[str, str]:
    """The environment of every program: nothing that changes what it does or prints."""
    dropped = ("CALLPATH_", "GIT_", "MAKE", "MFLAGS", "PYTHON", "SITE_URL", "VENV", "VIRTUAL_ENV")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    return kept | {"NO_MKDOCS_2_WARNING": "1", "NO_COLOR": "1", "PYTHONUTF8": "1"} | variables


class Memory(threading.Thread):
    """Looks again and again at what a process and its descendants have in memory.

    A page that several of them share counts once (Linux' proportional set size); elsewhere than on
    Linux nothing is seen, and `most` stays 0.
    """

    def __init__(self, process: int) -> None:
        super().__init__(daemon=True)
        self.most = 0.0
        self.ended = threading.Event()
        self._process = process

    def run(self) -> None:
        while not self.ended.wait(_PAUSE):
            # A child between `vfork` and `exec` is its parent, number for number: it counts once.
            told = {_memory_of(process) for process in family(self._process)}
            sizes = (int(size) for text in told for size in _PSS.findall(text))
            self.most = max(self.most, sum(sizes) * 1024 / 1e6)


def _memory_of(process: int) -> str:
    """What the system says of a process's memory; empty if it has ended."""
    with suppress(OSError):
        return Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
    return ""


def family(process: int) -> list[int]:
    """A process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parent = (
                stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1]
            )
            children.setdefault(int(parent), []).append(int(stat.parent.name))
    found = [process]
    for each in found:
        found += children.get(each, ())
    return found


@dataclass(frozen=True)
class Tree:
    """A checkout of Callpath whose programs are run.

    Attributes:
        root: The checkout.
        python: The interpreter of its environment.
    """

    root: Path
    python: Path

    @classmethod
    def of(cls, root: Path) -> "Tree":
        """A checkout with its own environment, or else with the one that runs this."""
        own = root / ".venv/bin/python"
        return cls(root, own if own.exists() else Path(sys.executable))

    def callpath(self, *words: str | Path, at: Path, statuses: Sequence[int] = (0, 1)) -> Usage:
        """Run the command; findings are no failure."""
        return self.program(
            "from callpath.cli import main; main()", *words, at=at, statuses=statuses
        )

    def program(
        self, text: str, *words: str | Path, at: Path, statuses: Sequence[int] = (0,)
    ) -> Usage:
        """Run a program in Python that imports this checkout."""
        return self.python_run("-c", text, *words, at=at, statuses=statuses)

    def mkdocs(self, *words: str | Path, at: Path) -> Usage:
        """Run MkDocs with this checkout's plugin."""
        return self.python_run("-m", "mkdocs", *words, at=at)

    def python_run(self, *words: str | Path, at: Path, statuses: Sequence[int] = (0,)) -> Usage:
        """Run the interpreter."""
        return run(self.python, *words, at=at, statuses=statuses, PYTHONPATH=self.path)

    @property
    def path(self) -> str:
        """Where its interpreter finds this checkout, whatever is installed."""
        return str(self.root / "plugins")


class Server:
    """A server that runs, and whose pages are asked for."""

    def __init__(self, process: subprocess.Popen[bytes], address: str, log: Path) -> None:
        self._process = process
        self._address = address
        self._log = log

    def shows(self, page: str, word: str) -> float:
        """Wait until a page has a word; how long that took, in seconds.

        Raises:
            Failed: The server ended, or it took too long.
        """
        start = time.perf_counter()
        while time.perf_counter() - start < PATIENCE:
            if self._process.poll() is not None:
                last = self._log.read_text(encoding="utf-8", errors="replace").splitlines()[-3:]
                raise MeasureError(f"the server ended: {' / '.join(last)}")
            if word in self._page(page):
                return time.perf_counter() - start
            time.sleep(_POLL)
        raise MeasureError(f"{page} never had `{word}`")

    def _page(self, page: str) -> str:
        """A page's text; empty while the server is not up."""
        try:
            with urllib.request.urlopen(f"{self._address}{page}", timeout=PATIENCE) as answer:  # noqa: S310
                return str(answer.read(), "utf-8")
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return ""


@contextmanager
def serving(
    command: Callable[[int], Sequence[str | Path]], *, at: Path, path: str = "", **variables: str
) -> Iterator[Server]:
    """A server while the block runs.

    Parameters:
        command: What starts it at a port.
        at: The folder that it runs in.
        path: Where its site begins.
        variables: What is added to its environment.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    log = at / ".serve.log"
    with (
        log.open("wb") as said,
        subprocess.Popen(  # noqa: S603 (commands of these modules)
            list(map(str, command(port))),
            cwd=at,
            env=environment(**variables),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        ) as process,
    ):
        try:
            yield Server(process, f"http://127.0.0.1:{port}/{path}", log)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, SIGTERM)  # the session that was started above
            process.wait()
            log.unlink()

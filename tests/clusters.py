"""A cluster of dask on this machine: a scheduler and workers, each a process of its own."""

import importlib.util
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

import callpath

with_dask = pytest.mark.skipif(
    importlib.util.find_spec("distributed") is None,
    reason="dask is not installed: pip install 'callpath[dask]'",
)
_PATHS = [Path(callpath.__file__).parents[1], Path(__file__).parent]
_PATIENCE = 60.0  # seconds after which what a test waits for will never be


def until(is_so: Callable[[], bool], what: str) -> None:
    """Wait for a state."""
    end = time.monotonic() + _PATIENCE
    while not is_so():
        assert time.monotonic() < end, f"never: {what}"
        time.sleep(0.02)


class LocalCluster:
    """A running scheduler, and its workers; with TLS if there is a folder with certificates."""

    def __init__(self, folder: Path, certificates: Path | None = None) -> None:
        self._folder = folder
        self._scheme = "tls" if certificates else "tcp"
        self._settings = tls_settings(certificates) if certificates else {}
        self.processes: list[subprocess.Popen[bytes]] = []
        log = folder / "scheduler.log"
        words = ["--protocol", self._scheme, "--host", "127.0.0.1", "--port", "0"]
        self.scheduler = self._start("dask_scheduler", log, words, {})
        until(lambda: b"Scheduler at:" in log.read_bytes(), "a scheduler")
        found = re.search(r"Scheduler at:\s+\w+://(\S+)", log.read_text())
        assert found
        self.place = found[1]
        self.executor = f"dask{'+tls' * bool(certificates)}://{self.place}"

    def add_workers(self, count: int, **settings: str) -> list[subprocess.Popen[bytes]]:
        """Start workers, which have these variables in their environment."""
        words = [f"{self._scheme}://{self.place}", "--nthreads", "1", "--no-nanny"]
        new: list[subprocess.Popen[bytes]] = []
        for number in range(len(self.processes), len(self.processes) + count):
            log = self._folder / f"worker{number}.log"
            new.append(self._start("dask_worker", log, words, settings))
            until(lambda log=log: b"Registered to:" in log.read_bytes(), "a worker")  # type: ignore[misc]
        return new

    def _start(
        self, program: str, log: Path, words: list[str], settings: Mapping[str, str]
    ) -> subprocess.Popen[bytes]:
        paths = {"PYTHONPATH": os.pathsep.join(map(str, _PATHS))}
        command = [sys.executable, "-m", f"distributed.cli.{program}", "--no-dashboard", *words]
        with log.open("wb") as file:
            process = subprocess.Popen(
                command,
                cwd=self._folder,
                env={**os.environ, **paths, **self._settings, **settings},
                stdout=file,
                stderr=file,
            )
        self.processes.append(process)
        return process

    def stop(self) -> None:
        """End all processes."""
        for process in reversed(self.processes):
            process.kill()
            process.wait()


def make_certificates(folder: Path) -> None:
    """A key and a certificate of its own, which both sides show and believe."""
    words = ["-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    files = ["-keyout", "key.pem", "-out", "cert.pem"]
    subprocess.run(
        ["openssl", "req", "-x509", *words, *files], cwd=folder, check=True, capture_output=True
    )


def tls_settings(folder: Path) -> dict[str, str]:
    """The variables that tell dask which certificates to use."""
    found = {"DASK_DISTRIBUTED__COMM__TLS__CA_FILE": str(folder / "cert.pem")}
    for who in ("SCHEDULER", "WORKER", "CLIENT"):
        for what in ("KEY", "CERT"):
            name = f"DASK_DISTRIBUTED__COMM__TLS__{who}__{what}"
            found[name] = str(folder / f"{what.lower()}.pem")
    return found


@contextmanager
def cluster_in(folder: Path, certificates: Path | None = None) -> Iterator[LocalCluster]:
    """A cluster that keeps what it writes in a folder."""
    folder.mkdir()
    cluster = LocalCluster(folder, certificates)
    try:
        yield cluster
    finally:
        cluster.stop()


def turned(batch: bytes) -> bytes:
    return batch[::-1]


def turned_when_all_go(batch: bytes) -> bytes:
    """Say in a folder who works on this, and wait there for a file `go`."""
    folder, _, name = batch.partition(b"|")
    place = Path(os.fsdecode(folder))
    (place / f"at-{os.getpid()}").touch()
    until((place / "go").exists, "`go`")
    return name[::-1]


def fail(batch: bytes) -> bytes:
    raise ValueError(batch.decode())

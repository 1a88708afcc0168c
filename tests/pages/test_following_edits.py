"""The commands that stay: `callpath pages --watch` and `callpath serve --with zensical`."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Queue
from socket import socket
from threading import Thread
from time import monotonic
from urllib.request import urlopen

import pytest
from runs import environment

_PATIENCE = 300
"""Seconds for one line or answer: a busy machine is no fault."""


class Following:
    """A command that runs, and the lines that it says."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self._lines: Queue[str] = Queue()
        self._reader = Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        for line in self.process.stdout or ():
            self._lines.put(line)

    def end(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)  # with what it started, if a test failed
        self.process.wait(_PATIENCE)
        self._reader.join()
        if self.process.stdout:
            self.process.stdout.close()

    def until(self, part: str) -> str:
        """The first line from here on that has a part."""
        while part not in (line := self._lines.get(timeout=_PATIENCE)):
            pass
        return line


@contextmanager
def following(at: Path, *arguments: str | Path) -> Iterator[Following]:
    process = subprocess.Popen(
        [Path(sys.executable).with_name("callpath"), *arguments],
        cwd=at,
        env=environment(PYTHONUNBUFFERED="1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    followed = Following(process)
    try:
        yield followed
    finally:
        followed.end()


def test_an_edit_is_written_and_a_broken_note_does_not_end_it(small, tmp_path):
    out = tmp_path / "out"
    with following(small.root, "pages", "--out", out, "--watch") as it:
        it.until("0 removed")
        page = out / "docs/kvm/exit.md"
        small.replace("docs/kvm/exit.yml", "The other way round.", "Backwards, slowly.")
        it.until("0 removed")
        assert "Backwards, slowly." in page.read_text(encoding="utf-8")
        small.write("docs/kvm/broken.yml", "title: [x\n")
        it.until("`callpath check` has findings on the notes")
        (small.root / "mkdocs.yml").write_text("plugins: [callpath: {pin: [}]\n")
        it.until("error: ")
        small.configure(site_name="Another")
        it.until("files:")
        assert "Another" in (out / "zensical.toml").read_text(encoding="utf-8")
        it.process.send_signal(signal.SIGTERM)
        assert it.process.wait(_PATIENCE) == 0


def _free_port() -> int:
    with socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _answer(address: str) -> str:
    with suppress(OSError), urlopen(address, timeout=_PATIENCE) as answer:  # noqa: S310 (http)
        return str(answer.read(), "utf-8")
    return ""


def _until_served(address: str, part: str) -> None:
    """Wait for the server that builds and serves as it likes."""
    deadline = monotonic() + _PATIENCE
    while part not in _answer(address):
        assert monotonic() < deadline, f"{address} never had {part!r}"


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM], ids=lambda signal: signal.name)
def test_zensical_serves_what_was_edited_and_ends_with_the_command(small, end):
    address = f"127.0.0.1:{_free_port()}"
    page = f"http://{address}/kvm/kvm/exit/"  # below the path of the site's address
    with following(small.root, "serve", "--with", "zensical", "-a", address) as it:
        _until_served(page, "callpath-path-steps")
        small.replace("docs/kvm/exit.yml", "The other way round.", "Backwards, slowly.")
        _until_served(page, "Backwards, slowly.")
        it.process.send_signal(end)
        assert it.process.wait(_PATIENCE) == 0
    assert _answer(page) == ""


def test_a_host_that_cannot_serve_is_told(small):
    with socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with following(small.root, "serve", "--with", "zensical", "-a", address) as it:
            it.until("error: zensical ended with status")
            assert it.process.wait(_PATIENCE) == 2

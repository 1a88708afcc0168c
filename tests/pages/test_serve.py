"""`mkdocs serve`: edits are seen, faults told and shown, and only what changed is drawn."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from lxml import html
from runs import environment

from callpath.graph.engine import (
    GRAPHVIZ_PURE,
    find_engines,
)

_PATIENCE = 60.0  # seconds


class Server:
    """A running `mkdocs serve`."""

    def __init__(self, process: subprocess.Popen[bytes], address: str, log: Path) -> None:
        self.process = process
        self._address = address
        self._log = log

    @property
    def said(self) -> str:
        return self._log.read_text(encoding="utf-8")

    def page(self, path: str) -> html.HtmlElement | None:
        """A page, or nothing while the server is not up."""
        try:
            with urllib.request.urlopen(f"{self._address}{path}", timeout=120) as answer:  # noqa: S310
                return html.document_fromstring(answer.read().decode("utf-8"))
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return None

    def shows(self, path: str, *words: str) -> str:
        """Wait until a page has all the words; its text."""
        end = time.monotonic() + _PATIENCE
        text = ""
        while time.monotonic() < end:
            assert self.process.poll() is None, f"the server ended: {self.said}"
            if (page := self.page(path)) is not None:
                text = " ".join(page.text_content().split())
                if all(word in text for word in words):
                    return text
            time.sleep(0.1)
        raise AssertionError(f"{path} never had {words}: {text}\n{self.said}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _serving(folder: Path, **variables: str) -> Iterator[Server]:
    port = _free_port()
    log = folder / "serve.log"
    with log.open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "mkdocs", "serve", "--dev-addr", f"127.0.0.1:{port}"],
            cwd=folder,
            env=environment(**variables),
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
        )
        try:
            yield Server(process, f"http://127.0.0.1:{port}/kvm/", log)
        finally:
            process.terminate()
            process.wait(_PATIENCE)


def test_edits_and_faults_are_seen(small):
    small.configure(draft_docs="drafts/")
    small.write(
        "docs/drafts/new.yml",
        "title: A draft\nsteps:\n- {function: clock_init, file: drivers/clock/clock.c, "
        "commentary: Not finished.}\n",
    )
    good = (small.root / "docs/kvm/init.yml").read_text(encoding="utf-8")
    with _serving(small.root) as server:
        server.shows("kvm/init/", "Puts the clock into the list.")
        server.shows("drafts/new/", "A draft", "Not finished.")
        assert "WARNING" not in server.said

        small.write("docs/kvm/init.yml", good.replace("into the list", "into the queue"))
        server.shows("kvm/init/", "Puts the clock into the queue.")
        assert "WARNING" not in server.said

        # A fault in one step: the page stays, with the fault in its place.
        small.write("docs/kvm/init.yml", good.replace("said: It", "siad: It"))
        text = server.shows("kvm/init/", "siad", "clock_register")
        assert "docs/kvm/init.yml:15:13 — hint: did you mean said?" in text
        assert re.search(r"WARNING .*docs/kvm/init\.yml:15:13: .*`siad`", server.said)

        # No YAML any more.
        small.write("docs/kvm/init.yml", good.replace("function: clock_init", "function: [clock"))
        text = server.shows("kvm/init/", "invalid-yaml")
        assert "docs/kvm/init.yml:4:15 — hint: close it" in text
        assert re.search(r"WARNING .*docs/kvm/init\.yml:4:15: .* not closed", server.said)
        assert "stale-lock" not in server.said
        server.shows("kvm/exit/", "The other way round.")

        said = len(server.said)
        small.write("docs/kvm/init.yml", good)
        server.shows("kvm/init/", "Puts the clock into the list.")
        assert "WARNING" not in server.said[said:]
        assert "Traceback" not in server.said


def test_the_file_of_eras_is_read_again_when_it_changes(small):
    head = '{"callpath-eras": 1, "project": "linux", "tags": ["v3.6", "v3.7"]}\n'
    fact = (
        '{"symbol": "clock_init", "kind": "function", "path": "drivers/clock/clock.c", '
        '"eras": [["v3.7", "v3.7"]]}\n'
    )
    with _serving(small.root) as server:
        assert "found in" not in server.shows("kvm/init/", "Puts the clock into the list.")
        small.write("docs/notes.eras", head + fact)
        server.shows("kvm/init/", "found in v3.7…")
        small.write("docs/notes.eras", head + fact.replace("v3.7", "v3.6"))
        server.shows("kvm/init/", "found in …v3.6")
        assert "WARNING" not in server.said

        small.write("docs/notes.eras", head + fact[:-9])
        small.replace("docs/kvm/init.yml", "into the list", "into the queue")
        assert "found in" not in server.shows("kvm/init/", "Puts the clock into the queue.")
        assert re.search(r"WARNING .*docs/notes\.eras:2", server.said)
        assert "Traceback" not in server.said


@pytest.fixture
def counted(tmp_path):
    """A `dot` on PATH that counts what it draws; the drawing itself is another engine's."""
    (engine,) = find_engines(GRAPHVIZ_PURE)
    tool, count = tmp_path / "bin/dot", tmp_path / "drawn"
    tool.parent.mkdir()
    tool.write_text(
        f'#!/bin/sh\n[ "$1" = -V ] && exec "{engine.program}" "$@"\n'
        f'tee -a "{count}" | "{engine.program}" "$@"\n',
        encoding="utf-8",
    )
    tool.chmod(0o755)
    count.touch()

    def drawn() -> int:
        return count.read_text(encoding="utf-8").count("digraph ")

    drawn.path = f"{tool.parent}{os.pathsep}{os.environ['PATH']}"
    return drawn


def test_only_graphs_whose_text_changed_are_drawn_again(small, counted):
    # A file where the folder of kept pictures would be: what is not drawn again was in memory.
    small.write(".cache", "")
    good = (small.root / "docs/kvm/init.yml").read_text(encoding="utf-8")
    variables = {"PATH": counted.path, "CALLPATH_GRAPH_ENGINE": "dot"}
    with _serving(small.root, **variables) as server:
        server.shows("kvm/init/", "Further down it reads")
        assert counted() == 9  # two notes and the whole, three symbols and files with neighbours

        small.write("docs/kvm/init.yml", good.replace("Further down it reads", "It then reads"))
        server.shows("kvm/init/", "It then reads")
        assert counted() == 9

        small.write("docs/index.md", "# Another home\n")
        server.shows("", "Another home")
        assert counted() == 9

        # A step less: the graphs of its note, its caller, that one's file and the whole differ.
        shorter = good[: good.index("      - function: quartz_setup")]
        small.write("docs/kvm/init.yml", shorter)
        server.shows("graph/", "4 symbols")
        assert counted() == 13

        small.write("docs/kvm/init.yml", good)
        server.shows("graph/", "5 symbols")
        assert counted() == 13
